"""What was kept of the log outside the box."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import AnchorRow
from appliance.storage.tables.indexes import ANCHOR_INDEXES


async def up(m: Migration) -> None:
    """Make the table; notes that people laid beside the log count as before."""
    await m.create_tables(AnchorRow)
    for index in ANCHOR_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
