"""Links between orders; an index of notes."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import OrderLinkRow
from appliance.storage.tables.indexes import LINK_INDEXES


async def up(m: Migration) -> None:
    """Make them; nobody could link orders before."""
    await m.create_tables(OrderLinkRow)
    for index in LINK_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
