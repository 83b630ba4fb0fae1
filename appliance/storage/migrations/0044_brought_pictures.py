"""Which pictures of goods a plugin brought, and what they hold."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import PictureRow


async def up(m: Migration) -> None:
    """Add the columns; every picture so far was added by a person."""
    await m.add_column(PictureRow, "source", default="")
    await m.add_column(PictureRow, "digest", default="")
