"""Orders by the number of their parcel."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import OrderRow, ShipmentRow

GIVEN = "\"track_number\" <> ''"


async def up(m: Migration) -> None:
    """Add what a box of an earlier release lacks; a new box has it from 0001 on."""
    await m.create_index(OrderRow, "track_number", where=GIVEN)
    await m.create_index(ShipmentRow, "track_number", where=GIVEN)
