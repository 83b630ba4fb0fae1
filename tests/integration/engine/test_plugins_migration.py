"""A box of an earlier release gets the tables of plugins."""

from importlib import import_module
from pathlib import Path

from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.operations import Migration

TABLES = ("plugin", "plugin_grant", "plugin_setting", "plugin_piece")


async def test_plugins_come_to_an_older_box(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "main.db")
    await database.start()
    step = import_module("appliance.storage.migrations.0029_plugins")

    async def forward() -> list[list[str]]:
        for _ in range(2):  # a repeated step changes nothing
            await step.up(Migration())
        return [await Migration().columns(table) for table in TABLES]

    try:
        assert all(await database.alter(forward))
    finally:
        await database.stop()
