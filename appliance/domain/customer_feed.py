"""The feed of changes of clients, as programs read it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from appliance.domain.customers import CustomerKind, CustomerView
from appliance.domain.fields import CustomField

_PERSONAL = {
    "first_name": "name",
    "last_name": "name",
    "patronymic": "name",
    "nick_name": "name",
    "sex": "name",
    "birthday": "birthday",
    "date": "birthday",
    "commentary": "comment",
    "phones": "phone",
    "email": "email",
    "messenger": "phone",
    "fleet": "comment",
    "culture": "comment",
    "software": "comment",
    "stop_note": "comment",
}
_PREFIXES = {"address.": "address", "contragent.": "tax_id", "wishes.": "comment"}


def grant_field(field: str) -> str:
    """Which personal field of a grant decides whether a change may be read.

    A field nobody listed here counts as a name: shown to fewer rather than to more.
    """
    field = field.removeprefix("merged.")
    for prefix, granted in _PREFIXES.items():
        if field.startswith(prefix):
            return granted
    return _PERSONAL.get(field, "name")


class CustomerFeedFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader asks for.

    Attributes:
        since: number of the last entry the reader has; it is not given again.
        start, end: both included.
        kind: people, or companies; None: both.
    """

    since: int = 0
    start: datetime | None = None
    end: datetime | None = None
    customer_number: int | None = None
    customer_external_id: str | None = None
    limit: int = 100
    kind: CustomerKind | None = None


class CustomerFeedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One changed field of one client.

    Attributes:
        source: user, api, rule or code.
        current_key: made by the key that reads now; None when not made by a key.
        old, new: JSON-able; a personal one is wrapped, or None where the grant hides it.
        customer: the whole client, with a creation or deletion only.
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
    customer_id: UUID
    customer_number: int
    external_id: str | None
    shop: str
    customer: CustomerView | None = None
    custom: CustomField | None = None


class CustomerFeedPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the feed.

    Attributes:
        total_count: entries from `since` on that match, these included; counted up to a bound.
    """

    generated_at: datetime
    entries: tuple[CustomerFeedEntry, ...]
    total_count: int
