"""A box of an earlier release can send text messages."""

import sqlite3
from importlib import import_module
from pathlib import Path

from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.operations import Migration
from tests.web_house import open_web_house


async def test_messages_come_to_an_older_box_with_clients_in_it(tmp_path: Path) -> None:
    async with open_web_house(tmp_path, clients=2, orders=2):
        pass
    with sqlite3.connect(tmp_path / "main.db") as older:
        older.execute("DROP TABLE message")
        older.execute("DROP TABLE message_template")
    older.close()
    database = SqliteDatabase(tmp_path / "main.db")
    await database.start()
    step = import_module("appliance.storage.migrations.0047_messages")

    async def forward() -> list[str]:
        for _ in range(2):  # a repeated step changes nothing
            await step.up(Migration())
        return await Migration().columns("message")

    try:
        assert {"once", "due_at", "content", "price"} <= set(await database.alter(forward))
    finally:
        await database.stop()
