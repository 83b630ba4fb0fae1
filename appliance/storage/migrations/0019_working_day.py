"""Orders put off until later, and the production calendar for boxes that have none."""

from appliance.storage import seed
from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import SnoozeRow
from appliance.storage.tables.indexes import SNOOZE_INDEX


async def up(m: Migration) -> None:
    """Add what a box of an earlier release lacks; a new box has it from 0001 on."""
    await m.create_tables(SnoozeRow)
    await m.create_index(SnoozeRow, *SNOOZE_INDEX.columns, unique=SNOOZE_INDEX.unique)
    await m.data(seed.fill_calendar)
