"""What plugins did and keep; the account by which an event waits."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import (
    DisclosureRow,
    EventDeliveryRow,
    PluginBadgeRow,
    PluginDayRow,
    PluginJournalRow,
    PluginRowRow,
)
from appliance.storage.tables.indexes import PLUGIN_DOING_INDEXES


async def up(m: Migration) -> None:
    """Make the tables; events that wait already are of no account."""
    await m.create_tables(
        DisclosureRow, PluginDayRow, PluginJournalRow, PluginRowRow, PluginBadgeRow
    )
    for index in PLUGIN_DOING_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
    await m.add_column(EventDeliveryRow, "account", default="")
    await m.create_index(EventDeliveryRow, "subscriber", "state", "due_at")
