"""A box of an earlier release gets the tables of accounts and of services' files."""

from importlib import import_module
from pathlib import Path

from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.operations import Migration


async def test_accounts_and_files_come_to_an_older_box(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "main.db")
    await database.start()
    names = ("0038_plugin_accounts", "0042_service_files", "0045_plugin_standing")
    steps = [import_module(f"appliance.storage.migrations.{name}") for name in names]

    async def forward() -> list[str]:
        for step in (*steps, *steps):  # a repeated step changes nothing
            await step.up(Migration())
        found = Migration()
        tables = ("plugin_account", "service_file", "plugin_standing")
        return [column for table in tables for column in await found.columns(table)]

    try:
        assert {"value", "file_id", "key_until"} <= set(await database.alter(forward))
    finally:
        await database.stop()
