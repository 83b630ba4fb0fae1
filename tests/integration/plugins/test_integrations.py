"""«Интеграции»: what is amiss with a service is said, with what to do; one delivery is replayed."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from appliance.actions import integrations, orders, plugin_accounts, plugins, upkeep
from appliance.domain import health
from appliance.domain.access import Actor
from appliance.domain.events import ServiceWished
from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from appliance.domain.plugins import FoundPlugin, PluginState, Source, rights
from appliance.plugin_api.core import Core
from appliance.plugin_host.desk import Desk
from appliance.plugin_host.shelf import Shelf
from appliance.storage import outbox
from appliance.storage.statements import execute, insert
from appliance.storage.tables import ParcelRow
from appliance.storage.tx import Tx
from tests.integration.orders.drafts import draft
from tests.integration.plugins.asking import plugin
from tests.web_house import WebHouse, open_web_house

HOME = "/admin/integrations"
NAME = "carries"
MANIFEST = """
name = "carries"
version = "1.0.0"
api = 1
title = { ru = "Перевозчик", en = "Carrier" }
about = { ru = "Возит", en = "Carries" }
provides = ["carrier", "look"]
[[account_settings]]
name = "token"
kind = "secret"
required = true
title = { ru = "Ключ", en = "Key" }
"""


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[WebHouse]:
    async with open_web_house(tmp_path) as one:
        shelf = Shelf(tmp_path, one.house.system, lambda *_: False, ())
        desk = Desk(shelf, one.house.system, tmp_path / "spool")
        one.app.state["site"] = replace(one.app.state["site"], desk=desk)
        yield one
        await desk.close()


async def connected(web: WebHouse) -> None:
    """A plugin with two accounts, approved and wanted; no process stands behind it."""
    boss = web.house.actor_for("administrator")._replace(step_up=True)
    asked = rights(("files.write",), ("service_wished",), (), ())
    found = FoundPlugin(
        name=NAME, version="1.0.0", source=Source.ADDED, manifest=MANIFEST, asked=asked
    )
    await plugins.notice(web.house.system, [found])
    assert await plugins.approve(boss, NAME, "1.0.0", asked) is PluginState.READY
    for title in ("Основной договор", "Запасной"):
        await plugin_accounts.put(boss, NAME, "", Personal(title), {"token": Personal("k")})
    await plugins.switch_on(boss, NAME)


async def given_up(web: WebHouse, number: int) -> None:
    """Two deliveries about an order that the service refused."""
    house = web.house
    rows = await house.rows("SELECT id FROM orders WHERE number = {}", number)

    async def body() -> None:
        tx = Tx(
            house.system,
            house.system.grants["house.upkeep"],
            house.vault,
            house.index,
            house.clock(),
        )
        for deed in ("book", "label"):
            tx.emit(
                ServiceWished(
                    plugin=NAME, kind="parcel", record_id=uuid7(), deed=deed, order_id=rows[0][0]
                )
            )
        await outbox.enqueue(tx)
        await execute("UPDATE event_delivery SET state = 'dead', last_error = 'access_refused'")

    await house.write(body)


async def lines_of(web: WebHouse) -> dict[str, health.State]:
    """Lines of the box's health that speak of services."""
    seen = await upkeep.look(web.house.system)
    found = health._services(seen.plugins.services)
    return {one.code: one.state for one in found}


async def test_what_is_amiss_with_a_service_is_said_and_one_delivery_is_handed_over_again(
    web: WebHouse,
) -> None:
    boss = await web.browser("administrator")
    assert "Служб ещё нет" in (await boss.get(HOME)).text
    assert (await (await web.browser("seller")).get(HOME)).status_code == 403
    await connected(web)
    page = (await boss.get(HOME)).text
    assert "Основной договор" in page and "Запасной" in page and "Всё принято" in page

    placed = await orders.place(web.house.shop_key(), draft())
    core = plugin(NAME, permissions=("files.write",))
    web.house.clock.pass_(hours=-2)
    told = {"kind": "order", "number": placed.number}
    await core.journal("vendor.access_refused", state="bad", account="main", status=401, **told)
    await core.journal("vendor.down", state="warn", account="main2", status=502)
    web.house.clock.pass_(hours=2)
    await core.key_until("main2", web.house.clock() + timedelta(days=9, hours=1))
    await given_up(web, placed.number)
    page = (await boss.get(HOME)).text
    for words in (
        "ключ не принят", "Введите новый ключ", "служба не отвечает", "осталось 9 дней",
        "доставка: оформить",
        f"№ {placed.number}", "Передать снова", "не приняла ключ или ему не хватает",
    ):  # fmt: skip
        assert words in page.replace("\u00a0", " "), words
    assert await lines_of(web) == {
        "integrations.refused": health.State.BAD,
        "integrations.silent": health.State.WARN,
        "integrations.key": health.State.WARN,
        "integrations.dead": health.State.BAD,
    }
    today = (await boss.get("/")).text
    assert "Интеграции" in today and "ключ не принят" in today

    found = (await boss.get(f"{HOME}?order={placed.number}")).text
    assert "Служба не приняла ключ доступа" in found
    assert "По этому заказу всё принято" in (await boss.get(f"{HOME}?order=999999")).text

    letters = await web.house.rows("SELECT id FROM event_delivery ORDER BY id")
    await boss.post(f"{HOME}/letters/{letters[0][0]}/again", {})
    dropped = await boss.post(f"{HOME}/letters/{letters[1][0]}/drop", {}, htmx=False)
    assert dropped.status_code == 303, dropped.text
    left = await web.house.rows("SELECT state, attempts FROM event_delivery")
    assert left == [("ready", 0)]
    gone = await boss.post(f"{HOME}/letters/{letters[1][0]}/again", {}, htmx=False)
    assert gone.status_code == 422

    await core.journal("vendor.up", account="main")
    assert "integrations.refused" not in await lines_of(web)


async def change(web: WebHouse, text: str, *values: object) -> None:
    """Something that only time or another process does."""

    async def body() -> None:
        await execute(text, *values)

    await web.house.write(body)


def boss_of(web: WebHouse) -> Actor:
    return web.house.actor_for("administrator")


async def parcel_of(web: WebHouse, wish: object, account: str) -> None:
    """The parcel that is wished of, at this account."""
    wished = msgspec.json.decode(str(wish), type=ServiceWished)

    async def body() -> None:
        await insert(
            ParcelRow, id=wished.record_id, number=1, order_id=wished.order_id, plugin=NAME,
            account=account, own_number="1", tariff="1", gives="door", state="draft",
            base_state="draft", grams=1, created_at=web.house.clock(),
            updated_at=web.house.clock(),
        )  # fmt: skip

    await web.house.write(body)


async def _line_of(web: WebHouse, core: Core, letter: object, order: int) -> int:
    """A line written while this delivery was handled."""
    core.delivery_id = letter  # type: ignore[assignment] - of the outbox
    return await core.journal("booked", kind="order", number=order)


async def test_the_exchange_of_one_line_is_repeated_once_and_a_deed_is_never_done_twice(
    web: WebHouse,
) -> None:
    boss = await web.browser("administrator")
    await connected(web)
    placed = await orders.place(web.house.shop_key(), draft())
    await given_up(web, placed.number)
    (booked,), (label,) = await web.house.rows("SELECT id FROM event_delivery ORDER BY id")
    core = plugin(NAME, permissions=("files.write",))
    first = await _line_of(web, core, booked, placed.number)
    page = (await boss.get(f"{HOME}?order={placed.number}")).text
    assert f"{HOME}/journal/{first}/repeat" in page

    async def press(line: int) -> tuple[int, str]:
        there = f"{HOME}/journal/{line}/repeat"
        answer = await boss.post(there, {"order": str(placed.number)}, htmx=False)
        return answer.status_code, answer.text

    # Given up: it goes again under its own id; pressed again, it is on its way already.
    assert (await press(first))[0] == 303
    assert "уже идёт обмен" in (await press(first))[1]
    states = "SELECT state, payload FROM event_delivery ORDER BY id"
    assert [row[0] for row in await web.house.rows(states)] == ["ready", "dead"]

    # Done: nothing is done twice; the service is asked how the record stands now.
    await change(web, "UPDATE event_delivery SET state = 'done'")
    assert (await press(first))[0] == 303
    found = await web.house.rows(states)
    assert [row[0] for row in found] == ["done", "done", "ready"]
    assert '"deed":"look"' in found[2][1]
    assert (await press(first))[0] == 422
    assert (await web.house.rows("SELECT COUNT(*) FROM event_delivery"))[0][0] == 3

    # What waits is told of each account: the record that is wished of says whose it is.
    await parcel_of(web, found[2][1], "main2")
    shares = {one.account: one.waiting.ready for one in await integrations.overview(boss_of(web))}
    assert shares == {"main": 0, "main2": 1}

    # A fact that was taken goes again as it was.
    await change(web, "UPDATE event_delivery SET event = 'order_placed' WHERE id = {}", label)
    second = await _line_of(web, core, label, placed.number)
    assert (await press(second))[0] == 303
    assert (await web.house.rows("SELECT state FROM event_delivery WHERE id = {}", label)) == [
        ("ready",)
    ]

    # A line that came from there: the order's newest record is read again, if there is any.
    core.delivery_id = None
    third = await core.journal("came", kind="order", number=placed.number)
    assert "уже идёт обмен" in (await press(third))[1]
    await change(web, "UPDATE event_delivery SET state = 'done'")
    assert (await press(third))[0] == 303
    await change(web, "DELETE FROM event_delivery")
    await change(web, "DELETE FROM parcel")
    assert "нечего повторять" in (await press(third))[1]
    assert (await press(999_999))[0] == 422
    seller = await web.browser("seller")
    assert (await seller.post(f"{HOME}/journal/{first}/repeat", {})).status_code == 403
