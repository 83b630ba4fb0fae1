"""Parcels scanned into what a carrier is given; every mistake of that evening can be undone."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from appliance.actions import dispatch, handing, orders, parcels
from appliance.domain.orders import LineDraft, OrderChange, OrderSelector
from appliance.errors import Conflict, Invalid, NotFound
from appliance.plugin_api.core import Core
from appliance.plugin_api.parcels import Report, Step
from appliance.storage.statements import execute, fetch_one
from tests.house_fixture import TestHouse
from tests.integration.goods.scene import figures, stocked, variant
from tests.integration.orders.carried import DOOR, NAME, known
from tests.integration.orders.drafts import draft

SINCE = datetime(2020, 1, 1, tzinfo=UTC)
LINE = LineDraft(offer_external_id="L-1", quantity_milli=1000, price=120_000)


async def _registered(
    house: TestHouse, core: Core, name: str, *lines: LineDraft
) -> tuple[int, int, Any]:
    """An order whose parcel the carrier knows by the track `T-name`; its numbers and its id."""
    made = await orders.place(
        house.shop_key(), draft(name, lines=lines or (LINE,), status="send-to-assembling")
    )
    parcel = await parcels.choose(house.actor_for("head"), made.number, DOOR, ask=True)
    (row,) = await house.rows("SELECT id FROM parcel WHERE number = {}", parcel)
    track = f"T-{name}"
    done = Report(id=row[0], done="book", state="registered", carrier_id=f"C-{name}", track=track)  # type: ignore[arg-type]
    await core.parcels.report(done)
    return made.number, parcel, row[0]


async def _packed(house: TestHouse, number: int) -> None:
    keeper = house.actor_for("storekeeper")
    await dispatch.pick_all(keeper, number)
    await dispatch.pack(keeper, number)


async def _column(house: TestHouse, name: str) -> list[int]:
    found = await dispatch.board(house.actor_for("storekeeper"), SINCE)
    return [one.number for one in found.columns[name]]


@pytest.mark.checklist(115)
async def test_an_evening_of_scans_gives_the_carrier_what_was_scanned_and_can_be_undone(
    house: TestHouse,
) -> None:
    await stocked(house)
    core, keeper = await known(house), house.actor_for("storekeeper")
    first, parcel, _ = await _registered(house, core, "a1")
    second, other, _ = await _registered(house, core, "a2")
    left, _, _ = await _registered(house, core, "a3")
    for number in (first, second):
        await _packed(house, number)
    before = await figures(house)

    assert (await handing.scan(keeper, " T-a1 ")).is_laid is False  # it lies there from now on
    assert (await handing.scan(keeper, f"{first}-{parcel}")).is_laid
    assert (await handing.scan(keeper, str(second))).order_number == second
    await handing.lay(keeper, other, laid=False)  # scanned by mistake
    (load,) = (await handing.waiting(keeper, (NAME,), SINCE)).loads
    assert [one.order_number for one in load.next.parcels] == [first]
    assert len(load.parcels) == 3
    taken = await handing.take_papers(keeper, NAME, "")
    assert [one.order_number for one in taken.parcels] == [first]
    await handing.scan(keeper, "C-a2")

    gone = await handing.give(keeper, NAME, "")
    assert (gone.given.parcels, gone.stuck) == (2, ())
    assert sorted(await _column(house, "way")) == [first, second]
    after = await figures(house)
    assert before[0] - after[0] == 2000  # thousandths: both lamps left the shelf
    page = await handing.waiting(keeper, (NAME,), SINCE)
    assert [one.order_number for one in page.loads[0].parcels] == [left]
    assert [one.parcels for one in page.given] == [2]
    with pytest.raises(Invalid, match="handing_given"):
        await handing.scan(keeper, "T-a1")
    pdf = await handing.act(keeper, NAME, "", page.given[0].at, ZoneInfo("Europe/Moscow"))
    assert pdf.startswith(b"%PDF")

    assert await handing.take_back(keeper, page.given[0]) == 2
    assert sorted(await _column(house, "hand")) == [first, second]
    assert await figures(house) == before
    (load,) = (await handing.waiting(keeper, (NAME,), SINCE)).loads
    assert [one.order_number for one in load.laid] == [first, second]
    with pytest.raises(Conflict, match="handing_accepted"):  # pressed twice
        await handing.take_back(keeper, page.given[0])


@pytest.mark.checklist(115)
async def test_what_must_not_be_handed_over_is_named_when_it_is_scanned(house: TestHouse) -> None:
    await stocked(house)
    core, keeper = await known(house), house.actor_for("storekeeper")
    asked = await orders.place(house.shop_key(), draft("b0", lines=(LINE,)))
    await parcels.choose(house.actor_for("head"), asked.number, DOOR, ask=True)
    off, _, _ = await _registered(house, core, "b1")
    change = OrderChange(status="cancel-other")
    await orders.edit(house.actor_for("head"), OrderSelector(number=off), change)
    _, _, there = await _registered(house, core, "b2")
    await core.parcels.steps(there, [Step(code="RECEIVED", at=SINCE, state="accepted")])
    for code, refused in (
        ("4600000000000", "handing_unknown"),
        (str(asked.number), "handing_unasked"),
        ("T-b1", "handing_off"),
        ("T-b2", "handing_gone"),
    ):
        with pytest.raises(Invalid, match=refused):
            await handing.scan(keeper, code)
    with pytest.raises(NotFound, match="nothing_to_hand"):
        await handing.give(keeper, NAME, "")


async def test_a_parcel_whose_goods_the_stock_lacks_is_given_and_its_order_named(
    house: TestHouse,
) -> None:
    await stocked(house, variant(), variant("L-2", barcode="4600000000055"))
    core, keeper = await known(house), house.actor_for("storekeeper")
    number, _, _ = await _registered(
        house, core, "c1", LINE, msgspec.structs.replace(LINE, offer_external_id="L-2")
    )
    await _packed(house, number)

    async def stolen() -> None:
        (lost,) = await fetch_one("SELECT id FROM variant WHERE sku = 'L-2'") or (None,)
        none = "UPDATE stock SET on_hand_milli = 0, reserved_milli = 0 WHERE variant_id = {}"
        await execute(none, lost)
        await execute("UPDATE order_line SET reserved_at = NULL WHERE variant_id = {}", lost)

    await house.write(stolen)
    gone = await handing.give(keeper, NAME, "")
    assert (gone.given.parcels, gone.stuck) == (1, (number,))
    assert await _column(house, "hand") == [number]
    assert await house.rows("SELECT COUNT(*) FROM shipment") == [(0,)]  # nothing half done
    assert await handing.take_back(keeper, gone.given) == 1
