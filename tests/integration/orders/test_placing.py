import asyncio

import pytest

from appliance.actions import orders, references
from appliance.domain.orders import CustomerRef, LineDraft, PaymentDraft
from appliance.domain.references import Shop
from appliance.errors import Conflict, Denied, Invalid
from tests.house_fixture import TestHouse
from tests.integration.orders.drafts import LAMP, draft


async def test_an_order_arrives_with_its_client_lines_and_sums(house: TestHouse) -> None:
    placed = await orders.place(house.shop_key(), draft())
    assert placed.created
    assert placed.number == 1
    rows = await house.rows(
        "SELECT status, goods_total, total, lines_count, summary, from_api FROM orders"
    )
    assert rows == [("new", 270_050, 300_050, 3, "Лампа", True)]
    assert len(await house.rows("SELECT id FROM customer")) == 1
    assert await house.rows("SELECT orders_count, orders_total FROM customer") == [(1, 300_050)]


async def test_the_same_order_fifty_times_at_once_is_one_order(house: TestHouse) -> None:
    key = house.shop_key()
    answers = await asyncio.gather(*(orders.place(key, draft()) for _ in range(50)))
    assert {answer.number for answer in answers} == {1}
    assert sum(answer.created for answer in answers) == 1
    assert len(await house.rows("SELECT id FROM orders")) == 1


async def test_a_strict_repeat_is_refused_and_names_the_known_order(house: TestHouse) -> None:
    await orders.place(house.shop_key(), draft())
    with pytest.raises(Conflict) as refused:
        await orders.place(house.shop_key(), draft(strict=True))
    assert refused.value.code == "order_exists"
    assert refused.value.params["number"] == 1


async def test_an_unknown_offer_id_is_refused_and_leaves_nothing(house: TestHouse) -> None:
    with pytest.raises(Invalid) as refused:
        await orders.place(house.shop_key(), draft(lines=(LAMP, LineDraft(offer_id=9))))
    assert refused.value.code == "offer_unknown"
    assert refused.value.fields == {"items[1].offer.id": "offer_unknown"}
    assert await house.rows("SELECT id FROM orders") == []
    assert await house.rows("SELECT id FROM product") == []


async def test_an_unknown_article_makes_a_product_to_check_once(house: TestHouse) -> None:
    await orders.place(house.shop_key(), draft("1"))
    await orders.place(house.shop_key(), draft("2"))
    rows = await house.rows(
        "SELECT p.name, v.external_id, v.xml_id FROM product p JOIN variant v "
        "ON v.product_id = p.id WHERE p.to_check = {} ORDER BY p.number",
        True,
    )
    assert rows == [
        ("Лампа", "L-1", None),
        ("Шнур", None, "C-1"),
        ("Подарочная упаковка", None, None),
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"status": "nope"}, "status"),
        ({"order_method": "nope"}, "orderMethod"),
        ({"payments": (PaymentDraft(type="nope"),)}, "payments[0].type"),
        ({"shop": "nope"}, "site"),
        ({"shipment_store": "nope"}, "shipmentStore"),
    ],
)
async def test_unknown_codes_are_refused_with_their_field(
    house: TestHouse, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await orders.place(house.actor_for("head"), draft(**changes))
    assert refused.value.code == "code_unknown"
    assert refused.value.fields == {field: "code_unknown"}


async def test_a_phone_with_letters_never_loses_the_order(house: TestHouse) -> None:
    await orders.place(house.shop_key(), draft(phone="восемь 912 да"))
    assert await house.rows("SELECT phone_readable FROM orders") == [(False,)]


async def test_two_spellings_of_a_phone_meet_in_one_client(house: TestHouse) -> None:
    await orders.place(house.shop_key(), draft("1"))
    await orders.place(house.shop_key(), draft("2", phone="+79120001234"))
    assert await house.rows("SELECT orders_count FROM customer") == [(2,)]


async def test_a_role_without_the_right_is_refused_and_the_refusal_is_written_down(
    house: TestHouse,
) -> None:
    with pytest.raises(Denied):
        await orders.place(house.actor_for("storekeeper"), draft())
    assert len(await house.rows("SELECT id FROM audit_outbox")) == 1


async def test_an_unknown_client_id_of_the_shop_never_loses_the_order(house: TestHouse) -> None:
    key = house.shop_key()
    await orders.place(key, draft("1", customer_ref=CustomerRef(external_id="17")))
    rows = await house.rows("SELECT shop, external_id FROM customer")
    assert rows == [("main", "17")]
    nameless = draft().customer.__class__(external_id="17")
    await orders.place(key, draft("2", customer=nameless))
    await orders.place(key, draft("3", customer_ref=CustomerRef(number=99)))
    assert await house.rows("SELECT orders_count FROM customer") == [(3,)]


async def test_a_buyer_is_kept_for_the_contract_his_order_is(house: TestHouse) -> None:
    placed = await orders.place(house.shop_key(), draft())
    rows = await house.rows("SELECT code, basis, source, document_id FROM purpose")
    assert rows == [("order", "contract", "api:main", placed.order_id)]


async def test_an_order_a_seller_writes_down_is_his(house: TestHouse) -> None:
    seller = house.actor_for("seller")
    placed = await orders.place(seller, draft(None))
    card = await orders.open_card(seller, placed.order_id)
    assert (card.manager_number, card.assigned_by) == (1, "creator")


async def test_the_same_order_of_two_shops_does_not_clash(house: TestHouse) -> None:
    await references.add_shop(house.system, Shop(number=0, code="other", name="Второй"))
    first = await orders.place(house.shop_key(), draft())
    second = await orders.place(house.shop_key("other"), draft(shop="other"))
    assert first.number != second.number and second.created
