"""Measure the database engine: statements, group commit, and reads and writes together.

Run: `python scripts/bench_engine.py [--seconds 5] [--clients 50] [--rate N] [--postgres DSN]`.
Figures of a busy machine vary twofold; compare only what was taken side by side.
"""

import argparse
import asyncio
import resource
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from piccolo.columns import UUID, BigInt, Boolean, Bytea, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7
from appliance.storage.engine import Database
from appliance.storage.engine.postgres import PostgresDatabase
from appliance.storage.engine.rows import ENGINE
from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.engine.sqlite_lease import open_reader
from appliance.storage.migrations.operations import Migration
from appliance.storage.statements import bulk, fetch, fetch_one, insert, update_row

ROWS = 20_000
NAMES = (
    "id", "number", "owner_id", "created_at", "updated_at", "status", "paid", "total", "lines",
    "source", "note", "sealed",
)  # fmt: skip
PAGE = f"SELECT {','.join(NAMES)} FROM bench WHERE number >= {{}} ORDER BY number LIMIT 50"  # noqa: S608
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class BenchRow(Table, tablename="bench", db=ENGINE):
    """Twelve columns and a sealed blob of 400 bytes, as an order has."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt(unique=True)
    owner_id = UUID()
    created_at = Timestamptz()
    updated_at = Timestamptz()
    status = Varchar(index=True)
    paid = Boolean()
    total = BigInt()
    lines = BigInt()
    source = Varchar()
    note = Varchar()
    sealed = Bytea()


def row(number: int) -> tuple[Any, ...]:
    """Make the values of one row, in the order of NAMES."""
    return (
        uuid7(), number, uuid7(), NOW, NOW, "new", True, number * 100, 3, "shop", "note",
        bytes(400),
    )  # fmt: skip


async def prepare(database: Database) -> list[Any]:
    """Make the table and fill it; return the ids."""
    rows = [row(number) for number in range(ROWS)]
    await database.alter(lambda: Migration().create_tables(BenchRow))
    started = time.perf_counter()
    await database.write(lambda: bulk(BenchRow, NAMES, rows))
    print(f"bulk                      {ROWS / (time.perf_counter() - started):10.0f} rows/s")
    return [values[0] for values in rows]


async def timed(name: str, run: Callable[[], Awaitable[object]], repeat: int = 2000) -> None:
    """Print the median of `run` in microseconds."""
    taken: list[float] = []
    for _ in range(repeat):
        started = time.perf_counter()
        await run()
        taken.append(time.perf_counter() - started)
    print(f"{name:25} {sorted(taken)[repeat // 2] * 1e6:10.1f} us")


def timed_raw(name: str, run: Callable[[], object], repeat: int = 2000) -> None:
    """Print the median of a plain function in microseconds."""
    taken: list[float] = []
    for _ in range(repeat):
        started = time.perf_counter()
        run()
        taken.append(time.perf_counter() - started)
    print(f"{name:25} {sorted(taken)[repeat // 2] * 1e6:10.1f} us")


async def statements(database: Database) -> None:
    """Print what one statement costs inside a body, beside bare sqlite3."""
    numbers = count(ROWS)

    async def many_fetches() -> None:
        await timed("fetch 50 x 12", lambda: fetch(PAGE, 5000))
        await timed("fetch one", lambda: fetch_one("SELECT number FROM bench WHERE number={}", 77))
        await timed(
            "Piccolo select 50 x 12",
            lambda: BenchRow.select().where(BenchRow.number >= 5000).limit(50).run(),
            300,
        )

    async def many_inserts() -> None:
        async def one() -> None:
            await insert(BenchRow, **dict(zip(NAMES, row(next(numbers)), strict=True)))

        await timed("insert, 12 columns", one)
        await timed("making its values", lambda: asyncio_free(next(numbers)))

    await database.read(many_fetches)
    await database.write(many_inserts)
    if isinstance(database, SqliteDatabase):
        raw = open_reader(database.path)
        sql = PAGE.replace("{}", "?")
        timed_raw("sqlite3 50 x 12, converted", lambda: raw.execute(sql, (5000,)).fetchall())
        one = "SELECT number FROM bench WHERE number=?"
        timed_raw("sqlite3 one", lambda: raw.execute(one, (77,)).fetchone())
        raw.close()
        bare = sqlite3.connect(f"file:{database.path}?mode=ro", uri=True)
        timed_raw("sqlite3 50 x 12, as stored", lambda: bare.execute(sql, (5000,)).fetchall())
        bare.close()
        await database.with_connection(raw_inserts)


def raw_inserts(connection: sqlite3.Connection) -> None:
    """Print what an insert costs on bare sqlite3."""
    numbers = count(ROWS * 10)
    sql = f"INSERT INTO bench ({','.join(NAMES)}) VALUES ({','.join('?' * len(NAMES))})"  # noqa: S608
    connection.execute("BEGIN IMMEDIATE")
    timed_raw("sqlite3 insert", lambda: connection.execute(sql, row(next(numbers))))
    connection.execute("ROLLBACK")


async def asyncio_free(number: int) -> None:
    """Make a row's values and nothing else."""
    dict(zip(NAMES, row(number), strict=True))


async def group_commit(database: Database, clients: int, seconds: float) -> None:
    """Print how many writes a second are acknowledged."""
    numbers = count(ROWS * 20)
    for width in (1, 20, clients):
        deadline = time.perf_counter() + seconds / 2
        done = 0

        async def client(until: float = deadline) -> int:
            made = 0
            while time.perf_counter() < until:
                values = dict(zip(NAMES, row(next(numbers)), strict=True))
                await database.write(lambda values=values: insert(BenchRow, **values))
                made += 1
            return made

        cpu = time.process_time()
        done = sum(await asyncio.gather(*(client() for _ in range(width))))
        cpu = time.process_time() - cpu
        print(
            f"writes, {width:3} at once       {done / (seconds / 2):10.0f} /s"
            f" {cpu / done * 1e3:8.3f} ms CPU each"
        )


async def mixed(
    database: Database,
    ids: list[Any],
    numbers: Iterator[int],
    clients: int,
    seconds: float,
    rate: float = 0,
) -> None:
    """Four reads (a page of 50 and an audit note) to one write (an update and an insert)."""
    random = Random(1)  # noqa: S311 - a load, not a secret
    deadline = time.perf_counter() + seconds
    reads: list[float] = []
    writes: list[float] = []

    async def note() -> None:
        values = dict(zip(NAMES, row(next(numbers)), strict=True))
        await insert(BenchRow, **values)

    async def page() -> int:
        rows = await fetch(PAGE, random.randrange(ROWS - 50))
        return sum(len(str(value)) for values in rows for value in values[:6])

    async def change() -> None:
        await update_row(BenchRow, random.choice(ids), status="done", updated_at=NOW)
        await note()

    async def client() -> None:
        pause = clients / rate if rate else 0.0
        await asyncio.sleep(random.random() * pause)
        while (started := time.perf_counter()) < deadline:
            if random.random() < 0.8:
                await database.read(page)
                await database.write(note)
                reads.append(time.perf_counter() - started)
            else:
                await database.write(change)
                writes.append(time.perf_counter() - started)
            await asyncio.sleep(max(0.0, started + pause - time.perf_counter()))

    cpu = time.process_time()
    await asyncio.gather(*(client() for _ in range(clients)))
    cpu = time.process_time() - cpu
    total = len(reads) + len(writes)
    print(
        f"mixed, {clients} clients{f', {rate:.0f}/s asked' if rate else ''}: {total / seconds:.0f}"
        f" actions/s, {cpu / total * 1e3:.2f} ms CPU; read {shares(reads)}; write {shares(writes)}"
    )


def shares(taken: list[float]) -> str:
    """Write p50 and p95 in milliseconds."""
    ordered = sorted(taken)
    at = [ordered[int(len(ordered) * share)] * 1e3 for share in (0.5, 0.95)]
    return f"p50 {at[0]:.1f} p95 {at[1]:.1f} ms"


async def run(arguments: argparse.Namespace) -> None:
    """Measure one engine."""
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        database: Database = (
            PostgresDatabase(arguments.postgres)
            if arguments.postgres
            else SqliteDatabase(Path(folder) / "main.db")
        )
        await database.start()
        try:
            ids = await prepare(database)
            await statements(database)
            await group_commit(database, arguments.clients, arguments.seconds)
            numbers = count(ROWS * 40)
            await mixed(database, ids, numbers, arguments.clients, arguments.seconds)
            await mixed(
                database, ids, numbers, arguments.clients, arguments.seconds, arguments.rate
            )
        finally:
            await database.stop()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"peak memory               {peak} MiB")


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument(
        "--rate", type=float, default=130.0, help="actions/s of the second mixed run"
    )
    parser.add_argument("--folder", default=".", help="where the temporary file goes; not a tmpfs")
    parser.add_argument("--postgres", help="measure this empty database instead")
    arguments = parser.parse_args()
    asyncio.run(run(arguments))


if __name__ == "__main__":
    main()
