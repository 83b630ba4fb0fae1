"""Feeds of changes: what modules pull to learn what happened in the box."""

from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from appliance.actions import feeds, shop_orders
from appliance.actions.shop_orders import ShopFeed
from appliance.api.v5 import scalars, wire, write_customers
from appliance.api.v5.call import Answer, Call, Paging, paging
from appliance.api.v5.custom_fields import shown_change
from appliance.api.v5.errors import PARAMETERS, Refused
from appliance.api.v5.filters import from_day, to_day
from appliance.api.v5.scalars import pieces, roubles, shown
from appliance.api.v5.write_orders import order as shown_order
from appliance.domain.customer_feed import CustomerFeedEntry, CustomerFeedFilter
from appliance.domain.customers import CustomerKind
from appliance.domain.order_feed import MILLI_FIELDS, MONEY_FIELDS, FeedEntry, FeedFilter
from appliance.domain.personal import Personal

PAGE: Final = 100
ORDER_KEYS: Final = frozenset({"sinceId", "startDate", "endDate", "orderId", "orderExternalId"})
CUSTOMER_KEYS: Final = frozenset(
    {"sinceId", "startDate", "endDate", "customerId", "customerExternalId"}
)
_MOMENTS: Final = frozenset({"payments.paid_at"})
_TAX_NAMES: Final = {
    f"contragent.{ours}": "contragent." + "_".join(ours)
    for ours in ("inn", "okpo", "kpp", "ogrn", "bik")
} | {"contragent.ogrnip": "contragent.o_g_r_n_i_p"}


def _paging(call: Call) -> Paging:
    """A reader goes on by the last id it has, not by pages: `page` may only be the first.

    Raises:
        Refused: another page.
    """
    pages = paging(call, default=PAGE)
    if pages.page != 1:
        raise Refused(PARAMETERS, errors=["page: use filter[sinceId] to read on."])
    return pages


def _common(
    entry: FeedEntry | CustomerFeedEntry, zone: ZoneInfo, old: Any, new: Any
) -> dict[str, Any]:
    """Keys of any entry; flags that modules test by presence are there only when true."""
    answer: dict[str, Any] = {
        "id": entry.number,
        "createdAt": shown(entry.at, zone),
        "source": entry.source,
        "field": _TAX_NAMES.get(entry.field, entry.field),
        "oldValue": old,
        "newValue": new,
    }
    if entry.created:
        answer["created"] = True
    if entry.deleted:
        answer["deleted"] = True
    if entry.source == "user" and entry.user_number:
        answer["user"] = {"id": entry.user_number}
    if entry.current_key is not None:
        answer["apiKey"] = {"current": entry.current_key}
    return answer


def _envelope(
    call: Call, pages: Paging, at: Any, total: int, history: list[dict[str, Any]]
) -> Answer:
    return Answer(
        {
            "generatedAt": shown(at, call.zone),
            "history": history,
            "pagination": pages.shown(total),
        }
    )


# --- orders ---


async def orders(call: Call) -> Answer:
    """`GET orders/history`."""
    pages, given = _paging(call), call.filter(ORDER_KEYS)
    wanted = FeedFilter(
        since=wire.integer_of(given, "sinceId") or 0,
        start=from_day(call, given, "startDate"),
        end=to_day(call, given, "endDate"),
        order_number=wire.integer_of(given, "orderId"),
        order_external_id=wire.text_of(given, "orderExternalId") or None,
        limit=pages.limit,
    )
    feed = await shop_orders.history(call.actor, wanted)
    history = [_order_entry(entry, feed, call.zone) for entry in feed.page.entries]
    return _envelope(call, pages, feed.page.generated_at, feed.page.total_count, history)


def _order_entry(entry: FeedEntry, feed: ShopFeed, zone: ZoneInfo) -> dict[str, Any]:
    part = entry.part or {}
    answer = _common(entry, zone, _value(entry, entry.old, zone), _value(entry, entry.new, zone))
    if entry.order is not None:
        number = entry.order.customer_number or 0
        client, firm = feed.clients.get(number), feed.firms.get(number)
        answer["order"] = shown_order(entry.order, zone, client, firm=firm)
    else:
        answer["order"] = _short_order(entry)
    if entry.field.startswith("order_product") and part:
        answer["item"] = _item(part)
    elif entry.field.startswith("payments") and part:
        answer["payment"] = _payment(part)
    elif entry.field == "combined_to" and entry.new:
        answer["combinedTo"] = entry.new
    return answer


def _short_order(entry: FeedEntry) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "id": entry.order_number,
        "site": entry.shop,
        "status": entry.status,
    }
    if entry.external_id is not None:
        answer["externalId"] = entry.external_id
    if entry.manager_number is not None:
        answer["managerId"] = entry.manager_number
    return answer


def _value(entry: FeedEntry, value: Any, zone: ZoneInfo) -> Any:
    value = shown_change(entry.custom, _opened(value), zone)
    if value is not None and entry.field == "order_product":
        return {"id": value["id"], "offer": _offer(entry.part or {})}
    if entry.field in MONEY_FIELDS and isinstance(value, int):
        return roubles(value)
    if entry.field in MILLI_FIELDS and isinstance(value, int):
        return pieces(value)
    if entry.field in _MOMENTS and isinstance(value, str):
        read = scalars.moment(value, zone)
        return value if read is None else shown(read, zone)
    return value


def _offer(part: Mapping[str, Any]) -> dict[str, Any]:
    known: dict[str, Any] = part.get("offer") or {}
    names = {"externalId": known.get("external_id"), "xmlId": known.get("xml_id")}
    return {key: value for key, value in names.items() if value is not None} | {
        "name": part.get("name", "")
    }


def _item(part: Mapping[str, Any]) -> dict[str, Any]:
    """The line touched; modules find theirs only through its ids, so those are today's."""
    answer: dict[str, Any] = {
        "id": part["id"],
        "offer": _offer(part),
        "productName": part.get("name", ""),
        "quantity": pieces(part.get("quantity_milli", 0)),
        "initialPrice": roubles(part.get("price", 0)),
        "discountTotal": roubles(part.get("discount_total", 0)),
    }
    ids: list[Any] = part.get("external_ids") or []
    if ids:
        answer["externalIds"] = [
            one if isinstance(one, dict) else {"code": one[0], "value": one[1]} for one in ids
        ]
    return answer


def _payment(part: Mapping[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "id": part["id"],
        "type": part.get("type", ""),
        "status": part.get("status", ""),
        "amount": roubles(part.get("amount", 0)),
    }
    if part.get("external_id") is not None:
        answer["externalId"] = part["external_id"]
    return answer


# --- clients ---


async def of_customers(call: Call) -> Answer:
    """`GET customers/history`: people."""
    return await _clients(call, CustomerKind.PERSON)


async def of_companies(call: Call) -> Answer:
    """`GET customers-corporate/history`."""
    return await _clients(call, CustomerKind.COMPANY)


async def _clients(call: Call, kind: CustomerKind) -> Answer:
    pages, given = _paging(call), call.filter(CUSTOMER_KEYS)
    wanted = CustomerFeedFilter(
        since=wire.integer_of(given, "sinceId") or 0,
        start=from_day(call, given, "startDate"),
        end=to_day(call, given, "endDate"),
        customer_number=wire.integer_of(given, "customerId"),
        customer_external_id=wire.text_of(given, "customerExternalId") or None,
        limit=pages.limit,
        kind=kind,
    )
    page = await feeds.customers(call.actor, wanted)
    history = [_customer_entry(entry, call.zone) for entry in page.entries]
    return _envelope(call, pages, page.generated_at, page.total_count, history)


def _opened(value: Any) -> Any:
    if isinstance(value, Personal):
        wrapped: Personal[str] = value  # pyright: ignore[reportUnknownVariableType]  texts only
        return wrapped.reveal()
    return value


def _customer_entry(entry: CustomerFeedEntry, zone: ZoneInfo) -> dict[str, Any]:
    old, new = (shown_change(entry.custom, _opened(one), zone) for one in (entry.old, entry.new))
    answer = _common(entry, zone, old, new)
    if entry.customer is not None:
        answer["customer"] = write_customers.customer(entry.customer, zone)
    else:
        answer["customer"] = write_customers.short(
            entry.customer_number, entry.external_id, entry.shop
        )
    if entry.field in _OF_COMPANIES:
        _name_part(answer, entry)
    return answer


_OF_COMPANIES: Final = {
    "corporate_address": ("address", "address"),
    "corporate_company": ("company", "company"),
    "company_contact": ("contact", "customerContact"),
}
"""Field of ours → field and key of the reference."""


def _name_part(answer: dict[str, Any], entry: CustomerFeedEntry) -> None:
    """Name what of a company was touched as the reference does: by id, and once more beside."""
    field, key = _OF_COMPANIES[entry.field]
    touched: dict[str, Any] = entry.new or entry.old or {}
    number: Any = touched.get("id")
    main = "main" in touched
    answer["field"] = f"main_{field}" if main else field
    for name, value in (("oldValue", entry.old), ("newValue", entry.new)):
        answer[name] = None if value is None else {"id": number}
    part: dict[str, Any] = {"id": number}
    answer[key] = part | ({"customer": {"id": number}} if key == "customerContact" else {})
    answer["customer"]["type"] = "customer_corporate"
