"""A box and МойСклад: an order out; its own statuses, shipment, return and stock back."""

from collections.abc import AsyncIterator

import msgspec
import pytest
import pytest_asyncio

from appliance.actions import operators
from appliance.domain.events import ServiceWished
from appliance.domain.fulfilments import Operator
from appliance.domain.plugin_rows import Shape
from appliance.plugin_api import vendor
from appliance.plugin_api.core import PAUSED, Core
from appliance.plugin_api.fulfilments import StatesAsked
from appliance.plugin_api.manifest import read_manifest
from appliance.plugin_api.pace import Pace
from plugins import warehouse_moysklad as sklad
from plugins.warehouse_moysklad.fake import Fake
from plugins.warehouse_moysklad.sides import SIDES
from tests.house_fixture import TestHouse
from tests.integration.operators import scene
from tests.integration.plugins.asking import plugin
from tests.plugins.fulfillment_http.operators import FILE
from tests.plugins.warehouse_moysklad.described import described
from tests.plugins.warehouse_moysklad.test_plugin import TOKEN, Clock

PATH = FILE.parents[1] / "warehouse_moysklad" / "plugin.toml"
MANIFEST = read_manifest(PATH.read_bytes())


@pytest_asyncio.fixture
async def fake() -> AsyncIterator[Fake]:
    PAUSED.clear()
    vendor.forget()
    made = Fake(TOKEN, Clock())
    made.good("L-1", 10)
    made.good("C-1", 10)
    SIDES.begin_anew(described(made), Pace(1000, 1.0))
    yield made
    SIDES.begin_anew()


def core() -> Core:
    return plugin(
        MANIFEST.name,
        permissions=(*MANIFEST.permissions, "goods.write"),
        personal=tuple((one.field, one.purpose) for one in MANIFEST.personal),
        tables={
            name: Shape(columns=table.columns, key=table.key)
            for name, table in MANIFEST.tables.items()
        },
        settings={"address": "https://api.moysklad.ru/api/remap/1.2", "token": TOKEN},
    )


@pytest.mark.checklist(47)
async def test_an_order_goes_to_moysklad_and_its_statuses_shipments_and_stock_come_back(
    house: TestHouse, fake: Fake
) -> None:
    here = core()
    store = await scene.set_up(house, MANIFEST.name, send_on="send-to-assembling")
    known = (await operators.screen(house.system)).operators[0]
    states = await sklad.states(StatesAsked(account="main"), here)
    named = {one.name: one.code for one in states.states}
    mapped: dict[str, str] = {named["Собирается"]: "picking", named["Упакован"]: "packed"}
    wanted: Operator = msgspec.structs.replace(known, stages=mapped)
    await operators.keep(house.system, wanted)
    await sklad.stock(here)
    assert await scene.stock(house, store) == (10_000, 0)

    number = await scene.placed(house, cord="C-1")
    await scene.move(house, number, "send-to-assembling")
    rows = await house.rows("SELECT payload FROM event_delivery WHERE event = 'service_wished'")
    for (payload,) in rows:
        for _ in range(2):
            event = msgspec.json.decode(str(payload).encode(), type=ServiceWished)
            await sklad.wished(event, here)
    assert fake.order(str(number))["reservedSum"] == 3.0
    await sklad.stock(here)
    on_hand, reserved = await scene.stock(house, store)
    assert on_hand - reserved == 8000

    fake.do("state", order=str(number), state="Собирается")
    await sklad.pull(here)
    assert (await scene.view(house, number)).status.code == "assembling"
    fake.do("state", order=str(number), state="Новый")  # backwards, and it means nothing
    await sklad.pull(here)
    assert (await scene.view(house, number)).status.code == "assembling"
    fake.ship(str(number), "T-9", codes=(scene.CODE,))
    for _ in range(2):
        await sklad.pull(here)
    order = await scene.view(house, number)
    assert (order.shipped, order.delivery.track_number) == (True, "T-9")
    await sklad.stock(here)
    assert await scene.stock(house, store) == (8000, 0)
    codes = await house.rows("SELECT code FROM fulfilment_code")
    assert set(codes) == {(scene.CODE,)}
    fake.do("take_back", order=str(number))
    await sklad.pull(here)
    assert (await scene.view(house, number)).status.code == "goods-returned"
