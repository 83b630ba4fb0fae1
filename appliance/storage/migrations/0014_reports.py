"""Day tallies of reports, and the right to read them."""

from appliance.roles import PRESETS, Permission
from appliance.storage import roles_store
from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import ReportCellRow, ReportDayRow
from appliance.storage.tables.indexes import REPORT_INDEXES


async def up(m: Migration) -> None:
    """Add what a box of an earlier release lacks; the days are counted by the clock."""
    await m.create_tables(ReportDayRow, ReportCellRow)
    for index in REPORT_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
    await m.data(_grant)


async def _grant() -> None:
    await roles_store.grant_new(PRESETS, Permission.REPORT_VIEW, Permission.REPORT_EXPORT)
