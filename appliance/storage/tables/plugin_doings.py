"""What plugins did and keep: journal, hand-overs of personal data, own rows, badges."""

from piccolo.columns import UUID, BigInt, Boolean, Bytea, Text, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7
from appliance.storage.tables.columns import sealed


class DisclosureRow(Table, tablename="disclosure"):
    """Fields of one person were handed to a plugin, and so to whoever it talks to: ids and codes.

    Kept after the person is destroyed: that data went out is a fact of the box, and names nobody.
    """

    id = UUID(primary_key=True, default=uuid7)
    at = Timestamptz()
    plugin = Varchar(length=48)
    customer_id = UUID()
    order_id = UUID(null=True, default=None)
    fields = Varchar(length=200)  # personal fields, parted by commas
    purpose = Varchar(length=32)  # plugin_api.calls.PURPOSES
    basis = Varchar(length=16)  # domain.privacy.LegalBasis


class PluginDayRow(Table, tablename="plugin_day"):
    """How many times a plugin was handed a person on one day: its budget is spent from here."""

    name = Varchar(length=64, primary_key=True)  # plugin@2026-02-01
    value = BigInt(default=0)


class PluginJournalRow(Table, tablename="plugin_journal"):
    """One exchange in the plugin's own words: a code of its catalogue, numbers and codes."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()  # the reference number that people quote
    plugin = Varchar(length=48)
    at = Timestamptz()
    direction = Varchar(length=8)  # in, out, here
    state = Varchar(length=8)  # ok, warn, bad
    code = Varchar(length=64)
    data = Text(default="{}")  # JSON: name → number or short code
    kind = Varchar(length=16, default="")  # of the record: order, product, customer…
    object_number = BigInt(default=0)
    delivery_id = UUID(null=True, default=None)  # of the event it was about; kept for a week


class PluginRowRow(Table, tablename="plugin_row"):
    """A row of a table that a plugin declared. `personal` is under the key of the person."""

    id = UUID(primary_key=True, default=uuid7)
    plugin = Varchar(length=48)
    place = Varchar(length=48)  # name of the plugin's table
    key = Bytea()  # the key columns in an order-keeping form (domain.plugin_rows)
    body = Bytea()  # msgpack: column → value
    customer_id = UUID(null=True, default=None)
    subject_id = UUID(null=True, default=None)
    personal = sealed()
    updated_at = Timestamptz()


class PluginBadgeRow(Table, tablename="plugin_badge"):
    """A word that a plugin put on an order."""

    id = UUID(primary_key=True, default=uuid7)
    order_id = UUID()
    plugin = Varchar(length=48)
    text = Varchar(length=40)
    tone = Varchar(length=8)  # grey, info, accent, ok, warn, bad, mark
    at = Timestamptz()


class BookEntryRow(Table, tablename="book_entry"):
    """A document of an accounting base, and the payment or shipment that it stands for."""

    id = UUID(primary_key=True, default=uuid7)
    plugin = Varchar(length=48)
    key = Varchar(length=160)  # of the document, as its base names it
    order_id = UUID()
    kind = Varchar(length=8)  # money, goods
    object_number = BigInt(default=0)  # of the payment or shipment; 0: it stands for none
    made = Boolean(default=False)  # it was made by this document, not found here
    said = Varchar(length=64, default="")  # sum or lines, in a short form: has it changed?
    state = Varchar(length=12)  # stands, withdrawn, disputed
    at = Timestamptz()
