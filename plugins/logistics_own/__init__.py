"""The shop's own delivery: couriers by zones and hours, and pick-up at its own places."""

from typing import Final
from uuid import UUID

from appliance.domain.events import OrderStatusChanged, ServiceWished
from appliance.plugin_api.calls import Row, utc_now
from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import Answers, Finding, On, hookimpl
from appliance.plugin_api.parcels import (
    Offer,
    Offers,
    Parcel,
    Points,
    PointsAsked,
    QuoteAsked,
    Report,
    State,
    Step,
)
from plugins.logistics_own import tariffs

PICKUP: Final = "pickup"
WAYS: Final[dict[str, State]] = {"delivery": "out_for_delivery", "complete": "delivered"}
"""Group of an order's status → where its parcel is."""
OVER: Final = frozenset({"delivered", "returned", "lost", "cancelled"})


@hookimpl
def register_handlers(on: On) -> None:
    on(ServiceWished, wished)
    on(OrderStatusChanged, moved)


@hookimpl
def register_answers(answer: Answers) -> None:
    answer("carrier.quote", quote)
    answer("carrier.points", points)


def text(core: Core, name: str) -> str:
    """A text of the settings."""
    return str(core.settings.get(name) or "")


def number(core: Core, name: str, otherwise: int) -> int:
    """A number of the settings."""
    value = core.settings.get(name)
    return value if isinstance(value, int) else otherwise


async def quote(asked: QuoteAsked, core: Core) -> Offers:
    """The courier of the place's zone, and pick-up where the town has a place of ours."""
    found: list[Offer] = []
    zone = tariffs.zone_for(tariffs.zones_of(text(core, "zones")), asked.city, asked.index)
    if zone is not None and asked.box.grams <= number(core, "most_grams", 30_000):
        cost = tariffs.price_of(
            zone,
            asked.box,
            asked.declared,
            number(core, "free_grams", 10_000),
            number(core, "kilo_price", 0),
        )
        found.append(
            Offer(
                tariff=zone.code,
                name=zone.name,
                gives="door",
                cost=cost,
                days_min=zone.days[0],
                days_max=zone.days[1],
                windows=tariffs.windows_of(text(core, "windows")),
            )
        )
    here = [one for one in tariffs.places_of(text(core, "places")) if _is_there(one, asked.city)]
    if here:
        found.append(
            Offer(
                tariff=PICKUP,
                name="Самовывоз",
                gives="shop",
                cost=0,
                days_min=min(one.days[0] for one in here),
                days_max=max(one.days[1] for one in here),
                points=True,
            )
        )
    return Offers(offers=tuple(found), trouble="" if found else "no_zone")


def _is_there(place: tariffs.Place, city: str) -> bool:
    return place.town == tariffs.town(city)


async def points(asked: PointsAsked, core: Core) -> Points:
    """Places of pick-up in the town."""
    known = tariffs.places_of(text(core, "places"))
    return Points(points=tuple(one.point for one in known if _is_there(one, asked.city)))


async def wished(event: ServiceWished, core: Core) -> None:
    """Own courier needs nobody's consent: what is asked is there."""
    if event.kind != "parcel":
        return
    parcel = await core.parcels.get(event.record_id)
    if parcel is None:
        return
    match event.deed:
        case "book" if parcel.deed == "book":
            row = Row(values={"order": str(parcel.order_id), "parcel": str(parcel.id)})
            await core.rows_put("carried", [row])
            await core.parcels.report(Report(id=parcel.id, done="book", state="registered"))
            await core.journal("booked", kind="order", number=parcel.order_number)
        case "cancel":
            await core.parcels.report(Report(id=parcel.id, done="cancel", state="cancelled"))
            await core.journal("cancelled", kind="order", number=parcel.order_number)
        case "refuse":
            await core.parcels.report(Report(id=parcel.id, done="refuse"))
            await tell(core, parcel, "returning")
        case _:
            await core.parcels.report(Report(id=parcel.id, done=event.deed))


async def moved(event: OrderStatusChanged, core: Core) -> None:
    """What the courier and the storekeeper mark on the order is what the parcel does."""
    rows = await core.rows_get("carried", [(str(event.order_id),)])
    order = await core.order(event.order_id) if rows else None
    state = None if order is None else WAYS.get(order.status_group)
    if not rows or state is None:
        return
    parcel = await core.parcels.get(UUID(str(rows[0].values["parcel"])))
    if parcel is not None and parcel.state not in OVER:
        await tell(core, parcel, state)


async def tell(core: Core, parcel: Parcel, state: State) -> None:
    """One step of our own; its code is the state, so that a repeated event is told once."""
    step = Step(code=state, state=state, at=utc_now().replace(microsecond=0))
    if parcel.state != state:
        await core.parcels.steps(parcel.id, [step])


@hookimpl
def diagnose() -> list[Finding]:
    return [Finding(code="ready", is_good=True)]
