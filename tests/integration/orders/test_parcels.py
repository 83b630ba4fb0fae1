"""Parcels: an order's delivery follows what is chosen, asked of a carrier, and reported by him."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from appliance.actions import desk, order_edits, orders, parcels
from appliance.domain.orders import DeliveryDraft, OrderSelector, OrderView
from appliance.domain.parcels import ParcelView, State, Town
from appliance.domain.personal import Personal
from appliance.errors import Conflict, Denied, Invalid
from appliance.plugin_api.core import Refused
from appliance.plugin_api.parcels import Report, Step
from tests.house_fixture import TestHouse
from tests.integration.orders.carried import DOOR, NAME, POINT, known, ordered, wishes

AT = datetime(2026, 5, 4, 9, tzinfo=UTC)


async def seen(house: TestHouse, number: int) -> tuple[OrderView, ParcelView]:
    screen = await desk.order(house.actor_for("head"), number)
    return screen.order, screen.parcels[0]


@pytest.mark.checklist(64)
@pytest.mark.checklist(118)
async def test_a_chosen_tariff_decides_the_order_and_a_request_brings_its_track(
    house: TestHouse,
) -> None:
    core, head = await known(house), house.actor_for("head")
    number, order_id = await ordered(house)
    before = (await orders.find_by(house.system, [OrderSelector(number=number)]))[0].total
    first = await parcels.desk(head, number)
    assert first.package.grams > 0 and first.town == Personal(Town(city="Тверь"))
    parcel = await parcels.choose(head, number, DOOR, ask=True)
    order, card = await seen(house, number)
    assert order.total == before - 30_000 + 35_000
    assert (order.delivery.service, order.delivery.service_name) == (NAME, "Быстрая")
    assert (order.delivery.net_cost, order.delivery_request) == (41_000, "made")
    assert (card.number, card.state, card.deed) == (parcel, State.DRAFT, "book")
    assert await wishes(house) == ["book"]

    asked_for = ("customer.phone", "customer.address")
    wanted = await core.parcels.get(card.id, fields=asked_for, purpose="delivery")
    assert wanted is not None and wanted.deed == "book" and wanted.phone is not None
    assert wanted.address is not None and wanted.address.reveal().index == "170000"
    assert wanted.name is None and wanted.own_number == f"{number}-{parcel}"
    assert [one.price for one in wanted.items] == [120_000, 30_050, 0]
    done = Report(
        id=card.id, done="book", state="registered", carrier_id="u-1", track="110022", billed=43_000
    )
    for _ in range(2):  # told twice, it is one
        await core.parcels.report(done)
    order, card = await seen(house, number)
    assert (card.state, card.deed, order.delivery.track_number) == (State.REGISTERED, "", "110022")
    assert (order.delivery.net_cost, order.delivery.cost) == (43_000, 35_000)
    assert [one.own_number for one in await core.parcels.open()] == [wanted.own_number]
    found = await core.parcels.get(number="u-1")
    assert found is not None and found.id == card.id
    with pytest.raises(Refused, match="parcel_not_found"):
        await core.parcels.report(Report(id=order_id))


@pytest.mark.checklist(49)
async def test_the_events_time_decides_and_what_is_final_stays(house: TestHouse) -> None:
    core, head = await known(house), house.actor_for("head")
    number, _ = await ordered(house)
    await parcels.choose(head, number, DOOR, ask=True)
    _, card = await seen(house, number)

    async def told(*steps: Step) -> tuple[int, str]:
        said = await core.parcels.steps(card.id, steps)
        return said.new, said.state

    moved = Step(code="SENT", state="in_transit", at=AT + timedelta(hours=5), place="Москва")
    taken = Step(code="TAKEN", state="accepted", at=AT)
    assert await told(moved, moved) == (1, "in_transit")
    assert await told(taken, moved) == (1, "in_transit")  # late, and told again
    assert await told(Step(code="HUMMED", at=AT + timedelta(hours=6))) == (1, "in_transit")
    here = Step(code="DELIVERED", state="delivered", at=AT + timedelta(hours=9))
    assert await told(here) == (1, "delivered")
    order, card = await seen(house, number)
    assert order.delivered_at is not None
    assert await told(Step(code="BACK", state="in_transit", at=AT + timedelta(days=2))) == (
        1,
        "delivered",
    )
    withdrawn = Step(code="DELIVERED", state="delivered", at=here.at, taken_back=True)
    assert await told(withdrawn) == (1, "in_transit")
    _, card = await seen(house, number)
    assert [one.code for one in card.steps] == ["BACK", "HUMMED", "SENT", "TAKEN"]
    with pytest.raises(Conflict, match="parcel_asked"):
        await parcels.book(head, card.number)


@pytest.mark.checklist(115)
async def test_another_way_cancels_the_request_or_flags_what_is_on_its_way(
    house: TestHouse,
) -> None:
    core, head = await known(house), house.actor_for("head")
    number, _ = await ordered(house)
    await parcels.choose(head, number, DOOR, ask=True)
    _, card = await seen(house, number)
    await core.parcels.report(Report(id=card.id, done="book", state="registered", track="77"))
    await order_edits.delivery(head, number, DeliveryDraft(type="self-delivery"))
    order, card = await seen(house, number)
    assert (order.delivery_request, card.deed, card.stale) == ("stale", "cancel", True)
    assert await wishes(house) == ["book", "cancel"]
    await core.parcels.report(Report(id=card.id, done="cancel", state="cancelled"))
    order, card = await seen(house, number)
    assert (order.delivery_request, card.state) == ("", State.CANCELLED)
    assert order.delivery.track_number == ""

    await parcels.choose(head, number, POINT, ask=True)
    order, card = await seen(house, number)
    assert (order.delivery.type, order.delivery.cost) == ("pickup-point", 0)
    await core.parcels.report(
        Report(
            id=card.id, done="book", state="registered", point="TVR9", point_name="Тверь, Речная, 2"
        )
    )
    assert (await seen(house, number))[1].point_name == "Тверь, Речная, 2"
    await core.parcels.steps(card.id, [Step(code="TAKEN", state="accepted", at=AT)])
    address = Personal({"text": "Садовая, 9"})
    await order_edits.delivery(head, number, DeliveryDraft(address=address))
    order, card = await seen(house, number)
    assert (order.delivery_request, card.state, card.deed) == ("stale", State.ACCEPTED, "")
    await parcels.cancel(head, card.number)  # by hand it may be asked back, for money
    assert (await wishes(house))[-1] == "refuse"
    titles = await house.rows("SELECT COUNT(*) FROM task")
    assert titles == [(1,)]  # the office that took another's place


async def test_what_does_not_fit_is_refused_with_its_field(house: TestHouse) -> None:
    await known(house)
    number, _ = await ordered(house)
    head = house.actor_for("head")
    bare = msgspec.structs.replace(POINT, point="")
    with pytest.raises(Invalid) as refused:
        await parcels.choose(head, number, bare)
    assert refused.value.fields == {"point": "point_missing"}
    with pytest.raises(Invalid, match="carrier_unknown"):
        await parcels.choose(head, number, msgspec.structs.replace(DOOR, plugin="nobody"))
    with pytest.raises(Denied):
        await parcels.choose(house.actor_for("accountant"), number, DOOR)
    assert await house.rows("SELECT COUNT(*) FROM parcel") == [(0,)]
