"""Days of the year that a client is remembered on: a birthday, a company's day, a season."""

from calendar import isleap
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from appliance.domain.personal import Personal

MOST_AHEAD: Final = 60
"""Days; who wants to know earlier writes a task."""
MOST_DATES: Final = 20
LONGEST_TITLE: Final = 200


class DateKind(StrEnum):
    """What a day is."""

    BIRTHDAY = "birthday"
    FOUNDED = "founded"
    SEASON = "season"
    OTHER = "other"


TITLES: Final[Mapping[DateKind, str]] = {
    DateKind.BIRTHDAY: "Поздравить с днём рождения",
    DateKind.FOUNDED: "Поздравить с днём компании",
    DateKind.SEASON: "Предложить к сезону",
    DateKind.OTHER: "Напомнить о себе",
}
"""What the task is called: kept as data, like a title that somebody typed."""


class DateWords(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Blob of `customer_date.value`."""

    v: int = 1
    month: int
    day: int
    title: str = ""

    def __repr__(self) -> str:
        return "DateWords(•••)"


class DateDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A day to be remembered.

    Attributes:
        day: of any year; None takes the client's own birthday.
        remind_days: how long before a task is made; 0: never.
    """

    kind: DateKind
    day: Personal[date] | None = None
    title: Personal[str] = Personal("")
    remind_days: int = 0


class ClientDate(msgspec.Struct, frozen=True, kw_only=True):
    """One day of a client, as his card shows it; `day` is its next occurrence."""

    id: UUID
    kind: DateKind
    day: Personal[date]
    title: Personal[str]
    remind_days: int


def index_of(month: int, day: int) -> str:
    """What the day is looked up by."""
    return f"{month:02}-{day:02}"


def kept_on(day: date) -> tuple[str, ...]:
    """Which days of the year are kept on this one: 29 February falls on the 28th in short years.

    >>> kept_on(date(2026, 2, 28))
    ('02-28', '02-29')
    >>> kept_on(date(2028, 2, 28))
    ('02-28',)
    """
    own = index_of(day.month, day.day)
    if own == "02-28" and not isleap(day.year):
        return own, "02-29"
    return (own,)


def next_on(month: int, day: int, today: date) -> date:
    """When it comes next, today included.

    >>> next_on(2, 29, date(2026, 3, 1)), next_on(3, 1, date(2026, 3, 1))
    (datetime.date(2027, 2, 28), datetime.date(2026, 3, 1))
    """

    def within(year: int) -> date:
        short = (month, day) == (2, 29) and not isleap(year)
        return date(year, month, 28 if short else day)

    found = within(today.year)
    return found if found >= today else within(today.year + 1)
