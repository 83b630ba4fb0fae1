"""What programs' doors keep."""

from piccolo.columns import UUID, BigInt, Boolean, Bytea, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7


class RequestRepeatRow(Table, tablename="request_repeat"):
    """The answer to a request under an idempotency key; sealed, kept for a day."""

    id = UUID(primary_key=True)
    actor_id = UUID()
    key_hash = Bytea(secret=True)
    digest = Bytea()
    answer = Bytea(secret=True)
    at = Timestamptz()


class WebhookRow(Table, tablename="webhook"):
    """A program's address that is told of events; its secret is sealed under the house's key."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    name = Varchar(length=200)
    url = Text()
    events = Text(default="")  # names, comma separated
    shop = Varchar(length=64, default="")  # of this shop alone; "": of all
    lan = Boolean(default=False)  # may stand in the firm's own network
    active = Boolean(default=True)
    secret = Bytea(secret=True)
    made_by = BigInt(default=0)
    created_at = Timestamptz()


class WebhookTryRow(Table, tablename="webhook_try"):
    """One attempt to tell an address of an event."""

    id = UUID(primary_key=True, default=uuid7)
    webhook_id = UUID()
    delivery_id = UUID()
    event = Varchar(length=64)
    at = Timestamptz()
    status = Integer(default=0)  # of the answer; 0: there was none
    code = Varchar(length=64, default="")
    milliseconds = Integer(default=0)
