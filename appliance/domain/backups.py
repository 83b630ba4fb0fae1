"""Copies as they are written down: when, who, how much, proven or not."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

PROVEN_WITHIN: Final = timedelta(hours=36)
"""A drill is nightly; one that was missed is a mishap, two are red."""


CLOCK_SLACK: Final = timedelta(hours=1)
"""So far ahead a time may lie that was written down a moment ago, by a clock that was put right."""

STAMP: Final = "%Y%m%dT%H%M%SZ"


class CopyKind(StrEnum):
    """What was done."""

    COPY = "copy"
    DRILL = "drill"
    RESTORE = "restore"


class CopyState(StrEnum):
    """How it went."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class CopyRun(msgspec.Struct, frozen=True, kw_only=True):
    """One making or proving of a copy.

    Attributes:
        number: for people.
        stamp: the copy's name in time.
        by: number of who asked; 0: the box itself.
        size: bytes of its containers.
        targets, failed_targets: how many took it, how many did not.
        code: why it failed.
    """

    number: int
    kind: CopyKind
    state: CopyState
    stamp: str
    by: int
    began_at: datetime
    ended_at: datetime | None = None
    size: int = 0
    targets: int = 0
    failed_targets: int = 0
    code: str = ""


class CopyEnd(msgspec.Struct, frozen=True, kw_only=True):
    """What a run ended with; sizes in bytes."""

    stamp: str = ""
    size: int = 0
    targets: int = 0
    failed_targets: int = 0
    code: str = ""
    figures: dict[str, int] = {}


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """A restore that waits to be confirmed; until then the box only shows.

    Attributes:
        stamp: of the copy.
        aside: folder with the data of before, in the data folder.
        placed_at: when the data changed places, aware.
    """

    stamp: str
    aside: str
    placed_at: datetime


class Since(msgspec.Struct, frozen=True, kw_only=True):
    """How much was entered after a moment: what a restore to it would take away.

    Attributes:
        people: how many have an open session.
        numbers: of the newest `orders`, `customers` and `payments`, at most `MOST_NUMBERS` each.
        by_log: the database does not open: records that the log names as made or changed since.
    """

    orders: int = 0
    customers: int = 0
    tasks: int = 0
    people: int = 0
    payments: int = 0
    deals: int = 0
    shipments: int = 0
    numbers: dict[str, tuple[int, ...]] = {}
    by_log: bool = False

    @property
    def is_nothing(self) -> bool:
        """Whether nobody's work would be lost."""
        return not any(getattr(self, kind) for kind in ENTERED)


ENTERED: Final = ("orders", "customers", "payments", "deals", "shipments", "tasks")
"""Kinds of record that people enter, in the order they are told of."""

NUMBERED: Final = ENTERED[:3]
MOST_NUMBERS: Final = 500
_RUNS: Final = 6


def spans(numbers: Sequence[int], most: int = _RUNS) -> tuple[str, int]:
    """Numbers put together, the newest last: `1204–1216, 1218`; and how many are left out."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    left = sum(last - first + 1 for first, last in runs[:-most])
    shown = (f"{first}" if first == last else f"{first}–{last}" for first, last in runs[-most:])
    return ", ".join(shown), left


class CopyPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Where copies go, how often, how many stay.

    Attributes:
        targets: places that take data and keys, as the settings spell them.
        data_targets: places that take data only and forget nothing.
        every_minutes: 0: only by hand.
        hourly, nightly, weekly: newest copies, last copies of a day, of a week.
        guard: folder of the continuous protection; empty: none.
    """

    targets: tuple[str, ...] = ()
    data_targets: tuple[str, ...] = ()
    every_minutes: int = 60
    hourly: int = 24
    nightly: int = 14
    weekly: int = 5
    guard: str = ""

    @property
    def places(self) -> str:
        """Where copies go, as one text."""
        data = (f"{place} (data)" for place in sorted(self.data_targets))
        guard = (f"{self.guard} (guard)",) if self.guard else ()
        return ", ".join((*sorted(self.targets), *data, *guard))


class Guarded(msgspec.Struct, frozen=True, kw_only=True):
    """How the continuous protection stands.

    Attributes:
        at: when the last step was on the second disk, aware; None: none was yet.
        stamp: name of that one.
        step, pages, size, seconds: of that one; bytes.
        code: why the last try failed; empty: it did not.
    """

    at: datetime | None = None
    stamp: str = ""
    step: int = 0
    pages: int = 0
    size: int = 0
    seconds: float = 0.0
    code: str = ""


class CopyHealth(msgspec.Struct, frozen=True, kw_only=True):
    """What the home screen says of copies.

    Attributes:
        made_at, proven_at: of the last that was whole; None: never.
        code: of the last one's failure.
        refuted: the last drill failed, whatever was made since.
    """

    made_at: datetime | None = None
    proven_at: datetime | None = None
    code: str = ""
    refuted: bool = False


KEY_SETS: Final = "backup.key_sets"


class KeySet(msgspec.Struct, frozen=True, kw_only=True):
    """What a target that takes keys was seen to hold.

    Attributes:
        oldest: when the oldest set of keys there was made; None: there is none.
        seen_at: when that was looked up.
    """

    oldest: datetime | None = None
    seen_at: datetime


class KeySets(msgspec.Struct, frozen=True, kw_only=True):
    """Setting `KEY_SETS`: every target that ever took keys, by its path.

    One that is unplugged stays as it was seen last: what lies in a drawer still opens.
    """

    targets: dict[str, KeySet] = {}


def age_of(at: datetime | None, now: datetime) -> timedelta | None:
    """How long ago; None: never, or at a time that is still to come, as a clock set back has it."""
    return None if at is None or at - now > CLOCK_SLACK else now - at


def is_late(proven_at: datetime | None, now: datetime) -> bool:
    """Whether the last proof is too old to rely on."""
    age = age_of(proven_at, now)
    return age is None or age > PROVEN_WITHIN


def stamp_after(newest: str, now: datetime) -> str:
    """The name of a copy made now; later than the newest there is, whatever the clock says.

    Copies are kept, forgotten and restored in the order of their names: one made after the clock
    was set back must not be taken for an old one.

    Args:
        newest: name of the newest copy so far; empty without any.
        now: aware UTC.
    """
    stamp = f"{now:{STAMP}}"
    if newest < stamp:
        return stamp
    return f"{datetime.strptime(f'{newest}+0000', f'{STAMP}%z') + timedelta(seconds=1):{STAMP}}"
