"""Deeds that can be taken back: what comes back, what somebody changed since, what cannot."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from appliance.domain.fields import HISTORY
from appliance.domain.personal import Personal


class Fate(StrEnum):
    """What becomes of one change when its deed is taken back."""

    BACK = "back"
    CONFLICT = "conflict"
    """Somebody changed the field since: it is left alone."""
    NEVER = "never"
    """A payment, a line, a new record: another deed has to mend it."""


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """A deed of mine that can be taken back.

    Attributes:
        kind: name of the action.
        entity, entity_number: the first record it touched.
        records: how many.
        state: `open` or `undone`.
        undoes: the deed that this one took back.
    """

    id: UUID
    kind: str
    at: datetime
    until: datetime
    state: str
    entity: str
    entity_number: int
    records: int
    undoes: UUID | None


class Deeds(msgspec.Struct, frozen=True, kw_only=True):
    """A page of my deeds, newest first; `after` is the cursor of the next."""

    rows: tuple[Deed, ...]
    after: str | None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One field of one record on its way back.

    Attributes:
        was: what comes back; None for nothing, or where the reader may not see it.
        now: what the deed had made of it.
        by: number of the colleague who changed it since.
    """

    entity: str
    entity_id: UUID
    entity_number: int
    field: str
    fate: Fate
    was: Personal[str] | Any = None
    now: Personal[str] | Any = None
    by: int = 0


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """What taking a deed back would do."""

    deed: Deed
    steps: tuple[Step, ...]

    @property
    def works(self) -> bool:
        """Whether anything comes back at all."""
        return any(step.fate is Fate.BACK for step in self.steps)


CUSTOMER_FIELDS = {
    "first_name": "first_name",
    "last_name": "last_name",
    "patronymic": "patronymic",
    "nick_name": "company_name",
    "birthday": "birthday",
    "sex": "sex",
    "commentary": "comment",
    "fleet": "fleet",
    "culture": "culture",
    "software": "software",
    "vip": "vip",
    "bad": "bad",
    "region": "region",
    "manager": "manager_number",
    "party": "party",
}
"""Field of a client's history → field of an edit that puts it back."""

CUSTOMER_LISTS = frozenset({"phones", "email", "messenger", "tags"})
"""Fields of which there are many: each entry adds one or takes one away."""

CUSTOMER_PREFIXES = ("address.", "contragent.")

ORDER_FIELDS = {
    "status": "status",
    "manager": "manager_number",
    "order_type": "order_type",
    "order_method": "order_method",
    "discount_manual_amount": "discount_amount",
    "discount_manual_percent": "discount_percent_milli",
    "shipment_store": "shipment_store",
    "shipment_date": "shipment_date",
    "shipped": "shipped",
    "call": "call",
}
ORDER_DELIVERY = {
    "delivery_type": "type",
    "delivery_service": "service",
    "delivery_cost": "cost",
    "delivery_net_cost": "net_cost",
    "vat_rate": "vat_rate",
    "delivery_date": "date",
    "integration_delivery_data.track_number": "track_number",
}
ORDER_CONTACT = frozenset(
    {
        "first_name",
        "last_name",
        "patronymic",
        "phone",
        "additional_phone",
        "email",
        "customer_comment",
        "manager_comment",
        "discount_reason",
    }
)
ORDER_ADDRESS = "delivery_address."
TASK_FIELDS = frozenset(
    {"due_at", "all_day", "remind_at", "postponed", "performer_id", "kind", "state"}
)


def comes_back(entity: str, field: str, kind: str) -> bool:
    """Whether an edit can put this field back at all."""
    if kind != "change":
        return False
    if field.startswith(HISTORY):
        return entity in ("customer", "order")
    if entity == "customer":
        known = field in CUSTOMER_FIELDS or field in CUSTOMER_LISTS
        return known or field.startswith(CUSTOMER_PREFIXES)
    if entity == "order":
        known = field in ORDER_FIELDS or field in ORDER_DELIVERY or field in ORDER_CONTACT
        return known or field.startswith(ORDER_ADDRESS)
    return entity == "task" and field in TASK_FIELDS
