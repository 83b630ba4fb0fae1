"""The warehouse's board: an order goes from the shelf to the courier."""

from datetime import date

import pytest

from appliance.actions import dispatch, orders
from appliance.domain.orders import LineDraft
from appliance.errors import Conflict, Denied, Invalid
from tests.house_fixture import TestHouse
from tests.integration.goods.scene import figures, stocked, variant
from tests.integration.orders.drafts import draft

DAY = date(2026, 3, 2)


async def _placed(house: TestHouse) -> int:
    await stocked(house, variant(), variant("L-2", barcode="4600000000055"))
    line = LineDraft(offer_external_id="L-1", quantity_milli=2000, price=120_000)
    placed = await orders.place(house.shop_key(), draft(lines=(line,), status="send-to-assembling"))
    return placed.number


async def _columns(house: TestHouse) -> dict[str, list[int]]:
    found = await dispatch.board(house.actor_for("storekeeper"))
    return {name: [one.number for one in cards] for name, cards in found.columns.items()}


@pytest.mark.checklist(15)
async def test_an_order_is_picked_by_scanner_packed_and_handed_over(house: TestHouse) -> None:
    number = await _placed(house)
    keeper = house.actor_for("storekeeper")
    with pytest.raises(Invalid, match="pick_no_order"):
        await dispatch.scan(keeper, "L-1")
    await dispatch.scan(keeper, str(number))
    for code, refused in (("9999999999999", "barcode_unknown"), ("L-2", "pick_wrong")):
        with pytest.raises(Invalid, match=refused):
            await dispatch.scan(keeper, code, number)
    first = await dispatch.scan(keeper, "4600000000017", number)
    assert (first.picked_milli, first.quantity_milli, first.whole) == (1000, 2000, False)
    assert (await dispatch.scan(keeper, "L-1", number)).whole
    with pytest.raises(Invalid, match="pick_enough"):
        await dispatch.scan(keeper, "L-1", number)
    assert (await _columns(house))["pack"] == [number]
    with pytest.raises(Conflict):
        await dispatch.hand_over(keeper, number, DAY)
    await dispatch.pack(keeper, number)
    assert (await _columns(house))["hand"] == [number]
    assert await figures(house) == (5000, 2000, 0)
    await dispatch.hand_over(keeper, number, DAY)
    assert (await _columns(house))["way"] == [number]
    assert await figures(house) == (3000, 0, 0)
    with pytest.raises(Conflict):
        await dispatch.hand_over(keeper, number, DAY)
    with pytest.raises(Denied):
        await dispatch.board(house.actor_for("seller"))
