"""Tables brought in and taken out."""

from appliance.roles import PRESETS, Permission
from appliance.storage import roles_store
from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import (
    ExportPieceRow,
    ExportRow,
    ImportChunkRow,
    ImportPieceRow,
    ImportRow,
)


async def up(m: Migration) -> None:
    """Add what a box of an earlier release lacks; a new box has it from 0001 on."""
    await m.create_tables(ImportRow, ImportPieceRow, ImportChunkRow, ExportRow, ExportPieceRow)
    await m.create_index(ImportRow, "number", unique=True)
    await m.create_index(ImportRow, "state")
    await m.create_index(ImportPieceRow, "import_id", "position", unique=True)
    await m.create_index(ImportChunkRow, "import_id", "position", unique=True)
    await m.create_index(ExportRow, "number", unique=True)
    await m.create_index(ExportRow, "state")
    await m.create_index(ExportPieceRow, "export_id", "position", unique=True)
    await m.data(_grant)


async def _grant() -> None:
    await roles_store.grant_new(PRESETS, Permission.DATA_IMPORT, Permission.DATA_EXPORT)
