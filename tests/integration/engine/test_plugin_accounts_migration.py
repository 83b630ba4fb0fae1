"""A box of an earlier release gets the table of accounts."""

from importlib import import_module
from pathlib import Path

from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.operations import Migration


async def test_accounts_come_to_an_older_box(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "main.db")
    await database.start()
    step = import_module("appliance.storage.migrations.0038_plugin_accounts")

    async def forward() -> list[str]:
        for _ in range(2):  # a repeated step changes nothing
            await step.up(Migration())
        return await Migration().columns("plugin_account")

    try:
        assert "value" in await database.alter(forward)
    finally:
        await database.stop()
