"""Money of bank statements and the orders that it pays."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.personal import Personal

CHUNK: Final = 200
"""Documents that are taken in at once: a transaction of about a tenth of a second."""
WINDOW_DAYS: Final = 30
"""How long before its money an order may have been placed to be thought of by its sum."""
BY_HAND_DAYS: Final = 5
"""A payment written down by hand this near to the bank's day, of the same sum, is the same."""


class StatementState(StrEnum):
    """How far an uploaded file came."""

    READING = "reading"
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


WORKING: Final = (StatementState.RUNNING, StatementState.UNDOING)


class DocumentState(StrEnum):
    """What became of one receipt of money."""

    MATCHED = "matched"  # it is known which order it pays; nothing is written down yet
    OPEN = "open"  # somebody has to say
    SETTLED = "settled"
    ASIDE = "aside"  # no order's money: a loan, a return of a supplier
    KEPT = "kept"  # its upload was taken back, but its payment was worked on since: that stays


class Basis(StrEnum):
    """By what an order was found."""

    BILL = "bill"  # a number of our invoice in the purpose
    PAYER = "payer"  # INN of the payer, and exactly this sum is due
    HAND = "hand"  # a colleague said so
    ORDER = "order"  # the purpose names the order: proposed only
    SUM = "sum"  # sum and days agree: proposed only


class BankWords(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Blob of `bank_document.words`."""

    v: int = 1
    number: str = ""
    payer: str = ""
    inn: str = ""
    account: str = ""
    to: str = ""
    purpose: str = ""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Money that came, on its way from a file into the box."""

    position: int
    day: date
    amount: int
    words: BankWords


class StatementView(msgspec.Struct, frozen=True, kw_only=True):
    """An uploaded file.

    Attributes:
        problems: (line, code) of documents that could not be read.
        counts: state of a document → (how many, kopecks).
    """

    id: UUID
    number: int
    state: StatementState
    documents: int
    incoming: int
    known: int
    amount: int
    first_day: date | None
    last_day: date | None
    problems: tuple[tuple[int, str], ...]
    foreign: bool
    error: str
    made_by: UUID
    made_by_number: int
    made_at: datetime
    counts: dict[str, tuple[int, int]] = {}


class OrderBrief(msgspec.Struct, frozen=True, kw_only=True):
    """An order that money may be for.

    Attributes:
        due: kopecks that are left to pay; negative where too much was paid.
        basis: why it is proposed.
    """

    id: UUID
    number: int
    shown_number: str
    name: Personal[str] | None
    day: date
    total: int
    due: int
    status: str
    basis: str = ""


class DocumentView(msgspec.Struct, frozen=True, kw_only=True):
    """One receipt of money as a page shows it.

    Attributes:
        words: None once it is known whose money it is: the payment has them then.
        order: that it pays, or is to pay.
        proposed: orders that it may be for; a colleague chooses.
    """

    id: UUID
    statement: int
    day: date
    amount: int
    state: DocumentState
    basis: str
    words: Personal[BankWords] | None
    order: OrderBrief | None = None
    proposed: tuple[OrderBrief, ...] = ()
    settled_at: datetime | None = None
    settled_by: int = 0


class Bill(NamedTuple):
    """An invoice of ours that a purpose may name."""

    shown_number: str
    order_id: UUID
    day: date
    total: int
    entity_id: UUID | None


def bill_meant(
    spelled: Sequence[str], bills: Sequence[Bill], amount: int, day: date | None, typed: str
) -> UUID | None:
    """The order whose bill is meant, where that is beyond doubt.

    A number with its prefix is enough. A bare number (the prefix left out) needs the bill's own
    sum or day besides, and a day that is another one speaks against it.
    """
    found: set[UUID] = set()
    for bill in bills:
        if bill.shown_number not in spelled:
            continue
        whole = bill.shown_number.casefold() == typed.casefold()
        agrees = bill.total == amount or (day is not None and bill.day == day)
        against = day is not None and bill.day != day and bill.total != amount
        if agrees or (whole and not against):
            found.add(bill.order_id)
    return found.pop() if len(found) == 1 else None
