"""Parcels handed over to carriers: papers that stay nowhere, and a courier for a day."""

import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from appliance.domain.personal import Personal
from appliance.errors import Unavailable
from appliance.plugin_api.handing import CourierCalled, Paper, Papers
from appliance.plugin_api.parcels import Report
from tests.integration.orders.carried import NAME, known, wishes
from tests.integration.web.test_carriers import FORM, Side, begun, plain
from tests.web_house import Browser, WebHouse

HOME = "/ship/carriers"


class Handing(Side):
    """A carrier with papers and a courier; what it was asked lies in `told`."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[msgspec.Struct] = []
        self.papers = 1
        self.refusal = ""
        self.known = False
        self.shelf.folder = lambda _: None

    def providing(self, what: str) -> tuple[str, ...]:
        return (NAME,) if what in {"carrier", "papers", "courier"} else ()

    async def ask(self, plugin: str, name: str, asked: msgspec.Struct) -> Any:
        self.told.append(asked)
        if self.refusal:
            raise Unavailable("plugin_refused", plugin=plugin, why=self.refusal)
        if name == "carrier.courier":
            return CourierCalled(number="c-1", known=self.known)
        return Papers(
            papers=tuple(
                Paper(name=f"f103-{at}.pdf", body=Personal(b"%PDF Sukhova"))
                for at in range(self.papers)
            )
        )


LOAD = {"load": f"{NAME}|"}


@pytest.mark.checklist(115)
async def test_what_waits_gets_labels_papers_and_a_courier_once_the_carrier_knows_it(
    door: WebHouse,
) -> None:
    side = Handing()
    door.app.state["site"] = replace(door.app.state["site"], desk=side)
    core = await known(door.house)
    head, number = await begun(door)
    assert "Сдавать нечего" in (await head.get(HOME)).text
    offer = {**FORM, "offer": f"{NAME}||139|door", "pays": "410", "do": "ask"}
    await head.post(f"/orders/{number}/carriers", offer)
    assert "Сдавать нечего" in (await head.get(HOME)).text  # asked for, not registered yet
    gone = plain((await head.post(f"{HOME}/papers", LOAD, htmx=False)).text)
    assert "нечего сдавать" in gone and not side.told
    (row,) = await door.house.rows("SELECT id FROM parcel")
    parcel: Any = row[0]
    done = Report(id=parcel, done="book", state="registered", carrier_id="77", track="110022")
    await core.parcels.report(done)
    page = plain((await head.get(HOME)).text)
    assert "1 посылка, 1,2 кг" in page and "110022" in page and f"/orders/{number}" in page

    assert "Сделать 1 этикетку" in page
    for _ in range(2):  # pressed twice, it is printed once
        assert (await head.post(f"{HOME}/labels", LOAD, htmx=False)).status_code == 303
    assert await wishes(door.house) == ["book", "label"]
    printing = plain((await head.get(HOME)).text)
    assert "печатаем" in printing and "Сделать 1" not in printing
    assert "Project-Id" not in printing  # the key «+» in the list of keys
    await core.parcels.label(parcel, b"%PDF-1.4 label")
    assert f"/orders/{number}/carriers/1/label" in (await head.get(HOME)).text

    one = await head.post(f"{HOME}/papers", LOAD, htmx=False)
    assert one.content == b"%PDF Sukhova" and one.headers["cache-control"] == "no-store"
    assert "attachment" in one.headers["content-disposition"]
    side.papers = 2
    many = await head.post(f"{HOME}/papers", LOAD, htmx=False)
    with zipfile.ZipFile(io.BytesIO(many.content)) as archive:
        assert archive.namelist() == ["f103-0.pdf", "f103-1.pdf"]
    assert {one.numbers for one in side.told} == {("77",)}  # type: ignore[attr-defined]
    assert await door.house.rows("SELECT COUNT(*) FROM file") == [(1,)]  # the label
    leaves = await door.house.rows("SELECT leaf FROM audit_outbox")
    assert sum(b"handing.take_papers" in bytes(leaf[0]) for leaf in leaves) >= 2  # type: ignore[arg-type]
    await scanned(door, number)
    await courier_comes(door, head, side)


async def scanned(door: WebHouse, number: int) -> None:
    keeper = await door.browser("storekeeper")
    wrong = plain((await keeper.post(f"{HOME}/scan", {"code": "<b>4600"})).text)
    assert "<b>4600" in wrong and "Посылки с таким кодом нет" in wrong
    found = await keeper.post(f"{HOME}/scan", {"code": "110022"})
    assert f"Заказ № {number}: посылка в передаче" in plain(found.text)
    assert "1 из 1 в передаче" in plain(found.text)
    undo = json.loads(found.headers["hx-trigger"])["toast"]["undo"]
    assert (await keeper.post(undo)).headers["hx-refresh"] == "true"
    assert "1 посылка, 1,2 кг" in plain((await keeper.get(HOME)).text)
    act = await keeper.get(f"{HOME}/act?load={NAME}%7C")
    assert act.content.startswith(b"%PDF") and act.headers["cache-control"] == "no-store"
    gone = await keeper.post(f"{HOME}/give", LOAD)
    assert "Быстрая. Сдана 1 посылка" in plain(gone.text) and "Сдано сегодня" in gone.text
    undo = json.loads(gone.headers["hx-trigger"])["toast"]["undo"]
    assert (await keeper.get(undo.replace("/back?", "/act?"))).content.startswith(b"%PDF")
    assert (await keeper.post(undo)).headers["hx-refresh"] == "true"
    assert "110022" in (await keeper.get(HOME)).text
    assert "уже у перевозчика" in plain((await keeper.post(undo)).text)
    seller = await door.browser("seller")
    assert (await seller.post(f"{HOME}/scan", {"code": "110022"})).status_code == 403
    assert 'name="code"' not in (await seller.get(HOME)).text


async def courier_comes(door: WebHouse, head: Browser, side: Handing) -> None:
    side.refusal = "courier_unsure"
    call = {**LOAD, "at": "1", "day1": "завтра", "begins1": "10:00", "ends1": "12"}
    short = await head.post(f"{HOME}/courier", call, htmx=False)
    assert short.status_code == 422 and "промежуток длиннее" in plain(short.text)
    wrong = {**call, "day1": "когда-нибудь", "ends1": "нет"}
    unread = await head.post(f"{HOME}/courier", wrong, htmx=False)
    assert unread.status_code == 422 and 'value="нет"' in unread.text
    call["ends1"] = "18:00"
    failed = await head.post(f"{HOME}/courier", call, htmx=False)
    assert "courier_unsure" in failed.text
    side.refusal = ""
    assert "Курьер вызван" in (await head.post(f"{HOME}/courier", call, htmx=False)).text
    side.known = True
    assert "уже вызван" in (await head.post(f"{HOME}/courier", call, htmx=False)).text
    asked = side.told[-1]
    assert (asked.begins, asked.ends, asked.parcels, asked.grams) == ("10:00", "18:00", 1, 1200)  # type: ignore[attr-defined]
    keeper = await door.browser("accountant")
    assert (await keeper.get(HOME)).status_code == 403
    assert (await keeper.post(f"{HOME}/papers", LOAD, htmx=False)).status_code == 403
