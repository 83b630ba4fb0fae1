"""What the box reads of an operator's answers: less than the contract holds, and more loosely.

The contract's own shapes are for the fake, the description and the conformance test. Here a status
or a condition that an operator made up must not keep the rest of its log from being read.
"""

from datetime import datetime
from typing import Literal

import msgspec


class _Heard(msgspec.Struct, frozen=True, kw_only=True):
    """Unknown fields are passed over."""


class Line(_Heard, frozen=True, kw_only=True):
    """What became of a position; pieces."""

    line: int
    quantity: float = 0
    short: float = 0
    codes: tuple[str, ...] = ()


class Event(_Heard, frozen=True, kw_only=True):
    """A line of the log; `status` may be one that nobody told us of."""

    event_id: str
    seq: int
    occurred_at: datetime | None = None
    order_no: str
    status: str
    reason: str = ""
    lines: tuple[Line, ...] = ()
    tracking: str = ""
    carrier: str = ""


class Events(_Heard, frozen=True, kw_only=True):
    """Events after a number."""

    events: tuple[Event, ...]
    last: int = 0


class Order(_Heard, frozen=True, kw_only=True):
    """An order as the operator has it."""

    id: str
    order_no: str
    status: str
    updated_at: datetime | None = None


class Orders(_Heard, frozen=True, kw_only=True):
    """A page of them."""

    orders: tuple[Order, ...]
    next_cursor: str = ""


class Cancel(_Heard, frozen=True, kw_only=True):
    """What became of a cancel: another word than these two is no answer."""

    result: Literal["cancelled", "too_late"]


class StockRow(_Heard, frozen=True, kw_only=True):
    """What may be promised of a good; less than nothing where too much is."""

    sku: str
    warehouse: str = ""
    available: float


class Stock(_Heard, frozen=True, kw_only=True):
    """A page of stock as it stood at `as_of`."""

    as_of: datetime
    rows: tuple[StockRow, ...]
    next_cursor: str = ""


class Push(_Heard, frozen=True, kw_only=True):
    """A hint: how far the log goes by now."""

    seq: int
