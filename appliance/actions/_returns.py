"""Goods that come back from a buyer by a document: how much he has, and what tells of it."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from appliance.actions import _changing, _intake
from appliance.actions._changing import Edit
from appliance.domain.statuses import Goods, goods_of
from appliance.domain.stockroom import DocumentDraft, DocumentKind, DocumentState
from appliance.storage import feed, order_lines, shipments, stock_documents, stock_posting
from appliance.storage.order_lines import Line
from appliance.storage.orders import Order
from appliance.storage.references import Lists
from appliance.storage.stock_documents import Document
from appliance.storage.tx import Tx


async def given(lists: Lists, order: Order) -> dict[UUID, int]:
    """What the buyer has or had in his hands: variant → thousandths, documents left aside.

    Goods that left by the order's status come back by its status, too; what a shipment took away
    comes back by a document, or with the shipment.
    """
    is_issued = goods_of(lists.group_of(order.status)) is Goods.ISSUED
    found: dict[UUID, int] = {}
    for line in await order_lines.of_order(order.id):
        milli = line.shipped_milli + (line.left_milli if is_issued else 0)
        if line.variant_id is not None and milli:
            found[line.variant_id] = found.get(line.variant_id, 0) + milli
    return found


async def still_there(order: Order, had: Mapping[UUID, int]) -> dict[UUID, int]:
    """What of it did not come back by documents; nothing below one."""
    back = await order_lines.returned(order.id)
    left = {variant: milli - back.get(variant, 0) for variant, milli in had.items()}
    return {variant: milli for variant, milli in left.items() if milli > 0}


async def take_in(
    tx: Tx,
    lists: Lists,
    order: Order,
    goods: Mapping[UUID, int],
    *,
    at: datetime | None,
    number: str = "",
) -> tuple[Document, Order]:
    """Make a document of a return and post it.

    Args:
        tx: of the actor.
        lists: of the box.
        order: whose goods.
        goods: variant → thousandths; the buyer has them.
        at: when they came; stock that was counted after it has them in it already.
        number: of the paper where the goods came in.

    Returns:
        the document, and the order with its trace.
    """
    lines = await order_lines.of_order(order.id)
    counted: frozenset[UUID] = frozenset()
    if at is not None:
        counted = await shipments.counted_since(lines, at)
    document = await drafted(tx, lists, order, goods, number=number)
    state = await stock_posting.post(tx, document, counted)
    await trace(tx, document, "change", document.state, state.value)
    return await stock_documents.get(tx, document.number), await note(tx, order, document)


async def drafted(
    tx: Tx, lists: Lists, order: Order, goods: Mapping[UUID, int], *, number: str = ""
) -> Document:
    """Make a document of a return that nobody has posted: somebody looks at the goods first."""
    draft = DocumentDraft(
        kind=DocumentKind.RETURN,
        warehouse="",
        order_number=order.number,
        outside_number=number,
    )
    place = await _place(lists, order, await order_lines.of_order(order.id), goods)
    made = await stock_documents.add(tx, draft, place, order=order.id)
    await stock_documents.put_lines(made, [(one, milli, None) for one, milli in goods.items()])
    document = await stock_documents.get(tx, made.number)
    await trace(tx, document, "create", None, document.kind)
    return document


async def _place(lists: Lists, order: Order, lines: list[Line], goods: Mapping[UUID, int]) -> UUID:
    """Where goods come back to: where they went from."""
    for one in reversed(await shipments.of_order(order.id)):
        if one.dispatched_at is None or one.warehouse_id is None:
            continue
        numbers = await shipments.parts(one)
        if any(line.variant_id in goods for line in lines if line.number in numbers):
            return one.warehouse_id
    held = (line.reserved_at for line in lines if line.variant_id in goods)
    place = next((one for one in held if one is not None), None)
    place = place or _intake.warehouse_of(lists, order.shipment_store, order.shop)
    return place or next(iter(lists.warehouse_ids.values()))


async def take_out(tx: Tx, order: Order, document: Document) -> Order:
    """Undo a posted return.

    Raises:
        Invalid: `undo_short`: what came back is sold or set aside by now.
    """
    await stock_posting.undo(tx, document)
    await trace(tx, document, "change", document.state, DocumentState.UNDONE.value)
    return await note(tx, order, document, undone=True)


async def note(tx: Tx, order: Order, document: Document, *, undone: bool = False) -> Order:
    """Put a return into its order's trace: who keeps the books hears of it."""
    named = {"id": document.number}
    edit = Edit(order)
    edit.note(
        feed.Change(
            field="returns",
            old=named if undone else None,
            new=None if undone else named,
            part={**named, "status": "undone" if undone else "posted"},
        )
    )
    return await _changing.finish(tx, edit)


async def trace(tx: Tx, document: Document, kind: str, old: str | None, new: str) -> None:
    """Write down what became of a document."""
    tx.about("stock_document", document.id)
    tx.concern("stock_document", document.id)
    change = feed.Change(field="state", old=old, new=new, kind=kind)
    await feed.record(tx, "stock_document", document.id, document.number, "", document.id, [change])
