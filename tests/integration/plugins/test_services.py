"""A plugin that serves the box: it does what is wished of it, in its own process."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from appliance.actions import desk, orders, plugin_accounts, service_files
from appliance.actions.plugins import known
from appliance.domain.access import Actor
from appliance.domain.events import Event, ServiceWished
from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from appliance.errors import Conflict, Denied, Invalid, Unavailable
from appliance.plugin_api.asks import ASKS, Ask
from appliance.plugin_host import finding
from appliance.plugin_host.desk import Desk
from appliance.plugin_host.postman import Postman
from appliance.plugin_host.questions import Heard
from appliance.plugin_host.shelf import Shelf
from appliance.storage import outbox
from appliance.storage.tx import Tx
from tests.house_fixture import TestHouse, open_test_house
from tests.integration.orders.drafts import draft

NAME = "carries"
MANIFEST = f"""
name = "{NAME}"
version = "1.0.0"
api = 1
events = ["service_wished"]
provides = ["carrier"]
permissions = ["files.write"]
hosts = ["setting:address"]
title = {{ ru = "Возит", en = "Carries" }}
about = {{ ru = "Возит посылки", en = "Carries parcels" }}
[[account_settings]]
name = "address"
kind = "url"
title = {{ ru = "Адрес", en = "Address" }}
required = true
[[account_settings]]
name = "token"
kind = "secret"
title = {{ ru = "Ключ", en = "Key" }}
required = true
"""
CODE = """
import asyncio

import msgspec
from appliance.domain.events import ServiceWished
from appliance.plugin_api.asks import ASKS, Ask
from appliance.plugin_api.hooks import Finding, hookimpl
from appliance.plugin_api.outcomes import Permanent


class Weight(msgspec.Struct):
    grams: int


class Price(msgspec.Struct):
    kopecks: int


ASKS["carrier.tried"] = Ask(Weight, Price, 1.0, "carrier")


@hookimpl
def register_handlers(on):
    on(ServiceWished, wished)


@hookimpl
def register_answers(answer):
    answer("carrier.tried", price)


async def price(asked, core):
    if asked.grams > 1000:
        raise Permanent("too_heavy")
    while not asked.grams:
        await asyncio.sleep(0.01)
    await core.journal("priced", grams=asked.grams)
    return Price(asked.grams * 2)


@hookimpl
def diagnose(core, account):
    known = [one for one in core.accounts() if account in ("", one.code)]
    return [
        Finding(code="key_seen", is_good=True, numbers={"key": len(one.settings["token"])},
                account=one.code)
        for one in known
    ]


async def wished(event, core):
    if event.deed == "label":
        core.account_of("second")
    if event.order_id:
        for _ in range(2):
            await core.file_put(event.order_id, "label", "Этикетка.pdf", "label", b"%PDF-1.7 box")
    await core.journal("wished", of=event.kind, deed=event.deed)
"""


class Box:
    """A house with the plugin approved; nothing runs yet."""

    def __init__(self, house: TestHouse, folder: Path) -> None:
        self.house = house
        self.postman = Postman(house.database, house.clock, {})
        shelf = Shelf(folder, house.system, lambda *_: False, ())
        self.desk = Desk(shelf, house.system, folder / "spool", house.clock)
        self.desk.postman = self.postman
        self.administrator: Actor = house.actor_for("administrator")._replace(step_up=True)

    async def approve(self) -> None:
        await self.desk.settle()
        (one,) = await known(self.house.system)
        await self.desk.approve(self.administrator, NAME, one.version, one.asked)
        await self.account("main", "Первый договор")

    async def account(self, code: str, title: str, key: str = "s-1") -> str:
        """Add an account or change it."""
        typed = {"address": Personal(f"https://{key}.example.ru/"), "token": Personal(key)}
        return await self.desk.set_account(self.administrator, NAME, code, Personal(title), typed)

    async def happen(self, *events: Event) -> None:
        async def body() -> None:
            house = self.house
            grant = house.system.grants["house.upkeep"]
            tx = Tx(house.system, grant, house.vault, house.index, house.clock.now)
            for event in events:
                tx.emit(event)
            await outbox.enqueue(tx)

        await self.house.write(body)

    async def journal(self) -> list[tuple[str, str]]:
        rows = await self.house.rows(
            "SELECT code, data FROM plugin_journal WHERE code NOT LIKE 'box.%' ORDER BY number"
        )
        return [(str(code), str(data)) for code, data in rows]


@pytest_asyncio.fixture
async def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Box]:
    home = tmp_path / "shipped" / NAME
    home.mkdir(parents=True)
    (home / "plugin.toml").write_text(MANIFEST, encoding="utf-8")
    (home / "__init__.py").write_text(CODE, encoding="utf-8")
    monkeypatch.setattr(finding, "_shipped", lambda: [home])
    async with open_test_house(tmp_path) as house:
        one = Box(house, tmp_path)
        await one.approve()
        yield one
        await one.desk.close()
        await one.postman.stop()
        outbox.set_subscribers({})


async def test_what_is_wished_of_a_plugin_comes_to_it_alone_and_waits_while_it_is_off(
    box: Box,
) -> None:
    parcel = uuid7()
    book = ServiceWished(plugin=NAME, kind="parcel", record_id=parcel, deed="book")
    other = ServiceWished(plugin="other", kind="parcel", record_id=parcel, deed="book")
    label = ServiceWished(plugin=NAME, kind="parcel", record_id=parcel, deed="label")
    await box.happen(book, other)
    assert await box.postman.run_due() == 0  # it is off
    await box.account("second", "Второй договор")
    await box.desk.switch_on(box.administrator, NAME)
    await box.happen(label)
    await box.postman.run_due()
    assert await box.journal() == [
        ("wished", '{"of":"parcel","deed":"book"}'),
        ("wished", '{"of":"parcel","deed":"label"}'),
    ]
    assert await box.house.rows(
        "SELECT subscriber, state, lane FROM event_delivery ORDER BY id"
    ) == [
        (f"plugin:{NAME}", "done", f"parcel:{parcel}"),
        ("plugin:other", "ready", f"parcel:{parcel}"),
        (f"plugin:{NAME}", "done", f"parcel:{parcel}"),
    ]


class Weight(msgspec.Struct):
    grams: int


class Price(msgspec.Struct):
    kopecks: int


async def test_a_question_is_answered_refused_or_given_up_in_its_time(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ASKS, "carrier.tried", Ask(Weight, Price, 1.0, "carrier"))
    at = box.desk
    assert await at.ask_all("carrier.tried", Weight(300)) == []  # it is off
    await at.switch_on(box.administrator, NAME)
    await box.happen(ServiceWished(plugin=NAME, kind="parcel", record_id=uuid7(), deed="book"))
    await box.postman.run_due()  # it is up
    assert (at.providing("carrier"), at.providing("market")) == ((NAME,), ())
    assert await at.ask(NAME, "carrier.tried", Weight(300)) == Price(600)
    with pytest.raises(Unavailable, match="plugin_refused") as refused:
        await at.ask(NAME, "carrier.tried", Weight(1001))
    assert refused.value.params == {"plugin": NAME, "why": "too_heavy"}
    with pytest.raises(Unavailable, match="plugin_silent"):
        await at.ask(NAME, "carrier.tried", Weight(0))
    monkeypatch.setitem(ASKS, "carrier.tried", Ask(Weight, Weight, 1.0, "carrier"))
    assert await at.ask_all("carrier.tried", Weight(300)) == [
        Heard(plugin=NAME, refusal="plugin_refused", why="answer_garbled")
    ]
    with pytest.raises(Unavailable, match="plugin_off"):
        await at.ask("other", "carrier.tried", Weight(1))
    at.keeper._wards[NAME]._up.clear()  # as its process is while it is started anew
    with pytest.raises(Unavailable, match="plugin_starting"):
        await at.ask(NAME, "carrier.tried", Weight(300))
    assert at.is_starting(NAME) and not at.is_starting("other")


async def test_a_plugin_speaks_for_several_accounts_and_waits_for_one_that_is_off(
    box: Box,
) -> None:
    at, administrator = box.desk, box.administrator
    assert await box.account("", "Второй договор", "s-22") == "main2"
    await at.switch_on(administrator, NAME)
    enabled = at.keeper.enabled(NAME)
    assert enabled is not None and enabled.near == ("s-1.example.ru:443", "s-22.example.ru:443")
    found = await at.test(administrator, NAME)
    assert [(one.account, one.numbers["key"]) for one in found] == [("main", 3), ("main2", 4)]
    (one,) = await at.test(administrator, NAME, "main2")
    assert one.account == "main2"

    with pytest.raises(Invalid) as refused:
        await at.set_account(administrator, NAME, "third", Personal(" "), {"odd": Personal("1")})
    assert refused.value.fields == {
        "title": "entry_empty", "odd": "setting_unknown",
        "address": "entry_empty", "token": "entry_empty",
    }  # fmt: skip
    typed = {"token": Personal("")}  # an empty secret stays
    await at.set_account(administrator, NAME, "main2", Personal("Запасной"), typed)
    forms = await plugin_accounts.list_of(administrator, NAME)
    assert [(one.title, one.typed) for one in forms] == [
        ("Первый договор", {"address": "https://s-1.example.ru/", "token": ""}),
        ("Запасной", {"address": "https://s-22.example.ru/", "token": ""}),
    ]

    await at.switch_account(administrator, NAME, "main2", is_active=False)
    label = ServiceWished(plugin=NAME, kind="parcel", record_id=uuid7(), deed="label")
    await box.happen(label)
    await box.postman.run_due()
    assert await box.house.rows("SELECT state, account, attempts FROM event_delivery") == [
        ("ready", "second", 0)
    ]
    await at.switch_account(administrator, NAME, "main", is_active=False)
    await at.switch_off(administrator, NAME)
    with pytest.raises(Conflict, match="plugin_no_account"):
        await at.switch_on(administrator, NAME)


async def test_a_label_that_a_plugin_brings_hangs_on_the_order_once_under_the_buyers_key(
    box: Box,
) -> None:
    placed = await orders.place(box.house.shop_key(), draft())
    await box.desk.switch_on(box.administrator, NAME)
    parcel = uuid7()
    book = ServiceWished(
        plugin=NAME, kind="parcel", record_id=parcel, deed="book", order_id=placed.order_id
    )
    await box.happen(book)
    await box.postman.run_due()
    assert [code for code, _ in await box.journal()] == ["wished"]
    storekeeper = box.house.actor_for("storekeeper")
    screen = await desk.order(storekeeper, placed.number)
    (label,) = screen.service_files
    assert (label.kind, label.media, label.plugin) == ("label", "application/pdf", NAME)
    _, pages = await service_files.pages_of(storekeeper, label.number)
    assert pages.body.reveal() == b"%PDF-1.7 box"
    with pytest.raises(Denied):
        await service_files.pages_of(box.house.actor_for("courier"), label.number)
    found = await box.house.rows("SELECT kind FROM timeline_entry WHERE kind = 'file'")
    assert found == [("file",)]
