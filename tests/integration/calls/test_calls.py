"""Calls through a fake channel: reported once, shown at the right desk, turned into orders."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from appliance.actions import calls
from appliance.domain.calls import CallReport, CallState
from appliance.domain.personal import Personal
from appliance.errors import Denied, Invalid, NotFound
from tests.house_fixture import PEOPLE
from tests.integration.clients.people import added, phone
from tests.web_house import WebHouse, open_web_house

KNOWN = "+7 912 000-12-34"
UNKNOWN = "8 (4822) 32-12-34"


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[WebHouse]:
    async with open_web_house(tmp_path, clients=5, orders=5) as opened:
        yield opened


def said(who: str = "seller", **changes: object) -> CallReport:
    values = {
        "provider_id": "pbx-1",
        "user_number": PEOPLE[who][0],
        "phone": Personal(KNOWN),
        "line": "Розница",
    }
    return CallReport(**(values | changes))  # type: ignore[arg-type]


async def test_a_call_reported_twice_or_late_is_one_call_that_does_not_go_back(
    door: WebHouse,
) -> None:
    house = door.house
    first = await calls.report(house.system, said())
    await calls.report(house.system, said(state=CallState.TALKING))
    await calls.report(house.system, said(state=CallState.ENDED))
    assert await calls.report(house.system, said()) == first
    assert await house.rows("SELECT id, state FROM call") == [(first, "ended")]


async def test_the_phone_of_a_call_stands_nowhere_in_the_clear(door: WebHouse) -> None:
    await calls.report(door.house.system, said(phone=Personal("+79120001234")))
    [(cell,)] = await door.house.rows("SELECT phone FROM call")
    assert b"9120001234" not in bytes(cell)  # type: ignore[arg-type]


@pytest.mark.checklist(95)
@pytest.mark.checklist(53)
async def test_a_known_caller_is_shown_with_the_deeds_in_one_press(door: WebHouse) -> None:
    seller = door.house.actor_for("seller")
    client = await added(door.house, contacts=(phone(KNOWN),), manager_number=seller.number)
    await calls.report(door.house.system, said())
    answer = await (await door.browser("seller")).get("/calls/card", hx_request="true")
    assert answer.status_code == 200
    assert f"/clients/{client.number}" in answer.text
    assert "000-12-34" not in answer.text  # masked for a seller
    for key in ("N", "T", "Z"):
        assert f'aria-keyshortcuts="{key}"' in answer.text


async def test_a_colleagues_client_is_named_by_his_leader_only(door: WebHouse) -> None:
    rival = door.house.actor_for("rival")
    client = await added(door.house, contacts=(phone(KNOWN),), manager_number=rival.number)
    await calls.report(door.house.system, said())
    answer = await (await door.browser("seller")).get("/calls/card", hx_request="true")
    assert "Борис Соседов" in answer.text
    assert f"/clients/{client.number}" not in answer.text


async def test_a_call_is_at_one_desk_and_needs_the_right(door: WebHouse) -> None:
    call_id = await calls.report(door.house.system, said())
    assert await calls.card(door.house.actor_for("operator"), call_id) is None
    with pytest.raises(NotFound):
        await calls.put_away(door.house.actor_for("operator"), call_id)
    with pytest.raises(Denied):
        await calls.card(door.house.actor_for("storekeeper"))
    with pytest.raises(Denied):
        await calls.report(door.house.actor_for("head"), said())
    silent = await (await door.browser("storekeeper")).get("/calls/card", hx_request="true")
    assert silent.status_code == 204


@pytest.mark.parametrize(
    "wrong", [{"user_number": 404}, {"provider_id": ""}, {"provider_id": "x" * 200}]
)
async def test_a_report_that_makes_no_sense_is_refused(
    door: WebHouse, wrong: dict[str, object]
) -> None:
    with pytest.raises(Invalid):
        await calls.report(door.house.system, said(**wrong))


async def test_a_card_put_away_does_not_come_again(door: WebHouse) -> None:
    call_id = await calls.report(door.house.system, said())
    browser = await door.browser("seller")
    await browser.post(f"/calls/{call_id}/close", {"result": "question"})
    assert (await browser.get("/calls/card", hx_request="true")).status_code == 204
    [row] = await door.house.rows("SELECT state, result FROM call")
    assert row == ("ended", "question")
    assert (await browser.post(f"/calls/{call_id}/close", {"result": "x"})).status_code == 422


@pytest.mark.checklist(22)
async def test_the_order_of_an_unknown_caller_begins_filled_and_makes_him_known(
    door: WebHouse,
) -> None:
    call_id = await calls.report(door.house.system, said(phone=Personal(UNKNOWN)))
    browser = await door.browser("seller")
    page = await browser.post(
        "/orders/new/called", {"call": str(call_id), "name": "Ёлкина Вера"}, htmx=False
    )
    assert page.status_code == 200
    field = r'name="(phone|last_name|first_name|call)"[^>]*value="([^"]*)"'
    filled = dict(re.findall(field, page.text))
    assert filled["last_name"] == "Ёлкина"
    assert filled["first_name"] == "Вера"
    assert filled["call"] == str(call_id)
    assert filled["phone"].endswith("4822321234")
    assert re.search(r'<option value="phone" selected>', page.text)
    token = re.search(r'name="token" value="([^"]+)"', page.text)
    assert token
    saved = await browser.post(
        "/orders/new",
        {
            **filled, "token": token[1], "kind": "person", "shop": "main", "method": "phone",
            "line": "1", "offer": "", "name": "Чайник", "quantity": "1", "price": "500",
            "line_discount": "",
        },
    )  # fmt: skip
    assert saved.headers["hx-redirect"].startswith("/orders/")
    [row] = await door.house.rows(
        "SELECT k.customer_id, k.subject_id, c.subject_id, k.order_id, o.order_method, "
        "o.manager_id, c.region FROM call k JOIN customer c ON c.id = k.customer_id "
        "JOIN orders o ON o.id = k.order_id"
    )
    assert row[1] == row[2] is not None
    assert row[4:] == ("phone", door.house.users["seller"], "69")
    again = await calls.card(door.house.actor_for("seller"), call_id)
    assert again is not None and again.client is not None


@pytest.mark.checklist(83)
async def test_an_event_of_the_exchange_played_twice_leaves_one_call_one_client_and_one_order(
    door: WebHouse,
) -> None:
    house = door.house
    before = await house.rows("SELECT COUNT(*) FROM customer")
    await calls.report(house.system, said(phone=Personal(UNKNOWN)))
    call_id = await calls.report(house.system, said(phone=Personal(UNKNOWN)))
    assert await house.rows("SELECT COUNT(*) FROM call") == [(1,)]
    assert await house.rows("SELECT COUNT(*) FROM customer") == before  # ringing makes nobody
    browser = await door.browser("seller")
    page = await browser.get(f"/orders/new?call={call_id}")
    filled = dict(re.findall(r'name="(phone|token|call)"[^>]*value="([^"]*)"', page.text))
    sent = {
        **filled, "first_name": "Вера", "kind": "person", "shop": "main", "method": "phone",
        "line": "1", "offer": "", "name": "Чайник", "quantity": "1", "price": "500",
        "line_discount": "",
    }  # fmt: skip
    orders = await house.rows("SELECT COUNT(*) FROM orders")
    first = await browser.post("/orders/new", sent)
    again = await browser.post("/orders/new", sent)
    assert first.headers["hx-redirect"] == again.headers["hx-redirect"]
    await calls.report(house.system, said(phone=Personal(UNKNOWN)))
    after = await house.rows("SELECT COUNT(*) FROM orders")
    assert after[0][0] == orders[0][0] + 1  # type: ignore[operator]
    clients = await house.rows("SELECT COUNT(*) FROM customer")
    assert clients[0][0] == before[0][0] + 1  # type: ignore[operator]
    assert await house.rows("SELECT COUNT(*) FROM call") == [(1,)]
