"""A courier's marks at the door: once each, and the order closes by delivery and money together."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from appliance.actions import courier, dispatch, orders, payments
from appliance.domain.courier import Mark, MarkKind, Run
from appliance.domain.ids import uuid7
from appliance.domain.orders import LineDraft, OrderSelector, PaymentDraft
from appliance.errors import Conflict, Denied, Invalid, NotFound
from appliance.roles import PRESETS
from appliance.storage import roles_store
from appliance.storage.statements import execute
from tests.house_fixture import TestHouse
from tests.integration.goods.scene import figures, stocked, variant
from tests.integration.orders.drafts import draft

DAY = date(2026, 3, 2)
SINCE = datetime(2020, 1, 1, tzinfo=UTC)
COURIER = 9


async def on_the_way(house: TestHouse, courier_number: int = COURIER) -> int:
    """Anna's order of two lamps, 2 700 ₽ with delivery, handed to the courier; its number."""
    grants = roles_store.written(PRESETS["courier"])
    await house.write(lambda: roles_store.put("courier", "Курьер", grants, preset=True))
    await stocked(house, variant())
    line = LineDraft(offer_external_id="L-1", quantity_milli=2000, price=120_000)
    placed = await orders.place(house.shop_key(), draft(lines=(line,), status="send-to-assembling"))
    keeper = house.actor_for("storekeeper")
    await dispatch.pick_all(keeper, placed.number)
    await dispatch.pack(keeper, placed.number)
    await dispatch.hand_over(keeper, placed.number, DAY, courier_number)
    return placed.number


def mark(number: int, kind: MarkKind = MarkKind.CASH, **changes: Any) -> Mark:
    """Cash for all of it, unless said otherwise."""
    values: dict[str, Any] = {"id": uuid7(), "order": number, "kind": kind}
    if kind in courier.WAYS:
        values["amount"] = 270_000
    return Mark(**(values | changes))


async def runs(house: TestHouse, who: str = "courier") -> list[Run]:
    return list(await courier.day(house.actor_for(who), house.clock() - timedelta(hours=1)))


async def standing(house: TestHouse, number: int) -> tuple[str, int, bool]:
    """Status, kopecks paid, whether delivered."""
    row = (
        await house.rows(
            "SELECT status, paid_total, delivered_at FROM orders WHERE number = {}", number
        )
    )[0]
    return row[0], row[1], row[2] is not None


@pytest.mark.checklist(20)
async def test_delivered_and_paid_at_the_door_is_recorded_once_however_often_it_is_sent(
    house: TestHouse,
) -> None:
    number = await on_the_way(house)
    his = house.actor_for("courier")
    assert await standing(house, number) == ("delivering", 0, False)
    sent = mark(number)
    assert (await courier.mark(his, sent)).due == 0
    again = await courier.mark(his, sent)
    assert again.again and again.due == 0
    assert await standing(house, number) == ("complete", 270_000, True)
    paid = await house.rows("SELECT kind, amount, status FROM payment")
    assert paid == [("cash", 270_000, "paid")]
    assert await figures(house) == (3000, 0, 0)
    with pytest.raises(Conflict, match="run_marked"):
        await courier.mark(his, mark(number))
    assert [one.state for one in await runs(house)] == ["delivered"]


@pytest.mark.checklist(21)
async def test_only_delivery_and_money_together_close_an_order(house: TestHouse) -> None:
    number = await on_the_way(house)
    his = house.actor_for("courier")
    done = await courier.mark(his, mark(number, MarkKind.CARD, amount=200_000))
    assert done.due == 70_000
    assert await standing(house, number) == ("delivering", 200_000, True)
    await payments.receive(house.actor_for("head"), number, PaymentDraft(type="cash"))
    assert await standing(house, number) == ("complete", 270_000, True)


@pytest.mark.checklist(18)
@pytest.mark.checklist(41)
async def test_a_courier_sees_the_address_and_the_wishes_and_a_masked_phone(
    house: TestHouse,
) -> None:
    number = await on_the_way(house)
    [run] = await runs(house)
    assert run.name is not None and run.name.reveal() == "Анна Сухова"
    assert run.address is not None and run.address.reveal().text == "Садовая, 1"
    assert run.comment is not None and run.comment.reveal() == "Позвоните за час"
    assert run.phone is not None and "000-12-34" not in run.phone.reveal()
    assert run.due == 270_000
    shown = await courier.reveal(house.actor_for("courier"), number)
    assert shown.reveal() == "+79120001234"


async def test_a_courier_keeps_no_book_of_phones_of_orders_that_left_his_list(
    house: TestHouse,
) -> None:
    number, his = await on_the_way(house), house.actor_for("courier")
    house.clock.pass_(days=5)
    await courier.reveal(his, number)  # it is still in his hands
    await courier.mark(his, mark(number))
    house.clock.pass_(days=1)
    await courier.reveal(his, number)
    house.clock.pass_(days=2)
    with pytest.raises(NotFound, match="order_not_found"):
        await courier.reveal(his, number)


async def test_what_another_courier_carries_is_not_there_for_this_one(house: TestHouse) -> None:
    number = await on_the_way(house)
    await house.database.write(lambda: _give_to(house, "seller"))
    his = house.actor_for("courier")
    assert await runs(house) == []
    for deed in (courier.mark(his, mark(number)), courier.reveal(his, number)):
        with pytest.raises(NotFound, match="order_not_found"):
            await deed
    for who in ("seller", "storekeeper", "accountant"):
        with pytest.raises(Denied):
            await courier.mark(house.actor_for(who), mark(number))


async def _give_to(house: TestHouse, who: str) -> None:
    await execute("UPDATE courier_run SET courier_id = {}", house.users[who])


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"amount": 0}, "amount_out_of_range"),
        ({"amount": -5}, "amount_out_of_range"),
        ({"amount": 2_700_000}, "amount_out_of_range"),
        ({"kind": MarkKind.REFUSED, "amount": 0, "reason": "hocus"}, "refusal_reason"),
    ],
)
async def test_a_mark_that_cannot_be_leaves_the_order_as_it_was(
    house: TestHouse, wrong: dict[str, Any], code: str
) -> None:
    number = await on_the_way(house)
    his = house.actor_for("courier")
    sent = mark(number, **wrong)
    with pytest.raises(Invalid, match=code):
        await courier.mark(his, sent)
    assert await standing(house, number) == ("delivering", 0, False)
    assert await house.rows("SELECT 1 FROM courier_mark") == []
    right = mark(number, id=sent.id)  # the same id, once the phone's owner mended it
    assert (await courier.mark(his, right)).due == 0


async def test_only_who_drives_can_be_handed_an_order(house: TestHouse) -> None:
    with pytest.raises(Invalid, match="courier_unknown"):
        await on_the_way(house, 6)  # the head looks at runs, and drives none
    found = await dispatch.board(house.actor_for("storekeeper"), SINCE)
    assert [one.number for one in found.couriers] == [COURIER]
    assert [one.number for one in found.columns["hand"]] != []


async def test_a_refusal_tells_the_manager_and_keeps_the_money_out(house: TestHouse) -> None:
    number = await on_the_way(house)
    view = (await orders.find_by(house.actor_for("head"), [OrderSelector(number=number)]))[0]
    await orders.assign(house.actor_for("head"), view.id, 1)
    his = house.actor_for("courier")
    await courier.mark(his, mark(number, MarkKind.REFUSED, reason="absent"))
    assert await standing(house, number) == ("delivering", 0, False)
    told = await house.rows("SELECT kind, entity_number FROM notice WHERE kind = 'order.refused'")
    assert told == [("order.refused", number)]
    assert [(one.state, one.reason) for one in await runs(house)] == [("refused", "absent")]


@pytest.mark.checklist(10)
@pytest.mark.parametrize(
    ("reason", "status", "stock"),
    [("absent", "assembling-complete", (5000, 2000, 0)), ("price", "cancel-other", (5000, 0, 0))],
)
async def test_what_was_refused_is_on_the_stock_again_and_is_driven_once_more_or_cancelled(
    house: TestHouse, reason: str, status: str, stock: tuple[int, ...]
) -> None:
    number = await on_the_way(house)
    keeper = house.actor_for("storekeeper")
    with pytest.raises(Conflict, match="run_given"):
        await dispatch.take_back(keeper, number)
    with pytest.raises(Conflict, match="run_given"):
        await dispatch.brought(keeper, number)
    await courier.mark(house.actor_for("courier"), mark(number, MarkKind.REFUSED, reason=reason))
    columns = (await dispatch.board(keeper, SINCE)).columns
    assert [one.number for one in columns["done"]] == [number]
    assert columns["way"] == ()
    assert await dispatch.take_back(keeper, number) is (reason == "absent")
    assert (await standing(house, number))[0] == status
    assert await figures(house) == stock
    with pytest.raises(Conflict):
        await dispatch.take_back(keeper, number)
