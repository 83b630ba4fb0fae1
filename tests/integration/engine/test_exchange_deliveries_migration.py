"""Lines of a box of an earlier release stay: they just cannot tell which delivery they are of."""

import sqlite3
from importlib import import_module
from pathlib import Path

from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.operations import Migration
from appliance.storage.statements import fetch

OLDER = """CREATE TABLE plugin_journal (id BLOB PRIMARY KEY, number INTEGER NOT NULL,
plugin TEXT NOT NULL, at INTEGER NOT NULL, direction TEXT NOT NULL, state TEXT NOT NULL,
code TEXT NOT NULL, data TEXT NOT NULL DEFAULT '{}', kind TEXT NOT NULL DEFAULT '',
object_number INTEGER NOT NULL DEFAULT 0)"""


async def test_lines_of_the_journal_outlive_the_step(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "main.db") as older:
        older.execute(OLDER)
        older.execute(
            "INSERT INTO plugin_journal VALUES "
            "(x'00', 7, 'cdek', 0, 'out', 'ok', 'booked', '{}', 'order', 4)"
        )
    older.close()
    database = SqliteDatabase(tmp_path / "main.db")
    await database.start()
    step = import_module("appliance.storage.migrations.0048_exchange_deliveries")

    async def forward() -> object:
        for _ in range(2):  # a repeated step changes nothing
            await step.up(Migration())
        return await fetch("SELECT number, delivery_id FROM plugin_journal")

    try:
        assert await database.alter(forward) == [(7, None)]
    finally:
        await database.stop()
