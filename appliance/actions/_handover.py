"""An order that turns out to be another client's: everything sealed on it goes under his key."""

from appliance.actions import _changing, _intake, _order_checks
from appliance.domain.customers import AddressParts
from appliance.domain.orders import CustomerRef
from appliance.errors import Invalid
from appliance.storage import addresses, customers, feed, order_lines, orders, payments, timeline
from appliance.storage.customers import Known
from appliance.storage.orders import Order
from appliance.storage.tx import Tx


async def to_named(tx: Tx, order: Order, ref: CustomerRef) -> Order:
    """Give the order to the client a shop names; the same or an unknown one changes nothing.

    Raises:
        NotFound: `customer_not_found`: out of the actor's reach; an order would show his name.
        Invalid: `customer_not_live`: the client named is blocked or destroyed.
    """
    if ref.number is not None:
        await _order_checks.check_reach(tx, ref.number)
    known = await customers.find_by_ref(tx, order.shop, ref)
    if known is None or known.id == order.customer_id:
        return order
    if known.state != "live":
        raise Invalid("customer_not_live", fields={"customer": "customer_not_live"})
    await customers.ensure_purpose(tx, known, [_intake.contract_of(tx, order.id, order.shop)])
    contact = orders.open_contact(tx, order, name=True, reach=True, comments=True)
    await _seal_remarks_anew(tx, order, known)
    await _seal_address_anew(tx, order, known)
    await timeline.hand_over(tx, order.id, known.id, known.subject_id)
    edit = _changing.Edit(order)
    edit.quietly(
        customer_id=known.id,
        subject_id=known.subject_id,
        **orders.seal_contact(tx, order.id, known.subject_id, contact),
    )
    old = await customers.find_by_id(order.customer_id)
    edit.note(feed.Change(field="customer", old=_named(old), new=_named(known)))
    return await _changing.finish(tx, edit)


def _named(known: Known | None) -> dict[str, object] | None:
    if known is None:
        return None
    return {"id": known.number, "external_id": known.external_id, "site": known.shop}


async def _seal_remarks_anew(tx: Tx, order: Order, known: Known) -> None:
    for line in await order_lines.of_order(order.id):
        if line.comment is not None:
            text = orders.remark_of(tx, "order_line", line.id, order.subject_id, line.comment)
            cell = orders.seal_remark(tx, "order_line", line.id, known.subject_id, text)
            await order_lines.change(line._replace(comment=cell))
    for payment in await payments.of_order(order.id):
        if payment.comment is not None:
            text = orders.remark_of(tx, "payment", payment.id, order.subject_id, payment.comment)
            cell = orders.seal_remark(tx, "payment", payment.id, known.subject_id, text)
            await payments.change(payment._replace(comment=cell))


async def _seal_address_anew(tx: Tx, order: Order, known: Known) -> None:
    parts = await addresses.stored(tx, order.id, order.subject_id)
    if parts is None or parts == AddressParts():
        return
    await addresses.remove(order.id)
    await addresses.set_address(tx, order.id, known.subject_id, "delivery", parts)
