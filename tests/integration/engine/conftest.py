"""Both engines behind one fixture; each test gets a database of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from appliance.storage.engine import Database
from appliance.storage.engine.postgres import PostgresDatabase
from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.operations import Migration
from tests.integration.engine.tables import BookRow, ShelfRow
from tests.postgres import own_database


@pytest.fixture(params=["sqlite", "postgres"])
async def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A started database without tables, on either engine."""
    if request.param == "sqlite":
        made: Database = SqliteDatabase(tmp_path / "main.db")
        await made.start()
        yield made
        await made.stop()
        return
    async with own_database(request.getfixturevalue("postgres_address")) as address:
        made = PostgresDatabase(address)
        await made.start()
        yield made
        await made.stop()


async def make_tables() -> None:
    await Migration().create_tables(ShelfRow, BookRow)


@pytest.fixture
async def database(empty_database: Database) -> Database:
    """A started database with the tests' tables, on either engine."""
    await empty_database.alter(make_tables)
    return empty_database


@pytest.fixture
async def file_database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    """The same on SQLite, for what only it does."""
    made = SqliteDatabase(tmp_path / "main.db")
    await made.start()
    await made.alter(make_tables)
    yield made
    await made.stop()
