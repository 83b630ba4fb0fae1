"""Posting documents and undoing them: all of it in the caller's transaction, or none.

What goes out is taken by a statement that has the guard in itself: on hand goes down only where it
stays above what is set aside. So neither two documents nor a document and an order can take the
same piece, and free stock never goes below zero by our own act. Variants are taken in the order of
their ids, so that two documents with the same goods wait for each other and do not block.
"""

from collections.abc import Iterable
from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.domain.stockroom import COUNTS, DocumentKind, DocumentState
from appliance.errors import Conflict, Invalid
from appliance.storage import goods_marks, stock
from appliance.storage.statements import execute, fetch, fetch_one, update_row
from appliance.storage.stock import Shift
from appliance.storage.stock_documents import Document, Line, lines_of
from appliance.storage.tables import StockDocumentLineRow
from appliance.storage.tx import Tx

CAUSE = "document"


async def post(tx: Tx, document: Document, counted: frozenset[UUID] = frozenset()) -> DocumentState:
    """Do what the document says; of a return, nothing of `counted` variants moves.

    The stock of those was counted with what came back in it.

    Raises:
        Invalid: `document_empty`; `document_short`, with the article and what is free.
    """
    lines = sorted(await lines_of(document), key=lambda line: line.variant_id)
    counts = document.kind in COUNTS
    if not lines or not (counts or any(line.quantity_milli for line in lines)):
        raise Invalid("document_empty")
    state = DocumentState.POSTED
    if counts:
        await _count(tx, document, lines)
    elif document.kind == DocumentKind.WRITE_OFF:
        await _take(tx, document, lines)
    elif document.kind == DocumentKind.MOVE:
        await _take(tx, document, lines)
        await _put(tx, document, lines, document.target_id, in_transit=True)
        state = DocumentState.SENT
    else:
        came = [line for line in lines if line.variant_id not in counted]
        await _put(tx, document, came, document.warehouse_id)
    if document.kind in (DocumentKind.RECEIPT, DocumentKind.OPENING):
        await _reprice(lines)
    await _become(tx, document, state, "posted")
    return state


async def receive(tx: Tx, document: Document) -> None:
    """Take in at the target what a move brought: out of transit, on hand."""
    assert document.target_id is not None  # noqa: S101  moves have one, `actions` sees to it
    shifts = [
        Shift(line.variant_id, document.target_id, line.quantity_milli, 0, -line.quantity_milli)
        for line in sorted(await lines_of(document), key=lambda line: line.variant_id)
    ]
    await stock.shift(tx, shifts, CAUSE, document.id)
    await _become(tx, document, DocumentState.POSTED, "posted")


async def undo(tx: Tx, document: Document) -> None:
    """Post the reverse of everything the document moved, and give back the prices it set.

    Raises:
        Invalid: `undo_short`: what it brought is sold or set aside by now.
    """
    rows = await fetch(
        "SELECT variant_id, warehouse_id, SUM(on_hand_milli), SUM(in_transit_milli) "
        "FROM stock_movement WHERE cause_id = {} GROUP BY variant_id, warehouse_id",
        document.id,
    )
    back = [
        Shift(variant, warehouse, -int(on_hand), 0, -int(in_transit))
        for variant, warehouse, on_hand, in_transit in rows
    ]
    back.sort(key=lambda one: (one.variant, one.warehouse))
    out = [one for one in back if one.on_hand < 0]
    for one in out:
        await _guarded(one, "undo_short")
    await stock.note(tx, out, CAUSE, document.id)
    await stock.shift(tx, [one for one in back if one.on_hand >= 0], CAUSE, document.id)
    for line in await lines_of(document):
        if line.was_price is not None:
            await execute(
                "UPDATE variant SET purchase_price = {} WHERE id = {} AND purchase_price = {}",
                line.was_price,
                line.variant_id,
                line.price,
            )
    await _become(tx, document, DocumentState.UNDONE, "undone")


async def can_undo(document: Document) -> bool:
    """Whether all that a document brought is still free."""
    rows = await fetch(
        "SELECT m.variant_id, m.warehouse_id, SUM(m.on_hand_milli), "
        "MAX(s.on_hand_milli - s.reserved_milli) FROM stock_movement m "
        "JOIN stock s ON s.variant_id = m.variant_id AND s.warehouse_id = m.warehouse_id "
        "WHERE m.cause_id = {} GROUP BY m.variant_id, m.warehouse_id",
        document.id,
    )
    return all(int(brought) <= max(0, int(free)) for _, _, brought, free in rows)


async def _become(tx: Tx, document: Document, state: DocumentState, stamp: str) -> None:
    """Move a document on, unless another hand did meanwhile: then all of this is rolled back.

    Raises:
        Conflict: `document_state`.
    """
    moved = await execute(
        f"UPDATE stock_document SET state = {{}}, {stamp}_by = {{}}, {stamp}_at = {{}}, "
        "version = version + 1 WHERE id = {} AND state = {} AND version = {}",
        state.value,
        tx.actor.id,
        tx.now,
        document.id,
        document.state,
        document.version,
    )
    if not moved:
        raise Conflict("document_state", f"document {document.number}")


async def _take(tx: Tx, document: Document, lines: Iterable[Line]) -> None:
    shifts = [
        Shift(line.variant_id, document.warehouse_id, -line.quantity_milli, 0)
        for line in lines
        if line.quantity_milli
    ]
    for one in shifts:
        await _guarded(one, "document_short")
    await stock.note(tx, shifts, CAUSE, document.id)


async def _guarded(one: Shift, code: str) -> None:
    """Take on hand what is free; the guard is in the statement.

    Raises:
        Invalid: `code`, with name and free quantity (thousandths) of the article.
    """
    taken = await execute(
        "UPDATE stock SET on_hand_milli = on_hand_milli + {}, "
        "in_transit_milli = in_transit_milli + {}, changed = changed + 1 "
        "WHERE variant_id = {} AND warehouse_id = {} AND on_hand_milli + {} >= reserved_milli",
        one.on_hand,
        one.in_transit,
        one.variant,
        one.warehouse,
        one.on_hand,
    )
    if taken:
        return
    row = await fetch_one(
        "SELECT v.name, COALESCE(s.on_hand_milli - s.reserved_milli, 0) FROM variant v "
        "LEFT JOIN stock s ON s.variant_id = v.id AND s.warehouse_id = {} WHERE v.id = {}",
        one.warehouse,
        one.variant,
    )
    name, free = ("", 0) if row is None else (row[0], row[1])
    raise Invalid(code, name=name, free=free, needed=-one.on_hand)


async def _put(
    tx: Tx,
    document: Document,
    lines: Iterable[Line],
    warehouse: UUID | None,
    *,
    in_transit: bool = False,
) -> None:
    assert warehouse is not None  # noqa: S101  moves have a target, `actions` sees to it
    found = list(lines)
    await _open_places(found, warehouse)
    shifts = [
        Shift(line.variant_id, warehouse, 0, 0, line.quantity_milli)
        if in_transit
        else Shift(line.variant_id, warehouse, line.quantity_milli, 0)
        for line in found
    ]
    await stock.shift(tx, shifts, CAUSE, document.id)


async def _open_places(lines: Iterable[Line], warehouse: UUID) -> None:
    """Goods that never lay here get a record of this place."""
    for line in lines:
        await execute(
            "INSERT INTO stock (id, variant_id, warehouse_id, on_hand_milli, reserved_milli, "
            "in_transit_milli, shelf, changed) VALUES ({}, {}, {}, 0, 0, 0, '', 1) "
            "ON CONFLICT (variant_id, warehouse_id) DO NOTHING",
            uuid7(),
            line.variant_id,
            warehouse,
        )


async def _count(tx: Tx, document: Document, lines: list[Line]) -> None:
    """What was counted is what lies there; what it differed by becomes the movements."""
    await _open_places(lines, document.warehouse_id)
    for line in lines:
        row = await fetch_one(
            "SELECT on_hand_milli FROM stock WHERE variant_id = {} AND warehouse_id = {}",
            line.variant_id,
            document.warehouse_id,
        )
        await update_row(
            StockDocumentLineRow, line.id, was_on_hand_milli=0 if row is None else row[0]
        )
    figures = [(line.variant_id, document.warehouse_id, line.quantity_milli) for line in lines]
    await stock.set_on_hand(tx, figures, CAUSE, document.id)


async def _reprice(lines: Iterable[Line]) -> None:
    """The last price paid is what a variant costs us: people know it from the paper.

    Orders keep the cost they were placed with, so no margin of the past changes with it.
    """
    changed: set[UUID] = set()
    for line in lines:
        if line.price is None:
            continue
        row = await fetch_one("SELECT purchase_price FROM variant WHERE id = {}", line.variant_id)
        if row is not None and row[0] != line.price:
            await update_row(StockDocumentLineRow, line.id, was_price=row[0])
            await execute(
                "UPDATE variant SET purchase_price = {} WHERE id = {}", line.price, line.variant_id
            )
            changed.add(line.variant_id)
    await goods_marks.changed_variants(changed)
