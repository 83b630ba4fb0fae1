"""Updates of the box as its own log and its state tell of them."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

NOTED: Final = "updates.noted"

REMEMBERED: Final = timedelta(days=14)
"""So long the state of the box speaks of an update that was returned."""


class UpdateNote(msgspec.Struct, frozen=True, kw_only=True):
    """An update under way or over, as it writes itself down beside the installation.

    Attributes:
        was, version: of the releases.
        began, ended: ISO 8601 UTC; `ended` empty while it is under way.
        step: where it is, or was at last.
        is_trial: only tried on a copy; nothing was put in place.
        result: `done`, `tried`, `returned`; empty while it is under way.
        failed, code: the step that failed and why; empty where none did.
    """

    was: str
    version: str
    began: str
    step: str = ""
    is_trial: bool = False
    result: str = ""
    ended: str = ""
    failed: str = ""
    code: str = ""


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """Setting `NOTED`: until which one the log has the beginnings, and the ends."""

    begun: str = ""
    ended: str = ""


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """What runs, and how the installation stands.

    Attributes:
        version: that this program is.
        note: of the update under way.
        is_alive: somebody carries it on.
        past: those that ended, the newest first.
    """

    version: str = ""
    note: UpdateNote | None = None
    is_alive: bool = False
    past: tuple[UpdateNote, ...] = ()

    def unnoted(self, noted: Noted) -> list[tuple[UpdateNote, bool]]:
        """What the log lacks, in order: the update, and whether its end is meant."""
        found: list[tuple[str, UpdateNote, bool]] = []
        for one in (*self.past, *([self.note] if self.note else [])):
            if one.began > noted.begun:
                found.append((one.began, one, False))
            if one.result and one.began > noted.ended:
                found.append((one.began, one, True))
        return [(one, is_end) for _, one, is_end in sorted(found, key=_in_order)]

    def returned(self, now: datetime) -> UpdateNote | None:
        """The last update, if it was returned not long ago."""
        last = next((one for one in self.past if not one.is_trial), None)
        if last is None or last.result != "returned":
            return None
        return last if now - datetime.fromisoformat(last.ended) < REMEMBERED else None


def _in_order(found: tuple[str, UpdateNote, bool]) -> tuple[str, bool]:
    return found[0], found[2]
