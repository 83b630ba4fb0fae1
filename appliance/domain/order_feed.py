"""The feed of changes of orders, as programs read it.

Values are in the house's units: kopecks, thousandths, ISO times. The door that speaks to a program
turns them into its form; which fields are which is said here.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from appliance.domain.fields import CustomField
from appliance.domain.orders import OrderView

MONEY_FIELDS = frozenset(
    {
        "discount_manual_amount",
        "delivery_cost",
        "delivery_net_cost",
        "payments.amount",
        "order_product.initial_price",
        "order_product.discount_total",
        "order_product.summ",
        "prepay_sum",
    }
)
MILLI_FIELDS = frozenset({"order_product.quantity", "discount_manual_percent"})

PERSONAL_FIELDS = {
    "first_name": "name",
    "last_name": "name",
    "patronymic": "name",
    "phone": "phone",
    "additional_phone": "phone",
    "email": "email",
    "customer_comment": "comment",
    "manager_comment": "comment",
    "status_comment": "comment",
    "discount_reason": "comment",
    "payments.comment": "comment",
    "order_product.comment": "comment",
}
"""Field of the feed → name of the personal field that a grant knows."""

ADDRESS_PREFIX = "delivery_address."


def grant_field(field: str) -> str:
    """Which personal field of a grant decides whether a change may be read; empty for none."""
    return "address" if field.startswith(ADDRESS_PREFIX) else PERSONAL_FIELDS.get(field, "")


class FeedFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader asks for.

    Attributes:
        since: number of the last entry the reader has; it is not given again.
        start, end: both included.
    """

    since: int = 0
    start: datetime | None = None
    end: datetime | None = None
    order_number: int | None = None
    order_external_id: str | None = None
    limit: int = 100


class FeedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One changed field of one order.

    Attributes:
        source: user, api, rule or code.
        current_key: made by the key that reads now; None when not made by a key.
        old, new: JSON-able; a personal one is wrapped, or None where the grant hides it.
        part: the line or payment touched, as `storage.order_lines.part_of` and
            `storage.payments.part_of` made it; external ids of a line are today's.
        order: the whole order as of this entry, with a creation only.
        status: the order's status after this entry.
        custom: the field, where an administrator made it.
        external_id: the shop's id as of now, whenever the entry was made.
    """

    number: int
    at: datetime
    created: bool
    deleted: bool
    source: str
    user_number: int
    current_key: bool | None
    field: str
    old: Any
    new: Any
    part: dict[str, Any] | None
    order_id: UUID
    order_number: int
    external_id: str | None
    manager_number: int | None
    shop: str
    status: str
    order: OrderView | None = None
    custom: CustomField | None = None


class FeedPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the feed.

    Attributes:
        total_count: entries from `since` on that match, these included; counted up to a bound.
    """

    generated_at: datetime
    entries: tuple[FeedEntry, ...]
    total_count: int
