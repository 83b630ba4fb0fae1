"""Wildberries' plugin against the fake that obeys WB's description: orders in, deeds out."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from appliance.plugin_api.core import PAUSED
from appliance.plugin_api.fakes import FakeReply, FakeRequest, said
from appliance.plugin_api.messages import Account
from appliance.plugin_api.outcomes import Pause, Permanent, Retry
from appliance.plugin_api.postings import ReasonsAsked
from plugins import marketplace_wildberries
from plugins.marketplace_wildberries import deeds, returns
from tests.house_fixture import open_test_house
from tests.integration.markets.market import goods, status_of, stock_of
from tests.plugins.marketplace_wildberries.shop import Wildberries


@pytest.fixture
async def wb(tmp_path: Path) -> AsyncIterator[Wildberries]:
    async with open_test_house(tmp_path) as house:
        yield Wildberries(house, hours=24)


@pytest.mark.checklist(50)
async def test_an_order_goes_into_a_supply_gets_its_sticker_and_is_followed_to_its_buyer(
    wb: Wildberries,
) -> None:
    await goods(**{"A-1": 5})
    number, second = wb.fake.place("A-1", "A-1", price=199_050)
    await wb.poll()
    await wb.poll()
    found = await wb.words()
    assert [one[:4] for one in found] == [
        (str(number), "new", "new", "waiting"), (str(second), "new", "new", "waiting"),
    ]  # fmt: skip
    order, other = found[0][4], found[1][4]
    assert await wb.house.rows("SELECT total FROM orders LIMIT 1") == [(199_050,)]
    groups = await wb.house.rows("SELECT DISTINCT group_key FROM posting")
    assert len(groups) == 1  # ten pieces are ten orders of one basket
    assert await stock_of(wb.house, "A-1") == (5000, 2000)

    await wb.wishes(order, "confirm")
    await wb.again(order, "confirm")
    assert (await wb.words())[0][1:3] == ("assembling", "confirm")
    assert len(wb.fake.supplies) == 1
    await wb.wishes(order, "act")
    refused = await wb.house.rows("SELECT wish, wish_error FROM posting WHERE wish <> ''")
    assert refused == [("act", "supply_not_packed")]
    await wb.wishes(order, "label")
    await wb.wishes(order, "label")
    assert (await wb.words())[0][1] == "packed"
    assert await wb.house.rows("SELECT COUNT(*) FROM service_file") == [(1,)]
    await wb.wishes(other, "pack")
    assert [one[1] for one in await wb.words()] == ["packed", "packed"]
    assert len(wb.fake.supplies) == 1
    await wb.wishes(order, "act")
    await wb.again(order, "act")
    await wb.wishes(other, "act")
    assert [one[1:3] for one in await wb.words()] == [("handed_over", "complete")] * 2
    assert await wb.house.rows("SELECT COUNT(*) FROM service_file") == [(3,)]

    wb.fake.move(number, "ready_for_pickup")
    await wb.poll()
    assert (await wb.words())[0][1] == "ready_for_pickup"
    assert await status_of(wb.house, str(number)) == "delivering"
    wb.fake.move(number, "sold")
    wb.fake.move(second, "canceled_by_client")
    await wb.poll()
    assert await status_of(wb.house, str(number)) == "complete"
    assert [one[1] for one in await wb.words()] == ["delivered", "returning"]
    assert await stock_of(wb.house, "A-1") == (4000, 1000)  # one comes back


async def test_codes_come_before_packing_and_wb_checks_them_for_a_while(wb: Wildberries) -> None:
    (number,) = wb.fake.place("A-1", required=("sgtin",))
    await wb.poll()
    order = (await wb.words())[0][4]
    await wb.wishes(order, "pack")
    assert await wb.wished() == ("pack", "codes_missing")
    assert (await wb.words())[0][1] == "assembling"
    await wb.scan("mark:0104600000000000215abc")
    with pytest.raises(Retry, match="codes_being_checked"):
        await wb.wishes(order, "codes")
    await wb.wishes(order, "act")
    wb.house.clock.pass_(seconds=30)
    await wb.again(order, "codes")
    await wb.wishes(order, "codes")
    assert await wb.wished() == ("", "")
    await wb.wishes(order, "pack")
    assert (await wb.words())[0][1] == "packed"
    puts = [one for one in wb.fake.requests if one.method == "PUT"]
    assert len(puts) == 1  # what WB holds already is not told again
    await wb.wishes(order, "act")
    assert wb.fake.orders[number]["_supplier"] == "complete"


async def test_a_code_of_a_wrong_form_is_refused_and_can_be_mended(wb: Wildberries) -> None:
    wb.fake.place("A-1", required=("uin",))
    await wb.poll()
    order = (await wb.words())[0][4]
    await wb.scan("uin:9999999999999999")
    with pytest.raises(Retry):
        await wb.wishes(order, "codes")
    wb.house.clock.pass_(seconds=30)
    await wb.again(order, "codes")
    assert await wb.wished() == ("codes", "codes_refused")
    with pytest.raises(Retry):  # wished anew: registers learn of codes late
        await wb.wishes(order, "codes")
    await wb.scan("uin:1234567890123456")
    with pytest.raises(Retry):
        await wb.wishes(order, "codes")
    wb.house.clock.pass_(seconds=30)
    await wb.again(order, "codes")
    assert await wb.wished() == ("", "")


async def test_an_order_is_cancelled_as_long_as_wb_lets_it_be(wb: Wildberries) -> None:
    number, late = wb.fake.place("A-1", "A-1")
    await wb.poll()
    order, other = (one[4] for one in await wb.words())
    await wb.wishes(order, "cancel", reason="seller")
    await wb.again(order, "cancel")
    assert await status_of(wb.house, str(number)) == "cancel-other"
    await wb.wishes(other, "label")
    await wb.wishes(other, "act")
    wb.fake.move(late, "sorted")
    await wb.wishes(other, "cancel", reason="seller")
    refused = await wb.house.rows("SELECT wish, wish_error FROM posting WHERE wish <> ''")
    assert refused == [("cancel", "cancel_not_now")]
    assert (await wb.words())[1][1] == "in_transit"


async def test_a_supply_whose_answer_was_lost_is_found_again_by_its_name(wb: Wildberries) -> None:
    wb.fake.place("A-1", "A-1")
    await wb.poll()
    order, other = (one[4] for one in await wb.words())
    take = wb.fake.take

    def lose(request):  # type: ignore[no-untyped-def]
        if request.path == "/api/v3/supplies" and request.method == "POST":
            wb.fake.fail("lost")
            wb.fake.take = take  # type: ignore[method-assign]
        return take(request)

    wb.fake.take = lose  # type: ignore[method-assign]
    with pytest.raises(Pause):
        await wb.wishes(order, "confirm")
    PAUSED.clear()
    await wb.again(order, "confirm")
    assert len(wb.fake.supplies) == 1
    # Somebody hands it over in WB's cabinet: the next order begins another.
    (supply,) = wb.fake.supplies.values()
    supply["done"] = True
    await wb.wishes(other, "confirm")
    assert len(wb.fake.supplies) == 2


async def test_what_wb_answers_wrongly_loses_nothing(wb: Wildberries) -> None:
    wb.fake.place("A-1")
    if wb.checked is not None:
        wb.checked.trouble = True
    for trouble, error in (
        ("down", Pause), ("slow", Pause), ("failing", Pause), ("html", Retry),
        ("garbled", Retry), ("error_in_200", Retry), ("too_many", Pause),
    ):  # fmt: skip
        wb.fake.fail(trouble)  # type: ignore[arg-type]
        with pytest.raises(error):
            await wb.poll()
        assert await wb.words() == []
        wb.house.clock.pass_(hours=1)
        PAUSED.clear()
    await wb.poll()
    assert len(await wb.words()) == 1


async def test_an_order_taken_into_work_at_wb_comes_with_the_codes_it_needs(
    wb: Wildberries,
) -> None:
    await wb.poll()
    (number,) = wb.fake.place("A-1", required=("sgtin",))
    wb.fake.move(number, "waiting", "confirm")  # within the minute, in WB's cabinet
    await wb.poll()
    ((posting, state, *_),) = await wb.words()
    assert (posting, state) == (str(number), "assembling")
    assert await wb.house.rows("SELECT requires FROM posting_line") == [('["mark"]',)]
    ((actions,),) = await wb.house.rows("SELECT actions FROM posting")
    assert actions == '["pack","codes","label","act","cancel"]'


async def test_an_order_that_was_lost_on_the_way_is_put_into_a_new_supply(wb: Wildberries) -> None:
    (number,) = wb.fake.place("A-1")
    await wb.poll()
    order = (await wb.words())[0][4]
    for deed in ("pack", "act"):
        await wb.wishes(order, deed)
    wb.fake.again.add(number)
    await wb.poll()
    assert (await wb.words())[0][1:3] == ("packed", "complete")
    await wb.wishes(order, "confirm")
    assert wb.fake.orders[number]["_supplier"] == "confirm"
    assert len(wb.fake.supplies) == 2
    assert (await wb.words())[0][1:3] == ("packed", "confirm")
    await wb.wishes(order, "act")
    assert (await wb.words())[0][1:3] == ("handed_over", "complete")


async def test_new_words_fields_and_numbers_as_strings_lose_no_order(wb: Wildberries) -> None:
    odd, plain, nameless = wb.fake.place("A-1", "A-1", "A-1", price=0)
    wb.fake.orders[plain].update(
        price="199000", nmId=str(wb.fake.card("A-1")), offices=None, novelty={"x": 1}
    )
    wb.fake.orders[nameless].update(article="", skus=[])
    if wb.checked is not None:
        wb.checked.trouble = True
    await wb.poll()
    assert len(await wb.words()) == 3
    totals = await wb.house.rows("SELECT total FROM orders ORDER BY number")
    assert sorted(row[0] for row in totals) == [0, 0, 199_000]
    wb.fake.move(odd, "weighed_by_robots")
    await wb.poll()
    await wb.poll()
    assert (await wb.words())[0][1:4] == ("new", "new", "weighed_by_robots")
    assert (await wb.journal()).count("status_unknown") == 1


async def test_what_came_back_to_the_seller_is_told_by_the_report(wb: Wildberries) -> None:
    (number,) = wb.fake.place("A-1")
    await wb.poll()
    order = (await wb.words())[0][4]
    for deed in ("pack", "act"):
        await wb.wishes(order, deed)
    wb.fake.move(number, "canceled_by_client")
    await wb.poll()
    assert (await wb.words())[0][1] == "returning"
    await returns.read(wb.core())
    assert (await wb.words())[0][1] == "returning"
    wb.fake.do_bring_back(str(number))
    wb.fake.no_reports = True
    for _ in range(2):
        await returns.read(wb.core())
    assert (await wb.journal()).count("returns_closed") == 1
    wb.fake.no_reports = False
    for _ in range(2):
        wb.house.clock.pass_(hours=1)
        await returns.read(wb.core())
    assert (await wb.words())[0][1] == "returned"
    await wb.poll(60 * 25)
    assert (await wb.words())[0][1] == "returned"


async def test_what_was_over_before_the_box_came_is_no_work_of_it(wb: Wildberries) -> None:
    over, going = wb.fake.place("A-1", "A-1")
    wb.fake.move(over, "sold", "complete")
    wb.fake.move(going, "sorted", "complete")
    wb.house.clock.pass_(days=40)
    await wb.poll()
    assert [one[0] for one in await wb.words()] == [str(going)]


async def test_one_account_that_is_refused_does_not_stop_another_and_the_token_tells_its_end(
    tmp_path: Path,
) -> None:
    async with open_test_house(tmp_path) as house:
        wb = Wildberries(house, ("main", "second"))
        stale = dict(wb.accounts[0].settings) | {"token": "old"}
        wb.accounts = (Account("main", "", stale), wb.accounts[1])
        wb.fake.place("A-1")
        with pytest.raises(Pause):
            await wb.poll()
        assert len(await wb.words()) == 1
        PAUSED.clear()
        core = wb.core()
        wb.accounts = (msgspec.structs.replace(wb.accounts[1], code="first"), wb.accounts[1])
        wb.fake.place("A-1")
        take = wb.fake.take

        def refuse(request: FakeRequest) -> FakeReply:
            if request.path != "/api/v3/orders":
                return take(request)
            wb.fake.take = take  # type: ignore[method-assign]
            return said({"code": "IncorrectRequest", "message": "no"}, 400)

        wb.fake.take = refuse  # type: ignore[method-assign]
        with pytest.raises(Permanent, match="wb_incorrectrequest"):
            await wb.poll()
        assert len(await wb.words()) == 2
        with pytest.raises(Pause):
            await marketplace_wildberries.diagnose(core, "main")
        (found,) = await marketplace_wildberries.diagnose(core, "second")
        assert (found.code, found.is_good, found.numbers["days"]) == ("key_days", True, 179)
        asked = len(wb.fake.requests)
        house.clock.pass_(days=170)
        await marketplace_wildberries.keys(core)
        assert len(wb.fake.requests) == asked  # WB forbids its test by a timetable
        assert (await wb.journal())[-1] == "key_ends"
        ends = await house.rows("SELECT account, key_until FROM plugin_standing ORDER BY account")
        assert [one[0] for one in ends if one[1]] == ["second"]
        wrong = dict(wb.accounts[1].settings) | {"warehouse": "77"}
        wb.accounts = (Account("second", "", wrong),)
        found = await marketplace_wildberries.diagnose(wb.core(), "")
        assert [one.code for one in found] == ["warehouse_wrong", "key_days"]


async def test_reasons_are_what_wb_has_of_them(wb: Wildberries) -> None:
    dear, free = wb.fake.place("A-1", "A-1")
    wb.fake.orders[free]["isZeroOrder"] = True
    await wb.poll()
    for number, code in ((dear, "seller"), (free, "zero")):
        asked = ReasonsAsked(account="main", posting=str(number))
        said = await deeds.reasons(asked, wb.core())
        assert [one.code for one in said.reasons] == [code]
