"""Orders at fulfilment operators. Nothing of a person stands here: ids, numbers, codes."""

from piccolo.columns import UUID, BigInt, Boolean, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7


class OperatorRow(Table, tablename="fulfilment_operator"):
    """A plugin's connection to an operator, and the warehouse here that is the operator's."""

    id = UUID(primary_key=True, default=uuid7)
    plugin = Varchar(length=64)
    account = Varchar(length=64, default="main")
    warehouse_id = UUID(null=True, default=None)
    send_on = Varchar(length=64, default="")  # status of an order
    statuses = Text(default="{}")  # JSON: stage -> status of an order
    stages = Text(default="{}")  # JSON: own status -> [stage, its name]
    active = Boolean(default=True)


class FulfilmentRow(Table, tablename="fulfilment"):
    """An order handed over to an operator, once more each time it was cancelled or refused."""

    id = UUID(primary_key=True, default=uuid7)
    order_id = UUID()
    operator_id = UUID()
    order_no = Varchar(length=64)  # what it is called there
    stage = Varchar(length=16, default="queued")  # domain.fulfilments.Stage
    own_state = Varchar(length=120, default="")  # the operator's own status
    want = Varchar(length=16, default="send")  # domain.fulfilments.Want
    trouble = Varchar(length=32, default="")
    reason = Varchar(length=120, default="")
    remote_id = Varchar(length=120, default="")
    tracking = Varchar(length=64, default="")
    carrier = Varchar(length=64, default="")
    revision = Integer(default=1)  # of what is to be there; part of the idempotency key
    seq = BigInt(default=0)  # of the last event that was taken
    accepted_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz()
    updated_at = Timestamptz()


class FulfilmentLineRow(Table, tablename="fulfilment_line"):
    """A position of it; thousandths."""

    id = UUID(primary_key=True, default=uuid7)
    fulfilment_id = UUID()
    line_id = UUID()
    quantity_milli = BigInt()
    short_milli = BigInt(default=0)
    shipped_milli = BigInt(default=0)
    returned_milli = BigInt(default=0)


class FulfilmentCodeRow(Table, tablename="fulfilment_code"):
    """A marking code of a piece, raw: with the separators (0x1D) its label holds."""

    id = UUID(primary_key=True, default=uuid7)
    fulfilment_id = UUID()
    line_id = UUID()
    code = Varchar(length=255)


class FulfilmentStepRow(Table, tablename="fulfilment_step"):
    """What the operator told, once for each `mark`."""

    id = UUID(primary_key=True, default=uuid7)
    fulfilment_id = UUID()
    mark = Varchar(length=120)
    stage = Varchar(length=16)
    own_state = Varchar(length=120, default="")
    at = Timestamptz()
