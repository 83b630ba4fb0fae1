"""A page of a plugin's screen: what its manifest says, and the rows as they are kept."""

from collections.abc import Mapping

import msgspec

from appliance.domain.plugin_rows import Value


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a screen.

    Attributes:
        key: of the row, for its deeds: hexadecimal.
        deeds: names of those that are offered on it.
    """

    key: str
    values: Mapping[str, Value]
    deeds: tuple[str, ...] = ()


class ScreenPage(msgspec.Struct, frozen=True, kw_only=True):
    """Rows, and the key after which the next ones stand; empty: that was all.

    Attributes:
        manifest: of the plugin, as it was read from its folder.
    """

    plugin: str
    manifest: str
    rows: tuple[Shown, ...]
    next: str = ""
