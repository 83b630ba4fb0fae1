"""How three marketplaces keep up: `scripts/bench --markets`.

The real plugins of three marketplaces against their fakes, which keep the limits of
their services, in one house. What the limits make a plugin wait passes on a driven clock; what box,
plugin and fake themselves take of the processor passes on the same clock, so a figure is what it
would have taken where nobody else runs. Stock is sold on while its figures are on their way.
"""

import asyncio
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import httpx

from appliance.plugin_api.goods import GoodIn, NamedIn, OfferIn
from scripts._figures import machine
from scripts.bench_plugins import Figure
from tests.house_fixture import TestHouse, open_test_house
from tests.integration.markets.market import core
from tests.plugins.market_stalls import Stall, stalls

GOODS: Final = 20_000
ORDERS: Final = 5_000
BATCH: Final = 1_000
EVERY: Final = 15
"""Seconds from one round of stock to the next, as the plugins' manifests have it."""
SOLD: Final = 20
"""Goods whose figure changes while a request is on its way."""
FRESH: Final = 60
"""Seconds: no figure that is older is sent (issue E)."""


class Shelf:
    """What is there, and was at every moment."""

    def __init__(self, house: TestHouse, articles: Sequence[str]) -> None:
        self._house = house
        self._articles = articles
        self._box = core("warehouse")
        self._at = time.process_time()
        self._place = 0
        self.known: dict[str, list[tuple[datetime, int]]] = defaultdict(list)

    def tick(self) -> None:
        """Let the processor time that was used pass on the driven clock, too."""
        at = time.process_time()
        self._house.clock.pass_(seconds=at - self._at)
        self._at = at

    async def put(self, pieces: dict[str, int]) -> None:
        """Put so many of each there."""
        rows = [
            OfferIn(external_id=one, good=one, article=one, stock={"main": amount * 1000})
            for one, amount in pieces.items()
        ]
        for start in range(0, len(rows), BATCH):
            await self._box.offers_put(rows[start : start + BATCH])
        for article, amount in pieces.items():
            self.known[article].append((self._house.clock.now, amount))

    async def sell(self) -> None:
        """Some goods are sold elsewhere."""
        picked = [self._articles[(self._place + n) % len(self._articles)] for n in range(SOLD)]
        self._place += SOLD
        await self.put({one: (self._place + n) % 9 for n, one in enumerate(picked)})

    def now(self) -> dict[str, int]:
        """How many of each there are."""
        return {article: spans[-1][1] for article, spans in self.known.items()}

    def age(self, article: str, pieces: int, at: datetime) -> float:
        """Seconds since there were so many; infinite where there never were."""
        spans = self.known[article]
        ends = [begun for begun, _ in spans[1:]] + [at]
        ages = [
            max(0.0, (at - end).total_seconds())
            for (begun, amount), end in zip(spans, ends, strict=True)
            if amount == pieces and begun <= at
        ]
        return min(ages, default=float("inf"))


class Way(httpx.AsyncBaseTransport):
    """A way on which time passes, and on which goods are sold meanwhile."""

    def __init__(self, inner: httpx.AsyncBaseTransport, shelf: Shelf) -> None:
        self._inner = inner
        self._shelf = shelf
        self.selling = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._shelf.tick()
        answer = await self._inner.handle_async_request(request)
        if self.selling > 0:
            self.selling -= 1
            await self._shelf.sell()
        self._shelf.tick()
        return answer


async def _fill(house: TestHouse, articles: Sequence[str]) -> Shelf:
    box = core("warehouse")
    await box.price_types_put([NamedIn(name="Розничная", code="base")])
    for start in range(0, len(articles), BATCH):
        part = articles[start : start + BATCH]
        await box.goods_put([GoodIn(external_id=x, name=f"Товар {x}", article=x) for x in part])
    shelf = Shelf(house, articles)
    await shelf.put(dict.fromkeys(articles, 7))
    return shelf


async def _stock(house: TestHouse, one: Stall, way: Way, shelf: Shelf) -> list[Figure]:
    """Every good's figure changes at once; sold on for the first forty requests."""
    await shelf.put({article: 3 + len(article) % 5 for article in shelf.now()})
    before = len(one.told())
    way.selling = 40
    shelf.tick()
    began = house.clock.now
    while True:
        await one.send()
        shelf.tick()
        if way.selling <= 0 and one.shelf() == shelf.now():
            break
        house.clock.pass_(seconds=EVERY)
    took = (house.clock.now - began).total_seconds()
    told = one.told()[before:]
    oldest = max(shelf.age(*figure) for figure in told)
    many = f"{one.name}: {len(told)} figures until all are the last ones"
    return [
        Figure(many, took, "s", 900),
        Figure(f"{one.name}: the oldest figure when it was taken", oldest, "s", FRESH),
    ]


async def _orders(house: TestHouse, every: Sequence[Stall], shelf: Shelf) -> list[Figure]:
    """Orders wait at all three; how long until they are in, limits and all."""
    known = await _count(house)
    articles = list(shelf.now())
    for number in range(ORDERS):
        every[number % len(every)].buy(articles[number % len(articles)])
    shelf.tick()
    began = house.clock.now
    for one in every:
        await one.poll()
        shelf.tick()
    took = (house.clock.now - began).total_seconds()
    for one in every:
        house.clock.pass_(minutes=1)
        await one.poll()
    found = await _count(house) - known
    return [
        Figure(f"{ORDERS} orders of all three taken in", took, "s", 180),
        Figure("of them lost or doubled", abs(found - ORDERS), "", 0),
    ]


async def _count(house: TestHouse) -> int:
    rows = await house.rows("SELECT COUNT(*) FROM orders")
    return int(str(rows[0][0]))


async def _measured(home: Path, goods: int) -> list[Figure]:
    articles = [f"A-{n}" for n in range(goods)]
    async with open_test_house(home) as house:
        shelf = await _fill(house, articles)
        every = stalls(house, articles)
        figures: list[Figure] = []
        for one in every:
            await one.learn()
            one.way = way = Way(one.way, shelf)
            house.clock.pass_(minutes=2)
            figures += await _stock(house, one, way, shelf)
            for line in figures[-2:]:
                print(line.shown(), flush=True)
        house.clock.pass_(minutes=2)
        figures += await _orders(house, every, shelf)
        for line in figures[-2:]:
            print(line.shown(), flush=True)
        return figures


def run(goods: int = GOODS) -> int:
    """Measure and print; 1 when something is slower, older or otherwise than it must be."""
    print(machine())
    with tempfile.TemporaryDirectory(prefix="korobka-bench-markets-") as work:
        figures = asyncio.run(_measured(Path(work), goods))
    return 1 if any(one.value > one.must for one in figures) else 0


if __name__ == "__main__":
    sys.exit(run())
