"""«Сверка оплат»: statements of banks, and whose order each receipt of money pays."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from appliance.actions import _reconciling
from appliance.actions._gate import action
from appliance.domain.orders import OrderFilter
from appliance.domain.personal import Personal
from appliance.domain.reconciling import (
    BankWords,
    Basis,
    DocumentState,
    DocumentView,
    OrderBrief,
    Receipt,
    StatementState,
    StatementView,
)
from appliance.errors import Conflict
from appliance.roles import Permission
from appliance.storage import (
    bank_matching,
    bank_statements,
    legal_entities,
    order_lists,
    orders,
    references,
)
from appliance.storage.bank_matching import Asked
from appliance.storage.bank_statements import Document, Fresh
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

ROWS: Final = 50
STATEMENTS: Final = 12
MOST_FOUND: Final = 8
MOST_PROBLEMS: Final = 20
_SHORTEST: Final = 2


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """The screen: uploads, and receipts that somebody has to look at.

    Attributes:
        after: where the next page of receipts goes on; None at the end.
    """

    statements: tuple[StatementView, ...]
    open: tuple[DocumentView, ...]
    waiting: int
    after: UUID | None


class StatementPage(msgspec.Struct, frozen=True, kw_only=True):
    """One upload with a page of its receipts."""

    statement: StatementView
    rows: tuple[DocumentView, ...]
    after: UUID | None


@action(Permission.PAYMENT_RECONCILE)
async def begin(tx: Tx) -> int:
    """Begin an upload; its number."""
    number = await bank_statements.begin(tx)
    tx.object_type = "bank_statement"
    return number


@action(Permission.PAYMENT_RECONCILE, quiet=True)
async def put(tx: Tx, number: int, receipts: Personal[Sequence[Receipt]]) -> None:
    """Keep receipts of a file and find out what each pays; those known before are counted only.

    Raises:
        NotFound: `statement_not_found`.
        Conflict: `statement_moved_on`.
    """
    statement = await bank_statements.get(number)
    if statement.state is not StatementState.READING:
        raise Conflict("statement_moved_on")
    given, salt = receipts.reveal(), await bank_statements.salt(tx)
    marked = [(bank_statements.mark_of(salt, one), one) for one in given]
    known = await bank_statements.known_marks([mark for mark, _ in marked])
    fresh = {mark: one for mark, one in marked if mark not in known}
    lists = await references.lists()
    entities = await legal_entities.list_all(tx)
    found = await bank_matching.match(tx, lists, entities, list(fresh.values()))
    await bank_statements.put(
        tx,
        statement,
        [
            Fresh(
                one,
                mark,
                DocumentState.OPEN if hit is None else DocumentState.MATCHED,
                "" if hit is None else hit.basis.value,
                None if hit is None else hit.order_id,
            )
            for (mark, one), hit in zip(fresh.items(), found, strict=True)
        ],
    )
    days = [one.day for one in given]
    ours = {one.parts.account for one in entities if one.parts.account}
    await bank_statements.change(
        statement,
        incoming=statement.incoming + len(given),
        known=statement.known + len(given) - len(fresh),
        amount=statement.amount + sum(one.amount for one in fresh.values()),
        first_day=min([*days, *([statement.first_day] if statement.first_day else [])]),
        last_day=max([*days, *([statement.last_day] if statement.last_day else [])]),
        foreign=statement.foreign or any(one.words.to not in ours for one in given),
    )


@action(Permission.PAYMENT_RECONCILE)
async def read_through(
    tx: Tx, number: int, documents: int, problems: Sequence[tuple[int, str]]
) -> None:
    """Say that the whole file is in: what would be written down is there to look at.

    Where nothing found its order, nothing is left to be started.

    Raises:
        Conflict: `statement_moved_on`.
    """
    statement = await bank_statements.get(number)
    if statement.state is not StatementState.READING:
        raise Conflict("statement_moved_on")
    shown = tuple(problems[:MOST_PROBLEMS])
    await bank_statements.change(statement, documents=documents, problems=shown)
    found = statement.counts.get(DocumentState.MATCHED.value, (0, 0))[0]
    await bank_statements.move(statement, StatementState.CHECKED if found else StatementState.DONE)
    tx.about("bank_statement", statement.id)


@action(Permission.PAYMENT_RECONCILE)
async def start(tx: Tx, number: int) -> None:
    """Have what was found written down; the house goes on with it in the background.

    Raises:
        Conflict: `statement_moved_on`.
    """
    await _move(tx, number, (StatementState.CHECKED,), StatementState.RUNNING)


@action(Permission.PAYMENT_RECONCILE)
async def undo(tx: Tx, number: int) -> None:
    """Take an upload back: payments that it made, unless somebody worked on them since.

    Raises:
        Conflict: `statement_moved_on`.
    """
    await _move(tx, number, (StatementState.DONE,), StatementState.UNDOING)


@action(Permission.PAYMENT_RECONCILE)
async def drop(tx: Tx, number: int) -> None:
    """Forget an upload of which nothing was written down.

    Raises:
        Conflict: `statement_moved_on`.
    """
    statement = await bank_statements.get(number)
    if statement.state not in (StatementState.CHECKED, StatementState.READING):
        raise Conflict("statement_moved_on")
    await bank_statements.forget(statement.id)
    tx.about("bank_statement", statement.id)


async def _move(
    tx: Tx, number: int, sources: Sequence[StatementState], wanted: StatementState
) -> None:
    statement = await bank_statements.get(number)
    if statement.state not in sources:
        raise Conflict("statement_moved_on")
    await bank_statements.move(statement, wanted)
    tx.about("bank_statement", statement.id)
    tx.concern("bank_statement", statement.id)


@action(Permission.PAYMENT_RECONCILE)
async def settle(tx: Tx, document_id: UUID, order_number: int, zone: ZoneInfo) -> int:
    """Say by hand which order a receipt pays; that order's number.

    Raises:
        NotFound: `bank_document_not_found`, `order_not_found`.
        Conflict: `bank_document_settled`; `order_changed`.
    """
    one = await bank_statements.document(document_id)
    found = await orders.get(tx, orders.OrderSelector(number=order_number))
    await _reconciling.put(tx, await references.lists(), one, found, Basis.HAND, zone)
    _told(tx, one)
    return found.number


@action(Permission.PAYMENT_RECONCILE)
async def unsettle(tx: Tx, document_id: UUID) -> None:
    """Take a receipt off its order again.

    Raises:
        NotFound: `bank_document_not_found`.
        Conflict: `bank_document_open`; `payment_worked_on`: it was changed or given back since.
    """
    one = await bank_statements.document(document_id)
    if one.state != DocumentState.SETTLED:
        raise Conflict("bank_document_open")
    if not await _reconciling.take_back(tx, await references.lists(), one):
        raise Conflict("payment_worked_on")
    _told(tx, one)


@action(Permission.PAYMENT_RECONCILE)
async def put_aside(tx: Tx, document_id: UUID, *, aside: bool = True) -> None:
    """Say that a receipt is no order's money, or that it may be one's after all.

    Raises:
        NotFound: `bank_document_not_found`.
        Conflict: `bank_document_settled`.
    """
    one = await bank_statements.document(document_id)
    if one.state == DocumentState.SETTLED:
        raise Conflict("bank_document_settled")
    state = DocumentState.ASIDE if aside else DocumentState.OPEN
    await bank_statements.set_document(one.id, state=state.value, basis="", order_id=None)
    _told(tx, one)


def _told(tx: Tx, one: Document) -> None:
    tx.about("bank_document", one.id)
    tx.concern("bank_statement", one.statement_id)


# --- reading ---


@action(Permission.PAYMENT_RECONCILE, reads=True)
async def desk(tx: Tx, after: UUID | None = None) -> Desk:
    """Uploads, the newest first, and the receipts that nobody has placed yet."""
    rows, following = await _rows(tx, None, DocumentState.OPEN, after)
    return Desk(
        statements=tuple(await bank_statements.page(None, STATEMENTS)),
        open=rows,
        waiting=await bank_statements.waiting(),
        after=following,
    )


@action(Permission.PAYMENT_RECONCILE, reads=True)
async def one_page(
    tx: Tx, number: int, state: DocumentState, after: UUID | None = None
) -> StatementPage:
    """One upload, and its receipts of a state.

    Raises:
        NotFound: `statement_not_found`.
    """
    statement = await bank_statements.get(number)
    tx.about("bank_statement", statement.id)
    rows, following = await _rows(tx, statement.id, state, after)
    return StatementPage(statement=statement, rows=rows, after=following)


@action(Permission.PAYMENT_RECONCILE, reads=True)
async def one_receipt(tx: Tx, document_id: UUID) -> DocumentView:
    """One receipt with the orders that it may be for.

    Raises:
        NotFound: `bank_document_not_found`.
    """
    one = await bank_statements.document(document_id)
    tx.about("bank_document", one.id)
    return (await _views(tx, [(one, 0)]))[0]


@action(Permission.PAYMENT_RECONCILE, reads=True)
async def search(tx: Tx, text: str) -> tuple[OrderBrief, ...]:
    """Orders by a number or a piece of the buyer's name, phone or e-mail."""
    bare = text.strip().lstrip("#№ ")
    if len(bare) < _SHORTEST:
        return ()
    lists = await references.lists()
    wanted = await order_lists.prepare(tx, OrderFilter(text=bare), lists)
    rows = await order_lists.rows(tx, wanted, after=None, before=None, limit=MOST_FOUND)
    page = order_lists.page_of(tx, rows, after=None, before=None, limit=MOST_FOUND, known=None)
    found = await bank_matching.briefs(tx, [one.id for one in page.rows])
    return tuple(found[one.id] for one in page.rows if one.id in found)


async def _rows(
    tx: Tx, statement_id: UUID | None, state: DocumentState, after: UUID | None
) -> tuple[tuple[DocumentView, ...], UUID | None]:
    found = await bank_statements.listed(statement_id, state, after, ROWS + 1)
    here = found[:ROWS]
    following = here[-1][0].id if len(found) > ROWS else None
    return await _views(tx, here), following


async def _views(tx: Tx, found: Sequence[tuple[Document, int]]) -> tuple[DocumentView, ...]:
    """Receipts with what the bank says, the order each pays, and those it may be for."""
    lists = await references.lists()
    words = {one.id: bank_statements.open_words(tx, one) for one, _ in found}
    proposed = await _proposed(tx, lists, [one for one, _ in found], words)
    ids = {one.order_id for one, _ in found if one.order_id is not None}
    ids |= {order_id for every in proposed.values() for order_id, _ in every}
    known = await bank_matching.briefs(tx, sorted(ids))
    views: list[DocumentView] = []
    for one, number in found:
        said = words[one.id]
        views.append(
            DocumentView(
                id=one.id,
                statement=number,
                day=one.day,
                amount=one.amount,
                state=DocumentState(one.state),
                basis=one.basis,
                words=None if said is None else Personal(said),
                order=None if one.order_id is None else known.get(one.order_id),
                proposed=tuple(
                    msgspec.structs.replace(known[order_id], basis=basis.value)
                    for order_id, basis in proposed.get(one.id, ())
                    if order_id in known
                ),
                settled_at=one.settled_at,
                settled_by=one.settled_by,
            )
        )
    return tuple(views)


async def _proposed(
    tx: Tx, lists: Lists, found: Sequence[Document], words: Mapping[UUID, BankWords | None]
) -> dict[UUID, list[tuple[UUID, Basis]]]:
    asked: list[Asked] = []
    for one in found:
        said = words[one.id]
        if one.state == DocumentState.OPEN and said is not None:
            receipt = Receipt(position=0, day=one.day, amount=one.amount, words=said)
            asked.append(Asked(receipt, one.id))
    if not asked:
        return {}
    return await bank_matching.propose(tx, lists, await legal_entities.list_all(tx), asked)
