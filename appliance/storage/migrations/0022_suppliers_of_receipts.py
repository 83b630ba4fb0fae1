"""Whose goods a receipt brings: a client that is a supplier."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import StockDocumentRow


async def up(m: Migration) -> None:
    """Add the column; receipts made so far name their supplier in words."""
    await m.add_column(StockDocumentRow, "supplier_id")
    await m.create_index(StockDocumentRow, "supplier_id", where='"supplier_id" IS NOT NULL')
