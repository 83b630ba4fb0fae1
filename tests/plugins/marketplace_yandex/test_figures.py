"""How much and how fast: waiting orders, figures of stock, prices, hours without Yandex."""

import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from appliance.plugin_api.core import PAUSED
from appliance.plugin_api.outcomes import Pause, Retry
from plugins.marketplace_yandex import asking, limits, orders, stock
from plugins.marketplace_yandex.fake_shop import CAMPAIGN
from tests.house_fixture import open_test_house
from tests.integration.markets.market import goods, stock_of
from tests.plugins.marketplace_yandex.shop import Yandex


@pytest.fixture
async def yandex(tmp_path: Path) -> AsyncIterator[Yandex]:
    async with open_test_house(tmp_path) as house:
        yield Yandex(house)


@pytest.mark.checklist(50)
async def test_waiting_orders_come_in_once_within_yandex_limits(yandex: Yandex) -> None:
    waiting = 300
    """A part of what the issue names; `scripts/bench` times all of it."""
    await goods(**{"A-1": 3000})
    for _ in range(waiting):
        yandex.fake.place(("A-1", 1, 10))
    began = time.perf_counter()
    await yandex.poll()
    took = time.perf_counter() - began
    yandex.house.clock.pass_(minutes=1)
    await yandex.poll()
    assert await yandex.house.rows("SELECT COUNT(*) FROM orders") == [(waiting,)]
    assert took + yandex.waited < 180 * waiting / 5000


@pytest.mark.checklist(10)
async def test_figures_go_as_they_are_and_one_bad_row_holds_up_no_other(yandex: Yandex) -> None:
    articles = [f"A-{n}" for n in range(40)]
    await goods(**dict.fromkeys(articles, 7))
    for one in articles:
        yandex.fake.offer(one)
    await yandex.catalogue()
    gone = yandex.fake.offers.pop("A-13")
    await yandex.send()
    assert set(yandex.fake.stock.values()) == {7}
    assert set(articles) - set(yandex.fake.stock) == {"A-13"}
    assert (await yandex.journal()).count("stock_refused") == 1
    # The same good changes five times; Yandex hears of it once, of the last figure.
    told = len(yandex.fake.told)
    for amount in (6, 5, 4, 3, 2):
        await goods(**{"A-1": amount})
    await yandex.send()
    assert [one[:2] for one in yandex.fake.told[told:]] == [("A-1", 2)]
    yandex.fake.offers["A-13"] = gone
    yandex.house.clock.pass_(hours=2)
    await yandex.send()
    assert yandex.fake.stock["A-13"] == 7


async def test_two_accounts_of_one_token_share_its_limits_and_less_than_nothing_is_none(
    yandex: Yandex,
) -> None:
    await goods(**{"A-1": 2})
    first, *_ = yandex.accounts
    yandex.accounts = (first, msgspec.structs.replace(first, code="two"))
    yandex.fake.offer("A-1")
    await yandex.catalogue()

    async def short() -> None:
        from appliance.storage.statements import execute  # noqa: PLC0415

        await execute("UPDATE stock SET reserved_milli = on_hand_milli + {}", 3000)

    await yandex.house.write(short)
    stocks = asking.LIMITS.paces[limits.STOCKS.name] = yandex.pace(2, 60.0)
    await yandex.send()
    assert yandex.fake.stock == {"A-1": 0}
    # Two requests and two looks whether there is more: four turns at two a minute.
    assert yandex.waited == pytest.approx(60, abs=1)
    assert stocks is asking.LIMITS.of(limits.STOCKS)


async def test_a_cabinet_with_groups_of_warehouses_is_told_by_shop(yandex: Yandex) -> None:
    await goods(**{"A-1": 7})
    yandex.fake.offer("A-1")
    first, *_ = yandex.accounts
    settings = {**first.settings, "stock_by": "shop", "campaigns": str(CAMPAIGN), "warehouse": ""}
    yandex.accounts = (msgspec.structs.replace(first, settings=settings),)
    await yandex.catalogue()
    await yandex.send()
    assert yandex.fake.stock == {"A-1": 7}
    assert yandex.fake.requests[-1].path == f"/v2/campaigns/{CAMPAIGN}/offers/stocks"


async def test_stock_that_is_asked_too_often_stops_no_orders(yandex: Yandex) -> None:
    await goods(**{"A-1": 7})
    yandex.fake.offer("A-1")
    await yandex.catalogue()
    yandex.fake.fail("too_many")
    with pytest.raises(Retry, match="limit"):
        await yandex.send()
    yandex.fake.place(("A-1", 1, 10))
    before = yandex.waited
    await yandex.poll()
    assert len(await yandex.postings()) == 1
    assert yandex.waited == before
    await yandex.send()  # its own limit was kept for a minute, the account never stood still
    assert 50 < yandex.waited - before <= 60
    assert yandex.fake.stock == {"A-1": 6}


async def test_a_turn_that_is_an_hour_away_is_not_waited_for_in_place(yandex: Yandex) -> None:
    asking.LIMITS.paces[limits.RETURNS.name] = yandex.pace(1, 3600.0)
    for _ in range(3):
        with pytest.raises(Retry, match="limit"):  # the second of the two shops, then both
            await orders.returns(yandex.core())
    assert yandex.waited == 0
    assert (await yandex.journal()).count("limit") == 1
    yandex.house.clock.pass_(hours=1)
    await yandex.poll()


async def test_after_hours_without_yandex_the_last_figure_goes_and_no_older(
    yandex: Yandex,
) -> None:
    await goods(**{"A-1": 7})
    yandex.fake.offer("A-1")
    await yandex.catalogue()
    yandex.fake.trouble = "failing"
    for amount in (6, 5, 4):
        await goods(**{"A-1": amount})
        with pytest.raises(Pause):
            await yandex.send()
        yandex.house.clock.pass_(hours=2)
        PAUSED.clear()
    yandex.fake.trouble = ""
    # A figure whose answer was lost is told again as it is then.
    yandex.fake.fail("lost")
    with pytest.raises(Pause):
        await yandex.send()
    PAUSED.clear()
    await goods(**{"A-1": 1})
    await yandex.send()
    assert [one[:2] for one in yandex.fake.told] == [("A-1", 4), ("A-1", 1)]
    assert yandex.house.clock.now - yandex.fake.told[-1][2] < timedelta(seconds=60)


async def test_prices_go_when_wanted_never_a_zero_and_odd_ones_are_told_of(
    yandex: Yandex,
) -> None:
    await goods(**{"A-1": 1, "B-2": 1, "C-3": 1})
    for one in ("A-1", "B-2", "C-3"):
        yandex.fake.offer(one)
    await yandex.catalogue()
    await stock.prices(yandex.core())
    assert yandex.fake.prices == {}

    async def wanted() -> None:
        from appliance.storage.statements import execute  # noqa: PLC0415

        await execute("UPDATE market_account SET sends_price = {}", True)
        for article, price in (("B-2", 0), ("C-3", 19_990)):
            await execute(
                "UPDATE price SET amount = {} "
                "WHERE variant_id = (SELECT id FROM variant WHERE sku = {})",
                price,
                article,
            )

    await yandex.house.write(wanted)
    yandex.fake.held = {"C-3"}
    await stock.prices(yandex.core())
    await stock.prices(yandex.core())
    assert yandex.fake.prices == {"A-1": 500, "C-3": 199.9}
    codes = await yandex.journal()
    assert (codes.count("price_zero"), codes.count("price_held")) == (1, 1)
    held = "SELECT article, price_error FROM market_offer ORDER BY article"
    assert await yandex.house.rows(held) == [
        ("A-1", ""), ("B-2", "price_zero"), ("C-3", "price_held"),
    ]  # fmt: skip
    yandex.fake.held = set()
    yandex.house.clock.pass_(minutes=5)
    await stock.prices(yandex.core())
    assert (await yandex.house.rows(held))[2] == ("C-3", "")


async def test_what_came_back_is_sold_again_only_when_the_seller_has_it(yandex: Yandex) -> None:
    await goods(**{"A-1": 9})
    whole, part, lost = (yandex.fake.place(("A-1", 3, 10)) for _ in range(3))
    await yandex.poll()
    for status, one in (
        *(("DELIVERED", one) for one in (whole, part, lost)),
        ("RETURNED", whole), ("PARTIALLY_RETURNED", part), ("RETURNED", lost),
    ):  # fmt: skip
        yandex.house.clock.pass_(minutes=1)
        yandex.fake.move(one, status, "DELIVERY_SERVICE_DELIVERED")
        await yandex.poll()
    await orders.returns(yandex.core())
    assert [one[1] for one in await yandex.postings()] == ["returning", "delivered", "returning"]
    assert await stock_of(yandex.house, "A-1") == (0, 0)
    yandex.fake.do_bring_back(str(whole), "RETURN")
    yandex.fake.do_bring_back(str(part), "RETURN", "A-1", "1")
    yandex.fake.do_bring_back(str(lost), "RETURN")
    yandex.fake.returns[-1]["shipmentStatus"] = "LOST"
    for _ in range(2):
        await orders.returns(yandex.core())
    # A part does not make the whole order a returned one: a draft waits until somebody saw it.
    assert [one[1] for one in await yandex.postings()] == ["returned", "delivered", "returning"]
    assert await stock_of(yandex.house, "A-1") == (3000, 0)
    said = await yandex.journal()
    assert (said.count("returned_partly"), said.count("return_lost")) == (0, 1)
    back = "SELECT SUM(returned) FROM posting_line"
    assert await yandex.house.rows(back) == [(1,)]
    assert await yandex.house.rows("SELECT kind, state FROM stock_document") == [
        ("return", "draft")
    ]
