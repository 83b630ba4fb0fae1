"""Messages of a box of an earlier release stay; none of them counts for the day of the update."""

import sqlite3
from importlib import import_module
from pathlib import Path

from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.operations import Migration
from appliance.storage.statements import fetch

OLDER = """CREATE TABLE message (id BLOB PRIMARY KEY, number INTEGER NOT NULL,
state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0)"""


async def test_messages_outlive_the_step(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "main.db") as older:
        older.execute(OLDER)
        older.execute("INSERT INTO message VALUES (x'00', 7, 'sent', 1)")
    older.close()
    database = SqliteDatabase(tmp_path / "main.db")
    await database.start()
    step = import_module("appliance.storage.migrations.0050_message_day")

    async def forward() -> object:
        for _ in range(2):  # a repeated step changes nothing
            await step.up(Migration())
        return await fetch("SELECT number, taken_at FROM message")

    try:
        assert await database.alter(forward) == [(7, None)]
    finally:
        await database.stop()
