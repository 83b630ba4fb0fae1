"""A box of an earlier release can hand orders to operators."""

import sqlite3
from importlib import import_module
from pathlib import Path

from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.operations import Migration
from tests.web_house import open_web_house

TABLES = (
    "fulfilment_operator",
    "fulfilment",
    "fulfilment_line",
    "fulfilment_code",
    "fulfilment_step",
)


async def test_operators_come_to_an_older_box(tmp_path: Path) -> None:
    async with open_web_house(tmp_path, clients=2, orders=2):
        pass
    with sqlite3.connect(tmp_path / "main.db") as older:
        for table in TABLES:
            older.execute(f"DROP TABLE {table}")
    older.close()
    database = SqliteDatabase(tmp_path / "main.db")
    await database.start()
    step = import_module("appliance.storage.migrations.0043_fulfilments")

    async def forward() -> list[str]:
        for _ in range(2):  # a repeated step changes nothing
            await step.up(Migration())
        return await Migration().columns("fulfilment")

    try:
        assert {"order_id", "stage", "revision", "seq"} <= set(await database.alter(forward))
    finally:
        await database.stop()
