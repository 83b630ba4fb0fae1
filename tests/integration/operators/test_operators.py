"""An order at a fulfilment operator: out by a status, back by reports, one stock for both."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from appliance.actions import operators, orders
from appliance.domain.fulfilments import Operator, Stage
from appliance.domain.ids import uuid7
from appliance.domain.orders import LineDraft, OrderChange, OrderSelector
from appliance.errors import Conflict, Denied, Invalid
from appliance.plugin_api.core import Refused
from appliance.plugin_api.fulfilments import FulfilmentReport, Moved, StockRow
from tests.house_fixture import TestHouse
from tests.integration.operators.scene import (
    CODE,
    hand,
    ident,
    lamps,
    move,
    placed,
    set_up,
    stock,
    there,
    view,
    wishes,
)
from tests.integration.orders.drafts import draft
from tests.integration.plugins.asking import plugin


@pytest.mark.checklist(47)
async def test_an_order_goes_out_by_its_status_and_comes_back_picked_packed_and_shipped_in_parts(
    house: TestHouse,
) -> None:
    store = await set_up(house, send_on="send-to-assembling")
    core = hand()
    await core.stock_put("main", datetime.now(UTC), [StockRow(sku="L-1", available_milli=10_000)])
    number = await placed(house)
    assert await stock(house, "main") == (5000, 2000)
    await move(house, number, "send-to-assembling")
    assert await wishes(house) == ["send"]
    assert await stock(house, "main") == (5000, 0)
    assert await stock(house, store) == (10_000, 2000)  # the operator's goods, not ours

    ident_ = await ident(house, number)
    told = await core.fulfilment(ident_)
    assert (told.order_no, told.want, told.cod) == (str(number), "send", told.total)
    assert [(one.sku, one.quantity_milli) for one in told.lines] == [("L-1", 2000), ("", 1000)]
    lamp, cord = await lamps(house, number)

    async def say(ref: str, seq: int, stage: Any, *lines: Moved, **more: Any) -> str:
        report = FulfilmentReport(
            account="main", order_no=told.order_no, ref=ref, seq=seq, stage=stage, lines=lines,
            at=datetime.now(UTC), **more,
        )  # fmt: skip
        return (await core.fulfilment_report(report)).outcome

    assert await say("1", 1, "accepted", revision=1, remote_id="R-9") == "taken"
    assert await say("2", 2, "picking") == "taken"
    assert (await view(house, number)).status.code == "assembling"
    assert await say("3", 3, "packed", Moved(line=lamp, codes=(CODE,))) == "taken"
    assert await say("3", 3, "packed", Moved(line=lamp, codes=(CODE,))) == "known"
    assert await say("1b", 1, "accepted") == "old"
    rows = await house.rows("SELECT code FROM fulfilment_code")
    assert rows == [(CODE,)]
    part = Moved(line=lamp, quantity_milli=1000)
    assert await say("4", 4, "shipped", part, tracking="T-1") == "taken"
    assert await say("4", 4, "shipped", part, tracking="T-1") == "known"
    now = (await there(house, number)).now
    assert now is not None and now.stage is Stage.PART_SHIPPED and now.lines[0].codes == 1
    assert await stock(house, store) == (9000, 1000)
    rest = (Moved(line=lamp, quantity_milli=1000), Moved(line=cord, quantity_milli=1000))
    assert await say("5", 5, "shipped", *rest, tracking="T-2") == "taken"
    order = await view(house, number)
    assert order.shipped and order.status.code == "delivering"
    assert await stock(house, store) == (8000, 0)
    rows = await house.rows("SELECT track_number, state FROM shipment ORDER BY number")
    assert rows == [("T-1", "dispatched"), ("T-2", "dispatched")]
    assert await say("6", 6, "picking") == "taken"  # backwards: noted, nothing moves
    assert (await view(house, number)).status.code == "delivering"
    assert await say("7", 7, "delivered") == "taken"
    assert (await view(house, number)).status.code in {"delivering", "complete"}
    now = (await there(house, number)).now
    assert now is not None and now.stage is Stage.DELIVERED


@pytest.mark.checklist(47)
async def test_an_order_placed_in_the_sending_status_goes_out_at_once_but_not_an_old_one(
    house: TestHouse,
) -> None:
    store = await set_up(house, send_on="new")
    await hand().stock_put("main", datetime.now(UTC), [StockRow(sku="L-1", available_milli=9000)])
    number = await placed(house)
    assert await wishes(house) == ["send"]
    assert await stock(house, "main") == (5000, 0)
    assert await stock(house, store) == (9000, 2000)
    now = (await there(house, number)).now
    assert now is not None and (now.stage, now.want) == (Stage.QUEUED, "send")
    old = draft("of-last-year", created_at=house.clock() - timedelta(days=2))
    await orders.place(house.shop_key(), old)
    assert await wishes(house) == ["send"]


@pytest.mark.checklist(47)
async def test_what_is_free_here_is_what_the_operator_has_less_what_waits_to_go_out(
    house: TestHouse,
) -> None:
    store = await set_up(house)
    core = hand()
    (operator,) = (await operators.screen(house.system)).operators
    await core.stock_put("main", datetime.now(UTC), [StockRow(sku="L-1", available_milli=10_000)])
    sent, waits = await placed(house), await placed(house)
    for number in (sent, waits):
        await operators.send(house.actor_for("storekeeper"), number, operator.id)
    taken = datetime.now(UTC)
    report = FulfilmentReport(
        id=await ident(house, sent), ref="a", stage="accepted", at=taken, revision=1
    )
    await core.fulfilment_report(report)

    async def free(as_of: Any, available: int) -> int:
        await core.stock_put("main", as_of, [StockRow(sku="L-1", available_milli=available)])
        on_hand, reserved = await stock(house, store)
        return on_hand - reserved

    before, after = taken - timedelta(seconds=5), taken + timedelta(seconds=5)
    assert await free(before, 10_000) == 6000  # read before it took the order: both wait
    assert await free(after, 8000) == 6000  # it has set two aside itself: one waits
    lamp, _ = await lamps(house, sent)
    await core.fulfilment_report(
        FulfilmentReport(
            id=await ident(house, sent),
            ref="b",
            stage="shipped",
            lines=(Moved(line=lamp, quantity_milli=2000),),
        )
    )
    assert await free(after, 8000) == 6000  # it has left: counted once, here and there
    answer = await core.stock_put("main", after, [StockRow(sku="NO", available_milli=1)])
    assert (answer.taken, answer.unknown) == (0, ("NO",))
    assert await free(after, -3000) == -5000


async def test_a_cancel_a_change_and_a_shortage_reach_the_other_side_or_people(
    house: TestHouse,
) -> None:
    await set_up(house, send_on="send-to-assembling")
    core, head = hand(), house.actor_for("head")
    number = await placed(house)
    await move(house, number, "send-to-assembling")
    order = await view(house, number)
    more = tuple(
        LineDraft(id=one.id, quantity_milli=3000 if not place else one.quantity_milli)
        for place, one in enumerate(order.lines)
    )
    await orders.edit(head, OrderSelector(id=order.id), OrderChange(lines=more))
    told = await core.fulfilment(await ident(house, number))
    assert (told.revision, told.lines[0].quantity_milli) == (2, 3000)
    lamp, _ = await lamps(house, number)

    async def say(ref: str, **more: Any) -> Any:
        return await core.fulfilment_report(FulfilmentReport(id=told.id, ref=ref, **more))

    await say("1", stage="accepted", revision=2)
    short = await say("2", stage="shortage", lines=(Moved(line=lamp, short_milli=1000),))
    assert (short.trouble, short.stage) == ("shortage", "shortage")
    assert (await say("3", stage="picking")).trouble == ""
    (operator,) = (await operators.screen(house.system)).operators
    with pytest.raises(Conflict, match="fulfilment_under_way"):
        await operators.send(head, number, operator.id)
    await move(house, number, "cancel-other")
    assert await wishes(house) == ["send", "send", "cancel"]
    late = await say("4", snag="too_late")
    assert (late.trouble, late.stage) == ("too_late", "picking")
    assert (await say("5", stage="packed")).trouble == "too_late"
    gone = await say("6", stage="shipped", tracking="T")
    assert gone.trouble == "shipped_closed"  # the order is cancelled here: a task, no shipment
    assert await house.rows("SELECT number FROM shipment") == []
    await operators.settle(head, number)
    now = (await there(house, number)).now
    assert now is not None and now.trouble == ""


async def test_a_refused_order_may_go_again_under_another_number_and_only_by_who_may(
    house: TestHouse,
) -> None:
    await set_up(house)
    core, keeper = hand(), house.actor_for("storekeeper")
    number = await placed(house)
    ((operator_id, _),) = (await there(house, number)).choices
    with pytest.raises(Denied):
        await operators.send(house.actor_for("accountant"), number, operator_id)
    await operators.send(keeper, number, operator_id)
    first = await ident(house, number)
    refused = await core.fulfilment_report(
        FulfilmentReport(id=first, ref="r", stage="refused", reason="sku_unknown")
    )
    assert refused.trouble == "refused"
    await operators.send(keeper, number, operator_id)
    again = await core.fulfilment(await ident(house, number))
    assert again.order_no == f"{number}-2"
    unknown = FulfilmentReport(account="main", order_no="none", ref="x", stage="packed")
    assert (await core.fulfilment_report(unknown)).outcome == "unknown"
    other = plugin("stranger", permissions=("fulfilment.write",))
    with pytest.raises(Refused, match="fulfilment_not_found"):
        await other.fulfilment(again.id)
    with pytest.raises(Refused, match="permission_not_granted"):
        await plugin("reader", permissions=("orders.read",)).fulfilment(again.id)
    with pytest.raises(Invalid):
        await operators.keep(
            house.system,
            Operator(id=uuid7(), plugin="else", warehouse="nowhere", statuses={"picking": "no"}),
        )
