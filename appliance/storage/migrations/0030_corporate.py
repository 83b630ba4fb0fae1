"""Addresses and legal entities that shops add to companies; baskets."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import CartRow, CorporatePartRow
from appliance.storage.tables.indexes import CORPORATE_INDEXES


async def up(m: Migration) -> None:
    """Make them; companies of before have what stands on their cards."""
    await m.create_tables(CorporatePartRow, CartRow)
    for index in CORPORATE_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
