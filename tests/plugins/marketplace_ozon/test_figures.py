"""How much and how fast: 5 000 postings, 20 000 figures, a day without Ozon."""

import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from appliance.plugin_api.core import PAUSED
from appliance.plugin_api.fakes import said
from appliance.plugin_api.outcomes import Pause
from plugins.marketplace_ozon import stock
from tests.house_fixture import open_test_house
from tests.integration.markets.market import goods
from tests.plugins.marketplace_ozon.shop import Ozon


@pytest.fixture
async def ozon(tmp_path: Path) -> AsyncIterator[Ozon]:
    async with open_test_house(tmp_path) as house:
        yield Ozon(house)


@pytest.mark.checklist(50)
async def test_waiting_postings_come_in_once_within_ozons_limits(ozon: Ozon) -> None:
    waiting = 500
    """A tenth of what the issue names; `scripts/trade-day` and the report time all of it."""
    await goods(**{"A-1": 3000})
    for _ in range(waiting):
        ozon.fake.place(("A-1", 1, "10"))
    began = time.perf_counter()
    await ozon.poll()
    took = time.perf_counter() - began
    ozon.house.clock.pass_(minutes=1)
    await ozon.poll()
    assert await ozon.house.rows("SELECT COUNT(*) FROM orders") == [(waiting,)]
    assert took + ozon.waited < 180 * waiting / 5000


@pytest.mark.checklist(10)
async def test_figures_go_as_they_are_within_ozons_limits(ozon: Ozon) -> None:
    articles = [f"A-{n}" for n in range(300)]
    await goods(**dict.fromkeys(articles, 7))
    for one in articles:
        ozon.fake.offer(one)
    await ozon.catalogue()
    await stock.send(ozon.core())
    assert len(ozon.fake.told) == 300
    assert set(ozon.fake.stock.values()) == {7}
    # The same good changes five times; Ozon hears of it once, of the last figure.
    for amount in (6, 5, 4, 3, 2):
        await goods(**{"A-1": amount})
    await stock.send(ozon.core())
    assert len(ozon.fake.told) == 300  # a pair is told once in half a minute
    ozon.house.clock.pass_(seconds=40)
    await stock.send(ozon.core())
    assert [one[:2] for one in ozon.fake.told[300:]] == [("A-1", 2)]


async def test_what_ozon_refuses_row_by_row_is_told_and_tried_later(ozon: Ozon) -> None:
    await goods(**{"A-1": 7, "B-2": 7})
    ozon.fake.offer("A-1")
    ozon.fake.offer("B-2")
    await ozon.catalogue()
    product, sku, name = ozon.fake.offers["B-2"]
    ozon.fake.offers["B-2"] = (product + 50, sku, name)
    await stock.send(ozon.core())
    assert ozon.fake.stock == {"A-1": 7}
    assert "stock_refused" in await ozon.journal()
    ozon.fake.offers["B-2"] = (product, sku, name)
    await stock.send(ozon.core())
    assert ozon.fake.stock == {"A-1": 7}
    ozon.house.clock.pass_(hours=2)
    await stock.send(ozon.core())
    assert ozon.fake.stock == {"A-1": 7, "B-2": 7}


async def test_a_row_that_ozon_is_silent_about_was_not_taken(ozon: Ozon) -> None:
    await goods(**{"A-1": 7})
    ozon.fake.offer("A-1")
    await ozon.catalogue()
    take = ozon.fake.take
    ozon.fake.take = lambda _: said({"result": []})  # type: ignore[method-assign]
    await stock.send(ozon.core())
    assert await ozon.house.rows("SELECT stock_error FROM market_offer") == [("no_answer",)]
    ozon.fake.take = take  # type: ignore[method-assign]
    ozon.house.clock.pass_(hours=2)
    await stock.send(ozon.core())
    assert ozon.fake.stock == {"A-1": 7}


async def test_after_hours_without_ozon_the_last_figures_go_and_none_of_the_older(
    ozon: Ozon,
) -> None:
    await goods(**{"A-1": 7})
    ozon.fake.offer("A-1")
    await ozon.catalogue()
    ozon.fake.trouble = "failing"
    for amount in (6, 5, 4):
        await goods(**{"A-1": amount})
        with pytest.raises(Pause):
            await stock.send(ozon.core())
        ozon.house.clock.pass_(hours=2)
        PAUSED.clear()
    assert ozon.fake.told == []
    ozon.fake.trouble = ""
    await stock.send(ozon.core())
    ((article, amount, at),) = ozon.fake.told
    assert (article, amount) == ("A-1", 4)
    assert ozon.house.clock.now - at < timedelta(seconds=60)


async def test_prices_go_when_they_are_wanted_and_never_a_zero(ozon: Ozon) -> None:
    await goods(**{"A-1": 1, "B-2": 1})
    for one in ("A-1", "B-2"):
        ozon.fake.offer(one)
    await ozon.catalogue()
    await stock.prices(ozon.core())
    assert ozon.fake.prices == {}

    async def wanted() -> None:
        from appliance.storage.statements import execute  # noqa: PLC0415

        await execute("UPDATE market_account SET sends_price = {}", True)
        await execute(
            "UPDATE price SET amount = 0 "
            "WHERE variant_id = (SELECT id FROM variant WHERE sku = {})",
            "B-2",
        )

    await ozon.house.write(wanted)
    await stock.prices(ozon.core())
    await stock.prices(ozon.core())
    assert ozon.fake.prices == {"A-1": "500.00"}
    assert (await ozon.journal()).count("price_zero") == 1
