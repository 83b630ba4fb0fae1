"""What a box costs: `scripts/bench --customers 100000 --orders 100000`.

Makes a box with invented people and orders, starts the real server (one process, TLS) as an
installed box would, and asks it from another process over the loopback. Each line: p50 and p95 of
the answers, requests a second, CPU milliseconds per request of all server processes (from /proc)
and their memory. A line that misses its "must" is marked with "!", and the exit code is 1.
"""

import argparse
import asyncio
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

from scripts import _box, _load, bench_exchange, bench_markets, bench_onec, bench_plugins
from scripts._figures import machine
from scripts._http import Connection, sign_in
from scripts._load import Load, Measured
from scripts._served import Served
from tests.postgres import temporary_postgres

PEOPLE = {"head": "head", **{f"seller{number}": "seller" for number in range(1, 11)}}
CROWD = 20
MILLION = 1_000_000
MB = 2**20

Found = list[tuple[Measured, bool]]
"""Loads with whether they cost more than they must."""


class Line(dict[str, Any]):
    """A line of the table that is no load: title, value, unit, must, aim."""

    @property
    def missed(self) -> bool:
        return self["value"] > self["must"]


def make_box(home: Path, wanted: argparse.Namespace, postgres: str) -> _box.TrialBox:
    """Make and fill a box, or take the one that is there."""
    if (home / _box.PAPERS).exists():
        box = _box.reuse(home)
        if (box.papers.customers, box.papers.orders) == (wanted.customers, wanted.orders):
            return box
        raise SystemExit(f"bench: {home} holds another number of clients or orders")
    print(f"making a box of {wanted.customers} clients and {wanted.orders} orders", flush=True)
    box = _box.make(home, postgres=postgres, people=PEOPLE)
    began = time.monotonic()
    _box.fill(box, wanted.customers, wanted.orders)
    print(f"  filled in {time.monotonic() - began:.0f} s", flush=True)
    return box


async def measure(box: _box.TrialBox, served: Served, wanted: argparse.Namespace) -> Found:
    """Run every load, alone and by a crowd."""
    trust, port = served.trust(), box.config.server.port
    visit = Connection(port, trust, {})
    token = await sign_in(visit, "head")
    await visit.close()
    headers = {"cookie": visit.headers["cookie"], "x-csrf-token": token}
    reads = [
        *_load.pages(headers, box.papers.customers),
        *_load.day(headers, box.papers.customers, box.papers.orders),
    ]
    writes = _load.intake(box.papers.key)
    loads = [*reads, writes, _load.mix(reads, writes)]
    found: Found = []
    for load in loads:
        for clients in (CROWD,) if load.crowd_only else (1, CROWD):
            result = await _load.run(
                load,
                served,
                port,
                trust,
                clients=clients,
                seconds=wanted.seconds,
                most=wanted.requests,
            )
            bad = missed(result, load, many=box.papers.customers >= MILLION)
            found.append((result, bad))
            print(shown(result, load, bad), flush=True)
    return found


CROWD_P95 = 250
"""Milliseconds; of twenty clients at once, at a hundred thousand records."""

ALONE_RATE = 60
"""Orders a second that one shop's module gets through."""


def starts(box: _box.TrialBox, served: Served) -> list[Line]:
    """Start warm, and look at the memory once the box has nothing to do."""
    many = box.papers.customers >= MILLION
    served.start(wait=900)
    served.quiet()
    served.stop()  # leaves a snapshot of the index for a warm start
    first_page = served.start()
    served.quiet()
    rss = served.rss_bytes() / MB
    must, aim = (400, 280) if many else (200, 130)
    return [
        Line(title="start to first page, warm index", value=first_page, unit="s", must=3, aim=1.5),
        Line(title="idle memory after start", value=rss, unit="MB", must=must, aim=aim),
    ]


def missed(result: Measured, load: Load, *, many: bool) -> bool:
    """Whether a load costs more than it must; the CPU is bounded for boxes of a usual size."""
    if result.errors or (load.must and result.cpu > load.must and not many):
        return True
    if result.clients > 1:
        return result.rate < load.rate[many] or (result.p95 > CROWD_P95 and not many)
    if "API" in load.title and result.rate < ALONE_RATE:
        return True
    return bool(load.p95[many]) and result.p95 > load.p95[many]


def shown(result: Measured, load: Load, bad: bool) -> str:
    """One line of the table."""
    notes = f"  {result.notes}" if result.notes else ""
    mark = "!" if bad else " "
    return (
        f"{mark} | {result.title:40} | {result.clients:2} | {result.p50:7.1f} | {result.p95:7.1f} |"
        f" {result.rate:6.0f} | {result.cpu:6.2f} | {load.must or '–':>4} | {load.aim or '–':>4} |"
        f" {result.rss / MB:5.0f} | {result.errors:3}{notes}"
    )


HEAD = (
    "  | what                                     |  n |  p50 ms |  p95 ms |  req/s |  "
    "CPU ms | must | aim  | RSS MB | errors"
)


@contextlib.contextmanager
def place(wanted: argparse.Namespace) -> Generator[tuple[Path, str]]:
    """A folder for the box and the address of a database for it."""
    with contextlib.ExitStack() as stack:
        postgres = stack.enter_context(temporary_postgres(durable=True)) if wanted.postgres else ""
        if wanted.reuse is not None:
            yield wanted.reuse, postgres
            return
        yield (
            Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="korobka-bench-"))),
            postgres,
        )


def run(wanted: argparse.Namespace) -> int:
    """Make, start, measure, print."""
    print(machine())
    with place(wanted) as (home, postgres):
        box = make_box(home, wanted, postgres)
        served, figures = Served(box.config), list[bench_exchange.Figure]()
        try:
            lines = starts(box, served)
            for line in lines:
                mark = "!" if line.missed else " "
                print(
                    f"{mark} | {line['title']:40} | {line['value']:.2f} {line['unit']}"
                    f" | must {line['must']} | aim {line['aim']}"
                )
            found: Found = []
            if wanted.exchange:
                figures = asyncio.run(
                    bench_exchange.measure(
                        box, served, seconds=wanted.seconds, most=wanted.requests
                    )
                )
            else:
                print(HEAD, flush=True)
                found = asyncio.run(measure(box, served, wanted))
        finally:
            if served.process is not None and served.process.poll() is None:
                served.stop()
    bases = bench_onec.measure(1_000 if wanted.sample else wanted.goods) if wanted.exchange else []
    if wanted.json:
        facts = {
            "machine": machine(),
            "lines": lines,
            "loads": [one.facts() for one, _ in found] + [one.found.facts() for one in figures],
            "bases": [one._asdict() for one in bases],
        }
        print(json.dumps(facts, ensure_ascii=False))
    if wanted.sample:  # a busy machine says nothing about speed
        return 1 if any(one.errors for one in [*(one for one, _ in found), *_all(figures)]) else 0
    if any(one.missed for one in [*figures, *bases]):
        return 1
    return 1 if any(bad for _, bad in found) or any(line.missed for line in lines) else 0


def _all(figures: list[bench_exchange.Figure]) -> list[Measured]:
    return [one.found for one in figures]


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, prog="scripts/bench", formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=10.0, help="per load, at most")
    parser.add_argument("--requests", type=int, default=5_000, help="per load, at most")
    parser.add_argument("--reuse", type=Path, metavar="DIR", help="keep the box there, or take it")
    parser.add_argument("--postgres", action="store_true", help="on a temporary PostgreSQL")
    parser.add_argument("--json", action="store_true", help="the figures once more, as JSON")
    parser.add_argument("--plugins", action="store_true", help="what waiting plugins cost, only")
    parser.add_argument("--idle", type=float, default=600.0, help="seconds that plugins wait")
    parser.add_argument("--markets", action="store_true", help="orders and stock of three, only")
    parser.add_argument("--exchange", action="store_true", help="programs' batches and feeds only")
    parser.add_argument("--goods", type=int, default=100_000, help="that a 1C base sends")
    parser.add_argument("--sample", action="store_true", help="small: only errors fail")
    wanted = parser.parse_args()
    if wanted.plugins:
        return bench_plugins.run(wanted.idle)
    if wanted.markets:
        return bench_markets.run(200 if wanted.sample else bench_markets.GOODS)
    if wanted.sample:
        wanted.customers = wanted.orders = 1_000
        wanted.seconds, wanted.requests = 2.0, 200
    return run(wanted)


if __name__ == "__main__":
    sys.exit(main())
