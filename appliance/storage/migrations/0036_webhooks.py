"""Addresses of programs that are told of events."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import WebhookRow, WebhookTryRow
from appliance.storage.tables.indexes import WEBHOOK_INDEXES


async def up(m: Migration) -> None:
    """Make them; nobody was told before."""
    await m.create_tables(WebhookRow, WebhookTryRow)
    for index in WEBHOOK_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
