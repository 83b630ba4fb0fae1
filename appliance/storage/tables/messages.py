"""Text messages to clients, and their templates."""

from piccolo.columns import UUID, BigInt, Boolean, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7
from appliance.storage.tables.columns import sealed


class MessageRow(Table, tablename="message"):
    """A message; its id is the one under which the service knows it, too."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    channel = Varchar(length=12)
    plugin = Varchar(length=64)
    account = Varchar(length=64, default="")
    kind = Varchar(length=24)  # code of its template
    purpose = Varchar(length=12)  # domain.messages.MessagePurpose
    state = Varchar(length=12)  # domain.messages.MessageState
    raw_state = Varchar(length=64, default="")  # the service's own word
    reason = Varchar(length=64, default="")  # a code, never what the other side wrote
    subject_id = UUID()
    customer_id = UUID()
    order_id = UUID(null=True, default=None)
    link_id = UUID(null=True, default=None)  # the link that is in it
    content = sealed()
    parts = Integer(default=0)
    price = BigInt(null=True, default=None)  # kopecks, as the service charged
    vendor_id = Varchar(length=64, default="")
    attempts = Integer(default=0)  # how often it was handed to the plugin to be sent
    author_number = BigInt(default=0)
    form = UUID(null=True, default=None)  # of the form it was typed into
    once = Varchar(length=120, null=True, default=None)  # event, order, template and channel
    created_at = Timestamptz()
    due_at = Timestamptz()  # not before: quiet hours
    taken_at = Timestamptz(null=True, default=None)  # first handed to the plugin: money leaves
    sent_at = Timestamptz(null=True, default=None)
    settled_at = Timestamptz(null=True, default=None)


class MessageTemplateRow(Table, tablename="message_template"):
    """A template of the house's own, or one of the release's that somebody changed."""

    code = Varchar(length=24, primary_key=True)
    name = Varchar(length=60, default="")
    body = Text()
    advert = Boolean(default=False)
    changed_by = BigInt(default=0)
    changed_at = Timestamptz()
