"""Requests of people about their data; a browser's mark beside its session."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import (
    KnownDeviceRow,
    LegalHoldRow,
    SessionRow,
    SubjectApprovalRow,
    SubjectPartRow,
    SubjectRequestRow,
)
from appliance.storage.tables.indexes import SUBJECT_INDEXES


async def up(m: Migration) -> None:
    """Make them; sessions of before have no mark and cannot be told apart by it."""
    await m.create_tables(SubjectRequestRow, SubjectPartRow, SubjectApprovalRow, LegalHoldRow)
    for index in SUBJECT_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
    await m.add_column(SessionRow, "mark", default="")
    await m.add_column(KnownDeviceRow, "mark", default="")
