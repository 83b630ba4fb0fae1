"""A new order written by hand: what the form answers, what it keeps, what it makes."""

import re
from typing import Any
from uuid import uuid4

import pytest

from appliance.storage.statements import execute
from tests.web_house import Browser, WebHouse, links

PERSON = {"kind": "person", "last_name": "Лугова", "first_name": "Нина", "phone": "8 912 000-77-66"}


def typed(*lines: tuple[str, str, str, str], **words: str) -> dict[str, Any]:
    """Fields of a form; a line is (variant's number or "", name, quantity, price)."""
    keys = [f"k{at}" for at in range(len(lines))]
    return {
        "token": str(uuid4()),
        "kind": "known",
        "shop": "main",
        "delivery": "courier",
        "payment": "cash",
        "line": keys,
        "offer": [one[0] for one in lines],
        "name": [one[1] for one in lines],
        "quantity": [one[2] for one in lines],
        "price": [one[3] for one in lines],
        "line_discount": [""] * len(lines),
        **words,
    }


async def placed(seller: Browser, form: dict[str, Any]) -> int:
    """Save a form and give the number of the order it made."""
    answer = await seller.post("/orders/new", form)
    assert answer.status_code == 204, answer.text[:500]
    return int(answer.headers["hx-redirect"].rpartition("/")[2])


@pytest.mark.checklist(120)
@pytest.mark.checklist(122)
async def test_an_order_by_hand_makes_the_person_and_the_product_in_place(door: WebHouse):
    seller = await door.browser("seller")
    form = typed(("", "Зонт «Ливень»", "2", "1 250,50"), **PERSON, comment="Оставить у двери")
    number = await placed(seller, form)
    card = await seller.get(f"/orders/{number}")
    assert "Лугова Нина" in card.text
    assert "Зонт «Ливень»" in card.text
    assert "2\u202f501,00" in card.text or "2\u00a0501,00" in card.text
    rows = await door.house.rows("SELECT name, to_check FROM product")
    assert [(name, bool(check)) for name, check in rows] == [("Зонт «Ливень»", True)]
    assert [row[0] for row in await door.house.rows("SELECT kind FROM customer")] == ["person"]


@pytest.mark.checklist(122)
async def test_a_new_company_is_made_with_its_inn(door: WebHouse):
    seller = await door.browser("seller")
    company = {"kind": "company", "company": "ООО «Луч»", "inn": "7707083893"}
    await placed(seller, typed(("", "Стол", "1", "900"), **company))
    assert await door.house.rows("SELECT kind FROM customer") == [("company",)]
    wrong = await seller.post(
        "/orders/new", typed(("", "Стол", "1", "900"), **{**company, "inn": "7707083894"})
    )
    assert wrong.status_code == 422
    assert "ИНН не сходится" in wrong.text
    assert 'value="7707083894"' in wrong.text


async def test_the_same_form_sent_twice_makes_one_order(world: WebHouse):
    seller = await world.browser("seller")
    form = typed(("", "Стол", "1", "900"), **PERSON)
    first = await placed(seller, form)
    assert await placed(seller, form) == first
    rows = await world.house.rows("SELECT COUNT(*) FROM orders WHERE summary = 'Стол'")
    assert rows == [(1,)]


@pytest.mark.checklist(121)
async def test_totals_columns_and_tax_are_answered_at_once(door: WebHouse):
    seller = await door.browser("seller")
    await placed(seller, typed(("", "Чайник", "1", "1220"), **PERSON))

    async def dress() -> None:
        await execute("UPDATE variant SET vat_rate = '22', weight_grams = 1450")

    await door.house.write(dress)
    number = (await door.house.rows("SELECT number FROM variant"))[0][0]
    form = typed((str(number), "Чайник", "2", "1220"), cost="300", discount="10 %")
    whole = await seller.post("/orders/new/part", {**form, "do": ""})
    for column in ("Товар", "Свободно", "Вес", "НДС", "Кол-во", "Цена", "Скидка", "Сумма"):
        assert re.search(rf"<th[^>]*>{column}", whole.text), column
    assert "1,45\u00a0кг" in whole.text or "1,45 кг" in whole.text
    sums = await seller.post("/orders/new/sums", form)
    plain = sums.text.replace("\u00a0", " ").replace("\u202f", " ")
    assert "2 496,00 ₽" in plain  # 2 × 1220, less a tenth, and 300 for delivery
    assert "396,00 ₽" in plain  # 22/122 of 2196
    assert "−244,00 ₽" in plain


@pytest.mark.parametrize(
    ("line", "words", "said"),
    [
        (("", "Стол", "-2", "900"), {}, "не должно быть отрицательным"),
        (("", "Стол", "1", "12,5,0,0"), {}, "Сумма не читается"),
        (("", "Стол", "0", "900"), {}, "больше нуля"),
        (("", "Стол", "1", "900"), {"phone": "восемь"}, "Телефон не читается"),
        (("", "Стол", "1", "900"), {"date": "32.13"}, "Дата не читается"),
        (("999999", "Стол", "1", "900"), {}, "Такого товара"),
    ],
)
async def test_bad_input_keeps_what_was_typed_and_says_where(
    door: WebHouse, line: tuple[str, str, str, str], words: dict[str, str], said: str
):
    seller = await door.browser("seller")
    answer = await seller.post("/orders/new", typed(line, **{**PERSON, **words}))
    assert answer.status_code == 422
    assert said in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "Лугова" in answer.text
    assert f'value="{line[3]}"' in answer.text
    assert await door.house.rows("SELECT 1 FROM orders") == []


async def test_an_empty_form_asks_for_a_buyer_and_goods(door: WebHouse):
    seller = await door.browser("seller")
    answer = await seller.post("/orders/new", typed())
    assert answer.status_code == 422
    assert "Не выбран покупатель" in answer.text
    assert "нет ни одного товара" in answer.text


@pytest.mark.checklist(185)
async def test_goods_are_found_by_fragment_sku_barcode_and_in_the_other_layout(world: WebHouse):
    seller = await world.browser("seller")
    rows = await world.house.rows("SELECT sku, name FROM variant ORDER BY number LIMIT 1")
    sku, name = (str(one) for one in rows[0])

    async def mark() -> None:
        await execute("UPDATE variant SET barcode = '4600000000017' WHERE sku = {}", sku)

    await world.house.write(mark)
    for text in (sku, "4600000000017", name[:6]):
        found = await seller.post("/orders/new/goods", {"find": text})
        assert sku in found.text, text
    assert " шт." in found.text  # free stock while choosing
    swapped = await seller.post("/orders/new/goods", {"find": "xfqybr"})
    assert "айник" in swapped.text


@pytest.mark.checklist(40)
async def test_a_repeated_order_begins_with_its_buyer_and_lines(world: WebHouse):
    seller = await world.browser("seller")
    number = links(await seller.get("/orders"), r'data-href="/orders/(\d+)')[0]
    form = await seller.get(f"/orders/new?repeat={number}")
    was = await world.house.rows(
        "SELECT l.name, c.number FROM order_line l JOIN orders o ON o.id = l.order_id "
        "JOIN customer c ON c.id = o.customer_id WHERE o.number = {}",
        int(number),
    )
    for name, client in was:
        assert str(name) in form.text
        assert f'name="client" value="{client}"' in form.text


async def test_a_seller_does_not_repeat_an_order_that_is_not_his(world: WebHouse):
    rival = await world.browser("rival")
    number = links(await rival.get("/orders"), r'data-href="/orders/(\d+)')[0]
    seller = await world.browser("seller")
    assert (await seller.get(f"/orders/new?repeat={number}")).status_code == 404


async def test_a_storekeeper_writes_no_orders(world: WebHouse):
    keeper = await world.browser("storekeeper")
    assert (await keeper.get("/orders/new")).status_code == 403
    assert (await keeper.post("/orders/new", typed(("", "Стол", "1", "9")))).status_code in {
        403,
        422,
    }
    assert "/orders/new" not in (await keeper.get("/orders")).text
