"""Fields made by an administrator, and tabs of cards by role."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import (
    CardTabRow,
    CustomCellRow,
    CustomFieldRow,
    CustomTokenRow,
    CustomValueRow,
)
from appliance.storage.tables.indexes import FIELD_INDEXES


async def up(m: Migration) -> None:
    """Add what a box of an earlier release lacks; a new box has it from 0001 on."""
    await m.create_tables(CustomFieldRow, CustomValueRow, CustomCellRow, CustomTokenRow, CardTabRow)
    for index in FIELD_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
