"""What CDEK asks for a parcel, and where its points are."""

from typing import Final

from appliance.plugin_api.core import Core
from appliance.plugin_api.outcomes import Permanent
from appliance.plugin_api.parcels import (
    MOST_POINTS,
    Box,
    Offer,
    Offers,
    Point,
    Points,
    PointsAsked,
    QuoteAsked,
)
from plugins.logistics_cdek import statuses
from plugins.logistics_cdek.client import Cdek
from plugins.logistics_cdek.wire import City, Contract, Office, Tariff, Tariffs

SHOP: Final = 1
ROUBLES: Final = 1
PAGE: Final = 500
MOST_TOWNS: Final = 5000
_towns: dict[tuple[str, str, str], int] = {}
"""(country, town, postcode) → CDEK's code: a bare town or postcode is not understood by others."""


async def town_code(cdek: Cdek, core: Core, city: str, index: str, country: str = "RU") -> int:
    """CDEK's code of a town; 0: it does not know it."""
    key = (country, city.casefold(), index)
    if key in _towns:
        return _towns[key]
    for query in ({"postal_code": index}, {"city": city}):
        if not next(iter(query.values())):
            continue
        reply = await cdek.ask(
            core,
            "GET",
            "/v2/location/cities",
            query={"country_codes": country, **query, "size": 20, "page": 0},
        )
        found = reply.json(list[City]) if reply.is_good else []
        same = [one for one in found if not city or one.city.casefold() == city.casefold()]
        if same or ("postal_code" in query and found and not city):
            if len(_towns) >= MOST_TOWNS:
                _towns.clear()
            _towns[key] = (same or found)[0].code
            return _towns[key]
    return 0


def package_of(box: Box) -> dict[str, int]:
    """A package: whole grams and centimetres, never smaller than it is."""
    sizes = {
        "length": -(-box.length_mm // 10),
        "width": -(-box.width_mm // 10),
        "height": -(-box.height_mm // 10),
    }
    return {"weight": box.grams, **(sizes if all(sizes.values()) else {})}


async def offers(cdek: Cdek, core: Core, asked: QuoteAsked) -> Offers:
    """Tariffs of one account that fit how this shop hands its parcels over."""
    to = await town_code(cdek, core, asked.city, asked.index, asked.country)
    if not to:
        return Offers(trouble="city_unknown")
    sender = await town_code(cdek, core, cdek.text("from_city"), "")
    if not sender:
        return Offers(trouble="from_city_unknown")
    point = cdek.text("shipment_point")
    reply = await cdek.ask(
        core,
        "POST",
        "/v2/calculator/tarifflist",
        json={
            "type": SHOP,
            "currency": ROUBLES,
            "lang": "rus",
            "from_location": {"code": sender},
            "to_location": {"code": to},
            "packages": [package_of(asked.box)],
            **({"shipment_point": point} if point else {}),
        },
    )
    said = reply.json(Tariffs)
    if not reply.is_good or (said.errors and not said.tariff_codes):
        code = said.errors[0].code if said.errors else ""
        return Offers(trouble=statuses.trouble_of(code))
    modes = statuses.FROM_POINT if point else statuses.FROM_DOOR
    # One without a price is a mistake: it would be the cheapest.
    fit = [one for one in said.tariff_codes if one.delivery_mode in modes and one.delivery_sum > 0]
    chosen = _wanted(fit, listed(cdek))
    return Offers(
        offers=tuple(_offer(one, cdek.account.code) for one in chosen),
        trouble="" if chosen else "no_tariff",
    )


def listed(cdek: Cdek) -> set[str]:
    """Tariffs that the form names; empty: it leaves the choice to us."""
    return {one.strip() for one in cdek.text("tariffs").split(",") if one.strip()}


async def contracted(cdek: Cdek, core: Core) -> set[str]:
    """Tariffs of the contract, whatever the parcel.

    Raises:
        Permanent: `refused`.
    """
    reply = await cdek.ask(core, "GET", "/v2/calculator/alltariffs")
    if not reply.is_good:
        raise Permanent("refused")
    services = reply.json(Contract).tariff_codes
    return {str(mode.tariff_code) for one in services for mode in one.delivery_modes}


def _wanted(fit: list[Tariff], codes: set[str]) -> list[Tariff]:
    """Those of the form; else of each kind the cheapest and the fastest."""
    if codes:
        return [one for one in fit if str(one.tariff_code) in codes]
    best: dict[int, Tariff] = {}
    for gives in ("door", "point", "locker"):
        same = [one for one in fit if statuses.GIVES[one.delivery_mode] == gives]
        if same:
            cheapest = min(same, key=lambda one: (one.delivery_sum, one.period_max))
            fastest = min(same, key=lambda one: (one.period_max, one.delivery_sum))
            best |= {one.tariff_code: one for one in (cheapest, fastest)}
    return list(best.values())


def _offer(one: Tariff, account: str) -> Offer:
    gives = statuses.GIVES[one.delivery_mode]
    return Offer(
        account=account,
        tariff=str(one.tariff_code),
        name=one.tariff_name,
        gives=gives,
        cost=round(one.delivery_sum * 100),
        days_min=one.period_min,
        days_max=one.period_max,
        points=gives in {"point", "locker"},
    )


async def points(cdek: Cdek, core: Core, asked: PointsAsked) -> Points:
    """Every office and locker of the town that hands parcels out.

    Raises:
        Permanent: `city_unknown`; the service refuses the question.
    """
    town = await town_code(cdek, core, asked.city, asked.index, asked.country)
    if not town:
        raise Permanent("city_unknown")
    found: list[Point] = []
    for page in range(MOST_POINTS // PAGE):
        reply = await cdek.ask(
            core,
            "GET",
            "/v2/deliverypoints",
            query={"city_code": town, "type": "ALL", "is_handout": "true", "size": PAGE,
                   "page": page},
        )  # fmt: skip
        if not reply.is_good:
            raise Permanent("refused")
        listed = reply.json(list[Office])
        found += [_point(one) for one in listed]
        if len(listed) < PAGE:
            break
    return Points(points=tuple(found))


def _point(one: Office) -> Point:
    return Point(
        code=one.code,
        kind="locker" if one.type == "POSTAMAT" else "point",
        name=one.code,
        address=one.location.address or one.location.address_full,
        hours=one.work_time,
        metro=one.nearest_metro_station,
        cash=one.have_cash,
        card=one.have_cashless,
        grams=round(one.weight_max * 1000),
    )
