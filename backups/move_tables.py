"""All tables of a main.db on a PostgreSQL server, in a schema beside, brought and read back."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec

from appliance.boot.moved import FRESH, Move
from appliance.errors import Damaged
from appliance.storage import schemas
from appliance.storage.engine.connections import current
from appliance.storage.engine.postgres import PostgresDatabase
from appliance.storage.migrations.runner import migrate
from appliance.storage.statements import fetch
from backups import other_engine, snapshot
from backups.digests import Digest
from backups.make import Tell
from backups.other_engine import ROWS, Table

Brought = list[tuple[Table, Digest]]

NO_LIMITS: Final = "statement_timeout=0&lock_timeout=0&idle_in_transaction_session_timeout=0"
"""An administrator's limits are for questions, not for the one time that all tables are read."""

_COLUMNS: Final = (
    "SELECT column_name::text FROM information_schema.columns"
    " WHERE table_schema = current_schema() AND table_name = {}"
)


def unlimited(url: str) -> str:
    """The address for work that takes as long as it takes."""
    return f"{url}{'&' if '?' in url else '?'}{NO_LIMITS}"


def beside(url: str) -> str:
    """The address of the tables that are being filled."""
    return schemas.within(unlimited(url), FRESH)


def forget(url: str) -> None:
    """Drop what was filled and is not wanted any more."""

    async def run(database: PostgresDatabase) -> None:
        await database.alter(lambda: schemas.drop(FRESH))

    other_engine.on(unlimited(url), run)


def bring(url: str, main: Path, plan: Move, tell: Tell) -> Move:
    """Fill the tables beside, read them back, compare; the move with its figures.

    Args:
        url: of the server; what a try before left there is dropped.
        main: of the schema of this release; nobody writes to it.
        plan: whose mark the tables get.
        tell: step, rows done, rows in all.

    Raises:
        Damaged: `move_schema`, `move_differs`.
        Unavailable: the server does not answer, has no room, or does not let us make a schema.
    """

    async def make_schema(database: PostgresDatabase) -> None:
        await database.alter(lambda: schemas.drop(FRESH))
        await database.alter(lambda: current().script(f"CREATE SCHEMA {FRESH}"))

    async def fill(database: PostgresDatabase) -> Brought:
        await migrate(database)
        await database.alter(lambda: schemas.mark(plan.mark))
        with closing(other_engine.reading(main)) as source:
            tables = other_engine.tables_of(source)
            await database.read(lambda: _must_fit(tables))
            return await database.alter(lambda: _pour(source, tables, tell))

    async def look(database: PostgresDatabase) -> None:
        await database.read(lambda: _must_be_same(brought, tell))

    other_engine.on(unlimited(url), make_schema)
    brought = other_engine.on(beside(url), fill)
    other_engine.on(beside(url), look)
    rows = sum(digest.rows for _, digest in brought)
    return msgspec.structs.replace(plan, tables=len(brought), rows=rows)


async def _must_fit(tables: Sequence[Table]) -> None:
    """Refuse tables that would not come over whole: what a hand has added to main.db.

    Raises:
        Damaged: `move_schema`.
    """
    for table in tables:
        there = {str(row[0]) for row in await fetch(_COLUMNS, table.name)}
        if odd := there.symmetric_difference(table.columns):
            raise Damaged("move_schema", table=table.name, column=min(odd))


async def _pour(source: sqlite3.Connection, tables: Sequence[Table], tell: Tell) -> Brought:
    """Bring every row; what was brought, by table."""
    lease, brought, done = current(), list[tuple[Table, Digest]](), 0
    total = sum(snapshot.counted(source).values())
    for table in tables:
        # What migrations put there.
        await lease.script(f'DELETE FROM "{table.name}"')  # noqa: S608 - out of our own schema
        seen = Digest()
        brought.append((table, seen))
        for rows in other_engine.pieces(source, table):
            await lease.load(table.name, table.columns, rows)
            seen.take(rows)
            done += len(rows)
            tell("tables", done, total)
    await lease.script("ANALYZE")  # the server knows nothing of how large they are
    return brought


async def _must_be_same(brought: Brought, tell: Tell) -> None:
    """Read everything back and compare.

    Raises:
        Damaged: `move_differs`.
    """
    total, done = sum(digest.rows for _, digest in brought), 0
    for number, (table, there) in enumerate(brought):
        found, walk = Digest(), f"walk_{number}"
        await current().script(
            f'DECLARE {walk} NO SCROLL CURSOR FOR SELECT {table.listed} FROM "{table.name}"'  # noqa: S608 - out of our own schema
        )
        while rows := await fetch(f"FETCH {ROWS} FROM {walk}"):
            found.take(rows)
            done += len(rows)
            tell("verify", done, total)
        await current().script(f"CLOSE {walk}")
        if found != there:
            raise Damaged("move_differs", table=table.name, brought=there.rows, found=found.rows)
