"""Filters of lists: the ones that callers send, and no others."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from appliance.actions import references
from appliance.api.v5 import scalars, wire
from appliance.api.v5.call import Call
from appliance.api.v5.errors import ACCESS_DENIED, PARAMETERS, Refused
from appliance.domain.customers import CustomerFilter, CustomerKind
from appliance.domain.orders import OrderFilter

ORDER_FILTERS: Final = frozenset(
    {
        "ids",
        "externalIds",
        "numbers",
        "customerId",
        "customerExternalId",
        "sites",
        "createdAtFrom",
        "createdAtTo",
        "customer",
        "email",
        "minPrice",
        "maxPrice",
        "extendedStatus",
        "orderTypes",
        "orderMethods",
        "managers",
        "deliveryTypes",
        "expired",
    }
)
CUSTOMER_FILTERS: Final = frozenset(
    {
        "ids",
        "externalIds",
        "sites",
        "name",
        "email",
        "isContact",
        "dateFrom",
        "dateTo",
        "managers",
        "vip",
        "bad",
        "minOrdersCount",
        "maxOrdersCount",
    }
)

CORPORATE_FILTERS: Final = frozenset(
    {
        "ids",
        "externalIds",
        "sites",
        "contactIds",
        "contactExternalIds",
        "companyName",
        "nickName",
        "email",
        "dateFrom",
        "dateTo",
        "managers",
        "vip",
        "bad",
        "minOrdersCount",
        "maxOrdersCount",
    }
)


def from_day(call: Call, given: Mapping[str, Any], name: str) -> datetime | None:
    """A moment; a bare day means its beginning.

    Raises:
        Refused: unreadable.
    """
    text = wire.text_of(given, name)
    if not text:
        return None
    read = scalars.moment(text, call.zone)
    if read is None:
        raise Refused(PARAMETERS, errors=[f"filter[{name}]: a date is expected."])
    return read


def to_day(call: Call, given: Mapping[str, Any], name: str) -> datetime | None:
    """A moment; a bare day means its end."""
    read = from_day(call, given, name)
    if read is not None and len(wire.text_of(given, name)) <= len("2026-01-01"):
        return read + timedelta(days=1) - timedelta(microseconds=1)
    return read


def _money(given: Mapping[str, Any], name: str) -> int | None:
    text = wire.text_of(given, name)
    if not text:
        return None
    read = scalars.scaled(text, 100)
    if read is None:
        raise Refused(PARAMETERS, errors=[f"filter[{name}]: a number is expected."])
    return read


def _shops(call: Call, given: Mapping[str, Any]) -> tuple[str, ...]:
    asked = wire.texts_of(given, "sites")
    own = call.actor.shop
    if not own:
        return asked
    if asked and own not in asked:
        raise Refused(ACCESS_DENIED, status=403)
    return (own,)


async def order_filter(call: Call, given: Mapping[str, Any]) -> OrderFilter:
    """What a list of orders asks for; `extendedStatus` mixes statuses and groups."""
    codes = wire.texts_of(given, "extendedStatus")
    groups: tuple[str, ...] = ()
    if codes:
        known = {group.code for group in await references.list_groups(call.actor)}
        listed = {status.code for status in await references.list_statuses(call.actor)}
        # A code may name both, as `new` does: the group contains the status.
        groups = tuple(code for code in codes if code in known)
        codes = tuple(code for code in codes if code in listed or code not in known)
    return OrderFilter(
        text=wire.text_of(given, "customer") or wire.text_of(given, "email"),
        statuses=codes,
        groups=groups,
        managers=wire.integers_of(given, "managers"),
        shops=_shops(call, given),
        numbers=wire.integers_of(given, "ids"),
        shown_numbers=wire.texts_of(given, "numbers"),
        external_ids=wire.texts_of(given, "externalIds"),
        customer_number=wire.integer_of(given, "customerId"),
        customer_external_id=wire.text_of(given, "customerExternalId") or None,
        created_from=from_day(call, given, "createdAtFrom"),
        created_to=to_day(call, given, "createdAtTo"),
        min_total=_money(given, "minPrice"),
        max_total=_money(given, "maxPrice"),
        delivery_types=wire.texts_of(given, "deliveryTypes"),
        order_types=wire.texts_of(given, "orderTypes"),
        order_methods=wire.texts_of(given, "orderMethods"),
    )


def corporate_filter(call: Call, given: Mapping[str, Any]) -> CustomerFilter:
    """What a list of companies asks for."""
    nicks = wire.texts_of(given, "nickName")
    return msgspec.structs.replace(
        customer_filter(call, given),
        text=wire.text_of(given, "companyName") or (nicks[0] if nicks else ""),
        contacts=wire.integers_of(given, "contactIds"),
        contact_external_ids=wire.texts_of(given, "contactExternalIds"),
        kind=CustomerKind.COMPANY,
    )


def customer_filter(call: Call, given: Mapping[str, Any]) -> CustomerFilter:
    """What a list of clients asks for; `name` is a name or a phone."""
    return CustomerFilter(
        kind=CustomerKind.PERSON,
        is_contact=wire.flag_of(given, "isContact"),
        numbers=wire.integers_of(given, "ids"),
        external_ids=wire.texts_of(given, "externalIds"),
        shops=_shops(call, given),
        text=wire.text_of(given, "name"),
        email=wire.text_of(given, "email"),
        created_from=from_day(call, given, "dateFrom"),
        created_to=to_day(call, given, "dateTo"),
        managers=wire.integers_of(given, "managers"),
        vip=wire.flag_of(given, "vip"),
        bad=wire.flag_of(given, "bad"),
        min_orders=wire.integer_of(given, "minOrdersCount"),
        max_orders=wire.integer_of(given, "maxOrdersCount"),
    )
