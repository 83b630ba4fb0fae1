"""What the warehouse sees of orders: nothing of their buyers."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID


class Standing(NamedTuple):
    """An order on the board; nothing of its buyer."""

    id: UUID
    number: int
    status: str
    delivery_type: str
    delivery_date: date | None
    delivery_to: str
    summary: str
    lines_count: int
    status_at: datetime
    packed_at: datetime | None


class PickLine(NamedTuple):
    """A line to be picked, with the shelf where it lies; thousandths."""

    id: UUID
    variant_id: UUID | None
    name: str
    sku: str
    quantity_milli: int
    picked_milli: int
    shelf: str
