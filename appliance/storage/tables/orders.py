"""Orders and the lists they lean on."""

from piccolo.columns import UUID, BigInt, Boolean, Date, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7
from appliance.storage.tables.columns import sealed


class ShopRow(Table, tablename="shop"):
    """A place orders come from."""

    code = Varchar(length=64, primary_key=True)
    number = BigInt()
    name = Varchar(length=200)
    url = Text(default="")
    currency = Varchar(length=3, default="RUB")
    country = Varchar(length=2, default="RU")
    yml_url = Text(default="")
    load_from_yml = Boolean(default=False)
    branch_id = UUID(null=True, default=None)  # whose queue its orders come into
    link = Text(default="{}")  # JSON of domain.shops.ShopLink


class StatusGroupRow(Table, tablename="status_group"):
    """A group of order statuses."""

    code = Varchar(length=64, primary_key=True)
    name = Varchar(length=200)
    position = Integer(default=0)
    process = Boolean(default=True)
    active = Boolean(default=True)


class OrderStatusRow(Table, tablename="order_status"):
    """An order status; `moves` is JSON: codes it may go to, [] means any."""

    code = Varchar(length=64, primary_key=True)
    name = Varchar(length=200)
    status_group = Varchar(length=64)
    position = Integer(default=0)
    active = Boolean(default=True)
    is_default = Boolean(default=False)
    tone = Varchar(length=16, default="grey")
    shape = Varchar(length=16, default="ring")
    moves = Text(default="[]")
    next_main = Varchar(length=64, default="")  # the usual next status; the card's main button
    needs = Text(default="[]")  # JSON: what an order must have to come here (domain.statuses.Need)


class StatusRuleRow(Table, tablename="status_rule"):
    """Where an order goes by itself: on full payment, on dispatch, when paid and delivered."""

    event = Varchar(length=32, primary_key=True)  # domain.statuses.RuleEvent
    target = Varchar(length=64)
    sources = Text(default="[]")  # JSON: codes of statuses it may start from
    active = Boolean(default=True)


class ReferenceRow(Table, tablename="reference"):
    """An entry of a plain list: delivery and payment types, order methods, units."""

    id = UUID(primary_key=True, default=uuid7)
    kind = Varchar(length=32)
    number = BigInt()
    code = Varchar(length=64)
    name = Varchar(length=200)
    active = Boolean(default=True)
    position = Integer(default=0)
    is_default = Boolean(default=False)
    extra = Text(default="{}")


class OrderRow(Table, tablename="orders"):
    """An order; its totals are kept, so that no list ever adds up lines."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    shown_number = Varchar(length=32)
    version = Integer(default=1)
    shop = Varchar(length=64)
    external_id = Varchar(length=255, null=True, default=None)
    customer_id = UUID()
    subject_id = UUID()
    manager_id = UUID(null=True, default=None)  # drives Scope.OWN
    status = Varchar(length=64)
    status_at = Timestamptz()
    order_type = Varchar(length=64)
    order_method = Varchar(length=64)
    assigned_by = Varchar(length=16, default="")  # domain.assignment.Reason
    contact = sealed()  # who ordered: names only
    reach = sealed()  # phones and e-mail of this order; a cell of its own, as roles differ
    comments = sealed()  # the buyer's, the manager's, and what was said with the last status
    phone_readable = Boolean(default=True)
    has_comment = Boolean(default=False)
    summary = Text(default="")  # name of the first line
    lines_count = Integer(default=0)
    goods_total = BigInt(default=0)  # kopecks, before discounts
    discount_amount = BigInt(default=0)
    discount_percent_milli = BigInt(default=0)
    discount_total = BigInt(default=0)
    total = BigInt(default=0)  # goods - discounts + delivery
    paid_total = BigInt(default=0)
    purchase_total = BigInt(default=0)
    delivery_type = Varchar(length=64, default="")
    delivery_service = Varchar(length=64, default="")
    delivery_cost = BigInt(default=0)
    delivery_net_cost = BigInt(default=0)
    delivery_vat_rate = Varchar(length=16, default="none")
    delivery_date = Date(null=True, default=None)
    delivery_from = Varchar(length=5, default="")
    delivery_to = Varchar(length=5, default="")
    track_number = Varchar(length=64, default="")
    source = Text(default="{}")  # JSON of domain.orders.SourceMarks; no person in it
    shipment_store = Varchar(length=64, null=True, default=None)
    shipment_date = Date(null=True, default=None)
    shipped = Boolean(default=False)
    call = Boolean(default=False)
    from_api = Boolean(default=False)
    payer_id = UUID(null=True, default=None)  # customer who pays, when not the buyer
    payment_scheme = Varchar(length=16, default="")  # domain.money.Scheme
    coupon = Varchar(length=40, default="")
    coupon_discount = BigInt(default=0)  # kopecks of discount_total that the coupon gives
    delivery_request = Varchar(length=16, default="")  # "", made, stale
    invoiced_at = Timestamptz(null=True, default=None)
    delivered_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz()
    updated_at = Timestamptz()


class OrderLineRow(Table, tablename="order_line"):
    """A position. Amounts are kopecks per unit but `total`."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    order_id = UUID()
    position = Integer()
    variant_id = UUID(null=True, default=None)
    external_ids = Text(default="[]")
    offer_external_id = Varchar(length=255, null=True, default=None)
    offer_xml_id = Varchar(length=255, null=True, default=None)
    sku = Varchar(length=255, default="")
    name = Text()
    quantity_milli = BigInt()
    price = BigInt()
    purchase_price = BigInt(default=0)
    discount_amount = BigInt(default=0)
    discount_percent_milli = BigInt(default=0)
    order_discount = BigInt(default=0)
    discount_total = BigInt(default=0)
    total = BigInt()
    price_type = Varchar(length=64, default="base")
    vat_rate = Varchar(length=16, default="none")
    status = Varchar(length=64, default="new")
    comment = sealed()  # of domain.orders.Remark, under the key of the order's buyer
    properties = Text(default="[]")
    reserved_at = UUID(null=True, default=None)  # warehouse that holds it
    shipped_milli = BigInt(default=0)  # of quantity_milli, gone with shipments
    created_at = Timestamptz()


class PaymentRow(Table, tablename="payment"):
    """One promise or movement of money."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    order_id = UUID()
    shop = Varchar(length=64)
    external_id = Varchar(length=255, null=True, default=None)
    kind = Varchar(length=64)
    status = Varchar(length=64)
    amount = BigInt()
    paid_at = Timestamptz(null=True, default=None)
    comment = sealed()  # of domain.orders.Remark
    refund_of = UUID(null=True, default=None)  # payment that this one gives back
    payer = sealed()  # of domain.money.Payer, under the key of the order's buyer
    created_at = Timestamptz()


class OrderLinkRow(Table, tablename="order_link"):
    """Two orders that belong together, and why."""

    id = UUID(primary_key=True, default=uuid7)
    order_id = UUID()
    other_id = UUID()
    comment = sealed()  # of domain.orders.Remark, under the key of `order_id`'s buyer
    created_at = Timestamptz()


class ShipmentRow(Table, tablename="shipment"):
    """Goods of one or more lines leaving a warehouse together."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    order_id = UUID()
    warehouse_id = UUID(null=True, default=None)
    state = Varchar(length=16, default="draft")  # domain.shipments.State
    delivery_type = Varchar(length=64, default="")
    cost = BigInt(default=0)
    planned_for = Date(null=True, default=None)
    track_number = Varchar(length=64, default="")
    user_number = BigInt(default=0)
    dispatched_at = Timestamptz(null=True, default=None)
    delivered_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz()


class ShipmentLineRow(Table, tablename="shipment_line"):
    """How much of an order's line a shipment takes."""

    id = UUID(primary_key=True, default=uuid7)
    shipment_id = UUID()
    line_id = UUID()
    quantity_milli = BigInt()


class CouponRow(Table, tablename="coupon"):
    """A code that takes something off; a code is no personal data."""

    id = UUID(primary_key=True, default=uuid7)
    code = Varchar(length=40)  # upper case
    kind = Varchar(length=16)  # domain.coupons.Kind
    value = BigInt()  # kopecks, or thousandths of a percent
    valid_from = Date(null=True, default=None)
    valid_until = Date(null=True, default=None)  # the last day it holds
    min_total = BigInt(default=0)  # kopecks of goods after lines' own discounts
    uses_left = BigInt(null=True, default=None)  # NULL: any number
    per_client = BigInt(null=True, default=None)
    active = Boolean(default=True)
    created_at = Timestamptz()


class CouponUseRow(Table, tablename="coupon_use"):
    """Which order used a coupon."""

    id = UUID(primary_key=True, default=uuid7)
    coupon_id = UUID()
    order_id = UUID()
    customer_id = UUID()
    at = Timestamptz()


class AccountRow(Table, tablename="account"):
    """What lies on a client's internal account, kopecks; kept, never below zero by our own act."""

    customer_id = UUID(primary_key=True)
    balance = BigInt(default=0)


class AccountEntryRow(Table, tablename="account_entry"):
    """One movement of a client's internal account; never changed."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    customer_id = UUID()
    kind = Varchar(length=16)  # domain.money.Entry
    amount = BigInt()  # kopecks, signed
    balance = BigInt()  # after it
    order_id = UUID(null=True, default=None)
    payment_id = UUID(null=True, default=None)
    user_number = BigInt(default=0)
    at = Timestamptz()


class FormTokenRow(Table, tablename="form_token"):
    """A form that was saved: the same one sent again makes nothing new."""

    token = UUID(primary_key=True)
    entity_number = BigInt()
    at = Timestamptz()


class FormDraftRow(Table, tablename="form_draft"):
    """What a colleague typed into a form and has not saved yet; one for each kind of form.

    `body` is sealed under the house's secret: what is typed belongs to no client yet.
    """

    id = UUID(primary_key=True, default=uuid7)
    user_id = UUID()
    kind = Varchar(length=16)
    body = sealed()
    saved_at = Timestamptz()


class OrderTallyRow(Table, tablename="order_tally"):
    """Kept counts and sums of orders by status and manager: what lists show instead of COUNT."""

    id = UUID(primary_key=True, default=uuid7)
    status = Varchar(length=64)
    manager_id = UUID()  # the zero UUID: nobody
    shop = Varchar(length=64)
    orders = BigInt(default=0)
    total = BigInt(default=0)
