"""The PostgreSQL server itself killed (-9) under load, again and again.

What was acknowledged is there after its recovery, nothing is there by half, whoever writes is told
so by one of the house's own sentences, and goes on without being started anew.
"""

import asyncio
import contextlib
import os
import random
import signal
import time
from collections import Counter
from itertools import count
from pathlib import Path
from typing import Final

from appliance.errors import HouseError
from appliance.storage.engine.connections import current
from appliance.storage.engine.postgres import PostgresDatabase
from appliance.storage.statements import execute, fetch, fetch_value
from appliance.web import texts
from scripts._tally import Tally
from tests.postgres import start_again, temporary_postgres

CLIENTS: Final = 8
PATIENCE: Final = 60.0
"""Seconds until somebody must have written again after the server is back."""


class Load:
    """Clients that write pairs of rows and note which were acknowledged."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database
        self._numbers = count()
        self.done: set[int] = set()
        self.codes: Counter[str] = Counter()
        self.written = asyncio.Event()

    async def client(self) -> None:
        """Write for ever; a refusal is noted, and the next pair tried a moment later."""
        while True:
            number = next(self._numbers)

            async def body(number: int = number) -> None:
                for half in (0, 1):
                    await execute("INSERT INTO pair VALUES ({}, {})", number, half)

            try:
                await self._database.write(body)
            except HouseError as error:
                self.codes[error.code] += 1
                await asyncio.sleep(0.05)
            else:
                self.done.add(number)
                self.written.set()


def run(times: int, seed: int) -> Tally:
    """Kill a server of our own so often; what was lost or torn."""
    with temporary_postgres(durable=True) as url:
        return asyncio.run(_run_on(url, times, random.Random(seed)))  # noqa: S311 - moments repeat


async def _run_on(url: str, times: int, chance: random.Random) -> Tally:
    database = PostgresDatabase(url)
    await database.start()
    await database.alter(
        lambda: current().script(
            "CREATE TABLE pair (number BIGINT, half BIGINT, PRIMARY KEY (number, half))"
        )
    )
    folder = Path(await database.read(lambda: fetch_value("SHOW data_directory")))
    load, tally = Load(database), Tally(kills={"postgres": times})
    clients = [asyncio.create_task(load.client()) for _ in range(CLIENTS)]
    worst = 0.0
    for _ in range(times):
        await asyncio.sleep(chance.uniform(0.2, 1.0))
        await asyncio.to_thread(_kill, folder)
        await asyncio.sleep(chance.uniform(0.1, 0.5))  # somebody must be refused meanwhile
        await asyncio.to_thread(start_again, folder)
        load.written.clear()
        before, began = len(load.done), time.monotonic()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(load.written.wait(), PATIENCE)
        worst = max(worst, time.monotonic() - began)
        tally.torn += len(load.done) == before
    tally.torn += sum(one.done() for one in clients)  # one that gave up is no going on
    for one in clients:
        one.cancel()
    for one in clients:
        with contextlib.suppress(asyncio.CancelledError):
            await one
    halves = dict(
        await database.read(lambda: fetch("SELECT number, COUNT(*) FROM pair GROUP BY number"))
    )
    await database.stop()
    tally.lost = len(load.done - halves.keys())
    tally.torn += sum(number != 2 for number in halves.values())
    silent = [code for code in load.codes if texts.error(code, "ru").title == code]
    tally.torn += len(silent) + (not load.codes)
    print(
        f"server: {times} kills, {len(load.done)} acknowledged, {tally.lost} lost, "
        f"{tally.torn} torn; refusals {dict(load.codes)}; written again within {worst:.1f} s",
        flush=True,
    )
    return tally


def _kill(folder: Path) -> None:
    """Kill the server and its own processes, by their numbers."""
    first = (folder / "postmaster.pid").read_text(encoding="ascii").splitlines()[0]
    server = int(first)
    for pid in (server, *_children(server)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _children(server: int) -> list[int]:
    told = Path(f"/proc/{server}/task/{server}/children").read_text(encoding="ascii")
    return [int(one) for one in told.split()]
