"""Ctrl+K: what it finds, for whom, and what it tells of others' clients."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.actions import _gate, desk, tasks
from appliance.boot.index import IndexKeeper
from appliance.domain import demo
from appliance.domain.folding import swap_layout
from appliance.domain.personal import Personal
from appliance.domain.tasks import NewTask
from appliance.storage.statements import execute, fetch_value, insert
from appliance.storage.tables import ShipmentRow
from tests.web_house import WebHouse


async def _indexed(world: WebHouse, folder: Path) -> list[demo.DemoPerson]:
    await IndexKeeper(_gate.house(), folder / "search.idx").rebuild()
    return list(demo.people(7, 100, world.house.clock()))


async def _owned_by(world: WebHouse, name: str) -> list[int]:
    rows = await world.house.rows(
        "SELECT number FROM customer WHERE owner_id = {} AND kind = 'person'",
        world.house.users[name],
    )
    return [int(str(row[0])) for row in rows]


@pytest.mark.checklist(165)
async def test_a_seller_finds_his_client_by_a_fragment_and_in_the_other_layout(
    world: WebHouse, tmp_path: Path
) -> None:
    people = await _indexed(world, tmp_path)
    number = (await _owned_by(world, "seller"))[0]
    name = people[number - 1].last_name
    browser = await world.browser("seller")
    page = await browser.post("/palette", {"q": name[:4]})
    assert f'data-href="/clients/{number}"' in page.text
    assert "<mark>" in page.text
    other = await browser.post("/palette", {"q": "zzzz", "other": name[:4]})
    assert f'data-href="/clients/{number}"' in other.text


async def test_a_colleagues_client_is_not_found_by_a_fragment_but_named_by_a_whole_phone(
    world: WebHouse, tmp_path: Path
) -> None:
    people = await _indexed(world, tmp_path)
    number = (await _owned_by(world, "rival"))[0]
    person = people[number - 1]
    browser = await world.browser("seller")
    fragment = await browser.post("/palette", {"q": person.phone[-4:]})
    assert f'data-href="/clients/{number}"' not in fragment.text
    whole = await browser.post("/palette", {"q": person.phone})
    assert "Клиента ведёт Борис Соседов" in whole.text
    assert person.last_name not in whole.text
    assert 'href="/clients/' not in whole.text


async def test_an_order_is_found_by_its_number_with_and_without_the_sign(world: WebHouse) -> None:
    browser = await world.browser("head")
    for text in ("#150", "150", "№ 150"):
        page = await browser.post("/palette", {"q": text})
        assert 'data-href="/orders/150"' in page.text, text


async def test_an_order_is_found_by_the_number_of_its_parcel(world: WebHouse) -> None:
    order, _ = await world.house.rows("SELECT number, id FROM orders ORDER BY number DESC LIMIT 2")
    other = await world.house.rows("SELECT number FROM orders WHERE number < {}", order[0])
    await world.house.write(lambda: _parcels(int(str(order[0])), int(str(other[0][0]))))
    browser = await world.browser("head")
    for text in ("RA644000001RU", "ra644 000 001 ru", "#ra644000001ru"):
        page = await browser.post("/palette", {"q": text})
        assert f'data-href="/orders/{order[0]}"' in page.text, text
    page = await browser.post("/palette", {"q": "80081234567890"})
    assert f'data-href="/orders/{other[0][0]}"' in page.text
    page = await browser.post("/palette", {"q": "RA64400000"})
    assert f'data-href="/orders/{order[0]}"' not in page.text


async def _parcels(number: int, other: int) -> None:
    await execute("UPDATE orders SET track_number = 'RA644000001RU' WHERE number = {}", number)
    order_id = await fetch_value("SELECT id FROM orders WHERE number = {}", other)
    now = datetime(2026, 11, 2, tzinfo=UTC)
    await insert(
        ShipmentRow, number=1, order_id=order_id, track_number="80081234567890", created_at=now
    )


async def test_a_storekeeper_finds_orders_and_no_clients(world: WebHouse, tmp_path: Path) -> None:
    people = await _indexed(world, tmp_path)
    browser = await world.browser("storekeeper")
    page = await browser.post("/palette", {"q": people[0].last_name or "ООО"})
    assert page.status_code == 200
    assert "/clients/" not in page.text


@pytest.mark.checklist(165)
async def test_goods_own_tasks_and_a_name_with_one_typing_error_are_found(
    world: WebHouse, tmp_path: Path
) -> None:
    people = await _indexed(world, tmp_path)
    number = next(
        one for one in await _owned_by(world, "seller") if len(people[one - 1].last_name) > 6
    )
    seller = world.house.actor_for("seller")
    due = world.house.clock() + timedelta(days=1)
    made = await tasks.create(seller, NewTask(title=Personal("Узнать про ёлки"), due_at=due))
    browser = await world.browser("seller")
    page = await browser.post("/palette", {"q": "елк"})
    assert f'data-href="/tasks/{made.number}"' in page.text
    goods = await world.house.rows(
        "SELECT p.number, v.sku FROM variant v JOIN product p ON p.id = v.product_id LIMIT 1"
    )
    page = await browser.post("/palette", {"q": str(goods[0][1])})
    assert f'data-href="/catalog/{goods[0][0]}"' in page.text
    name = people[number - 1].last_name
    slip = name[:3] + "ъ" + name[4:]
    page = await browser.post("/palette", {"q": slip, "other": swap_layout(slip)})
    assert f'data-href="/clients/{number}"' in page.text, slip


async def test_an_empty_line_gives_what_was_worked_on_last_and_a_question_mark_the_book(
    world: WebHouse,
) -> None:
    head, browser = world.house.actor_for("head"), await world.browser("head")
    await desk.assign(head, 7, 0)
    await desk.assign(head, 9, 0)
    page = await browser.post("/palette", {"q": ""})
    found = re.findall(r'data-href="([^"]+)"', page.text)
    assert found == ["/orders/9", "/orders/7"]
    rival = await (await world.browser("seller")).post("/palette", {"q": ""})
    assert "/orders/" not in rival.text
    book = await browser.post("/palette", {"q": "?заказ"})
    assert 'data-href="/help/head#' in book.text
    assert (await browser.post("/palette", {"q": "?ыыы"})).text.count("role=") == 0
