"""Working days and hours: which day is off, the next working hour, N working hours later."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from appliance.errors import Invalid

LONGEST: Final = 4000
"""Working hours one may ask to add: two years; more is a mistake, and would look far ahead."""
MOST_DAYS: Final = 5000


class DayKind(StrEnum):
    """How a day differs from its weekday."""

    OFF = "off"
    SHORT = "short"
    WORK = "work"


class CalendarDay(msgspec.Struct, frozen=True, kw_only=True):
    """One day of the production calendar; `note` says why (a holiday's name)."""

    day: date
    kind: DayKind
    note: str = ""


class WorkHours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Setting `work.hours`: minutes after midnight; a short day ends an hour earlier.

    Article 95 of the Labour Code: the day before a holiday is one hour shorter.
    """

    begins: int = 9 * 60
    ends: int = 18 * 60


class CalendarBefore(msgspec.Struct, frozen=True, kw_only=True):
    """Setting `work.calendar_before`: what the last file took the place of; no years: nothing.

    Attributes:
        by: number of the colleague who loaded it, at `at`.
    """

    years: tuple[int, ...] = ()
    days: tuple[CalendarDay, ...] = ()
    at: datetime | None = None
    by: int = 0


class CalendarCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What a file would change in its years.

    Attributes:
        count: days in the file.
        fresh: days that are new or differ; `gone`: days known now that the file leaves out.
    """

    years: tuple[int, ...]
    count: int
    fresh: tuple[CalendarDay, ...]
    gone: tuple[CalendarDay, ...]


class CalendarSetup(msgspec.Struct, frozen=True, kw_only=True):
    """The page of settings: one year, the hours, what may be reverted, a file being checked."""

    year: int
    years: tuple[int, ...]
    days: tuple[CalendarDay, ...]
    hours: WorkHours
    before: CalendarBefore
    check: CalendarCheck | None = None


def compare(
    years: Sequence[int], known: Sequence[CalendarDay], given: Sequence[CalendarDay]
) -> CalendarCheck:
    """Say what a file changes: the names of days count, too."""
    now = {one.day: one for one in known}
    then = {one.day for one in given}
    return CalendarCheck(
        years=tuple(years),
        count=len(given),
        fresh=tuple(one for one in given if now.get(one.day) != one),
        gone=tuple(one for one in known if one.day not in then),
    )


class WorkCalendar(msgspec.Struct, frozen=True, kw_only=True):
    """What reckoning needs: the days of the file, and the hours."""

    days: Mapping[date, DayKind]
    hours: WorkHours

    def kind(self, day: date) -> DayKind:
        """What a day is: by the file, else by its weekday."""
        found = self.days.get(day)
        if found is not None:
            return found
        return DayKind.OFF if day.weekday() >= 5 else DayKind.WORK

    def span(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
        """When work begins and ends that day, UTC; None on a day off."""
        kind = self.kind(day)
        if kind is DayKind.OFF:
            return None
        ends = self.hours.ends - (60 if kind is DayKind.SHORT else 0)
        return _at(day, self.hours.begins, zone), _at(day, ends, zone)


def _at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    clock = time(minute // 60, minute % 60)
    return datetime.combine(day, clock, zone).astimezone(UTC)


def next_working(calendar: WorkCalendar, moment: datetime, zone: ZoneInfo) -> datetime:
    """The moment itself in working hours, else when they begin next."""
    day = moment.astimezone(zone).date()
    for _ in range(LONGEST):
        span = calendar.span(day, zone)
        if span is not None and moment < span[1]:
            return max(moment, span[0])
        day += timedelta(days=1)
    raise Invalid("calendar_without_work")


def add_working_hours(
    calendar: WorkCalendar, moment: datetime, hours: float, zone: ZoneInfo
) -> datetime:
    """So many working hours later; time outside working hours does not count.

    Args:
        calendar: days and hours of the box.
        moment: aware; from where to count.
        hours: 0…`LONGEST`; 2.5 is two and a half.
        zone: of the box.

    Raises:
        Invalid: `hours_unreadable`.
    """
    if not 0 <= hours <= LONGEST:
        raise Invalid("hours_unreadable")
    left = timedelta(hours=hours)
    at = next_working(calendar, moment, zone)
    while True:
        span = calendar.span(at.astimezone(zone).date(), zone)
        if span is None:  # next_working never stops on a day off
            raise Invalid("calendar_without_work")
        if at + left <= span[1]:
            return at + left
        left -= span[1] - at
        at = next_working(calendar, span[1], zone)


_LINE = re.compile(r"(\d{4}-\d{2}-\d{2})[;,\t](off|short|work)(?:[;,\t](.{0,200}))?")


def read_file(text: str) -> list[CalendarDay]:
    """Read a calendar file: one day a line, `2026-01-01;off;Новогодние каникулы`.

    `off`, `short` (an hour less) or `work` (a working weekend). Empty lines and those that begin
    with # are left out.

    Raises:
        Invalid: `calendar_line` (its number is in the params), `calendar_day_twice`,
            `calendar_empty`, `calendar_too_long`.
    """
    found: dict[date, CalendarDay] = {}
    for number, raw in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        try:
            if match is None:
                raise ValueError
            day = date.fromisoformat(match[1])
        except ValueError:
            raise Invalid("calendar_line", line=number) from None
        if day in found:
            raise Invalid("calendar_day_twice", line=number)
        found[day] = CalendarDay(day=day, kind=DayKind(match[2]), note=(match[3] or "").strip())
        if len(found) > MOST_DAYS:
            raise Invalid("calendar_too_long", line=number)
    if not found:
        raise Invalid("calendar_empty")
    return [found[day] for day in sorted(found)]
