"""The journal of copies."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import CopyRunRow
from appliance.storage.tables.indexes import COPY_INDEXES


async def up(m: Migration) -> None:
    """Make it; what was copied before stands on the targets."""
    await m.create_tables(CopyRunRow)
    for index in COPY_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
