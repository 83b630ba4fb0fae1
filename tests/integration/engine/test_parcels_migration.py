"""A box of an earlier release gets a place for what carriers carry."""

import sqlite3
from importlib import import_module
from pathlib import Path

from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.operations import Migration
from appliance.storage.statements import fetch_value
from tests.web_house import open_web_house

TABLES = ("parcel", "parcel_step", "carrier_town")


async def test_orders_outlive_the_step(tmp_path: Path) -> None:
    async with open_web_house(tmp_path, clients=2, orders=2):
        pass
    with sqlite3.connect(tmp_path / "main.db") as older:
        for table in TABLES:
            older.execute(f"DROP TABLE {table}")
        had = older.execute("SELECT COUNT(*) FROM orders").fetchone()[0]
    older.close()
    database = SqliteDatabase(tmp_path / "main.db")
    await database.start()
    step = import_module("appliance.storage.migrations.0040_parcels")

    async def forward() -> int:
        for _ in range(2):  # a repeated step changes nothing
            await step.up(Migration())
        assert all([await Migration().columns(table) for table in TABLES])
        return await fetch_value("SELECT COUNT(*) FROM orders")

    try:
        assert await database.alter(forward) == had
    finally:
        await database.stop()
