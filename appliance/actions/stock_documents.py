"""What can be done with documents that move stock."""

from collections.abc import Sequence
from uuid import UUID

from appliance.actions import _returns
from appliance.actions._gate import action
from appliance.domain.orders import OrderSelector
from appliance.domain.stockroom import (
    MOST_LINES,
    MOST_MILLI,
    REASONS,
    DocumentCard,
    DocumentDraft,
    DocumentKind,
    DocumentPage,
    DocumentState,
    FileLine,
    Supplier,
)
from appliance.errors import Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import (
    orders,
    references,
    stock_document_views,
    stock_documents,
    stock_posting,
    suppliers,
)
from appliance.storage.orders import Order
from appliance.storage.references import Lists
from appliance.storage.stock_documents import Document
from appliance.storage.tx import Tx

ONE = 1000


@action(Permission.STOCK_EDIT, reads=True, quiet=True)
async def page(
    tx: Tx, kind: str = "", after: int | None = None, *, drafts: bool = False
) -> DocumentPage:
    """Documents of one kind, or of all, newest first; `drafts`: those that were put off alone."""
    lists = await references.lists()
    rows, following = await stock_document_views.page(tx, lists, kind, after, drafts=drafts)
    return DocumentPage(rows=tuple(rows), after=following)


@action(Permission.STOCK_EDIT, reads=True, quiet=True)
async def choose_supplier(tx: Tx) -> tuple[Supplier, ...]:
    """Whose goods may come in, by name."""
    return await suppliers.choice(tx)


@action(Permission.STOCK_EDIT, reads=True, quiet=True)
async def card(tx: Tx, number: int) -> DocumentCard:
    """A document with its lines.

    Raises:
        NotFound: `document_not_found`.
    """
    document = await stock_documents.get(tx, number)
    sees_cost = Permission.PRODUCT_COST in tx.actor.grants
    lists = await references.lists()
    return await stock_document_views.card(tx, lists, document, sees_cost=sees_cost)


@action(Permission.STOCK_EDIT)
async def create(tx: Tx, draft: DocumentDraft) -> int:
    """Begin a document; its number.

    A return takes over the lines of its order, as far as they did not come back yet.

    Raises:
        Invalid: `code_unknown` warehouse, `target_missing`, `target_same`, `reason_missing`,
            `order_not_found`, `order_not_issued`, `not_a_supplier`, at their fields.
    """
    lists = await references.lists()
    warehouse = await _place(tx, lists, draft.warehouse, "warehouse")
    target = None
    if draft.kind is DocumentKind.MOVE:
        if not draft.target:
            raise Invalid("target_missing", fields={"target": "target_missing"})
        target = await _place(tx, lists, draft.target, "target", own=False)
        if target == warehouse:
            raise Invalid("target_same", fields={"target": "target_same"})
    if draft.kind is DocumentKind.WRITE_OFF and draft.reason not in REASONS:
        raise Invalid("reason_missing", fields={"reason": "reason_missing"})
    if draft.kind is DocumentKind.RETURN:
        document = await _return(tx, lists, draft, warehouse)
    else:
        supplier = await _supplier(tx, draft)
        document = await stock_documents.add(tx, draft, warehouse, target=target, supplier=supplier)
    await _returns.trace(tx, document, "create", None, document.kind)
    return document.number


async def _supplier(tx: Tx, draft: DocumentDraft) -> UUID | None:
    if draft.kind is not DocumentKind.RECEIPT or not draft.supplier_number:
        return None
    found = await suppliers.id_of(tx, draft.supplier_number)
    if found is None:
        raise Invalid("not_a_supplier", fields={"supplier_number": "not_a_supplier"})
    return found


async def _return(tx: Tx, lists: Lists, draft: DocumentDraft, warehouse: UUID) -> Document:
    try:
        order = await orders.get(tx, OrderSelector(number=draft.order_number))
    except NotFound:
        raise Invalid("order_not_found", fields={"order": "order_not_found"}) from None
    given = await _returns.given(lists, order)
    if not given:
        raise Invalid("order_not_issued", fields={"order": "order_not_issued"})
    document = await stock_documents.add(tx, draft, warehouse, order=order.id)
    rest = await _returns.still_there(order, given)
    lines = [(variant, milli, None) for variant, milli in rest.items()]
    await stock_documents.put_lines(document, lines)
    return document


@action(Permission.STOCK_EDIT)
async def scan(tx: Tx, number: int, code: str) -> int:
    """Count one more of what a scanner read; the variant's number, for the eye to find it.

    Raises:
        NotFound: `document_not_found`.
        Conflict: `document_state`.
        Invalid: `barcode_unknown`.
    """
    document = await _draft(tx, number)
    variant = await stock_documents.by_code(code.strip()) if code.strip() else None
    if variant is None:
        raise Invalid("barcode_unknown", fields={"code": "barcode_unknown"})
    price = None
    if document.supplier_id is not None and Permission.PRODUCT_COST in tx.actor.grants:
        price = await suppliers.asked_price(document.supplier_id, variant)
    await stock_documents.scanned(document, variant, ONE, price)
    return await stock_documents.number_of(variant)


@action(Permission.STOCK_EDIT)
async def put_line(
    tx: Tx, number: int, variant: int, quantity_milli: int, price: int | None = None
) -> None:
    """Set a line's quantity, and its price where the actor may know it.

    Raises:
        NotFound: `document_not_found`.
        Conflict: `document_state`.
        Invalid: `variant_unknown`, `negative_refused`, `quantity_too_large`.
    """
    document = await _draft(tx, number)
    if quantity_milli < 0 or (price or 0) < 0:
        raise Invalid("negative_refused", fields={"quantity": "negative_refused"})
    if quantity_milli > MOST_MILLI:
        raise Invalid("quantity_too_large", fields={"quantity": "quantity_too_large"})
    if Permission.PRODUCT_COST not in tx.actor.grants:
        price = None
    found = await stock_documents.variant_of(variant)
    await stock_documents.put_line(document, found, quantity_milli, price)


@action(Permission.STOCK_EDIT)
async def drop_line(tx: Tx, number: int, variant: int) -> None:
    """Take a line off a draft.

    Raises:
        NotFound: `document_not_found`.
        Conflict: `document_state`.
        Invalid: `variant_unknown`.
    """
    document = await _draft(tx, number)
    await stock_documents.drop_line(document, await stock_documents.variant_of(variant))


@action(Permission.STOCK_EDIT)
async def fill(tx: Tx, number: int, lines: Sequence[FileLine]) -> tuple[int, ...]:
    """Give a draft the lines of a file; the file's rows that name goods nobody knows are left out.

    A row that names the same article again adds to it.

    Raises:
        NotFound: `document_not_found`.
        Conflict: `document_state`.
        Invalid: `document_too_long`.
    """
    if len(lines) > MOST_LINES:
        raise Invalid("document_too_long", most=MOST_LINES)
    document = await _draft(tx, number)
    known = await stock_documents.by_codes([one.code for one in lines])
    sees_cost = Permission.PRODUCT_COST in tx.actor.grants
    given: dict[UUID, tuple[UUID, int, int | None]] = {}
    for one in lines:
        variant = known.get(one.code)
        if variant is not None:
            before = given.get(variant, (variant, 0, None))
            price = one.price if sees_cost and one.price is not None else before[2]
            given[variant] = (variant, before[1] + one.quantity_milli, price)
    await stock_documents.put_lines(document, list(given.values()))
    return tuple(one.row for one in lines if one.code not in known)


@action(Permission.STOCK_EDIT)
async def post(tx: Tx, number: int, version: int | None = None) -> DocumentState:
    """Do what a draft says: all of it, or nothing.

    Raises:
        NotFound: `document_not_found`.
        Conflict: `document_state`, `document_changed` since `version`.
        Invalid: `document_empty`; `document_short` with `name`, `free` and `needed`;
            `return_too_much`.
    """
    document = await _draft(tx, number)
    _unchanged(document, version)
    order = await _checked_return(tx, document)
    state = await stock_posting.post(tx, document)
    await _returns.trace(tx, document, "change", document.state, state.value)
    if order is not None:
        await _returns.note(tx, order, document)
    return state


async def _checked_return(tx: Tx, document: Document) -> Order | None:
    """Nobody brings back more than he was given, also not what came back by the status since."""
    if document.kind != DocumentKind.RETURN:
        return None
    order = await orders.get(tx, OrderSelector(id=document.order_id))
    given = await _returns.given(await references.lists(), order)
    left = await _returns.still_there(order, given)
    for line in await stock_documents.lines_of(document):
        if line.quantity_milli > left.get(line.variant_id, 0):
            raise Invalid("return_too_much")
    return order


@action(Permission.STOCK_EDIT)
async def receive(tx: Tx, number: int) -> None:
    """Take in at the target warehouse what a move sent.

    Raises:
        NotFound: `document_not_found`.
        Conflict: `document_state`.
    """
    document = await stock_documents.get(tx, number)
    stock_documents.must_be(document, DocumentState.SENT)
    await stock_posting.receive(tx, document)
    await _returns.trace(tx, document, "change", document.state, DocumentState.POSTED.value)


@action(Permission.STOCK_EDIT)
async def undo(tx: Tx, number: int) -> DocumentState:
    """Post the reverse of a document; a draft is only put aside. Its number stays taken.

    Returns:
        What it was before.

    Raises:
        NotFound: `document_not_found`.
        Conflict: `document_state`: undone already.
        Invalid: `undo_short` with `name`, `free` and `needed`.
    """
    document = await _own(tx, number)
    known = (DocumentState.DRAFT, DocumentState.SENT, DocumentState.POSTED)
    stock_documents.must_be(document, *known)
    if document.kind == DocumentKind.RETURN and document.state == DocumentState.POSTED:
        order = await orders.get(tx, OrderSelector(id=document.order_id))
        await _returns.take_out(tx, order, document)
        return DocumentState(document.state)
    await stock_posting.undo(tx, document)
    await _returns.trace(tx, document, "change", document.state, DocumentState.UNDONE.value)
    return DocumentState(document.state)


@action(Permission.STOCK_EDIT)
async def reopen(tx: Tx, number: int) -> None:
    """Make a document that was put aside, and never posted, a draft again.

    Raises:
        NotFound: `document_not_found`.
        Conflict: `document_state`.
    """
    document = await _own(tx, number)
    stock_documents.must_be(document, DocumentState.UNDONE)
    await stock_documents.take_up(document)
    await _returns.trace(tx, document, "change", document.state, DocumentState.DRAFT.value)


async def _draft(tx: Tx, number: int) -> Document:
    document = await _own(tx, number)
    stock_documents.must_be(document, DocumentState.DRAFT)
    return document


async def _own(tx: Tx, number: int) -> Document:
    """A document of a warehouse of one's own; one that is only sent here is another's to change."""
    document = await stock_documents.get(tx, number)
    if not await stock_documents.is_own(tx, document.warehouse_id):
        raise NotFound("document_not_found")
    return document


def _unchanged(document: Document, version: int | None) -> None:
    if version is not None and version != document.version:
        raise Invalid("document_changed")


async def _place(tx: Tx, lists: Lists, code: str, field: str, *, own: bool = True) -> UUID:
    """A warehouse by its code; goods are sent to any, and taken from one's own branch only."""
    found = lists.warehouse_ids.get(code)
    if found is None or (own and not await stock_documents.is_own(tx, found)):
        raise Invalid("code_unknown", fields={field: "code_unknown"})
    return found
