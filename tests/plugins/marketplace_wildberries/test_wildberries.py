"""Wildberries' plugin against the fake that obeys WB's description: orders in, deeds out."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from appliance.plugin_api.core import PAUSED
from appliance.plugin_api.outcomes import Pause, Retry
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
    found = await wb.postings()
    assert [one[:4] for one in found] == [
        (str(number), "new", "new", "waiting"), (str(second), "new", "new", "waiting"),
    ]  # fmt: skip
    order, other = found[0][4], found[1][4]
    assert await wb.house.rows("SELECT total FROM orders LIMIT 1") == [(199_050,)]
    groups = await wb.house.rows("SELECT DISTINCT group_key FROM posting")
    assert len(groups) == 1  # ten pieces are ten orders of one basket
    assert await stock_of(wb.house, "A-1") == (5000, 2000)

    await wb.wish(order, "confirm")
    await wb.hear(order, "confirm")
    assert (await wb.postings())[0][1:3] == ("assembling", "confirm")
    assert len(wb.fake.supplies) == 1
    await wb.wish(order, "act")
    refused = await wb.house.rows("SELECT wish, wish_error FROM posting WHERE wish <> ''")
    assert refused == [("act", "supply_not_packed")]
    await wb.wish(order, "label")
    await wb.wish(order, "label")
    assert (await wb.postings())[0][1] == "packed"
    assert await wb.house.rows("SELECT COUNT(*) FROM service_file") == [(1,)]
    await wb.wish(other, "pack")
    assert [one[1] for one in await wb.postings()] == ["packed", "packed"]
    assert len(wb.fake.supplies) == 1
    await wb.wish(order, "act")
    await wb.hear(order, "act")
    await wb.wish(other, "act")
    assert [one[1:3] for one in await wb.postings()] == [("handed_over", "complete")] * 2
    assert await wb.house.rows("SELECT COUNT(*) FROM service_file") == [(3,)]

    wb.fake.move(number, "ready_for_pickup")
    await wb.poll()
    assert (await wb.postings())[0][1] == "ready_for_pickup"
    assert await status_of(wb.house, str(number)) == "delivering"
    wb.fake.move(number, "sold")
    wb.fake.move(second, "canceled_by_client")
    await wb.poll()
    assert await status_of(wb.house, str(number)) == "complete"
    assert [one[1] for one in await wb.postings()] == ["delivered", "returning"]
    assert await stock_of(wb.house, "A-1") == (4000, 1000)  # one comes back


async def test_codes_come_before_packing_and_wb_checks_them_for_a_while(wb: Wildberries) -> None:
    (number,) = wb.fake.place("A-1", required=("sgtin",))
    await wb.poll()
    order = (await wb.postings())[0][4]
    await wb.wish(order, "pack")
    assert await wb.wished() == ("pack", "codes_missing")
    assert (await wb.postings())[0][1] == "assembling"
    await wb.scan("mark:0104600000000000215abc")
    with pytest.raises(Retry, match="codes_being_checked"):
        await wb.wish(order, "codes")
    await wb.wish(order, "act")
    wb.house.clock.pass_(seconds=30)
    await wb.hear(order, "codes")
    await wb.wish(order, "codes")
    assert await wb.wished() == ("", "")
    await wb.wish(order, "pack")
    assert (await wb.postings())[0][1] == "packed"
    puts = [one for one in wb.fake.requests if one.method == "PUT"]
    assert len(puts) == 1  # what WB holds already is not told again
    await wb.wish(order, "act")
    assert wb.fake.orders[number]["_supplier"] == "complete"


async def test_a_code_of_a_wrong_form_is_refused_and_can_be_mended(wb: Wildberries) -> None:
    wb.fake.place("A-1", required=("uin",))
    await wb.poll()
    order = (await wb.postings())[0][4]
    await wb.scan("uin:9999999999999999")
    with pytest.raises(Retry):
        await wb.wish(order, "codes")
    wb.house.clock.pass_(seconds=30)
    await wb.hear(order, "codes")
    assert await wb.wished() == ("codes", "codes_refused")
    with pytest.raises(Retry):  # wished anew: registers learn of codes late
        await wb.wish(order, "codes")
    await wb.scan("uin:1234567890123456")
    with pytest.raises(Retry):
        await wb.wish(order, "codes")
    wb.house.clock.pass_(seconds=30)
    await wb.hear(order, "codes")
    assert await wb.wished() == ("", "")


async def test_an_order_is_cancelled_as_long_as_wb_lets_it_be(wb: Wildberries) -> None:
    number, late = wb.fake.place("A-1", "A-1")
    await wb.poll()
    order, other = (one[4] for one in await wb.postings())
    await wb.wish(order, "cancel", reason="seller")
    await wb.hear(order, "cancel")
    assert await status_of(wb.house, str(number)) == "cancel-other"
    await wb.wish(other, "label")
    await wb.wish(other, "act")
    wb.fake.move(late, "sorted")
    await wb.wish(other, "cancel", reason="seller")
    refused = await wb.house.rows("SELECT wish, wish_error FROM posting WHERE wish <> ''")
    assert refused == [("cancel", "cancel_not_now")]
    assert (await wb.postings())[1][1] == "in_transit"


async def test_a_supply_whose_answer_was_lost_is_found_again_by_its_name(wb: Wildberries) -> None:
    wb.fake.place("A-1", "A-1")
    await wb.poll()
    order, other = (one[4] for one in await wb.postings())
    take = wb.fake.take

    def lose(request):  # type: ignore[no-untyped-def]
        if request.path == "/api/v3/supplies" and request.method == "POST":
            wb.fake.fail("lost")
            wb.fake.take = take  # type: ignore[method-assign]
        return take(request)

    wb.fake.take = lose  # type: ignore[method-assign]
    with pytest.raises(Pause):
        await wb.wish(order, "confirm")
    PAUSED.clear()
    await wb.hear(order, "confirm")
    assert len(wb.fake.supplies) == 1
    # Somebody hands it over in WB's cabinet: the next order begins another.
    (supply,) = wb.fake.supplies.values()
    supply["done"] = True
    await wb.wish(other, "confirm")
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
        assert await wb.postings() == []
        wb.house.clock.pass_(hours=1)
        PAUSED.clear()
    await wb.poll()
    assert len(await wb.postings()) == 1
