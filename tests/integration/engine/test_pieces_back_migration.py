"""Postings of a box of an earlier release stay; nothing of them counts as brought back."""

import sqlite3
from importlib import import_module
from pathlib import Path

from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.operations import Migration
from appliance.storage.statements import fetch


async def test_lines_of_postings_outlive_the_step(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "main.db") as older:
        older.execute("CREATE TABLE posting_line (id BLOB PRIMARY KEY, quantity INTEGER NOT NULL)")
        older.execute("INSERT INTO posting_line VALUES (x'00', 3)")
    older.close()
    database = SqliteDatabase(tmp_path / "main.db")
    await database.start()
    step = import_module("appliance.storage.migrations.0051_pieces_back")

    async def forward() -> object:
        for _ in range(2):  # a repeated step changes nothing
            await step.up(Migration())
        return await fetch("SELECT quantity, returned FROM posting_line")

    try:
        assert await database.alter(forward) == [(3, 0)]
    finally:
        await database.stop()
