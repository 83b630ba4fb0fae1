"""Calls, and the right to take them."""

from appliance.roles import PRESETS, Permission
from appliance.storage import roles_store
from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import CallRow
from appliance.storage.tables.indexes import INDEXES


async def up(m: Migration) -> None:
    """Add what a box of an earlier release lacks; a new box has it from 0001 on."""
    await m.create_tables(CallRow)
    for index in INDEXES:
        if index.table is CallRow:
            await m.create_index(
                index.table, *index.columns, unique=index.unique, where=index.where
            )
    await m.data(_grant)


async def _grant() -> None:
    await roles_store.grant_new(PRESETS, Permission.CALL_TAKE)
