"""Statements of banks and the receipts of money in them."""

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.access import NOBODY
from appliance.domain.ids import uuid7
from appliance.domain.reconciling import (
    BankWords,
    Basis,
    DocumentState,
    Receipt,
    StatementState,
    StatementView,
)
from appliance.errors import Conflict, NotFound
from appliance.storage import counters, settings
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
from appliance.storage.tables import BankDocumentRow, BankStatementRow
from appliance.storage.tx import Tx

LABEL: Final = "bank_document.words"
SALT: Final = "bank.salt"
LEFT_LYING: Final = timedelta(minutes=30)
"""An upload that stopped in the middle is forgotten after this, or by the next one of its maker."""
_encode = msgspec.msgpack.Encoder().encode
_words = msgspec.msgpack.Decoder(BankWords)
_problems = msgspec.json.Decoder(tuple[tuple[int, str], ...])


class Salt(msgspec.Struct, frozen=True):
    """Setting: the key of marks, sealed under the house's secret."""

    sealed: bytes = b""


class Document(NamedTuple):
    """A receipt of money as stored."""

    id: UUID
    statement_id: UUID
    day: Any
    amount: int
    words: bytes | None
    state: str
    basis: str
    order_id: UUID | None
    payment_id: UUID | None
    made: bool
    was_kind: str
    was_status: str
    was_amount: int
    settled_at: datetime | None
    settled_by: int


class Fresh(NamedTuple):
    """A receipt that was not known before, with what it is taken for."""

    receipt: Receipt
    mark: str
    state: DocumentState
    basis: str
    order_id: UUID | None


_COLUMNS: Final = ", ".join(f"d.{name}" for name in Document._fields)
_VIEW: Final = (
    "id, number, state, documents, incoming, known, amount, first_day, last_day, problems, "
    '"foreign", error, made_by, made_by_number, made_at'
)


async def salt(tx: Tx) -> bytes:
    """The key of marks; the first one to ask makes it."""
    known = await settings.get(SALT, Salt)
    if known.sealed:
        return tx.vault.open_secret(SALT, NOBODY, known.sealed)
    fresh = secrets.token_bytes(32)
    await settings.put(SALT, Salt(tx.vault.seal_secret(SALT, NOBODY, fresh)))
    return fresh


def mark_of(key: bytes, one: Receipt) -> str:
    """By which a receipt is known again: both accounts, number, day and sum."""
    words = one.words
    said = "\0".join((words.account, words.to, words.number, one.day.isoformat(), str(one.amount)))
    return hmac.digest(key, said.encode(), "sha256").hex()


async def begin(tx: Tx) -> int:
    """Begin an upload; what its maker left lying half-way is forgotten."""
    rows = await fetch(
        "SELECT id FROM bank_statement WHERE state = {} AND (made_by = {} OR made_at < {})",
        StatementState.READING.value,
        tx.actor.id,
        tx.now - LEFT_LYING,
    )
    for row in rows:
        await forget(row[0])
    number = await counters.draw("bank_statement")
    await insert(
        BankStatementRow,
        id=uuid7(),
        number=number,
        state=StatementState.READING.value,
        made_by=tx.actor.id,
        made_by_number=tx.actor.number,
        made_at=tx.now,
    )
    return number


async def forget(statement_id: UUID) -> None:
    """Take a statement away, with what of it is not settled."""
    await execute("DELETE FROM bank_document WHERE statement_id = {}", statement_id)
    await execute("DELETE FROM bank_statement WHERE id = {}", statement_id)


async def forget_open(statement_id: UUID) -> None:
    """Take away receipts that stand for no payment: the file may be uploaded again."""
    await execute(
        "DELETE FROM bank_document WHERE statement_id = {} AND payment_id IS NULL", statement_id
    )


async def known_marks(marks: Sequence[str]) -> set[str]:
    """Those of the marks that were taken in before."""
    rows = await fetch("SELECT mark FROM bank_document WHERE mark IN {}", any_of(list(marks)))
    return {row[0] for row in rows}


async def put(tx: Tx, statement: StatementView, fresh: Sequence[Fresh]) -> None:
    """Keep receipts; what the bank says of people is sealed under the house's secret."""
    made: list[dict[str, Any]] = []
    for one in fresh:
        row_id = uuid7()
        made.append(
            {
                "id": row_id,
                "statement_id": statement.id,
                "position": one.receipt.position,
                "mark": one.mark,
                "day": one.receipt.day,
                "amount": one.receipt.amount,
                "words": tx.vault.seal_secret(LABEL, row_id, _encode(one.receipt.words)),
                "state": one.state.value,
                "basis": one.basis,
                "order_id": one.order_id,
            }
        )
    await insert_many(BankDocumentRow, made)


def _view(row: tuple[Any, ...]) -> StatementView:
    return StatementView(
        id=row[0],
        number=row[1],
        state=StatementState(row[2]),
        documents=row[3],
        incoming=row[4],
        known=row[5],
        amount=row[6],
        first_day=row[7],
        last_day=row[8],
        problems=_problems.decode(row[9]),
        foreign=bool(row[10]),
        error=row[11],
        made_by=row[12],
        made_by_number=row[13],
        made_at=row[14],
    )


async def get(number: int) -> StatementView:
    """One statement with its counts.

    Raises:
        NotFound: `statement_not_found`.
    """
    row = await fetch_one(f"SELECT {_VIEW} FROM bank_statement WHERE number = {{}}", number)
    if row is None:
        raise NotFound("statement_not_found")
    view = _view(row)
    rows = await fetch(
        "SELECT state, COUNT(*), SUM(amount) FROM bank_document WHERE statement_id = {} "
        "GROUP BY state",
        view.id,
    )
    counts = {state: (int(many), int(kopecks)) for state, many, kopecks in rows}
    return msgspec.structs.replace(view, counts=counts)


async def page(before: int | None, limit: int) -> list[StatementView]:
    """Statements, the newest first."""
    rows = await fetch(
        f"SELECT {_VIEW} FROM bank_statement WHERE number < {{}} AND state <> {{}} "
        "ORDER BY number DESC LIMIT {}",
        before or 2**62,
        StatementState.READING.value,
        limit,
    )
    return [_view(row) for row in rows]


async def working(states: Sequence[StatementState]) -> list[StatementView]:
    """Statements in these states, the oldest first."""
    rows = await fetch(
        f"SELECT {_VIEW} FROM bank_statement WHERE state IN {{}} ORDER BY number",
        any_of([one.value for one in states]),
    )
    return [_view(row) for row in rows]


async def change(statement: StatementView, **columns: Any) -> None:
    """Change a statement's row."""
    if "problems" in columns:
        columns["problems"] = msgspec.json.encode(columns["problems"]).decode()
    await update_row(BankStatementRow, statement.id, **columns)


async def move(statement: StatementView, wanted: StatementState, *, error: str = "") -> None:
    """Take a statement from the state it was read in to another.

    Raises:
        Conflict: `statement_moved_on`: somebody was faster.
    """
    moved = await execute(
        "UPDATE bank_statement SET state = {}, error = {} WHERE id = {} AND state = {}",
        wanted.value,
        error,
        statement.id,
        statement.state.value,
    )
    if not moved:
        raise Conflict("statement_moved_on")


async def some(statement_id: UUID, state: DocumentState, limit: int) -> list[Document]:
    """The next documents of a statement in a state, in the order of the file."""
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM bank_document d WHERE d.statement_id = {{}} AND d.state = {{}} "
        "ORDER BY d.position LIMIT {}",
        statement_id,
        state.value,
        limit,
    )
    return [Document(*row) for row in rows]


async def listed(
    statement_id: UUID | None, state: DocumentState, after: UUID | None, limit: int
) -> list[tuple[Document, int]]:
    """Documents in a state with their statements' numbers, the newest upload first."""
    whose = "d.statement_id = {}" if statement_id else "s.state IN ('checked', 'done', 'running')"
    args: tuple[object, ...] = (statement_id,) if statement_id else ()
    rows = await fetch(
        f"SELECT {_COLUMNS}, s.number FROM bank_document d "
        f"JOIN bank_statement s ON s.id = d.statement_id WHERE {whose} AND d.state = {{}} "
        "AND d.id < {} ORDER BY d.id DESC LIMIT {}",
        *args,
        state.value,
        after or UUID(int=2**128 - 1),
        limit,
    )
    return [(Document(*row[:-1]), row[-1]) for row in rows]


async def waiting() -> int:
    """How many receipts somebody has to look at; no more than a thousand are counted."""
    return int(
        await fetch_value(
            "SELECT COUNT(*) FROM (SELECT d.id FROM bank_document d "
            "JOIN bank_statement s ON s.id = d.statement_id WHERE d.state = 'open' "
            "AND s.state IN ('checked', 'done', 'running') LIMIT 1000) AS w"
        )
    )


async def document(document_id: UUID) -> Document:
    """One receipt.

    Raises:
        NotFound: `bank_document_not_found`.
    """
    row = await fetch_one(f"SELECT {_COLUMNS} FROM bank_document d WHERE d.id = {{}}", document_id)
    if row is None:
        raise NotFound("bank_document_not_found")
    return Document(*row)


def open_words(tx: Tx, one: Document) -> BankWords | None:
    """What the bank says; None once the payment has it."""
    if one.words is None:
        return None
    return _words.decode(tx.vault.open_secret(LABEL, one.id, one.words))


def seal_words(tx: Tx, document_id: UUID, words: BankWords) -> bytes:
    """The cell of what the bank says."""
    return tx.vault.seal_secret(LABEL, document_id, _encode(words))


async def set_document(document_id: UUID, **columns: Any) -> None:
    """Change a receipt."""
    await update_row(BankDocumentRow, document_id, **columns)


async def bound_payments(order_id: UUID) -> set[UUID]:
    """Payments of an order that a receipt stands behind already."""
    rows = await fetch(
        "SELECT payment_id FROM bank_document WHERE order_id = {} AND payment_id IS NOT NULL",
        order_id,
    )
    return {row[0] for row in rows}


async def behind(payment_id: UUID) -> UUID | None:
    """The receipt behind a payment."""
    return await fetch_value("SELECT id FROM bank_document WHERE payment_id = {}", payment_id)


def basis_of(text: str) -> Basis | None:
    """The basis kept in a row."""
    return Basis(text) if text else None
