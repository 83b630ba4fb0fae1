"""Documents that move stock: kinds, states, what a person puts into them and sees of them."""

from datetime import datetime
from enum import StrEnum

import msgspec

from appliance.domain.personal import Personal


class DocumentKind(StrEnum):
    """What a document does."""

    RECEIPT = "receipt"  # goods come from a supplier
    MOVE = "move"  # from one warehouse to another, in transit between
    WRITE_OFF = "write_off"
    COUNT = "count"  # what lies there is counted; differences become movements
    RETURN = "return"  # a buyer's goods come back
    OPENING = "opening"  # what lay there when the box began; figures as in `COUNT`


class DocumentState(StrEnum):
    """Where a document stands. `SENT` is of moves only: out of one place, not yet in the other."""

    DRAFT = "draft"
    SENT = "sent"
    POSTED = "posted"
    UNDONE = "undone"


COUNTS = frozenset({DocumentKind.COUNT, DocumentKind.OPENING})
"""Kinds whose quantity is what lies there, not what is added."""
REASONS = ("damaged", "expired", "lost", "own_use", "gift")
"""Why goods are written off; the words are the screen's."""
MOST_LINES = 2_000
MOST_MILLI = 10**10


class DocumentDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What a new document begins with.

    Attributes:
        target: code of the warehouse a move goes to.
        order_number: whose goods come back.
        outside_number: the supplier's own number of the paper.
        supplier_number: whose goods come, of the clients that are suppliers; 0 for none of them.
        supplier: who is none of them, in words; may be a person's name, so it is sealed.
    """

    kind: DocumentKind
    warehouse: str
    target: str = ""
    order_number: int = 0
    reason: str = ""
    outside_number: str = ""
    supplier_number: int = 0
    supplier: Personal[str] = Personal("")
    comment: Personal[str] = Personal("")


class Supplier(msgspec.Struct, frozen=True, kw_only=True):
    """One whose goods come in; a name that is hidden is empty."""

    number: int
    name: Personal[str]


class DocumentLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line as shown.

    Attributes:
        there_milli: on hand, as posting found it or as it is now.
        asked: what the document's supplier asks for it now, or the least that any asks; kopecks,
            None where none is known.
    """

    variant: int
    product: int
    name: str
    sku: str
    barcode: str
    quantity_milli: int
    price: int | None
    there_milli: int
    free_milli: int
    asked: int | None = None


class DocumentRow(msgspec.Struct, frozen=True, kw_only=True):
    """A document in the list."""

    number: int
    kind: DocumentKind
    state: DocumentState
    warehouse: str
    target: str
    lines: int
    quantity_milli: int
    total: int
    made_by: int
    made_at: datetime


class DocumentCard(msgspec.Struct, frozen=True, kw_only=True):
    """A document with its lines. `at_line`: the line a scan has just changed, by variant."""

    head: DocumentRow
    version: int
    reason: str
    outside_number: str
    order_number: int
    supplier: Personal[str]
    supplier_number: int
    comment: Personal[str]
    posted_at: datetime | None
    undone_at: datetime | None
    lines: tuple[DocumentLine, ...]
    sees_cost: bool


class DocumentPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of documents, newest first."""

    rows: tuple[DocumentRow, ...]
    after: int | None


class FileLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a file of stock. `row` is its number in the file, from 1."""

    row: int
    code: str
    quantity_milli: int
    price: int | None = None
