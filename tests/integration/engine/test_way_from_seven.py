"""A box that stopped at the seventh step of the schema comes to this release with its data."""

import sqlite3
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from appliance.storage.engine.shapes import name_of
from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations import runner
from appliance.storage.migrations.operations import Migration
from tests.web_house import open_web_house

OLDER = 7


class Noted(Migration):
    """Does nothing but note what later steps bring."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[str] = []
        self.columns_added: list[tuple[str, str]] = []
        self.indexes: list[str] = []

    async def create_tables(self, *tables: Any) -> None:
        self.tables += [name_of(one) for one in tables]

    async def add_column(self, table: Any, column: str, default: Any = None) -> None:
        del default
        self.columns_added.append((name_of(table), column))

    async def create_index(
        self, table: Any, *columns: str, unique: bool = False, where: Any = None, name: Any = None
    ) -> None:
        del unique, where
        self.indexes.append(name or "_".join((name_of(table), *columns)))

    async def data(self, change: Callable[[], Awaitable[Any]]) -> None:
        del change


async def _brought() -> Noted:
    noted = Noted()
    for step in runner.known_steps(runner.HOUSE):
        if step.number > OLDER:
            await import_module(f"{step.package}.{step.name}").up(noted)
    return noted


def _schema(file: Path) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Tables and indexes, and the columns of every table."""
    with sqlite3.connect(file) as opened:
        things = set(opened.execute("SELECT type, name FROM sqlite_schema"))
        columns = {
            (table, row[1])
            for kind, table in things
            if kind == "table"
            for row in opened.execute(f"PRAGMA table_info('{table}')")
        }
    opened.close()
    return things, columns


async def test_a_box_at_the_seventh_step_comes_to_this_release_with_its_data(
    tmp_path: Path,
) -> None:
    async with open_web_house(tmp_path, clients=5, orders=7):
        pass
    file = tmp_path / "main.db"
    before = _schema(file)
    database = SqliteDatabase(file)
    await database.start()
    noted = await database.alter(_brought)
    await database.stop()
    with sqlite3.connect(file) as older:
        for name in noted.indexes:
            older.execute(f'DROP INDEX IF EXISTS "{name}"')
        for name in noted.tables:
            older.execute(f'DROP TABLE "{name}"')
        for table, column in noted.columns_added:
            if table in noted.tables:
                continue
            older.execute(f'ALTER TABLE "{table}" DROP COLUMN "{column}"')
        older.execute("DELETE FROM schema_migration WHERE number > ?", (OLDER,))
        older.execute("DELETE FROM reference WHERE kind IN ('task-kinds', 'task-results')")
    older.close()
    database = SqliteDatabase(file)
    await database.start()
    try:
        done = await runner.migrate(database)
    finally:
        await database.stop()
    assert done[0].number == OLDER + 1
    assert _schema(file) == before
    with sqlite3.connect(file) as newer:
        counted = {
            table: newer.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0]  # noqa: S608
            for table in ("customer", "orders", "calendar_day")  # our own names
        }
        kinds = newer.execute("SELECT COUNT(*) FROM reference WHERE kind LIKE 'task-%'")
        assert kinds.fetchone()[0] > 0
        granted = newer.execute("SELECT code FROM role WHERE grants LIKE '%task.edit%'").fetchall()
    newer.close()
    assert (counted["customer"], counted["orders"]) == (5, 7)
    assert counted["calendar_day"] > 20
    assert ("seller",) in granted
