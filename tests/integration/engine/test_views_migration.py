"""A box of an earlier release gets kept views without losing anything."""

import sqlite3
from importlib import import_module
from pathlib import Path

from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.operations import Migration
from tests.web_house import open_web_house

GONE = ("saved_view", "list_choice")


async def test_the_tables_of_views_come_to_an_older_box(tmp_path: Path) -> None:
    async with open_web_house(tmp_path, clients=3, orders=3):
        pass
    with sqlite3.connect(tmp_path / "main.db") as older:
        for table in GONE:
            older.execute(f"DROP TABLE {table}")
        older.execute("UPDATE role SET grants = replace(grants, 'view.share', 'order.pay')")
    older.close()
    database = SqliteDatabase(tmp_path / "main.db")
    await database.start()
    step = import_module("appliance.storage.migrations.0009_views")

    async def forward() -> list[list[str]]:
        for _ in range(2):  # a repeated step changes nothing
            await step.up(Migration())
        return [await Migration().columns(table) for table in GONE]

    try:
        found = await database.alter(forward)
    finally:
        await database.stop()
    assert all(found)
    with sqlite3.connect(tmp_path / "main.db") as newer:
        assert newer.execute("SELECT COUNT(*) FROM orders").fetchone() == (3,)
        granted = newer.execute("SELECT code FROM role WHERE grants LIKE '%view.share%'")
        assert {"head", "administrator"} <= {row[0] for row in granted}
    newer.close()
