"""What can be done with shipments of orders."""

from datetime import date
from typing import Any

from appliance.actions import _changing, _fulfilment, _order_checks
from appliance.actions._changing import Edit
from appliance.actions._gate import action
from appliance.domain.orders import OrderSelector
from appliance.domain.shipments import ShipmentDraft
from appliance.errors import Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import orders, references, shipments
from appliance.storage.orders import Order
from appliance.storage.references import Lists
from appliance.storage.shipments import Shipment
from appliance.storage.tx import Tx


@action(Permission.ORDER_SHIP)
async def create(tx: Tx, order_number: int, draft: ShipmentDraft, *, send: bool = False) -> int:
    """Make a shipment of an order's lines and give its number.

    Args:
        tx: of the actor.
        order_number: whose goods.
        draft: which of them, from where and how.
        send: send it off at once («Отгружено»): the goods leave the stock.

    Raises:
        NotFound: `order_not_found`.
        Invalid: `shipment_empty`, `shipment_line_unknown`, `shipment_too_much`, `code_unknown`,
            `stock_short`, `order_closed`.
    """
    lists = await references.lists()
    order = await orders.get(tx, OrderSelector(number=order_number))
    _check(draft, lists)
    made = await shipments.create(
        tx,
        order,
        draft.lines,
        warehouse=lists.warehouse_ids.get(draft.warehouse) if draft.warehouse else None,
        delivery_type=draft.delivery_type or order.delivery_type,
        cost=draft.cost,
        planned_for=draft.planned_for,
        track_number=draft.track_number,
    )
    edit = Edit(order)
    _fulfilment.note(edit, None, made)
    order = await _changing.finish(tx, edit)
    if send:
        await _fulfilment.dispatch(tx, lists, order, made)
    return made.number


def _check(draft: ShipmentDraft, lists: Lists) -> None:
    fields: dict[str, str] = {}
    if draft.warehouse and draft.warehouse not in lists.warehouse_ids:
        fields["warehouse"] = "code_unknown"
    if draft.delivery_type and lists.delivery(draft.delivery_type) is None:
        fields["delivery"] = "code_unknown"
    if not 0 <= draft.cost <= _order_checks.MOST:
        fields["cost"] = "amount_out_of_range"
    _order_checks.refuse(fields)


async def _find(tx: Tx, number: int) -> tuple[Shipment, Order]:
    """A shipment whose order is for the actor.

    Raises:
        NotFound: `shipment_not_found`.
    """
    shipment = await shipments.get(number)
    try:
        return shipment, await orders.get(tx, OrderSelector(id=shipment.order_id))
    except NotFound:
        raise NotFound("shipment_not_found") from None


@action(Permission.ORDER_SHIP)
async def dispatch(tx: Tx, number: int) -> int:
    """Send a shipment off («Отгружено») and give the number of its order.

    Raises:
        NotFound: `shipment_not_found`.
        Conflict: `shipment_changed`.
        Invalid: `stock_short`, `shipment_too_much`, `order_closed`.
    """
    shipment, order = await _find(tx, number)
    await _fulfilment.dispatch(tx, await references.lists(), order, shipment)
    return order.number


@action(Permission.ORDER_SHIP)
async def cancel(tx: Tx, number: int) -> int:
    """Take a shipment back; goods that had left are on the stock again.

    Raises:
        NotFound: `shipment_not_found`.
        Conflict: `shipment_changed`.
    """
    shipment, order = await _find(tx, number)
    await _fulfilment.cancel(tx, order, shipment)
    return order.number


@action(Permission.ORDER_STATUS)
async def deliver(tx: Tx, number: int) -> int:
    """Note that the buyer has a shipment («Вручено»), and give the number of its order.

    Raises:
        NotFound: `shipment_not_found`.
        Conflict: `shipment_changed`.
    """
    shipment, order = await _find(tx, number)
    await _fulfilment.deliver(tx, await references.lists(), order, shipment)
    return order.number


@action(Permission.ORDER_STATUS)
async def deliver_whole(tx: Tx, order_number: int, version: int | None = None) -> None:
    """Note that the buyer has the whole order; shipments of it that are on their way arrive.

    Raises:
        NotFound: `order_not_found`.
        Conflict: `order_changed` since `version`.
    """
    lists = await references.lists()
    order = await orders.get(tx, OrderSelector(number=order_number))
    orders.check_version(order, version)
    await _fulfilment.deliver_whole(tx, lists, order)


@action(Permission.ORDER_SHIP)
async def edit(
    tx: Tx,
    number: int,
    *,
    track_number: str | None = None,
    cost: int | None = None,
    planned_for: date | None = None,
) -> int:
    """Change a shipment's track, cost or day; None leaves alone. Gives the order's number.

    Raises:
        NotFound: `shipment_not_found`.
        Invalid: `amount_out_of_range`.
    """
    shipment, order = await _find(tx, number)
    if cost is not None and not 0 <= cost <= _order_checks.MOST:
        raise Invalid(fields={"cost": "amount_out_of_range"})
    given: dict[str, Any] = {
        name: value
        for name, value in (
            ("track_number", track_number),
            ("cost", cost),
            ("planned_for", planned_for),
        )
        if value is not None
    }
    became = await shipments.change(shipment, **given)
    if became != shipment:
        change = Edit(order)
        _fulfilment.note(change, shipment, became)
        await _changing.finish(tx, change)
    return order.number
