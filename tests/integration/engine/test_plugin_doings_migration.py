"""A box of an earlier release gets the journal of plugins, and its waiting events an account."""

import sqlite3
from importlib import import_module
from pathlib import Path

from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.operations import Migration
from appliance.storage.statements import fetch
from tests.web_house import open_web_house

TABLES = ("disclosure", "plugin_day", "plugin_journal", "plugin_row", "plugin_badge")
WAITING = """INSERT INTO event_delivery (id, subscriber, event, payload, lane, state, attempts,
due_at, last_error, created_at) VALUES (x'00', 'house', 'order_placed', '{}', '', 'ready', 0,
'2026-02-01 00:00:00', '', '2026-02-01 00:00:00')"""


async def test_events_that_wait_outlive_the_step(tmp_path: Path) -> None:
    async with open_web_house(tmp_path, clients=2, orders=2):
        pass
    with sqlite3.connect(tmp_path / "main.db") as older:
        for table in TABLES:
            older.execute(f"DROP TABLE {table}")
        older.execute("DROP INDEX event_delivery_subscriber_state_due_at")
        older.execute("DELETE FROM event_delivery")
        older.execute("ALTER TABLE event_delivery DROP COLUMN account")
        older.execute(WAITING)
    older.close()
    database = SqliteDatabase(tmp_path / "main.db")
    await database.start()
    step = import_module("appliance.storage.migrations.0031_plugin_doings")

    async def forward() -> list[tuple[object, ...]]:
        for _ in range(2):  # a repeated step changes nothing
            await step.up(Migration())
        assert all([await Migration().columns(table) for table in TABLES])
        return await fetch("SELECT state, account FROM event_delivery")

    try:
        assert await database.alter(forward) == [("ready", "")]
    finally:
        await database.stop()
