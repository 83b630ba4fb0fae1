"""Invented people walk through the whole house; nothing of them may be left outside the cells."""

import base64
import io
import json
import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_plus, urlencode

import httpx
import pytest

from appliance.actions import _actors, _gate, api_keys, chores, roles_admin
from appliance.api.v5.routes import make_v5_app
from appliance.audit import outbox_rows
from appliance.audit.log import AuditLog
from appliance.audit.sealer import Sealer
from appliance.boot.house import AUDIT_FILE, create_log
from appliance.boot.index import IndexKeeper
from appliance.boot.logs import JsonLines
from appliance.domain.events import CustomerChanged, Event, OrderPlaced
from appliance.domain.ids import uuid7
from appliance.domain.users import NewApiKey
from appliance.plugin_host.postman import Postman
from appliance.roles import API_SCOPES
from appliance.storage import customer_views, outbox
from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.tables import TABLES
from tests.house_fixture import TestHouse
from tests.web_house import WebHouse, staff_app

WORDS = (
    "Вещунова",
    "Эвстафия",
    "Провидцева",
    "9265550147",
    "926 555-01-47",
    "555-01-47",
    "9035550262",
    "vestun.kanar@ptica.example",
    "vestun.kanar",
    "Птичий тупик",
    "клюёт по утрам",
    "перепутала клетку",
)
"""Names, phones, mailboxes, an address and remarks that occur nowhere else."""

ORDER: dict[str, Any] = {
    "externalId": "K-1",
    "firstName": "Эвстафия",
    "lastName": "Вещунова",
    "phone": "+7 926 555-01-47",
    "email": "vestun.kanar@ptica.example",
    "customerComment": "клюёт по утрам",
    "managerComment": "перепутала клетку",
    "items": [{"productName": "Лампа", "initialPrice": 100, "quantity": 1}],
    "delivery": {"address": {"text": "Птичий тупик, 5", "city": "Тверь"}},
}


def disguises(word: str) -> Iterator[bytes]:
    """A word as it would lie in a file: in every usual encoding."""
    plain = word.encode()
    yield plain
    yield plain.hex().encode()
    yield quote(word).encode()
    yield json.dumps(word)[1:-1].encode()
    for name in ("cp1251", "koi8-r", "utf-16-le", "utf-16-be"):
        yield word.encode(name)
    for before in range(3):
        # Only the letters of base64 that no neighbour has a part in.
        coded = base64.b64encode(b"\0" * before + plain)
        yield coded[(before * 8 + 5) // 6 : (len(plain) + before) * 8 // 6]


DISGUISED = {form: word for word in WORDS for form in disguises(word)}


def seen_in(texts: Iterable[bytes]) -> set[str]:
    return {word for text in texts for form, word in DISGUISED.items() if form in text}


@dataclass
class Heard:
    """What left the house beside the bodies of good answers."""

    log: io.StringIO
    outside: list[str] = field(default_factory=list[str])

    async def note(self, answer: httpx.Response) -> None:
        await answer.aread()
        self.outside += [f"{name}: {value}" for name, value in answer.headers.items()]
        # The sign-in form gives back the login typed into it.
        if answer.status_code >= 400 and answer.request.url.path != "/login":
            self.outside.append(unquote_plus(answer.text))


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Everything that is logged, from debug on, as the process would write it."""
    written, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(written), root.level
    handler.setFormatter(JsonLines())
    # The test's own client prints the addresses it asks for.
    handler.addFilter(lambda record: not record.name.startswith(("httpx", "httpcore")))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield Heard(written)
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
async def walked(house: TestHouse, tmp_path: Path) -> AsyncIterator[WebHouse]:
    """The house, its staff door, an index that follows, and a subscriber."""
    await roles_admin.seed_presets(house.system)
    _actors.forget_actors()
    keeper = IndexKeeper(_gate.house(), tmp_path / "search.idx")
    await keeper.open()
    await keeper.settle()
    house.database.after_commit(keeper.poke)

    outbox.set_subscribers({one.name: ("plugin",) for one in (OrderPlaced, CustomerChanged)})
    yield WebHouse(house, staff_app(house))
    outbox.set_subscribers({})
    keeper.drop()
    await keeper.settle()
    _actors.forget_actors()


async def shop_calls(house: TestHouse, heard: Heard) -> None:
    """A shop sends, repeats, edits, asks, and gets things wrong in every way."""
    new = NewApiKey(name="module", shop="main", scopes=tuple(API_SCOPES), expires_at=None)
    key = (await api_keys.create(house.system, new)).key.reveal()
    transport = httpx.ASGITransport(make_v5_app(), raise_app_exceptions=False)
    hooks = {"response": [heard.note]}
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://box/api/v5/",
        headers={"x-api-key": key},
        event_hooks=hooks,
    ) as http:

        async def send(path: str, status: int, **fields: Any) -> None:
            form = {k: v if isinstance(v, str) else json.dumps(v) for k, v in fields.items()}
            answer = await http.post(path, data=form)
            assert answer.status_code == status, (path, answer.text)

        await send("orders/create", 201, order=ORDER)
        await send("orders/create", 400, order=ORDER)
        await send("orders/K-1/edit", 200, order={"lastName": "Провидцева", "phone": "89035550262"})
        await send("orders/create", 400, order={**ORDER, "externalId": "K-2", "status": "no-such"})
        await send(
            "orders/create", 400, order={**ORDER, "createdAt": "Вещунова", "items": "926 555-01-47"}
        )
        await send("orders/create", 400, order='{"lastName": "Вещунова"')
        await send("customers/create", 400, customer='"Вещунова')
        await send("customers/create", 201, customer={"externalId": "C-1", "lastName": "Вещунова"})
        await send("customers/create", 400, customer={"externalId": "C-1", "lastName": "Вещунова"})
        for path, query in (
            ("customers", {"filter[name]": "Вещунова"}),
            ("customers", {"filter[email]": "vestun.kanar@ptica.example"}),
            ("orders", {"filter[customer]": "Вещунова"}),
            ("orders/history", {}),
            ("customers/history", {}),
            ("customers/Вещунова", {"by": "externalId"}),
            ("customers", {"page": "Вещунова"}),
        ):
            await http.get(f"{path}?{urlencode(query)}")


async def staff_calls(door: WebHouse, heard: Heard) -> None:
    """Colleagues look, search, reveal, are refused and mistype."""
    for name in ("head", "seller", "storekeeper", "accountant"):
        browser = await door.browser(name)
        browser.http.event_hooks = {"response": [heard.note]}
        for path in ("/", "/orders", "/orders/1", "/orders/1/peek", "/clients", "/clients/1"):
            await browser.get(path)
        for text in WORDS:
            await browser.post("/palette", {"q": text})
            await browser.post("/clients/find", {"q": text})
            await browser.post("/orders/find", {"q": text, "client": text})
        for contact in await door.house.rows("SELECT id FROM contact ORDER BY id"):
            await browser.post(f"/clients/contacts/{contact[0]}/reveal")
        await browser.post("/orders/1/status", {"status": "no-such", "version": "клюёт по утрам"})
        await browser.post(
            "/login", {"login": "vestun.kanar", "password": "Вещунова 926 555-01-47"}
        )
        await browser.post("/me/password", {"old": "Вещунова", "new": "Эвстафия"})
        await browser.get("/orders", cookie="__Host-sid=vestun.kanar")


async def crash(door: WebHouse, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in the middle of an action, whose text quotes the person."""

    def broken(*_: Any, **__: Any) -> Any:
        raise ValueError("cannot show Вещунова Эвстафия, +7 926 555-01-47")

    browser = await door.browser("head")
    browser.http._transport.raise_app_exceptions = False  # type: ignore[attr-defined]
    browser.http.event_hooks = {"response": [heard.note]}
    with monkeypatch.context() as patched:
        patched.setattr(customer_views, "find_visible", broken)
        answer = await browser.get("/clients/1")
    assert answer.status_code == 500


async def everything_stored(house: TestHouse, folder: Path) -> list[bytes]:
    """Every row, and every byte of every file once the log is sealed and written."""
    create_log(folder, house.vault, uuid7().hex)
    log = AuditLog(folder / AUDIT_FILE)
    sealer = Sealer(
        log,
        house.vault,
        lambda limit: house.database.read(lambda: outbox_rows.waiting(limit)),
        lambda ids: house.database.write(lambda: outbox_rows.forget(ids)),
    )
    waiting = await house.rows("SELECT leaf FROM audit_outbox")
    assert len(waiting) > 50
    await sealer.run()
    await sealer.checkpoint()
    log.close()
    texts = [bytes(row[0]) for row in waiting]  # type: ignore[call-overload]
    for table in TABLES:
        for row in await house.rows(f'SELECT * FROM "{table._meta.tablename}"'):  # noqa: S608  ours
            texts += [cell if isinstance(cell, bytes) else str(cell).encode() for cell in row]
    if isinstance(house.database, SqliteDatabase):
        await house.database.checkpoint()
    return texts + _files(folder)


def _files(folder: Path) -> list[bytes]:
    found = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert {"keys.db", "audit.db"} <= set(found)
    return list(found.values())


def test_the_search_for_canaries_finds_them_in_every_disguise() -> None:
    for form, word in DISGUISED.items():
        assert word in seen_in([b"x" + form + b"y"])
    text = "до того Вещунова Эвстафия после".encode()
    for shift in range(3):
        coded = base64.b64encode(b"z" * shift + text)
        assert {"Вещунова", "Эвстафия"} <= seen_in([coded])
    assert seen_in(["Вещунов Эвстафий 926 555-01-48".encode()]) == set()


async def test_nothing_of_a_person_is_left_outside_the_cells(
    house: TestHouse,
    walked: WebHouse,
    heard: Heard,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await shop_calls(house, heard)
    await staff_calls(walked, heard)
    await crash(walked, heard, monkeypatch)
    await chores.plan(house.system, ["index.snapshot"])
    told = await house.rows("SELECT event FROM event_delivery ORDER BY event")
    # The order, the client added by hand, and the buyer who came with the order.
    assert [one for (one,) in told] == [*["customer_changed"] * 2, "order_placed"]
    handlers: Any = {("plugin", one.name): _quoting for one in (OrderPlaced, CustomerChanged)}
    await Postman(house.database, house.clock, handlers).run_due()

    log = heard.log.getvalue()
    assert "ValueError" in log  # the crash was logged, without its text
    assert seen_in([unquote_plus(log).encode(), log.encode()]) == set()
    leaked = [one for one in heard.outside if seen_in([one.encode()])]
    assert leaked == []
    assert seen_in(await everything_stored(house, tmp_path)) == set()


async def _quoting(event: Event, delivery: object) -> None:
    raise ValueError("Вещунова клюёт по утрам")
