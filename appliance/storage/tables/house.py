"""What keeps the house in order: outbox, feeds, counters, settings."""

from piccolo.columns import UUID, BigInt, Boolean, Bytea, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7
from appliance.storage.tables.columns import sealed


class ChangeEntryRow(Table, tablename="change_entry"):
    """One field of one record: was, became, who, when. Feeds history, undo and the API.

    `number` is drawn inside the writing transaction from a counter whose row stays locked until
    the commit, so a reader that saw n never misses a smaller one. Values of personal fields are
    in `personal` (sealed), others in `old_value` and `new_value` (JSON).
    """

    number = BigInt(primary_key=True)
    id = UUID(default=uuid7)  # row id of the sealed cell
    entity = Varchar(length=16)  # order, customer
    entity_id = UUID()
    entity_number = BigInt()
    shop = Varchar(length=64, default="")
    kind = Varchar(length=8, default="change")  # create, change, delete
    field = Varchar(length=64)
    old_value = Text(null=True, default=None)
    new_value = Text(null=True, default=None)
    personal = sealed()
    subject_id = UUID(null=True, default=None)
    part = Text(null=True, default=None)  # JSON: the line or payment touched
    source = Varchar(length=8)  # user, api, rule, code
    user_number = BigInt(default=0)
    key_id = UUID(null=True, default=None)
    at = Timestamptz()


class EventDeliveryRow(Table, tablename="event_delivery"):
    """One event for one subscriber, until it is done or dead."""

    id = UUID(primary_key=True, default=uuid7)
    subscriber = Varchar(length=64)
    event = Varchar(length=64)
    payload = Text()
    lane = Varchar(length=64, default="")
    account = Varchar(length=64, default="")  # of the other side, once it was found to be down
    state = Varchar(length=8, default="ready")  # ready, done, dead
    attempts = Integer(default=0)
    due_at = Timestamptz()
    lease_until = Timestamptz(null=True, default=None)
    last_error = Varchar(length=200, default="")
    created_at = Timestamptz()


class JobRow(Table, tablename="job"):
    """A chore of the house with its clock: what APScheduler ticks, this remembers."""

    id = UUID(primary_key=True, default=uuid7)
    kind = Varchar(length=64)
    dedupe_key = Varchar(length=100, default="")
    payload = Text(default="{}")
    state = Varchar(length=8, default="ready")  # ready, done, dead
    attempts = Integer(default=0)
    run_at = Timestamptz()
    lease_until = Timestamptz(null=True, default=None)
    last_error = Varchar(length=200, default="")
    last_run_at = Timestamptz(null=True, default=None)


class AuditOutboxRow(Table, tablename="audit_outbox"):
    """A log entry on its way to audit.db, written in the deed's own transaction."""

    id = UUID(primary_key=True, default=uuid7)
    leaf = Bytea()  # canonical JSON without seq
    payload = Bytea(null=True, default=None)
    payload_subject = UUID(null=True, default=None)


class SearchChangeRow(Table, tablename="search_change"):
    """Which client the search index must read again."""

    number = BigInt(primary_key=True)
    customer_id = UUID()


class CounterRow(Table, tablename="counter"):
    """The last number given out, by name. Never goes back."""

    name = Varchar(length=32, primary_key=True)
    value = BigInt(default=0)


class SettingRow(Table, tablename="setting"):
    """A setting of the box, JSON."""

    key = Varchar(length=100, primary_key=True)
    value = Text()
    locked = Boolean(default=False)
