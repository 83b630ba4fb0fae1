"""What documents of accounting bases became here."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import BookEntryRow
from appliance.storage.tables.indexes import BOOK_INDEXES


async def up(m: Migration) -> None:
    """Make the table; no document was kept before."""
    await m.create_tables(BookEntryRow)
    for index in BOOK_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
