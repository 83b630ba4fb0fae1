"""Calls: who rang, whom, and what came of it."""

from piccolo.columns import UUID, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7
from appliance.storage.tables.columns import sealed


class CallRow(Table, tablename="call"):
    """One call. The phone is sealed: by the client's key, else by the box's secret."""

    id = UUID(primary_key=True, default=uuid7)
    provider_id = Varchar(length=128)  # the exchange's own id: a second report changes, adds none
    direction = Varchar(length=8)  # domain.calls.Direction
    line = Varchar(length=64, default="")
    state = Varchar(length=16)  # domain.calls.CallState
    result = Varchar(length=32, default="")
    subject_id = UUID(null=True, default=None)  # whose key seals the phone; NULL: the box's secret
    customer_id = UUID(null=True, default=None)
    order_id = UUID(null=True, default=None)
    phone = sealed()  # of domain.calls.CallPhone
    user_id = UUID()  # at whose desk it rings
    started_at = Timestamptz()
    answered_at = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)
    closed_at = Timestamptz(null=True, default=None)  # the colleague put the card away
