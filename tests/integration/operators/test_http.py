"""A box and an operator that keeps our contract: an order there and back, one stock for both."""

from collections.abc import AsyncIterator

import msgspec
import pytest
import pytest_asyncio

from appliance.domain.events import ServiceWished
from appliance.domain.plugin_rows import Shape
from appliance.plugin_api import vendor
from appliance.plugin_api.core import PAUSED, Core
from appliance.plugin_api.manifest import read_manifest
from plugins import fulfillment_http as hand
from plugins.fulfillment_http import contract as c
from plugins.fulfillment_http.fake import Fake
from plugins.fulfillment_http.sides import SIDES
from tests.house_fixture import TestHouse
from tests.integration.operators import scene
from tests.integration.plugins.asking import plugin
from tests.plugins.fulfillment_http.operators import FILE, KEY, SECRET, checked_transport

MANIFEST = read_manifest(FILE.with_name("plugin.toml").read_bytes())


@pytest_asyncio.fixture
async def operator() -> AsyncIterator[Fake]:
    PAUSED.clear()
    vendor.forget()
    fake = Fake(KEY, SECRET)
    fake.room.count("", "L-1", 10_000)
    fake.room.count("", "C-1", 10_000)
    SIDES.transport = checked_transport(fake)
    SIDES.forget()
    yield fake
    SIDES.transport = None
    SIDES.forget()


def core() -> Core:
    """The plugin as an administrator approved it, whole."""
    return plugin(
        MANIFEST.name,
        permissions=(*MANIFEST.permissions, "goods.write", "files.write"),
        personal=tuple((one.field, one.purpose) for one in MANIFEST.personal),
        tables={
            name: Shape(columns=table.columns, key=table.key)
            for name, table in MANIFEST.tables.items()
        },
        settings={
            "address": "https://operator.example/v1",
            "key": KEY,
            "secret": SECRET,
            "carrier": "shop",
        },
    )


async def deliver(house: TestHouse, here: Core) -> None:
    """What the outbox holds goes to the plugin, twice each: at least once."""
    rows = await house.rows(
        "SELECT payload FROM event_delivery WHERE event = 'service_wished' ORDER BY id"
    )
    for (payload,) in rows:
        event = msgspec.json.decode(str(payload).encode(), type=ServiceWished)
        for _ in range(2):
            await hand.wished(event, here)


@pytest.mark.checklist(47)
async def test_an_order_goes_to_the_operator_and_comes_back_with_its_stock(
    house: TestHouse, operator: Fake
) -> None:
    here = core()
    store = await scene.set_up(house, MANIFEST.name, send_on="send-to-assembling")
    await hand.stock(here)
    assert await scene.stock(house, store) == (10_000, 0)
    number = await scene.placed(house)
    await scene.move(house, number, "send-to-assembling")
    await deliver(house, here)
    there = operator.room.orders[str(number)]
    assert there.given.recipient.name == "Сухова Анна"
    assert "Садовая" in there.given.recipient.address
    assert operator.room.places["", "L-1"].reserved == 2000
    await hand.stock(here)
    on_hand, reserved = await scene.stock(house, store)
    assert on_hand - reserved == 8000  # two are set aside, once

    shown = await scene.view(house, number)
    await here.file_put(shown.id, "label-1", "label.pdf", "label", b"%PDF-1.4 label")
    await deliver(house, here)
    assert operator.labels[str(number)] == ("application/pdf", b"%PDF-1.4 label")

    operator.act("pick", str(number))
    lamp, *_ = there.given.lines
    marked = c.LineTold(line=lamp.line, sku="L-1", quantity=2, codes=(scene.CODE,))
    operator.act("pack", str(number), c.SandboxDeed(lines=(marked,)))
    operator.act("ship", str(number), c.SandboxDeed(tracking="T-77"))
    for _ in range(2):
        await hand.pull(here)
    order = await scene.view(house, number)
    assert (order.shipped, order.delivery.track_number) == (True, "T-77")
    assert order.status.code == "delivering"
    await hand.stock(here)
    assert await scene.stock(house, store) == (8000, 0)
    assert await house.rows("SELECT code FROM fulfilment_code") == [(scene.CODE,)]

    operator.act("return_arrive", str(number))
    operator.act("return_check", str(number))
    await hand.pull(here)
    await hand.stock(here)
    assert await scene.stock(house, store) == (10_000, 0)
    assert (await scene.view(house, number)).status.code == "goods-returned"
    rows = await house.rows("SELECT COUNT(*) FROM task")
    assert rows == [(1,)]  # it came back: what about the money?
