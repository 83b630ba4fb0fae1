"""Which parcels lie ready for their carrier, and which he was given."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import ParcelRow


async def up(m: Migration) -> None:
    """Add the columns; what carriers already had is of no list."""
    await m.add_column(ParcelRow, "laid_at")
    await m.add_column(ParcelRow, "given_at")
    await m.create_index(ParcelRow, "track")
    await m.create_index(ParcelRow, "plugin", "given_at")
