"""Ozon's plugin against the fake that obeys Ozon's description: orders in, deeds out."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from appliance.plugin_api.core import PAUSED
from appliance.plugin_api.fakes import said
from appliance.plugin_api.hooks import RouteRequest
from appliance.plugin_api.outcomes import Pause, Retry
from plugins import marketplace_ozon
from plugins.marketplace_ozon import client, mapping, orders
from plugins.marketplace_ozon.fake_shop import PUSH_KEY
from plugins.marketplace_ozon.pushes import pushed
from plugins.marketplace_ozon.shapes import Money, Posting
from tests.house_fixture import open_test_house
from tests.integration.markets.market import goods, status_of, stock_of
from tests.integration.operators import marked
from tests.plugins.marketplace_ozon.shop import Ozon


@pytest.fixture
async def ozon(tmp_path: Path) -> AsyncIterator[Ozon]:
    async with open_test_house(tmp_path) as house:
        yield Ozon(house)


async def rows(ozon: Ozon) -> list[tuple[object, ...]]:
    return await ozon.house.rows(
        "SELECT posting, state, raw_status, order_number FROM posting ORDER BY posting"
    )


@pytest.mark.checklist(50)
async def test_a_posting_is_packed_labelled_and_followed_to_its_buyer(ozon: Ozon) -> None:
    await goods(**{"A-1": 5})
    (number,) = ozon.fake.place(("A-1", 2, "1990.50"))
    await ozon.poll()
    await ozon.poll()
    ((posting, state, raw, order),) = await rows(ozon)
    assert (posting, state, raw) == (number, "assembling", "awaiting_packaging")
    assert await ozon.house.rows("SELECT total FROM orders") == [(398_100,)]
    assert await stock_of(ozon.house, "A-1") == (5000, 2000)

    await ozon.wish(order, "pack")  # type: ignore[arg-type]
    await ozon.hear(order, "pack")  # type: ignore[arg-type]
    await ozon.wish(order, "pack")  # type: ignore[arg-type]  # nobody heard that it was done
    assert ozon.fake.postings[number]["status"] == "awaiting_deliver"
    assert (await rows(ozon))[0][1] == "packed"
    assert await ozon.house.rows("SELECT wish, wish_error FROM posting") == [("", "")]
    assert ozon.times("/v4/posting/fbs/ship") == 1

    with pytest.raises(Retry, match="label_not_ready"):
        await ozon.wish(order, "label")  # type: ignore[arg-type]
    ozon.house.clock.pass_(seconds=55)
    await ozon.hear(order, "label")  # type: ignore[arg-type]
    await ozon.wish(order, "label")  # type: ignore[arg-type]
    assert await ozon.house.rows("SELECT COUNT(*) FROM service_file") == [(1,)]
    with pytest.raises(Retry, match="act_not_ready"):
        await ozon.wish(order, "act")  # type: ignore[arg-type]
    ozon.house.clock.pass_(seconds=55)
    await ozon.hear(order, "act")  # type: ignore[arg-type]
    assert len(ozon.fake.carriages) == 1
    assert await ozon.house.rows("SELECT COUNT(*) FROM service_file") == [(2,)]

    ozon.fake.move(number, "delivering", "posting_in_pickup_point")
    ozon.house.clock.pass_(minutes=1)
    await ozon.poll()
    assert (await rows(ozon))[0][1] == "ready_for_pickup"
    assert await status_of(ozon.house, number) == "delivering"
    ozon.fake.move(number, "delivered", "posting_received")
    ozon.house.clock.pass_(minutes=1)
    await ozon.hear(order, "look")  # type: ignore[arg-type]
    assert await status_of(ozon.house, number) == "complete"
    assert await stock_of(ozon.house, "A-1") == (3000, 0)


async def test_200_is_not_packed_and_a_split_makes_children(ozon: Ozon) -> None:
    await goods(**{"A-1": 3})
    (number,) = ozon.fake.place(("A-1", 3, "10"))
    ozon.fake.ship_fails = 1
    ozon.fake.splits = True
    await ozon.poll()
    order = (await rows(ozon))[0][3]
    with pytest.raises(Retry, match="ship_failed"):
        await ozon.wish(order, "pack")  # type: ignore[arg-type]
    await ozon.hear(order, "pack")  # type: ignore[arg-type]
    found = await rows(ozon)
    assert [(one[0], one[1]) for one in found] == [
        (number, "packed"), (f"{number[:-1]}2", "packed"),
    ]  # fmt: skip
    assert await stock_of(ozon.house, "A-1") == (3000, 3000)
    assert await ozon.house.rows("SELECT COUNT(*) FROM posting WHERE short = {}", True) == [(0,)]


async def test_two_boxes_become_two_postings_of_one_basket(ozon: Ozon) -> None:
    await goods(**{"A-1": 3, "B-2": 1})
    (number,) = ozon.fake.place(("A-1", 2, "10"), ("B-2", 1, "5"))
    await ozon.poll()
    order = (await rows(ozon))[0][3]
    await ozon.wish(order, "pack", boxes="2")  # type: ignore[arg-type]
    assert [one[:2] for one in await rows(ozon)] == [
        (number, "packed"), (f"{number[:-1]}2", "packed"),
    ]  # fmt: skip
    shipped = next(one for one in ozon.fake.requests if one.path == "/v4/posting/fbs/ship")
    told = shipped.json()["packages"]
    assert [sum(x["quantity"] for x in one["products"]) for one in told] == [2, 1]


async def test_codes_come_before_packing_and_a_cancellation_needs_its_reason(ozon: Ozon) -> None:
    (number,) = ozon.fake.place(("A-1", 1, "10"), requires_mark=True)
    await ozon.poll()
    order = (await rows(ozon))[0][3]
    await ozon.wish(order, "pack")  # type: ignore[arg-type]
    refused = await ozon.house.rows("SELECT wish, wish_error FROM posting")
    assert refused == [("pack", "codes_missing")]

    # Nobody scanned it here: the operator who packs told it.
    ((order_id,),) = await ozon.house.rows("SELECT id FROM orders")
    await marked.told(ozon.house, order_id, "0104600000000000215abc")  # type: ignore[arg-type]
    await ozon.wish(order, "codes")  # type: ignore[arg-type]
    await ozon.wish(order, "pack")  # type: ignore[arg-type]
    assert ozon.fake.postings[number]["status"] == "awaiting_deliver"
    await ozon.wish(order, "cancel", reason="402")  # type: ignore[arg-type]
    refused = await ozon.house.rows("SELECT wish, wish_error FROM posting")
    assert refused == [("cancel", "cancel_needs_words")]
    await ozon.wish(order, "cancel", reason="352", message="нет в наличии")  # type: ignore[arg-type]
    await ozon.hear(order, "cancel")  # type: ignore[arg-type]
    await ozon.wish(order, "cancel", reason="352")  # type: ignore[arg-type]
    assert ozon.times("/v2/posting/fbs/cancel") == 1
    assert await status_of(ozon.house, number) == "cancel-other"
    assert await stock_of_nothing(ozon)


async def stock_of_nothing(ozon: Ozon) -> bool:
    return await ozon.house.rows("SELECT COUNT(*) FROM stock_movement") == [(0,)]


async def test_what_ozon_answers_wrongly_loses_nothing(ozon: Ozon) -> None:
    ozon.fake.place(("A-1", 1, "10"))
    if ozon.checked is not None:
        ozon.checked.trouble = True
    for trouble, error in (
        ("down", Pause), ("slow", Pause), ("failing", Pause), ("html", Retry),
        ("garbled", Retry), ("error_in_200", Retry), ("too_many", Pause),
    ):  # fmt: skip
        ozon.fake.fail(trouble)  # type: ignore[arg-type]
        with pytest.raises(error):
            await ozon.poll()
        assert await rows(ozon) == []
        ozon.house.clock.pass_(hours=1)
        PAUSED.clear()
    await ozon.poll()
    assert len(await rows(ozon)) == 1


async def test_new_words_and_lines_without_sense_stand_in_the_journal(ozon: Ozon) -> None:
    (odd,) = ozon.fake.place(("A-1", 1, "0"))
    (empty,) = ozon.fake.place(("A-1", 1, "10"))
    ozon.fake.postings[empty]["products"] = []
    await ozon.poll()
    assert [one[0] for one in await rows(ozon)] == [odd]
    assert await ozon.house.rows("SELECT total FROM orders") == [(0,)]
    ozon.fake.move(odd, "weighing_on_the_moon", "posting_floats")
    ozon.house.clock.pass_(minutes=2)
    await ozon.poll()
    assert (await rows(ozon))[0][1:3] == ("assembling", "weighing_on_the_moon")
    codes = await ozon.journal()
    assert codes.count("posting_refused") == 1
    assert codes.count("status_unknown") == 1


async def test_fields_gone_or_new_and_numbers_as_strings_lose_no_order(ozon: Ozon) -> None:
    await goods(**{"A-1": 5})
    (number,) = ozon.fake.place(("A-1", 2, "10"), ("Z-9", 1, "7"))
    if ozon.checked is not None:
        ozon.checked.trouble = True
    one = ozon.fake.postings[number]
    one |= {"order_id": "7", "cancellation": None, "tracking_number": None, "novelty": {"x": [1]}}
    one["products"][0] |= {"quantity": "2", "sku": str(one["products"][0]["sku"])}
    for field in ("requirements", "delivery_method", "in_process_at"):
        del one[field]
    await ozon.poll()
    assert [row[:2] for row in await rows(ozon)] == [(number, "assembling")]
    assert await ozon.house.rows("SELECT total FROM orders") == [(2700,)]
    assert await stock_of(ozon.house, "A-1") == (5000, 2000)


async def test_a_circle_that_is_open_is_waited_for_whatever_its_status(ozon: Ozon) -> None:
    ozon.fake.place(("A-1", 1, "10"))
    if ozon.checked is not None:
        ozon.checked.trouble = True
    take = ozon.fake.take
    ozon.fake.take = lambda _: said(  # type: ignore[method-assign]
        {"code": 9, "message": "Circle is open, try later"}, 400
    )
    with pytest.raises(Pause) as paused:
        await ozon.poll()
    assert (paused.value.seconds, paused.value.account) == (300, "main")
    ozon.fake.take = take  # type: ignore[method-assign]
    PAUSED.clear()
    await ozon.poll()
    assert len(await rows(ozon)) == 1


async def test_returns_of_many_pages_are_read_to_the_last(
    ozon: Ozon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "RETURNS_PAGE", 2)
    numbers = [ozon.fake.place(("A-1", 1, "10"))[0] for _ in range(5)]
    await ozon.poll()
    ozon.house.clock.pass_(minutes=1)
    for one in numbers:
        ozon.fake.move(one, "delivering")
        ozon.fake.cancelled(one, "Не забрал")
    await ozon.poll()
    for one in numbers:
        ozon.fake.do_bring_back(one)
    await orders.returns(ozon.core())
    assert [row[1] for row in await rows(ozon)] == ["returned"] * 5


async def test_a_push_is_a_hint_however_often_and_from_wherever_it_comes(ozon: Ozon) -> None:
    (number,) = ozon.fake.place(("A-1", 1, "10"))
    ozon.fake.copies, ozon.fake.reorder = 5, True
    core = ozon.core()

    async def send(key: str, body: bytes, address: str = "195.34.21.7") -> int:
        request = RouteRequest(route="push", method="POST", rest=key, body=body, address=address)
        return (await pushed(request, core)).status

    for push in ozon.fake.pushes():
        assert await send(push.path.rpartition("/")[2], push.body) == 200
    assert await send("guessed", b"{}") == 404
    assert await send(PUSH_KEY, b'{"message_type": "TYPE_PING"}', "93.184.216.34") == 403
    assert (await ozon.journal()).count("vendor.push_foreign") == 1  # an hour: nobody floods it
    assert await send(PUSH_KEY, b"<html>") == 400
    assert await send(PUSH_KEY, b'{"message_type": "TYPE_PING"}') == 200
    assert await rows(ozon) == []
    await orders.hinted(core)
    await orders.hinted(core)
    assert [one[0] for one in await rows(ozon)] == [number]
    lie = {"message_type": "TYPE_STATE_CHANGED", "posting_number": "0-0-0", "seller_id": 104422}
    assert await send(PUSH_KEY, msgspec.json.encode(lie)) == 200
    await orders.hinted(core)
    assert len(await rows(ozon)) == 1


async def test_what_was_missed_for_days_is_found_by_the_daily_look(ozon: Ozon) -> None:
    gone, kept = ozon.fake.place(("A-1", 1, "10"), parts=2)
    await ozon.poll()
    ozon.fake.cancelled(gone, "Покупатель передумал")
    ozon.fake.postings[gone]["changed_at"] -= timedelta(days=3)  # and Ozon dates it back
    ozon.house.clock.pass_(minutes=20)
    await ozon.poll()
    assert [one[1] for one in await rows(ozon)] == ["assembling", "assembling"]
    ozon.house.clock.pass_(hours=24)
    await ozon.poll()
    assert [one[:2] for one in await rows(ozon)] == [(gone, "cancelled"), (kept, "assembling")]
    ozon.fake.move(kept, "delivering")
    ozon.fake.cancelled(kept, "Не забрал")
    ozon.house.clock.pass_(minutes=1)
    await ozon.poll()
    assert (await rows(ozon))[1][1] == "returning"
    ozon.fake.do_bring_back(kept)
    # What stays with Ozon is never put back on the shelf; it is said once.
    status = ozon.fake.returns[0]["visual"]["status"]
    status["sys_name"] = "Utilized"
    for _ in range(2):
        await orders.returns(ozon.core())
    assert (await rows(ozon))[1][1] == "returning"
    assert (await ozon.journal()).count("return_lost") == 1
    status["sys_name"] = "ReturnedToSeller"
    await orders.returns(ozon.core())
    assert (await rows(ozon))[1][1] == "returned"


@pytest.mark.checklist(9)
async def test_a_part_that_a_client_returned_is_marked_at_its_line_alone(ozon: Ozon) -> None:
    await goods(**{"A-1": 5, "B-2": 5})
    (number,) = ozon.fake.place(("A-1", 3, "10"), ("B-2", 1, "20"))
    await ozon.poll()
    ozon.fake.move(number, "delivering")
    ozon.fake.move(number, "delivered")
    ozon.house.clock.pass_(minutes=1)
    await ozon.poll()
    before = [await stock_of(ozon.house, one) for one in ("A-1", "B-2")]
    assert before == [(2000, 0), (4000, 0)]
    ozon.fake.do_bring_back(number, "A-1", "1")
    for _ in range(2):  # told again, it is the same piece
        await orders.returns(ozon.core())
    assert await _back(ozon) == [("A-1", 1), ("B-2", 0)]
    assert (await rows(ozon))[0][1] == "delivered"
    drafts = "SELECT kind, state FROM stock_document ORDER BY number"
    assert await ozon.house.rows(drafts) == [("return", "draft")]
    # The first is out of the week that is asked for; Ozon is asked of all that came back.
    ozon.house.clock.pass_(days=8)
    ozon.fake.do_bring_back(number, "A-1", "1")
    await orders.returns(ozon.core())
    assert await _back(ozon) == [("A-1", 2), ("B-2", 0)]
    ozon.fake.do_bring_back(number, "A-1", "1")
    ozon.fake.do_bring_back(number, "B-2")
    await orders.returns(ozon.core())
    assert await _back(ozon) == [("A-1", 3), ("B-2", 1)]
    assert (await rows(ozon))[0][1] == "returned"
    assert await ozon.house.rows(drafts) == [("return", "draft")] * 3
    # Goods wait for a person in documents: no status of the order puts them on the shelf.
    assert [await stock_of(ozon.house, one) for one in ("A-1", "B-2")] == before
    assert await ozon.house.rows("SELECT COUNT(*) FROM task") == [(3,)]


async def _back(ozon: Ozon) -> list[tuple[object, ...]]:
    return await ozon.house.rows(
        "SELECT o.article, l.returned FROM posting_line l JOIN market_offer o ON o.id = l.offer_id "
        "ORDER BY o.article"
    )


async def test_a_key_is_tried_and_its_end_is_told_two_weeks_before(ozon: Ozon) -> None:
    core = ozon.core()
    (found,) = await marketplace_ozon.diagnose(core, "main")
    assert (found.code, found.is_good, found.numbers) == ("key_days", True, {"days": 180})
    ozon.house.clock.pass_(days=170)
    await marketplace_ozon.keys(core)
    assert await ozon.journal() == ["key_ends"]
    ozon.house.clock.pass_(days=11)
    with pytest.raises(Pause):
        await marketplace_ozon.diagnose(core, "main")


def test_words_and_prices_of_ozon_are_read_in_every_form() -> None:
    assert mapping.kopecks("1990.50") == mapping.kopecks(Money("1990.50", "RUB")) == 199_050
    assert [mapping.kopecks(one) for one in ("", None, "free", "-5", "nan", "19,5")] == [
        0, 0, 0, 0, 0, 1950,
    ]  # fmt: skip
    assert mapping.state_of(Posting(status="never_heard")) == "unknown"
    text = b'{"status": "delivering", "products": [{"sku": "12", "quantity": "2"}], "new": 1}'
    read = msgspec.json.decode(text, type=Posting, strict=False)
    assert (read.products[0].sku, read.products[0].quantity) == (12, 2)
