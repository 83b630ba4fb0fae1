"""A bank's statement: what finds its order by itself, what waits for a person, the way back."""

import asyncio
import io
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from appliance.actions import bank_statements, bank_steps, orders, payments
from appliance.domain import bank_files
from appliance.domain.customers import CustomerDraft, CustomerKind, RequisitesParts
from appliance.domain.orders import OrderSelector, PaymentDraft
from appliance.domain.papers import PaperKind
from appliance.domain.personal import Personal
from appliance.domain.reconciling import BankWords, Receipt
from appliance.errors import Conflict, Denied
from appliance.jobs.statements import Reconciler
from tests.house_fixture import START, TestHouse
from tests.integration.money.files import document, statement
from tests.integration.papers.scene import ZONE, entity, order, printed
from tests.web_house import WebHouse

WHOLE = 274_000
BUYER = "7736207543"


async def uploaded(door: WebHouse, file: bytes, who: str = "accountant") -> str:
    """Upload a file; the page that answers."""
    browser = await door.browser(who)
    answer = await browser.http.post(
        "/money/bank",
        data={"csrf": browser.csrf},
        files={"file": ("kl_to_1c.txt", file, "text/plain")},
        headers={"origin": "https://korobka.test", "sec-fetch-site": "same-origin"},
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def run(house: TestHouse) -> None:
    """Let the house write down what waits."""
    await Reconciler(house.system, ZoneInfo("Europe/Moscow")).run()


async def paid(house: TestHouse) -> dict[str, int]:
    rows = await house.rows("SELECT external_id, paid_total FROM orders ORDER BY number")
    return {str(name): int(str(amount)) for name, amount in rows}


async def payments_of(house: TestHouse, number: int) -> Sequence[Any]:
    who = house.actor_for("accountant")
    return (await orders.find_by(who, [OrderSelector(number=number)]))[0].payments


@pytest.mark.checklist(8)
async def test_a_statement_pays_the_bills_it_names_once_and_can_be_taken_back(
    door: WebHouse,
) -> None:
    house = door.house
    await entity(house)
    company = CustomerDraft(
        kind=CustomerKind.COMPANY,
        company_name=Personal("ООО «Выдуманный покупатель»"),
        requisites=Personal(
            RequisitesParts(
                contragent_type="legal-entity", inn=BUYER, legal_name="ООО «Выдуманный»"
            )
        ),
    )
    made = {name: await order(house, name) for name in ("bill", "part", "over", "late", "alone")}
    made["payer"] = await order(house, "payer", customer=company)
    for name in ("bill", "part", "over", "late"):  # numbered ТД-1 … ТД-4
        await printed(house, made[name].number, PaperKind.INVOICE, "accountant")
    head = house.actor_for("head")
    await orders.set_status(head, made["late"].order_id, "cancel-other")
    file = statement(
        [
            document("1", "2740.00", "Оплата по счёту ТД-1 от 01.02.2026, НДС 22 %"),
            document("2", "1000.00", "Частичная оплата сч. № тд-2"),
            document("3", "3000.00", "По счету N ТД-3 от 01.02.2026", inn="0"),
            document("4", "2740.00", "Оплата счета ТД-4"),
            document("5", "2740.00", "Оплата за товар"),  # the payer's INN and the exact sum
            document("6", "2740.00", "За лампы", inn="0", payer="Сухова Анна", account="408178"),
            document("7", "1.00", "Комиссия", to="30101810400000000225"),
            document("8", "12,3,4", "Оплата по счёту ТД-1"),
        ]
    )
    place = await uploaded(door, file)
    browser = await door.browser("accountant")
    page = await browser.get(place)
    assert page.status_code == 200
    for said in (
        "К проведению",
        "по номеру счёта",
        "по ИНН плательщика и сумме",
        "сумма документа",
    ):
        assert said in page.text, said
    assert await paid(house) == dict.fromkeys(("bill", "part", "over", "late", "alone", "payer"), 0)
    await browser.post(f"{place}/start", htmx=False)
    await run(house)
    assert await paid(house) == {
        "bill": WHOLE, "part": 100_000, "over": 300_000, "late": WHOLE, "alone": 0, "payer": WHOLE,
    }  # fmt: skip
    one = (await payments_of(house, made["bill"].number))[0]
    payer = one.payer.reveal()
    assert (payer.name, payer.inn, payer.reference) == ("ООО «Выдуманный покупатель»", BUYER, "1")
    card = (await browser.get(f"/orders/{made['bill'].number}")).text
    assert "ООО «Выдуманный покупатель»" in card
    told = (await browser.get("/tasks")).text
    for said in (
        f"Заказ № {made['part'].number} оплачен не полностью",
        f"Переплата по заказу № {made['over'].number}",
        f"Деньги по отменённому заказу № {made['late'].number}",
    ):
        assert told.count(said) == 1, said
    assert told.count("data-href") == 3
    # A sum alone is proposed, and pays nothing until a person says so.
    desk = (await browser.get("/money/bank")).text
    assert "Сухова Анна" in desk
    assert f"№ {made['alone'].number}" in desk
    # The same file again, and the same documents in another encoding: nothing new.
    for encoding in ("cp1251", "utf-8-sig", "cp866"):
        again = file.decode("cp1251").encode(encoding, "replace")
        page = await browser.get(await uploaded(door, again))
        assert "Ничего нового" in page.text
    # What somebody gave back since stays when the statement is taken back.
    refunded = (await payments_of(house, made["payer"].number))[0]
    await payments.refund(house.actor_for("accountant"), refunded.id, amount=1000)
    await browser.post(f"{place}/undo", htmx=False)
    await run(house)
    assert await paid(house) == {
        "bill": 0, "part": 0, "over": 0, "late": 0, "alone": 0, "payer": WHOLE - 1000,
    }  # fmt: skip
    # Taken back, the file can come again, but what was kept is known.
    page = await browser.get(await uploaded(door, file))
    assert "Уже были загружены" in page.text


async def test_a_person_says_whose_money_it_is_and_takes_it_back(door: WebHouse) -> None:
    house = door.house
    await entity(house)
    mine, other = await order(house, "mine"), await order(house, "other")
    place = await uploaded(
        door,
        statement([document("6", "2740.00", f"заказ {mine.number}", inn="0", payer="Сухова Анна")]),
    )
    browser = await door.browser("accountant")
    assert "/start" not in (await browser.get(place)).text  # nothing to write down by itself
    rows = await house.rows("SELECT id FROM bank_document")
    receipt = f"/money/bank/receipts/{rows[0][0]}"
    page = (await browser.get(receipt)).text
    assert page.index(f'value="{mine.number}"') < page.index(f'value="{other.number}"')
    assert "номер заказа в назначении" in page
    found = await browser.post(f"{receipt}/find", {"q": str(other.number)}, htmx=False)
    assert found.status_code == 200
    assert f'value="{other.number}"' in found.text
    wrong = await browser.post(f"{receipt}/settle", {"order": "99999"}, htmx=False)
    assert wrong.status_code == 404
    done = await browser.post(f"{receipt}/settle", {"order": str(mine.number)}, htmx=False)
    assert done.status_code == 303
    assert (await paid(house))["mine"] == WHOLE
    assert await house.rows("SELECT words FROM bank_document") == [(None,)]
    twice = await browser.post(f"{receipt}/settle", {"order": str(other.number)}, htmx=False)
    assert twice.status_code == 409
    toast = await browser.get(done.headers["location"])
    assert f"{receipt}/undo" in toast.text
    await browser.post(f"{receipt}/undo", htmx=False)
    assert (await paid(house))["mine"] == 0
    assert "Сухова Анна" in (await browser.get(receipt)).text
    await browser.post(f"{receipt}/aside", htmx=False)
    assert "Сухова Анна" not in (await browser.get("/money/bank")).text
    seller = await door.browser("seller")
    assert (await seller.get("/money/bank")).status_code == 403


async def test_money_written_down_by_hand_before_the_statement_is_not_counted_twice(
    house: TestHouse,
) -> None:
    await entity(house)
    placed = await order(house)
    await printed(house, placed.number, PaperKind.INVOICE, "accountant")
    who = house.actor_for("accountant")
    await payments.receive(who, placed.number, PaymentDraft(type="bank-transfer"))
    number = await upload(house, [document("1", "2740.00", "Оплата счета ТД-1")])
    await bank_statements.start(who, number)
    # Two steps at once, and one more after the end: each receipt is written down once.
    await asyncio.gather(*(bank_steps.step(who, number, ZONE) for _ in range(2)))
    await run(house)
    assert await bank_steps.step(who, number, ZONE) is False
    known = await payments_of(house, placed.number)
    assert [(one.amount, one.payer.reveal().inn) for one in known] == [(WHOLE, BUYER)]
    await bank_statements.undo(who, number)
    await run(house)
    known = await payments_of(house, placed.number)
    assert [(one.amount, one.payer) for one in known] == [(WHOLE, None)]
    with pytest.raises(Denied):
        await bank_statements.begin(house.actor_for("seller"))
    with pytest.raises(Conflict):
        await bank_statements.start(who, number)


def words(one: bank_files.BankDocument) -> BankWords:
    return BankWords(number=one.number, payer=one.payer, inn=one.payer_inn, purpose=one.purpose)


async def upload(house: TestHouse, documents: Sequence[str]) -> int:
    """Hand documents over past the page; the upload's number."""
    who = house.actor_for("accountant")
    number = await bank_statements.begin(who)
    found = bank_files.documents(bank_files.lines_of(io.BytesIO(statement(documents))))
    given = [
        Receipt(position=at, day=one.day or START.date(), amount=one.amount, words=words(one))
        for at, one in enumerate(found)
    ]
    await bank_statements.put(who, number, Personal(given))
    await bank_statements.read_through(who, number, len(given), ())
    return number
