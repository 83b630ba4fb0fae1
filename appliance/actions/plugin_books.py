"""What the base that keeps the books says of an order: its documents become ours, each once."""

from appliance.actions import (
    _booking,
    _changing,
    _coming_back,
    _editing,
    _order_checks,
    _plugin_asking,
)
from appliance.actions._changing import Edit
from appliance.actions._gate import action
from appliance.domain.orders import OrderSelector
from appliance.errors import Conflict, Invalid
from appliance.plugin_api import bookkeeping as wire
from appliance.roles import Permission
from appliance.storage import book_entries, order_lines, orders, references
from appliance.storage.book_entries import BACK, GOODS, MONEY, RETURN, WITHDRAWN, BookEntry
from appliance.storage.orders import Order
from appliance.storage.tx import Tx

KEY = 160
"""Letters of a document's key."""


async def _known(tx: Tx, order: Order, key: str, *kinds: str) -> BookEntry | None:
    """The document, if it was heard before.

    Raises:
        Invalid: `book_key`: empty or too long.
        Conflict: `book_key_taken`: it is another order's, or of another kind.
    """
    if not key or len(key) > KEY:
        raise Invalid("book_key", fields={"key": "book_key"})
    known = await book_entries.find(_plugin_asking.plugin_of(tx), key)
    if known is not None and (known.order_id != order.id or known.kind not in kinds):
        raise Conflict("book_key_taken", f"order {order.number}", number=order.number)
    return known


@action(Permission.ORDER_PAY)
async def money(tx: Tx, said: wire.MoneySaid) -> wire.Entered:
    """Money that a base heard of: a payment is made, found, changed or taken back.

    Raises:
        NotFound: `order_not_found`.
        Invalid: `book_key`, `refund_too_much`, `code_unknown`.
        Conflict: `book_key_taken`.
    """
    lists = await references.lists()
    order = await orders.get(tx, OrderSelector(id=said.order_id))
    known = await _known(tx, order, said.key, MONEY)
    if said.withdrawn:
        if known is None or known.state == WITHDRAWN:
            return wire.Entered(outcome="same")
        return await _booking.money_back(tx, lists, order, known)
    if known is None or known.state == WITHDRAWN:
        return await _booking.money_in(tx, lists, order, said, known)
    return await _booking.money_again(tx, lists, order, said, known)


@action(Permission.ORDER_SHIP)
async def goods(tx: Tx, said: wire.GoodsSaid) -> wire.Entered:
    """Goods that a base sent off or took back in, as our shipments and documents of returns.

    What it says is made, found, changed or taken back, each of its documents once.

    Raises:
        NotFound: `order_not_found`.
        Invalid: `book_key`, `order_closed`, `stock_short`, `shipment_too_much`.
        Conflict: `book_key_taken`, `shipment_changed`.
    """
    lists = await references.lists()
    order = await orders.get(tx, OrderSelector(id=said.order_id))
    known = await _known(tx, order, said.key, *((BACK, RETURN) if said.back else (GOODS,)))
    if said.withdrawn:
        if known is None or known.state == WITHDRAWN:
            return wire.Entered(outcome="same")
        if said.back:
            return await _coming_back.withdrawn(tx, order, known)
        return await _booking.goods_back(tx, order, known)
    if said.back:
        return await _coming_back.taken_in(tx, lists, order, said, known)
    if known is None or known.state == WITHDRAWN:
        return await _booking.goods_out(tx, lists, order, said, known)
    return await _booking.goods_again(tx, lists, order, said, known)


@action(Permission.ORDER_EDIT)
async def lines(tx: Tx, said: wire.LinesSaid) -> wire.Entered:
    """Give an order the lines of the base that leads them.

    What the order as a whole had off is in the sums of the lines then, and off no second time.

    Raises:
        NotFound: `order_not_found`.
        Conflict: `order_changed` since `said.version`.
        Invalid: `line_shipped`, `amount_out_of_range`.
    """
    _plugin_asking.plugin_of(tx)
    lists = await references.lists()
    order = await orders.get(tx, OrderSelector(id=said.order_id))
    orders.check_version(order, said.version)
    change = _booking.composed(order, await order_lines.of_order(order.id), said)
    _order_checks.check_change(change, lists)
    edit = Edit(order)
    await _editing.apply(tx, lists, edit, change)
    if not edit.columns and not edit.changes:
        return wire.Entered(outcome="same")
    await _changing.finish(tx, edit)
    return wire.Entered(outcome="changed", number=edit.value("total"))
