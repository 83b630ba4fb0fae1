"""The production calendar: bundled, loaded, refused; working hours reckoned by it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance.actions import workdays
from appliance.domain.workdays import DayKind, WorkCalendar, WorkHours, add_working_hours
from appliance.errors import Denied, Invalid
from appliance.storage import workdays as stored
from tests.house_fixture import TestHouse

ZONE = ZoneInfo("Europe/Moscow")


async def calendar(house: TestHouse, year: int) -> WorkCalendar:
    return await house.database.read(lambda: stored.calendar(datetime(year, 6, 1, tzinfo=UTC)))


async def test_a_new_box_knows_the_247_working_days_of_2026(house: TestHouse) -> None:
    found = await calendar(house, 2026)
    days = [date(2026, 1, 1) + timedelta(days=at) for at in range(365)]
    assert sum(found.kind(day) is not DayKind.OFF for day in days) == 247
    assert found.kind(date(2026, 4, 30)) is DayKind.SHORT


async def test_hours_go_on_after_a_holiday_and_a_short_day_is_shorter(house: TestHouse) -> None:
    found = await calendar(house, 2026)
    thursday = datetime(2026, 4, 30, 16, tzinfo=ZONE)
    # An hour of the short day is left; 1-3 May are off; the rest comes on Monday.
    assert add_working_hours(found, thursday, 2, ZONE) == datetime(2026, 5, 4, 10, tzinfo=ZONE)


async def test_a_file_replaces_its_year_and_no_other(house: TestHouse) -> None:
    await workdays.load(house.actor_for("administrator"), "2027-01-01;off;Год\n2027-02-20;work")
    found = await calendar(house, 2027)
    assert found.kind(date(2027, 2, 20)) is DayKind.WORK
    assert found.kind(date(2027, 1, 8)) is DayKind.WORK
    assert (await calendar(house, 2026)).kind(date(2026, 11, 4)) is DayKind.OFF


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "calendar_empty"),
        ("1 января;off", "calendar_line"),
        ("2027-02-30;off", "calendar_line"),
        ("2027-01-01;maybe", "calendar_line"),
        ("2027-01-01;off\n2027-01-01;off", "calendar_day_twice"),
    ],
)
async def test_a_file_that_cannot_be_read_changes_nothing(
    house: TestHouse, text: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await workdays.load(house.actor_for("administrator"), text)
    assert refused.value.code == code
    assert (await calendar(house, 2027)).kind(date(2027, 1, 8)) is DayKind.OFF


async def test_a_seller_loads_no_calendar_and_hours_must_make_sense(house: TestHouse) -> None:
    with pytest.raises(Denied):
        await workdays.load(house.actor_for("seller"), "2027-01-01;off")
    with pytest.raises(Invalid):
        await workdays.set_hours(house.actor_for("head"), WorkHours(begins=600, ends=540))
