"""Deals, their pipelines and what is kept of their way."""

from piccolo.columns import UUID, BigInt, Boolean, Date, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7
from appliance.storage.tables.columns import sealed


class PipelineRow(Table, tablename="pipeline"):
    """A way of deals through stages of its own."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    code = Varchar(length=64)
    name = Varchar(length=200)
    position = Integer(default=0)
    active = Boolean(default=True)


class StageRow(Table, tablename="stage"):
    """A step of a pipeline; `required` is JSON: codes of `domain.deals.DealField`."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    pipeline_id = UUID()
    name = Varchar(length=200)
    kind = Varchar(length=16, default="open")  # domain.deals.StageKind
    position = Integer(default=0)
    required = Text(default="[]")
    skippable = Boolean(default=False)
    active = Boolean(default=True)


class LossReasonRow(Table, tablename="loss_reason"):
    """Why deals are lost."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    name = Varchar(length=200)
    position = Integer(default=0)
    active = Boolean(default=True)


class DealRow(Table, tablename="deal"):
    """A possible sale on its way."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    version = Integer(default=1)
    shop = Varchar(length=64, default="")
    customer_id = UUID()
    company_id = UUID(null=True, default=None)
    subject_id = UUID()
    manager_id = UUID(null=True, default=None)  # drives Scope.OWN
    pipeline_id = UUID()
    stage_id = UUID()
    state = Varchar(length=16, default="open")
    texts = sealed()  # domain.deals.DealTexts
    has_note = Boolean(default=False)
    lines_count = Integer(default=0)
    amount = BigInt(default=0)
    expected_on = Date(null=True, default=None)
    reason_id = UUID(null=True, default=None)  # loss_reason
    order_id = UUID(null=True, default=None)
    source = Text(default="{}")  # JSON of domain.orders.SourceMarks; no person in it
    stage_at = Timestamptz()
    closed_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz()
    updated_at = Timestamptz()


class DealLineRow(Table, tablename="deal_line"):
    """Goods wanted; price in kopecks per unit."""

    id = UUID(primary_key=True, default=uuid7)
    deal_id = UUID()
    position = Integer()
    variant_number = BigInt(null=True, default=None)
    sku = Varchar(length=255, default="")
    name = Text()
    quantity_milli = BigInt()
    price = BigInt()


class DealMoveRow(Table, tablename="deal_move"):
    """A fact of the funnel: who stood where, for how long, and went where; for reports."""

    id = UUID(primary_key=True, default=uuid7)
    deal_id = UUID()
    pipeline_id = UUID()
    from_stage = UUID(null=True, default=None)  # NULL: the deal began
    to_stage = UUID()
    stayed = BigInt(default=0)  # seconds at from_stage
    amount = BigInt(default=0)
    manager_id = UUID(null=True, default=None)
    reason_id = UUID(null=True, default=None)
    user_number = BigInt(default=0)
    at = Timestamptz()


class DealTallyRow(Table, tablename="deal_tally"):
    """Kept counts of deals by stage and manager: what the board shows instead of COUNT."""

    id = UUID(primary_key=True, default=uuid7)
    stage_id = UUID()
    manager_id = UUID()  # the zero UUID: nobody
    deals = BigInt(default=0)
    amount = BigInt(default=0)
    since_sum = BigInt(default=0)  # sum of stage_at in seconds of the epoch: gives the mean age
