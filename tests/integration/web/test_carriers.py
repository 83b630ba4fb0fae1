"""Carriers on an order's card: compared, chosen with a point, asked and followed."""

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from appliance.plugin_api.parcels import Offer, Offers, Point, Points, Report, Step
from appliance.plugin_host.carriers import Carriers
from appliance.plugin_host.questions import Heard
from tests.integration.orders.carried import NAME, known, wishes
from tests.integration.orders.test_parcels import AT
from tests.integration.web.test_order_form import PERSON, placed, typed
from tests.web_house import Browser, WebHouse

OFFERS = Offers(
    offers=(
        Offer(tariff="139", name="Посылка", gives="door", cost=410_00, days_min=1, days_max=2),
        Offer(
            tariff="136", name="Посылка", gives="point", cost=220_00, days_min=2, days_max=4,
            points=True,
        ),
    )
)  # fmt: skip
POINTS = tuple(
    Point(code=f"TVR{at}", name=f"Пункт {at}", address=f"Тверь, {street}, {at}")
    for at, street in enumerate(("Садовая", "Речная", "Садовый переулок"), 1)
)
FORM = {
    "city": "Тверь", "index": "170000", "weight": "1,2", "size": "20x15x10", "cod": "",
    "version": "",
}  # fmt: skip


class Side:
    """Carriers without processes: one answers, one does not, or is `late`."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers: dict[str, Any] = {
            "carrier.quote": OFFERS,
            "carrier.points": Points(points=POINTS),
        }
        self.moment = 0.0
        self.refusal = "plugin_silent"
        self.late: Offers | None = None
        manifest = SimpleNamespace(title=SimpleNamespace(of=lambda _: "Быстрая"))
        keeper = SimpleNamespace(enabled=lambda _: SimpleNamespace(manifest=manifest))
        enabled = keeper.enabled(NAME)
        keeper.enabled = lambda name: enabled if name == NAME else None
        self.carriers = Carriers(
            lambda: keeper,  # type: ignore[arg-type,return-value]
            lambda _: (NAME, "silent"),
            self.ask_all,
            lambda: self.moment,
        )
        self.shelf = SimpleNamespace(lying=lambda _: None)

    def providing(self, what: str) -> tuple[str, ...]:
        return (NAME,) if what == "carrier" else ()

    async def ask_all(
        self, name: str, asked: msgspec.Struct, among: Sequence[str] | None
    ) -> list[Heard]:
        self.asked += [f"{name}:{one}" for one in among or ()]
        return [
            Heard(plugin=one, answer=self.answers[name])
            if one == NAME
            else Heard(plugin=one, answer=self.late, refusal="" if self.late else self.refusal)
            for one in among or ()
        ]

    async def starts(
        self, name: str, asked: msgspec.Struct, among: Sequence[str] | None
    ) -> list[Heard]:
        """As `ask_all` where all of them start."""
        return [Heard(plugin=one, refusal="plugin_starting") for one in among or ()]


@pytest.fixture
async def side(door: WebHouse) -> Side:
    made = Side()
    door.app.state["site"] = replace(door.app.state["site"], desk=made)
    return made


def plain(text: str) -> str:
    return html.unescape(text).replace("\u00a0", " ").replace("\u202f", " ")


async def begun(door: WebHouse) -> tuple[Browser, int]:
    head = await door.browser("head")
    address = {**PERSON, "address": "170000, г. Тверь, Садовая, 5"}
    return head, await placed(head, typed(("", "Зонт", "2", "1000"), **address))


@pytest.mark.checklist(49)
@pytest.mark.checklist(64)
@pytest.mark.checklist(118)
async def test_a_tariff_with_a_point_is_chosen_asked_and_followed(
    door: WebHouse, side: Side
) -> None:
    core = await known(door.house)
    head, number = await begun(door)
    home = f"/orders/{number}/carriers"
    card = plain((await head.get(f"/orders/{number}")).text)
    assert f'hx-get="{home}"' in card and "Рассчитать" in card
    window = plain((await head.get(home)).text)
    assert 'value="Тверь"' in window and 'value="170000"' in window

    shown = plain((await head.post(f"{home}/quotes", FORM)).text)
    assert re.findall(r">(\d+ ₽)</b>", shown) == ["220 ₽", "410 ₽"]
    assert shown.count("дешевле") == 1 and shown.count("быстрее") == 1
    assert "нет ответа за 3 секунды" in shown
    await head.post(f"{home}/quotes", {**FORM, "weight": "1,19"})
    assert side.asked.count(f"carrier.quote:{NAME}") == 1  # kept for half an hour
    side.moment += 1801
    await head.post(f"{home}/quotes", FORM)
    assert side.asked.count(f"carrier.quote:{NAME}") == 2

    wanted = {**FORM, "offer": f"{NAME}||136|point", "pays": "300"}
    more = plain((await head.post(f"{home}/offer", wanted)).text)
    assert "Тверь, Речная, 2" in more and 'value="220"' in more
    found = plain(
        (await head.post(f"{home}/offer?only=1", {**wanted, "point_text": "садов 3"})).text
    )
    assert "Садовый переулок" in found and "Речная" not in found
    side.answers["carrier.points"] = None  # what is kept serves
    assert "Речная" in plain((await head.post(f"{home}/offer", wanted)).text)

    refused = await head.post(home, {**wanted, "do": "ask"})
    assert refused.status_code == 422 and "Выберите пункт" in refused.text
    for offer, said in (("silent||1|door", "вовремя"), ("off||1|door", "не подключена")):
        late = await head.post(home, {**wanted, "offer": offer, "do": "ask", "point": "TVR2"})
        assert late.status_code == 422 and said in late.text
    wrong = await head.post(f"{home}/quotes", {**FORM, "size": "20"})
    assert wrong.status_code == 422 and "три числа" in wrong.text
    done = plain((await head.post(home, {**wanted, "do": "ask", "point": "TVR2"})).text)
    assert "заявка у перевозчика" in done and "Пункт 2, Тверь, Речная, 2" in done
    assert "2 300,00" in done  # the total follows what the buyer pays
    assert await wishes(door.house) == ["book"]

    (row,) = await door.house.rows("SELECT id, grams, length_mm, buyer_pays, quoted FROM parcel")
    assert row[1:] == (1200, 200, 300_00, 220_00)
    parcel: Any = row[0]
    await core.parcels.report(
        Report(id=parcel, done="book", state="registered", track="110022", billed=350_00,
               track_url="https://track.example.ru/110022", carrier_id="u")
    )  # fmt: skip
    await core.parcels.steps(
        parcel,
        [
            Step(code="A", state="accepted", at=AT, place="Москва"),
            Step(code="B", state="in_transit", at=AT, place="Клин"),
        ],
    )
    card = plain((await head.get(f"/orders/{number}")).text)
    assert "110022" in card and "Клин" in card and "−50 ₽" in card
    labelled = await head.post(f"{home}/1/print")
    assert "печатаем этикетку" in labelled.text
    await core.parcels.label(parcel, b"%PDF-1.4 label")
    file = await head.get(f"{home}/1/label")
    assert (file.content, file.headers["content-type"]) == (b"%PDF-1.4 label", "application/pdf")
    keeper = await door.browser("accountant")
    assert (await keeper.get(f"{home}/1/label")).status_code == 403


async def test_one_that_starts_says_so_and_the_page_asks_again_by_itself(
    door: WebHouse, side: Side
) -> None:
    head, number = await begun(door)
    home = f"/orders/{number}/carriers"
    side.refusal = "plugin_starting"
    wanted = {**FORM, "offer": f"{NAME}||136|point", "pays": "300"}
    shown = plain((await head.post(f"{home}/quotes", wanted)).text)
    assert "модуль запускается" in shown and f'hx-post="{home}/quotes?again=1"' in shown
    assert "change, load" in shown  # what is chosen shows what it needs
    shown = plain((await head.post(f"{home}/quotes?again=1", wanted)).text)
    assert "change, load" not in shown and "checked" in shown  # what was typed below stays
    late = await head.post(home, {**wanted, "offer": "silent||1|door", "do": "ask"})
    assert late.status_code == 422 and "Модуль запускается" in late.text
    side.refusal = "plugin_silent"
    assert "again=1" not in (await head.post(f"{home}/quotes?again=1", wanted)).text
    side.carriers._ask_all = side.starts
    points = plain((await head.post(f"{home}/offer?only=1", wanted)).text)
    assert "Модуль запускается" in points and f'hx-post="{home}/offer?only=1"' in points
    refused = await head.post(home, {**wanted, "do": "ask", "point": "TVR2"})
    assert refused.status_code == 422 and "Модуль запускается" in refused.text
    side.carriers._ask_all = side.ask_all
    assert "Речная" in plain((await head.post(f"{home}/offer?only=1", wanted)).text)


async def test_a_choice_waits_unasked_until_its_request_is_pressed(
    door: WebHouse, side: Side
) -> None:
    core = await known(door.house)
    head, number = await begun(door)
    home = f"/orders/{number}/carriers"
    door_offer = {**FORM, "offer": f"{NAME}||139|door", "pays": "410", "ours": "1"}
    chosen = plain((await head.post(home, {**door_offer, "do": "choose"})).text)
    assert "тариф выбран" in chosen and "за наш счёт" in chosen and "2 000,00" in chosen
    assert await wishes(door.house) == []
    asked = plain((await head.post(f"{home}/1/book")).text)
    assert "заявка у перевозчика" in asked
    again = await head.post(f"{home}/1/book")
    assert again.status_code == 409
    (row,) = await door.house.rows("SELECT id FROM parcel")
    refused: Any = row[0]
    await core.parcels.report(Report(id=refused, done="book", state="error", trouble="phone_bad"))
    card = plain((await head.get(f"/orders/{number}")).text)
    assert "перевозчик отказал" in card and "phone_bad" in card and "Оформить заявку" in card
    tasks = await door.house.rows("SELECT COUNT(*) FROM task")
    assert tasks == [(1,)]
    gone = plain((await head.post(f"{home}/1/cancel")).text)
    assert "Раньше: Быстрая, заявка отменена" in gone


async def test_the_usual_piece_is_set_and_what_cannot_be_read_stays_typed(door: WebHouse) -> None:
    boss = await door.browser("administrator")
    page = await boss.get("/admin/parcels")
    assert 'value="0,5"' in page.text and 'value="25 × 18 × 10"' in page.text
    typed_ = {"grams": "0,3", "tare": "0", "size": "20x10"}
    wrong = await boss.post("/admin/parcels", typed_, htmx=False)
    assert wrong.status_code == 422 and 'value="20x10"' in wrong.text
    assert "три числа" in wrong.text
    nothing = {**typed_, "grams": "ноль", "size": "20 x 10 x 5"}
    heavy = await boss.post("/admin/parcels", nothing, htmx=False)
    assert heavy.status_code == 422 and "килограммы" in heavy.text
    done = await boss.post("/admin/parcels", {**typed_, "size": "20 x 10 x 5"}, htmx=False)
    assert done.status_code == 303
    assert 'value="0,3"' in (await boss.get("/admin/parcels")).text
    seller = await door.browser("seller")
    assert (await seller.get("/admin/parcels")).status_code == 403
