"""Loads of `scripts/bench --exchange`: programs that send and fetch by the hundred."""

import random
from collections.abc import Callable
from typing import Final, NamedTuple
from urllib.parse import quote
from uuid import uuid4

import msgspec

from scripts import _load
from scripts._box import SHOP, TrialBox
from scripts._load import Load, Measured, Question
from scripts._served import Served

BATCH: Final = 50
"""Orders in one upload: the most that the API takes."""
LINES: Final = 3
MUST_RATE: Final = 250
"""Orders a second, durable."""
MUST_HISTORY: Final = 60
"""Milliseconds at the 95th percentile, at a million orders."""
KNOWN: Final = 500
"""Buyers of the bench who are known after the first of them; half of a batch are such."""


class Figure(NamedTuple):
    """A line of the table.

    Attributes:
        must: what `value` is held to; `most` says whether it may not be exceeded.
    """

    title: str
    value: float
    unit: str
    must: float
    most: bool
    found: Measured

    @property
    def missed(self) -> bool:
        """Whether it costs more than it must, or anything went wrong."""
        if self.found.errors:
            return True
        return self.value > self.must if self.most else self.value < self.must

    def shown(self) -> str:
        """As it is printed."""
        found, sign = self.found, "≤" if self.most else "≥"
        return (
            f"{'!' if self.missed else ' '} | {self.title:44} | {self.value:7.1f} {self.unit:8} | "
            f"must {sign} {self.must:g} | p50 {found.p50:.1f} ms, p95 {found.p95:.1f} ms, "
            f"{found.requests} requests, CPU {found.cpu:.1f} ms each, {found.errors} errors"
            f"{'  ' + str(found.notes) if found.notes else ''}"
        )


def _order(rng: random.Random, place: int) -> dict[str, object]:
    """An order of a batch; every second buyer is one of those who bought before."""
    number = uuid4().hex[:12]
    buyer = f"{rng.randrange(KNOWN):04d}" if place % 2 else number
    return {
        "externalId": f"batch-{number}",
        "firstName": "Проба",
        "lastName": f"Выгрузкин{place}",
        "phone": f"+7 9{rng.randrange(100):02d} {rng.randrange(10**7):07d}",
        "email": f"buyer-{buyer}@load.example",
        "items": [
            {
                "offer": {"externalId": f"demo-{rng.randrange(500)}"},
                "quantity": rng.randint(1, 3),
                "initialPrice": rng.randrange(300, 9000),
            }
            for _ in range(LINES)
        ],
        "delivery": {"code": "courier", "cost": 300, "address": {"city": "Тверь"}},
    }


def batches(key: str) -> Load:
    """Fifty orders of three lines in one call, half of the buyers new."""

    def ask(rng: random.Random) -> Question:
        rows = [_order(rng, place) for place in range(BATCH)]
        body = f"site={SHOP}&orders={quote(msgspec.json.encode(rows))}".encode()
        return Question("POST", "/api/v5/orders/upload", body)

    return Load("v5 batch of 50 orders", ask, {"x-api-key": key}, (200, 201), b'"success":true')


def history(key: str, orders: int) -> Load:
    """A page of a hundred changes after some entry of the feed."""

    def ask(rng: random.Random) -> Question:
        since = rng.randrange(max(orders, 1))
        return Question("GET", f"/api/v5/orders/history?filter[sinceId]={since}&limit=100")

    return Load("v5 history page of 100", ask, {"x-api-key": key}, sign=b'"history":[')


Line = tuple[str, Callable[[], Load], Callable[[Measured], tuple[float, str, float, bool]]]


def lines(box: TrialBox) -> list[Line]:
    """What is measured: title, load, and what of the result is held to what."""
    papers = box.papers
    return [
        (
            "v5 batch of 50 orders, half of the buyers new",
            lambda: batches(papers.key),
            lambda found: (found.rate * BATCH, "orders/s", MUST_RATE, False),
        ),
        (
            "v5 history page of 100 changes",
            lambda: history(papers.key, papers.orders),
            lambda found: (found.p95, "ms", MUST_HISTORY, True),
        ),
    ]


async def measure(box: TrialBox, served: Served, *, seconds: float, most: int) -> list[Figure]:
    """Ask one client's questions, one load after the other."""
    trust, port = served.trust(), box.config.server.port
    figures: list[Figure] = []
    for title, load, held in lines(box):
        found = await _load.run(load(), served, port, trust, clients=1, seconds=seconds, most=most)
        value, unit, must, at_most = held(found)
        figures.append(Figure(title, value, unit, must, at_most, found))
        print(figures[-1].shown(), flush=True)
    return figures
