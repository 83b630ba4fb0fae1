"""A box of an earlier release can keep what shops say of companies, and baskets."""

import sqlite3
from importlib import import_module
from pathlib import Path

from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.operations import Migration
from tests.web_house import open_web_house

TABLES = ("corporate_part", "cart")


async def test_parts_of_companies_and_baskets_come_to_an_older_box(tmp_path: Path) -> None:
    async with open_web_house(tmp_path, clients=2, orders=2):
        pass
    with sqlite3.connect(tmp_path / "main.db") as older:
        for table in TABLES:
            older.execute(f"DROP TABLE {table}")
    older.close()
    database = SqliteDatabase(tmp_path / "main.db")
    await database.start()
    step = import_module("appliance.storage.migrations.0030_corporate")

    async def forward() -> list[list[str]]:
        for _ in range(2):  # a repeated step changes nothing
            await step.up(Migration())
        return [await Migration().columns(table) for table in TABLES]

    try:
        assert all(await database.alter(forward))
    finally:
        await database.stop()
