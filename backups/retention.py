"""Which copies stay. Pure: times in, times out."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

KEY_AGE = timedelta(hours=24)
"""One key set is always at least so old, once there was time for it: a mistake that spoils the
keys may be noticed only the day after."""


class Counts(NamedTuple):
    """How many to keep."""

    hourly: int = 24
    nightly: int = 14
    weekly: int = 5


def kept(times: Iterable[datetime], counts: Counts) -> set[datetime]:
    """Of these copies, those to keep: the newest ones, the last of each day, of each week.

    Args:
        times: when they were made, aware.
        counts: of copies, of days, of weeks; the newest copy always stays.
    """
    newest = sorted(times, reverse=True)
    stay = set(newest[: max(counts.hourly, 1)])
    days: dict[object, datetime] = {}
    weeks: dict[object, datetime] = {}
    for one in newest:
        days.setdefault(one.date(), one)
        weeks.setdefault(one.isocalendar()[:2], one)
    stay.update(list(days.values())[: counts.nightly])
    stay.update(list(weeks.values())[: counts.weekly])
    return stay


def kept_keys(times: Iterable[datetime], now: datetime) -> set[datetime]:
    """Of these key sets, at most three: the newest, one of a day or more, one growing up to it.

    So hardly two days after a destruction no set with that person's key is left anywhere.
    """
    newest = sorted(times, reverse=True)
    grown = [one for one in newest if now - one >= KEY_AGE]
    young: Sequence[datetime] = [one for one in newest if now - one < KEY_AGE]
    return {*newest[:1], *young[-1:], *grown[:1]}
