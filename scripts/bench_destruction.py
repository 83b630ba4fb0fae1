"""Measures the destruction of one person: `python -m scripts.bench_destruction --home DIR`.

DIR holds a box as `scripts/bench --reuse DIR` leaves it; give a copy of one: the persons are gone
afterwards. Of the clients with most orders and of ordinary ones a request is written down, agreed
to by two people and left for its pause, by a clock of this script. Then one round of the house's
own worker is timed: keys, rows, index and its snapshot, log, journals of the databases. Copies are
not touched by it: they cannot be read without the key; sets of keys that are older go with the next
three copies, and the request waits for that. The act is timed apart: its round comes by itself
within half a minute.
"""

import argparse
import sys
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import NamedTuple, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from appliance import roles
from appliance.actions import destruction, subjects
from appliance.boot.house import OpenHouse
from appliance.boot.index import HOUSE_ACTOR
from appliance.domain.access import Actor, ActorKind
from appliance.domain.subjects import RequestKind, Steady
from appliance.jobs.acts import write_acts
from appliance.jobs.destruction import Destroyer
from appliance.storage import subject_requests
from appliance.storage.statements import fetch
from scripts import _box
from scripts._figures import machine

T = TypeVar("T")

MOST_SECONDS = 5.0
"""A destruction may take so long after its approvals."""

_BUSIEST = (
    "SELECT c.number, COUNT(*) FROM customer c JOIN orders o ON o.customer_id = c.id "
    "WHERE c.state = 'live' GROUP BY c.number ORDER BY COUNT(*) DESC, c.number LIMIT {}"
)
_ORDINARY = (
    "SELECT number, 0 FROM customer WHERE state = 'live' AND orders_count BETWEEN 1 AND 3 "
    "ORDER BY number DESC LIMIT {}"
)


class Timed(NamedTuple):
    """Seconds of one destruction: by the clock, of the processor, and of the act."""

    client: int
    orders: int
    cells: int
    wall: float
    cpu: float
    act: float


async def _taken(work: Awaitable[T]) -> tuple[T, float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    found = await work
    return found, time.perf_counter() - wall, time.process_time() - cpu


async def _deciders(opened: OpenHouse) -> list[Actor]:
    """Who may agree, each in a browser of his own; the house's own worker writes it down."""
    able: frozenset[UUID] = await opened.database.read(
        lambda: subject_requests.holders(roles.Permission.SUBJECT_APPROVE)
    )
    grants = roles.PRESETS["administrator"]
    return [
        Actor(
            kind=ActorKind.USER,
            id=one,
            grants=grants,
            number=number,
            session=f"bench{number:03}",
            step_up=True,
        )
        for number, one in enumerate(sorted(able), start=1)
    ]


async def measure(box: _box.TrialBox, opened: OpenHouse, each: int) -> list[Timed]:
    """Destroy so many of the busiest and so many ordinary clients, one after another."""
    await opened.index.settle()
    deciders = await _deciders(opened)
    machine_ms = 1_000
    worker = Destroyer(
        HOUSE_ACTOR, opened.vault, lambda: Steady("bench", machine_ms), opened.clean_up
    )
    zone = ZoneInfo(box.config.box.time_zone)
    chosen = [
        *await opened.database.read(lambda: fetch(_BUSIEST, each)),
        *await opened.database.read(lambda: fetch(_ORDINARY, each)),
    ]
    found: list[Timed] = []
    for number, _ in chosen:
        one = await subjects.request(HOUSE_ACTOR, number, RequestKind.ERASE)
        for actor in deciders[: one.needed]:
            await subjects.approve(actor, one.number)
        await destruction.tick(HOUSE_ACTOR, Steady("bench", machine_ms))
        machine_ms += one.pause_hours * 3_600_000 + 1
        done, wall, cpu = await _taken(worker.tick())
        if done != 1:
            raise SystemExit(f"bench: client {number} was not destroyed")
        settled = write_acts(
            HOUSE_ACTOR, box.config.data / "audit.db", opened.settle_log, "bench", zone
        )
        _, act, _ = await _taken(settled)
        cells = sum(one.found.cells.values())
        found.append(Timed(number, one.found.orders, cells, wall, cpu, act))
        print(f"  client {number}: {wall:.2f} s", flush=True)
    return found


def main() -> int:
    """Measure and print; 1 where one took longer than it may."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        prog="python -m scripts.bench_destruction",
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument("--home", type=Path, required=True, help="a copy of a box of scripts/bench")
    parser.add_argument("--each", type=int, default=5, help="clients of each kind")
    wanted = parser.parse_args()
    print(machine())
    box = _box.reuse(wanted.home)
    found = box.run(lambda opened: measure(box, opened, wanted.each))
    print("| client | orders | values | s by the clock | s of CPU | act, s |")
    print("|---|---|---|---|---|---|")
    for one in found:
        print(
            f"| {one.client} | {one.orders} | {one.cells} | {one.wall:.2f} | {one.cpu:.2f}"
            f" | {one.act:.2f} |"
        )
    return 1 if max(one.wall for one in found) > MOST_SECONDS else 0


if __name__ == "__main__":
    sys.exit(main())
