"""Shipments: what leaves, what that does to the stock, and where the order goes by itself."""

from typing import Any

import pytest

from appliance.actions import orders, payments, products, shipments
from appliance.domain.orders import LineDraft, OrderChange, OrderSelector, PaymentDraft
from appliance.domain.products import ProductDraft, VariantDraft
from appliance.domain.shipments import ShipmentDraft
from appliance.errors import Conflict, Denied, Invalid
from tests.house_fixture import TestHouse
from tests.integration.orders.drafts import CORD, LAMP, draft

LAMPS = ProductDraft(
    shop="main",
    name="Лампа",
    variants=(VariantDraft(external_id="L-1", name="Лампа", stock={"main": 5000}),),
)


async def scene(house: TestHouse, **changes: Any) -> tuple[int, dict[str, int]]:
    """An order of two lamps (five are there) and a cord; its number and its lines by name."""
    await products.upload(house.shop_key(), [LAMPS])
    placed = await orders.place(house.shop_key(), draft(lines=(LAMP, CORD), **changes))
    rows = await house.rows("SELECT name, number FROM order_line")
    return placed.number, {str(name): int(str(number)) for name, number in rows}


async def stock(house: TestHouse) -> tuple[int, int]:
    rows = await house.rows(
        "SELECT s.on_hand_milli, s.reserved_milli FROM stock s "
        "JOIN variant v ON v.id = s.variant_id WHERE v.external_id = 'L-1'"
    )
    return int(str(rows[0][0])), int(str(rows[0][1]))


async def status(house: TestHouse, number: int) -> str:
    view = (await orders.find_by(house.system, [OrderSelector(number=number)]))[0]
    return view.status.code


@pytest.mark.checklist(124)
async def test_a_part_leaves_first_and_the_stock_follows(house: TestHouse):
    number, lines = await scene(house)
    keeper = house.actor_for("storekeeper")
    assert await stock(house) == (5000, 2000)
    some = ShipmentDraft(lines={lines["Лампа"]: 1000}, cost=25_000, track_number="RU77")
    await shipments.create(keeper, number, some, send=True)
    assert await stock(house) == (4000, 1000)
    view = (await orders.find_by(house.system, [OrderSelector(number=number)]))[0]
    assert (view.shipped, view.delivery.track_number) == (False, "RU77")
    await shipments.create(keeper, number, ShipmentDraft(), send=True)
    assert await stock(house) == (3000, 0)
    view = (await orders.find_by(house.system, [OrderSelector(number=number)]))[0]
    assert view.shipped
    assert [one.shipped_milli for one in view.lines] == [2000, 1000]


@pytest.mark.checklist(15)
async def test_dispatch_by_the_storekeeper_moves_the_order_by_rule(house: TestHouse):
    number, _ = await scene(house)
    await orders.set_status(
        house.actor_for("head"),
        (await orders.find_by(house.system, [OrderSelector(number=number)]))[0].id,
        "client-confirmed",
    )
    await shipments.create(house.actor_for("storekeeper"), number, ShipmentDraft(), send=True)
    assert await status(house, number) == "delivering"
    rows = await house.rows(
        "SELECT source, user_number FROM change_entry WHERE field = 'status' ORDER BY number DESC "
        "LIMIT 1"
    )
    assert rows == [("rule", 0)]


@pytest.mark.checklist(14)
async def test_full_payment_confirms_the_order_by_rule_and_half_of_it_does_not(house: TestHouse):
    number, _ = await scene(house)
    total = (await orders.find_by(house.system, [OrderSelector(number=number)]))[0].total
    head = house.actor_for("head")
    half = PaymentDraft(type="cash", status="paid", amount=total // 2)
    await payments.create(head, OrderSelector(number=number), half)
    assert await status(house, number) == "new"
    rest = PaymentDraft(type="cash", status="paid", amount=total - total // 2)
    await payments.create(head, OrderSelector(number=number), rest)
    assert await status(house, number) == "client-confirmed"
    card = await orders.open_card(
        head, (await orders.find_by(house.system, [OrderSelector(number=number)]))[0].id
    )
    moved = next(one for one in card.history if one.field == "status" and one.old)
    assert (moved.actor_kind, moved.actor_name) == ("rule", "")


@pytest.mark.checklist(21)
@pytest.mark.parametrize("paid_first", [True, False])
async def test_only_both_marks_close_an_order(house: TestHouse, paid_first: bool):
    number, _ = await scene(house)
    head = house.actor_for("head")
    sent = await shipments.create(head, number, ShipmentDraft(), send=True)

    async def pay() -> None:
        await payments.create(
            head, OrderSelector(number=number), PaymentDraft(type="cash", status="paid")
        )

    async def deliver() -> None:
        await shipments.deliver(head, sent)

    first, second = (pay, deliver) if paid_first else (deliver, pay)
    await first()
    assert await status(house, number) != "complete"
    await second()
    assert await status(house, number) == "complete"


async def test_a_cancelled_shipment_brings_its_goods_back_set_aside(house: TestHouse):
    number, _ = await scene(house)
    head = house.actor_for("head")
    sent = await shipments.create(head, number, ShipmentDraft(), send=True)
    await shipments.cancel(head, sent)
    assert await stock(house) == (5000, 2000)
    with pytest.raises(Conflict):
        await shipments.cancel(head, sent)
    with pytest.raises(Conflict):
        await shipments.dispatch(head, sent)


async def test_nothing_goes_twice(house: TestHouse):
    number, lines = await scene(house)
    head = house.actor_for("head")
    await shipments.create(head, number, ShipmentDraft(lines={lines["Лампа"]: 2000}))
    with pytest.raises(Invalid) as refused:
        await shipments.create(head, number, ShipmentDraft(lines={lines["Лампа"]: 1000}))
    assert refused.value.code == "shipment_line_unknown"
    with pytest.raises(Invalid) as refused:
        await shipments.create(head, number, ShipmentDraft(lines={lines["Шнур"]: -1000}))
    assert refused.value.code == "shipment_too_much"


async def test_what_has_left_stays_in_the_order(house: TestHouse):
    number, _ = await scene(house)
    await shipments.create(house.actor_for("head"), number, ShipmentDraft(), send=True)
    with pytest.raises(Invalid) as refused:
        await orders.edit(
            house.actor_for("head"),
            OrderSelector(number=number),
            OrderChange(lines=(LineDraft(offer_external_id="L-1", quantity_milli=1000),)),
        )
    assert refused.value.code == "line_shipped"
    assert await stock(house) == (3000, 0)


async def test_a_cancelled_order_lets_go_only_what_has_not_left(house: TestHouse):
    number, lines = await scene(house)
    head = house.actor_for("head")
    await shipments.create(head, number, ShipmentDraft(lines={lines["Лампа"]: 1000}), send=True)
    view = (await orders.find_by(house.system, [OrderSelector(number=number)]))[0]
    key = house.shop_key()
    await orders.set_status(key, view.id, "cancel-other")
    assert await stock(house) == (4000, 0)
    with pytest.raises(Invalid):
        await shipments.create(head, number, ShipmentDraft(), send=True)


async def test_a_seller_ships_nothing(house: TestHouse):
    number, _ = await scene(house)
    with pytest.raises(Denied):
        await shipments.create(house.actor_for("seller"), number, ShipmentDraft())


@pytest.mark.checklist(183)
async def test_no_program_and_no_seller_sees_what_goods_cost(house: TestHouse):
    number, _ = await scene(house)
    await products.upload(house.shop_key(), [LAMPS])
    selector = [OrderSelector(number=number)]
    for actor in (house.shop_key(), house.actor_for("operator"), house.actor_for("storekeeper")):
        for view in await orders.find_by(actor, selector):
            assert view.purchase_total is None
            assert all(line.purchase_price is None for line in view.lines)
    for name in ("head", "accountant"):
        view = (await orders.find_by(house.actor_for(name), selector))[0]
        assert view.purchase_total is not None
