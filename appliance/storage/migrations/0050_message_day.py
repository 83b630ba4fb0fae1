"""When a message was handed to its service: what left the box within a day is counted by it."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import MessageRow


async def up(m: Migration) -> None:
    """Add the column; what went before the update counts for no day."""
    await m.add_column(MessageRow, "taken_at")
    await m.create_index(MessageRow, "taken_at", where='"taken_at" IS NOT NULL')
