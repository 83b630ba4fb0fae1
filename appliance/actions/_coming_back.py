"""Goods that the base which keeps the books took back from a buyer. Steps of `plugin_books`."""

from typing import Final
from uuid import UUID

from appliance.actions import _booking, _changing, _fulfilment, _plugin_asking, _returns
from appliance.domain.shipments import State
from appliance.domain.statuses import CANCEL_GROUP, Goods, goods_of
from appliance.domain.stockroom import DocumentState
from appliance.plugin_api.bookkeeping import Entered, GoodsSaid
from appliance.storage import (
    book_entries,
    order_lines,
    shipments,
    stock_documents,
    stock_posting,
)
from appliance.storage.book_entries import BACK, DISPUTED, RETURN, BookEntry
from appliance.storage.orders import Order
from appliance.storage.references import Lists
from appliance.storage.shipments import Shipment
from appliance.storage.stock_documents import Document
from appliance.storage.tx import Tx

RETURNED: Final = "goods-returned"
"""Status of an order all of whose goods came back; a box may have taken it off its list."""
UNFIT: Final = "book_return_unfit"
WITHDRAWN: Final = "book_return_withdrawn"


async def taken_in(
    tx: Tx, lists: Lists, order: Order, said: GoodsSaid, known: BookEntry | None
) -> Entered:
    """A document of goods that came back.

    What people took in here already stands for it. A shipment on its way that has just these goods
    is cancelled. A part of a shipment, or goods that the buyer had taken over, are taken in by a
    document of stock. More than the buyer has is for a person.
    """
    if known is not None and known.state != book_entries.WITHDRAWN:
        return await _again(tx, lists, order, said, known)
    ours = await _ours(order, said)
    if ours is not None:
        await _keep(tx, known, order, said, *ours, made=False)
        return Entered(outcome="bound", number=ours[1], is_return=ours[0] == RETURN)
    fitting = await _fitting(order, said)
    if fitting is not None:
        await _keep(tx, known, order, said, BACK, fitting.number, made=True)
        return await _cancelled(tx, lists, order, said, fitting)
    goods = await _goods(lists, order, said)
    if goods is None:
        await _keep(tx, known, order, said, BACK, 0, made=False)
        return Entered(outcome="disputed", code=UNFIT)
    return await _recorded(tx, lists, order, said, known, goods)


async def _again(tx: Tx, lists: Lists, order: Order, said: GoodsSaid, known: BookEntry) -> Entered:
    """A document that was heard before; one that says otherwise is taken in anew."""
    told = _booking.lines_in_short(said)
    is_return = known.kind == RETURN
    if known.said == told and known.object_number:
        return Entered(outcome="same", number=known.object_number, is_return=is_return)
    former = await _made_by(tx, known)
    if former is None and known.object_number == 0:
        goods = await _goods(lists, order, said)  # what fitted nothing may fit by now
        if goods is not None:
            return await _recorded(tx, lists, order, said, known, goods)
        if known.said == told:
            return Entered(outcome="same")
    if former is not None:
        goods = await _goods(lists, order, said, besides=former)
        if goods is not None and (back := await _taken_out(tx, order, former)) is not None:
            made = await _recorded(tx, lists, back, said, known, goods)
            return Entered(outcome="changed", number=made.number, is_return=True)
    await book_entries.turn(tx, known, DISPUTED, told)
    return Entered(outcome="disputed", number=known.object_number, code=UNFIT)


async def _cancelled(
    tx: Tx, lists: Lists, order: Order, said: GoodsSaid, shipment: Shipment
) -> Entered:
    counted: frozenset[UUID] = frozenset()
    if said.at is not None:
        counted = await shipments.counted_since(await order_lines.of_order(order.id), said.at)
    order = await _fulfilment.cancel(tx, order, shipment, counted)
    left = [one for one in await shipments.of_order(order.id) if one.state != State.CANCELLED.value]
    if not left:
        await _all_came(tx, lists, order)
    return Entered(outcome="made", number=shipment.number)


async def _recorded(
    tx: Tx,
    lists: Lists,
    order: Order,
    said: GoodsSaid,
    known: BookEntry | None,
    goods: dict[UUID, int],
) -> Entered:
    document, order = await _returns.take_in(
        tx, lists, order, goods, at=said.at, number=said.number
    )
    await _keep(tx, known, order, said, RETURN, document.number, made=True)
    state = goods_of(lists.group_of(order.status))
    lines = await order_lines.of_order(order.id)
    waits = state is Goods.HELD and any(line.left_milli for line in lines)
    if not waits and not await _returns.still_there(order, await _returns.given(lists, order)):
        await _all_came(tx, lists, order)
    return Entered(outcome="made", number=document.number, is_return=True)


async def _all_came(tx: Tx, lists: Lists, order: Order) -> None:
    """The buyer has nothing of the order any more."""
    has_status = RETURNED in lists.statuses and lists.group_of(RETURNED) == CANCEL_GROUP
    if has_status and lists.group_of(order.status) != CANCEL_GROUP:
        await _changing.moved(tx, lists, order, RETURNED)


async def withdrawn(tx: Tx, order: Order, known: BookEntry) -> Entered:
    """The base took its document back: ours that it made is undone.

    Whether goods of a cancelled shipment or order went out again, a person says.
    """
    former = await _made_by(tx, known)
    await book_entries.turn(tx, known, book_entries.WITHDRAWN)
    if former is not None and order.status != RETURNED and await _taken_out(tx, order, former):
        return Entered(outcome="withdrawn", number=former.number, is_return=True)
    if not known.object_number:
        return Entered(outcome="withdrawn")
    is_return = known.kind == RETURN
    return Entered(
        outcome="disputed", number=known.object_number, code=WITHDRAWN, is_return=is_return
    )


async def _made_by(tx: Tx, known: BookEntry) -> Document | None:
    """The document of stock that this one made, while it stands."""
    if known.kind != RETURN or not known.made:
        return None
    document = await stock_documents.get(tx, known.object_number)
    return document if document.state == DocumentState.POSTED else None


async def _taken_out(tx: Tx, order: Order, document: Document) -> Order | None:
    """Undo a document of stock; None: what it brought is sold by now."""
    if not await stock_posting.can_undo(document):
        return None
    return await _returns.take_out(tx, order, document)


async def _ours(order: Order, said: GoodsSaid) -> tuple[str, int] | None:
    """Kind and number of what people here took in with just these goods, and nobody stands for."""
    if said.lines is None:
        return None
    wanted = _booking.wanted(said)
    taken = await book_entries.taken(order.id, RETURN)
    for one in (await stock_documents.returns_of([order.id])).get(order.id, ()):
        if one.number not in taken and dict(one.lines) == wanted:
            return RETURN, one.number
    taken = await book_entries.taken(order.id, BACK)
    for one in await shipments.of_order(order.id):
        is_back = one.state == State.CANCELLED.value and one.dispatched_at is not None
        if is_back and one.number not in taken and await shipments.parts(one) == wanted:
            return BACK, one.number
    return None


async def _fitting(order: Order, said: GoodsSaid) -> Shipment | None:
    """The one shipment on its way whose lines are those that came back."""
    if await order_lines.returned(order.id):
        return None  # a part of some came back already: what is left of them is in documents
    sent = [
        one for one in await shipments.of_order(order.id) if one.state == State.DISPATCHED.value
    ]
    if said.lines is None:
        return sent[0] if len(sent) == 1 else None
    wanted = _booking.wanted(said)
    fitting = [one for one in sent if wanted and await shipments.parts(one) == wanted]
    return fitting[0] if len(fitting) == 1 else None


async def _goods(
    lists: Lists, order: Order, said: GoodsSaid, *, besides: Document | None = None
) -> dict[UUID, int] | None:
    """Variant → thousandths of what came back; None: the buyer has not so much of it.

    Args:
        lists: of the box.
        order: whose goods.
        said: by the base.
        besides: a document that is to go: what it took in counts as being with the buyer.
    """
    left = await _returns.still_there(order, await _returns.given(lists, order))
    for line in [] if besides is None else await stock_documents.lines_of(besides):
        left[line.variant_id] = left.get(line.variant_id, 0) + line.quantity_milli
    if said.lines is None:
        return left or None
    variants = {line.number: line.variant_id for line in await order_lines.of_order(order.id)}
    found: dict[UUID, int] = {}
    for number, milli in _booking.wanted(said).items():
        variant = variants.get(number)
        if variant is None:
            return None
        found[variant] = found.get(variant, 0) + milli
    fits = all(milli <= left.get(variant, 0) for variant, milli in found.items())
    return found if found and fits else None


async def _keep(
    tx: Tx,
    known: BookEntry | None,
    order: Order,
    said: GoodsSaid,
    kind: str,
    number: int,
    *,
    made: bool,
) -> None:
    await book_entries.keep(
        tx,
        known,
        plugin=_plugin_asking.plugin_of(tx),
        key=said.key,
        order_id=order.id,
        kind=kind,
        number=number,
        made=made,
        said=_booking.lines_in_short(said),
    )
