"""Statements of banks and the receipts of money in them."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import BankDocumentRow, BankStatementRow
from appliance.storage.tables.indexes import BANK_INDEXES


async def up(m: Migration) -> None:
    """Make them; nothing was uploaded before."""
    await m.create_tables(BankStatementRow, BankDocumentRow)
    for index in BANK_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
