"""How services stand."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import PluginStandingRow
from appliance.storage.tables.indexes import PLUGIN_STANDING_INDEXES


async def up(m: Migration) -> None:
    """Make the table; it fills with the next findings."""
    await m.create_tables(PluginStandingRow)
    for index in PLUGIN_STANDING_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
