"""A PostgreSQL box's tables as the very main.db of a copy, and back.

A copy is the same whatever engine the box runs on, so the drill, the checks and a restore onto a
bare machine without any server are the same too (docs/adr/0012). All tables come from one snapshot
of the server. They go back into a schema beside the one in use, and the two change names at once.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from appliance.errors import Unavailable
from appliance.storage import schemas
from appliance.storage.engine import values
from appliance.storage.engine.connections import current
from appliance.storage.engine.postgres import PostgresDatabase
from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.runner import migrate, require_current
from appliance.storage.statements import fetch

T = TypeVar("T")
Told = Callable[[int, int], None]

ROWS: Final = 2_000
"""At once: some megabytes where rows carry sealed cells."""

FRESH: Final = "korobka_restored"
"""The schema that a restore fills; one that was cut off is dropped by the next. It takes its place
with the files, see `boot/swap.py`."""

_SIZE: Final = "SELECT pg_database_size(current_database())"
_TABLES: Final = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"


class Table(NamedTuple):
    """A table as this release makes it.

    Attributes:
        keys: columns of the primary key.
    """

    name: str
    columns: tuple[str, ...]
    keys: tuple[str, ...] = ()

    @property
    def listed(self) -> str:
        """Its columns, for a statement."""
        return ", ".join(f'"{one}"' for one in self.columns)

    @property
    def hashed(self) -> str:
        """What the server says of a row's key in 64 bits."""
        keys = ", ".join(f'"{one}"::text' for one in self.keys)
        return f"hashtextextended(concat_ws('|', {keys}), 0)"


Look = Callable[[Sequence[Table]], Awaitable[T]]


def size_of(url: str) -> int:
    """Bytes that the server's database takes.

    Raises:
        Unavailable: the server does not answer.
    """

    async def run(source: PostgresDatabase) -> int:
        return int((await source.read(lambda: fetch(_SIZE)))[0][0])

    return on(url, run)


def take(url: str, target: Path, told: Told, *, beside: Look[T]) -> T:
    """Write what the server holds at this moment into a new main.db.

    Args:
        url: of the box's database.
        target: must not exist.
        told: rows done so far, and about how many there are.
        beside: asked of the server at the same moment.

    Returns:
        what `beside` has found.

    Raises:
        Unavailable: the server does not answer; `schema_older`; `backup_engine_table`: it holds a
            table that this release does not know.
        sqlite3.Error: there is no room.
    """

    async def run(source: PostgresDatabase) -> T:
        await require_current(source)
        await _make(target)
        with closing(sqlite3.connect(target, isolation_level=None)) as fresh:
            fresh.execute("PRAGMA synchronous = OFF")  # on the disk only when whole, if at all
            tables = tables_of(fresh)

            async def body() -> T:
                await refuse_unknown(tables)
                await _pour(fresh, tables, told)
                return await beside(tables)

            fresh.execute("BEGIN")
            found = await source.read(body)
            fresh.execute("COMMIT")
            fresh.execute("PRAGMA journal_mode = DELETE")
        return found

    target.touch(mode=0o600, exist_ok=False)
    return on(url, run)


async def nothing(_: Sequence[Table]) -> None:
    """For copies, which ask nothing else."""


async def refuse_unknown(tables: Sequence[Table]) -> None:
    """Refuse a table that this release does not know: it would be lost without a word.

    Raises:
        Unavailable: `backup_engine_table`.
    """
    there = {str(row[0]) for row in await fetch(_TABLES)}
    if unknown := there - {one.name for one in tables}:
        raise Unavailable("backup_engine_table", table=min(unknown))


async def _pour(fresh: sqlite3.Connection, tables: Sequence[Table], told: Told) -> None:
    script, done = current().script, 0
    total = int((await fetch("SELECT SUM(reltuples) FROM pg_class WHERE relkind = 'r'"))[0][0] or 0)
    for number, table in enumerate(tables):
        walk = f"walk_{number}"  # the driver keeps what a statement's text gave last time
        fresh.execute(f'DELETE FROM "{table.name}"')  # noqa: S608 - out of our own schema
        marks = ", ".join("?" * len(table.columns))
        put = f'INSERT INTO "{table.name}" ({table.listed}) VALUES ({marks})'  # noqa: S608 - as above
        await script(
            f'DECLARE {walk} NO SCROLL CURSOR FOR SELECT {table.listed} FROM "{table.name}"'  # noqa: S608 - as above
        )
        while rows := await fetch(f"FETCH {ROWS} FROM {walk}"):
            fresh.executemany(put, rows)
            done += len(rows)
            told(done, max(total, done))
        await script(f"CLOSE {walk}")


def fill(url: str, source: Path) -> None:
    """Put a main.db into tables beside those in use, which nobody sees; they are named `FRESH`.

    Args:
        url: of the box's database; people may go on with it.
        source: of the schema of this release.

    Raises:
        Unavailable: the server does not answer, has no room, or does not let us make a schema.
    """

    async def make(database: PostgresDatabase) -> None:
        await database.alter(lambda: schemas.drop(FRESH))
        await database.alter(lambda: _script(f"CREATE SCHEMA {FRESH}"))

    async def pour(database: PostgresDatabase) -> None:
        await migrate(database)
        with closing(reading(source)) as taken:
            await database.alter(lambda: _load(taken))

    on(url, make)
    on(schemas.within(url, FRESH), pour)


def forget(url: str) -> None:
    """Drop what was filled and is not wanted any more."""

    async def run(database: PostgresDatabase) -> None:
        await database.alter(lambda: schemas.drop(FRESH))

    on(url, run)


def is_kept(url: str, aside: str) -> bool:
    """Whether tables of before a restore are still there."""

    async def run(database: PostgresDatabase) -> bool:
        return await database.read(lambda: schemas.is_there(aside))

    return on(url, run)


async def _script(sql: str) -> None:
    await current().script(sql)


async def _load(taken: sqlite3.Connection) -> None:
    lease = current()
    for table in tables_of(taken):
        await lease.script(f'DELETE FROM "{table.name}"')  # noqa: S608 - out of our own schema
        for rows in pieces(taken, table):
            await lease.load(table.name, table.columns, rows)


def pieces(taken: sqlite3.Connection, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    """All rows of a table, `ROWS` at once."""
    found = taken.execute(f'SELECT {table.listed} FROM "{table.name}"')  # noqa: S608 - as above
    while rows := found.fetchmany(ROWS):
        yield rows


def reading(path: Path) -> sqlite3.Connection:
    """A main.db for reading, with the values of storage."""
    values.install()
    # Who may not write would leave an empty log beside it, which is then not all of it any more.
    source = f"{path.resolve().as_uri()}?mode=rw"
    database = sqlite3.connect(source, uri=True, detect_types=sqlite3.PARSE_DECLTYPES)
    database.execute("PRAGMA query_only = ON")
    return database


async def _make(target: Path) -> None:
    """A main.db of this release's schema."""
    database = SqliteDatabase(target)
    await database.start()
    try:
        await migrate(database)
    finally:
        await database.stop()


def tables_of(database: sqlite3.Connection) -> list[Table]:
    """All tables of a main.db, in order."""
    names = database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    return [_table(database, name) for (name,) in sorted(names)]


def _table(database: sqlite3.Connection, name: str) -> Table:
    rows = database.execute(f'PRAGMA table_info("{name}")').fetchall()
    keys = sorted((row[5], row[1]) for row in rows if row[5])
    return Table(name, tuple(row[1] for row in rows), tuple(column for _, column in keys))


def on(url: str, work: Callable[[PostgresDatabase], Coroutine[Any, Any, T]]) -> T:
    """Do something on the server, by connections of its own."""

    async def run() -> T:
        database = PostgresDatabase(url)
        await database.start()
        try:
            return await work(database)
        finally:
            await database.stop()

    return asyncio.run(run())
