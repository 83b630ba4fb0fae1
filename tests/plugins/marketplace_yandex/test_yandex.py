"""Yandex's plugin against the fake that obeys Yandex's description: orders in, deeds out."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import pytest

from appliance.plugin_api.core import PAUSED
from appliance.plugin_api.hooks import RouteRequest
from appliance.plugin_api.outcomes import Pause, Retry
from plugins import marketplace_yandex
from plugins.marketplace_yandex import limits, mapping, orders
from plugins.marketplace_yandex.accounts import WAYS
from plugins.marketplace_yandex.fake_shop import CAMPAIGN, OTHER_CAMPAIGN, PUSH_KEY
from plugins.marketplace_yandex.pushes import pushed
from plugins.marketplace_yandex.shapes import Money, Order, Prices
from tests.house_fixture import open_test_house
from tests.integration.markets.market import goods, status_of, stock_of
from tests.plugins.marketplace_yandex.shop import Yandex
from tests.vendors.contract import description


@pytest.fixture
async def yandex(tmp_path: Path) -> AsyncIterator[Yandex]:
    async with open_test_house(tmp_path) as house:
        yield Yandex(house)


@pytest.mark.checklist(50)
async def test_an_order_is_packed_labelled_handed_over_and_followed(yandex: Yandex) -> None:
    await goods(**{"A-1": 5})
    number = yandex.fake.place(("A-1", 2, 1990.5))
    await yandex.poll()
    await yandex.poll()
    ((posting, state, raw, order),) = await yandex.postings()
    assert (posting, state, raw) == (str(number), "assembling", "PROCESSING")
    assert await yandex.house.rows("SELECT total FROM orders") == [(398_100,)]
    assert await stock_of(yandex.house, "A-1") == (5000, 2000)

    await yandex.want(order, "label")
    assert await yandex.wished() == ("label", "label_not_now")
    await yandex.want(order, "pack")
    await yandex.again(order, "pack")
    assert yandex.fake.orders[number]["substatus"] == "READY_TO_SHIP"
    assert (await yandex.postings())[0][1] == "packed"
    assert await yandex.wished() == ("", "")
    await yandex.want(order, "label")
    await yandex.want(order, "label")
    assert await yandex.house.rows("SELECT COUNT(*) FROM service_file") == [(1,)]
    # Before its cut-off a hand-over cannot be confirmed: said in words, tried when asked again.
    await yandex.want(order, "act")
    assert await yandex.wished() == ("act", "act_not_yet")
    yandex.fake.do("cut_off")
    await yandex.want(order, "act")
    await yandex.want(order, "act")
    assert await yandex.wished() == ("", "")
    assert await yandex.house.rows("SELECT COUNT(*) FROM service_file") == [(2,)]

    for status, substatus, wanted in (
        ("PROCESSING", "SHIPPED", "handed_over"),
        ("DELIVERY", "DELIVERY_SERVICE_RECEIVED", "in_transit"),
        ("PICKUP", "PICKUP_SERVICE_RECEIVED", "ready_for_pickup"),
        ("DELIVERED", "DELIVERY_SERVICE_DELIVERED", "delivered"),
    ):
        yandex.fake.move(number, status, substatus)
        yandex.house.clock.pass_(minutes=1)
        await yandex.poll()
        assert (await yandex.postings())[0][1] == wanted
    assert await status_of(yandex.house, str(number)) == "complete"
    assert await stock_of(yandex.house, "A-1") == (3000, 0)


async def test_codes_are_told_with_the_boxes_and_checked_before_it_is_ready(
    yandex: Yandex,
) -> None:
    number = yandex.fake.place(("A-1", 2, 10), marked="CIS")
    await yandex.poll()
    order = (await yandex.postings())[0][3]
    await yandex.want(order, "pack")
    assert await yandex.wished() == ("pack", "codes_missing")

    async def scan(codes: list[str]) -> None:
        async def body() -> None:
            from appliance.storage.statements import execute  # noqa: PLC0415

            text = msgspec.json.encode([f"mark:{one}" for one in codes]).decode()
            await execute("UPDATE posting_line SET codes = {}", text)

        await yandex.house.write(body)

    await scan(["broken", "0104600000000000215bcdefg"])
    with pytest.raises(Retry, match="codes_being_checked"):
        await yandex.want(order, "codes")
    yandex.house.clock.pass_(seconds=30)
    await yandex.again(order, "codes")
    assert await yandex.wished() == ("codes", "codes_refused")
    await scan(["0104600000000000215abcdef", "0104600000000000215bcdefg"])
    with pytest.raises(Retry, match="codes_being_checked"):
        await yandex.want(order, "pack", boxes="2")
    yandex.house.clock.pass_(seconds=30)
    await yandex.again(order, "pack")
    assert yandex.fake.orders[number]["substatus"] == "READY_TO_SHIP"
    boxes = [one["items"][0] for one in yandex.fake.packed[number]]
    assert [(one["fullCount"], one["instances"]) for one in boxes] == [
        (1, [{"cis": "0104600000000000215abcdef"}]), (1, [{"cis": "0104600000000000215bcdefg"}]),
    ]  # fmt: skip


async def test_given_up_here_before_and_there_after_the_hand_over(yandex: Yandex) -> None:
    await goods(**{"A-1": 5})
    early, late, odd = (yandex.fake.place(("A-1", 1, 10)) for _ in range(3))
    await yandex.poll()
    order = (await yandex.postings())[0][3]
    await yandex.want(order, "cancel", reason="SHOP_FAILED")
    await yandex.again(order, "cancel")
    assert yandex.fake.orders[early]["substatus"] == "SHOP_FAILED"
    assert await status_of(yandex.house, str(early)) == "cancel-other"
    assert await yandex.house.rows("SELECT reason FROM posting ORDER BY posting LIMIT 1") == [
        ("Магазин не может выполнить заказ",)
    ]
    # Whoever gives up what is on its way sends it back, whatever Yandex calls the reason.
    yandex.fake.move(late, "DELIVERY", "DELIVERY_SERVICE_RECEIVED")
    yandex.house.clock.pass_(minutes=1)
    await yandex.poll()
    yandex.fake.cancelled(late)
    yandex.fake.cancelled(odd, "PICKUP_EXPIRED")
    yandex.house.clock.pass_(minutes=1)
    await yandex.poll()
    assert [one[1] for one in await yandex.postings()] == ["cancelled", "returning", "returning"]
    yandex.fake.do_bring_back(str(late))
    await orders.returns(yandex.core())
    assert [one[1] for one in await yandex.postings()] == ["cancelled", "returned", "returning"]


async def test_one_article_on_two_lines_keeps_its_pieces_until_one_is_taken_off(
    yandex: Yandex,
) -> None:
    await goods(**{"A-1": 9})
    number = yandex.fake.place(("A-1", 2, 10), ("A-1", 1, 0))  # the third is a present
    for _ in range(2):
        await yandex.poll()
        yandex.fake.move(number, "PROCESSING", "PACKAGING")
        yandex.house.clock.pass_(minutes=1)
    assert await stock_of(yandex.house, "A-1") == (9000, 3000)
    del yandex.fake.orders[number]["items"][1]
    yandex.fake.move(number, "PROCESSING", "STARTED")
    await yandex.poll()
    assert await stock_of(yandex.house, "A-1") == (9000, 2000)
    assert await yandex.house.rows("SELECT total FROM orders") == [(2000,)]


async def test_what_has_moved_on_is_taken_as_it_is(yandex: Yandex) -> None:
    number = yandex.fake.place(("A-1", 1, 10))
    await yandex.poll()
    order = (await yandex.postings())[0][3]
    yandex.fake.cancelled(number)
    await yandex.want(order, "pack")
    assert await yandex.wished() == ("", "")
    assert (await yandex.postings())[0][1] == "cancelled"


async def test_an_answer_that_is_lost_does_nothing_twice(yandex: Yandex) -> None:
    number = yandex.fake.place(("A-1", 1, 10))
    await yandex.poll()
    order = (await yandex.postings())[0][3]
    posts = yandex.fake.requests
    for lost_at in (1, 2):  # the boxes, then the status
        yandex.fake.fail("", lost_at)
        yandex.fake.fail("lost")
        with pytest.raises(Pause):
            await yandex.want(order, "pack")
        PAUSED.clear()
    posts.clear()
    await yandex.again(order, "pack")
    assert yandex.fake.orders[number]["substatus"] == "READY_TO_SHIP"
    assert not [one for one in posts if one.path.endswith(("/boxes", "/status"))]
    assert await yandex.wished() == ("", "")


async def test_what_yandex_answers_wrongly_loses_nothing(yandex: Yandex) -> None:
    yandex.fake.place(("A-1", 1, 10))
    await yandex.catalogue()
    assert yandex.checked is not None
    yandex.checked.trouble = True
    for trouble, error in (
        ("down", Pause), ("slow", Pause), ("failing", Pause), ("html", Retry),
        ("garbled", Retry), ("error_in_200", Retry), ("too_many", Retry),
    ):  # fmt: skip
        yandex.fake.fail(trouble)  # type: ignore[arg-type]
        with pytest.raises(error):
            await yandex.poll()
        assert await yandex.postings() == []
        yandex.house.clock.pass_(hours=1)
        PAUSED.clear()
    # A pause that is named and short is waited for in place.
    yandex.fake.pause = 5
    yandex.fake.fail("too_many", 2)
    before = yandex.waited
    await yandex.poll()
    assert len(await yandex.postings()) == 1
    assert yandex.waited - before == pytest.approx(10, abs=0.1)
    assert (await yandex.journal()).count("limit") == 1


async def test_new_words_and_lines_without_sense_stand_in_the_journal(yandex: Yandex) -> None:
    odd = yandex.fake.place(("A-1", 1, 0))
    empty = yandex.fake.place(("A-1", 1, 10))
    yandex.fake.orders[empty]["items"] = []
    await yandex.poll()
    assert [one[0] for one in await yandex.postings()] == [str(odd)]
    assert await yandex.house.rows("SELECT total FROM orders") == [(0,)]
    assert yandex.checked is not None
    yandex.checked.trouble = True
    yandex.fake.move(odd, "ON_THE_MOON", "FLOATS")
    yandex.house.clock.pass_(minutes=2)
    await yandex.poll()
    assert (await yandex.postings())[0][1:3] == ("assembling", "ON_THE_MOON")
    codes = await yandex.journal()
    assert codes.count("posting_refused") == 1
    assert codes.count("status_unknown") == 1


async def test_fields_that_are_gone_new_or_written_otherwise_lose_no_order(
    yandex: Yandex,
) -> None:
    await goods(**{"A-1": 5})
    number = yandex.fake.place(("A-1", 2, 10), ("Z-9", 1, 7))
    assert yandex.checked is not None
    yandex.checked.trouble = True
    one = yandex.fake.orders[number]
    one |= {"campaignId": str(CAMPAIGN), "fromTheFuture": {"x": [1]}, "updateDate": None}
    one["items"][0] |= {"count": "2", "requiredInstanceTypes": None}
    del one["delivery"]
    await yandex.poll()
    # An article nobody knows holds nothing up: what is known is set aside, the rest is shown.
    assert [row[:2] for row in await yandex.postings()] == [(str(number), "assembling")]
    assert await yandex.house.rows("SELECT total FROM orders") == [(2700,)]
    assert await stock_of(yandex.house, "A-1") == (5000, 2000)
    unmatched = "SELECT article FROM market_offer WHERE variant_id IS NULL"
    assert await yandex.house.rows(unmatched) == [("Z-9",)]


async def test_a_notification_is_a_hint_however_often_and_from_wherever(yandex: Yandex) -> None:
    number = yandex.fake.place(("A-1", 1, 10))
    yandex.fake.copies, yandex.fake.reorder = 5, True
    core, contract = yandex.core(), description("yandex-market-notification.json")

    async def send(rest: str, body: bytes, address: str = "5.45.207.9") -> int:
        reply = await pushed(
            RouteRequest(route="push", method="POST", rest=rest, body=body, address=address), core
        )
        if reply.status in (200, 400):
            contract.check_answer("POST", "/notification", reply.status, reply.body)
        return reply.status

    mine = f"{PUSH_KEY}/notification"
    for push in yandex.fake.pushes():
        contract.check_request("POST", "/notification", push.body)
        assert await send(push.path.partition("/push/")[2], push.body) == 200
    assert await send(mine, b'{"notificationType": "PING", "time": "2026-02-01T10:00:00Z"}') == 200
    assert await send("guessed/notification", b"{}") == 404
    assert await send(mine, b"<html>") == 400
    assert await send(mine, b"{}") == 400
    assert await send(mine, b'{"notificationType": "PING"}', "93.184.216.34") == 403
    assert await yandex.postings() == []
    assert (await yandex.journal()).count("vendor.push_foreign") == 1  # an hour
    await orders.hinted(core)
    await orders.hinted(core)
    assert [one[0] for one in await yandex.postings()] == [str(number)]
    lie = {"notificationType": "ORDER_STATUS_UPDATED", "orderId": 7, "campaignId": CAMPAIGN}
    assert await send(mine, msgspec.json.encode(lie)) == 200
    await orders.hinted(core)
    assert len(await yandex.postings()) == 1
    assert "posting_gone" in await yandex.journal()
    asked = len(yandex.fake.requests)
    assert await send(mine, msgspec.json.encode({**lie, "campaignId": 999})) == 200
    await orders.hinted(core)
    assert len(yandex.fake.requests) == asked  # of somebody else's shop
    # What came back is seen by its notification at once, not by the hourly look.
    yandex.fake.cancelled(number, "PICKUP_EXPIRED")
    yandex.fake.do_bring_back(str(number))
    for push in yandex.fake.pushes():
        assert await send(push.path.partition("/push/")[2], push.body) == 200
    await orders.hinted(core)
    assert (await yandex.postings())[0][1] == "returned"


async def test_what_was_missed_for_days_is_found_by_the_daily_look(yandex: Yandex) -> None:
    gone, kept = (yandex.fake.place(("A-1", 1, 10)) for _ in range(2))
    await yandex.poll()
    yandex.fake.cancelled(gone)
    yandex.fake.orders[gone]["updated"] -= timedelta(days=3)  # and Yandex dates it back
    yandex.house.clock.pass_(minutes=20)
    await yandex.poll()
    assert [one[1] for one in await yandex.postings()] == ["assembling", "assembling"]
    yandex.house.clock.pass_(days=40)  # longer than Yandex lists by itself
    await yandex.poll()
    assert [one[:2] for one in await yandex.postings()] == [
        (str(gone), "cancelled"), (str(kept), "assembling"),
    ]  # fmt: skip


async def test_accounts_take_their_own_shops_and_test_orders_only_where_asked(
    yandex: Yandex,
) -> None:
    mine = yandex.fake.place(("A-1", 1, 10))
    other = yandex.fake.place(("A-1", 1, 10), campaign=OTHER_CAMPAIGN)
    trial = yandex.fake.place(("A-1", 1, 10), fake=True)
    first, *_ = yandex.accounts
    named = dict(first.settings)
    yandex.accounts = (
        msgspec.structs.replace(
            first, code="one", settings={**named, "campaigns": str(CAMPAIGN), "test_orders": True}
        ),
        msgspec.structs.replace(
            first, code="two", settings={**named, "campaigns": str(OTHER_CAMPAIGN)}
        ),
    )
    await yandex.poll()
    rows = await yandex.house.rows(
        "SELECT p.posting, a.code FROM posting p JOIN market_account a ON a.id = p.account_id "
        "ORDER BY p.posting"
    )
    assert rows == [(str(mine), "one"), (str(other), "two"), (str(trial), "one")]
    assert await yandex.house.rows("SELECT COUNT(*) FROM customer") == [(2,)]
    # One whose key is not taken any more is heard of, and holds up no other.
    one, two = yandex.accounts
    yandex.accounts = (msgspec.structs.replace(one, settings={**one.settings, "api_key": "x"}), two)
    late = yandex.fake.place(("A-1", 1, 10), campaign=OTHER_CAMPAIGN)
    with pytest.raises(Pause):
        await yandex.poll()
    assert str(late) in [row[0] for row in await yandex.postings()]
    yandex.accounts = (one, two)
    PAUSED.clear()
    express = yandex.fake.place(("A-1", 1, 10), program="EXPRESS")
    await yandex.poll()
    assert await yandex.house.rows(
        "SELECT express FROM posting WHERE posting = {}", str(express)
    ) == [(True,)]


async def test_the_test_of_the_connection_says_what_is_missing(yandex: Yandex) -> None:
    (found,) = await marketplace_yandex.diagnose(yandex.core(), "main")
    assert (found.code, found.is_good, found.numbers) == ("connected", True, {"shops": 2})
    yandex.fake.scopes = ["PRICING", "INVENTORY_AND_ORDER_PROCESSING"]
    first, *_ = yandex.accounts
    yandex.accounts = (
        msgspec.structs.replace(first, settings={**first.settings, "warehouse": "9"}),
    )
    codes = [one.code for one in await marketplace_yandex.diagnose(yandex.core(), "")]
    assert codes == ["connected", "scopes_missing", "warehouse_unknown"]
    yandex.accounts = (
        msgspec.structs.replace(first, settings={**first.settings, "campaigns": "9"}),
    )
    assert [one.code for one in await marketplace_yandex.diagnose(yandex.core(), "")] == [
        "no_shops"
    ]
    yandex.accounts = (
        msgspec.structs.replace(first, settings={**first.settings, "api_key": "old"}),
    )
    with pytest.raises(Pause):
        await marketplace_yandex.diagnose(yandex.core(), "")
    assert "vendor.access_refused" in await yandex.journal()


async def test_no_more_than_three_requests_are_under_way_at_once(yandex: Yandex) -> None:
    inside = [0, 0]
    answer = yandex.way

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            inside[0] += 1
            inside[1] = max(inside)
            for _ in range(5):
                await asyncio.sleep(0)
            inside[0] -= 1
            return await answer.handle_async_request(request)

    WAYS.forget()
    WAYS.transport = Slow()
    await orders.poll(yandex.core())
    way = WAYS.of(yandex.core())[0].yandex
    await asyncio.gather(*(way.some(yandex.core(), [one]) for one in range(1, 20)))
    assert inside[1] == limits.ABREAST


def test_our_limits_are_those_of_the_description() -> None:
    told = msgspec.json.decode(
        (Path(__file__).parents[2] / "data/vendors/yandex-market.json").read_bytes()
    )
    known = {
        one["operationId"]: (method.upper(), one["x-resource-limit-config"])
        for item in told["paths"].values()
        for method, one in item.items()
        if isinstance(one, dict) and "operationId" in one
    }
    seconds = {"hours": limits.HOUR, "minutes": limits.MINUTE}
    for one in limits.ALL:
        method, said = known[one.name]
        assert one.method == method
        assert one.goods == said["path"].startswith("req."), one.name
        limit = said["none"]
        assert (one.amount, one.seconds) == (
            limit["amount"], seconds[limit["period"]] * limit["period-duration"],
        )  # fmt: skip


def test_words_sums_and_moments_of_yandex_are_read_in_every_form() -> None:
    assert mapping.each(Prices(Money(10.0), Money(0.01)), 1) == 1001
    assert [mapping.each(Prices(Money(one)), 1) for one in (0, -5, float("nan"))] == [0, 0, 0]
    assert mapping.each(Prices(Money(10)), 0) == 0
    assert mapping.state_of(Order(status="NEVER_HEARD")) == "unknown"
    assert mapping.state_of(Order(status="UNKNOWN")) == "unknown"
    day = date(2026, 2, 2)
    assert mapping.deadline_of(day, None) == datetime(2026, 2, 2, 20, 59, tzinfo=UTC)
    assert mapping.deadline_of(day, "15:30:00") == datetime(2026, 2, 2, 12, 30, tzinfo=UTC)
    assert mapping.deadline_of(day, "soon") == datetime(2026, 2, 2, 20, 59, tzinfo=UTC)
    text = b'{"orderId": "12", "status": "DELIVERY", "items": [{"id": "1", "count": "2"}], "x": 1}'
    read = msgspec.json.decode(text, type=Order, strict=False)
    assert (read.number, read.items[0].count) == ("12", 2)
