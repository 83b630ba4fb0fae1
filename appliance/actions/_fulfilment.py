"""Goods on their way: what a shipment sent off, or taken by the buyer, means for its order."""

from uuid import UUID

from appliance.actions import _changing
from appliance.actions._changing import Edit
from appliance.domain.statuses import Goods, goods_of
from appliance.errors import Conflict, Invalid
from appliance.storage import feed, picking, shipments
from appliance.storage.orders import Order
from appliance.storage.references import Lists
from appliance.storage.shipments import Shipment
from appliance.storage.tx import Tx


def part_of(shipment: Shipment) -> dict[str, object]:
    """The shipment as the change feed keeps it."""
    return {
        "id": shipment.number,
        "type": shipment.delivery_type,
        "status": shipment.state,
        "cost": shipment.cost,
        "track_number": shipment.track_number,
    }


def note(edit: Edit, was: Shipment | None, became: Shipment) -> None:
    """Put a shipment's move into the order's trace."""
    edit.note(
        feed.Change(
            field="shipments.status" if was is not None else "shipments",
            new={"id": became.number, "code": became.state},
            part=part_of(became) | {"was": None if was is None else was.state},
        )
    )


async def dispatch(
    tx: Tx,
    lists: Lists,
    order: Order,
    shipment: Shipment,
    counted: frozenset[UUID] = frozenset(),
) -> Order:
    """Send a shipment off; the order goes «в доставку» by its rule.

    The stock of `counted` variants was counted after they had gone (`shipments.dispatch`).

    Raises:
        Conflict: `shipment_changed`, `order_changed`.
        Invalid: `order_closed`; `stock_short`, `shipment_too_much`.
    """
    if goods_of(lists.group_of(order.status)) is not Goods.HELD:
        raise Invalid("order_closed", number=order.number)
    became, whole = await shipments.dispatch(tx, shipment, counted)
    edit = Edit(order)
    note(edit, shipment, became)
    if whole:
        edit.set("shipped", True, "shipped")
    if became.track_number and not order.track_number:
        field = "integration_delivery_data.track_number"
        edit.set("track_number", became.track_number, field)
    await _changing.follow_rules(tx, lists, edit, gone=True)
    return await _changing.finish(tx, edit)


async def deliver(tx: Tx, lists: Lists, order: Order, shipment: Shipment | None) -> Order:
    """The buyer has a shipment (None: the whole order, which went without any).

    An order is delivered when all of it has gone and nothing of it is still on its way; delivered
    and paid, it is done by its rule.

    Raises:
        Conflict: `shipment_changed`, `order_changed`.
    """
    edit = Edit(order)
    if shipment is not None:
        note(edit, shipment, await shipments.deliver(tx, shipment))
    on_the_way = any(
        one.state in shipments.ON_THE_WAY for one in await shipments.of_order(order.id)
    )
    whole = shipment is None or edit.value("shipped")
    if whole and not on_the_way and order.delivered_at is None:
        edit.quietly(delivered_at=tx.now)
        edit.note(feed.Change(field="delivered_at", new=str(tx.now)))
        await _changing.follow_rules(tx, lists, edit)
    return await _changing.finish(tx, edit)


async def deliver_whole(tx: Tx, lists: Lists, order: Order) -> Order:
    """The buyer has the whole order; shipments of it that are on their way arrive.

    Raises:
        Conflict: `shipment_changed`, `order_changed`.
    """
    for one in await shipments.of_order(order.id):
        if one.state == shipments.State.DISPATCHED.value:
            order = await deliver(tx, lists, order, one)
    return order if order.delivered_at is not None else await deliver(tx, lists, order, None)


async def cancel(
    tx: Tx, order: Order, shipment: Shipment, counted: frozenset[UUID] = frozenset()
) -> Order:
    """Take a shipment back; `counted` as in `shipments.cancel`.

    Raises:
        Conflict: `shipment_changed`, `order_changed`.
    """
    became = await shipments.cancel(tx, shipment, counted)
    edit = Edit(order)
    note(edit, shipment, became)
    if shipment.dispatched_at is not None:
        edit.set("shipped", False, "shipped")
    return await _changing.finish(tx, edit)


async def hand_over(tx: Tx, lists: Lists, order: Order) -> None:
    """Send all of an order off at once, as the warehouse's board does.

    Raises:
        Conflict: `order_changed`.
        Invalid: `order_closed`; `stock_short`.
    """
    made = await shipments.create(
        tx, order, None, warehouse=None, delivery_type=order.delivery_type
    )
    await dispatch(tx, lists, order, made)
    await picking.note(order.id, handed_at=tx.now)


async def bring_back(tx: Tx, lists: Lists, order: Order, status: str) -> None:
    """Have what was sent off on the stock again, and the order in a status.

    Raises:
        Conflict: `order_changed`: nothing of it is on its way.
    """
    sent = [
        one
        for one in await shipments.of_order(order.id)
        if one.state == shipments.State.DISPATCHED.value
    ]
    if not sent:
        raise Conflict("order_changed", number=order.number)
    for one in sent:
        order = await cancel(tx, order, one)
    await _changing.moved(tx, lists, order, status)
