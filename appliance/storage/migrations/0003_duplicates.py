"""Doubles, merges that can be taken back, and deeds that can be undone."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import (
    AddressRow,
    ChangeEntryRow,
    CustomerRow,
    DuplicatePairRow,
    MergedRowRow,
    MergeRow,
    UndoRangeRow,
    UndoSetRow,
)

GIVEN = '"{}" IS NOT NULL'


async def up(m: Migration) -> None:
    """Add the tables, and the ways to all that is sealed for one person."""
    await m.create_tables(DuplicatePairRow, MergeRow, MergedRowRow, UndoSetRow, UndoRangeRow)
    await m.add_column(CustomerRow, "merged_into")
    await m.create_index(CustomerRow, "merged_into", where=GIVEN.format("merged_into"))
    await m.create_index(ChangeEntryRow, "subject_id", where=GIVEN.format("subject_id"))
    await m.create_index(AddressRow, "subject_id")
    await m.create_index(DuplicatePairRow, "first_id", "second_id", unique=True)
    await m.create_index(DuplicatePairRow, "second_id")
    await m.create_index(DuplicatePairRow, "state", "confidence", "id")
    await m.create_index(MergeRow, "survivor_id")
    await m.create_index(MergeRow, "other_id")
    await m.create_index(MergeRow, "state", "until")
    await m.create_index(MergedRowRow, "merge_id")
    await m.create_index(UndoSetRow, "made_by", "at")
    await m.create_index(UndoRangeRow, "set_id")
    await m.create_index(UndoRangeRow, "last")
