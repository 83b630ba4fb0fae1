"""Where deals and orders meet."""

import pytest

from appliance.actions import deals, orders, payments, shop_orders
from appliance.domain.deals import DealChange, DealLineDraft, OrderMakesDeal
from appliance.domain.orders import OrderSelector, PaymentDraft
from appliance.errors import Conflict, Invalid
from appliance.storage import pipelines
from tests.house_fixture import TestHouse
from tests.integration.deals.scene import CLOTH, SET, TOTAL, deal, stage
from tests.integration.orders.drafts import draft

WHICH = OrderSelector(external_id="1044", shop="main")


async def invoiced(house: TestHouse) -> int:
    """A deal whose invoice was sent; its number."""
    seller = house.actor_for("seller")
    made = await deal(house, lines=(SET, CLOTH))
    fill = DealChange(expected_on=house.clock().date())
    await deals.move(seller, made.number, (await stage(house, "Согласование")).number, fill=fill)
    await deals.move(seller, made.number, (await stage(house, "Счёт отправлен")).number)
    return made.number


async def states(house: TestHouse) -> list[object]:
    return [row[0] for row in await house.rows("SELECT state FROM deal ORDER BY number")]


async def pay(house: TestHouse, amount: int = TOTAL, status: str = "paid") -> None:
    number = (await house.rows("SELECT number FROM orders"))[0][0]
    await payments.create(
        house.actor_for("head"),
        OrderSelector(number=int(str(number))),
        PaymentDraft(type="cash", status=status, amount=amount),
    )


async def put(house: TestHouse, status: str) -> None:
    """Move the only order, as a program may: past the matrix."""
    number = (await house.rows("SELECT number FROM orders"))[0][0]
    await orders.edit(
        house.shop_key(),
        OrderSelector(number=int(str(number))),
        orders.OrderChange(status=status),
    )


@pytest.mark.checklist(98)
async def test_sending_the_invoice_makes_one_order_of_the_deals_goods(house: TestHouse) -> None:
    number = await invoiced(house)
    found = await house.rows(
        "SELECT o.total, o.lines_count, o.manager_id, d.number, d.customer_id = o.customer_id "
        "FROM deal d JOIN orders o ON o.id = d.order_id"
    )
    assert [tuple(row[:2]) for row in found] == [(TOTAL, 2)]
    assert found[0][2] == house.users["seller"]
    assert (found[0][3], bool(found[0][4])) == (number, True)
    assert await house.rows("SELECT count(*) FROM deal") == [(1,)]


@pytest.mark.checklist(98)
async def test_the_order_is_made_once_however_often_it_is_pressed(house: TestHouse) -> None:
    seller = house.actor_for("seller")
    number = await invoiced(house)
    invoice, agree = await stage(house, "Счёт отправлен"), await stage(house, "Согласование")
    again = await deals.move(seller, number, invoice.number, 1)  # the second press of a form
    assert again.order_id is None
    await deals.move(seller, number, agree.number)
    await deals.move(seller, number, invoice.number)
    assert await house.rows("SELECT count(*) FROM orders") == [(1,)]


async def test_an_invoice_for_nothing_is_refused_at_its_field(house: TestHouse) -> None:
    made = await deal(house, amount=100, expected_on=house.clock().date())
    seller = house.actor_for("seller")
    await deals.move(seller, made.number, (await stage(house, "Согласование")).number)
    with pytest.raises(Invalid) as refused:
        await deals.move(seller, made.number, (await stage(house, "Счёт отправлен")).number)
    assert dict(refused.value.fields) == {"lines": "deal_field_missing"}


async def test_goods_that_are_ordered_are_changed_in_the_order_only(house: TestHouse) -> None:
    number = await invoiced(house)
    change = DealChange(lines=(DealLineDraft(name="Поднос", price=1),))
    with pytest.raises(Conflict) as refused:
        await deals.edit(house.actor_for("seller"), number, change)
    assert refused.value.code == "deal_goods_ordered"


@pytest.mark.checklist(21)
@pytest.mark.checklist(119)
@pytest.mark.parametrize("paid_first", [True, False])
async def test_paid_and_delivered_in_either_order_is_won(
    house: TestHouse, paid_first: bool
) -> None:
    await invoiced(house)
    if paid_first:
        await pay(house)
    else:
        await put(house, "complete")
    assert await states(house) == ["open"]  # one mark alone closes nothing
    if paid_first:
        await put(house, "complete")
    else:
        await pay(house)
    assert await states(house) == ["won"]
    won = await stage(house, "Выиграна")
    assert await house.rows("SELECT stage_id, amount FROM deal") == [(won.id, TOTAL)]


@pytest.mark.checklist(21)
async def test_half_the_money_wins_nothing(house: TestHouse) -> None:
    await invoiced(house)
    await put(house, "complete")
    await pay(house, TOTAL - 1)
    assert await states(house) == ["open"]
    await pay(house, 1)
    assert await states(house) == ["won"]


@pytest.mark.checklist(21)
@pytest.mark.parametrize("back", ["money", "goods"])
async def test_a_return_reopens_the_deal_where_it_stood(house: TestHouse, back: str) -> None:
    await invoiced(house)
    await pay(house)
    await put(house, "complete")
    assert await states(house) == ["won"]
    if back == "money":
        await pay(house, -1000, "refunded")
    else:
        await put(house, "goods-returned")
    invoice = await stage(house, "Счёт отправлен")
    rows = await house.rows("SELECT state, stage_id, closed_at FROM deal")
    assert rows == [("open", invoice.id, None)]


async def test_a_deal_with_an_order_is_not_won_or_reopened_by_hand(house: TestHouse) -> None:
    seller = house.actor_for("seller")
    number = await invoiced(house)
    won, invoice = await stage(house, "Выиграна"), await stage(house, "Счёт отправлен")
    with pytest.raises(Invalid) as refused:
        await deals.move(seller, number, won.number)
    assert refused.value.code == "deal_order_open"
    await pay(house)
    await put(house, "complete")
    with pytest.raises(Invalid) as again:
        await deals.move(seller, number, invoice.number)
    assert again.value.code == "deal_order_done"


@pytest.mark.checklist(107)
async def test_an_order_makes_a_deal_where_the_setting_says_so(house: TestHouse) -> None:
    key = house.shop_key()
    await orders.place(key, draft("1"))
    assert await states(house) == []  # none is the default

    async def on() -> None:
        await pipelines.set_order_makes(OrderMakesDeal(pipeline="from-orders"))

    await house.write(on)
    await shop_orders.accept(key, draft())
    await orders.place(key, draft())  # sent again: known already
    rows = await house.rows(
        "SELECT p.code, d.state, d.amount = o.total, o.external_id, d.customer_id = o.customer_id "
        "FROM deal d JOIN pipeline p ON p.id = d.pipeline_id JOIN orders o ON o.id = d.order_id"
    )
    assert [(r[0], r[1], bool(r[2]), r[3], bool(r[4])) for r in rows] == [
        ("from-orders", "open", True, "1044", True)
    ]
    paid = PaymentDraft(type="cash", status="paid")
    await payments.create(key, WHICH, paid)
    await orders.edit(key, WHICH, orders.OrderChange(status="complete"))
    assert await states(house) == ["won"]


@pytest.mark.checklist(107)
async def test_both_funnels_live_side_by_side(house: TestHouse) -> None:
    async def on() -> None:
        await pipelines.set_order_makes(OrderMakesDeal(pipeline="from-orders"))

    await house.write(on)
    await invoiced(house)
    await orders.place(house.shop_key(), draft())
    rows = await house.rows(
        "SELECT p.code, count(*) FROM deal d JOIN pipeline p ON p.id = d.pipeline_id "
        "GROUP BY p.code ORDER BY p.code"
    )
    assert rows == [("from-orders", 1), ("sales", 1)]  # the deal's own order made no second deal
    assert await house.rows("SELECT count(*) FROM orders") == [(2,)]


async def test_the_deal_follows_what_its_order_costs(house: TestHouse) -> None:
    await invoiced(house)
    number = (await house.rows("SELECT number FROM orders"))[0][0]
    await orders.edit(
        house.shop_key(),
        OrderSelector(number=int(str(number))),
        orders.OrderChange(discount_amount=100_000),
    )
    assert await house.rows("SELECT amount FROM deal") == [(TOTAL - 100_000,)]
