"""A new order by hand: the form, what it answers while it is filled in, and its saving."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post

from appliance.actions import customers, order_forms
from appliance.domain import formats, inputs
from appliance.domain.ids import uuid7
from appliance.domain.order_forms import FormReckoned, FormStart, GoodsFound
from appliance.domain.personal import Personal
from appliance.errors import HouseError, Invalid
from appliance.web import order_drafts, order_rows, order_typed, texts
from appliance.web.answers import WebRequest, go
from appliance.web.client_money import breach_text
from appliance.web.hints import hints_of
from appliance.web.order_typed import Reading, Typed, TypedLine
from appliance.web.orders import word
from appliance.web.screens import Reader, draw, look_of, reader_of, shell_of

FORM: Final = "orders/form.html"
SHORTEST: Final = 2
_ITEM = re.compile(r"items\[(\d+)\]\.(\w+)")
_FIELDS: Final = {
    "quantity": "quantity",
    "initialPrice": "price",
    "discountManualPercent": "line_discount",
}
_PLACES: Final = {
    "delivery.code": "delivery",
    "delivery.cost": "cost",
    "site": "shop",
    "discountManualAmount": "discount",
    "discountManualPercent": "discount",
}
"""Fields as the API spells them → fields of the form."""


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line of the form, written out."""

    key: str
    at: int
    offer: str
    name: str
    sku: str
    quantity: str
    price: str
    discount: str
    free: str
    free_tone: str
    short: str
    weight: str
    vat: str
    total: str


class OrderForm(Controller):
    """Writing an order down."""

    path = "/orders/new"

    @get()
    async def blank(self, request: WebRequest) -> Response[Any]:
        """Show an empty form, one for a client, or one that repeats an order."""
        reader, query = reader_of(request), request.query_params
        asked = (_number(query.get("client")), _number(query.get("repeat")), _id(query.get("call")))
        begun = await order_forms.start(reader.actor, *asked, drafts=True)
        if begun.draft is not None:
            typed = order_drafts.unpacked(begun.draft)
        else:
            typed = _begin(reader, begun).with_words(
                call=str(asked[2] or ""), origin=order_forms.origin_of(*asked)
            )
        return await _page(request, reader, begun, typed)

    @post("/called")
    async def called(self, request: WebRequest) -> Response[Any]:
        """Show the form for whoever rings now, with the name that was typed into the call card."""
        reader, form = reader_of(request), await request.form()
        call = _id(word(form, "call"))
        begun = await order_forms.start(reader.actor, call=call)
        last, _, first = word(form, "name").strip().partition(" ")
        if not first:
            last, first = "", last
        typed = _begin(reader, begun).with_words(
            call=str(call or ""), last_name=last, first_name=first.strip()
        )
        return await _page(request, reader, begun, typed)

    @post("/part")
    async def change(self, request: WebRequest) -> Response[Any]:
        """Add or drop a line, choose a buyer or a delivery; the form comes back whole."""
        form, reader = await request.form(), reader_of(request)
        typed = order_typed.read(form)
        told = {name: word(form, name) for name in _TOLD}
        told["shown"] = told["shown"] or word(form, "who")  # what was looked for is not typed twice
        typed, focus = _changed(typed, told)
        if word(form, "do") == "buyer":
            begun = await order_forms.start(reader.actor, typed.client)
            typed = typed.with_words(
                delivery=begun.delivery_type or typed.words["delivery"],
                payment=begun.payment_type or typed.words["payment"],
            )
            return await _form(request, reader, typed, focus=focus, note=begun.note)
        if word(form, "do") == "delivery":
            typed = await _with_cost(reader, typed)
        return await _form(request, reader, typed, focus=focus)

    @post("/sums")
    async def sums(self, request: WebRequest) -> Response[Any]:
        """Totals of what is typed so far; nothing that is being typed is touched."""
        reader = reader_of(request)
        typed = order_typed.read(await request.form())
        reading = Reading(typed, reader.today)
        reckoned = await _reckon(reader, reading)
        return draw(
            request,
            reader,
            "orders/form_sums.html",
            lines=_lines(reader, typed, reckoned),
            problems=_told(reader, reading.problems),
            **_sums(reader, reckoned, reading),
        )

    @post("/goods")
    async def goods(self, request: WebRequest) -> Response[Any]:
        """Goods for a fragment, an SKU or a barcode."""
        reader, text = reader_of(request), word(await request.form(), "find").strip()
        found = await order_forms.goods(reader.actor, text)
        return draw(
            request,
            reader,
            "orders/form_goods.html",
            found=[_goods(reader, one) for one in found],
            text=text,
            order=_number(request.query_params.get("order")),
        )

    @post("/buyers")
    async def buyers(self, request: WebRequest) -> Response[Any]:
        """Clients for any fragment; the text travels in the body only."""
        reader, text = reader_of(request), word(await request.form(), "who").strip()
        long_enough = len(text) >= SHORTEST
        found = await customers.search(reader.actor, text, 7) if long_enough else []
        return draw(
            request,
            reader,
            "orders/form_buyers.html",
            found=[(one, *order_rows.client_cell(reader, one)) for one in found],
            text=Personal(text),
            asked=long_enough,
            order=_number(request.query_params.get("order")),
            as_=_party(request.query_params.get("as", "")),
            version=str(_number(request.query_params.get("version")) or ""),
        )

    @post()
    async def save(self, request: WebRequest) -> Response[Any]:
        """Save the order, once however often the form arrives."""
        reader = reader_of(request)
        typed = order_typed.read(await request.form())
        reading = Reading(typed, reader.today)
        draft = order_typed.draft_of(reading)
        if typed.words["kind"] == "known" and not typed.client:
            reading.problems["who"] = "buyer_missing"
        if not draft.lines:
            reading.problems["find"] = "order_empty"
        if reading.problems:
            return await _form(request, reader, replace(typed, problems=reading.problems))
        try:
            placed = await order_forms.save(reader.actor, typed.token, draft, typed.call)
        except Invalid as error:
            problems = _places(typed, error)
            return await _form(request, reader, replace(typed, problems=problems), error=error)
        return go(request, f"/orders/{placed.number}")


_TOLD: Final = ("do", "add", "add_name", "add_price", "key", "number", "shown")


def _party(text: str) -> str:
    return text if text in {"buyer", "payer"} else ""


def _number(text: str | None) -> int:
    found = (text or "").strip()
    return int(found) if found.isascii() and found.isdigit() and len(found) <= 11 else 0


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _begin(reader: Reader, begun: FormStart) -> Typed:
    lines = tuple(
        TypedLine(
            key=str(at),
            offer=one.variant_number,
            name=one.name,
            quantity=formats.quantity(one.quantity_milli, reader.language),
            price=formats.money(one.price, reader.language, sign=False),
            discount=formats.percent(one.discount_percent_milli // 10, reader.language)
            if one.discount_percent_milli
            else "",
        )
        for at, one in enumerate(begun.lines, 1)
    )
    choices = begun.choices
    delivery = begun.delivery_type or next((one[0] for one in choices.deliveries), "")
    cost = next((one[2] for one in choices.deliveries if one[0] == delivery), 0)
    typed = order_typed.empty(
        shop=next((code for code, _ in choices.shops), ""),
        delivery=delivery,
        cost=formats.money(cost, reader.language, sign=False) if cost else "",
        payment=begun.payment_type or next((code for code, _ in choices.payments), ""),
        client=str(begun.buyer.number) if begun.buyer else "",
        method="phone" if any(code == "phone" for code, _ in choices.methods) else "",
    )
    if begun.caller is not None:
        typed = typed.with_words(kind="person")
    return replace(typed, lines=lines)


def _changed(typed: Typed, told: dict[str, str]) -> tuple[Typed, str]:
    """The form after a press on one of its buttons, and the field that gets the focus."""
    match told["do"]:
        case "add":
            line = TypedLine(
                key=uuid7().hex[-8:],
                offer=_number(told["add"]) or None,
                name=told["add_name"],
                quantity="1",
                price=told["add_price"],
                discount="",
            )
            focus = f"quantity-{line.key}" if line.offer else f"price-{line.key}"
            return replace(typed, lines=(*typed.lines, line)), focus
        case "drop":
            kept = tuple(one for one in typed.lines if one.key != told["key"])
            return replace(typed, lines=kept), "find"
        case "buyer":
            return typed.with_words(
                kind="known", client=told["number"], client_name=told["shown"]
            ), "find"
        case "nobody":
            return typed.with_words(kind="known", client="", client_name=""), "who"
        case "person" | "company" as kind:
            first = "company" if kind == "company" else "last_name"
            return typed.with_words(
                kind=kind, client="", **order_typed.looked_for(kind, told["shown"])
            ), first
        case _:
            return typed, told["do"]


async def _with_cost(reader: Reader, typed: Typed) -> Typed:
    """The usual cost of the chosen delivery, in place of the one before."""
    choices = (await order_forms.reckon(reader.actor, [])).choices
    costs = {code: cost for code, _, cost in choices.deliveries}
    cost = costs.get(typed.words["delivery"], 0)
    return typed.with_words(cost=formats.money(cost, reader.language, sign=False) if cost else "")


async def _reckon(reader: Reader, reading: Reading) -> FormReckoned:
    amount, percent = reading.order_discount()
    return await order_forms.reckon(
        reader.actor,
        reading.lines(),
        discount_amount=amount,
        discount_percent_milli=percent,
        delivery_cost=reading.money("cost", reading.typed.words["cost"]),
        client=reading.typed.client,
    )


async def _context(
    reader: Reader, typed: Typed, *, focus: str = "", error: HouseError | None = None
) -> dict[str, Any]:
    reading = Reading(typed, reader.today)
    reckoned = await _reckon(reader, reading)
    words = {name: Personal(text) for name, text in typed.words.items()}
    trouble = {**reading.problems, **typed.problems} if typed.problems else {}
    return {
        "choices": reckoned.choices,
        "deliveries": [
            (code, f"{name}, {formats.money(cost, reader.language)}" if cost else name)
            for code, name, cost in reckoned.choices.deliveries
        ],
        "token": typed.token,
        "kind": typed.words["kind"],
        "client": typed.client,
        "words": words,
        "chosen": typed.words,
        "lines": _lines(reader, typed, reckoned),
        "problems": _told(reader, trouble, {} if error is None else error.params),
        "first": next(iter(trouble), ""),
        "problem": "" if error is None or trouble else _sentence(reader, error),
        "focus": "" if trouble else focus,
        "draft_at": "",
        "fresh": False,
        **_sums(reader, reckoned, reading),
    }


def _sentence(reader: Reader, error: HouseError) -> str:
    return texts.error(error.code, reader.language, error.params).title


class Told(dict[str, str]):
    """Field → sentence with what to do about it; empty for a field that is all right."""

    def __missing__(self, name: str) -> str:
        return ""


def _told(
    reader: Reader, problems: Mapping[str, str], params: Mapping[str, Any] | None = None
) -> Told:
    said = {
        name: texts.error(code, reader.language, params or {}) for name, code in problems.items()
    }
    return Told(
        (name, ". ".join(x for x in (one.title, one.hint) if x)) for name, one in said.items()
    )


def _places(typed: Typed, error: Invalid) -> dict[str, str]:
    """Problems that the house found, by fields of the form."""
    found: dict[str, str] = {}
    for name, code in error.fields.items():
        item = _ITEM.match(name)
        if item and int(item[1]) < len(typed.lines):
            field = _FIELDS.get(item[2], "quantity")
            found[f"{field}-{typed.lines[int(item[1])].key}"] = code
        else:
            found[_PLACES.get(name, name)] = code
    return found


async def _page(
    request: WebRequest, reader: Reader, begun: FormStart, typed: Typed
) -> Response[Any]:
    if begun.buyer is not None:
        shown, _, _ = order_rows.client_cell(reader, begun.buyer)
        buyer: Personal[str] | str = shown
    else:
        buyer = ""
    begins = "again" if begun.last else "find"
    context = await _context(reader, typed, focus=begins if begun.buyer or begun.caller else "who")
    context["last"] = begun.last
    if begun.caller is not None and begun.draft is None:
        context["words"]["phone"] = begun.caller
    if begun.buyer is not None and begun.draft is None:
        context["words"]["client_name"] = buyer
    context["note"], context["fresh"] = begun.note, True
    context["draft_at"] = (
        ""
        if begun.draft_at is None
        else formats.clock(begun.draft_at, reader.zone)
        if begun.draft_at.astimezone(reader.zone).date() == reader.today
        else formats.moment_short(begun.draft_at, reader.now, reader.zone, reader.language)
    )
    return draw(
        request,
        reader,
        "orders/new.html",
        look=look_of(request),
        shell=shell_of(request, reader, "orders", begun.frame.counts, begun.frame.codes),
        repeated=begun.repeated,
        hints=hints_of(request),
        **context,
    )


async def _form(
    request: WebRequest,
    reader: Reader,
    typed: Typed,
    *,
    focus: str = "",
    error: HouseError | None = None,
    note: Personal[str] | None = None,
) -> Response[Any]:
    context = await _context(reader, typed, focus=focus, error=error)
    context["note"] = note
    wrong = bool(typed.problems) or error is not None
    context["hints"] = hints_of(request)
    return draw(request, reader, FORM, status=422 if wrong else 200, **context)


def _lines(reader: Reader, typed: Typed, reckoned: FormReckoned) -> list[ShownLine]:
    return [
        _line(reader, at, one, reckoned.goods.get(one.offer or 0), total.total)
        for at, (one, total) in enumerate(zip(typed.lines, reckoned.sums.lines, strict=True), 1)
    ]


def _line(
    reader: Reader, at: int, one: TypedLine, goods: GoodsFound | None, total: int
) -> ShownLine:
    free, tone = _free(reader, goods)
    return ShownLine(
        key=one.key,
        at=at,
        offer="" if one.offer is None else str(one.offer),
        name=one.name,
        sku=reader._("новый товар") if goods is None else goods.sku,
        quantity=one.quantity,
        price=one.price,
        discount=one.discount,
        free=free,
        free_tone=tone,
        short=_short(reader, one, goods),
        weight=_weight(reader, 0 if goods is None else goods.weight_grams),
        vat=vat_name(reader, "none" if goods is None else goods.vat_rate),
        total=formats.money(total, reader.language, exact=True, sign=False),
    )


def _short(reader: Reader, one: TypedLine, goods: GoodsFound | None) -> str:
    """How many more are asked for than are free; empty where all are, or nobody keeps count."""
    if goods is None or goods.free_milli is None:
        return ""
    try:
        wanted = inputs.quantity(one.quantity) if one.quantity else 0
    except Invalid:
        return ""
    lacking = wanted - max(goods.free_milli, 0)
    return formats.quantity(lacking, reader.language) if lacking > 0 else ""


def _free(reader: Reader, goods: GoodsFound | None) -> tuple[str, str]:
    if goods is None or goods.free_milli is None:
        return "", ""
    text = formats.quantity(goods.free_milli, reader.language)
    return text, "warn" if goods.free_milli <= 0 else ""


def _weight(reader: Reader, grams: int) -> str:
    if not grams:
        return ""
    return reader._("%(weight)s кг") % {"weight": formats.quantity(grams, reader.language)}


def vat_name(reader: Reader, rate: str) -> str:
    """A rate for people: «22 %», «нет»."""
    return f"{rate}\u00a0%" if rate.isdigit() else reader._("нет")


def _goods(reader: Reader, one: GoodsFound) -> dict[str, Any]:
    free, tone = _free(reader, one)
    return {
        "number": one.number,
        "name": one.name,
        "sku": one.sku,
        "price": formats.money(one.price, reader.language, sign=False),
        "shown": formats.money(one.price, reader.language),
        "free": free,
        "tone": tone,
    }


def _sums(reader: Reader, reckoned: FormReckoned, reading: Reading) -> dict[str, Any]:
    def money(kopecks: int) -> str:
        return formats.money(kopecks, reader.language, exact=True)

    sums = reckoned.sums
    delivery = sums.total - sums.goods_total + sums.discount_total
    rows = [(reader._("Товары"), money(sums.goods_total))]
    if sums.discount_total:
        rows.append((reader._("Скидка"), money(-sums.discount_total)))
    rows.append((reader._("Доставка"), money(delivery)))
    pieces = sum(one.quantity_milli for one in reading.lines())
    note = [reader.ngettext("%(num)s строка", "%(num)s строк", len(sums.lines))]
    if pieces:
        amount = formats.quantity(pieces, reader.language)
        note.append(reader._("%(amount)s шт.") % {"amount": amount})
    if reckoned.weight_grams:
        note.append(_weight(reader, reckoned.weight_grams))
    return {
        "rows": rows,
        "grand": money(sums.total),
        "vat": (reader._("в т. ч. НДС"), money(reckoned.vat)) if reckoned.vat else None,
        "lines_note": ", ".join(note) if sums.lines else "",
        "breach": breach_text(reader, reckoned.breach) if reckoned.breach else "",
    }
