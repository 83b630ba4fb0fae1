"""A box of an earlier release can take statements of banks in."""

import sqlite3
from importlib import import_module
from pathlib import Path

from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.operations import Migration
from tests.web_house import open_web_house


async def test_statements_of_banks_come_to_an_older_box(tmp_path: Path) -> None:
    async with open_web_house(tmp_path, clients=2, orders=2):
        pass
    with sqlite3.connect(tmp_path / "main.db") as older:
        older.execute("DROP TABLE bank_statement")
        older.execute("DROP TABLE bank_document")
    older.close()
    database = SqliteDatabase(tmp_path / "main.db")
    await database.start()
    step = import_module("appliance.storage.migrations.0039_bank")

    async def forward() -> list[str]:
        for _ in range(2):  # a repeated step changes nothing
            await step.up(Migration())
        return await Migration().columns("bank_document")

    try:
        assert {"mark", "words", "order_id", "payment_id"} <= set(await database.alter(forward))
    finally:
        await database.stop()
