"""What a shop's box and a fulfilment operator say to each other: version 1 of our own contract.

`docs/fulfillment.md` explains it, `openapi.json` is built from these structs by `description.py`.
Sums are kopecks; quantities are pieces (or kilograms, metres) with up to three decimals; times are
ISO 8601 with a zone; a marking code is the raw text of its label, GS separators (0x1D) included.
"""

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

VERSION: Final = "1"
MOST_LINES: Final = 500
MOST_LABEL: Final = 5 << 20
"""Bytes of a label."""
FRESH_SECONDS: Final = 300
"""A push whose timestamp is further away than this is refused."""

Status = Literal[
    "accepted",
    "reserved",
    "shortage",
    "picking",
    "packed",
    "shipped",
    "delivered",
    "cancelled",
    "return_arrived",
    "return_checked",
]
Condition = Literal["good", "damaged", "wrong"]

Number = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Sku = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
Quantity = Annotated[float, msgspec.Meta(gt=0, le=1_000_000)]
Count = Annotated[float, msgspec.Meta(ge=0, le=1_000_000_000)]
Kopecks = Annotated[int, msgspec.Meta(ge=0)]


class _Said(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Unknown fields are ignored, so that either side may say more than the other reads."""


class SkuGiven(_Said, frozen=True, kw_only=True, omit_defaults=True):
    """A good as the shop knows it: told before the first order that names it."""

    name: str
    barcodes: tuple[str, ...] = ()
    weight_g: Annotated[int, msgspec.Meta(ge=0)] = 0
    needs_marking: bool = False


class LineGiven(_Said, frozen=True, kw_only=True, omit_defaults=True):
    """A position; `line` is the shop's number of it and comes back in every answer."""

    line: int
    sku: Sku
    name: str
    quantity: Quantity
    price: Kopecks = 0
    vat_rate: str = ""
    needs_marking: bool = False


class Recipient(_Said, frozen=True, kw_only=True, omit_defaults=True):
    """Who gets the parcel."""

    name: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    comment: str = ""


class Delivery(_Said, frozen=True, kw_only=True, omit_defaults=True):
    """How it goes. An empty `service`: the operator chooses the carrier."""

    method: str = ""
    service: str = ""
    track_number: str = ""
    label_follows: bool = False


class OrderGiven(_Said, frozen=True, kw_only=True, omit_defaults=True):
    """An order to pick, pack and hand over.

    Attributes:
        cash_on_delivery: to be taken from the recipient; 0: it is paid.
    """

    order_no: Number
    warehouse: str = ""
    ship_by: datetime | None = None
    lines: Annotated[tuple[LineGiven, ...], msgspec.Meta(min_length=1, max_length=MOST_LINES)]
    recipient: Recipient = Recipient()
    delivery: Delivery = Delivery()
    cash_on_delivery: Kopecks = 0
    insured_value: Kopecks = 0
    notes: str = ""


class OrderChange(_Said, frozen=True, kw_only=True, omit_defaults=True):
    """New lines, recipient or delivery, each replaced as a whole; only before picking."""

    lines: tuple[LineGiven, ...] | None = None
    recipient: Recipient | None = None
    delivery: Delivery | None = None
    notes: str | None = None


class LineTold(_Said, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a position.

    Attributes:
        quantity: of the event: picked, packed, shipped, come back; all of the order in an answer.
        short: not there.
        shipped, returned: altogether so far (answers about an order).
        codes: raw marking codes of the pieces.
    """

    line: int
    sku: str
    quantity: Count = 0
    short: Count = 0
    shipped: Count = 0
    returned: Count = 0
    codes: tuple[str, ...] = ()
    condition: Condition | None = None


class Package(_Said, frozen=True, kw_only=True, omit_defaults=True):
    """A parcel."""

    number: str = ""
    weight_g: int = 0
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0


class OrderTold(_Said, frozen=True, kw_only=True, omit_defaults=True):
    """An order as the operator has it."""

    id: str
    order_no: str
    status: Status
    updated_at: datetime
    reason: str = ""
    lines: tuple[LineTold, ...] = ()
    tracking: str = ""
    carrier: str = ""
    packages: tuple[Package, ...] = ()


class OrdersTold(_Said, frozen=True, kw_only=True, omit_defaults=True):
    """A page; an empty `next_cursor`: that was all."""

    orders: tuple[OrderTold, ...]
    next_cursor: str = ""


class CancelTold(_Said, frozen=True, kw_only=True, omit_defaults=True):
    """`too_late`: it is packed or gone; what comes back comes as a return."""

    result: Literal["cancelled", "too_late"]
    status: Status


class Event(_Said, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the operator's log; `seq` grows by one within an account and has no holes."""

    event_id: str
    seq: Annotated[int, msgspec.Meta(ge=1)]
    type: Literal["order"] = "order"
    occurred_at: datetime
    order_no: str
    status: Status
    reason: str = ""
    lines: tuple[LineTold, ...] = ()
    tracking: str = ""
    carrier: str = ""
    packages: tuple[Package, ...] = ()


class EventsTold(_Said, frozen=True, kw_only=True, omit_defaults=True):
    """Events after a number, ascending; `last` is the newest there is."""

    events: tuple[Event, ...]
    last: int


class StockRow(_Said, frozen=True, kw_only=True, omit_defaults=True):
    """What lies of one good in one warehouse; `available` = on hand − reserved − quarantine."""

    sku: str
    warehouse: str = ""
    on_hand: Count
    reserved: Count
    available: Annotated[float, msgspec.Meta(ge=-1_000_000_000)]
    quarantine: Count = 0


class StockTold(_Said, frozen=True, kw_only=True, omit_defaults=True):
    """A page of stock as it stood at `as_of`; the same moment on all pages of one reading."""

    as_of: datetime
    rows: tuple[StockRow, ...]
    next_cursor: str = ""


class SandboxDeed(_Said, frozen=True, kw_only=True, omit_defaults=True):
    """What an operator's people would do, said to its sandbox; no lines: all of the order."""

    lines: tuple[LineTold, ...] = ()
    tracking: str = ""
    carrier: str = ""
    reason: str = ""


class SandboxStock(_Said, frozen=True, kw_only=True, omit_defaults=True):
    """Put so many pieces of a good into the sandbox's warehouse."""

    on_hand: Count
    warehouse: str = ""


class Trouble(_Said, frozen=True, kw_only=True, omit_defaults=True):
    """A refusal.

    Attributes:
        code: `unauthorized`, `not_found`, `invalid`, `sku_unknown`, `key_reused`, `too_late`,
            `too_many_requests`; others are read as `invalid`.
        field: of the request.
        status: of the order, with `too_late`.
    """

    code: str
    message: str = ""
    field: str = ""
    status: Status | None = None


def milli(quantity: float) -> int:
    """A quantity of the contract in thousandths.

    >>> milli(2.0), milli(0.125)
    (2000, 125)
    """
    return round(quantity * 1000)


def quantity(thousandths: int) -> float:
    """Thousandths as a quantity of the contract; whole pieces print as whole numbers."""
    whole, rest = divmod(thousandths, 1000)
    return thousandths / 1000 if rest else whole
