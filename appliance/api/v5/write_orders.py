"""Orders as shops read them. Their buyers' data leaves the house here."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from appliance.api.v5 import write_customers
from appliance.api.v5.custom_fields import shown_values
from appliance.api.v5.read_orders import CONTACT
from appliance.api.v5.scalars import pieces, roubles, shown
from appliance.domain.corporate import Corporate
from appliance.domain.customers import CustomerView
from appliance.domain.orders import (
    DeliveryView,
    LineView,
    LinkView,
    OrderContact,
    OrderView,
    PaymentView,
)

_SYMBOLS = {"pc": ("Штука", "шт.")}


def order(
    view: OrderView,
    zone: ZoneInfo,
    client: CustomerView | None = None,
    links: Sequence[LinkView] = (),
    firm: Corporate | None = None,
) -> dict[str, Any]:
    """An order, whole.

    Args:
        view: what the key may see of it.
        zone: of the box.
        client: its buyer; without him only the order's own words about him are given.
        links: other orders that belong to it.
        firm: the buyer once more, where it is a company.
    """
    contact = OrderContact() if view.contact is None else view.contact.reveal()
    buyer = _buyer(view, contact, client, zone)
    status_at = shown(view.status_since, zone)
    answer: dict[str, Any] = {
        "id": view.number,
        "slug": view.number,
        "number": view.shown_number,
        "site": view.shop,
        "orderType": view.order_type,
        "orderMethod": view.order_method,
        "privilegeType": "none",
        "countryIso": "RU",
        "currency": "RUB",
        "createdAt": shown(view.created_at, zone),
        "statusUpdatedAt": status_at,
        "status": view.status.code,
        "summ": roubles(view.goods_total),
        "totalSumm": roubles(view.total),
        "prepaySum": roubles(view.paid_total),
        "purchaseSumm": roubles(view.purchase_total or 0),
        "discountManualAmount": roubles(view.discount_amount),
        "discountManualPercent": pieces(view.discount_percent_milli),
        "personalDiscountPercent": 0,
        "bonusesCreditTotal": 0,
        "bonusesChargeTotal": 0,
        "markDatetime": status_at,
        **{key: getattr(contact, ours) for key, ours in CONTACT.items()},
        "call": view.call,
        "expired": False,
        "customer": buyer,
        "contact": buyer,
        "contragent": buyer.get("contragent", {"contragentType": "individual"}),
        "delivery": delivery(view.delivery),
        "items": [item(line, zone) for line in view.lines],
        "payments": {str(one.id): payment(one, zone) for one in view.payments} or [],
        "fromApi": view.from_api,
        "weight": 0,
        "length": 0,
        "width": 0,
        "height": 0,
        "shipped": view.shipped,
        "customFields": shown_values(view.custom, zone),
        "links": [_link(one, zone) for one in links],
    }
    _add_rare(answer, view)
    if firm is not None:
        answer["contact"] = _speaker(answer["contact"], contact, firm)
        answer["company"] = _company(firm)
    return answer


def _speaker(buyer: dict[str, Any], contact: OrderContact, firm: Corporate) -> dict[str, Any]:
    """The person of a company's order; without one the company speaks for itself."""
    tie = next((one for one in firm.people if one.is_main), None)
    if tie is None:
        return buyer
    return write_customers.short(tie.number, tie.external_id, tie.shop) | {
        "isContact": True,
        "firstName": contact.first_name,
        "lastName": contact.last_name,
        "patronymic": contact.patronymic,
        "email": contact.email,
        "phones": [{"number": contact.phone}] if contact.phone else [],
        "address": {"text": ""},
        "customFields": [],
    }


def _company(firm: Corporate) -> dict[str, Any]:
    """The legal entity of a company's order."""
    main = next((one for one in firm.companies if one.is_main), None)
    legal = firm.view.requisites
    name = "" if firm.view.company_name is None else firm.view.company_name.reveal()
    answer: dict[str, Any] = {
        "id": firm.view.number if main is None else main.number,
        "name": name if main is None else main.content.reveal().name or name,
        "contragent": write_customers.contragent(legal),
        "address": write_customers.address(firm.view.address),
        "customFields": [],
    }
    if main is not None and main.external_id is not None:
        answer["externalId"] = main.external_id
    return answer


def _link(one: LinkView, zone: ZoneInfo) -> dict[str, Any]:
    """Another order that belongs to this one."""
    other: dict[str, Any] = {"id": one.number, "number": one.shown_number, "site": one.shop}
    if one.external_id is not None:
        other["externalId"] = one.external_id
    return {
        "comment": "" if one.comment is None else one.comment.reveal(),
        "createdAt": shown(one.created_at, zone),
        "order": other,
    }


def _add_rare(answer: dict[str, Any], view: OrderView) -> None:
    """Keys that are left out where there is nothing to say."""
    if view.external_id is not None:
        answer["externalId"] = view.external_id
    if view.manager_number is not None:
        answer["managerId"] = view.manager_number
    if view.shipment_store:
        answer["shipmentStore"] = view.shipment_store
    if view.shipment_date is not None:
        answer["shipmentDate"] = view.shipment_date.isoformat()
    marks = view.source
    if marks.client_id:
        answer["clientId"] = marks.client_id
    if marks.source or marks.medium or marks.campaign or marks.keyword or marks.content:
        answer["source"] = {
            "source": marks.source,
            "medium": marks.medium,
            "campaign": marks.campaign,
            "keyword": marks.keyword,
            "content": marks.content,
        }


def _buyer(
    view: OrderView, contact: OrderContact, client: CustomerView | None, zone: ZoneInfo
) -> dict[str, Any]:
    if client is not None:
        return write_customers.customer(client, zone)
    return write_customers.short(
        view.customer_number or 0, view.customer_external_id, view.shop
    ) | {
        "firstName": contact.first_name,
        "lastName": contact.last_name,
        "patronymic": contact.patronymic,
        "email": contact.email,
        "phones": [{"number": contact.phone}] if contact.phone else [],
        "address": {"text": ""},
        "contragent": {"contragentType": "individual"},
    }


def delivery(view: DeliveryView) -> dict[str, Any]:
    """How the goods go; the address is always an object."""
    answer: dict[str, Any] = {
        "code": view.type,
        "cost": roubles(view.cost),
        "netCost": roubles(view.net_cost),
        "vatRate": view.vat_rate,
        "address": write_customers.address(view.address),
    }
    if not view.type:
        del answer["code"]
    if view.service:
        answer["service"] = {"code": view.service, "name": view.service_name, "active": True}
    if view.date is not None:
        answer["date"] = view.date.isoformat()
    if view.time_from or view.time_to:
        times = {"from": view.time_from, "to": view.time_to}
        answer["time"] = {name: text for name, text in times.items() if text}
    if view.track_number:
        answer["data"] = {"trackNumber": view.track_number}
    return answer


def item(line: LineView, zone: ZoneInfo) -> dict[str, Any]:
    """One position; what the shop called it comes back word for word."""
    unit_price = line.price - line.discount_total
    answer: dict[str, Any] = {
        "id": line.id,
        "priceType": {"code": line.price_type},
        "initialPrice": roubles(line.price),
        "discountManualAmount": roubles(line.discount_amount),
        "discountManualPercent": pieces(line.discount_percent_milli),
        "discountTotal": roubles(line.discount_total),
        "prices": [{"price": roubles(unit_price), "quantity": pieces(line.quantity_milli)}],
        "discounts": _discounts(line),
        "vatRate": line.vat_rate,
        "createdAt": shown(line.created_at, zone),
        "quantity": pieces(line.quantity_milli),
        "status": line.status,
        "comment": "" if line.comment is None else line.comment.reveal(),
        "offer": offer(line),
        "productName": line.name,
        "isCanceled": False,
        "properties": {
            one.code: {"code": one.code, "name": one.name, "value": one.value}
            for one in line.properties
        }
        or [],
        "purchasePrice": roubles(line.purchase_price or 0),
        "bonusesCreditTotal": 0,
        "bonusesChargeTotal": 0,
    }
    if line.external_ids:
        answer["externalIds"] = [
            {"code": one.code, "value": one.value} for one in line.external_ids
        ]
    return answer


def _discounts(line: LineView) -> list[dict[str, Any]]:
    own = line.discount_total - line.order_discount
    found = [("manual_order", line.order_discount), ("manual_product", own)]
    return [{"type": kind, "amount": roubles(amount)} for kind, amount in found if amount]


def offer(line: LineView) -> dict[str, Any]:
    """What a position is of."""
    name, symbol = _SYMBOLS.get(line.unit, (line.unit, line.unit))
    answer: dict[str, Any] = {
        "displayName": line.name,
        "name": line.name,
        "article": line.sku,
        "vatRate": line.vat_rate,
        "unit": {"code": line.unit, "name": name, "sym": symbol},
    }
    for key, value in (
        ("id", line.variant_number),
        ("externalId", line.offer_external_id),
        ("xmlId", line.offer_xml_id),
        ("barcode", line.barcode or None),
    ):
        if value is not None:
            answer[key] = value
    return answer


def payment(view: PaymentView, zone: ZoneInfo) -> dict[str, Any]:
    """One payment."""
    answer: dict[str, Any] = {
        "id": view.id,
        "type": view.type,
        "status": view.status,
        "amount": roubles(view.amount),
    }
    if view.external_id is not None:
        answer["externalId"] = view.external_id
    if view.paid_at is not None:
        answer["paidAt"] = shown(view.paid_at, zone)
    if view.comment is not None and (text := view.comment.reveal()):
        answer["comment"] = text
    return answer
