"""A box of an earlier release keeps its programs' keys and learns to narrow them."""

import sqlite3
from importlib import import_module
from pathlib import Path

from appliance.actions import api_keys
from appliance.domain.users import NewApiKey
from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.operations import Migration
from tests.web_house import open_web_house


async def test_keys_of_an_older_box_keep_what_they_could_do(tmp_path: Path) -> None:
    async with open_web_house(tmp_path) as made:
        asked = NewApiKey(name="Сайт", shop="", scopes=("order_read",))
        await api_keys.create(made.house.system, asked)
    with sqlite3.connect(tmp_path / "main.db") as older:
        older.execute("DROP TABLE request_repeat")
        for column in ("role", "fields", "people_a_day"):
            older.execute(f"ALTER TABLE api_key DROP COLUMN {column}")
    older.close()
    database = SqliteDatabase(tmp_path / "main.db")
    await database.start()
    step = import_module("appliance.storage.migrations.0032_api")

    async def forward() -> list[str]:
        for _ in range(2):  # a repeated step changes nothing
            await step.up(Migration())
        return await Migration().columns("request_repeat")

    try:
        found = await database.alter(forward)
    finally:
        await database.stop()
    assert "answer" in found
    with sqlite3.connect(tmp_path / "main.db") as newer:
        rows = newer.execute("SELECT scopes, role, fields, people_a_day FROM api_key").fetchall()
    newer.close()
    assert rows == [("order_read", "", "", 0)]
