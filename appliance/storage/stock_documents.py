"""Documents that move stock: storing them and their lines.

Posting is `storage.stock_posting`; what people see of them is `storage.stock_document_views`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.ids import uuid7
from appliance.domain.stockroom import (
    MOST_LINES,
    DocumentDraft,
    DocumentKind,
    DocumentState,
)
from appliance.errors import Conflict, Invalid, NotFound
from appliance.storage import counters
from appliance.storage.statements import (
    any_of,
    execute,
    fetch,
    fetch_one,
    fetch_value,
    insert,
    insert_many,
    update_row,
)
from appliance.storage.tables import StockDocumentLineRow, StockDocumentRow
from appliance.storage.tx import Tx
from appliance.storage.visible import visible_place

_LABEL = "stock_document.remark"


class Remark(msgspec.Struct, omit_defaults=True):
    """Blob of `stock_document.remark`."""

    v: int = 1
    supplier: str = ""
    comment: str = ""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Remark).decode


def remark_of(tx: Tx, document: "Document") -> Remark:
    """What was said of a document in words."""
    if document.remark is None:
        return Remark()
    return _decode(tx.vault.open_secret(_LABEL, document.id, document.remark))


class Document(NamedTuple):
    """A document as stored."""

    id: UUID
    number: int
    kind: str
    state: str
    warehouse_id: UUID
    target_id: UUID | None
    order_id: UUID | None
    order_number: int
    reason: str
    outside_number: str
    supplier_id: UUID | None
    remark: bytes | None
    lines_count: int
    quantity_milli: int
    total: int
    version: int
    made_by: UUID
    made_at: datetime
    posted_at: datetime | None
    undone_at: datetime | None


class Line(NamedTuple):
    """A line as stored."""

    id: UUID
    position: int
    variant_id: UUID
    quantity_milli: int
    price: int | None
    was_price: int | None
    was_on_hand_milli: int | None


class CameBack(NamedTuple):
    """Goods of an order that a posted document took in: number of a line and thousandths of it."""

    number: int
    at: datetime | None
    lines: tuple[tuple[int, int], ...]


COLUMNS: Final = ", ".join(f"d.{name}" for name in Document._fields)
_LINE = ", ".join(Line._fields)


async def add(
    tx: Tx,
    draft: DocumentDraft,
    warehouse: UUID,
    *,
    target: UUID | None = None,
    order: UUID | None = None,
    supplier: UUID | None = None,
) -> Document:
    """Write down an empty document; its number is never another one's."""
    document_id = uuid7()
    remark = None
    words, comment = draft.supplier.reveal().strip(), draft.comment.reveal().strip()
    if words or comment:
        blob = Remark(supplier=words[:200], comment=comment[:2000])
        remark = tx.vault.seal_secret(_LABEL, document_id, _encode(blob))
    number = await counters.draw("stock_document")
    await insert(
        StockDocumentRow,
        id=document_id,
        number=number,
        kind=draft.kind.value,
        warehouse_id=warehouse,
        target_id=target,
        order_id=order,
        order_number=draft.order_number,
        reason=draft.reason,
        outside_number=draft.outside_number.strip()[:64],
        supplier_id=supplier,
        remark=remark,
        made_by=tx.actor.id,
        made_at=tx.now,
    )
    return await get(tx, number)


async def is_own(tx: Tx, warehouse: UUID) -> bool:
    """Whether the actor works in this warehouse."""
    here, args = visible_place(tx, "w.id")
    found = await fetch_value(
        "SELECT 1 FROM warehouse w WHERE w.id = {} AND " + here, warehouse, *args
    )
    return found is not None


async def get(tx: Tx, number: int) -> Document:
    """A document by its number.

    Raises:
        NotFound: `document_not_found`.
    """
    here, args = visible_place(tx, "d.warehouse_id")
    there, target_args = visible_place(tx, "d.target_id")
    row = await fetch_one(
        f"SELECT {COLUMNS} FROM stock_document d WHERE d.number = {{}} AND ({here} OR {there})",
        number,
        *args,
        *target_args,
    )
    if row is None:
        raise NotFound("document_not_found")
    return Document(*row)


def must_be(document: Document, *states: DocumentState) -> None:
    """Refuse what a document in another state no longer allows.

    Raises:
        Conflict: `document_state`.
    """
    if document.state not in states:
        raise Conflict("document_state", f"document {document.number} is {document.state}")


async def take_up(document: Document) -> None:
    """Make a document that was put aside a draft again.

    Raises:
        Conflict: `document_state`: it moved stock once.
    """
    if document.posted_at is not None:
        raise Conflict("document_state", f"document {document.number} was posted")
    await update_row(
        StockDocumentRow,
        document.id,
        state=DocumentState.DRAFT.value,
        undone_by=None,
        undone_at=None,
        version=document.version + 1,
    )


async def lines_of(document: Document) -> list[Line]:
    """The lines, in order."""
    rows = await fetch(
        f"SELECT {_LINE} FROM stock_document_line WHERE document_id = {{}} ORDER BY position",
        document.id,
    )
    return [Line(*row) for row in rows]


async def returns_of(orders: Sequence[UUID]) -> dict[UUID, list[CameBack]]:
    """What documents took back in of orders, oldest first; each quantity at the lines it fits."""
    rows = await fetch(
        "SELECT d.order_id, d.number, d.posted_at, l.variant_id, l.quantity_milli "
        "FROM stock_document d JOIN stock_document_line l ON l.document_id = d.id "
        "WHERE d.order_id IN {} AND d.kind = {} AND d.state = {} ORDER BY d.number, l.position",
        any_of(list(orders)),
        DocumentKind.RETURN.value,
        DocumentState.POSTED.value,
    )
    if not rows:
        return {}
    room: dict[tuple[UUID, UUID], list[list[int]]] = {}
    for order_id, number, variant, milli in await fetch(
        "SELECT order_id, number, variant_id, quantity_milli FROM order_line "
        "WHERE order_id IN {} ORDER BY position",
        any_of(list({row[0] for row in rows})),
    ):
        room.setdefault((order_id, variant), []).append([number, milli])
    found: dict[UUID, dict[int, CameBack]] = {}
    for order_id, number, at, variant, milli in rows:
        ours = found.setdefault(order_id, {})
        was = ours.get(number, CameBack(number, at, ()))
        parts = _fitted(room.get((order_id, variant), []), milli)
        ours[number] = was._replace(lines=(*was.lines, *parts))
    return {order_id: list(ours.values()) for order_id, ours in found.items()}


def _fitted(room: list[list[int]], milli: int) -> list[tuple[int, int]]:
    """Give a quantity to lines (number, what fits it still), the first ones first."""
    parts: list[tuple[int, int]] = []
    for one in room:
        taken = min(one[1], milli)
        if taken > 0:
            parts.append((one[0], taken))
            one[1] -= taken
            milli -= taken
    return parts


async def put_line(
    document: Document, variant: UUID, quantity_milli: int, price: int | None
) -> None:
    """Set a line's quantity, and its price where one is given."""
    row = await _line_of(document, variant)
    if row is None:
        await _add_lines(document, [(variant, quantity_milli, price)])
    else:
        values: dict[str, Any] = {"quantity_milli": quantity_milli}
        if price is not None:
            values["price"] = price
        await update_row(StockDocumentLineRow, row[0], **values)
    await _settle(document)


async def scanned(
    document: Document, variant: UUID, quantity_milli: int, price: int | None
) -> None:
    """Add to a line's quantity; the price is that of a line that was not there yet."""
    row = await _line_of(document, variant)
    if row is None:
        await _add_lines(document, [(variant, quantity_milli, price)])
    else:
        await update_row(StockDocumentLineRow, row[0], quantity_milli=row[1] + quantity_milli)
    await _settle(document)


async def _line_of(document: Document, variant: UUID) -> tuple[Any, ...] | None:
    return await fetch_one(
        "SELECT id, quantity_milli FROM stock_document_line WHERE document_id = {} "
        "AND variant_id = {}",
        document.id,
        variant,
    )


async def put_lines(document: Document, given: Sequence[tuple[UUID, int, int | None]]) -> None:
    """Give a document all its lines at once."""
    await execute("DELETE FROM stock_document_line WHERE document_id = {}", document.id)
    await _add_lines(document, given)
    await _settle(document)


async def _add_lines(document: Document, given: Sequence[tuple[UUID, int, int | None]]) -> None:
    last = await fetch_value(
        "SELECT COALESCE(MAX(position), 0) FROM stock_document_line WHERE document_id = {}",
        document.id,
    )
    if document.lines_count + len(given) > MOST_LINES:
        raise Invalid("document_too_long", most=MOST_LINES)
    await insert_many(
        StockDocumentLineRow,
        [
            {
                "id": uuid7(),
                "document_id": document.id,
                "position": last + place,
                "variant_id": variant,
                "quantity_milli": quantity,
                "price": price,
            }
            for place, (variant, quantity, price) in enumerate(given, 1)
        ],
    )


async def drop_line(document: Document, variant: UUID) -> None:
    """Take a line off."""
    await execute(
        "DELETE FROM stock_document_line WHERE document_id = {} AND variant_id = {}",
        document.id,
        variant,
    )
    await _settle(document)


async def _settle(document: Document) -> None:
    """Keep the document's own figures; quantity x price rounds to whole kopecks per line."""
    rows = await fetch(
        "SELECT quantity_milli, price FROM stock_document_line WHERE document_id = {}", document.id
    )
    await update_row(
        StockDocumentRow,
        document.id,
        lines_count=len(rows),
        quantity_milli=sum(row[0] for row in rows),
        total=sum((row[0] * (row[1] or 0) + 500) // 1000 for row in rows),
        version=document.version + 1,
    )


async def by_code(code: str) -> UUID | None:
    """The variant a scanner means: by barcode, else by article."""
    return await fetch_value(
        "SELECT id FROM variant WHERE barcode = {} UNION ALL SELECT variant_id FROM barcode "
        "WHERE value = {} UNION ALL SELECT id FROM variant WHERE sku = {} LIMIT 1",
        code,
        code,
        code,
    )


async def by_codes(codes: Sequence[str]) -> dict[str, UUID]:
    """The variants of many barcodes or articles, in three statements."""
    found: dict[str, UUID] = {}
    for sql in (
        "SELECT sku, id FROM variant WHERE sku IN {}",
        "SELECT value, variant_id FROM barcode WHERE value IN {}",
        "SELECT barcode, id FROM variant WHERE barcode IN {}",
    ):
        found.update(await fetch(sql, any_of(codes)))
    return found


async def number_of(variant: UUID) -> int:
    """A variant's number."""
    return await fetch_value("SELECT number FROM variant WHERE id = {}", variant)


async def variant_of(number: int) -> UUID:
    """A variant by its number.

    Raises:
        Invalid: `variant_unknown`.
    """
    found = await fetch_value("SELECT id FROM variant WHERE number = {}", number)
    if found is None:
        raise Invalid("variant_unknown", fields={"code": "variant_unknown"})
    return found
