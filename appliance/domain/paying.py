"""Payments that an acquirer carries: attempts by link, refunds, and how far each came."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

ALARM_BEFORE: Final = timedelta(hours=24)
"""Money that is held and not taken by then goes back to the payer: somebody is told in time."""
LONGEST_WAIT: Final = timedelta(days=7)
"""A link that the other side gave no term for is taken for dead after this."""


class AttemptState(StrEnum):
    """Neutral states, whatever the acquirer calls them."""

    CREATED = "created"  # wished of the plugin; the acquirer may not know of it yet
    PENDING = "pending"  # the payer has the link
    AUTHORIZED = "authorized"  # held at the payer's bank; to be captured
    PAID = "paid"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FAILED = "failed"


ACTIVE: Final = (AttemptState.CREATED, AttemptState.PENDING, AttemptState.AUTHORIZED)
"""An order has one attempt of these at most."""
SETTLED: Final = (AttemptState.PAID, AttemptState.PARTLY_REFUNDED, AttemptState.REFUNDED)
"""The money came."""
DEAD: Final = (AttemptState.CANCELLED, AttemptState.EXPIRED, AttemptState.FAILED)

_RANK: Final[Mapping[AttemptState, int]] = {
    AttemptState.CREATED: 0,
    AttemptState.PENDING: 1,
    AttemptState.CANCELLED: 2,
    AttemptState.EXPIRED: 2,
    AttemptState.FAILED: 2,
    AttemptState.AUTHORIZED: 3,
    AttemptState.PAID: 4,
    AttemptState.PARTLY_REFUNDED: 5,
    AttemptState.REFUNDED: 6,
}


def goes_on(was: AttemptState, told: AttemptState) -> bool:
    """Whether a report moves an attempt: reports come twice, late and in any order.

    Money that came is never taken for money that did not; a hold may be given back.

    >>> goes_on(AttemptState.PAID, AttemptState.PENDING)
    False
    >>> goes_on(AttemptState.CANCELLED, AttemptState.PAID)
    True
    >>> goes_on(AttemptState.AUTHORIZED, AttemptState.CANCELLED)
    True
    """
    if was is AttemptState.AUTHORIZED and told in DEAD:
        return True
    return _RANK[told] > _RANK[was]


class RefundState(StrEnum):
    """How far a refund came."""

    CREATED = "created"
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class Deed(StrEnum):
    """What is wished of a payment's plugin."""

    CREATE = "create"
    CAPTURE = "capture"
    CANCEL = "cancel"


class AttemptView(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to be paid.

    Attributes:
        amount, paid, refunded: kopecks.
        wished: deed that the plugin has still to do; empty: none.
        url: where the buyer pays.
        capture_by: a hold that is not taken by then goes back.
        reason: code of the acquirer's, or of the plugin's, why it failed.
        test: the acquirer's test shop: no money moves.
    """

    id: UUID
    number: int
    order_id: UUID
    plugin: str
    account: str
    state: AttemptState
    amount: int
    paid: int
    refunded: int
    two_stage: bool
    wished: str
    url: str
    vendor_id: str
    expires_at: datetime | None
    capture_by: datetime | None
    reason: str
    test: bool
    payment_id: UUID | None
    made_by: int
    created_at: datetime


class RefundView(msgspec.Struct, frozen=True, kw_only=True):
    """Money on its way back."""

    id: UUID
    attempt_id: UUID
    state: RefundState
    amount: int
    vendor_id: str
    reason: str
    created_at: datetime
