"""Measurements of a plugin as a drawing: a day in half hours, worst first told. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

STEP = timedelta(minutes=30)
STEPS = 48
SPAN = STEP * STEPS


class Step(msgspec.Struct, frozen=True):
    """Half an hour.

    Attributes:
        value: mean of what was measured; None: nothing was.
        bad: measurements that were not as they should be.
    """

    start: datetime
    value: int | None = None
    count: int = 0
    bad: int = 0


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a drawing: of a page, an account, a shop.

    Attributes:
        last: the newest value; None: nothing within the day.
        is_good: whether the newest one is as it should be.
    """

    name: str
    steps: tuple[Step, ...]
    last: int | None = None
    last_at: datetime | None = None
    is_good: bool = True

    @property
    def measured(self) -> int:
        """How many values the day has."""
        return sum(one.count for one in self.steps)

    @property
    def bad(self) -> int:
        """How many of them were not as they should be."""
        return sum(one.bad for one in self.steps)


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """A drawing of the manifest with its lines."""

    title: str
    series: tuple[Series, ...]


def begin_of(now: datetime) -> datetime:
    """Where the drawing begins: a whole half hour a day ago."""
    return now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0) + STEP - SPAN


def series_of(name: str, now: datetime, values: Iterable[tuple[datetime, int, bool]]) -> Series:
    """One line.

    Args:
        name: whose.
        now: the end.
        values: moment, value, whether it is as it should be; ascending.
    """
    begin = begin_of(now)
    sums, counts, bad = [0] * STEPS, [0] * STEPS, [0] * STEPS
    last: tuple[datetime, int, bool] | None = None
    for at, value, good in values:
        place = (at - begin) // STEP
        if not 0 <= place < STEPS:
            continue
        sums[place] += value
        counts[place] += 1
        bad[place] += not good
        last = (at, value, good)
    steps = tuple(
        Step(
            begin + STEP * place,
            round(sums[place] / counts[place]) if counts[place] else None,
            counts[place],
            bad[place],
        )
        for place in range(STEPS)
    )
    if last is None:
        return Series(name=name, steps=steps)
    return Series(name=name, steps=steps, last=last[1], last_at=last[0], is_good=last[2])
