"""Days of a client: kept sealed, shown on the card, and a task some days before, once."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance.actions import client_dates, customers
from appliance.domain.customers import CustomerChange
from appliance.domain.orders import CustomerRef
from appliance.domain.personal import Personal
from tests.house_fixture import TestHouse
from tests.integration.clients.forms import COMPANY, add, number_of
from tests.web_house import WebHouse

ZONE = ZoneInfo("Europe/Moscow")


def typed(house: TestHouse, ahead: int, **fields: str) -> dict[str, str]:
    day = house.clock().astimezone(ZONE).date() + timedelta(days=ahead)
    return {"kind": "other", "day": f"{day:%d.%m}", "title": "", "remind_days": "7"} | fields


async def made(house: TestHouse) -> int:
    return await client_dates.remind(house.system, ZONE)


@pytest.mark.checklist(133)
async def test_a_company_s_day_and_a_season_make_a_task_n_days_before_once(
    door: WebHouse,
) -> None:
    house, head = door.house, await door.browser("head")
    number = number_of(await head.post("/clients/new", COMPANY))
    day = typed(house, 30, kind="founded")
    assert (await head.post(f"/clients/{number}/dates", day)).status_code == 204
    season = typed(house, 40, kind="season", title="закупка к весне", remind_days="14")
    assert (await head.post(f"/clients/{number}/dates", season)).status_code == 204
    card = (await head.get(f"/clients/{number}")).text
    assert "День компании" in card
    assert "закупка к весне" in card
    assert await made(house) == 0
    house.clock.pass_(days=23)
    assert await made(house) == 1
    assert await made(house) == 0
    # The box was off for a week: what was missed comes as soon as it is back.
    house.clock.pass_(days=6)
    assert await made(house) == 1
    rows = await house.rows("SELECT performer_id, all_day FROM task ORDER BY number")
    assert [(one[0], bool(one[1])) for one in rows] == [(house.users["head"], True)] * 2
    house.clock.pass_(days=365)
    assert await made(house) == 2


@pytest.mark.checklist(133)
async def test_a_birthday_is_taken_from_the_card_and_follows_it(door: WebHouse) -> None:
    house, head = door.house, await door.browser("head")
    today = house.clock().astimezone(ZONE).date()
    born = (today + timedelta(days=3)).replace(year=1988)
    number = number_of(await add(head, birthday=f"{born:%d.%m.%Y}"))
    day = {"kind": "birthday", "day": "", "remind_days": "3"}
    assert (await head.post(f"/clients/{number}/dates", day)).status_code == 204
    later = (today + timedelta(days=20)).replace(year=1988)
    change = CustomerChange(birthday=Personal(later))
    await customers.edit(house.system, "main", CustomerRef(number=number), change)
    assert await made(house) == 0
    house.clock.pass_(days=17)
    assert await made(house) == 1
    gone = CustomerChange(birthday=None)
    await customers.edit(house.system, "main", CustomerRef(number=number), gone)
    assert await house.rows("SELECT COUNT(*) FROM customer_date") == [(0,)]


async def test_a_day_that_is_none_keeps_what_was_typed(door: WebHouse) -> None:
    head = await door.browser("head")
    number = number_of(await add(head))
    for day, said in (("31.02", "31.02"), ("", "Какой день?"), ("весной", "Дата не читается")):
        wrong = await head.post(
            f"/clients/{number}/dates", {"kind": "season", "day": day, "remind_days": "900"}
        )
        assert wrong.status_code == 422
        assert said in wrong.text
    assert 'value="900"' in wrong.text
    leap = {"kind": "birthday", "day": "29.02", "remind_days": "0"}
    assert (await head.post(f"/clients/{number}/dates", leap)).status_code == 204


async def test_a_day_is_removed_by_whoever_may_edit_the_client(door: WebHouse) -> None:
    house, head = door.house, await door.browser("head")
    number = number_of(await add(head))
    await head.post(f"/clients/{number}/dates", typed(house, 5, title="новый каталог"))
    assert await made(house) == 1
    assert "Напомнить о себе: новый каталог" in (await head.get(f"/clients/{number}")).text
    (row,) = await house.rows("SELECT id FROM customer_date")
    rival = await door.browser("rival")
    path = f"/clients/{number}/dates/{row[0]}/drop"
    assert (await rival.post(path)).status_code == 404
    assert (await head.post(path)).status_code == 204
    assert (await head.post(path)).status_code == 404
