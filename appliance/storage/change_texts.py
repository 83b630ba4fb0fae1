"""Changed fields as people read them: names in place of codes and numbers."""

from typing import Any, cast

from appliance.domain import customer_feed, order_feed
from appliance.domain.fields import HISTORY, as_text
from appliance.domain.order_feed import MILLI_FIELDS, MONEY_FIELDS
from appliance.domain.personal import Personal
from appliance.domain.references import ReferenceKind
from appliance.domain.timeline import ChangedField
from appliance.storage import staff
from appliance.storage.change_entries import Entry, plain, values
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

Names = dict[int, staff.Colleague]

_LISTS = {
    "delivery_type": ReferenceKind.DELIVERY_TYPE,
    "delivery_service": ReferenceKind.DELIVERY_SERVICE,
    "order_method": ReferenceKind.ORDER_METHOD,
    "order_type": ReferenceKind.ORDER_TYPE,
    "payments": ReferenceKind.PAYMENT_TYPE,
    "payments.type": ReferenceKind.PAYMENT_TYPE,
    "payments.status": ReferenceKind.PAYMENT_STATUS,
}
_COLLEAGUES = frozenset({"manager", "manager_id", "owner"})
_PLAIN = frozenset({"order", "deal"})
"""Entities whose personal fields the feed of orders names; a client's go by his own."""


def shown(tx: Tx, lists: Lists, names: Names, entity: str, entry: Entry) -> ChangedField:
    """One field of a deed; a personal value that the grant hides is not even opened."""
    granted = order_feed.grant_field if entity in _PLAIN else customer_feed.grant_field
    old, new = values(tx, entry, granted)
    if entry.field.startswith(HISTORY):
        return ChangedField(field=entry.field, old=_kept(old), new=_kept(new))
    part: dict[str, Any] = plain(entry.part) or {}
    title = part.get("name", "")
    return ChangedField(
        field=entry.field,
        old=text_of(lists, names, entry.field, old, title),
        new=text_of(lists, names, entry.field, new, title),
    )


def _kept(value: Any) -> Personal[str] | str | None:
    """A value of an administrator's field; the door knows how it reads."""
    return cast("Personal[str]", value) if isinstance(value, Personal) else as_text(value)


def text_of(
    lists: Lists, names: Names, field: str, value: Any, title: str
) -> Personal[str] | str | None:
    """A value as people read it: names instead of codes and numbers."""
    if value is None:
        return None
    if isinstance(value, Personal):
        return cast("Personal[str]", value)
    if isinstance(value, dict):
        return _of_reference(lists, names, field, cast("dict[str, Any]", value), title)
    if field in MONEY_FIELDS:
        return f"{value / 100:.2f}"
    if field in _COLLEAGUES and isinstance(value, int) and value in names:
        return names[value].name
    return f"{value / 1000:g}" if field in MILLI_FIELDS else str(value)


_NUMBERED = frozenset({"link", "combined_to", "corporate_address", "corporate_company", "returns"})
"""Fields whose value names another record."""


def _of_reference(lists: Lists, names: Names, field: str, value: dict[str, Any], title: str) -> str:
    if field == "manager":
        colleague = names.get(value.get("id", 0))
        return "" if colleague is None else colleague.name
    if field == "order_product":
        return title
    if field.startswith("shipments") or field in _NUMBERED:
        return f"№ {value.get('id')}"
    if field == "company_contact":
        return f"№ {value.get('id')} {value.get('role', '')}".strip()
    if field == "delivery_time":
        return "–".join(str(one) for one in value.values() if one)
    return _of_code(lists, field, str(value.get("code") or value.get("type") or value.get("id")))


def _of_code(lists: Lists, field: str, code: str) -> str:
    if field == "status":
        known = lists.statuses.get(code)
    elif field == "shipment_store":
        known = lists.warehouses.get(code)
    else:
        kind = _LISTS.get(field)
        known = None if kind is None else lists.of(kind).get(code)
    return code if known is None else known.name
