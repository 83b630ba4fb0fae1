"""Steps of an order's card: lines, delivery, money, shipments, and who sees what."""

import re

import pytest

from appliance.actions import accounts, payments
from appliance.domain.orders import PaymentDraft
from appliance.storage.statements import execute
from tests.integration.web.test_order_form import PERSON, placed, typed
from tests.sent_forms import form_of
from tests.web_house import Browser, WebHouse


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


async def begun(door: WebHouse, name: str = "head") -> tuple[Browser, int]:
    """An order of two umbrellas at 1000 and its line's number."""
    who = await door.browser(name)
    return who, await placed(who, typed(("", "Зонт", "2", "1000"), **PERSON))


async def line_of(door: WebHouse) -> str:
    return str((await door.house.rows("SELECT number FROM order_line ORDER BY number"))[0][0])


async def figures(door: WebHouse) -> tuple[object, ...]:
    return (await door.house.rows("SELECT total, paid_total FROM orders"))[0]


@pytest.mark.checklist(113)
async def test_a_line_is_changed_and_added_on_the_card_and_the_totals_follow(door: WebHouse):
    head, number = await begun(door)
    line = await line_of(door)
    page = await head.get(f"/orders/{number}")
    assert 'aria-keyshortcuts="P"' in page.text
    changed = await head.post(
        f"/orders/{number}/line", {"line": line, "quantity": "3", "version": "1"}
    )
    assert changed.status_code == 200
    assert "3 000,00" in plain(changed.text)
    added = await head.post(
        f"/orders/{number}/line", {"do": "add", "add": "", "add_name": "Чехол", "add_price": "250"}
    )
    assert "3 250,00" in plain(added.text)
    dropped = await head.post(f"/orders/{number}/line", {"do": "drop", "line": line})
    assert "250,00" in plain(dropped.text)
    assert await figures(door) == (25_000, 0)


async def test_two_people_on_one_order_are_asked_only_where_both_changed_a_field(door: WebHouse):
    head, number = await begun(door)
    line = await line_of(door)
    home, card = f"/orders/{number}", (await head.get(f"/orders/{number}")).text
    await head.post(f"{home}/line", {"line": line, "quantity": "3", "version": "1"})
    late = await head.post(f"{home}/line", {"line": line, "quantity": "9", "version": "1"})
    assert late.status_code == 409
    rows = re.findall("<t[hd][^>]*>([^<]*)</t[hd]>", late.text[late.text.index("<tbody>") :])
    assert rows == ["Количество", "2", "3", "9"]
    assert await figures(door) == (300_000, 0)
    mine = form_of(late.text, "clash-form")
    assert (await head.post(f"{home}/line", mine)).status_code == 200
    assert await figures(door) == (900_000, 0)

    price = await head.post(f"{home}/line", {"line": line, "price": "500", "version": "1"})
    assert price.status_code == 200  # nobody else touched the price
    assert await figures(door) == (450_000, 0)
    moved = await head.post(f"{home}/status", {"status": "clarify", "version": "1"})
    assert moved.status_code == 200

    window = form_of(card[card.index('id="w-remarks"') : card.index('id="remarks-problem"')], "")
    assert set(window) > {"customer_comment", "manager_comment", "version"}
    first, second = (
        {**window, "manager_comment": "Первый"},
        {**window, "customer_comment": "Звонить"},
    )
    assert (await head.post(f"{home}/remarks", first)).status_code == 200
    assert (await head.post(f"{home}/remarks", second)).status_code == 200
    again = (await head.get(home)).text
    assert "Первый" in again and "Звонить" in again


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"quantity": "-1"}, "не должно быть отрицательным"),
        ({"quantity": "0"}, "больше нуля"),
        ({"price": "1,0,0,0"}, "Сумма не читается"),
        ({"discount": "150"}, "больше 100 %"),
    ],
)
async def test_a_wrong_number_is_told_beside_the_lines(
    door: WebHouse, sent: dict[str, str], said: str
):
    head, number = await begun(door)
    answer = await head.post(f"/orders/{number}/line", {"line": await line_of(door), **sent})
    assert answer.status_code == 422
    assert answer.headers["hx-retarget"] == "#lines-problem"
    assert said in plain(answer.text)
    assert await figures(door) == (200_000, 0)


@pytest.mark.checklist(115)
async def test_another_way_of_delivery_costs_its_own_and_flags_the_old_request(
    door: WebHouse,
):
    head, number = await begun(door)

    async def scene() -> None:
        await execute(
            "UPDATE reference SET extra = '{\"defaultCost\": 350.5}' "
            "WHERE kind = 'delivery-types' AND code = 'ems'"
        )
        await execute("UPDATE orders SET delivery_request = 'made'")
        await execute("UPDATE setting SET value = '\"changed\"' WHERE key = 'references.stamp'")

    await door.house.write(scene)
    card = await head.post(
        f"/orders/{number}/delivery", {"delivery": "ems", "cost": "", "track": ""}
    )
    assert card.status_code == 200
    assert "заявка устарела" in card.text
    assert await figures(door) == (235_050, 0)


@pytest.mark.checklist(19)
async def test_an_address_changed_by_hand_stands_in_the_history(door: WebHouse):
    head, number = await begun(door)
    card = await head.post(
        f"/orders/{number}/delivery",
        {"delivery": "courier", "address": "Тверь, Садовая, 5", "track": ""},
    )
    assert "Тверь, Садовая, 5" in card.text
    assert "Адрес" in card.text
    assert "Егор Начальник" in card.text


@pytest.mark.checklist(123)
@pytest.mark.checklist(9)
async def test_paid_settles_the_waiting_payment_and_an_edit_leaves_the_rest_to_pay(door: WebHouse):
    head, number = await begun(door)
    page = await head.get(f"/orders/{number}")
    for way in ("Наличные", "Внутренний счёт", "Банковский перевод"):
        assert way in page.text
    card = await head.post(f"/orders/{number}/pay", {"type": "cash", "amount": "2000"})
    assert await door.house.rows("SELECT status, amount FROM payment") == [("paid", 200_000)]
    assert "оплачен" in card.text
    more = await head.post(f"/orders/{number}/line", {"line": await line_of(door), "quantity": "3"})
    assert "к оплате 1 000 ₽" in plain(more.text)
    less = await head.post(f"/orders/{number}/line", {"line": await line_of(door), "quantity": "1"})
    assert "к возврату 1 000 ₽" in plain(less.text)
    pay = (await door.house.rows("SELECT number FROM payment"))[0][0]
    back = await head.post(f"/orders/{number}/refund", {"payment": str(pay), "amount": "1000"})
    assert "к возврату" not in plain(back.text)
    assert await figures(door) == (100_000, 100_000)
    again = await head.post(f"/orders/{number}/refund", {"payment": str(pay), "amount": "1500"})
    assert again.status_code == 422
    assert "не больше, чем осталось" in again.text


@pytest.mark.checklist(8)
async def test_a_payer_shows_after_the_payment_and_only_the_end_of_his_card(door: WebHouse):
    head, number = await begun(door)
    card = await head.post(
        f"/orders/{number}/pay",
        {
            "type": "bank-transfer",
            "payer_name": "ООО «Щедрость»",
            "payer_inn": "7707083893",
            "payer_card": "4276 1111 2222 9012",
        },
    )
    assert "ООО «Щедрость»" in card.text
    assert "•••• 9012" in card.text
    assert "1111 2222" not in card.text and "42761111" not in card.text
    keeper = await door.browser("storekeeper")
    assert "7707083893" not in (await keeper.get(f"/orders/{number}")).text


async def test_the_internal_account_pays_only_what_lies_on_it(door: WebHouse):
    head, number = await begun(door)
    short = await head.post(f"/orders/{number}/pay", {"type": "internal-account"})
    assert short.status_code == 422
    assert "не хватает денег" in short.text
    who = door.house.actor_for("head")
    client = int(str((await door.house.rows("SELECT number FROM customer"))[0][0]))
    assert await accounts.top_up(who, client, 250_000) == 250_000
    await head.post(f"/orders/{number}/pay", {"type": "internal-account"})
    assert await figures(door) == (200_000, 200_000)
    found = await accounts.ledger(who, client)
    assert [(one.kind, one.amount, one.balance) for one in found.entries] == [
        ("spend", -200_000, 50_000),
        ("top_up", 250_000, 250_000),
    ]


@pytest.mark.checklist(124)
async def test_a_shipment_is_made_sent_and_handed_over_from_the_card(door: WebHouse):
    head, number = await begun(door)
    line = await line_of(door)
    form = {"ship_line": line, "ship_quantity": "1", "cost": "300", "track": "RA123", "send": "1"}
    card = await head.post(f"/orders/{number}/ship", form)
    assert "RA123" in card.text
    assert "в пути" in card.text
    assert "частично" in card.text
    sent = (await door.house.rows("SELECT number FROM shipment"))[0][0]
    done = await head.post(f"/orders/{number}/shipments/{sent}/deliver")
    assert "вручена" in done.text
    too_much = await head.post(f"/orders/{number}/ship", {**form, "ship_quantity": "5"})
    assert too_much.status_code == 422
    assert "Столько отгрузить нельзя" in too_much.text


@pytest.mark.checklist(114)
async def test_a_discount_by_hand_needs_a_reason_and_ends_at_the_limit_of_the_role(door: WebHouse):
    seller, number = await begun(door, "seller")
    bare = await seller.post(f"/orders/{number}/terms", {"discount": "5 %", "reason": ""})
    assert "почему скидка" in bare.text
    much = await seller.post(f"/orders/{number}/terms", {"discount": "20 %", "reason": "друг"})
    assert "не больше 10 %" in plain(much.text)
    fine = await seller.post(
        f"/orders/{number}/terms", {"discount": "5 %", "reason": "брак упаковки"}
    )
    assert fine.status_code == 200
    assert "брак упаковки" in fine.text
    assert await figures(door) == (190_000, 0)
    head = await door.browser("head")
    assert (
        await head.post(f"/orders/{number}/terms", {"discount": "20 %", "reason": "друг"})
    ).status_code == 200


@pytest.mark.checklist(18)
async def test_what_the_buyer_said_is_on_top_of_the_card(door: WebHouse):
    head = await door.browser("head")
    form = typed(("", "Зонт", "1", "100"), **PERSON, comment="Позвонить за час")
    page = await head.get(f"/orders/{await placed(head, form)}")
    assert page.text.index("Позвонить за час") < page.text.index('id="h-lines"')


@pytest.mark.checklist(93)
async def test_the_card_has_its_five_blocks(door: WebHouse):
    head, number = await begun(door)
    page = await head.get(f"/orders/{number}")
    for block in ("Состав", "Доставка", "Оплата", "Склад", "Менеджер"):
        assert re.search(rf">{block}<", page.text), block
    assert "Лугова Нина" in page.text


@pytest.mark.checklist(183)
async def test_a_seller_finds_no_margin_in_the_page(door: WebHouse):
    seller, number = await begun(door, "seller")
    assert "Маржа" not in (await seller.get(f"/orders/{number}")).text
    head = await door.browser("head")
    assert "Маржа" in (await head.get(f"/orders/{number}")).text


async def test_a_storekeeper_edits_and_pays_nothing(door: WebHouse):
    _, number = await begun(door)
    keeper = await door.browser("storekeeper")
    page = await keeper.get(f"/orders/{number}")
    assert "w-pay" not in page.text
    assert "w-delivery" not in page.text
    assert (await keeper.post(f"/orders/{number}/pay", {"type": "cash"})).status_code == 403


@pytest.mark.checklist(99)
async def test_the_filter_of_invoiced_and_not_shipped_gives_exactly_such_orders(door: WebHouse):
    head, number = await begun(door)
    other = await placed(head, typed(("", "Стол", "1", "500"), **PERSON))
    payment = (await door.house.rows("SELECT number FROM payment ORDER BY number"))[0][0]
    await payments.edit(
        door.house.actor_for("head"),
        payments.PaymentSelector(number=int(str(payment))),
        PaymentDraft(status="invoice"),
    )
    page = await head.get("/orders?pay=invoiced")
    assert f'data-href="/orders/{number}?' in page.text
    assert f'data-href="/orders/{other}?' not in page.text
    await head.post(f"/orders/{number}/ship", {"send": "1"})
    assert f'data-href="/orders/{number}?' not in (await head.get("/orders?pay=invoiced")).text


async def test_a_forbidden_move_says_what_is_missing(door: WebHouse):
    head, number = await begun(door)

    async def ask_for_more() -> None:
        await execute(
            'UPDATE order_status SET needs = \'["manager","paid"]\' '
            "WHERE code = 'client-confirmed'"
        )
        await execute("UPDATE setting SET value = '\"more\"' WHERE key = 'references.stamp'")

    await door.house.write(ask_for_more)
    answer = await head.post(f"/orders/{number}/status", {"status": "client-confirmed"})
    assert answer.status_code == 422
    assert "получить оплату полностью" in answer.text


@pytest.mark.checklist(114)
async def test_coupons_are_kept_on_a_page_of_their_own(door: WebHouse):
    head = await door.browser("head")
    form = {"code": "лето", "value": "7 %", "until": "31.12.2026", "uses": "3"}
    assert (await head.post("/orders/coupons", form)).status_code == 204
    page = await head.get("/orders/coupons")
    assert "ЛЕТО" in page.text
    wrong = await head.post("/orders/coupons", {**form, "value": "170 %", "from": "1.1.2027"})
    assert wrong.status_code == 422
    assert "не больше 100 %" in plain(wrong.text)
    assert "Последний день раньше первого" in wrong.text
    order = typed(("", "Зонт", "1", "1000"), **PERSON, coupon="лето")
    number = await placed(head, order)
    assert "930,00" in plain((await head.get(f"/orders/{number}")).text)
    expired = await head.post(
        "/orders/new", typed(("", "Зонт", "1", "10"), **PERSON, coupon="ЗИМА")
    )
    assert expired.status_code == 422
    assert "Такого купона нет" in expired.text
    seller = await door.browser("seller")
    assert (await seller.get("/orders/coupons")).status_code == 403


async def test_a_status_is_renamed_and_recoloured_only_by_right_and_from_the_tested_looks(
    door: WebHouse,
):
    head = await door.browser("head")
    form = {
        "code": "clarify",
        "name": "Уточняем",
        "group": "approval",
        "look": "ok.check",
        "move": ["client-confirmed"],
        "next": "client-confirmed",
    }
    assert (await head.post("/orders/statuses", form)).status_code == 204
    page = await head.get("/orders/statuses?code=clarify")
    assert "Уточняем" in page.text
    rows = await door.house.rows(
        "SELECT tone, shape, moves FROM order_status WHERE code = 'clarify'"
    )
    assert rows == [("ok", "check", '["client-confirmed"]')]
    await head.post("/orders/statuses", {**form, "look": "pink.star"})
    rows = await door.house.rows("SELECT tone FROM order_status WHERE code = 'clarify'")
    assert rows == [("grey",)]
    seller = await door.browser("seller")
    assert (await seller.get("/orders/statuses")).status_code == 403
    assert (await seller.post("/orders/statuses", form)).status_code == 403
