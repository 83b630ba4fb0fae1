"""Two sellers, one piece: one order has it, the other one says how much it lacks."""

import asyncio

from appliance.actions import order_forms, orders
from appliance.domain.customers import CustomerDraft
from appliance.domain.ids import uuid7
from appliance.domain.orders import LineDraft, OrderContact, OrderDraft
from appliance.domain.personal import Personal
from tests.house_fixture import TestHouse
from tests.integration.orders.test_stock import stocked


def _draft(name: str) -> OrderDraft:
    return OrderDraft(
        shop="main",
        customer=CustomerDraft(last_name=Personal(name)),
        contact=Personal(OrderContact(last_name=name)),
        lines=(LineDraft(offer_external_id="L-1", quantity_milli=1000, price=120_000),),
    )


async def test_two_sellers_cannot_sell_the_last_piece(house: TestHouse) -> None:
    await stocked(house, 1000)
    sellers = (house.actor_for("seller"), house.actor_for("rival"))
    placed = await asyncio.gather(
        *(
            order_forms.save(actor, uuid7(), _draft(name))
            for actor, name in zip(sellers, ("Лугова", "Соснин"), strict=True)
        )
    )
    assert await house.rows("SELECT on_hand_milli, reserved_milli FROM stock") == [(1000, 1000)]
    head = house.actor_for("head")
    lines = [(await orders.open_card(head, one.order_id)).lines[0] for one in placed]
    held = sorted(one.reserved_milli is not None for one in lines)
    assert held == [False, True]
    assert {one.free_milli for one in lines} == {0}
