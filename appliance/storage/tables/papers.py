"""Our own legal entities, templates of documents, documents made; who gets an order."""

from piccolo.columns import UUID, BigInt, Boolean, Date, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7
from appliance.storage.tables.columns import sealed


class LegalEntityRow(Table, tablename="legal_entity"):
    """A company of ours. `parts` is sealed under the house's secret: people sign for it."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    parts = sealed()  # of domain.papers.OwnRequisites
    vat = Varchar(length=64)  # "goods", or a code of vat_rate
    is_default = Boolean(default=False)
    active = Boolean(default=True)
    created_at = Timestamptz()


class LegalEntityPlaceRow(Table, tablename="legal_entity_place"):
    """What goes under which entity's name: `shop:code`, `branch:code` or `warehouse:code`."""

    place = Varchar(length=80, primary_key=True)
    entity_id = UUID()


class LegalEntityPictureRow(Table, tablename="legal_entity_picture"):
    """Logo, stamp, signature: under the house's secret, for a signature is nobody else's."""

    id = UUID(primary_key=True, default=uuid7)
    entity_id = UUID()
    role = Varchar(length=16)  # domain.papers.PictureRole
    content = sealed()


class PrintTemplateRow(Table, tablename="print_template"):
    """A version of a template; the highest one holds. An empty text is the box's own again."""

    id = UUID(primary_key=True, default=uuid7)
    kind = Varchar(length=32)  # domain.papers.PaperKind
    version = Integer()
    text = Text()
    author_number = BigInt(default=0)
    created_at = Timestamptz()


class PaperRow(Table, tablename="paper"):
    """A document made of an order; its pages are a file under the buyer's key."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    kind = Varchar(length=32)
    shown_number = Varchar(length=64)
    day = Date()
    order_id = UUID()
    entity_id = UUID(null=True, default=None)
    file_id = UUID(null=True, default=None)  # NULL: the printing was cut off
    template_version = Integer(default=0)
    total = BigInt(default=0)
    author_number = BigInt(default=0)
    created_at = Timestamptz()


class AssignmentRuleRow(Table, tablename="assignment_rule"):
    """A rule that says who gets an order; `body` is JSON of domain.assignment.Rule."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    position = Integer()
    active = Boolean(default=True)
    body = Text()


class OrderAlarmRow(Table, tablename="order_alarm"):
    """An alarm that was raised about an order: each kind once."""

    id = UUID(primary_key=True, default=uuid7)
    order_id = UUID()
    kind = Varchar(length=16)  # untouched, unpaid
    at = Timestamptz()
