"""Accounts of services."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import PluginAccountRow
from appliance.storage.tables.indexes import PLUGIN_ACCOUNT_INDEXES


async def up(m: Migration) -> None:
    """Make the table; what plugins were set to stays in their settings."""
    await m.create_tables(PluginAccountRow)
    for index in PLUGIN_ACCOUNT_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
