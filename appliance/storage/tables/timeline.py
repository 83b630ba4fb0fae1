"""The stream of clients, orders and deals, and the files that hang on it."""

from piccolo.columns import UUID, BigInt, Boolean, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7
from appliance.storage.tables.columns import sealed


class TimelineEntryRow(Table, tablename="timeline_entry"):
    """One line of a stream. `text` is sealed under the client's key, `data` holds codes only."""

    id = UUID(primary_key=True, default=uuid7)
    at = Timestamptz()
    customer_id = UUID(null=True, default=None)
    order_id = UUID(null=True, default=None)
    deal_id = UUID(null=True, default=None)
    subject_id = UUID(null=True, default=None)
    kind = Varchar(length=16)
    author_number = BigInt(default=0)  # of the user; 0: a program, a rule, the box
    source = Varchar(length=8, default="code")  # user, api, rule, code
    private = Boolean(default=False)
    pinned = Boolean(default=False)
    # The page of the order shows it to the buyer; NULL (rows that 0004 makes) means no.
    for_buyer = Boolean(null=True, default=None)
    concerns = BigInt(default=0)  # number of the colleague a complaint is about
    ref_id = UUID(null=True, default=None)
    data = Text(default="{}")
    text = sealed()
    planned_at = Timestamptz(null=True, default=None)
    done_at = Timestamptz(null=True, default=None)
    edited_at = Timestamptz(null=True, default=None)
    deleted_at = Timestamptz(null=True, default=None)
    version = Integer(default=1)


class FileRow(Table, tablename="file"):
    """An attachment. Its bytes lie sealed in the folder `files`, under the hash of what lies there.

    Without the client's key neither name nor bytes can be read.
    """

    id = UUID(primary_key=True, default=uuid7)
    subject_id = UUID()
    name = sealed()
    hash = Varchar(length=64)  # hex SHA-256 of the sealed bytes: name on the disk
    size = BigInt()  # of the plain bytes
    media = Varchar(length=100, default="")
    author_number = BigInt(default=0)
    created_at = Timestamptz()
