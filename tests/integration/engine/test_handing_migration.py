"""Parcels of a box of an earlier release stay; none of them counts as scanned or handed over."""

import sqlite3
from importlib import import_module
from pathlib import Path

from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.operations import Migration
from appliance.storage.statements import fetch

OLDER = """CREATE TABLE parcel (id BLOB PRIMARY KEY, number INTEGER NOT NULL,
plugin TEXT NOT NULL, state TEXT NOT NULL, track TEXT NOT NULL DEFAULT '')"""


async def test_parcels_outlive_the_step(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "main.db") as older:
        older.execute(OLDER)
        older.execute("INSERT INTO parcel VALUES (x'00', 7, 'cdek', 'registered', '110022')")
    older.close()
    database = SqliteDatabase(tmp_path / "main.db")
    await database.start()
    step = import_module("appliance.storage.migrations.0049_handing")

    async def forward() -> object:
        for _ in range(2):  # a repeated step changes nothing
            await step.up(Migration())
        return await fetch("SELECT number, laid_at, given_at FROM parcel")

    try:
        assert await database.alter(forward) == [(7, None, None)]
    finally:
        await database.stop()
