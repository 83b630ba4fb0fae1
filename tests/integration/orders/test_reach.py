"""An order names only clients whom its writer may see: it shows the name of whomever it names."""

from typing import Any

import pytest

from appliance.actions import order_edits, order_forms, orders
from appliance.domain.customers import CustomerDraft
from appliance.domain.ids import uuid7
from appliance.domain.orders import CustomerRef, Placed
from appliance.domain.personal import Personal
from appliance.errors import NotFound
from tests.house_fixture import TestHouse
from tests.integration.clients.people import added, email
from tests.integration.orders.drafts import draft

pytestmark = pytest.mark.checklist(31)


async def _strangers(house: TestHouse) -> int:
    """A client of another seller; his number."""
    named = {"last_name": Personal("Вещунова"), "contacts": (email("vestun@ptica.example"),)}
    return (await added(house, house.actor_for("rival"), **named)).number


async def _mine(house: TestHouse, external_id: str = "R-1") -> Placed:
    mine: dict[str, Any] = {"phone": "", "customer": CustomerDraft(first_name=Personal("Мой"))}
    return await orders.place(house.actor_for("seller"), draft(external_id, **mine))


async def _buyer_of(house: TestHouse, number: int) -> list[Any]:
    return await house.rows(
        "SELECT c.number, o.payer_id FROM orders o JOIN customer c ON c.id = o.customer_id "
        "WHERE o.number = {}",
        number,
    )


async def test_a_sellers_order_is_given_to_nobody_elses_client(house: TestHouse) -> None:
    seller, order = house.actor_for("seller"), await _mine(house)
    before = await _buyer_of(house, order.number)
    for number in (await _strangers(house), 9_999):
        for party in ("buyer", "payer"):
            with pytest.raises(NotFound) as refused:
                await order_edits.parties(seller, order.number, **{party: number})
            assert (refused.value.code, refused.value.params) == ("customer_not_found", {})
    assert await _buyer_of(house, order.number) == before


async def test_a_head_may_give_it_to_anybody(house: TestHouse) -> None:
    stranger, order = await _strangers(house), await _mine(house)
    await order_edits.parties(house.actor_for("head"), order.number, buyer=stranger)
    assert (await _buyer_of(house, order.number))[0][0] == stranger


async def test_an_order_written_by_hand_is_for_no_client_out_of_reach(house: TestHouse) -> None:
    ref = CustomerRef(number=await _strangers(house))
    seller = house.actor_for("seller")
    with pytest.raises(NotFound):
        await order_forms.save(seller, uuid7(), draft(None, phone="", customer_ref=ref))
    with pytest.raises(NotFound):
        await orders.place(seller, draft("R-2", phone="", customer_ref=ref))
    assert not await house.rows("SELECT id FROM orders")
    own = CustomerRef(number=(await added(house, seller)).number)
    await order_forms.save(seller, uuid7(), draft(None, phone="", customer_ref=own))
