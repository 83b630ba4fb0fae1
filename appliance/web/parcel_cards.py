"""The parcel on an order's card: where it is, what it costs, what can be done with it."""

from typing import Any

from appliance.domain import formats
from appliance.domain.desk import OrderScreen
from appliance.domain.parcels import ASKED, BEFORE, FINAL, ParcelView, State, StepView
from appliance.domain.statuses import Goods, goods_of
from appliance.plugin_host.desk import Desk
from appliance.roles import Permission
from appliance.web import parcel_words, plugin_words
from appliance.web.screens import Reader

SHOWN_STEPS = 3
"""The newest; the rest opens by a press."""


def context(reader: Reader, desk: Desk | None, found: OrderScreen) -> dict[str, Any]:
    """What the block «Доставка» prints of carriers."""
    is_open = goods_of(found.order.status.group) is Goods.HELD
    may = reader.may(Permission.PARCEL_BOOK)
    live = next((one for one in found.parcels if one.state is not State.CANCELLED), None)
    shown = live or (found.parcels[0] if found.parcels and found.parcels[0].deed else None)
    return {
        "may_quote": may and is_open and desk is not None and bool(desk.carriers.names),
        "parcel": None if shown is None else _parcel(reader, desk, shown, may=may),
        "parcels_before": [
            _brief(reader, one) for one in found.parcels if shown is None or one.id != shown.id
        ],
    }


def _parcel(reader: Reader, desk: Desk | None, one: ParcelView, *, may: bool) -> dict[str, Any]:
    word, tone, shape = parcel_words.STATES[one.state]
    steps = [_step(reader, step) for step in one.steps]
    deed = parcel_words.DEEDS.get(one.deed, "")
    stays = may and not one.deed
    return {
        "number": one.number,
        "carrier": one.carrier,
        "tariff": one.tariff_name,
        "gives": reader._(parcel_words.GIVES[one.gives.value]),
        "state": reader._(word),
        "tone": tone,
        "shape": shape,
        "deed": reader._(deed) if deed else "",
        "trouble": _trouble(reader, desk, one) if one.trouble else "",
        "stale": one.stale and one.state not in FINAL,
        "point": one.point_name,
        "track": one.track,
        "track_url": one.track_url,
        "days": parcel_words.days(one.days_min, one.days_max, reader.language),
        "window": one.window.replace("-", "–"),
        "weight": _weight(reader, one),
        "costs": _costs(reader, one),
        "cod": formats.money(one.cod, reader.language) if one.cod else "",
        "steps": steps[:SHOWN_STEPS],
        "more": steps[SHOWN_STEPS:],
        "may_book": stays and one.state in {State.CHOSEN, State.ERROR},
        "may_cancel": stays and one.state not in FINAL,
        "takes_back": one.state not in BEFORE,
        "may_label": stays
        and one.label is None
        and one.state in ASKED - {State.DRAFT}
        and bool(one.track),
        "label": may and one.label is not None,
    }


def _brief(reader: Reader, one: ParcelView) -> str:
    said = (one.carrier, one.track, parcel_words.state(one.state.value, reader.language))
    return ", ".join(part for part in said if part)


def _step(reader: Reader, step: StepView) -> dict[str, str]:
    return {
        "word": parcel_words.state(step.state, reader.language) if step.state else step.code,
        "place": step.place,
        "when": formats.moment_short(step.at, reader.now, reader.zone, reader.language),
    }


def _trouble(reader: Reader, desk: Desk | None, one: ParcelView) -> str:
    """Why the carrier refused, in the words of its plugin."""
    lying = None if desk is None else desk.shelf.lying(one.plugin)
    folder = None if lying is None else lying.folder
    return plugin_words.said(folder, one.trouble, {}, reader.language)


def _weight(reader: Reader, one: ParcelView) -> str:
    package = one.package
    sizes = parcel_words.centimetres(package.length_mm, package.width_mm, package.height_mm)
    kilos = reader._("%(weight)s кг") % {
        "weight": parcel_words.kilograms(package.grams, reader.language)
    }
    told = (kilos, reader._("%(size)s см") % {"size": sizes} if sizes else "")
    return ", ".join(part for part in told if part)


def _costs(reader: Reader, one: ParcelView) -> dict[str, str]:
    """What the buyer pays, what the carrier takes, and what is left of it."""

    def money(kopecks: int) -> str:
        return formats.money(kopecks, reader.language)

    takes = one.quoted if one.billed is None else one.billed
    left = one.buyer_pays - takes
    return {
        "buyer": reader._("покупатель %(sum)s") % {"sum": money(one.buyer_pays)}
        if one.buyer_pays
        else reader._("за наш счёт"),
        "carrier": money(takes),
        "billed": "" if one.billed is None else "1",
        "left": formats.money(left, reader.language) if left else "",
        "tone": "bad" if left < 0 else "ok",
    }
