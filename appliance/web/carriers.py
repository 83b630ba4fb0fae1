"""Carriers on an order's card: prices side by side, a point by its address, a request, its label.

A page asks the carriers between two actions; towns, weights and sums go there, never a person.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from appliance.actions import parcels
from appliance.domain import formats, inputs, parcel_points
from appliance.domain.parcels import Choice, Gives, Package, ParcelDesk, Town
from appliance.domain.personal import Personal
from appliance.errors import Conflict, Invalid, NotFound, Unavailable
from appliance.plugin_api.parcels import Box, Offer, Point, PointsAsked, QuoteAsked
from appliance.plugin_host.carriers import Carriers, Quoted
from appliance.web import order_cards, order_moves, parcel_words, plugin_words, texts
from appliance.web.answers import WebRequest, site_of
from appliance.web.orders import word
from appliance.web.screens import Reader, draw, reader_of, toast

_SIZE: Final = re.compile(r"\d+(?:[.,]\d+)?")
MOST_SIZE: Final = 1000
"""Centimetres."""

STARTING: Final = "plugin_starting"
UNHEARD: Final = frozenset({STARTING, "plugin_silent", "plugin_off"})
"""Refusals of who may offer the same when asked again."""


class CarrierPages(Controller):
    """What carriers are asked from a card."""

    path = "/orders/{number:int}/carriers"

    @get()
    async def window(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show the window; prices come by themselves."""
        reader = reader_of(request)
        found = await parcels.desk(reader.actor, number)
        package = found.package if found.live is None else found.live.package
        return draw(
            request,
            reader,
            "orders/carriers.html",
            home=_home(number),
            desk=found,
            town=found.town or Personal(Town()),
            weight=parcel_words.kilograms(package.grams, reader.language),
            size=parcel_words.centimetres(package.length_mm, package.width_mm, package.height_mm),
            cod=formats.money(found.cod, reader.language, sign=False) if found.cod else "",
            live=found.live,
        )

    @post("/quotes")
    async def quotes(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show what every carrier asks for it."""
        form, reader = await request.form(), reader_of(request)
        found = await parcels.desk(reader.actor, number)
        try:
            asked = _asked(form, found)
        except Invalid as error:
            return _problem(request, reader, error)
        if not (asked.city or asked.index):
            return draw(request, reader, "orders/carrier_offers.html", nowhere=True)
        said = await _carriers(request).quotes(asked, reader.language)
        return draw(
            request,
            reader,
            "orders/carrier_offers.html",
            home=_home(number),
            nowhere=False,
            offers=_rows(reader, said, word(form, "offer")),
            silent=[_silent(request, reader, one) for one in said if not one.offers],
            starting=any(one.refusal == STARTING for one in said),
            again="again" in request.query_params,
        )

    @post("/offer")
    async def offer(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show what a chosen tariff still needs: a point, hours, who pays."""
        form, reader = await request.form(), reader_of(request)
        found = await parcels.desk(reader.actor, number)
        try:
            one, chosen = await _chosen(request, reader, form, found)
        except (Invalid, Unavailable) as error:
            return _problem(request, reader, error)
        listed, old, refusal = await _points(request, reader, form, one, chosen)
        text = word(form, "point_text")
        shown = parcel_points.found(listed, text) if listed else []
        return draw(
            request,
            reader,
            "orders/carrier_offer.html",
            home=_home(number),
            only_points="only" in request.query_params,
            needs_point=chosen.points,
            points=shown,
            count=len(listed),
            point=_kept(shown, word(form, "point")),
            old=old,
            starting=refusal == STARTING,
            windows=_windows(reader, chosen),
            window=word(form, "window"),
            gives=chosen.gives,
            pays=formats.money(chosen.cost, reader.language, sign=False),
            cost=formats.money(chosen.cost, reader.language),
        )

    @post()
    async def choose(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Take a tariff for the order, and ask the carrier for it if that was pressed."""
        form, reader = await request.form(), reader_of(request)
        ask = word(form, "do") != "choose"
        found = await parcels.desk(reader.actor, number)
        try:
            one, chosen = await _chosen(request, reader, form, found)
            choice = await _choice(request, reader, form, found, one, chosen)
            await parcels.choose(reader.actor, number, choice, ask=ask, version=_version(form))
        except (Invalid, Unavailable) as error:
            return _problem(request, reader, error)
        except Conflict as error:
            return await order_moves.refused(request, reader, number, error)
        told = reader._("Заявка отправлена") if ask else reader._("Тариф выбран")
        return await order_cards.show(request, number, headers=toast(told))

    @post("/{parcel:int}/{deed:str}")
    async def deed(
        self,
        request: WebRequest,
        number: FromPath[int],
        parcel: FromPath[int],
        deed: FromPath[str],
    ) -> Response[Any]:
        """Ask for what was chosen, give it up, or have its label made."""
        reader = reader_of(request)
        deeds = {
            "book": (parcels.book, reader._("Заявка отправлена")),
            "cancel": (parcels.cancel, reader._("Отмена отправлена")),
            "print": (parcels.want_label, reader._("Этикетка заказана")),
        }
        if deed not in deeds:
            raise NotFound("parcel_not_found")
        run, told = deeds[deed]
        try:
            await run(reader.actor, parcel)
        except Conflict as error:
            return await order_moves.refused(request, reader, number, error)
        return await order_cards.show(request, number, headers=toast(told))

    @get("/{parcel:int}/label")
    async def label(self, request: WebRequest, parcel: FromPath[int]) -> Response[bytes]:
        """Give the label to the printer."""
        found = await parcels.label(reader_of(request).actor, parcel)
        return Response(
            found.body,
            media_type=found.media,
            headers={
                "content-disposition": f'inline; filename="{found.name}"',
                "cache-control": "no-store",
                "content-security-policy": "default-src 'none'; sandbox",
            },
        )


def _home(number: int) -> str:
    return f"/orders/{number}/carriers"


def _windows(reader: Reader, chosen: Offer) -> list[tuple[str, str]]:
    """Hours to choose from; none where the carrier has none."""
    if not chosen.windows:
        return []
    return [("", reader._("любые")), *((one, one.replace("-", "–")) for one in chosen.windows)]


def _carriers(request: WebRequest) -> Carriers:
    desk = site_of(request).desk
    if desk is None:
        raise Unavailable("plugin_off")
    return desk.carriers


def _asked(form: FormMultiDict, found: ParcelDesk) -> QuoteAsked:
    """The question that the form means.

    Raises:
        Invalid: `weight_out_of_range`, `size_out_of_range`, `money_unreadable`.
    """
    package, town = _package(form, found), _town(form)
    return QuoteAsked(
        shop=found.shop,
        city=town.city,
        index=town.index,
        box=Box(
            grams=package.grams,
            length_mm=package.length_mm,
            width_mm=package.width_mm,
            height_mm=package.height_mm,
        ),
        declared=found.goods_total,
        cod=_money(form, "cod"),
    )


def _town(form: FormMultiDict) -> Town:
    """Where to; a postcode that stood there for another town is not believed."""
    city = word(form, "city").strip()[:100]
    index = "".join(one for one in word(form, "index") if one.isdigit())[:10]
    moved = city != word(form, "was_city") and index == word(form, "was_index")
    return Town(city=city, index="" if moved else index)


def _package(form: FormMultiDict, found: ParcelDesk) -> Package:
    try:
        grams = inputs.quantity(word(form, "weight")) if word(form, "weight").strip() else 0
    except Invalid:
        grams = 0
    if not grams or grams < 0:
        raise Invalid("weight_out_of_range", fields={"weight": "weight_out_of_range"})
    long, wide, high = sizes_of(word(form, "size").strip())
    return Package(grams=grams, length_mm=long, width_mm=wide, height_mm=high)


def sizes_of(text: str) -> tuple[int, int, int]:
    """Three sizes in millimetres of centimetres that were typed; zeros for nothing.

    Raises:
        Invalid: `size_out_of_range` at `size`.
    """
    sizes = [float(one.replace(",", ".")) for one in _SIZE.findall(text)]
    if text and (len(sizes) != 3 or not all(0 < one <= MOST_SIZE for one in sizes)):
        raise Invalid("size_out_of_range", fields={"size": "size_out_of_range"})
    long, wide, high = (round(one * 10) for one in sizes) if sizes else (0, 0, 0)
    return long, wide, high


def _money(form: FormMultiDict, name: str) -> int:
    text = word(form, name).strip()
    value = inputs.money(text) if text else 0
    if value < 0:
        raise Invalid("amount_out_of_range", fields={name: "amount_out_of_range"})
    return value


def _version(form: FormMultiDict) -> int | None:
    text = word(form, "version")
    return int(text) if text.isascii() and text.isdigit() else None


def _name_of(plugin: str, one: Offer) -> str:
    """How a form names a tariff."""
    return "|".join((plugin, one.account, one.tariff, one.gives))


async def _chosen(
    request: WebRequest, reader: Reader, form: FormMultiDict, found: ParcelDesk
) -> tuple[Quoted, Offer]:
    """The tariff that the form names, at the price the carrier itself said.

    Raises:
        Invalid: `carrier_unknown`: none is chosen, or it is offered no more.
        Unavailable: of `UNHEARD`: its carrier may offer it when asked again.
    """
    wanted = word(form, "offer")
    said = await _carriers(request).quotes(_asked(form, found), reader.language)
    for one in said:
        for each in one.offers:
            if _name_of(one.plugin, each) == wanted:
                return one, each
    plugin = wanted.partition("|")[0]
    of_it = next((one for one in said if one.plugin == plugin), None)
    if plugin and (of_it is None or of_it.refusal in UNHEARD):
        raise Unavailable("plugin_off" if of_it is None else of_it.refusal)
    raise Invalid("carrier_unknown", fields={"offer": "carrier_unknown"})


async def _choice(
    request: WebRequest,
    reader: Reader,
    form: FormMultiDict,
    found: ParcelDesk,
    one: Quoted,
    chosen: Offer,
) -> Choice:
    point = None
    if chosen.points:
        listed, _, refusal = await _points(request, reader, form, one, chosen)
        point = next((each for each in listed if each.code == word(form, "point")), None)
        if point is None and not listed and refusal == STARTING:
            raise Unavailable(refusal)
        if point is None:
            raise Invalid("point_missing", fields={"point": "point_missing"})
    named = "" if point is None else ", ".join(x for x in (point.name, point.address) if x)
    window = word(form, "window")
    return Choice(
        plugin=one.plugin,
        account=chosen.account,
        carrier=one.title,
        tariff=chosen.tariff,
        tariff_name=chosen.name,
        gives=Gives(chosen.gives),
        point="" if point is None else point.code,
        point_name=named,
        package=_package(form, found),
        quoted=chosen.cost,
        buyer_pays=0 if word(form, "ours") else _money(form, "pays"),
        cod=_money(form, "cod"),
        days_min=chosen.days_min,
        days_max=chosen.days_max,
        window=window if window in chosen.windows else "",
        way=chosen.way,
        town=Personal(_town(form)),
    )


async def _points(
    request: WebRequest,
    reader: Reader,
    form: FormMultiDict,
    one: Quoted,
    chosen: Offer,
) -> tuple[Sequence[Point], str, str]:
    """Points of the town; an old list serves while nobody answers, and says when it is of.

    Returns:
        points, the moment they are of where that is long ago, why there are no newer ones.
    """
    if not chosen.points:
        return (), "", ""
    where = _town(form)
    asked = PointsAsked(account=chosen.account, city=where.city, index=where.index)
    town = parcel_points.key_of(asked.city, asked.index, asked.country)
    kept = await parcels.points(reader.actor, one.plugin, chosen.account, town)
    if kept is not None and reader.now - kept.asked_at < parcel_points.FRESH:
        return _fit(kept.points, chosen), "", ""
    fresh = await _carriers(request).points(one.plugin, asked)
    if not isinstance(fresh, str):
        await parcels.keep_points(reader.actor, one.plugin, chosen.account, town, fresh)
        return _fit(fresh, chosen), "", ""
    if kept is None:
        return (), "", fresh
    when = formats.moment(kept.asked_at, reader.now, reader.zone, reader.language)
    return _fit(kept.points, chosen), when, fresh


def _fit(points: Sequence[Point], chosen: Offer) -> list[Point]:
    return [one for one in points if one.kind == chosen.gives]


def _kept(points: Sequence[Point], code: str) -> str:
    """The chosen point while it is shown; the only one there is is chosen by itself."""
    if len(points) == 1:
        return points[0].code
    return code if any(one.code == code for one in points) else ""


def _rows(reader: Reader, said: Sequence[Quoted], wanted: str) -> list[dict[str, Any]]:
    """Offers, cheapest first; the cheapest and the fastest say so."""
    every = [(one, each) for one in said for each in one.offers]
    every.sort(key=lambda one: (one[1].cost, one[1].days_max))
    least = min((each.cost for _, each in every), default=0)
    soonest = min((each.days_max for _, each in every), default=0)
    costs, terms = ({each.cost for _, each in every}, {each.days_max for _, each in every})
    return [
        {
            "value": _name_of(one.plugin, each),
            "carrier": one.title,
            "name": each.name,
            "gives": reader._(parcel_words.GIVES[each.gives]),
            "days": parcel_words.days(each.days_min, each.days_max, reader.language),
            "cost": formats.money(each.cost, reader.language),
            "cheapest": len(costs) > 1 and each.cost == least,
            "fastest": len(terms) > 1 and each.days_max == soonest,
            "chosen": _name_of(one.plugin, each) == wanted,
        }
        for one, each in every
    ]


def _silent(request: WebRequest, reader: Reader, one: Quoted) -> dict[str, str]:
    """Why a carrier offers nothing."""
    desk = site_of(request).desk
    lying = None if desk is None else desk.shelf.lying(one.plugin)
    why = ""
    if one.trouble:
        folder = None if lying is None else lying.folder
        why = plugin_words.said(folder, one.trouble, {}, reader.language)
    elif one.refusal == STARTING:
        why = reader._("модуль запускается, цены появятся сами")
    elif one.refusal == "plugin_silent":
        why = reader._("нет ответа за 3 секунды")
    elif one.refusal:
        why = texts.error(one.refusal, reader.language).title
    return {"carrier": one.title, "why": why or reader._("сюда не возит")}


def _problem(request: WebRequest, reader: Reader, error: Invalid | Unavailable) -> Response[Any]:
    codes = list(dict.fromkeys(getattr(error, "fields", {}).values())) or [error.code]
    found = [texts.error(code, reader.language, error.params) for code in codes]
    return draw(
        request,
        reader,
        "orders/problem.html",
        status=422,
        headers={
            "hx-retarget": "#carry-problem",
            "hx-reswap": "innerHTML",
            "hx-reselect": "#problem",
        },
        sentences=[". ".join(part for part in (one.title, one.hint) if part) for one in found],
    )
