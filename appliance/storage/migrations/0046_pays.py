"""Attempts to be paid by link, refunds on their way, fiscal receipts."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import PayAttemptRow, PayRefundRow, ReceiptRow
from appliance.storage.tables.indexes import PAY_INDEXES


async def up(m: Migration) -> None:
    """Make them; no link was given out before."""
    await m.create_tables(PayAttemptRow, PayRefundRow, ReceiptRow)
    for index in PAY_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
