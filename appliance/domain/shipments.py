"""Shipments: goods of one or more lines leaving a warehouse together. Quantity is thousandths."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec


class State(StrEnum):
    """Where a shipment stands; goods leave the stock on dispatch, not before."""

    DRAFT = "draft"
    DISPATCHED = "dispatched"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class ShipmentDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A shipment to make.

    Attributes:
        lines: number of a line → quantity; None takes all that has not gone yet.
        warehouse: code; empty: where the order's goods are set aside.
        delivery_type: code; empty: the order's own.
        cost: kopecks, what this shipment costs us or the buyer.
    """

    lines: dict[int, int] | None = None
    warehouse: str = ""
    delivery_type: str = ""
    cost: int = 0
    planned_for: date | None = None
    track_number: str = ""


class ShipmentLine(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a line goes."""

    line: int
    name: str
    quantity_milli: int


class ShipmentView(msgspec.Struct, frozen=True, kw_only=True):
    """A shipment as a card shows it; names stand beside their codes."""

    id: UUID
    number: int
    order_number: int
    state: State
    warehouse: str
    warehouse_name: str
    delivery_type: str
    delivery_name: str
    cost: int
    planned_for: date | None
    track_number: str
    created_at: datetime
    dispatched_at: datetime | None
    delivered_at: datetime | None
    lines: Sequence[ShipmentLine]
