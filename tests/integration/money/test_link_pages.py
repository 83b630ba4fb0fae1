"""Payment by link on the card and on the buyer's page; payments without a receipt."""

from datetime import timedelta
from typing import Any

import pytest

from appliance.actions import buyers, fiscal, pay_links, payments, references, upkeep
from appliance.domain.access import Origin
from appliance.domain.health import State
from appliance.domain.orders import PaymentDraft
from appliance.domain.references import Reference, ReferenceKind
from appliance.storage.statements import execute, fetch_value
from tests.integration.money.test_links import NAME, known, paid, report
from tests.integration.papers.scene import entity, order
from tests.web_house import WebHouse


class Shelf:
    """Stands for the host's shelf of a box without plugins' files."""

    def lying(self, name: str) -> None:
        return None

    def folder(self, name: str) -> None:
        return None


class Host:
    """A host in which one acquirer runs."""

    shelf = Shelf()
    carriers = type("Carriers", (), {"names": ()})()

    def providing(self, what: str) -> list[str]:
        return [NAME] if what == "payments" else []

    def is_starting(self, name: str) -> bool:
        return name == NAME


@pytest.mark.checklist(9)
@pytest.mark.checklist(117)
async def test_the_card_asks_for_a_link_shows_how_far_it_came_and_the_buyer_can_pay(
    door: WebHouse,
) -> None:
    house = door.house
    await entity(house)
    placed = await order(house)
    core, browser = await known(house), await door.browser("accountant")
    here = f"/orders/{placed.number}/pay-links"
    off = await browser.get(here)
    assert "Нет включённого плагина" in off.text
    assert "Сделать ссылку" not in off.text
    site: Any = door.app.state.site
    object.__setattr__(site, "desk", Host())
    try:
        assert "Оплата по ссылке" in (await browser.get(f"/orders/{placed.number}")).text
        wrong = await browser.post(here, {"amount": "99999"})
        assert wrong.status_code == 422
        assert "не больше того" in wrong.text
        asked = await browser.post(here, {"amount": "2740", "two_stage": "1"})
        assert asked.status_code == 200
        assert "модуль запускается, ссылка появится сама" in asked.text
        made = (await pay_links.of_order(house.actor_for("accountant"), placed.number)).attempts[0]
        assert made.two_stage
        await core.pays.report(
            report(made.id, done="create", state="pending", url="https://pay.example/1")
        )
        window = await browser.get(here)
        assert "https://pay.example/1" in window.text
        assert "ждёт оплаты" in (await browser.get(f"/orders/{placed.number}")).text
        head = await door.browser("head")
        assert "Письмом" in (await head.get(here)).text
        letter = await head.get(f"/letters/order/{placed.number}?template=invoice")
        assert "Оплатить можно здесь:\nhttps://pay.example/1" in letter.text.replace("\r", "")
        again = await browser.post(here, {"amount": "2740"})
        assert again.status_code == 409
        link = await buyers.make_link(house.actor_for("head"), placed.number)
        page = await buyers.page(link.token.reveal(), Origin.LAN)
        assert (page.pay_url, page.pay_amount) == ("https://pay.example/1", 274_000)
        await core.pays.report(report(made.id, state="paid"))
        assert (await buyers.page(link.token.reveal(), Origin.LAN)).pay_url == ""
        assert "оплачена" in (await browser.get(here)).text
        back = await browser.post(f"{here}/{made.id}/refund", {"amount": "740"})
        assert "возврат 740" in back.text.replace("\xa0", " ")
    finally:
        object.__setattr__(site, "desk", None)
    assert await paid(house, placed.number) == (274_000, [274_000])


async def _two_hours_ago() -> None:
    paid_at = await fetch_value("SELECT paid_at FROM payment")
    await execute("UPDATE payment SET paid_at = {}", paid_at - timedelta(hours=2))


async def test_a_payment_without_a_receipt_waits_for_its_number(door: WebHouse) -> None:
    house = door.house
    await entity(house)
    placed = await order(house)
    who, browser = house.actor_for("accountant"), await door.browser("accountant")
    cash = await payments.receive(who, placed.number, PaymentDraft(type="cash"))
    assert "не проверяются" in (await browser.get("/money/receipts")).text
    await browser.post("/money/receipts", {"on": "1", "kind": ["cash"]}, htmx=False)
    assert f"/money/receipts/{cash.number}" in (await browser.get("/money/receipts")).text
    boss = await door.browser("administrator")
    assert "Деньги без чека" not in (await boss.get("/")).text  # a till may be an hour late
    await house.write(_two_hours_ago)  # sessions do not live so long
    assert "Деньги без чека" in (await boss.get("/")).text
    assert 'href="/money/receipts"' in (await browser.get("/")).text
    bare = (await upkeep.look(house.system)).bare
    assert (bare.count, bare.state(house.clock())) == (1, State.WARN)
    assert bare.state(house.clock() + timedelta(hours=23)) is State.BAD
    empty = await browser.post(f"/money/receipts/{cash.number}", {"told": " "}, htmx=False)
    assert empty.status_code == 422
    assert "Впишите номер чека" in empty.text
    await browser.post(f"/money/receipts/{cash.number}", {"told": "ФД 77"}, htmx=False)
    assert "У всех платежей есть чеки" in (await browser.get("/money/receipts")).text
    assert (await fiscal.without(who)).rows == ()
    assert "Деньги без чека" not in (await boss.get("/")).text


@pytest.mark.checklist(123)
async def test_three_ways_to_pay_are_there_a_fourth_is_added_and_paid_makes_a_payment(
    door: WebHouse,
) -> None:
    house = door.house
    placed = await order(house)
    head, browser = house.actor_for("administrator"), await door.browser("accountant")
    known_ways = {
        one.code for one in await references.list_entries(head, ReferenceKind.PAYMENT_TYPE)
    }
    assert {"internal-account", "cash", "invoice"} <= known_ways
    await references.edit_entry(
        head, ReferenceKind.PAYMENT_TYPE, Reference(number=0, code="barter", name="Взаимозачёт")
    )
    card = await browser.get(f"/orders/{placed.number}")
    assert "Взаимозачёт" in card.text
    sent = {"type": "barter", "amount": "2740"}
    done = await browser.post(f"/orders/{placed.number}/pay", sent)
    assert done.status_code == 200
    assert await paid(house, placed.number) == (274_000, [274_000])
