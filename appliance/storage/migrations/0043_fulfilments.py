"""Orders at fulfilment operators."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import (
    FulfilmentCodeRow,
    FulfilmentLineRow,
    FulfilmentRow,
    FulfilmentStepRow,
    OperatorRow,
)
from appliance.storage.tables.indexes import FULFILMENT_INDEXES


async def up(m: Migration) -> None:
    """Make the tables; no order was at an operator before."""
    await m.create_tables(
        OperatorRow, FulfilmentRow, FulfilmentLineRow, FulfilmentCodeRow, FulfilmentStepRow
    )
    for index in FULFILMENT_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
