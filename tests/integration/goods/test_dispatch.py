"""The warehouse's board: an order goes from the shelf to the courier."""

from datetime import UTC, date, datetime

import pytest

from appliance.actions import dispatch, orders, stock_documents
from appliance.domain.dispatch import PickLine
from appliance.domain.ids import uuid7
from appliance.domain.orders import LineDraft, OrderSelector
from appliance.domain.stockroom import DocumentDraft, DocumentKind
from appliance.errors import Conflict, Denied, Invalid
from appliance.storage import picking
from tests.house_fixture import TestHouse
from tests.integration.goods.scene import figures, stocked, variant
from tests.integration.orders.drafts import draft

DAY = date(2026, 3, 2)
SINCE = datetime(2020, 1, 1, tzinfo=UTC)


async def _placed(house: TestHouse, external_id: str = "1044") -> int:
    await stocked(house, variant(), variant("L-2", barcode="4600000000055"))
    line = LineDraft(offer_external_id="L-1", quantity_milli=2000, price=120_000)
    placed = await orders.place(
        house.shop_key(), draft(external_id, lines=(line,), status="send-to-assembling")
    )
    return placed.number


async def _columns(house: TestHouse) -> dict[str, list[int]]:
    found = await dispatch.board(house.actor_for("storekeeper"), SINCE)
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
        await dispatch.board(house.actor_for("seller"), SINCE)


async def _line_of(house: TestHouse, number: int) -> PickLine:
    return (await dispatch.board(house.actor_for("storekeeper"), SINCE, number)).lines[0]


async def _handed(house: TestHouse, number: int) -> None:
    keeper = house.actor_for("storekeeper")
    await dispatch.pick_all(keeper, number)
    await dispatch.pack(keeper, number)
    await dispatch.hand_over(keeper, number, DAY)


@pytest.mark.checklist(15)
async def test_every_step_can_be_taken_back_and_the_stock_adds_up(house: TestHouse) -> None:
    number = await _placed(house)
    keeper = house.actor_for("storekeeper")
    await _handed(house, number)
    assert await figures(house) == (3000, 0, 0)
    for column in ("hand", "pack", "pick"):
        await dispatch.back(keeper, number)
        assert (await _columns(house))[column] == [number]
        assert await figures(house) == (5000, 2000, 0)
    await dispatch.back(keeper, number)
    with pytest.raises(Conflict, match="order_changed"):
        await dispatch.back(keeper, number)  # it waits for a picker: there is nothing before that
    await _handed(house, number)
    await dispatch.brought(keeper, number)
    assert (await _columns(house))["done"] == [number]
    with pytest.raises(Conflict):
        await dispatch.back(keeper, number)  # the buyer has it
    assert await figures(house) == (3000, 0, 0)


async def test_a_piece_is_put_and_taken_out_by_hand_never_below_none_or_above_all(
    house: TestHouse,
) -> None:
    number = await _placed(house)
    keeper = house.actor_for("storekeeper")
    await dispatch.take(keeper, number)
    line = (await _line_of(house, number)).id
    assert (await dispatch.put(keeper, number, line, -1)).picked_milli == 0
    assert (await dispatch.put(keeper, number, line, 1)).picked_milli == 1000
    assert (await dispatch.put(keeper, number, line, 1)).whole
    with pytest.raises(Invalid, match="pick_enough"):
        await dispatch.put(keeper, number, line, 1)
    assert (await _columns(house))["pack"] == [number]
    await dispatch.put(keeper, number, line, -1)  # one taken out again: it is not picked
    assert (await _columns(house))["pick"] == [number]
    with pytest.raises(Conflict):
        await dispatch.put(keeper, number, uuid7(), 1)


async def test_what_is_not_on_its_shelf_is_told_to_whoever_leads_the_order(
    house: TestHouse,
) -> None:
    number = await _placed(house)
    keeper, head = house.actor_for("storekeeper"), house.actor_for("head")
    view = (await orders.find_by(head, [OrderSelector(number=number)]))[0]
    await orders.assign(head, view.id, 1)
    await dispatch.take(keeper, number)
    line = await _line_of(house, number)
    await dispatch.miss(keeper, number, line.id, missing=True)
    assert (await _line_of(house, number)).missing
    told = await house.rows("SELECT entity_number FROM notice WHERE kind = 'shelf.empty'")
    assert told == [(number,)]
    await dispatch.put(keeper, number, line.id, 1)  # it was found after all
    assert not (await _line_of(house, number)).missing


async def _return(house: TestHouse, number: int) -> int:
    keeper = house.actor_for("storekeeper")
    wanted = DocumentDraft(kind=DocumentKind.RETURN, warehouse="main", order_number=number)
    return await stock_documents.create(keeper, wanted)


@pytest.mark.checklist(11)
async def test_goods_that_left_by_a_shipment_come_back_once_by_status_and_document(
    house: TestHouse,
) -> None:
    number = await _placed(house)
    keeper, key = house.actor_for("storekeeper"), house.shop_key()
    order_id = (await orders.find_by(key, [OrderSelector(number=number)]))[0].id
    await _handed(house, number)
    await orders.set_status(key, order_id, "complete")
    first, second = await _return(house, number), await _return(house, number)
    await orders.set_status(key, order_id, "goods-returned")
    assert await figures(house) == (3000, 0, 0)  # the parcel is not here yet
    await stock_documents.post(keeper, first)
    assert await figures(house) == (5000, 0, 0)
    with pytest.raises(Invalid, match="return_too_much"):
        await stock_documents.post(keeper, second)
    await orders.set_status(key, order_id, "complete")
    await orders.set_status(key, order_id, "goods-returned")
    assert await figures(house) == (5000, 0, 0)


@pytest.mark.checklist(11)
async def test_goods_that_came_back_by_the_status_do_not_come_by_a_waiting_document(
    house: TestHouse,
) -> None:
    number = await _placed(house)
    keeper, key = house.actor_for("storekeeper"), house.shop_key()
    order_id = (await orders.find_by(key, [OrderSelector(number=number)]))[0].id
    await orders.set_status(key, order_id, "complete")
    waiting = await _return(house, number)
    await orders.set_status(key, order_id, "goods-returned")
    assert await figures(house) == (5000, 0, 0)
    with pytest.raises(Invalid, match="return_too_much"):
        await stock_documents.post(keeper, waiting)
    assert await figures(house) == (5000, 0, 0)


async def test_a_long_queue_hides_neither_the_order_in_hand_nor_what_is_picked(
    house: TestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picking, "MOST", 1)
    first, late = await _placed(house), await _placed(house, "1045")
    keeper = house.actor_for("storekeeper")
    await dispatch.scan(keeper, str(late))
    board = await dispatch.board(keeper, SINCE, late)
    assert board.number == late
    assert {one.number for one in board.columns["pick"]} == {first, late}
    await dispatch.scan(keeper, "L-1", late)
    assert (await dispatch.scan(keeper, "L-1", late)).whole
    columns = await _columns(house)
    assert (columns["pick"], columns["pack"]) == ([first], [late])
