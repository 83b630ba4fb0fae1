"""A box of an earlier release gets doubles and undo without losing anything."""

import sqlite3
from importlib import import_module
from pathlib import Path

from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.operations import Migration
from tests.integration.duplicates.pairs import anna
from tests.web_house import open_web_house

GONE = ("duplicate_pair", "client_merge", "merged_row", "undo_set", "undo_range")


async def test_the_tables_of_doubles_come_to_an_older_box(tmp_path: Path) -> None:
    async with open_web_house(tmp_path) as made:
        await anna(made.house)
    with sqlite3.connect(tmp_path / "main.db") as older:
        for table in GONE:
            older.execute(f"DROP TABLE {table}")
        older.execute("DROP INDEX customer_merged_into")
        older.execute("ALTER TABLE customer DROP COLUMN merged_into")
        older.execute("DROP INDEX change_entry_subject_id")
    older.close()
    database = SqliteDatabase(tmp_path / "main.db")
    await database.start()
    step = import_module("appliance.storage.migrations.0003_duplicates")

    async def forward() -> list[list[str]]:
        for _ in range(2):  # a repeated step changes nothing
            await step.up(Migration())
        return [await Migration().columns(table) for table in (*GONE, "customer")]

    try:
        found = await database.alter(forward)
    finally:
        await database.stop()
    assert all(found) and "merged_into" in found[-1]
    with sqlite3.connect(tmp_path / "main.db") as newer:
        assert newer.execute("SELECT state, merged_into FROM customer").fetchall() == [
            ("live", None)
        ]
        indexes = {row[0] for row in newer.execute("SELECT name FROM sqlite_schema")}
    newer.close()
    assert {"change_entry_subject_id", "duplicate_pair_first_id_second_id"} <= indexes
