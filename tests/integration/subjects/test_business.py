"""The firm goes on: orders of the blocked and of the destroyed move and are paid."""

from uuid import UUID

import pytest

from appliance.actions import calls, orders, payments
from appliance.domain.calls import CallReport
from appliance.domain.orders import CustomerRef, OrderFilter, OrderSelector, PaymentDraft
from appliance.domain.personal import Personal
from appliance.storage.statements import execute
from tests.house_fixture import TestHouse
from tests.integration.orders.drafts import draft as order_draft
from tests.integration.subjects.scene import (
    NAME,
    PHONE,
    Machine,
    agreed,
    asked,
    destroyer,
    somebody,
)

pytestmark = pytest.mark.parametrize("house", ["sqlite"], indirect=True)


async def _goes_on(house: TestHouse, order_id: UUID, status: str) -> None:
    """A status, a payment, the feed of a shop's module, a list: none stumbles over the person."""
    head, key = house.actor_for("head"), house.shop_key()
    await orders.set_status(head, order_id, status)
    which = OrderSelector(external_id="zab-1", shop="main")
    await payments.create(key, which, PaymentDraft(type="cash", amount=100))
    told = [
        repr(await orders.history(key, orders.FeedFilter())),
        repr(await orders.browse(head, OrderFilter())),
    ]
    assert not any(NAME in text for text in told)


async def test_orders_of_the_blocked_and_destroyed_move_and_are_paid(house: TestHouse) -> None:
    person = await somebody(house)
    placed = await orders.place(
        house.shop_key(), order_draft("zab-1", customer_ref=CustomerRef(number=person.number))
    )
    view = await asked(house, person)
    await _goes_on(house, placed.order_id, "client-confirmed")
    await agreed(house, view.number)
    machine = Machine()
    await machine.run(house, 72)
    await destroyer(house, machine).tick()
    await _goes_on(house, placed.order_id, "prepayed")


async def test_who_orders_or_calls_again_is_somebody_new(house: TestHouse) -> None:
    person = await somebody(house)
    await asked(house, person)
    again = await orders.place(
        house.shop_key(),
        order_draft("zab-2", phone=PHONE, customer_ref=CustomerRef(number=person.number)),
    )
    rows = await house.rows("SELECT customer_id FROM orders WHERE id = {}", again.order_id)
    assert rows[0][0] != person.id
    await house.write(lambda: execute("DELETE FROM contact WHERE customer_id = {}", rows[0][0]))
    await calls.report(
        house.system, CallReport(provider_id="z", user_number=1, phone=Personal(PHONE), line="")
    )
    assert await house.rows("SELECT customer_id FROM call") == [(None,)]
