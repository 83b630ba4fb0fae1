"""Clients as shops read them. Their own data leaves the house here."""

from typing import Any, Final
from zoneinfo import ZoneInfo

from appliance.api.v5.custom_fields import shown_values
from appliance.api.v5.read_customers import ADDRESS, REQUISITES
from appliance.api.v5.scalars import roubles, shown
from appliance.domain.customers import (
    AddressParts,
    ContactKind,
    CustomerKind,
    CustomerView,
    RequisitesParts,
)
from appliance.domain.personal import Personal, reveal_or_none

_NUMBERS: Final = frozenset({"floor", "block"})
"""Typed clients decode these as numbers; what is none is left out."""


def address(wrapped: Personal[AddressParts] | None) -> dict[str, Any]:
    """An address; always an object with `text`: modules read that unguarded."""
    answer: dict[str, Any] = {"text": ""}
    if wrapped is None:
        return answer
    parts = wrapped.reveal()
    for key, ours in ADDRESS.items():
        value: str = getattr(parts, ours)
        if not value:
            continue
        if key not in _NUMBERS:
            answer[key] = value
        elif value.isdecimal():
            answer[key] = int(value)
    return answer


def contragent(wrapped: Personal[RequisitesParts] | None) -> dict[str, Any]:
    """The legal side; a plain person's is only its type."""
    answer: dict[str, Any] = {"contragentType": "individual"}
    if wrapped is not None:
        parts = wrapped.reveal()
        answer |= {
            key: value for key, ours in REQUISITES.items() if (value := getattr(parts, ours))
        }
    return answer


def _text(wrapped: Personal[str] | None) -> str:
    return "" if wrapped is None else wrapped.reveal()


def _contacts(view: CustomerView, kind: ContactKind) -> list[str]:
    return [
        full.reveal()
        for contact in view.contacts
        if contact.kind is kind and (full := contact.full) is not None
    ]


def customer(view: CustomerView, zone: ZoneInfo) -> dict[str, Any]:
    """A client, whole. Keys that modules read unguarded are always there."""
    emails = _contacts(view, ContactKind.EMAIL)
    corporate = view.kind is CustomerKind.COMPANY
    average = view.orders_total // view.orders_count if view.orders_count else 0
    answer: dict[str, Any] = {
        "type": "customer_corporate" if corporate else "customer",
        "id": view.number,
        "isContact": False,
        "createdAt": shown(view.created_at, zone),
        "vip": view.vip,
        "bad": view.bad,
        "site": view.shop,
        "contragent": contragent(view.requisites),
        "tags": [{"name": name, "attached": False} for name in view.tags],
        "marginSumm": 0,
        "totalSumm": roubles(view.orders_total),
        "averageSumm": roubles(average),
        "ordersCount": view.orders_count,
        "costSumm": 0,
        "customFields": shown_values(view.custom, zone),
        "personalDiscount": 0,
        "cumulativeDiscount": 0,
        "address": address(view.address),
        "segments": [],
        "firstName": _text(view.first_name),
        "lastName": _text(view.last_name),
        "patronymic": _text(view.patronymic),
        "email": emails[0] if emails else "",
        "phones": [{"number": phone} for phone in _contacts(view, ContactKind.PHONE)],
    }
    _add_rare(answer, view)
    return answer


def _add_rare(answer: dict[str, Any], view: CustomerView) -> None:
    """Keys that are left out where there is nothing to say."""
    if view.external_id is not None:
        answer["externalId"] = view.external_id
    if view.owner_number is not None:
        answer["managerId"] = view.owner_number
    if view.sex:
        answer["sex"] = view.sex
    birthday = reveal_or_none(view.birthday)
    if birthday is not None:
        answer["birthday"] = birthday.isoformat()
    if comment := _text(view.comment):
        answer["commentary"] = comment
    if view.kind is CustomerKind.COMPANY:
        answer["nickName"] = _text(view.company_name)


def short(number: int, external_id: str | None, shop: str) -> dict[str, Any]:
    """A client as an order or an entry of the feed names him."""
    answer: dict[str, Any] = {"type": "customer", "id": number, "site": shop}
    if external_id is not None:
        answer["externalId"] = external_id
    return answer
