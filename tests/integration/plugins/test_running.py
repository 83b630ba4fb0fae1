"""A plugin in its own process hears what happened in the box, asks it, and writes its own rows."""

import asyncio
from pathlib import Path

import pytest

from appliance.actions import orders
from appliance.actions.plugins import known
from appliance.plugin_api.hooks import RouteRequest
from appliance.plugin_host import finding
from appliance.plugin_host.desk import Desk
from appliance.plugin_host.postman import Postman
from appliance.plugin_host.shelf import Shelf
from appliance.storage import outbox
from tests.house_fixture import TestHouse, open_test_house
from tests.integration.orders.drafts import draft

NAME = "counts_orders"
MANIFEST = f"""
name = "{NAME}"
version = "1.0.0"
api = 1
permissions = ["orders.read"]
events = ["order_placed"]
title = {{ ru = "Счёт", en = "Count" }}
about = {{ ru = "Считает заказы", en = "Counts orders" }}
[[personal]]
field = "customer.phone"
purpose = "delivery"
[[jobs]]
name = "count"
every_seconds = 60
[[routes]]
path = "seen"
methods = ["GET"]
auth = "signature"
[tables.seen]
columns = {{ number = "integer", phone = "personal" }}
key = ["number"]
"""
CODE = """
from appliance.domain.events import OrderPlaced
from appliance.domain.personal import Personal
from appliance.plugin_api.calls import Row
from appliance.plugin_api.hooks import Badge, RouteReply, hookimpl


@hookimpl
def register_handlers(on):
    on(OrderPlaced, placed)


@hookimpl
def register_routes(route):
    route("seen", seen)


@hookimpl
def card_badges(order):
    return [Badge(text="Учтён", tone="good"), Badge(text="раз")]


@hookimpl
def register_jobs(every):
    every("count", count)


async def placed(event, core):
    order = await core.order(event.order_id, ("customer.phone",), "delivery")
    words = {"phone": order.phone.reveal()}
    values = {"number": order.number}
    row = Row(values=values, customer_id=order.customer_id, personal=Personal(words))
    await core.rows_put("seen", [row])
    await core.journal("seen", kind="order", number=order.number)


async def seen(request, core):
    rows = await core.rows_scan("seen", personal=True)
    text = ",".join(f"{row.values['number']}:{row.personal.reveal()['phone']}" for row in rows)
    return RouteReply(body=text.encode())


async def count(core):
    await core.journal("counted", orders=len(await core.rows_scan("seen")))
"""


async def running(house: TestHouse, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk with the plugin approved and switched on."""
    home = folder / "shipped" / NAME
    home.mkdir(parents=True)
    (home / "plugin.toml").write_text(MANIFEST, encoding="utf-8")
    (home / "__init__.py").write_text(CODE, encoding="utf-8")
    monkeypatch.setattr(finding, "_shipped", lambda: [home])
    shelf = Shelf(folder, house.system, lambda *_: False, ())
    desk = Desk(shelf, house.system, folder / "spool", house.clock)
    desk.postman = Postman(house.database, house.clock, {})
    await desk.settle()
    administrator = house.actor_for("administrator")._replace(step_up=True)
    (one,) = await known(house.system)
    await desk.approve(administrator, NAME, one.version, one.asked)
    await desk.switch_on(administrator, NAME)
    return desk


async def test_a_plugin_hears_asks_answers_and_works_by_the_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_test_house(tmp_path) as house:
        desk = await running(house, tmp_path, monkeypatch)
        assert desk.postman is not None
        try:
            made = await orders.place(house.shop_key(), draft())
            assert await desk.postman.run_due() == 1
            assert await house.rows("SELECT state, attempts FROM event_delivery") == [("done", 1)]
            door = desk.routing.find(f"{NAME}/seen", "GET")
            async with asyncio.timeout(20):
                reply = await desk.routing.ask(door, RouteRequest(route="seen", method="GET"))
            assert reply.body.decode() == f"{made.number}:8 (912) 000-12-34"
            await desk.tick()
            await desk._rounds.settle()
            assert await house.rows(
                "SELECT code, kind, object_number FROM plugin_journal "
                "WHERE code NOT LIKE 'box.%' ORDER BY number"
            ) == [("seen", "order", made.number), ("counted", "", 0)]
            assert await house.rows("SELECT fields, purpose FROM disclosure") == [
                ("phone", "delivery")
            ]
            assert await house.rows("SELECT text, tone FROM plugin_badge") == [
                ("Учтён · раз", "ok")
            ]

            # Paused, it misses nothing; switched off, what happens passes it by.
            administrator = house.actor_for("administrator")
            await desk.pause(administrator, NAME)
            await orders.place(house.shop_key(), draft("1045"))
            assert await desk.postman.run_due() == 0
            await desk.switch_on(administrator, NAME)
            assert await desk.postman.run_due() == 1
            await desk.switch_off(administrator, NAME)
            await orders.place(house.shop_key(), draft("1046"))
            await desk.switch_on(administrator, NAME)
            assert await desk.postman.run_due() == 0
        finally:
            await desk.close()
            await desk.postman.stop()
            outbox.set_subscribers({})
