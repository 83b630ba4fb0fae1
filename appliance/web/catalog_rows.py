"""Rows of goods and of movements with every text written out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from appliance.domain import formats
from appliance.domain.catalogue import CatalogueScreen, GoodsRow, Movement, Named
from appliance.domain.products import ProductView, VariantView
from appliance.web.screens import Reader

CAUSE_TONES = {"order": "accent", "document": "info", "upload": "grey", "correction": "warn"}


@dataclass(frozen=True, slots=True)
class State:
    """How a product stands in the shop."""

    text: str
    tone: str
    shape: str


@dataclass(frozen=True, slots=True)
class Row:
    """A product or, indented under it, one of its variants."""

    href: str
    peek: str
    picture: str
    name: str
    sku: str
    category: str
    price: str
    cost: str
    free: str
    free_tone: str
    reserved: str
    transit: str
    state: State | None
    variants: int
    is_variant: bool = False


def price_of(view: VariantView, named: Named) -> int | None:
    """Price by the first type of the dictionary, kopecks."""
    first = named.price_types[0].code if named.price_types else "base"
    return view.prices.get(first)


def rows(reader: Reader, found: CatalogueScreen) -> list[Row]:
    """The products of a page, each followed by its variants where it has several."""
    made: list[Row] = []
    for one in found.rows:
        made.append(_product(reader, one, found))
        if len(one.product.variants) > 1:
            made += [_variant(reader, one.product, each, found) for each in one.product.variants]
    return made


def _product(reader: Reader, one: GoodsRow, found: CatalogueScreen) -> Row:
    view = one.product
    single = view.variants[0] if len(view.variants) == 1 else None
    return Row(
        href=f"/catalog/{view.number}",
        peek=f"/catalog/{view.number}/peek",
        picture="" if one.picture is None else f"/pictures/{one.picture}",
        name=view.name,
        sku=single.sku if single else "",
        category=one.category,
        price=_span(reader, [price_of(each, found.named) for each in view.variants]),
        cost=_span(reader, [each.purchase_price or None for each in view.variants]),
        state=state_of(reader, view),
        variants=0 if single else len(view.variants),
        **_figures(reader, view.variants),
    )


def _variant(reader: Reader, view: ProductView, one: VariantView, found: CatalogueScreen) -> Row:
    return Row(
        href=f"/catalog/{view.number}#v{one.number}",
        peek=f"/catalog/{view.number}/peek",
        picture="",
        name=one.name,
        sku=one.sku,
        category="",
        price=_span(reader, [price_of(one, found.named)]),
        cost=_span(reader, [one.purchase_price or None]),
        state=None,
        variants=0,
        is_variant=True,
        **_figures(reader, (one,)),
    )


def _span(reader: Reader, sums: Sequence[int | None]) -> str:
    """One sum, or «от …» where variants differ."""
    known = sorted({one for one in sums if one is not None})
    if not known:
        return ""
    text = formats.money(known[0], reader.language)
    return text if len(known) == 1 else reader._("от %(sum)s") % {"sum": text}


def _figures(reader: Reader, variants: Sequence[VariantView]) -> dict[str, Any]:
    places = [place for one in variants for place in one.stock]
    free = sum(place.free_milli for place in places)
    tone = "bad" if free <= 0 else "warn" if any(one.is_low for one in variants) else ""
    reserved = sum(place.reserved_milli for place in places)
    transit = sum(place.in_transit_milli for place in places)
    return {
        "free": formats.quantity(free, reader.language),
        "free_tone": tone,
        "reserved": formats.quantity(reserved, reader.language) if reserved else "",
        "transit": formats.quantity(transit, reader.language) if transit else "",
    }


def state_of(reader: Reader, view: ProductView) -> State:
    """What a buyer sees of it."""
    if view.to_check:
        return State(reader._("проверить"), "warn", "half")
    if not view.active:
        return State(reader._("снят"), "grey", "cross")
    if sum(one.free_milli for one in view.variants) <= 0:
        return State(reader._("нет, скрыт"), "bad", "ring")
    return State(reader._("в продаже"), "ok", "check")


def movement(reader: Reader, one: Movement, *, several: bool) -> dict[str, Any]:
    """A change of stock: what, where, how much, why, and where the why opens."""
    words = {
        "order": reader._("Заказ № %(number)s"),
        "document": reader._("Документ № %(number)s"),
        "upload": reader._("Загрузка остатков"),
        "correction": reader._("Правка вручную"),
    }
    text = words.get(one.cause, one.cause)
    number = one.cause_number
    if "%" in text:
        shown = formats.order_number(number) if one.cause == "order" else str(number)
        text = text % {"number": shown}
    href = {"order": f"/orders/{number}", "document": f"/stock/{number}"}.get(one.cause, "")
    return {
        "cause": text,
        "href": href if number else "",
        "tone": CAUSE_TONES.get(one.cause, "grey"),
        "variant": one.variant_name if several else "",
        "warehouse": one.warehouse,
        "on_hand": _signed(reader, one.on_hand_milli),
        "reserved": _signed(reader, one.reserved_milli),
        "transit": _signed(reader, one.in_transit_milli),
        "when": formats.moment_short(one.at, reader.now, reader.zone, reader.language),
        "full": formats.moment_full(one.at, reader.zone, reader.language),
    }


def _signed(reader: Reader, milli: int) -> str:
    if milli == 0:
        return ""
    text = formats.quantity(milli, reader.language)
    return f"+{text}" if milli > 0 else text
