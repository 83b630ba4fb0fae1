"""A box of an earlier release learns to change many records at once, and loses nothing."""

import sqlite3
from importlib import import_module
from pathlib import Path

from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.operations import Migration
from tests.web_house import open_web_house


async def test_the_table_of_changes_in_steps_comes_to_an_older_box(tmp_path: Path) -> None:
    async with open_web_house(tmp_path, clients=3, orders=3):
        pass
    with sqlite3.connect(tmp_path / "main.db") as older:
        older.execute("DROP TABLE bulk_edit")
    older.close()
    database = SqliteDatabase(tmp_path / "main.db")
    await database.start()

    step = import_module("appliance.storage.migrations.0020_bulk_edits")

    async def forward() -> list[str]:
        for _ in range(2):  # a repeated step changes nothing
            await step.up(Migration())
        return await Migration().columns("bulk_edit")

    try:
        found = await database.alter(forward)
    finally:
        await database.stop()
    assert {"undo_set", "outcome", "after"} <= set(found)
    with sqlite3.connect(tmp_path / "main.db") as newer:
        assert newer.execute("SELECT COUNT(*) FROM orders").fetchone() == (3,)
        indexes = {row[0] for row in newer.execute("SELECT name FROM sqlite_schema")}
    newer.close()
    assert "bulk_edit_state_made_at" in indexes
