"""The tables of a box on PostgreSQL in an update: tried on a copy, kept aside, put back.

The copy lies on the same server as a schema beside the one in use: no dump, no second database, no
rights that the box's account lacks. Each verb is one transaction there, so a machine that dies in
one of them finds the tables as they were before it or after it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Final, TypeVar

from appliance.errors import Damaged
from appliance.storage import schemas
from appliance.storage.engine.postgres import PostgresDatabase
from appliance.storage.engine.shapes import columns_of, name_of
from appliance.storage.migrations.runner import HOUSE, known_steps
from appliance.storage.statements import fetch, fetch_value
from appliance.storage.tables import TABLES

T = TypeVar("T")

TRIAL: Final = "korobka_trial"
KEPT: Final = "korobka_before_update"
_SCHEMA: Final = "SELECT COALESCE(MAX(number), 0) FROM schema_migration WHERE module = 'house'"
_COLUMNS: Final = (
    "SELECT table_name::text, column_name::text FROM information_schema.columns"
    " WHERE table_schema = current_schema()"
)
_INVALID: Final = (
    "SELECT x.relname::text FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid"
    " WHERE x.relnamespace = current_schema()::regnamespace AND NOT i.indisvalid"
    " UNION ALL SELECT c.conname::text FROM pg_constraint c"
    " WHERE c.connamespace = current_schema()::regnamespace AND NOT c.convalidated"
)


@contextmanager
def on_copy(url: str) -> Generator[str]:
    """The address of a copy of the tables as of this moment; it is dropped at the end.

    Raises:
        Unavailable: `update_engine_view`; the server refuses: no room, no right to make schemas.
    """

    async def make(database: PostgresDatabase) -> None:
        await database.read(schemas.refuse_others)
        await database.alter(lambda: schemas.copy(TRIAL, lasting=False))

    async def drop(database: PostgresDatabase) -> None:
        await database.alter(lambda: schemas.drop(TRIAL))

    _on(url, make)
    try:
        yield schemas.within(url, TRIAL)
    finally:
        _on(url, drop)


def keep(url: str) -> dict[str, int]:
    """Copy the tables of a stopped box, to go back to; rows by table."""

    async def run(database: PostgresDatabase) -> dict[str, int]:
        await database.alter(lambda: schemas.drop(TRIAL))
        return await database.alter(lambda: schemas.copy(KEPT, lasting=True))

    return _on(url, run)


def must_be_kept(url: str, rows: Mapping[str, int]) -> None:
    """Refuse a copy that is not the one that was made; none is there once it was put back.

    Raises:
        Damaged: `update_copy_damaged`.
    """

    async def counted() -> dict[str, int] | None:
        if not await schemas.is_there(KEPT):
            return None
        found: dict[str, int] = {}
        for name in await schemas.tables(KEPT):
            found[name] = await fetch_value(f'SELECT COUNT(*) FROM "{KEPT}"."{name}"')  # noqa: S608 - out of the catalogue
        return found

    async def run(database: PostgresDatabase) -> dict[str, int] | None:
        # Not a reading body: an answer has to come within a minute there.
        return await database.alter(counted)

    found = _on(url, run)
    if found is not None and found != rows:
        differs = sorted(set(found.items()) ^ set(rows.items()))
        raise Damaged("update_copy_damaged", part=differs[0][0])


def put_back(url: str) -> None:
    """Put the tables that were kept into their place; may be repeated."""

    async def run(database: PostgresDatabase) -> bool:
        return await database.alter(lambda: schemas.exchange(KEPT))

    _on(url, run)


def forget(url: str) -> None:
    """Drop what a trial or an update left beside the tables in use."""

    async def run(database: PostgresDatabase) -> None:
        for name in (TRIAL, KEPT):
            await database.alter(lambda one=name: schemas.drop(one))

    _on(url, run)


def schema_of(url: str) -> int:
    """Number of the last migration that the tables have been through."""

    async def run(database: PostgresDatabase) -> int:
        return await database.read(lambda: fetch_value(_SCHEMA))

    return _on(url, run)


def waiting(url: str) -> list[bytes]:
    """Deeds that are not in the log yet."""

    async def run(database: PostgresDatabase) -> list[bytes]:
        rows = await database.read(lambda: fetch("SELECT leaf FROM audit_outbox"))
        return [bytes(row[0]) for row in rows]

    return _on(url, run)


def test(url: str) -> int:
    """Look at the tables of the box, or of a copy, without changing them; how many checks passed.

    Raises:
        Damaged: `update_test_failed`.
    """

    async def look() -> None:
        number, newest = await fetch_value(_SCHEMA), known_steps(HOUSE)[-1].number
        if number != newest:
            raise Damaged("update_test_failed", part=f"schema {number}/{newest}")
        there = {(str(table), str(column)) for table, column in await fetch(_COLUMNS)}
        wanted = {(name_of(table), name_of(one)) for table in TABLES for one in columns_of(table)}
        if missing := wanted - there:
            raise Damaged("update_test_failed", part=".".join(min(missing)))
        for (name,) in await fetch(_INVALID):
            raise Damaged("update_test_failed", part=str(name))

    async def run(database: PostgresDatabase) -> None:
        await database.read(look)

    _on(url, run)
    return 3


def _on(url: str, work: Callable[[PostgresDatabase], Awaitable[T]]) -> T:
    async def run() -> T:
        database = PostgresDatabase(url)
        await database.start()
        try:
            return await work(database)
        finally:
            await database.stop()

    return asyncio.run(run())
