"""A box of an earlier release can write requests down, and its sessions go on."""

import sqlite3
from importlib import import_module
from pathlib import Path

from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.operations import Migration
from tests.web_house import open_web_house

TABLES = ("subject_request", "subject_part", "subject_approval", "legal_hold")


async def test_requests_come_to_an_older_box(tmp_path: Path) -> None:
    async with open_web_house(tmp_path, clients=2, orders=2):
        pass
    with sqlite3.connect(tmp_path / "main.db") as older:
        for table in TABLES:
            older.execute(f"DROP TABLE {table}")
        older.execute("ALTER TABLE session DROP COLUMN mark")
        older.execute("ALTER TABLE known_device DROP COLUMN mark")
    older.close()
    database = SqliteDatabase(tmp_path / "main.db")
    await database.start()
    step = import_module("appliance.storage.migrations.0028_subjects")

    async def forward() -> list[list[str]]:
        for _ in range(2):  # a repeated step changes nothing
            await step.up(Migration())
        return [await Migration().columns(table) for table in (*TABLES, "session", "known_device")]

    try:
        found = await database.alter(forward)
        assert all(found)
        assert "mark" in found[-1]
        assert "mark" in found[-2]
    finally:
        await database.stop()
