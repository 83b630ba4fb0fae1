"""An order's card and preview: the document at the left, the person and the events at the right."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from litestar import Response

from appliance.actions import desk
from appliance.domain import formats
from appliance.domain.assignment import Reason
from appliance.domain.customers import AddressParts, ContactView
from appliance.domain.desk import OrderScreen
from appliance.domain.money import Stage
from appliance.domain.order_forms import vat_within
from appliance.domain.order_sums import WHOLE_MILLI, part_of
from appliance.domain.orders import LineView, OrderView, PaymentView, StatusView
from appliance.domain.personal import Personal
from appliance.domain.statuses import usual_move
from appliance.roles import Permission
from appliance.web import (
    custom,
    market_words,
    operator_words,
    order_filters,
    order_rows,
    order_windows,
    paper_rows,
    parcel_cards,
    pay_words,
    stream,
)
from appliance.web.answers import WebRequest, site_of
from appliance.web.assignment_words import REASONS
from appliance.web.client_money import breach_text
from appliance.web.screens import Reader, draw, look_of, reader_of, shell_of, tone_of

CARD: Final = "orders/card.html"


@dataclass(frozen=True, slots=True)
class Line:
    """One position, written out; `margin` is empty where the role may not see it."""

    id: int
    name: str
    sku: str
    state: str
    state_tone: str
    state_shape: str
    free: str
    free_tone: str
    quantity: str
    price: str
    discount: str
    total: str
    short: str
    short_total: str
    comment: Personal[str] | None
    typed_price: str
    typed_discount: str
    weight: str
    vat: str
    margin: str
    own_state: str
    own_state_name: str
    short_of: str


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact: masked with a way to reveal it, whole, or hidden."""

    label: str
    shown: Personal[str] | None
    href: str
    masked: bool
    readable: bool


async def show(
    request: WebRequest,
    number: int,
    *,
    template: str = CARD,
    headers: Mapping[str, str] | None = None,
) -> Response[Any]:
    """Draw an order; the address may carry the filter of the list it was opened from."""
    reader, asked = reader_of(request), order_filters.read(request.query_params)
    card = template == CARD
    found = await desk.order(reader.actor, number, asked.as_filter(reader.zone) if card else None)
    context: dict[str, Any] = {}
    if card:
        context = {
            "look": look_of(request),
            "shell": shell_of(request, reader, "orders", found.counts, found.codes),
            "newer": _neighbour(found.newer, asked),
            "older": _neighbour(found.older, asked),
        }
    return draw(
        request,
        reader,
        template,
        headers=headers,
        asked=asked,
        suffix=f"?{asked.query}" if asked.query else "",
        **view(reader, found),
        **parcel_cards.context(reader, site_of(request).desk, found),
        **pay_words.context(request, reader, found),
        **context,
    )


def _neighbour(number: int | None, asked: order_filters.Asked) -> str:
    return "" if number is None else asked.address(f"/orders/{number}")


def view(reader: Reader, found: OrderScreen) -> dict[str, Any]:
    """What card and preview print."""
    order, codes = found.order, found.codes
    wait, wait_tone = order_rows.wait_cell(reader, order.status_since, order.status.group, codes)
    client, note, mark = order_rows.client_cell(reader, order.customer)
    may_move = reader.may(Permission.ORDER_STATUS)
    moves = order.next_statuses if may_move else ()
    return {
        "order": order,
        "number": formats.order_number(order.number),
        "wait": wait,
        "wait_tone": wait_tone,
        "moves": moves,
        "main_move": _main_move(found),
        "steps": _steps(found),
        "lines": [_line(reader, one, codes.line_states) for one in order.lines],
        "lines_note": _lines_note(reader, order),
        "sums": _sums(reader, order),
        "money": _money(reader, order),
        "delivery": _delivery(reader, order),
        "payments": [_payment(reader, one) for one in order.payments],
        "origin": _origin(reader, found),
        "custom": custom.rows(reader, order.custom),
        "tabs": found.tabs,
        "may_fill": bool(order.custom) and reader.may(Permission.ORDER_EDIT),
        "client": client,
        "client_note": note,
        "client_mark": mark,
        "client_tone": tone_of(order.customer_number),
        "client_href": f"/clients/{order.customer_number}" if found.may_open_client else "",
        "contacts": contacts(reader, order.contacts),
        "budget_left": found.budget_left,
        "figures": _figures(reader, found),
        "breach": breach_text(reader, found.breach) if found.breach else "",
        "stream": stream.view(reader, found.stream, found.codes, f"order/{order.number}", level=3),
        "typed": stream.fresh(reader),
        **order_windows.context(reader, found),
        "payer_name": order_rows.client_cell(reader, order.payer)[0] if order.payer else "",
        "may_assign": reader.may(Permission.ORDER_ASSIGN),
        "assigned_why": _why(reader, order.assigned_by),
        "colleagues": [*found.codes.colleagues.items()],
        **paper_rows.card(reader, order.number, found.papers, found.service_files),
        "operator": operator_words.card(reader, found.operator),
        **market_words.card(reader, found.posting, found.order.status.group),
    }


def _why(reader: Reader, reason: str) -> str:
    """Why this colleague leads the order, where a rule or a claim decided."""
    return reader._(REASONS[Reason(reason)]) if reason in set(Reason) else ""


def _main_move(found: OrderScreen) -> StatusView | None:
    """The next step: the usual one, else the first allowed one that is no cancel."""
    usual = usual_move(found.codes.statuses, found.order.status.code)
    wanted = "" if usual is None else usual.code
    return next((one for one in found.order.next_statuses if one.code == wanted), None)


def _steps(found: OrderScreen) -> list[tuple[str, str, str]]:
    """The chain of groups: (name, state, time); a cancelled order shows where it ended."""
    order = found.order
    groups = [one for one in found.codes.groups.values() if one.code != "cancel" and one.active]
    places = [one.code for one in groups]
    here = places.index(order.status.group) if order.status.group in places else -1
    return [
        (one.name, "done" if at < here else "now" if at == here else "", "")
        for at, one in enumerate(groups)
    ]


def _line(reader: Reader, one: LineView, states: Mapping[str, str]) -> Line:
    language = reader.language
    free, tone = "", ""
    if one.free_milli is not None:
        free = formats.quantity(one.free_milli, language)
        tone = "warn" if one.free_milli <= 0 else ""
    state, state_tone, shape = "", "", ""
    if one.shipped_milli:
        whole_line = one.shipped_milli >= one.quantity_milli
        state = reader._("отгружено") if whole_line else reader._("частично")
        state_tone, shape = ("ok", "check") if whole_line else ("info", "half")
    elif one.reserved_milli is not None:
        state, state_tone, shape = reader._("отложено"), "ok", "check"
    elif one.to_check:
        state, state_tone, shape = reader._("проверить"), "warn", "half"
    elif one.variant_number is not None:
        state, state_tone, shape = reader._("не отложено"), "grey", "ring"
    discount = one.discount_percent_milli // 10
    whole = one.price * one.quantity_milli // 1000
    if not discount and one.discount_total and one.price:
        discount = one.discount_total * 10_000 // whole if whole else 0
    return Line(
        id=one.id,
        typed_price=formats.money(one.price, language, sign=False),
        typed_discount=formats.percent(one.discount_percent_milli // 10, language).rstrip("%\u00a0")
        if one.discount_percent_milli
        else "",
        weight=order_windows.weight(reader, one.weight_grams),
        vat=order_windows.vat_name(reader, one.vat_rate),
        margin=_margin(one, language),
        own_state=one.status,
        own_state_name="" if one.status == "new" else states.get(one.status, one.status),
        short_of=_short_of(one, language),
        name=one.name,
        sku=one.sku,
        state=state,
        state_tone=state_tone,
        state_shape=shape,
        free=free,
        free_tone=tone,
        quantity=formats.quantity(one.quantity_milli, language),
        price=formats.money(one.price, language, exact=True, sign=False),
        discount=formats.percent(discount, language) if discount else "",
        total=formats.money(one.total, language, exact=True, sign=False),
        short=f"{formats.quantity(one.quantity_milli, language)}\u00a0×\u00a0"
        f"{formats.money(one.price, language, sign=False)}",
        short_total=formats.money(one.total, language),
        comment=one.comment,
    )


def _short_of(one: LineView, language: formats.Language) -> str:
    """How many pieces could not be set aside because others have them; empty where all are."""
    if one.free_milli is None or one.reserved_milli is not None or one.shipped_milli:
        return ""
    lacking = one.quantity_milli - max(one.free_milli, 0)
    return formats.quantity(lacking, language) if lacking > 0 else ""


def _margin(one: LineView, language: formats.Language) -> str:
    if one.purchase_price is None:
        return ""
    cost = part_of(one.purchase_price, one.quantity_milli, WHOLE_MILLI)
    return formats.money(one.total - cost, language, sign=False)


def _lines_note(reader: Reader, order: OrderView) -> str:
    pieces = sum(one.quantity_milli for one in order.lines)
    text = reader.ngettext("%(num)s строка", "%(num)s строк", len(order.lines))
    amount = formats.quantity(pieces, reader.language)
    note = reader._("%(lines)s, %(amount)s шт.") % {"lines": text, "amount": amount}
    grams = sum(part_of(one.weight_grams, one.quantity_milli, WHOLE_MILLI) for one in order.lines)
    return f"{note}, {order_windows.weight(reader, grams)}" if grams else note


def _sums(reader: Reader, order: OrderView) -> dict[str, Any]:
    def money(kopecks: int) -> str:
        return formats.money(kopecks, reader.language, exact=True)

    rows = [(reader._("Товары"), money(order.goods_total))]
    if order.discount_total:
        rows.append((reader._("Скидка"), money(-order.discount_total)))
    rows.append((reader._("Доставка"), money(order.delivery.cost)))
    vat = sum(vat_within(one.total, one.vat_rate) for one in order.lines)
    if order.coupon:
        rows.insert(-1, (reader._("в т. ч. купон"), order.coupon))
    if order.purchase_total is not None:
        margin = order.total - order.delivery.cost - order.purchase_total
        rows.append((reader._("Маржа"), money(margin)))
    return {
        "rows": rows,
        "grand": money(order.total),
        "short": formats.money(order.total, reader.language),
        "note": (reader._("в т. ч. НДС"), money(vat)) if vat else None,
    }


def _money(reader: Reader, order: OrderView) -> dict[str, Any]:
    left = order.total - order.paid_total
    percent, _, tone = order_rows.payment(reader, order.total, order.paid_total)
    return {
        "paid": formats.money(order.paid_total, reader.language),
        "of": formats.money(order.total, reader.language),
        "left": formats.money(left, reader.language) if left > 0 else "",
        "over": formats.money(-left, reader.language) if left < 0 and order.total > 0 else "",
        "percent": percent,
        "tone": tone,
    }


def _delivery(reader: Reader, order: OrderView) -> dict[str, Any]:
    found = order.delivery
    when = "" if found.date is None else formats.day_words(found.date, reader.language)
    hours = "–".join(one for one in (found.time_from, found.time_to) if one)
    return {
        "name": ", ".join(one for one in (found.type_name, found.service_name) if one),
        "cost": formats.money(found.cost, reader.language),
        "when": " ".join(one for one in (when, hours) if one),
        "address": found.address,
        "track": found.track_number,
        "hidden": found.address is None,
    }


_STAGES: Final[Mapping[Stage, tuple[str, str]]] = {
    Stage.ISSUED: ("info", "ring"),
    Stage.WAITING: ("grey", "ring"),
    Stage.PAID: ("ok", "check"),
    Stage.FAILED: ("bad", "cross"),
    Stage.REFUNDED: ("warn", "half"),
}
"""How far a payment came → tone and shape of its mark; the word beside it is the status."""


def _payment(reader: Reader, one: PaymentView) -> dict[str, Any]:
    when = one.paid_at
    return {
        "name": one.type_name or reader._("способ не указан"),
        "status": one.status_name,
        "tone": _STAGES[one.stage][0],
        "shape": _STAGES[one.stage][1],
        "sum": formats.money(one.amount, reader.language),
        "when": ""
        if when is None
        else formats.moment_short(when, reader.now, reader.zone, reader.language),
        "comment": one.comment,
        "payer": one.payer,
        "number": one.id,
    }


def _origin(reader: Reader, found: OrderScreen) -> list[tuple[str, str]]:
    order, marks, codes = found.order, found.order.source, found.codes
    store = order.shipment_store or ""
    source = " / ".join(
        one for one in (marks.source, marks.medium, marks.campaign, marks.keyword) if one
    )
    return [
        (reader._("Магазин"), order.shop_name),
        (reader._("Источник"), source),
        (reader._("У магазина"), order.external_id or ""),
        (reader._("Способ"), codes.methods.get(order.order_method, order.order_method)),
        (reader._("Тип"), codes.types.get(order.order_type, order.order_type)),
        (reader._("Создан"), _moment(reader, order)),
        (reader._("Склад"), codes.warehouses.get(store, store)),
        (
            reader._("Отгрузить"),
            ""
            if order.shipment_date is None
            else formats.day(order.shipment_date, reader.language),
        ),
    ]


def _moment(reader: Reader, order: OrderView) -> str:
    return formats.moment(order.created_at, reader.now, reader.zone, reader.language)


def contacts(reader: Reader, found: tuple[ContactView, ...]) -> list[Contact]:
    """Contacts of a client for a card; those the role hides altogether say so once a kind."""
    names = {
        "phone": reader._("Телефон"),
        "email": reader._("Почта"),
        "messenger": reader._("Мессенджер"),
    }
    hidden: set[str] = set()
    made: list[Contact] = []
    for one in found:
        if one.shown is None:
            if one.kind in hidden:
                continue
            hidden.add(one.kind)
        made.append(
            Contact(
                label=names[one.kind.value],
                shown=one.shown,
                href=f"/clients/contacts/{one.id}/reveal",
                masked=one.full is None,
                readable=one.readable,
            )
        )
    return made


def _figures(reader: Reader, found: OrderScreen) -> list[tuple[str, str]]:
    figures = found.figures
    if figures is None:
        return []
    mean = figures.total // figures.orders if figures.orders else 0
    debt = max(figures.total - figures.paid, 0)
    return [
        (reader._("Заказы"), formats.number(figures.orders, reader.language)),
        (reader._("Всего"), formats.money(figures.total, reader.language)),
        (reader._("Средний"), formats.money_whole(mean, reader.language)),
        (reader._("Не оплачено"), formats.money(debt, reader.language)),
    ]


def address_text(parts: AddressParts) -> str:
    """An address in one line: as it was typed, else of its parts."""
    if parts.text:
        return parts.text
    pieces = (parts.index, parts.region, parts.city, parts.street, parts.building, parts.flat)
    return ", ".join(piece for piece in pieces if piece)
