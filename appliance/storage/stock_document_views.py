"""Documents that move stock as people see them: the list, the card."""

from typing import Final

from appliance.domain.access import NOBODY
from appliance.domain.personal import Personal
from appliance.domain.stockroom import (
    DocumentCard,
    DocumentKind,
    DocumentLine,
    DocumentRow,
    DocumentState,
)
from appliance.storage import suppliers
from appliance.storage.references import Lists
from appliance.storage.statements import fetch, fetch_value
from appliance.storage.stock_documents import COLUMNS, Document, remark_of
from appliance.storage.tx import Tx
from appliance.storage.visible import visible_place

PAGE: Final = 50


async def page(
    tx: Tx, lists: Lists, kind: str, after: int | None, *, drafts: bool = False
) -> tuple[list[DocumentRow], int | None]:
    """Documents by number, newest first."""
    here, args = visible_place(tx, "d.warehouse_id")
    there, target_args = visible_place(tx, "d.target_id")
    texts, values = [f"({here} OR {there})"], [*args, *target_args]
    if drafts:
        texts.append("d.state = {}")
        values.append(DocumentState.DRAFT.value)
    if kind:
        texts.append("d.kind = {}")
        values.append(kind)
    if after is not None:
        texts.append("d.number < {}")
        values.append(after)
    rows = await fetch(
        f"SELECT {COLUMNS}, u.number FROM stock_document d LEFT JOIN users u ON u.id = d.made_by "
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
    remark = remark_of(tx, document)
    maker = await fetch_value("SELECT number FROM users WHERE id = {}", document.made_by)
    rows = await fetch(
        "SELECT v.number, p.number, v.name, v.sku, v.barcode, l.quantity_milli, l.price, "
        "COALESCE(l.was_on_hand_milli, s.on_hand_milli, 0), "
        "COALESCE(s.on_hand_milli - s.reserved_milli, 0), "
        "(SELECT MIN(a.amount) FROM supplier_price a WHERE a.variant_id = l.variant_id "
        "AND (a.supplier_id = {} OR {} = 0) AND NOT EXISTS (SELECT 1 FROM supplier_price n "
        "WHERE n.supplier_id = a.supplier_id AND n.variant_id = a.variant_id "
        "AND n.since > a.since)) FROM stock_document_line l "
        "JOIN variant v ON v.id = l.variant_id JOIN product p ON p.id = v.product_id "
        "LEFT JOIN stock s ON s.variant_id = l.variant_id AND s.warehouse_id = {} "
        "WHERE l.document_id = {} ORDER BY l.position",
        document.supplier_id or NOBODY,
        int(document.supplier_id is not None),
        document.warehouse_id,
        document.id,
    )
    supplier = None
    if document.supplier_id is not None:
        supplier = await suppliers.one(tx, document.supplier_id)
    return DocumentCard(
        head=row_of(lists, document, maker),
        version=document.version,
        reason=document.reason,
        outside_number=document.outside_number,
        order_number=document.order_number,
        supplier=Personal(remark.supplier) if supplier is None else supplier.name,
        supplier_number=0 if supplier is None else supplier.number,
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
