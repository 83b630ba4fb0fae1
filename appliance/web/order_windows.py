"""What an order's card lets one do: rights, choices of its windows, and shipments written out."""

from collections.abc import Mapping
from typing import Any

from appliance.domain import formats
from appliance.domain.desk import OrderScreen
from appliance.domain.money import INTERNAL
from appliance.domain.shipments import ShipmentView, State
from appliance.domain.statuses import Goods, goods_of
from appliance.roles import Permission
from appliance.web.screens import Reader


def weight(reader: Reader, grams: int) -> str:
    """Kilograms for people; empty where nobody weighed it."""
    if not grams:
        return ""
    return reader._("%(weight)s кг") % {"weight": formats.quantity(grams, reader.language)}


def vat_name(reader: Reader, rate: str) -> str:
    """A rate for people: «22 %», «нет»."""
    return f"{rate}\u00a0%" if rate.isdigit() else reader._("нет")


def context(reader: Reader, found: OrderScreen) -> dict[str, Any]:
    """Rights and choices of a card."""
    order = found.order
    is_open = goods_of(order.status.group) is Goods.HELD
    schemes = _schemes(reader)
    return {
        "may_edit": reader.may(Permission.ORDER_EDIT) and is_open,
        "may_pay": reader.may(Permission.ORDER_PAY),
        "may_ship": reader.may(Permission.ORDER_SHIP) and is_open,
        "may_deliver": reader.may(Permission.ORDER_STATUS)
        and order.delivered_at is None
        and (order.shipped or bool(order.shipments)),
        "may_repeat": reader.may(Permission.ORDER_CREATE),
        "may_link": reader.may(Permission.LETTER_SEND),
        "may_text": reader.may(Permission.MESSAGE_SEND),
        "costs": order.purchase_total is not None,
        "line_states": [*codes_of_lines(found)],
        **_account(reader, found),
        "scheme": dict(schemes).get(order.payment_scheme, "") if order.payment_scheme else "",
        "shipped": [_shipment(reader, one) for one in order.shipments],
        "windows": _windows(reader, found, schemes),
    }


def codes_of_lines(found: OrderScreen) -> list[tuple[str, str]]:
    """States of lines; one that stands on a line and is known no more shows its code."""
    known = found.codes.line_states
    here = {one.status for one in found.order.lines if one.status and one.status not in known}
    return [*known.items(), *((code, code) for code in sorted(here))]


def _account(reader: Reader, found: OrderScreen) -> dict[str, Any]:
    """The buyer's internal account: what lies there, and how much of it this order can take."""
    order, lies = found.order, found.account
    left = max(order.total - order.paid_total, 0)
    spend = min(lies or 0, left)
    return {
        "account": "" if lies is None else formats.money(lies, reader.language),
        "account_has": bool(lies),
        "account_spend": formats.money(spend, reader.language) if spend > 0 else "",
        "account_kopecks": formats.money(spend, reader.language, exact=True, sign=False),
        "account_code": INTERNAL,
    }


def _schemes(reader: Reader) -> list[tuple[str, str]]:
    return [
        ("", reader._("не указан")),
        ("prepay", reader._("предоплата")),
        ("part", reader._("частями")),
        ("receipt", reader._("при получении")),
    ]


def _windows(reader: Reader, found: OrderScreen, schemes: list[tuple[str, str]]) -> dict[str, Any]:
    order, codes, language = found.order, found.codes, reader.language
    left = order.total - order.paid_total

    def plain(kopecks: int) -> str:
        return formats.money(kopecks, language, sign=False) if kopecks > 0 else ""

    share = order.discount_percent_milli
    # Every choice has its value among its options, or the page takes it for one being changed.
    waiting = [one for one in order.payments if not one.complete and one.amount > 0]
    waited = waiting[0].type if waiting else ""
    return {
        "deliveries": [
            ("", reader._("не выбран")),
            *_offered(codes.deliveries, codes.deliverable, order.delivery.type),
        ],
        "warehouses": [("", reader._("где отложено")), *codes.warehouses.items()],
        "payments": _offered(codes.payments, codes.payable, waited),
        "payment": waited or next(iter(codes.payable), ""),
        "schemes": schemes,
        "cost": plain(order.delivery.cost),
        "date": "" if order.delivery.date is None else formats.day(order.delivery.date, language),
        "discount": formats.percent(share // 10, language)
        if share
        else plain(order.discount_amount),
        "left": plain(left),
        "over": plain(-left),
        "refundable": [
            (str(one.id), f"№ {one.id}, {formats.money(one.amount - one.refunded, language)}")
            for one in order.payments
            if one.complete and one.amount > one.refunded
        ],
        "left_lines": [
            (one.id, one.name, formats.quantity(one.quantity_milli - one.shipped_milli, language))
            for one in order.lines
            if one.quantity_milli > one.shipped_milli
        ],
    }


def _offered(
    names: Mapping[str, str], active: Mapping[str, str], current: str
) -> list[tuple[str, str]]:
    """What can be chosen now, and what stands there even if it is offered no more."""
    return [(code, name) for code, name in names.items() if code in active or code == current]


def _shipment(reader: Reader, one: ShipmentView) -> dict[str, Any]:
    states = {
        State.DRAFT: (reader._("собирается"), "grey", "ring"),
        State.DISPATCHED: (reader._("в пути"), "info", "dot"),
        State.DELIVERED: (reader._("вручена"), "ok", "check"),
        State.CANCELLED: (reader._("отменена"), "bad", "cross"),
    }
    word, tone, shape = states[one.state]
    at = one.delivered_at or one.dispatched_at or one.created_at
    deeds: list[tuple[str, str]] = []
    if one.state is State.DRAFT and reader.may(Permission.ORDER_SHIP):
        deeds.append(("dispatch", reader._("Отгружено")))
    if one.state is State.DISPATCHED and reader.may(Permission.ORDER_STATUS):
        deeds.append(("deliver", reader._("Вручено")))
    if one.state in {State.DRAFT, State.DISPATCHED} and reader.may(Permission.ORDER_SHIP):
        deeds.append(("cancel", reader._("Отменить")))
    cost = formats.money(one.cost, reader.language) if one.cost else ""
    said = (
        reader._("Отгрузка № %(number)s") % {"number": one.number},
        one.delivery_name,
        cost,
        one.track_number,
    )
    planned = "" if one.planned_for is None else formats.day(one.planned_for, reader.language)
    return {
        "number": one.number,
        "may_edit": one.state in {State.DRAFT, State.DISPATCHED}
        and reader.may(Permission.ORDER_SHIP),
        "cost": formats.money(one.cost, reader.language, sign=False) if one.cost else "",
        "track": one.track_number,
        "planned": planned,
        "name": ", ".join(part for part in said if part),
        "state": word,
        "tone": tone,
        "shape": shape,
        "when": formats.moment_short(at, reader.now, reader.zone, reader.language),
        "deeds": deeds,
    }
