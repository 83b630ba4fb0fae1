"""Carriers in the invented box: our own delivery, CDEK and the Post, with parcels by them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from appliance.actions import (
    _plugin_asking,
    parcel_reports,
    parcels,
    plugin_accounts,
    plugin_settings,
    plugins,
)
from appliance.actions import orders as order_deeds
from appliance.boot.index import HOUSE_ACTOR
from appliance.domain.orders import OrderFilter
from appliance.domain.parcels import Choice, Gives, Package, Town
from appliance.domain.personal import Personal
from appliance.plugin_api.parcels import Label, OpenAsked, Report, State, Step, Steps
from appliance.plugin_host.finding import look_around
from plugins.logistics_cdek.fake import Fake as CdekFake
from plugins.logistics_russian_post.fake import Fake as PostFake
from scripts.vendors_box import Stand

OWN: Final = "logistics_own"
CDEK: Final = "logistics_cdek"
POST: Final = "logistics_russian_post"
SETTINGS: Final = {
    "zones": "Курьер по городу; Москва, 1*, 2*, 3*, 4*, 6*; 350; 0-1; 15000",
    "windows": "10:00-14:00\n14:00-18:00\n18:00-22:00",
    "places": "TV7; Магазин на Тверской; Москва; Тверская ул., 7; 10:00–21:00; 0-1",
}
WAY: Final[tuple[tuple[int, str, State, str], ...]] = (
    (52, "CREATED", "registered", "Москва"),
    (44, "RECEIVED_AT_SHIPMENT_WAREHOUSE", "accepted", "Москва"),
    (30, "SENT_TO_RECIPIENT_CITY", "in_transit", "Москва"),
    (9, "ACCEPTED_IN_RECIPIENT_CITY", "in_transit", ""),
    (3, "ACCEPTED_AT_PICK_UP_POINT", "ready_for_pickup", ""),
)
"""Hours ago, the carrier's code, the state, the town; empty: the buyer's own."""


PACKING: Final = ("assembling-complete", "assembling")
LABEL: Final = b"%PDF-1.4\n% label of a parcel\n"


def carriers() -> dict[str, Stand]:
    """Fakes of the carriers outside, answering until the process ends."""
    stands = {CDEK: Stand(CDEK, CdekFake(), 0, ""), POST: Stand(POST, PostFake(), 0, "")}
    for one in stands.values():
        one.begin()
    return stands


async def carry_parcels(stands: Mapping[str, Stand]) -> None:
    """Approve the carriers; send one order, and have some more wait to be handed over."""
    lying = look_around()
    # All at once: a plugin that is not named is taken for gone.
    await plugins.notice(HOUSE_ACTOR, [one.found for one in lying.values()])
    for name in (OWN, *stands):
        await plugins.approve(HOUSE_ACTOR, name, lying[name].found.version, lying[name].found.asked)
    typed = {name: Personal(text) for name, text in SETTINGS.items()}
    await plugin_settings.put(HOUSE_ACTOR, OWN, typed)
    for name, stand in stands.items():
        form = {"address": stand.address, **stand.fake.settings()}
        # Nobody is asked where invented parcels are.
        form |= {"tracking_login": ""} if name == POST else {}
        account = {key: Personal(text) for key, text in form.items()}
        await plugin_accounts.put(HOUSE_ACTOR, name, "main", Personal("Договор"), account)
    for name in (OWN, *stands):
        await plugins.switch_on(HOUSE_ACTOR, name)
    sent = await order_deeds.list_page(HOUSE_ACTOR, OrderFilter(statuses=("delivering",)), limit=1)
    for row in sent.rows:
        await _send(row.number)
    waiting: list[int] = []
    for status in PACKING:
        found = await order_deeds.list_page(HOUSE_ACTOR, OrderFilter(statuses=(status,)), limit=3)
        waiting += [row.number for row in found.rows]
    for at, number in enumerate(waiting[:6]):
        await _wait(number, at)


async def _asked(order: int, choice: Choice, track: str, **told: Any) -> tuple[Any, Any]:
    """Choose a tariff and have the carrier take the request; its actor and the parcel's id."""
    number = await parcels.choose(HOUSE_ACTOR, order, choice, ask=True)
    actor = _plugin_asking.actor_of(choice.plugin, ("parcels.write",))
    found = (await parcel_reports.open_ones(actor, OpenAsked())).parcels
    one = next(each for each in found if each.number == number)
    done = Report(
        id=one.id, done="book", state="registered", carrier_id=f"demo-{number}", track=track,
        **told,
    )  # fmt: skip
    await parcel_reports.report(actor, done)
    return actor, one.id


async def _town(order: int) -> Town:
    """Where an order goes."""
    town = (await parcels.desk(HOUSE_ACTOR, order)).town
    return Town(city="Тверь", index="170000") if town is None else town.reveal()


async def _send(order: int) -> None:
    track = "10160422816"
    town = await _town(order)
    actor, parcel = await _asked(
        order,
        Choice(
            plugin=CDEK,
            account="main",
            carrier="СДЭК",
            tariff="136",
            tariff_name="Посылка склад-склад",
            gives=Gives.POINT,
            point="NN17",
            point_name=f"NN17, {town.city}, Большая Покровская ул., 17",
            package=Package(grams=1400, length_mm=300, width_mm=200, height_mm=120),
            quoted=318_00,
            buyer_pays=300_00,
            days_min=2,
            days_max=4,
            town=Personal(town),
        ),
        track,
        track_url=f"https://www.cdek.ru/ru/tracking?order_id={track}",
        billed=342_00,
    )
    now = datetime.now(UTC).replace(microsecond=0)
    told = tuple(
        Step(code=code, state=state, at=now - timedelta(hours=ago), place=place or town.city)
        for ago, code, state, place in WAY
    )
    await parcel_reports.steps(actor, Steps(id=parcel, steps=told))


async def _wait(order: int, at: int) -> None:
    """By the Post, every third by CDEK; the first of each has its label."""
    by_post = at % 3 != 2
    town = await _town(order)
    track = f"8008009{at:07d}" if by_post else f"1016042290{at}"
    choice = Choice(
        plugin=POST if by_post else CDEK,
        account="main",
        carrier="Почта России" if by_post else "СДЭК",
        tariff="ONLINE_PARCEL" if by_post else "136",
        tariff_name="Посылка онлайн" if by_post else "Посылка склад-склад",
        gives=Gives.POINT,
        point=town.index if by_post else "PVZ1",
        point_name=f"{town.index}, {town.city}, Советская ул., 31"
        if by_post
        else f"PVZ1, {town.city}, Садовая ул., 7",
        package=Package(grams=700 + 350 * at, length_mm=260, width_mm=170, height_mm=80),
        quoted=353_80 if by_post else 240_00,
        buyer_pays=350_00,
        days_min=4,
        days_max=7,
        town=Personal(town),
    )
    url = f"https://www.pochta.ru/tracking?barcode={track}" if by_post else None
    actor, parcel = await _asked(order, choice, track, track_url=url, billed=choice.quoted)
    if at in {0, 2}:
        await parcel_reports.label(actor, Label(id=parcel, body=LABEL))
