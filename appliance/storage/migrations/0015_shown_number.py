"""Orders are found by the number that people see: shops ask for it, and edit by it."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import OrderRow


async def up(m: Migration) -> None:
    """Index it."""
    await m.create_index(OrderRow, "shown_number")
