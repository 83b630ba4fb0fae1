"""Goods that the base which keeps the books took back from a buyer. Steps of `plugin_books`."""

from typing import Final
from uuid import UUID

from appliance.actions import _booking, _changing, _fulfilment, _plugin_asking
from appliance.domain.shipments import State
from appliance.domain.statuses import CANCEL_GROUP
from appliance.plugin_api.bookkeeping import Entered, GoodsSaid
from appliance.storage import book_entries, order_lines, shipments
from appliance.storage.book_entries import BACK, DISPUTED, BookEntry
from appliance.storage.orders import Order
from appliance.storage.references import Lists
from appliance.storage.shipments import Shipment
from appliance.storage.tx import Tx

RETURNED: Final = "goods-returned"
"""Status of an order all of whose goods came back; a box may have taken it off its list."""
UNFIT: Final = "book_return_unfit"
WITHDRAWN: Final = "book_return_withdrawn"


async def taken_in(
    tx: Tx, lists: Lists, order: Order, said: GoodsSaid, known: BookEntry | None
) -> Entered:
    """A document of goods that came back: the shipment that it takes back whole is cancelled.

    A part of a shipment, or one that the buyer has taken over, is for a person: who knows whether
    the goods can be sold again, and what of the money goes back?
    """
    told = _booking.lines_in_short(said)
    stands = known is not None and known.state != book_entries.WITHDRAWN
    if known is not None and stands:
        if known.said == told:
            return Entered(outcome="same", number=known.object_number)
        await book_entries.turn(tx, known, DISPUTED, told)
        return Entered(outcome="disputed", number=known.object_number, code=UNFIT)
    fitting = await _fitting(order, said)
    await _keep(tx, known, order, said, 0 if fitting is None else fitting.number, told)
    if fitting is None:
        return Entered(outcome="disputed", code=UNFIT)
    counted: frozenset[UUID] = frozenset()
    if said.at is not None:
        counted = await shipments.counted_since(await order_lines.of_order(order.id), said.at)
    order = await _fulfilment.cancel(tx, order, fitting, counted)
    left = [one for one in await shipments.of_order(order.id) if one.state != State.CANCELLED.value]
    has_status = RETURNED in lists.statuses and lists.group_of(RETURNED) == CANCEL_GROUP
    if not left and has_status:
        await _changing.moved(tx, lists, order, RETURNED)
    return Entered(outcome="made", number=fitting.number)


async def withdrawn(tx: Tx, known: BookEntry) -> Entered:
    """The base took its document back: whether the goods went out again, a person says."""
    await book_entries.turn(tx, known, book_entries.WITHDRAWN)
    return Entered(outcome="disputed", number=known.object_number, code=WITHDRAWN)


async def _fitting(order: Order, said: GoodsSaid) -> Shipment | None:
    """The one shipment on its way whose lines are those that came back."""
    sent = [
        one for one in await shipments.of_order(order.id) if one.state == State.DISPATCHED.value
    ]
    if said.lines is None:
        return sent[0] if len(sent) == 1 else None
    wanted = _booking.wanted(said)
    fitting = [one for one in sent if wanted and await shipments.parts(one) == wanted]
    return fitting[0] if len(fitting) == 1 else None


async def _keep(
    tx: Tx, known: BookEntry | None, order: Order, said: GoodsSaid, number: int, told: str
) -> None:
    await book_entries.keep(
        tx,
        known,
        plugin=_plugin_asking.plugin_of(tx),
        key=said.key,
        order_id=order.id,
        kind=BACK,
        number=number,
        made=number > 0,
        said=told,
    )
