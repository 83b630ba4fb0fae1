"""Deals with their pipelines come into the house."""

from appliance.storage import seed
from appliance.storage.migrations.operations import Migration
from appliance.storage.statements import fetch_value
from appliance.storage.tables.deals import (
    DealLineRow,
    DealMoveRow,
    DealRow,
    DealTallyRow,
    LossReasonRow,
    PipelineRow,
    StageRow,
)
from appliance.storage.tables.indexes import INDEXES

_TABLES = (
    PipelineRow,
    StageRow,
    LossReasonRow,
    DealRow,
    DealLineRow,
    DealMoveRow,
    DealTallyRow,
)


async def up(m: Migration) -> None:
    """Make the tables; a box that works already gets the first pipelines, as a new one does."""
    await m.create_tables(*_TABLES)
    for index in INDEXES:
        if index.table in _TABLES:
            await m.create_index(
                index.table, *index.columns, unique=index.unique, where=index.where
            )
    await m.data(_begin)


async def _begin() -> None:
    if await fetch_value("SELECT 1 FROM order_status LIMIT 1") is not None:
        await seed.fill_pipelines()
