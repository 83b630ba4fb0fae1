from appliance.storage.migrations.operations import Migration
from tests.integration.engine.tables import BookRow, ShelfRow


async def up(m: Migration) -> None:
    await m.create_tables(ShelfRow, BookRow)
    await m.create_index(BookRow, "shelf", "number", unique=True, where="shelf IS NOT NULL")
