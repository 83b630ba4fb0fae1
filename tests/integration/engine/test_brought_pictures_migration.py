"""A box of an earlier release learns which pictures a plugin brought; its own stay people's."""

import sqlite3
from importlib import import_module
from pathlib import Path

from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.operations import Migration
from appliance.storage.statements import fetch
from tests.web_house import open_web_house


async def test_pictures_outlive_the_step(tmp_path: Path) -> None:
    async with open_web_house(tmp_path, clients=2, orders=2):
        pass
    with sqlite3.connect(tmp_path / "main.db") as older:
        for column in ("source", "digest"):
            older.execute(f"ALTER TABLE picture DROP COLUMN {column}")
        product = older.execute("SELECT id FROM product LIMIT 1").fetchone()[0]
        older.execute(
            "INSERT INTO picture (id, product_id, position, kind, width, height, content, "
            "created_at) VALUES (?, ?, 1, 'png', 1, 1, x'00', 0)",
            (product, product),
        )
    older.close()
    database = SqliteDatabase(tmp_path / "main.db")
    await database.start()
    step = import_module("appliance.storage.migrations.0044_brought_pictures")

    async def forward() -> object:
        for _ in range(2):  # a repeated step changes nothing
            await step.up(Migration())
        return await fetch("SELECT source, digest FROM picture")

    try:
        assert await database.alter(forward) == [("", "")]
    finally:
        await database.stop()
