"""Small edits of orders that other tests make."""

from uuid import UUID

from appliance.actions import orders
from appliance.domain.orders import OrderChange, OrderSelector
from appliance.domain.personal import Personal
from tests.house_fixture import TestHouse


async def say(house: TestHouse, order_id: UUID, comment: str) -> None:
    """Write a manager's comment on an order."""
    await orders.edit(
        house.system,
        OrderSelector(id=order_id),
        OrderChange(contact=Personal({"manager_comment": comment})),
    )
