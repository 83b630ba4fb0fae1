"""Changes of many records that go on in steps."""

from piccolo.columns import UUID, BigInt, Boolean, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7


class BulkEditRow(Table, tablename="bulk_edit"):
    """A change of many records, and how far it is. Codes and numbers only, no person in it."""

    id = UUID(primary_key=True, default=uuid7)
    made_by = UUID()
    made_at = Timestamptz()
    finished_at = Timestamptz(null=True, default=None)
    section = Varchar(length=16)  # domain.bulk.Section
    field = Varchar(length=16)
    value = Varchar(length=64)
    back = Boolean(default=False)  # it takes the set back instead
    asked = Text(default="")  # JSON of the list's filter; empty: `numbers`
    numbers = Text(default="[]")  # JSON of the chosen records
    state = Varchar(length=16, default="running")
    after = BigInt(null=True, default=None)  # the number (or range) that was dealt with last
    total = Integer(default=0)
    outcome = Text(default="{}")  # JSON of domain.bulk.BulkOutcome
    undo_set = UUID()
    error = Varchar(length=64, default="")
