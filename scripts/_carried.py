"""Carriers in the invented box: the shop's own delivery runs, and one parcel is on its way."""

from datetime import UTC, datetime, timedelta
from typing import Final

from appliance.actions import (
    _plugin_asking,
    parcel_reports,
    parcels,
    plugin_settings,
    plugins,
)
from appliance.actions import orders as order_deeds
from appliance.boot.index import HOUSE_ACTOR
from appliance.domain.orders import OrderFilter
from appliance.domain.parcels import Choice, Gives, Package, Town
from appliance.domain.personal import Personal
from appliance.plugin_api.parcels import OpenAsked, Report, State, Step, Steps
from appliance.plugin_host.finding import look_around

OWN: Final = "logistics_own"
SETTINGS: Final = {
    "zones": "Курьер по городу; Москва, 1*, 2*, 3*, 4*, 6*; 350; 0-1; 15000",
    "windows": "10:00-14:00\n14:00-18:00\n18:00-22:00",
    "places": "TV7; Магазин на Тверской; Москва; Тверская ул., 7; 10:00–21:00; 0-1",
}
WAY: Final[tuple[tuple[int, str, State, str], ...]] = (
    (52, "CREATED", "registered", ""),
    (44, "RECEIVED_AT_SHIPMENT_WAREHOUSE", "accepted", "Москва"),
    (30, "SENT_TO_RECIPIENT_CITY", "in_transit", "Москва"),
    (9, "ACCEPTED_IN_RECIPIENT_CITY", "in_transit", "Нижний Новгород"),
    (3, "ACCEPTED_AT_PICK_UP_POINT", "ready_for_pickup", "Нижний Новгород"),
)
"""Hours ago, the carrier's code, the state, the town."""


async def carry_parcels() -> None:
    """Approve the shop's own delivery, and send one order by a carrier."""
    lying = look_around()[OWN]
    await plugins.notice(HOUSE_ACTOR, [lying.found])
    await plugins.approve(HOUSE_ACTOR, OWN, lying.found.version, lying.found.asked)
    await plugin_settings.put(
        HOUSE_ACTOR, OWN, {name: Personal(text) for name, text in SETTINGS.items()}
    )
    await plugins.switch_on(HOUSE_ACTOR, OWN)
    sent = await order_deeds.list_page(HOUSE_ACTOR, OrderFilter(statuses=("delivering",)), limit=1)
    for row in sent.rows:
        await _send(row.number)


async def _send(order: int) -> None:
    number = await parcels.choose(
        HOUSE_ACTOR,
        order,
        Choice(
            plugin=OWN,
            carrier="СДЭК",
            tariff="136",
            tariff_name="Посылка склад-склад",
            gives=Gives.POINT,
            point="NN17",
            point_name="NN17, Нижний Новгород, Большая Покровская ул., 17",
            package=Package(grams=1400, length_mm=300, width_mm=200, height_mm=120),
            quoted=318_00,
            buyer_pays=300_00,
            days_min=2,
            days_max=4,
            town=Personal(Town(city="Нижний Новгород", index="603005")),
        ),
        ask=True,
    )
    actor = _plugin_asking.actor_of(OWN, ("parcels.write",))
    (one,) = (await parcel_reports.open_ones(actor, OpenAsked())).parcels[-1:]
    track = "10160422816"
    done = Report(
        id=one.id,
        done="book",
        state="registered",
        carrier_id=f"demo-{number}",
        track=track,
        track_url=f"https://www.cdek.ru/ru/tracking?order_id={track}",
        billed=342_00,
    )
    await parcel_reports.report(actor, done)
    now = datetime.now(UTC).replace(microsecond=0)
    told = tuple(
        Step(code=code, state=state, at=now - timedelta(hours=ago), place=place)
        for ago, code, state, place in WAY
    )
    await parcel_reports.steps(actor, Steps(id=one.id, steps=told))
