"""The feed of changes of clients, as programs read it."""

from datetime import datetime
from typing import Any

import msgspec

from appliance.domain.customers import CustomerView

_FIELDS = {
    "phones": "phone",
    "email": "email",
    "messenger": "phone",
    "birthday": "birthday",
    "commentary": "comment",
}
_PREFIXES = {"address.": "address", "contragent.": "tax_id"}


def grant_field(field: str) -> str:
    """Which personal field of a grant decides whether a change may be read."""
    for prefix, name in _PREFIXES.items():
        if field.startswith(prefix):
            return name
    return _FIELDS.get(field, "name")


class CustomerFeedFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader asks for.

    Attributes:
        since: number of the last entry the reader has; it is not given again.
        start, end: both included.
    """

    since: int = 0
    start: datetime | None = None
    end: datetime | None = None
    number: int | None = None
    external_id: str | None = None
    limit: int = 100


class CustomerFeedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One changed field of one client.

    Attributes:
        source: user, api, rule or code.
        current_key: made by the key that reads now; None when not made by a key.
        old, new: JSON-able; a personal one is wrapped, or None where the grant hides it.
        external_id: the shop's id as of now, whenever the entry was made.
        customer: the client as he is now, with a creation only.
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
    customer_number: int
    external_id: str | None
    shop: str
    customer: CustomerView | None = None


class CustomerFeedPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the feed.

    Attributes:
        total_count: entries from `since` on that match, these included; counted up to a bound.
    """

    generated_at: datetime
    entries: tuple[CustomerFeedEntry, ...]
    total_count: int
