"""The host of plugins in this process: where they lie, who signed them, who runs them."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from appliance.boot.house import OpenHouse
from appliance.boot.index import HOUSE_ACTOR
from appliance.plugin_host.desk import Desk
from appliance.plugin_host.shelf import Shelf
from appliance.vault.signatures import is_signed

MAKER_FILE: Final = "maker.pub"
"""The release's own maker: 64 hex digits a line, `#` begins a remark; none in a checkout."""

SPOOL: Final = "plugin-files"
"""Folder of the files of plugins that ask for one; nothing in it outlives the plugin's use."""


def make_desk(opened: OpenHouse) -> Desk:
    """The desk of an open house."""
    data = opened.config.data
    shelf = Shelf(data, HOUSE_ACTOR, is_signed, makers())
    return Desk(shelf, HOUSE_ACTOR, data / SPOOL, opened.house.clock)


def makers() -> frozenset[str]:
    """Public keys of whoever made this release."""
    spec = find_spec("updates")
    found: set[str] = set()
    for home in [] if spec is None else spec.submodule_search_locations or []:
        path = Path(home) / MAKER_FILE
        if path.is_file():
            lines = path.read_text(encoding="ascii", errors="replace").splitlines()
            found |= {line.partition("#")[0].strip().lower() for line in lines}
    return frozenset(one for one in found if len(one) == 64)
