"""The calendar of the box: days off and short days from a loaded file, working hours."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from appliance.domain.workdays import CalendarDay, DayKind, WorkCalendar, WorkHours
from appliance.storage import settings
from appliance.storage.statements import execute, fetch, insert_many
from appliance.storage.tables import CalendarDayRow

HOURS = "work.hours"
"""Setting: when the working day begins and ends (`domain.workdays.WorkHours`)."""
BEFORE = "work.calendar_before"
"""Setting: what the last loaded file took the place of (`domain.workdays.CalendarBefore`)."""
AROUND = timedelta(days=400)


async def days(first: date, last: date) -> dict[date, CalendarDay]:
    """Days of the file between two dates, both included."""
    rows = await fetch(
        "SELECT day, kind, note FROM calendar_day WHERE day >= {} AND day <= {} ORDER BY day",
        first,
        last,
    )
    return {day: CalendarDay(day=day, kind=DayKind(kind), note=note) for day, kind, note in rows}


async def calendar(now: datetime) -> WorkCalendar:
    """The calendar for reckoning working hours around a moment."""
    day = now.date()
    return WorkCalendar(
        days={one.day: one.kind for one in (await days(day - AROUND, day + AROUND)).values()},
        hours=await settings.get(HOURS, WorkHours),
    )


async def days_off_around(now: datetime) -> dict[date, bool]:
    """Known days around a moment: off or not; the others follow their weekday."""
    found = await days(now.date() - AROUND, now.date() + AROUND)
    return {one.day: one.kind is DayKind.OFF for one in found.values()}


async def years() -> tuple[int, ...]:
    """Years that something is known of."""
    rows = await fetch('SELECT MIN(day) AS "a [DATE]", MAX(day) AS "b [DATE]" FROM calendar_day')
    first, last = rows[0]
    if first is None:
        return ()
    known = await days(first, last)
    return tuple(sorted({day.year for day in known}))


async def of_years(wanted: Sequence[int]) -> list[CalendarDay]:
    """All days known of some years."""
    if not wanted:
        return []
    found = await days(date(min(wanted), 1, 1), date(max(wanted), 12, 31))
    return [one for one in found.values() if one.day.year in wanted]


async def replace_years(given: Sequence[CalendarDay]) -> None:
    """Take a file's days in, in place of all that was known of its years."""
    await put_years(sorted({one.day.year for one in given}), given)


async def put_years(wanted: Sequence[int], given: Sequence[CalendarDay]) -> None:
    """Have these years consist of exactly these days."""
    for year in wanted:
        await execute(
            "DELETE FROM calendar_day WHERE day >= {} AND day <= {}",
            date(year, 1, 1),
            date(year, 12, 31),
        )
    await insert_many(
        CalendarDayRow,
        [{"day": one.day, "kind": one.kind.value, "note": one.note} for one in given],
    )
