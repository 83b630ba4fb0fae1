"""Marketplaces: accounts, postings, offers."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import (
    MarketAccountRow,
    MarketOfferRow,
    PostingLineRow,
    PostingRow,
)
from appliance.storage.tables.indexes import MARKET_INDEXES


async def up(m: Migration) -> None:
    """Make them; no marketplace was connected before."""
    await m.create_tables(MarketAccountRow, PostingRow, PostingLineRow, MarketOfferRow)
    for index in MARKET_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
