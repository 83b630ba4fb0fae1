"""The production calendar and the working hours of the box."""

from datetime import date

from appliance.actions._gate import action
from appliance.domain.desk import Codes
from appliance.domain.workdays import (
    CalendarBefore,
    CalendarCheck,
    CalendarDay,
    CalendarSetup,
    WorkHours,
    compare,
    read_file,
)
from appliance.errors import Conflict, Invalid
from appliance.roles import Permission
from appliance.storage import desk, references, settings, workdays
from appliance.storage.tx import Tx


@action(Permission.REFERENCE_EDIT, reads=True)
async def setup(tx: Tx, year: int) -> tuple[CalendarSetup, Codes]:
    """What is known of a year, the hours, and what a revert would bring back."""
    return await _setup(year), await desk.codes(tx, await references.lists())


async def _setup(year: int, check: CalendarCheck | None = None) -> CalendarSetup:
    found = await workdays.days(date(year, 1, 1), date(year, 12, 31))
    return CalendarSetup(
        year=year,
        years=await workdays.years(),
        days=tuple(found.values()),
        hours=await settings.get(workdays.HOURS, WorkHours),
        before=await settings.get(workdays.BEFORE, CalendarBefore),
        check=check,
    )


@action(Permission.REFERENCE_EDIT, reads=True)
async def check(tx: Tx, text: str) -> tuple[CalendarSetup, Codes]:
    """What a file would change, without taking it in.

    Raises:
        Invalid: as `domain.workdays.read_file`.
    """
    given = read_file(text)
    years = sorted({one.day.year for one in given})
    known = await workdays.of_years(years)
    found = await _setup(years[0], compare(years, known, given))
    return found, await desk.codes(tx, await references.lists())


@action(Permission.REFERENCE_EDIT, reads=True)
async def file(tx: Tx) -> tuple[CalendarDay, ...]:
    """Every day that is known, to be edited and loaded again."""
    del tx
    return tuple(await workdays.of_years(await workdays.years()))


@action(Permission.REFERENCE_EDIT)
async def load(tx: Tx, text: str) -> int:
    """Take a calendar file in, in place of what was known of its years; how many days it has.

    Raises:
        Invalid: as `domain.workdays.read_file`.
    """
    found = read_file(text)
    await _replace(tx, tuple(sorted({one.day.year for one in found})), found)
    return len(found)


@action(Permission.REFERENCE_EDIT)
async def revert(tx: Tx) -> None:
    """Bring back what the last file took the place of; a second time brings the file back.

    Raises:
        Conflict: `nothing_to_undo`.
    """
    before = await settings.get(workdays.BEFORE, CalendarBefore)
    if not before.years:
        raise Conflict("nothing_to_undo")
    await _replace(tx, before.years, list(before.days))


async def _replace(tx: Tx, years: tuple[int, ...], given: list[CalendarDay]) -> None:
    kept = tuple(await workdays.of_years(years))
    await workdays.put_years(years, given)
    fresh = CalendarBefore(years=years, days=kept, at=tx.now, by=tx.actor.number)
    await settings.put(workdays.BEFORE, fresh)
    tx.about("calendar", None)
    tx.payload = {"days": len(given)}


@action(Permission.REFERENCE_EDIT)
async def set_hours(tx: Tx, hours: WorkHours) -> None:
    """Set when the working day begins and ends.

    Raises:
        Invalid: at `ends`: `hours_unreadable`.
    """
    if not 0 <= hours.begins < hours.ends - 60 < 24 * 60:
        raise Invalid("hours_unreadable", fields={"ends": "hours_unreadable"})
    tx.about("calendar", None)
    await settings.put(workdays.HOURS, hours)
