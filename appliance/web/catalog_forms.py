"""A product's form: reading what was typed, saying what is wrong at its field, keeping the rest."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from litestar import Response

from appliance.actions import catalogue
from appliance.actions import desk as desk_actions
from appliance.domain import formats, inputs
from appliance.domain.catalogue import Named, ProductCard, ProductForm, VariantForm, rates_on
from appliance.errors import Conflict, HouseError, Invalid
from appliance.roles import Permission
from appliance.web import merging, texts
from appliance.web.answers import WebRequest, go, told
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of

MOST: Final = 100
BLANK: Final = {"number": "0", "unit": "pc", "vat": "none"}


async def show(request: WebRequest, number: int) -> Response[Any]:
    """Show the form of a product, or an empty one."""
    reader = reader_of(request)
    if number:
        found = await catalogue.card(reader.actor, number)
        seen = await catalogue.seen_of(reader.actor, number)
        values = _values(found, seen)
        return await _draw(request, reader, number, values, found.named, opened=values)
    named = await catalogue.names(reader.actor)
    values = {"name": request.query_params.get("name", "")[:200], "active": "1"}
    values |= {f"v0-{name}": value for name, value in BLANK.items()}
    return await _draw(request, reader, 0, values, named)


async def save(request: WebRequest, number: int) -> Response[Any]:
    """Save; what cannot be accepted comes back as it was typed, with a sentence at its field."""
    form, reader = await request.form(), reader_of(request)
    sent = {name: value for name, value in form.items() if isinstance(value, str)}
    values, was = merging.taken(sent), merging.opened(sent)
    named = await catalogue.names(reader.actor)
    errors: dict[str, str] = {}
    product = _read(values, named, errors)
    if not errors:
        try:
            seen = values.get("seen", "")
            saved = await catalogue.save(
                reader.actor, product, number, int(seen) if seen.isdigit() else 0
            )
            return go(request, f"/catalog/{saved}")
        except Invalid as error:
            errors = dict(error.fields) or {"name": error.code}
        except Conflict as error:
            return await _clash(request, reader, number, was, values, told(request, error))
    return await _draw(
        request, reader, number, values, named, errors, status=422, opened=was if number else None
    )


async def _clash(
    request: WebRequest,
    reader: Reader,
    number: int,
    was: Mapping[str, str],
    mine: Mapping[str, str],
    note: str,
) -> Response[Any]:
    """The form again: merged where one of two changed a field, with a choice where both did."""
    found = await catalogue.card(reader.actor, number)
    now = _values(found, await catalogue.seen_of(reader.actor, number))
    fields = _fields(reader, found, [*now, *mine])
    merged = merging.merge(fields, was=was, theirs=now, mine=mine)
    # A variant that somebody added meanwhile belongs into the form as well.
    added = {
        name: value
        for name, value in now.items()
        if f"{name.partition('-')[0]}-number" in now
        and f"{name.partition('-')[0]}-number" not in mine
    }
    values = added | {name: str(value) for name, value in merged.values.items()}
    values["seen"] = now["seen"]
    return await _draw(
        request,
        reader,
        number,
        values,
        found.named,
        note=note,
        status=409,
        merged=merged,
        opened=now,
    )


def _fields(reader: Reader, found: ProductCard, names: Iterable[str]) -> dict[str, merging.Field]:
    """What can be merged, as the form names it; a variant's place is said where there are more."""
    _ = reader._
    named = found.named
    known = {
        "name": merging.Field(_("Название")),
        "manufacturer": merging.Field(_("Производитель")),
        "category": merging.Field(
            _("Группа"),
            {"0": _("без группы")} | {str(one.number): one.path for one in named.categories},
        ),
        "active": merging.Field(_("В магазине"), {"1": _("продаётся"), "": _("снят")}),
        "description": merging.Field(_("Описание")),
    }
    parts = {
        "name": merging.Field(_("Название варианта")),
        "sku": merging.Field(_("Артикул")),
        "barcodes": merging.Field(_("Штрихкоды")),
        "cost": merging.Field(_("Закупка, ₽")),
        "vat": merging.Field(
            _("НДС"), {one.code: one.name for one in rates_on(named.rates, reader.today)}
        ),
        "unit": merging.Field(_("Единица"), dict(named.units)),
        "weight": merging.Field(_("Вес, кг")),
        "low": merging.Field(_("Порог")),
    } | {
        f"price-{kind.code}": merging.Field(_("Цена: %(name)s, ₽") % {"name": kind.name})
        for kind in named.price_types
    }
    several = len(found.product.variants) > 1
    for name in dict.fromkeys(names):
        place, _dash, part = name.removeprefix("v").partition("-")
        if name.startswith("v") and place.isdigit() and part in parts:
            label = parts[part].label
            if several:
                label = f"{label} ({int(place) + 1})"
            known[name] = merging.Field(label, parts[part].words)
    return known


async def _draw(
    request: WebRequest,
    reader: Reader,
    number: int,
    values: Mapping[str, str],
    named: Named,
    errors: Mapping[str, str] | None = None,
    *,
    note: str = "",
    status: int = 200,
    merged: merging.Merged | None = None,
    opened: Mapping[str, str] | None = None,
) -> Response[Any]:
    codes = await desk_actions.names(reader.actor)
    sentences = {
        name: texts.error(code, reader.language, {}).title for name, code in (errors or {}).items()
    }
    places = [place for place in range(MOST) if f"v{place}-number" in values]
    return draw(
        request,
        reader,
        "catalog/form.html",
        status=status,
        look=look_of(request),
        shell=shell_of(request, reader, "catalog", await counts_for(reader), codes),
        number=number,
        values=defaultdict(str, values),
        errors=defaultdict(str, sentences),
        first_error=next(iter(sentences), ""),
        note=note,
        opened=opened or {},
        clashes=() if merged is None else merged.clashes,
        came=() if merged is None else merged.came,
        places=[*places, max(places, default=-1) + 1],
        named=named,
        categories=[("0", reader._("без группы"))]
        + [(str(one.number), one.path) for one in named.categories],
        units=list(named.units),
        rates=_rates(reader, named, values),
        sees_cost=reader.may(Permission.PRODUCT_COST),
    )


def _rates(reader: Reader, named: Named, values: Mapping[str, str]) -> list[tuple[str, str]]:
    """Rates of today, and whatever code the product has from elsewhere."""
    known = [
        (
            one.code,
            one.name
            if one.percent is None or one.code != "general"
            else f"{one.name}, {formats.percent(one.percent, reader.language)}",
        )
        for one in rates_on(named.rates, reader.today)
    ]
    strange = {value for name, value in values.items() if name.endswith("-vat")}
    return known + [(code, code) for code in sorted(strange - {code for code, _ in known})]


def _values(found: ProductCard, seen: int) -> dict[str, str]:
    """A product as its form shows it."""
    product = found.product
    values = {
        "name": product.name,
        "category": str(found.category),
        "manufacturer": product.manufacturer,
        "description": found.description,
        "seen": str(seen),
        "active": "1" if product.active else "",
    }
    for place, (one, more) in enumerate(zip(product.variants, found.more, strict=True)):
        values |= {
            f"v{place}-number": str(one.number),
            f"v{place}-name": "" if one.name == product.name else one.name,
            f"v{place}-sku": one.sku,
            f"v{place}-barcodes": " ".join(more.barcodes),
            f"v{place}-unit": one.unit,
            f"v{place}-vat": one.vat_rate,
            f"v{place}-weight": _amount(one.weight_grams, 1000),
            f"v{place}-low": _amount(more.low_milli, 1000),
            f"v{place}-cost": _amount(one.purchase_price, 100),
        }
        for kind in found.named.price_types:
            if kind.code in one.prices:
                values[f"v{place}-price-{kind.code}"] = _amount(one.prices[kind.code], 100)
    return values


def _amount(value: int, scale: int) -> str:
    """A figure as people type it; nothing for zero."""
    if not value:
        return ""
    whole, rest = divmod(value, scale)
    digits = len(str(scale)) - 1
    return f"{whole},{rest:0{digits}d}".rstrip("0").rstrip(",") if rest else str(whole)


def _read(values: Mapping[str, str], named: Named, errors: dict[str, str]) -> ProductForm:
    """Read the form; errors get the code of what is wrong by the field's name."""
    if not values.get("name", "").strip():
        errors["name"] = "name_missing"
    category = values.get("category", "0")
    variants = [
        _variant(values, place, named, errors) for place in range(MOST) if _given(values, place)
    ]
    if not variants:
        variants = [VariantForm()]
    return ProductForm(
        name=values.get("name", ""),
        category=int(category) if category.isdigit() else 0,
        new_category=values.get("new_category", ""),
        manufacturer=values.get("manufacturer", "")[:200],
        description=values.get("description", ""),
        active=values.get("active") == "1",
        variants=tuple(variants),
    )


def _given(values: Mapping[str, str], place: int) -> bool:
    """Whether this place holds a variant: a stored one, or a new one with anything typed."""
    if values.get(f"v{place}-number", "0") not in {"", "0"}:
        return True
    start = f"v{place}-"
    ignored = {f"{start}number", f"{start}unit", f"{start}vat"}
    return any(
        value.strip()
        for name, value in values.items()
        if name.startswith(start) and name not in ignored
    )


def _variant(
    values: Mapping[str, str], place: int, named: Named, errors: dict[str, str]
) -> VariantForm:
    def text(name: str) -> str:
        return values.get(f"v{place}-{name}", "").strip()

    def figure(name: str, read: Callable[[str], int]) -> int | None:
        typed = text(name)
        if not typed:
            return None
        try:
            value = read(typed)
            if value < 0:
                raise Invalid("negative_refused")
        except HouseError as error:
            errors[f"v{place}-{name}"] = error.code
            return None
        return value

    number = text("number")
    prices = {
        kind.code: value
        for kind in named.price_types
        if (value := figure(f"price-{kind.code}", inputs.money)) is not None
    }
    return VariantForm(
        number=int(number) if number.isdigit() else 0,
        name=text("name"),
        sku=text("sku")[:255],
        barcodes=tuple(dict.fromkeys(text("barcodes").replace(",", " ").split())),
        unit=text("unit") or "pc",
        vat_rate=text("vat") or "none",
        weight_grams=figure("weight", inputs.quantity) or 0,
        low_milli=figure("low", inputs.quantity) or 0,
        purchase_price=figure("cost", inputs.money),
        prices=prices,
    )
