"""What the Post asks for a parcel, and where its offices are."""

import asyncio
import re
from typing import Any, Final

from appliance.plugin_api.core import Core
from appliance.plugin_api.outcomes import Permanent, Retry
from appliance.plugin_api.parcels import (
    Box,
    Offer,
    Offers,
    Point,
    Points,
    PointsAsked,
    QuoteAsked,
)
from plugins.logistics_russian_post import statuses
from plugins.logistics_russian_post.client import Post
from plugins.logistics_russian_post.wire import Near, Office, Tariff, Wrong

MOST_NEAR: Final = 20
"""Offices of a town that are listed: each is a request of its own."""
MOST_TOWNS: Final = 5000
MOST_OFFICES: Final = 5000
RUSSIA: Final = "RU"
_INDEX: Final = re.compile(r"\d{6}")
_towns: dict[str, str] = {}
"""Town → postcode of an office there."""
_offices: dict[str, Office] = {}


def is_index(text: str) -> bool:
    """Whether this is a postcode of six digits."""
    return _INDEX.fullmatch(text) is not None


def category(cod: int, declared: int) -> str:
    """What the Post calls a parcel with so much to collect and so much declared."""
    if cod:
        return "WITH_DECLARED_VALUE_AND_CASH_ON_DELIVERY"
    return "WITH_DECLARED_VALUE" if declared else "ORDINARY"


def declared_of(post: Post, declared: int, cod: int) -> int:
    """Kopecks to declare: never less than is collected, the Post refuses that."""
    return max(declared if post.flag("insured") else 0, cod)


def dimension(box: Box) -> dict[str, Any]:
    """Whole centimetres, never smaller than it is; nothing where nobody measured."""
    sizes = (box.length_mm, box.width_mm, box.height_mm)
    if not all(sizes):
        return {}
    names = ("length", "width", "height")
    return {"dimension": {name: -(-size // 10) for name, size in zip(names, sizes, strict=True)}}


async def index_of(post: Post, core: Core, city: str, index: str) -> str:
    """The postcode, or that of an office of the town; empty: the Post knows none."""
    if is_index(index):
        return index
    key = city.casefold()
    if not key:
        return ""
    if key not in _towns:
        found = await _near(post, core, city, 1)
        if not found:
            return ""
        if len(_towns) >= MOST_TOWNS:
            _towns.clear()
        _towns[key] = found[0]
    return _towns[key]


async def _near(post: Post, core: Core, place: str, most: int) -> list[str]:
    query = {"address": place, "top": most}
    reply = await post.ask(core, "GET", "/postoffice/1.0/by-address", query=query)
    return reply.json(Near).postoffices[:most] if reply.is_good else []


async def offers(post: Post, core: Core, asked: QuoteAsked) -> Offers:
    """Kinds of mail of one contract, each asked for itself; the Post has no list of prices."""
    if asked.country != RUSSIA:
        return Offers(trouble="abroad")
    if not is_index(post.text("postoffice")):
        return Offers(trouble="postoffice_unknown")
    to = await index_of(post, core, asked.city, asked.index)
    if not to:
        return Offers(trouble="index_unknown")
    heard = await asyncio.gather(
        *(_price(post, core, asked, to, name) for name in wanted(post)), return_exceptions=True
    )
    for one in heard:
        if isinstance(one, BaseException) and not isinstance(one, Permanent | Retry):
            raise one
    found = tuple(one for one in heard if isinstance(one, Offer))
    troubles = [str(one) for one in heard if not isinstance(one, Offer)]
    return Offers(offers=found, trouble="" if found else troubles[0])


def wanted(post: Post) -> list[str]:
    """Kinds of mail of the form that are known; all of them where it names none."""
    named = [one.strip().upper() for one in post.text("services").split(",") if one.strip()]
    return [one for one in named if one in statuses.SERVICES] or list(statuses.SERVICES)


async def _price(post: Post, core: Core, asked: QuoteAsked, to: str, name: str) -> Offer | str:
    """One kind of mail; the plugin's word where the Post does not carry this by it."""
    declared = declared_of(post, asked.declared, asked.cod)
    body: dict[str, Any] = {
        "index-from": post.text("postoffice"),
        "index-to": to,
        "mail-type": name,
        "mail-category": category(asked.cod, declared),
        "mass": asked.box.grams,
        "payment-method": "CASHLESS",
        **dimension(asked.box),
        **({"declared-value": declared} if declared else {}),
        **({"sms-notice-recipient": 1} if post.flag("notify") else {}),
    }
    reply = await post.ask(core, "POST", "/1.0/tariff", json=body)
    if not reply.is_good:
        return statuses.trouble_of(reply.json(Wrong).word if reply.data is not None else "")
    said = reply.json(Tariff)
    cost = said.total_rate + said.total_vat
    if cost <= 0:
        return "tariff_unavailable"  # a price of zero is a mistake, not a present
    service = statuses.SERVICES[name]
    days = said.delivery_time
    return Offer(
        account=post.account.code,
        tariff=name,
        name=service.name,
        gives=service.gives,
        cost=cost,
        days_min=0 if days is None else days.min_days,
        days_max=0 if days is None else days.max_days,
        points=service.gives == "point",
    )


async def points(post: Post, core: Core, asked: PointsAsked) -> Points:
    """Offices near: that of the buyer's postcode first.

    Raises:
        Permanent: `index_unknown`.
    """
    place = " ".join(one for one in (asked.index, asked.city) if one)
    near = await _near(post, core, place, MOST_NEAR) if place else []
    own = [asked.index] if is_index(asked.index) else []
    codes = list(dict.fromkeys([*own, *near]))[:MOST_NEAR]
    heard = await asyncio.gather(*(office(post, core, one) for one in codes))
    found = [one for one in heard if one is not None and not one.is_closed]
    if not found:
        raise Permanent("index_unknown")
    return Points(points=tuple(_point(one) for one in found if not one.is_temporary_closed))


async def office(post: Post, core: Core, index: str) -> Office | None:
    """A post office by its postcode; None: there is none."""
    known = _offices.get(index)
    if known is None:
        reply = await post.ask(core, "GET", f"/postoffice/1.0/{index}")
        if not reply.is_good:
            return None
        known = reply.json(Office)
        if len(_offices) >= MOST_OFFICES:
            _offices.clear()
        _offices[index] = known
    return known


def _point(one: Office) -> Point:
    times = [
        f"{day.begin_worktime[:5]}–{day.end_worktime[:5]}"
        for day in one.working_hours
        if day.begin_worktime and day.end_worktime
    ]
    address = one.address_source or ", ".join(filter(None, (one.region, one.settlement)))
    return Point(
        code=one.postal_code,
        name=one.postal_code,
        address=address or one.postal_code,
        hours=" / ".join(dict.fromkeys(times)),
    )
