"""Orders at fulfilment operators as plugins read them and report on them; thousandths, kopecks."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import msgspec

from appliance.domain.personal import Personal

MOST_STOCK: Final = 1000
"""Rows of stock in one call."""
MOST_OPEN: Final = 100
"""Orders in one page of those under way."""

Stage = Literal[
    "",
    "accepted",
    "shortage",
    "picking",
    "packed",
    "shipped",
    "delivered",
    "returning",
    "returned",
    "cancelled",
    "refused",
]
"""What a report may say an order has come to; empty: nothing new, or `own` says it."""

Outcome = Literal["taken", "known", "old", "unknown"]
"""`known`: this `ref` came before; `old`: a later `seq` was taken; `unknown`: no such order."""

Snag = Literal["", "too_late", "changed_late"]
"""What the operator could not do: cancel, or change, an order it had begun."""


class FulfilmentAsked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One order at an operator, by the id of the wish."""

    id: UUID


class FulfilmentLabel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The parcel's label for the operator to stick on; None: the order has none."""

    media: str = ""
    body: Personal[bytes] | None = None


class FulfilmentLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A position that is to be there."""

    line: int
    sku: str
    name: str
    quantity_milli: int
    price: int = 0
    vat_rate: str = ""
    barcode: str = ""
    weight_grams: int = 0
    external_id: str = ""


class Fulfilment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An order at an operator.

    Attributes:
        order_no: what it is called there; the next one of the same order has another.
        want: `send`, `change`, `cancel`, or empty: what the operator has not answered yet.
        revision: grows whenever what is to be there changes: part of the idempotency key.
        stages: the operator's own status → stage, as somebody chose on the screen.
        cod: to be taken from the recipient.
    """

    id: UUID
    order_id: UUID
    order_number: int
    order_no: str
    account: str
    stage: str
    want: str = ""
    revision: int = 1
    remote_id: str = ""
    total: int = 0
    cod: int = 0
    lines: tuple[FulfilmentLine, ...] = ()
    stages: dict[str, str] = {}
    shipped: dict[int, int] = {}


class FulfilmentsAsked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Orders an account's operator still works on, behind an id."""

    account: str
    after: UUID | None = None
    limit: int = MOST_OPEN


class FulfilmentsFound(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page, oldest first.

    Attributes:
        stages: of the account, also where nothing is under way.
        warehouse: code; empty: nobody has set this account up yet.
    """

    found: tuple[Fulfilment, ...] = ()
    stages: dict[str, str] = {}
    warehouse: str = ""


class Moved(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A position in a report: shipped or come back, or what is missing of it."""

    line: int
    quantity_milli: int = 0
    short_milli: int = 0
    codes: tuple[str, ...] = ()


class FulfilmentReport(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an operator told.

    Attributes:
        id: of the order at the operator; else `account` and `order_no` find it.
        ref: name of this report: it is taken once.
        seq: where the operator numbers what it tells; an older one changes nothing.
        own: a status of the operator's own, by which the stage is found.
        revision: which revision was taken there (`accepted`).
        lines: of `shipped`: what left now, all that is left where empty; of `returned`: what came
            back; of `shortage`: what is missing; of `packed`: marking codes.
    """

    id: UUID | None = None
    account: str = "main"
    order_no: str = ""
    ref: str
    seq: int = 0
    stage: Stage = ""
    own: str = ""
    raw: str = ""
    at: datetime | None = None
    reason: str = ""
    snag: Snag = ""
    remote_id: str = ""
    revision: int = 0
    tracking: str = ""
    carrier: str = ""
    lines: tuple[Moved, ...] = ()


class FulfilmentTaken(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of a report; a `trouble` is for people, and stays until it is over.

    Attributes:
        trouble: `shortage`, `refused`, `too_late`, `changed_late`, `cancelled_there`, `returned`,
            `differs`, `shipped_closed`; empty: none.
    """

    outcome: Outcome
    order_id: UUID | None = None
    order_number: int = 0
    stage: str = ""
    trouble: str = ""


class StockRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an operator has free of a good: nothing set aside, nothing in quarantine."""

    sku: str
    available_milli: int


class StockGiven(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Stock of an account's warehouse as it stood at a moment."""

    account: str
    as_of: datetime
    rows: tuple[StockRow, ...]


class StockTaken(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How much of it was taken over.

    Attributes:
        unknown: articles that the box does not know, or that several variants share.
    """

    taken: int
    unknown: tuple[str, ...] = ()


class StatesAsked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which statuses of its own an account's operator has."""

    account: str


class OwnState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One of them; `hint` is the stage it is likely to mean."""

    code: str
    name: str
    hint: str = ""


class States(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """In their order; none: the operator speaks in stages."""

    states: tuple[OwnState, ...] = ()
