"""A client's money in words of the trade: what he is worth, how fast he pays, how much he may owe.

All sums are kopecks.
"""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from appliance.domain.customers import CustomerKind, CustomerView


class BreachKind(StrEnum):
    """Why no more should be sold on credit."""

    STOP = "stop"  # by hand: court, bankruptcy
    OVERDUE = "overdue"
    LIMIT = "limit"


class Breach(msgspec.Struct, frozen=True, kw_only=True):
    """One reason; `over` is by how much the limit would be passed, or what is overdue."""

    kind: BreachKind
    over: int = 0


class Bought(msgspec.Struct, frozen=True, kw_only=True):
    """A group of goods, and in how many orders it was."""

    group: str
    orders: int


def breach_of(
    *, limit: int | None, owed: int, overdue: int, stop: bool, new_total: int
) -> Breach | None:
    """The weightiest reason against a further order on credit; None where there is none.

    >>> breach_of(limit=100, owed=80, overdue=0, stop=False, new_total=30)
    Breach(kind=<BreachKind.LIMIT: 'limit'>, over=10)
    >>> breach_of(limit=None, owed=80, overdue=0, stop=False, new_total=30) is None
    True
    """
    if stop:
        return Breach(kind=BreachKind.STOP)
    if overdue > 0:
        return Breach(kind=BreachKind.OVERDUE, over=overdue)
    if limit is not None and owed + new_total > limit:
        return Breach(kind=BreachKind.LIMIT, over=owed + new_total - limit)
    return None


def mean_order(view: CustomerView) -> int:
    """Mean sum of an order."""
    return view.orders_total // view.orders_count if view.orders_count else 0


def mean_wait(view: CustomerView) -> timedelta | None:
    """How long an order waits for its money; None before the first was paid."""
    money = view.money
    return timedelta(seconds=money.paid_wait // money.paid_orders) if money.paid_orders else None


def cycle(view: CustomerView) -> timedelta | None:
    """How long it takes to the next order; None before the second."""
    if view.orders_count < 2 or view.first_order_at is None or view.last_order_at is None:
        return None
    return (view.last_order_at - view.first_order_at) / (view.orders_count - 1)


class Missing(StrEnum):
    """A field to ask for at the next occasion."""

    PHONE = "phone"
    NAME = "name"
    EMAIL = "email"
    ADDRESS = "address"
    REQUISITES = "requisites"
    BIRTHDAY = "birthday"


MOST_ASKED = 2


def to_ask(view: CustomerView, *, now: datetime) -> tuple[Missing, ...]:
    """The next one or two fields to ask for; nothing of a client who has not bought for a year.

    What is needed to deliver and to bill comes first; a birthday is asked of those who come back.
    """
    if view.last_order_at is not None and now - view.last_order_at > timedelta(days=365):
        return ()
    kinds = {one.kind.value for one in view.contacts}
    address = view.address.reveal() if view.address is not None else None
    company = view.kind is CustomerKind.COMPANY
    gaps = (
        (Missing.PHONE, "phone" not in kinds),
        (Missing.NAME, view.name is not None and not view.name),
        (Missing.REQUISITES, company and view.requisites is None),
        (Missing.EMAIL, "email" not in kinds),
        (Missing.ADDRESS, address is not None and not (address.city or address.text)),
        (Missing.BIRTHDAY, view.orders_count > 1 and view.birthday is None and not company),
    )
    return tuple(field for field, missing in gaps if missing)[:MOST_ASKED]
