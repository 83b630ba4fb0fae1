"""Three marketplaces and a shop sell from one shelf: nothing twice, no figure that is old."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from appliance.actions import orders
from appliance.domain.orders import LineDraft
from appliance.plugin_api.pace import Pace
from plugins.marketplace_ozon import client
from tests.house_fixture import TestHouse, open_test_house
from tests.integration.markets.market import goods, stock_of
from tests.integration.orders.drafts import draft
from tests.plugins.market_stalls import Stall, stalls

FRESH = timedelta(seconds=60)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[TestHouse]:
    async with open_test_house(tmp_path) as opened:
        yield opened


@pytest.mark.checklist(50)
async def test_one_piece_sold_by_three_marketplaces_and_the_shop_is_set_aside_once(
    house: TestHouse,
) -> None:
    await goods(**{"A-1": 1})
    every = stalls(house, ["A-1"])
    for one in every:
        await one.learn()
        await one.send()
        assert one.shelf() == {"A-1": 1}
    for one in every:
        one.buy("A-1")
    mine = draft(
        lines=(LineDraft(sku="A-1", product_name="Чай", quantity_milli=1000, price=50_000),)
    )
    await asyncio.gather(
        *(one.poll() for one in every), orders.place(house.actor_for("seller"), mine)
    )
    assert await house.rows("SELECT COUNT(*) FROM orders") == [(4,)]
    assert await stock_of(house, "A-1") == (1000, 1000)
    # Whoever came too late is known, and somebody was told of each.
    assert await house.rows("SELECT COUNT(*) FROM task") == [(3,)]
    for one in every:
        house.clock.pass_(seconds=40)
        await one.send()
        assert one.shelf() == {"A-1": 0}


class Churn:
    """Sells while figures are on their way: after each request some goods have others."""

    def __init__(self, house: TestHouse, articles: list[str], changes: int) -> None:
        self.house = house
        self.left = changes
        self.known: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
        self._articles = articles
        self._place = 0

    async def put(self, **pieces: int) -> None:
        """Put so many on the shelf, and remember since when."""
        await goods(**pieces)
        for article, amount in pieces.items():
            self.known[article].append((self.house.clock.now, amount))

    async def some(self) -> None:
        """Time passes, and five goods change."""
        self.house.clock.pass_(seconds=2)
        if self.left <= 0:
            return
        self.left -= 1
        picked = [self._articles[(self._place + n) % len(self._articles)] for n in range(5)]
        self._place += 5
        await self.put(**{one: (self._place + n) % 9 for n, one in enumerate(picked)})

    def was_so(self, article: str, pieces: int, at: datetime) -> bool:
        """Whether there were so many at some moment of the last minute before."""
        spans = self.known[article]
        ends = [begun for begun, _ in spans[1:]] + [at]
        return any(
            amount == pieces and begun <= at and end >= at - FRESH
            for (begun, amount), end in zip(spans, ends, strict=True)
        )

    def now(self) -> dict[str, int]:
        """What is on the shelf."""
        return {article: spans[-1][1] for article, spans in self.known.items()}


class Busy(httpx.AsyncBaseTransport):
    """A way on which each request takes its time."""

    def __init__(self, inner: httpx.AsyncBaseTransport, churn: Churn) -> None:
        self._inner = inner
        self._churn = churn

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        await self._churn.some()
        return answer


async def rounds(every: tuple[Stall, ...], wanted: dict[str, int], most: int) -> int:
    """Let the jobs of stock run every fifteen seconds until all shelves are right; how often."""
    for count in range(most):
        for one in every:
            await one.send()
        if all(one.shelf() == wanted for one in every):
            return count
        every[0].shop.house.clock.pass_(seconds=15)
    raise AssertionError([one.name for one in every if one.shelf() != wanted])


@pytest.mark.checklist(10)
async def test_figures_that_change_on_their_way_end_as_they_are_and_none_is_old(
    house: TestHouse,
) -> None:
    """A sample; `scripts/bench --markets` does the same with 20 000 goods."""
    articles = [f"A-{n}" for n in range(130)]
    churn = Churn(house, articles, changes=24)
    every = stalls(house, articles)
    await churn.put(**dict.fromkeys(articles, 5))
    ozon = every[0].shop

    async def slowly(seconds: float) -> None:
        # Those whose figures go next are sold while their turn is waited for.
        if churn.left > 0:
            await churn.put(**dict.fromkeys(articles[-5:], churn.left % 5))
        house.clock.pass_(seconds=seconds + 0.001)

    client.STOCK_PACE = Pace(1, 90.0, clock=ozon._seconds, sleep=slowly)
    for one in every:
        await one.learn()
        one.way = Busy(one.way, churn)
    for _ in range(3):
        for one in every:
            await one.send()
    churn.left = 0
    await rounds(every, churn.now(), 20)
    for one in every:
        assert [told for told in one.told() if not churn.was_so(*told)] == []
        last = {article: pieces for article, pieces, _ in one.told()}
        assert last == churn.now()
