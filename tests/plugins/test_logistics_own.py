"""The shop's own delivery: zones, hours, places, and the order's status as the parcel's way."""

from uuid import uuid4

import msgspec
import pytest

from appliance.domain.events import OrderStatusChanged, ServiceWished
from appliance.plugin_api import calls
from appliance.plugin_api.parcels import Box as Packed
from appliance.plugin_api.parcels import (
    Done,
    Found,
    Offers,
    Parcel,
    PointsAsked,
    QuoteAsked,
    Stepped,
)
from appliance.plugin_api.testing import Box
from plugins import logistics_own
from plugins.logistics_own import tariffs

SETTINGS = {
    "zones": "Москва; Москва, 101*, 109*; 350; 0-1; 5000\nДалеко; 1015*; 900; 2-3\nне зона\n",
    "windows": "10:00-14:00\nвечером\n18:00 - 22:00\n20:00-19:00",
    "places": "TV1; На Тверской; Москва; Тверская ул., 7; 10:00–21:00; 0-1",
    "free_grams": 5000,
    "kilo_price": 50_00,
    "most_grams": 20_000,
}


@pytest.mark.checklist(64)
@pytest.mark.parametrize(
    ("city", "index", "grams", "declared", "costs"),
    [
        ("г. Москва", "", 1000, 100_00, {"zone-москва": 350_00, "pickup": 0}),
        ("Москва", "", 1000, 5000_00, {"zone-москва": 0, "pickup": 0}),
        ("Москва", "101500", 6100, 0, {"zone-далеко": 1000_00, "pickup": 0}),
        ("Москва", "", 20_001, 0, {"pickup": 0}),
        ("Тверь", "170000", 100, 0, {}),
        ("", "109012", 100, 0, {"zone-москва": 350_00}),
    ],
)
async def test_the_longest_beginning_of_a_postcode_decides_the_price(
    city: str, index: str, grams: int, declared: int, costs: dict[str, int]
) -> None:
    box = Box(SETTINGS)
    asked = QuoteAsked(city=city, index=index, box=Packed(grams=grams), declared=declared)
    said: Offers = await box.ask(logistics_own.quote, "carrier.quote", asked)
    assert {one.tariff: one.cost for one in said.offers} == costs
    assert said.trouble == ("" if costs else "no_zone")
    door = next((one for one in said.offers if one.gives == "door"), None)
    assert door is None or door.windows == ("10:00-14:00", "18:00-22:00")
    assert tariffs.unread(str(SETTINGS["zones"])) == 1


def test_a_line_with_a_price_that_is_none_is_no_zone() -> None:
    wrong = "A; A; nan\nB; B; -5\nC; C; 1e999\nD; D; много\nE; E; 0; ; дорого"
    assert [(one.name, one.price, one.free_from) for one in tariffs.zones_of(wrong)] == [
        ("E", 0, 0)
    ]
    assert tariffs.unread(wrong) == 4


async def test_a_request_is_taken_at_once_and_the_orders_status_moves_the_parcel() -> None:
    box = Box(SETTINGS, keys={"carried": ("order",)})
    order, parcel = uuid4(), uuid4()
    stands = Parcel(
        id=parcel, number=7, own_number="1044-7", order_id=order, order_number=1044,
        tariff="zone-москва", gives="door", state="draft", deed="book", box=Packed(grams=100),
    )  # fmt: skip
    box.answers |= {
        "parcels_get": lambda _: Found(parcels=(stands,)),
        "parcels_report": lambda _: Done(),
        "parcels_steps": lambda _: Stepped(new=1, state="delivered"),
        "orders": lambda _: calls.Orders(orders=(seen,)),
    }
    core = box.core()
    wish = ServiceWished(plugin="logistics_own", kind="parcel", record_id=parcel, deed="book")
    await logistics_own.wished(wish, core)
    assert [(one.done, one.state) for one in box.of("parcels_report")] == [("book", "registered")]
    seen = calls.Order(
        id=order, number=1044, shown_number="1044", version=2, shop="main", status="complete",
        status_group="complete", created_at=calls.utc_now(), updated_at=calls.utc_now(),
        total=0, paid_total=0,
    )  # fmt: skip
    for one in (order, uuid4()):  # another order is none of ours
        await logistics_own.moved(
            OrderStatusChanged(order_id=one, was="delivering", became="complete"), core
        )
    assert [[step.state for step in one.steps] for one in box.of("parcels_steps")] == [
        ["delivered"]
    ]
    # What has arrived is told once, and moves no more.
    for state, became in (("delivered", "complete"), ("returned", "complete")):
        stands = msgspec.structs.replace(stands, state=state)
        await logistics_own.moved(
            OrderStatusChanged(order_id=order, was="delivering", became=became), core
        )
    stands = msgspec.structs.replace(stands, state="returning")
    refuse = ServiceWished(plugin="logistics_own", kind="parcel", record_id=parcel, deed="refuse")
    await logistics_own.wished(refuse, core)
    seen = msgspec.structs.replace(seen, status_group="a-group-of-tomorrow")
    await logistics_own.moved(OrderStatusChanged(order_id=order, was="a", became="b"), core)
    assert len(box.of("parcels_steps")) == 1
    said = await box.ask(logistics_own.points, "carrier.points", PointsAsked(city="москва"))
    assert [one.code for one in said.points] == ["TV1"]
