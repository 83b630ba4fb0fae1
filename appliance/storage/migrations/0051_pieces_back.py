"""How many pieces of a posting's line came back: a client may return a part."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import PostingLineRow


async def up(m: Migration) -> None:
    """Add the column; what came back before the update is told again by the marketplace."""
    await m.add_column(PostingLineRow, "returned", 0)
