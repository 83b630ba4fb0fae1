"""Changes of many records that go on in steps."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import BulkEditRow
from appliance.storage.tables.indexes import INDEXES


async def up(m: Migration) -> None:
    """Add what a box of an earlier release lacks; a new box has it from 0001 on."""
    await m.create_tables(BulkEditRow)
    for index in INDEXES:
        if index.table is BulkEditRow:
            await m.create_index(
                index.table, *index.columns, unique=index.unique, where=index.where
            )
