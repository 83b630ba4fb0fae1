"""Clients and all that hangs on a person's key."""

from piccolo.columns import UUID, BigInt, Boolean, Date, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7
from appliance.storage.tables.columns import blind_index, sealed


class CustomerRow(Table, tablename="customer"):
    """One client. Opened only with its subject's key.

    Destroying that key leaves the row, its orders and its money, and its person gone.
    """

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()  # for people and for API clients that want integers
    subject_id = UUID()
    kind = Varchar(length=16, default="person")
    state = Varchar(length=16, default="live")  # live, blocked, destroyed, merged
    merged_into = UUID(null=True, default=None)  # the client this one was taken into
    version = Integer(default=1)
    party = Varchar(length=16, default="client")  # client, supplier, partner
    shop = Varchar(length=64, default="")
    external_id = Varchar(length=255, null=True, default=None)
    owner_id = UUID(null=True, default=None)  # the user who leads; drives Scope.OWN
    person = sealed()
    wishes = sealed()
    region = Varchar(length=8, default="")  # code of domain.regions: no closer than a subject
    source_first = Text(default="{}")  # JSON of domain.sources.SourceMarks; no person in it
    source_last = Text(default="{}")
    vip = Boolean(default=False)
    bad = Boolean(default=False)
    orders_count = Integer(default=0)
    orders_total = BigInt(default=0)  # kopecks
    paid_total = BigInt(default=0)  # without what was returned
    returned_total = BigInt(default=0)
    owed_total = BigInt(default=0)  # what orders that stand still lack
    paid_orders = Integer(default=0)  # paid in full
    paid_wait = BigInt(default=0)  # seconds from order to full payment, of all `paid_orders`
    credit_limit = BigInt(null=True, default=None)  # kopecks; NULL: no limit is set
    pay_days = Integer(default=0)  # deferral: an order unpaid for longer is overdue
    stop = Boolean(default=False)  # sell nothing more on credit, set by hand
    contacted_at = Timestamptz(null=True, default=None)
    first_order_at = Timestamptz(null=True, default=None)
    last_order_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz()
    updated_at = Timestamptz()


class ContactRow(Table, tablename="contact"):
    """One phone, e-mail or messenger; a blob of its own, so a role without it never opens it."""

    id = UUID(primary_key=True, default=uuid7)
    customer_id = UUID()
    subject_id = UUID()
    kind = Varchar(length=16)
    position = Integer(default=0)
    readable = Boolean(default=True)
    value = sealed()
    value_index = blind_index()  # of the normal form: E.164, or the e-mail in lower case
    tail_index = blind_index()  # of a phone's last ten digits


class AddressRow(Table, tablename="address"):
    """One postal address of a client or of an order's delivery."""

    id = UUID(primary_key=True, default=uuid7)
    owner_id = UUID()  # customer or order
    subject_id = UUID()
    kind = Varchar(length=16)  # customer, delivery
    parts = sealed()


class RequisitesRow(Table, tablename="requisites"):
    """The legal side of a client."""

    id = UUID(primary_key=True, default=uuid7)
    customer_id = UUID()
    subject_id = UUID()
    parts = sealed()
    inn_index = blind_index()


class CompanyContactRow(Table, tablename="company_contact"):
    """A person in a role at a company."""

    id = UUID(primary_key=True, default=uuid7)
    company_id = UUID()
    customer_id = UUID()
    role = Varchar(length=100, default="")
    is_main = Boolean(default=False)


class CorporatePartRow(Table, tablename="corporate_part"):
    """One of several addresses or legal entities of a company, as a shop sent it."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()  # by which programs know it; the client's own for what the card showed first
    customer_id = UUID()
    subject_id = UUID()
    kind = Varchar(length=16)  # domain.corporate.PartKind
    external_id = Varchar(length=255, null=True, default=None)
    is_main = Boolean(default=False)  # its content stands on the card
    content = sealed()
    created_at = Timestamptz()


class CartRow(Table, tablename="cart"):
    """What a client has put into a shop's basket and not ordered yet."""

    id = UUID(primary_key=True, default=uuid7)
    shop = Varchar(length=64)
    customer_id = UUID()
    subject_id = UUID()
    external_id = Varchar(length=255, null=True, default=None)
    items = Text(default="[]")  # JSON of domain.carts.CartItem
    total = BigInt(default=0)  # kopecks
    currency = Varchar(length=3, default="RUB")
    link = sealed()  # back to the basket in the shop
    entry_id = UUID(null=True, default=None)  # its line in the client's stream
    created_at = Timestamptz()
    updated_at = Timestamptz()
    dropped_at = Timestamptz(null=True, default=None)
    cleared_at = Timestamptz(null=True, default=None)


class CustomerDateRow(Table, tablename="customer_date"):
    """A day of the year to be reminded of: a birthday, a company's day, a season."""

    id = UUID(primary_key=True, default=uuid7)
    customer_id = UUID()
    subject_id = UUID()
    kind = Varchar(length=16)
    value = sealed()
    day_index = blind_index()  # of month and day
    remind_days = Integer(default=0)  # how long before; 0: no reminder
    reminded_on = Date(null=True, default=None)


class OwnerRequestRow(Table, tablename="owner_request"):
    """Somebody asks for another's client, or took him over; each with a reason."""

    id = UUID(primary_key=True, default=uuid7)
    customer_id = UUID()
    subject_id = UUID()
    asker_id = UUID()
    owner_id = UUID(null=True, default=None)  # who led the client then
    state = Varchar(length=16)  # asked, given, refused, taken
    reason = sealed()
    at = Timestamptz()
    answered_at = Timestamptz(null=True, default=None)


class SupplierPriceRow(Table, tablename="supplier_price"):
    """What a supplier asks for a variant, kopecks; the newest `since` holds."""

    id = UUID(primary_key=True, default=uuid7)
    supplier_id = UUID()
    variant_id = UUID()
    sku = Varchar(length=255, default="")  # the supplier's own article
    amount = BigInt()
    since = Timestamptz()


class PurposeRow(Table, tablename="purpose"):
    """Why we may hold a person's data; every person has at least one."""

    id = UUID(primary_key=True, default=uuid7)
    customer_id = UUID()
    code = Varchar(length=32)
    basis = Varchar(length=32)
    source = Varchar(length=100)
    since = Timestamptz()
    until = Timestamptz(null=True, default=None)
    document_id = UUID(null=True, default=None)


class ConsentTextRow(Table, tablename="consent_text"):
    """A consent text, word for word; a change is a new version."""

    id = UUID(primary_key=True, default=uuid7)
    code = Varchar(length=64)
    version = Integer()
    purpose = Varchar(length=32)
    text = Text()
    created_at = Timestamptz()


class ConsentRow(Table, tablename="consent"):
    """A consent given, with what proves it; withdrawn ones stay with their date."""

    id = UUID(primary_key=True, default=uuid7)
    customer_id = UUID()
    subject_id = UUID()
    purpose = Varchar(length=32)
    text_code = Varchar(length=64)
    text_version = Integer()
    channel = Varchar(length=32, default="")
    given_at = Timestamptz()
    withdrawn_at = Timestamptz(null=True, default=None)
    evidence = sealed()


class TagRow(Table, tablename="tag"):
    """A free mark on a client."""

    id = UUID(primary_key=True, default=uuid7)
    customer_id = UUID()
    name = Varchar(length=100)
