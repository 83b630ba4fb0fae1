"""Plugins: what is installed, approved and set up."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import (
    PluginGrantRow,
    PluginPieceRow,
    PluginRow,
    PluginSettingRow,
)
from appliance.storage.tables.indexes import PLUGIN_INDEXES


async def up(m: Migration) -> None:
    """Make the tables, empty."""
    await m.create_tables(PluginRow, PluginGrantRow, PluginSettingRow, PluginPieceRow)
    for index in PLUGIN_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
