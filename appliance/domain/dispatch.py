"""What the warehouse sees of orders: nothing of their buyers."""

from datetime import date, datetime
from enum import StrEnum
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
    courier_number: int | None = None
    run_state: str = ""
    refusal: str = ""
    done_at: datetime | None = None
    buyer_id: UUID | None = None


class When(StrEnum):
    """Which orders of the board are looked at."""

    TODAY = "today"
    PICKUP = "pickup"
    LATER = "later"


PICKUP = "self-delivery"
"""Code of the delivery type that is none: the buyer comes himself."""


def when_of(one: Standing, today: date) -> When:
    """Where an order belongs; without a day it is today's work."""
    if one.delivery_type == PICKUP:
        return When.PICKUP
    later = one.delivery_date is not None and one.delivery_date > today
    return When.LATER if later else When.TODAY


class PickLine(NamedTuple):
    """A line to be picked, with the shelf where it lies; thousandths."""

    id: UUID
    variant_id: UUID | None
    name: str
    sku: str
    quantity_milli: int
    picked_milli: int
    shelf: str
    missing: bool = False
