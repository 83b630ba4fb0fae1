"""A courier's day: orders in his hands, and what he marks at the door."""

from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.customers import AddressParts
from appliance.domain.personal import Personal


class RunState(StrEnum):
    """Where an order in a courier's hands stands."""

    GIVEN = "given"
    DELIVERED = "delivered"
    REFUSED = "refused"
    TAKEN_BACK = "back"  # the warehouse has what the buyer refused


class MarkKind(StrEnum):
    """What the courier's phone sends."""

    CASH = "cash"  # delivered, and the money taken
    CARD = "card"
    PLAIN = "plain"  # delivered, no money changed hands
    REFUSED = "refused"


class Refusal(StrEnum):
    """Why the buyer did not take it."""

    ABSENT = "absent"
    LATER = "later"
    CHANGED_MIND = "changed_mind"
    WRONG_GOODS = "wrong_goods"
    DAMAGED = "damaged"
    PRICE = "price"


COMES_AGAIN = frozenset({Refusal.ABSENT.value, Refusal.LATER.value})
"""Refusals after which the order is driven once more; after the others it is cancelled."""


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """One mark as a phone sends it, perhaps long after it was made and more than once.

    Attributes:
        id: made by the phone; a mark with an id that came before does nothing.
        amount: kopecks taken; 0 where none were.
        reason: a `Refusal`; empty unless refused.
    """

    id: UUID
    order: int
    kind: MarkKind
    amount: int = 0
    reason: str = ""


class Run(NamedTuple):
    """An order in a courier's hands, as far as the grant shows its buyer; kopecks.

    `phone` comes masked unless the role shows phones; the texts are None where it hides them.
    """

    number: int
    state: str
    reason: str
    day: date
    given_at: datetime
    done_at: datetime | None
    courier_number: int
    delivery_date: date | None
    delivery_from: str
    delivery_to: str
    total: int
    due: int
    goods: tuple[tuple[str, int], ...]
    name: Personal[str] | None
    phone: Personal[str] | None
    address: Personal[AddressParts] | None
    comment: Personal[str] | None
    wish: Personal[str] | None


class Courier(NamedTuple):
    """A colleague whom orders can be handed to."""

    number: int
    name: str
