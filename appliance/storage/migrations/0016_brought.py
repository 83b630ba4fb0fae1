"""The warehouse's board and the courier's day ask what was brought today."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import CourierRunRow, ShipmentRow


async def up(m: Migration) -> None:
    """Index both by when it was."""
    await m.create_index(CourierRunRow, "state", "done_at")
    await m.create_index(ShipmentRow, "delivered_at")
