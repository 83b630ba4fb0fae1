"""Orders that go to an operator, and what is looked at afterwards."""

from typing import Any
from uuid import UUID

from appliance.actions import desk, operators, orders, products
from appliance.domain.fulfilments import AtOperator, Operator
from appliance.domain.ids import uuid7
from appliance.domain.orders import LineDraft, OrderSelector
from appliance.domain.products import ProductDraft, VariantDraft
from appliance.plugin_api.core import Core
from appliance.plugin_api.goods import NamedIn
from tests.house_fixture import TestHouse
from tests.integration.orders.drafts import CORD, draft
from tests.integration.plugins.asking import plugin

CODE = "010460123456789021abCd!\x1d91EE10\x1d92dGVzdA=="
LAMPS = ProductDraft(
    shop="main",
    name="Лампа",
    variants=(
        VariantDraft(external_id="L-1", name="Лампа", sku="L-1", stock={"main": 5000}),
        VariantDraft(external_id="C-1", name="Шнур", sku="C-1"),
    ),
)


def hand(name: str = "hand") -> Core:
    return plugin(name, permissions=("fulfilment.write", "goods.write"))


async def set_up(house: TestHouse, name: str = "hand", **more: Any) -> str:
    """An operator with a warehouse of its own; that warehouse's code."""
    await products.upload(house.shop_key(), [LAMPS])
    (store,) = await hand(name).warehouses_put([NamedIn(name="Склад оператора")])
    wanted = Operator(
        id=uuid7(),
        plugin=name,
        warehouse=store,
        statuses={
            "picking": "assembling",
            "packed": "assembling-complete",
            "returned": "goods-returned",
        },
        **more,
    )
    await operators.keep(house.system, wanted)
    return store


async def placed(house: TestHouse, cord: str = "") -> int:
    """An order of two lamps and a cord; of a cord with an article, if one is named."""
    lamp = LineDraft(
        offer_external_id="L-1", product_name="Лампа", quantity_milli=2000, price=100_000
    )
    other = (
        CORD
        if not cord
        else LineDraft(sku=cord, product_name="Шнур", quantity_milli=1000, price=30_000)
    )
    return (await orders.place(house.shop_key(), draft(str(uuid7()), lines=(lamp, other)))).number


async def view(house: TestHouse, number: int) -> Any:
    return (await orders.find_by(house.system, [OrderSelector(number=number)]))[0]


async def there(house: TestHouse, number: int) -> AtOperator:
    found = (await desk.order(house.system, number)).operator
    assert found is not None
    return found


async def ident(house: TestHouse, number: int) -> UUID:
    now = (await there(house, number)).now
    assert now is not None
    return now.id


async def stock(house: TestHouse, store: str) -> tuple[int, int]:
    rows = await house.rows(
        "SELECT s.on_hand_milli, s.reserved_milli, w.code FROM stock s "
        "JOIN variant v ON v.id = s.variant_id JOIN warehouse w ON w.id = s.warehouse_id "
        "WHERE v.external_id = 'L-1'"
    )
    rows = [row for row in rows if row[2] == store]
    return (int(str(rows[0][0])), int(str(rows[0][1]))) if rows else (0, 0)


async def wishes(house: TestHouse) -> list[str]:
    rows = await house.rows(
        "SELECT payload FROM event_delivery WHERE event = 'service_wished' ORDER BY id"
    )
    return [str(row[0]).split('"deed":"')[1].split('"')[0] for row in rows]


async def move(house: TestHouse, number: int, status: str) -> None:
    await orders.set_status(house.actor_for("head"), (await view(house, number)).id, status)


async def lamps(house: TestHouse, number: int) -> tuple[int, int]:
    """Numbers of the lines: of the lamp, of the cord."""
    lines = (await view(house, number)).lines
    return lines[0].id, lines[1].id
