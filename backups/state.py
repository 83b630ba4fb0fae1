"""What is known of the copies without asking the box: `backups/state.json` in its folder."""

from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from backups import disk
from backups.orders import Made, Proven

NAME: Final = "state.json"


class State(msgspec.Struct, kw_only=True):
    """The last of each.

    Attributes:
        known_targets: folders that took a copy; their mark must be there from then on.
        code, failed_at: why the last try failed, if it did.
    """

    made: Made | None = None
    proven: Proven | None = None
    known_targets: list[str] = []
    code: str = ""
    failed_at: str = ""
    drill_code: str = ""
    drill_failed_at: str = ""


def load(folder: Path) -> State:
    """What is written there; nothing where nothing can be read."""
    with suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode((folder / NAME).read_bytes(), type=State)
    return State()


def save(folder: Path, state: State) -> None:
    """Write it; errors as the disk's."""
    with disk.said(folder):
        disk.write(folder / NAME, msgspec.json.encode(state))
