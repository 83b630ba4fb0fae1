"""Files of services about orders."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import ServiceFileRow
from appliance.storage.tables.indexes import SERVICE_FILE_INDEXES


async def up(m: Migration) -> None:
    """Make the table; no service brought any before."""
    await m.create_tables(ServiceFileRow)
    for index in SERVICE_FILE_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
