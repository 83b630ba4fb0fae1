"""The first schema, whole."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import TABLES
from appliance.storage.tables.indexes import INDEXES


async def up(m: Migration) -> None:
    """Make every table and every index."""
    await m.create_tables(*TABLES)
    for index in INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
