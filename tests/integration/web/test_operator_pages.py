"""The card's block about an operator, and the screen where operators are set up."""

from dataclasses import replace

import pytest

from appliance.actions import operators
from appliance.domain.fulfilments import Operator
from appliance.domain.ids import uuid7
from appliance.errors import Unavailable
from appliance.plugin_api.fulfilments import FulfilmentReport, Moved, OwnState, States
from appliance.plugin_host.ward import Enabled
from tests.integration.plugins.asking import plugin
from tests.integration.web.test_order_form import PERSON, placed, typed
from tests.web_house import WebHouse

HOME = "/admin/operators"


class Asked:
    """The plugins' desk: one operator whose statuses are its own, as a test has it answer."""

    def __init__(self) -> None:
        self.is_up = True
        self.refusal = "plugin_silent"

    @property
    def keeper(self) -> "Asked":
        return self

    def enabled(self, name: str) -> Enabled | None:
        del name
        return None

    def providing(self, what: str) -> tuple[str, ...]:
        return ("hand",) if what == "warehouse" else ()

    async def ask(self, name: str, what: str, asked: object) -> States:
        del name, what, asked
        if not self.is_up:
            raise Unavailable(self.refusal)
        hinted = OwnState(code="s-1", name="Отгружен клиенту", hint="shipped")
        return States(states=(OwnState(code="s-2", name="Наш особый"), hinted))


@pytest.mark.checklist(47)
async def test_an_order_is_handed_over_called_off_and_sorted_out_on_its_card(
    door: WebHouse,
) -> None:
    keeper, seller = await door.browser("head"), await door.browser("accountant")
    number = await placed(keeper, typed(("", "Зонт", "2", "1000"), **PERSON))
    home = f"/orders/{number}"
    assert "Склад оператора" not in (await keeper.get(home)).text
    await operators.keep(door.house.system, Operator(id=uuid7(), plugin="hand", warehouse="main"))
    card = (await keeper.get(home)).text
    assert "Передать на склад" in card
    assert "Передать на склад" not in (await seller.get(home)).text
    ((ident,),) = await door.house.rows("SELECT id FROM fulfilment_operator")
    sent = await keeper.post(f"{home}/operator", {"operator": str(ident)})
    assert "Ждёт передачи" in sent.text
    again = await keeper.post(f"{home}/operator", {"operator": str(ident)})
    assert "уже передан" in again.headers["hx-trigger"].encode().decode("unicode_escape")
    lost = await keeper.post(f"{home}/operator", {"operator": "nonsense"})
    assert lost.status_code == 200

    core = plugin("hand", permissions=("fulfilment.write",))
    ((line,),) = await door.house.rows("SELECT number FROM order_line")
    await core.fulfilment_report(
        FulfilmentReport(account="main", order_no=str(number), ref="1", stage="accepted")
    )
    await core.fulfilment_report(
        FulfilmentReport(
            account="main",
            order_no=str(number),
            ref="2",
            stage="shortage",
            reason="not_on_shelf",
            lines=(Moved(line=int(str(line)), short_milli=1000),),
        )
    )
    card = (await keeper.get(home)).text
    assert "Не хватает товара" in card
    assert "товара нет на полке" in card
    assert "не хватает 1" in card
    settled = await keeper.post(f"{home}/operator/settled")
    assert "разделите заказ" not in settled.text
    off = await keeper.post(f"{home}/operator/cancel")
    assert "отменяем" in off.text
    assert "Склад оператора" in (await keeper.get(f"{home}/history")).text


async def test_an_operators_own_statuses_are_mapped_on_a_screen(
    door: WebHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, desk = await door.browser("head"), Asked()
    empty = await head.get(HOME)
    assert "Ни один оператор не подключён" in empty.text
    assert (await (await door.browser("seller")).get(HOME)).status_code == 403
    await operators.keep(door.house.system, Operator(id=uuid7(), plugin="hand"))
    site = replace(door.app.state.site, desk=desk)
    monkeypatch.setattr(door.app.state, "site", site)
    page = (await head.get(HOME)).text
    assert "Отгружен клиенту" in page
    form = {
        "plugin": "hand", "account": "main", "warehouse": "main", "send_on": "send-to-assembling",
        "status-packed": "assembling-complete", "stage-s-1": "shipped", "stage-s-2": "",
        "name-s-1": "Отгружен клиенту",
        "active": "1",
    }  # fmt: skip
    assert (await head.post(HOME, form, htmx=False)).status_code == 303
    kept = (await operators.screen(door.house.system)).operators[0]
    assert kept.stages == {"s-1": "shipped"}
    assert kept.statuses == {"packed": "assembling-complete"}
    desk.is_up = False  # it does not answer now: what was chosen is there all the same
    page = (await head.get(HOME)).text
    assert "не отвечает" in page
    assert 'name="stage-s-1"' in page
    assert "Отгружен клиенту" in page
    desk.refusal = "plugin_starting"
    page = (await head.get(HOME)).text
    assert "Модуль запускается" in page and 'hx-trigger="every 2s"' in page
    wrong = await head.post(HOME, {**form, "warehouse": "gone", "send_on": "gone"}, htmx=False)
    assert wrong.status_code == 422
    assert "assembling-complete" in wrong.text


async def test_the_list_finds_what_is_at_an_operator_and_what_needs_people(door: WebHouse) -> None:
    head = await door.browser("head")
    numbers = [await placed(head, typed(("", "Зонт", "2", "1000"), **PERSON)) for _ in range(3)]
    assert "Склад оператора" not in (await head.get("/orders?all=1")).text
    await operators.keep(door.house.system, Operator(id=uuid7(), plugin="hand", warehouse="main"))
    ((ident,),) = await door.house.rows("SELECT id FROM fulfilment_operator")
    for number in numbers[:2]:
        await head.post(f"/orders/{number}/operator", {"operator": str(ident)})
    core = plugin("hand", permissions=("fulfilment.write",))
    await core.fulfilment_report(
        FulfilmentReport(account="main", order_no=str(numbers[0]), ref="r", stage="refused")
    )
    found = (await head.get("/orders?operator=trouble")).text
    assert [f'href="/orders/{number}' in found for number in numbers] == [True, False, False]
    assert "ждёт решения" in found
    found = (await head.get("/orders?operator=there")).text
    assert [f'href="/orders/{number}' in found for number in numbers] == [False, True, False]
