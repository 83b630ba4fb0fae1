"""A box of an earlier release gets its tables of marketplaces and keeps its orders."""

import sqlite3
from importlib import import_module
from pathlib import Path

from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.operations import Migration
from appliance.storage.statements import fetch_value
from tests.web_house import open_web_house

TABLES = ("market_account", "posting", "posting_line", "market_offer")


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
    step = import_module("appliance.storage.migrations.0041_markets")

    async def forward() -> int:
        for _ in range(2):  # a repeated step changes nothing
            await step.up(Migration())
        for table in TABLES:
            assert await Migration().columns(table)
        return await fetch_value("SELECT COUNT(*) FROM orders")

    try:
        assert await database.alter(forward) == had
    finally:
        await database.stop()
