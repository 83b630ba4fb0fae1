"""Tables brought in and taken out. Whatever a file says is sealed under the house's own secret."""

from piccolo.columns import UUID, BigInt, Boolean, Bytea, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7
from appliance.storage.tables.columns import sealed


class ImportRow(Table, tablename="data_import"):
    """A file that is brought in, with how far that is. `domain.imports` has kinds and states."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    kind = Varchar(length=16)
    state = Varchar(length=16, default="new")
    made_by = UUID()
    made_by_number = BigInt(default=0)
    made_at = Timestamptz()
    begun_at = Timestamptz(null=True, default=None)  # the work of this state
    finished_at = Timestamptz(null=True, default=None)
    undo_set = UUID(null=True, default=None)  # by which updated records come back
    name = sealed()  # of the file: people write names into them
    sample = sealed()  # of domain.imports.Sample
    size = BigInt(default=0)
    workbook = Boolean(default=True)
    plan = Text(default="{}")  # JSON of domain.imports.Plan; no person in it
    total = Integer(default=0)
    done = Integer(default=0)
    position = Integer(default=0)  # the chunk that comes next
    tally = Text(default="{}")
    wrong = Text(default="[]")  # JSON: the first wrong rows by number, field and code
    error = Varchar(length=64, default="")


class ImportPieceRow(Table, tablename="import_piece"):
    """A piece of the file's bytes; gone once its rows are in."""

    id = UUID(primary_key=True, default=uuid7)
    import_id = UUID()
    position = Integer()
    content = sealed()


class ImportChunkRow(Table, tablename="import_chunk"):
    """Some rows of a file, and what became of each. Afterwards only the wrong ones are kept.

    `first` to `last` are the change entries that the rows wrote; `outcomes` holds codes and ids.
    """

    id = UUID(primary_key=True, default=uuid7)
    import_id = UUID()
    position = Integer()
    rows_count = Integer()
    at_row = Integer(default=0)  # rows dealt with so far
    content = sealed()
    outcomes = Bytea(null=True, default=None)
    first = BigInt(default=0)
    last = BigInt(default=0)


class ExportRow(Table, tablename="data_export"):
    """A table that was taken out: the journal. The file itself waits for its maker, sealed."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    kind = Varchar(length=16)
    state = Varchar(length=16, default="waiting")  # waiting, running, ready, taken, failed, gone
    made_by = UUID()
    made_by_number = BigInt(default=0)
    made_at = Timestamptz()
    finished_at = Timestamptz(null=True, default=None)
    form = Varchar(length=8, default="xlsx")
    asked = sealed()  # of domain.exports.Asked: filter and reason may name people
    grant = Text(default="{}")  # JSON: how far the maker saw when he asked
    total = Integer(default=0)
    done = Integer(default=0)
    people = Integer(default=0)
    size = BigInt(default=0)
    error = Varchar(length=64, default="")


class ExportPieceRow(Table, tablename="export_piece"):
    """A piece of a file that waits to be taken; gone a day later."""

    id = UUID(primary_key=True, default=uuid7)
    export_id = UUID()
    position = Integer()
    content = sealed()
