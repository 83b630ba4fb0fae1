"""Coupons: codes that take something off an order. A code is no personal data."""

from datetime import date
from enum import StrEnum
from uuid import UUID

import msgspec

from appliance.domain.order_sums import part_of

_HUNDRED_PERCENT_MILLI = 100_000


class Kind(StrEnum):
    """What a coupon's value is."""

    PERCENT = "percent"  # thousandths of a percent
    AMOUNT = "amount"  # kopecks


class Coupon(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon; None in a limit is no limit.

    Attributes:
        code: upper case.
        valid_until: the last day it holds.
        min_total: kopecks of goods after their own discounts.
    """

    id: UUID
    code: str
    kind: Kind
    value: int
    valid_from: date | None = None
    valid_until: date | None = None
    min_total: int = 0
    uses_left: int | None = None
    per_client: int | None = None
    active: bool = True


def spelled(code: str) -> str:
    """A code as it is kept: people type it in any case, with spaces around.

    >>> spelled(" spring-10 ")
    'SPRING-10'
    """
    return code.strip().upper()


def refusal(coupon: Coupon | None, today: date, base: int, used_by_client: int) -> str:
    """Why a coupon does not hold for an order; empty where it does.

    Args:
        coupon: as found; None: no such code.
        today: in the box's zone.
        base: kopecks of goods after their own discounts.
        used_by_client: orders of this client that used it already.
    """
    if coupon is None or not coupon.active:
        return "coupon_unknown"
    if coupon.valid_from is not None and today < coupon.valid_from:
        return "coupon_early"
    if coupon.valid_until is not None and today > coupon.valid_until:
        return "coupon_expired"
    if coupon.uses_left is not None and coupon.uses_left <= 0:
        return "coupon_used_up"
    if coupon.per_client is not None and used_by_client >= coupon.per_client:
        return "coupon_used_by_client"
    return "coupon_small_total" if base < coupon.min_total else ""


def worth(coupon: Coupon | None, base: int) -> int:
    """Kopecks that a coupon takes off goods of `base`; nothing below its least total."""
    if coupon is None or base < coupon.min_total:
        return 0
    if coupon.kind is Kind.PERCENT:
        return min(part_of(base, coupon.value, _HUNDRED_PERCENT_MILLI), base)
    return min(coupon.value, base)
