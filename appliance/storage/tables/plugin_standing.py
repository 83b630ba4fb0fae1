"""How the services stand that plugins speak with, one row per account."""

from piccolo.columns import UUID, Integer, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7


class PluginStandingRow(Table, tablename="plugin_standing"):
    """What was last found of an account of a service; codes and times only."""

    id = UUID(primary_key=True, default=uuid7)
    plugin = Varchar(length=48)
    account = Varchar(length=64)
    code = Varchar(length=32, default="")  # of `vendor.…`: down, up, access_refused, …
    state = Varchar(length=8, default="ok")  # ok, warn, bad
    status = Integer(default=0)  # of HTTP; 0: no answer
    since = Timestamptz(null=True, default=None)  # when it began to stand so
    key_until = Timestamptz(null=True, default=None)  # when its key of access ends
