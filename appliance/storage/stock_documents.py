"""Documents that move stock: storing them and their lines. Posting is `storage.stock_posting`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from appliance.domain.stockroom import (
    MOST_LINES,
    DocumentCard,
    DocumentDraft,
    DocumentKind,
    DocumentLine,
    DocumentRow,
    DocumentState,
)
from appliance.errors import Conflict, Invalid, NotFound
from appliance.storage import counters
from appliance.storage.references import Lists
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

PAGE = 50
_LABEL = "stock_document.remark"


class Remark(msgspec.Struct, omit_defaults=True):
    """Blob of `stock_document.remark`."""

    v: int = 1
    supplier: str = ""
    comment: str = ""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Remark).decode


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


_COLUMNS = ", ".join(f"d.{name}" for name in Document._fields)
_LINE = ", ".join(Line._fields)


async def add(
    tx: Tx, draft: DocumentDraft, warehouse: UUID, target: UUID | None, order: UUID | None
) -> Document:
    """Write down an empty document; its number is never another one's."""
    document_id = uuid7()
    remark = None
    supplier, comment = draft.supplier.reveal().strip(), draft.comment.reveal().strip()
    if supplier or comment:
        blob = Remark(supplier=supplier[:200], comment=comment[:2000])
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
        f"SELECT {_COLUMNS} FROM stock_document d WHERE d.number = {{}} AND ({here} OR {there})",
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


async def lines_of(document: Document) -> list[Line]:
    """The lines, in order."""
    rows = await fetch(
        f"SELECT {_LINE} FROM stock_document_line WHERE document_id = {{}} ORDER BY position",
        document.id,
    )
    return [Line(*row) for row in rows]


async def put_line(
    document: Document, variant: UUID, quantity_milli: int, price: int | None, *, add: bool
) -> None:
    """Set a line's quantity, or add to it; zero of nothing takes the line away."""
    row = await fetch_one(
        "SELECT id, quantity_milli FROM stock_document_line WHERE document_id = {} "
        "AND variant_id = {}",
        document.id,
        variant,
    )
    if row is None:
        await _add_lines(document, [(variant, quantity_milli, price)])
    else:
        values: dict[str, Any] = {"quantity_milli": quantity_milli + (row[1] if add else 0)}
        if price is not None:
            values["price"] = price
        await update_row(StockDocumentLineRow, row[0], **values)
    await _settle(document)


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


async def page(
    tx: Tx, lists: Lists, kind: str, after: int | None
) -> tuple[list[DocumentRow], int | None]:
    """Documents by number, newest first."""
    here, args = visible_place(tx, "d.warehouse_id")
    there, target_args = visible_place(tx, "d.target_id")
    texts, values = [f"({here} OR {there})"], [*args, *target_args]
    if kind:
        texts.append("d.kind = {}")
        values.append(kind)
    if after is not None:
        texts.append("d.number < {}")
        values.append(after)
    rows = await fetch(
        f"SELECT {_COLUMNS}, u.number FROM stock_document d LEFT JOIN users u ON u.id = d.made_by "
        f"WHERE {' AND '.join(texts)} ORDER BY d.number DESC LIMIT {{}}",
        *values,
        PAGE + 1,
    )
    shown = [row_of(lists, Document(*row[:-1]), row[-1]) for row in rows[:PAGE]]
    return shown, shown[-1].number if len(rows) > PAGE else None


def row_of(lists: Lists, one: Document, made_by: int | None) -> DocumentRow:
    """A document as the list shows it."""
    codes = {place: code for code, place in lists.warehouse_ids.items()}
    return DocumentRow(
        number=one.number,
        kind=DocumentKind(one.kind),
        state=DocumentState(one.state),
        warehouse=codes.get(one.warehouse_id, ""),
        target="" if one.target_id is None else codes.get(one.target_id, ""),
        lines=one.lines_count,
        quantity_milli=one.quantity_milli,
        total=one.total,
        made_by=made_by or 0,
        made_at=one.made_at,
    )


async def card(tx: Tx, lists: Lists, document: Document, *, sees_cost: bool) -> DocumentCard:
    """A document with its lines and what lies there."""
    remark = Remark()
    if document.remark is not None:
        remark = _decode(tx.vault.open_secret(_LABEL, document.id, document.remark))
    maker = await fetch_value("SELECT number FROM users WHERE id = {}", document.made_by)
    rows = await fetch(
        "SELECT v.number, p.number, v.name, v.sku, v.barcode, l.quantity_milli, l.price, "
        "COALESCE(l.was_on_hand_milli, s.on_hand_milli, 0), "
        "COALESCE(s.on_hand_milli - s.reserved_milli, 0), "
        "(SELECT MIN(a.amount) FROM supplier_price a WHERE a.variant_id = l.variant_id "
        "AND NOT EXISTS (SELECT 1 FROM supplier_price n WHERE n.supplier_id = a.supplier_id "
        "AND n.variant_id = a.variant_id AND n.since > a.since)) FROM stock_document_line l "
        "JOIN variant v ON v.id = l.variant_id JOIN product p ON p.id = v.product_id "
        "LEFT JOIN stock s ON s.variant_id = l.variant_id AND s.warehouse_id = {} "
        "WHERE l.document_id = {} ORDER BY l.position",
        document.warehouse_id,
        document.id,
    )
    return DocumentCard(
        head=row_of(lists, document, maker),
        version=document.version,
        reason=document.reason,
        outside_number=document.outside_number,
        order_number=document.order_number,
        supplier=Personal(remark.supplier),
        comment=Personal(remark.comment),
        posted_at=document.posted_at,
        undone_at=document.undone_at,
        lines=tuple(
            DocumentLine(
                variant=row[0],
                product=row[1],
                name=row[2],
                sku=row[3],
                barcode=row[4],
                quantity_milli=row[5],
                price=row[6] if sees_cost else None,
                there_milli=row[7],
                free_milli=row[8],
                asked=row[9] if sees_cost else None,
            )
            for row in rows
        ),
        sees_cost=sees_cost,
    )
