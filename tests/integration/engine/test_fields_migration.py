"""A box of an earlier release gets fields and tabs without losing anything."""

import sqlite3
from importlib import import_module
from pathlib import Path

from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.operations import Migration
from tests.integration.duplicates.pairs import anna
from tests.web_house import open_web_house

NEW = ("custom_field", "custom_value", "custom_cell", "custom_token", "card_tab")


async def test_the_tables_of_fields_come_to_an_older_box(tmp_path: Path) -> None:
    async with open_web_house(tmp_path) as made:
        await anna(made.house)
    with sqlite3.connect(tmp_path / "main.db") as older:
        for table in NEW:
            older.execute(f"DROP TABLE {table}")
    older.close()
    database = SqliteDatabase(tmp_path / "main.db")
    await database.start()
    step = import_module("appliance.storage.migrations.0010_fields")

    async def forward() -> list[list[str]]:
        for _ in range(2):  # a repeated step changes nothing
            await step.up(Migration())
        return [await Migration().columns(table) for table in NEW]

    try:
        found = await database.alter(forward)
    finally:
        await database.stop()
    assert all(found)
    with sqlite3.connect(tmp_path / "main.db") as newer:
        assert newer.execute("SELECT state FROM customer").fetchall() == [("live",)]
        indexes = {row[0] for row in newer.execute("SELECT name FROM sqlite_schema")}
    newer.close()
    assert {"custom_field_owner_code", "custom_value_field_id_text_value"} <= indexes
