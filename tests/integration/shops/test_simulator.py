"""Shops with the stock modules: everything there once, and what either changes in the other."""

from collections.abc import AsyncIterator

import httpx
import pytest

from appliance.actions import _actors, orders, shops
from appliance.api.v5.routes import make_v5_app
from appliance.domain.customers import CustomerDraft
from appliance.domain.orders import (
    LineDraft,
    OrderChange,
    OrderContact,
    OrderDraft,
    OrderSelector,
    OrderView,
)
from appliance.domain.personal import Personal
from appliance.domain.shops import Batch, RefusedRow
from tests.house_fixture import SHOP, TestHouse
from tests.integration.shops.test_catalogue_run import one_engine
from tests.integration.shops.test_connecting import admin_of
from tests.shop.module import Shop
from tests.shop.wire import DIALECTS

pytestmark = [one_engine]


@pytest.fixture
async def line() -> AsyncIterator[httpx.AsyncClient]:
    _actors.forget_actors()
    transport = httpx.ASGITransport(make_v5_app())
    async with httpx.AsyncClient(transport=transport, base_url="https://box") as http:
        yield http
    _actors.forget_actors()


async def connected(house: TestHouse, line: httpx.AsyncClient, module: str, sold: int) -> Shop:
    """A shop that has sold so many orders, and whose module has just been set up."""
    key = await shops.make_key(admin_of(house), SHOP)
    shop = Shop(line, key.reveal(), module)
    shop.fill(sold)
    await shop.connect()
    return shop


async def counted(house: TestHouse) -> list[tuple[object, ...]]:
    return await house.rows(
        "SELECT (SELECT COUNT(*) FROM orders), (SELECT COUNT(*) FROM customer), "
        "(SELECT COUNT(*) FROM order_line), (SELECT COUNT(*) FROM payment), "
        "(SELECT COUNT(*) FROM product)"
    )


async def seen(house: TestHouse, code: str) -> OrderView:
    head = house.actor_for("head")
    return (await orders.find_by(head, [OrderSelector(shop=SHOP, external_id=code)]))[0]


@pytest.mark.parametrize("module", DIALECTS)
@pytest.mark.checklist(35)
@pytest.mark.checklist(116)
async def test_an_export_sent_twice_is_there_once_and_comes_back_as_nothing(
    house: TestHouse, line: httpx.AsyncClient, module: str
) -> None:
    sold = 60 if module == "woocommerce" else 12
    shop = await connected(house, line, module, sold)
    await shop.export()
    once = await counted(house)
    await shop.export()
    assert await counted(house) == once
    assert once == [(sold, sold // 2, 2 * sold, sold, 12)]
    assert shop.failed == []
    came = (await shops.open_one(admin_of(house), SHOP))[0].uploads
    assert (came.orders, came.clients) == (
        Batch(created=sold, updated=sold),
        Batch(created=sold // 2, updated=sold // 2),
    )
    written = await shop.pull_until_quiet()
    assert (written, len(shop.orders)) == (0, sold)
    assert await counted(house) == once


@pytest.mark.parametrize("module", DIALECTS)
@pytest.mark.checklist(96)
@pytest.mark.checklist(125)
async def test_what_either_changes_is_in_the_other_within_one_cycle(
    house: TestHouse, line: httpx.AsyncClient, module: str
) -> None:
    shop = await connected(house, line, module, 4)
    await shop.export()
    await shop.sell("77", "1")
    await shop.pull_until_quiet()
    head = house.actor_for("head")

    await shop.change("1", status="client-confirmed", customerComment="после шести")
    here = await seen(house, "1")
    assert (here.status.code, here.contact.reveal().customer_comment) == (
        "client-confirmed",
        "после шести",
    )
    two = await seen(house, "2")
    fewer = tuple(LineDraft(id=one.id, quantity_milli=5000) for one in two.lines[:1])
    await orders.edit(
        head, OrderSelector(number=two.number), OrderChange(status="assembling", lines=fewer)
    )
    made = await orders.place(head, by_phone())
    await shop.pull()
    assert shop.orders["2"]["status"] == "assembling"
    assert [one["quantity"] for one in shop.orders["2"]["items"]] == [5]
    code = shop.by_number[made.number]
    assert shop.orders[code]["items"][0]["name"] == "Торшер"
    assert (await seen(house, code)).number == made.number
    assert await shop.pull_until_quiet() == 0
    assert len(shop.orders) == 6
    assert (await house.rows("SELECT COUNT(*) FROM orders")) == [(6,)]


@pytest.mark.checklist(102)
async def test_the_report_names_what_the_module_sent_in_vain(
    house: TestHouse, line: httpx.AsyncClient
) -> None:
    shop = await connected(house, line, "prestashop", 3)
    shop.orders["2"]["status"] = "no-such-status"
    await shop.export()
    assert shop.failed == ["2"]
    came = (await shops.open_one(admin_of(house), SHOP))[0].uploads
    assert came.orders == Batch(created=2, failed=1)
    assert came.refused == (RefusedRow(kind="orders", external_id="2", code="code_unknown"),)
    shop.orders["2"]["status"] = "new"
    await shop.export()
    came = (await shops.open_one(admin_of(house), SHOP))[0].uploads
    assert came.orders == Batch(created=3, updated=2, failed=1)


def by_phone() -> OrderDraft:
    contact = OrderContact(first_name="Пётр", last_name="Звонков", phone="+79035550101")
    return OrderDraft(
        shop=SHOP,
        customer=CustomerDraft(first_name=Personal("Пётр"), last_name=Personal("Звонков")),
        contact=Personal(contact),
        lines=(LineDraft(product_name="Торшер", quantity_milli=1000, price=990_000),),
    )


@pytest.mark.checklist(96)
async def test_a_field_changed_on_both_sides_ends_equal_and_both_values_stay_in_the_history(
    house: TestHouse, line: httpx.AsyncClient
) -> None:
    shop = await connected(house, line, "woocommerce", 2)
    await shop.export()
    await shop.pull_until_quiet()
    head = house.actor_for("head")
    number = (await seen(house, "1")).number
    await orders.edit(head, OrderSelector(number=number), OrderChange(status="no-call"))
    await shop.change("1", status="client-confirmed")  # before the shop has heard of it
    await shop.pull_until_quiet()
    assert (await seen(house, "1")).status.code == shop.orders["1"]["status"]
    told = await house.rows(
        "SELECT source, new_value FROM change_entry WHERE entity = 'order' AND field = 'status' "
        "AND kind = 'change' ORDER BY number"
    )
    assert told == [("user", '{"code":"no-call"}'), ("api", '{"code":"client-confirmed"}')]
