"""Text messages to clients, and their templates."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import MessageRow, MessageTemplateRow
from appliance.storage.tables.indexes import MESSAGE_INDEXES


async def up(m: Migration) -> None:
    """Add what a box of an earlier release lacks."""
    await m.create_tables(MessageRow, MessageTemplateRow)
    for index in MESSAGE_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
