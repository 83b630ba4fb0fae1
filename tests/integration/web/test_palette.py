"""Ctrl+K: what it finds, for whom, and what it tells of others' clients."""

from pathlib import Path

import pytest

from appliance.actions import _gate
from appliance.boot.index import IndexKeeper
from appliance.domain import demo
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


async def test_a_storekeeper_finds_orders_and_no_clients(world: WebHouse, tmp_path: Path) -> None:
    people = await _indexed(world, tmp_path)
    browser = await world.browser("storekeeper")
    page = await browser.post("/palette", {"q": people[0].last_name or "ООО"})
    assert page.status_code == 200
    assert "/clients/" not in page.text
