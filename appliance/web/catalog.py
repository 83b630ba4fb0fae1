"""The catalogue: list, card, preview, pictures."""

from typing import Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from appliance.actions import catalogue
from appliance.actions import desk as desk_actions
from appliance.domain import formats
from appliance.domain.catalogue import ProductCard, rate_of
from appliance.domain.images import TYPES
from appliance.errors import Invalid
from appliance.http.errors import is_fragment
from appliance.roles import Permission
from appliance.web import catalog_feeds, catalog_filters, catalog_forms, catalog_rows
from appliance.web import views as kept
from appliance.web.answers import WebRequest, go, told
from appliance.web.orders import cursor, word
from appliance.web.parts import Column
from appliance.web.screens import (
    Reader,
    counts_for,
    draw,
    look_of,
    reader_of,
    refreshed,
    shell_of,
    toast,
)
from appliance.web.shell import N_

VIEWS: Final = (
    ("", N_("Все")),
    ("low=1", N_("Заканчиваются")),
    ("out=1", N_("Нет в наличии")),
    ("to_check=1", N_("Проверить")),
    ("hidden=1", N_("Сняты")),
)


class CatalogPages(Controller):
    """Goods."""

    path = "/catalog"

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show a page of goods; the filter is in the address."""
        return await _list(request, reader_of(request))

    @get("/new")
    async def new(self, request: WebRequest) -> Response[Any]:
        """Show an empty form."""
        return await catalog_forms.show(request, 0)

    @post("/new")
    async def add(self, request: WebRequest) -> Response[Any]:
        """Add a product."""
        return await catalog_forms.save(request, 0)

    @get("/feeds")
    async def feeds(self, request: WebRequest) -> Response[Any]:
        """Show the feeds that shops read."""
        return await catalog_feeds.show(request)

    @post("/feeds")
    async def open_feed(self, request: WebRequest) -> Response[Any]:
        """Open a feed."""
        return await catalog_feeds.add(request)

    @post("/feeds/{feed:int}/close")
    async def close_feed(self, request: WebRequest, feed: FromPath[int]) -> Response[Any]:
        """Close a feed."""
        return await catalog_feeds.close(request, feed)

    @get("/{number:int}")
    async def card(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show a product."""
        return await _card(request, number, "catalog/card.html")

    @get("/{number:int}/peek")
    async def peek(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show a product beside the list."""
        return await _card(request, number, "catalog/peek.html")

    @get("/{number:int}/edit")
    async def edit(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show a product's form."""
        return await catalog_forms.show(request, number)

    @post("/{number:int}/edit")
    async def save(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Change a product."""
        return await catalog_forms.save(request, number)

    @post("/{number:int}/checked")
    async def checked(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Take the mark «проверить» off."""
        await catalogue.mark_checked(reader_of(request).actor, number)
        return refreshed()

    @post("/{number:int}/pictures")
    async def add_picture(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Keep a picture."""
        form, reader = await request.form(), reader_of(request)
        given = form.get("picture")
        data = await given.read() if isinstance(given, UploadFile) else b""
        try:
            await catalogue.add_picture(reader.actor, number, data)
        except Invalid as error:
            return Response(b"", status_code=200, headers=toast(told(request, error)))
        return refreshed() if is_fragment(request) else go(request, f"/catalog/{number}")

    @post("/{number:int}/pictures/{picture_id:uuid}/remove")
    async def remove_picture(
        self, request: WebRequest, number: FromPath[int], picture_id: FromPath[UUID]
    ) -> Response[Any]:
        """Take a picture off."""
        await catalogue.remove_picture(reader_of(request).actor, number, picture_id)
        return refreshed()

    @post("/{number:int}/pictures/{picture_id:uuid}/first")
    async def first_picture(
        self, request: WebRequest, number: FromPath[int], picture_id: FromPath[UUID]
    ) -> Response[Any]:
        """Make a picture the one that lists show."""
        await catalogue.first_picture(reader_of(request).actor, number, picture_id)
        return refreshed()

    @post("/groups")
    async def group(self, request: WebRequest) -> Response[Any]:
        """Make a group, or rename one and hang it elsewhere."""
        form, reader = await request.form(), reader_of(request)
        number, parent = word(form, "number"), word(form, "parent")
        try:
            await catalogue.save_category(
                reader.actor,
                word(form, "name"),
                int(parent) if parent.isdigit() else 0,
                int(number) if number.isdigit() else 0,
            )
        except Invalid as error:
            return Response(b"", status_code=200, headers=toast(told(request, error)))
        return refreshed()


@get("/pictures/{picture_id:uuid}")
async def picture_file(request: WebRequest, picture_id: FromPath[UUID]) -> Response[bytes]:
    """A product's picture; its id never means another one."""
    kind, content = await catalogue.picture(reader_of(request).actor, picture_id)
    headers = {"cache-control": "private, max-age=31536000, immutable"}
    return Response(content, media_type=TYPES[kind], headers=headers)


HANDLERS: Final = (CatalogPages, picture_file)


async def _list(request: WebRequest, reader: Reader) -> Response[Any]:
    asked = catalog_filters.read(request.query_params)
    after = cursor(request.query_params.get("after"))
    bar = await kept.bar(reader, "catalog", asked.query)
    first = kept.opens_with(request, bar)
    if first is not None:
        return first
    found = await catalogue.screen(reader.actor, asked.as_filter(), after)
    codes = await desk_actions.names(reader.actor)
    _ = reader._
    cost = [Column(_("Закупка"), "num")] if found.sees_cost else []
    return draw(
        request,
        reader,
        "catalog/list.html",
        bar=bar,
        look=look_of(request),
        shell=shell_of(request, reader, "catalog", await counts_for(reader), codes),
        asked=asked,
        chips=catalog_filters.chips(asked, found.named, _),
        views=[
            (f"/catalog?{query or 'all=1'}", _(text), None, asked.query == query)
            for query, text in VIEWS
        ],
        named=found.named,
        categories=[("0", _("любая"))]
        + [(str(one.number), one.path) for one in found.named.categories],
        rows=catalog_rows.rows(reader, found),
        sees_cost=found.sees_cost,
        may_edit=reader.may(Permission.PRODUCT_EDIT),
        may_feed=reader.may(Permission.FEED_MANAGE),
        may_market=reader.may(Permission.STOCK_EDIT),
        count=len(found.rows),
        next="" if found.after is None else asked.paged(found.after),
        first=asked.address() if after else "",
        columns=[
            Column(_("Фото")), Column(_("Товар")), Column(_("Артикул")), Column(_("Группа")),
            Column(_("Цена"), "num"), *cost, Column(_("Свободно"), "num"),
            Column(_("Резерв"), "num"), Column(_("В пути"), "num"), Column(_("В магазине")),
        ],
    )  # fmt: skip


async def _card(request: WebRequest, number: int, template: str) -> Response[Any]:
    reader = reader_of(request)
    found = await catalogue.card(reader.actor, number)
    whole: dict[str, Any] = {}
    if template == "catalog/card.html":
        codes = await desk_actions.names(reader.actor)
        whole = {
            "look": look_of(request),
            "shell": shell_of(request, reader, "catalog", await counts_for(reader), codes),
        }
    return draw(request, reader, template, **_view(reader, found), **whole)


def _view(reader: Reader, found: ProductCard) -> dict[str, Any]:
    product, several = found.product, len(found.product.variants) > 1
    group = next((one.path for one in found.named.categories if one.number == found.category), "")
    return {
        "product": product,
        "number": product.number,
        "state": catalog_rows.state_of(reader, product),
        "group": group or product.group,
        "category": found.category,
        "description": found.description,
        "facts": found.facts,
        "pictures": found.pictures,
        "variants": [_variant(reader, found, place) for place in range(len(product.variants))],
        "places": _places(reader, found),
        "movements": [
            catalog_rows.movement(reader, one, several=several) for one in found.movements
        ],
        "prices": _prices(reader, found, several=several),
        "sees_cost": found.sees_cost,
        "may_edit": found.may_edit,
        "several": several,
        "updated": formats.moment(found.updated_at, reader.now, reader.zone, reader.language),
    }


def _variant(reader: Reader, found: ProductCard, place: int) -> dict[str, Any]:
    one, more, named = found.product.variants[place], found.more[place], found.named
    rate = rate_of(named.rates, one.vat_rate, reader.today)
    return {
        "number": one.number,
        "name": one.name,
        "sku": one.sku,
        "barcodes": more.barcodes,
        "unit": dict(named.units).get(one.unit, one.unit),
        "vat": _vat(reader, one.vat_rate) if rate is None else rate_text(reader, rate.percent),
        "weight": f"{formats.quantity(one.weight_grams, reader.language)} {reader._('кг')}"
        if one.weight_grams
        else "",
        "prices": [
            (kind.name, formats.money(one.prices[kind.code], reader.language))
            for kind in named.price_types
            if kind.code in one.prices
        ],
        "cost": formats.money(one.purchase_price, reader.language) if one.purchase_price else "",
        "low": formats.quantity(more.low_milli, reader.language) if more.low_milli else "",
        "is_low": one.is_low,
        "size": _size(reader, one.size_mm),
        "properties": [(each.name, each.value) for each in one.properties],
    }


def _size(reader: Reader, size: tuple[int, int, int]) -> str:
    """Centimetres, as stands on a parcel; empty where nothing is known."""
    if not any(size):
        return ""
    parts = [formats.quantity(one * 100, reader.language) if one else "—" for one in size]
    return f"{' × '.join(parts)} {reader._('см')}"


def _vat(reader: Reader, code: str) -> str:
    return code if code != "none" else reader._("без НДС")


def rate_text(reader: Reader, percent: int | None) -> str:
    """A rate of VAT in words."""
    if percent is None:
        return reader._("без НДС")
    return reader._("НДС %(percent)s") % {"percent": formats.percent(percent, reader.language)}


def _places(reader: Reader, found: ProductCard) -> list[dict[str, Any]]:
    names = dict(found.named.warehouses)
    language = reader.language
    return [
        {
            "variant": one.name if len(found.product.variants) > 1 else "",
            "warehouse": names.get(place.warehouse, place.warehouse),
            "on_hand": formats.quantity(place.on_hand_milli, language),
            "reserved": formats.quantity(place.reserved_milli, language),
            "free": formats.quantity(place.free_milli, language),
            "free_tone": "bad" if place.free_milli <= 0 else "warn" if one.is_low else "",
            "transit": formats.quantity(place.in_transit_milli, language),
            "shelf": place.shelf,
        }
        for one in found.product.variants
        for place in one.stock
    ]


def _prices(reader: Reader, found: ProductCard, *, several: bool) -> list[dict[str, str]]:
    kinds = {kind.code: kind.name for kind in found.named.price_types}
    names = {one.number: one.name for one in found.product.variants}
    return [
        {
            "kind": kinds.get(one.price_type, one.price_type),
            "variant": names.get(one.variant, "") if several else "",
            "sum": formats.money(one.amount, reader.language),
            "since": formats.moment(one.since, reader.now, reader.zone, reader.language),
        }
        for one in found.prices
    ]
