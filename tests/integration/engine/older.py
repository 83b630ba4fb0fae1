"""A box of this release set back to an older step of the schema, its data left in it."""

import sqlite3
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from appliance.storage.engine.shapes import name_of
from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations import runner
from appliance.storage.migrations.operations import Migration


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


async def _brought(older: int) -> Noted:
    noted = Noted()
    for step in runner.known_steps(runner.HOUSE):
        if step.number > older:
            await import_module(f"{step.package}.{step.name}").up(noted)
    return noted


async def set_back(file: Path, older_step: int) -> None:
    """Take away what later steps brought, and their marks."""
    database = SqliteDatabase(file)
    await database.start()
    noted = await database.alter(lambda: _brought(older_step))
    await database.stop()
    with sqlite3.connect(file) as older:
        for name in noted.indexes:
            older.execute(f'DROP INDEX IF EXISTS "{name}"')
        for name in noted.tables:
            older.execute(f'DROP TABLE "{name}"')
        for table, column in noted.columns_added:
            if table not in noted.tables:
                older.execute(f'ALTER TABLE "{table}" DROP COLUMN "{column}"')
        older.execute("DELETE FROM schema_migration WHERE number > ?", (older_step,))
    older.close()
