"""Where an action runs, measured on the real gate: `python -m scripts.bench_gate`.

50 clients in one process ask without pause, then at a fixed pace: 80 % read a page of 50 orders
with opened buyers (one audit note each) and put it into text, 20 % move an order's status. Once
with the reads inline on the loop, once on the two reader threads. The log is sealed every half
second as in the server. Figures for `docs/adr`.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from appliance.actions import orders
from appliance.actions._gate import action
from appliance.boot.house import OpenHouse
from appliance.boot.index import HOUSE_ACTOR
from appliance.domain.orders import OrderFilter, OrderPage
from appliance.errors import HouseError
from appliance.roles import Permission
from scripts import _box
from scripts._figures import percentile

CLIENTS = 50
READS = 0.8
SEAL_SECONDS = 0.5  # as `appliance.boot.serve` does
STATUSES = ("new", "client-confirmed", "wait-payment", "assembling", "delivering", "complete")

ListPage = Callable[..., Awaitable[OrderPage]]


@dataclass
class Tally:
    """Seconds each action took, by kind."""

    reads: list[float] = field(default_factory=list[float])
    writes: list[float] = field(default_factory=list[float])
    refused: int = 0


def slow_twin() -> ListPage:
    """The same list, marked slow: it then runs on a reader thread."""
    body = cast("Any", orders.list_page).__wrapped__
    return action(Permission.ORDER_VIEW, slow=True)(body)


def rendered(page: OrderPage) -> int:
    """Put a page into text, as a template would."""
    rows = [
        f"<tr><td>{row.shown_number}</td><td>{row.customer}</td><td>{row.total}</td></tr>"
        for row in page.rows
    ]
    return len("".join(rows))


async def one_client(
    number: int, list_page: ListPage, ids: list[Any], until: float, pause: float, tally: Tally
) -> None:
    """Ask until the time is over; `pause` is the mean distance between two questions, seconds."""
    chance = random.Random(number)  # noqa: S311 - a load, not a secret
    if pause:
        await asyncio.sleep(chance.random() * pause)
    while (began := time.perf_counter()) < until:
        if chance.random() < READS:
            page = await list_page(HOUSE_ACTOR, OrderFilter(statuses=(chance.choice(STATUSES),)))
            rendered(page)
            tally.reads.append(time.perf_counter() - began)
        else:
            try:
                await orders.set_status(HOUSE_ACTOR, chance.choice(ids), chance.choice(STATUSES))
            except HouseError:
                tally.refused += 1  # the matrix does not allow every move; still a whole action
            tally.writes.append(time.perf_counter() - began)
        left = began + pause * chance.uniform(0.5, 1.5) - time.perf_counter()
        if pause and left > 0:
            await asyncio.sleep(left)


async def seal(opened: OpenHouse) -> None:
    """Move deeds into the log as the server does."""
    while True:
        await asyncio.sleep(SEAL_SECONDS)
        await opened.drain_log()


async def measure(opened: OpenHouse, list_page: ListPage, seconds: float, rate: float) -> str:
    """Run one load and give its line."""
    found = await orders.list_page(HOUSE_ACTOR, OrderFilter(), limit=250)
    ids = [row.id for row in found.rows]
    tally, cpu = Tally(), time.process_time()
    sealing = asyncio.create_task(seal(opened))
    began = time.perf_counter()
    pause = CLIENTS / rate if rate else 0.0
    await asyncio.gather(
        *(one_client(n, list_page, ids, began + seconds, pause, tally) for n in range(CLIENTS))
    )
    spent, cpu = time.perf_counter() - began, time.process_time() - cpu
    sealing.cancel()
    await asyncio.gather(sealing, return_exceptions=True)
    total = len(tally.reads) + len(tally.writes)

    def ms(times: list[float]) -> str:
        return f"{percentile(times, 50) * 1000:7.1f} {percentile(times, 95) * 1000:7.1f}"

    return (
        f"{total / spent:7.0f}/s  {cpu / total * 1000:5.2f} ms CPU  "
        f"read p50/p95 {ms(tally.reads)}  write {ms(tally.writes)}  "
        f"({len(tally.writes)} writes, {tally.refused} refused by the matrix)"
    )


async def compare(opened: OpenHouse, seconds: float, rate: float) -> None:
    """Print all four loads, inline and threads in turn."""
    ways = {"inline reads": orders.list_page, "reader threads": slow_twin()}
    for pace in (0.0, rate):
        print(f"-- {'saturated' if not pace else f'at {pace:.0f} actions/s'}")
        for name, way in ways.items():
            await measure(opened, way, 1.0, pace)
            print(f"{name:15} {await measure(opened, way, seconds, pace)}", flush=True)


def main() -> int:
    """Make a box, or take one, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=20_000, help="clients and orders")
    parser.add_argument("--seconds", type=float, default=15.0, help="per load")
    parser.add_argument("--rate", type=float, default=130.0, help="actions/s of the paced load")
    parser.add_argument("--reuse", type=Path, help="folder of a box made by this or scripts/bench")
    wanted = parser.parse_args()
    if wanted.reuse is not None:
        box = _box.reuse(wanted.reuse)
        box.run(lambda opened: compare(opened, wanted.seconds, wanted.rate))
        return 0
    with tempfile.TemporaryDirectory(prefix="korobka-gate-") as folder:
        box = _box.make(Path(folder), people={"seller": "seller"})
        _box.fill(box, wanted.size, wanted.size)
        box.run(lambda opened: compare(opened, wanted.seconds, wanted.rate))
    return 0


if __name__ == "__main__":
    sys.exit(main())
