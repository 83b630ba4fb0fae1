"""Doubles of clients, merges that can be taken back, and deeds that can be undone."""

from piccolo.columns import UUID, BigInt, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7
from appliance.storage.tables.columns import sealed


class DuplicatePairRow(Table, tablename="duplicate_pair"):
    """Two clients who may be one; `first_id` has the smaller number."""

    id = UUID(primary_key=True, default=uuid7)
    first_id = UUID()
    second_id = UUID()
    reasons = Varchar(length=100, default="")  # codes of domain.duplicates.Reason, by commas
    confidence = Integer(default=0)  # per cent
    state = Varchar(length=16, default="open")  # open, dismissed, merged
    found_at = Timestamptz()
    seen_at = Timestamptz()  # the last scan that saw a reason
    decided_by = UUID(null=True, default=None)


class MergeRow(Table, tablename="client_merge"):
    """One client taken into another, for as long as that can be taken back.

    `before` holds what the survivor's record said in the fields taken from the other; the other's
    own record stays as it was, under its own key.
    """

    id = UUID(primary_key=True, default=uuid7)
    survivor_id = UUID()
    survivor_subject = UUID()
    other_id = UUID()
    other_subject = UUID()
    state = Varchar(length=16, default="merged")  # merged, undone, closing, closed
    key_state = Varchar(length=16, default="live")  # live, merged, destroyed: in keys.db
    made_by = UUID()
    at = Timestamptz()
    until = Timestamptz()
    taken = Text(default="")  # names of the fields taken from the other, by commas
    before = sealed()  # of storage.merges.Before, under the survivor's key
    moved = Text(default="{}")  # JSON: table → rows moved


class MergedRowRow(Table, tablename="merged_row"):
    """A row that a merge moved to the survivor, or put aside from him."""

    id = UUID(primary_key=True, default=uuid7)
    merge_id = UUID()
    part = Varchar(length=64)  # table.column of storage.owned
    row_key = UUID()  # a number stands in its low bits
    aside = Integer(default=0)  # 1: the survivor's own row, put aside


class UndoSetRow(Table, tablename="undo_set"):
    """One deed of a colleague that can be taken back: the change entries of `undo_range`."""

    id = UUID(primary_key=True, default=uuid7)
    kind = Varchar(length=64)  # name of the action, or merge, import
    made_by = UUID()
    at = Timestamptz()
    until = Timestamptz()
    state = Varchar(length=16, default="open")  # open, undone
    entity = Varchar(length=16, default="")  # of the first record touched
    entity_number = BigInt(default=0)
    records = Integer(default=1)
    undoes = UUID(null=True, default=None)  # the set that this one took back


class UndoRangeRow(Table, tablename="undo_range"):
    """Change entries of an undo set: the numbers one transaction drew, both ends included."""

    id = UUID(primary_key=True, default=uuid7)
    set_id = UUID()
    first = BigInt()
    last = BigInt()
