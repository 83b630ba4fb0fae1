"""Rules that say who gets an order, and alarms that were raised."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import AssignmentRuleRow, OrderAlarmRow
from appliance.storage.tables.indexes import ASSIGNMENT_INDEXES


async def up(m: Migration) -> None:
    """Add what a box of an earlier release lacks; a new box has it from 0001 on."""
    await m.create_tables(AssignmentRuleRow, OrderAlarmRow)
    for index in ASSIGNMENT_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
