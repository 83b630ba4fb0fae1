"""Documents that move stock, picking, the courier's day, the shops' feeds of goods."""

from piccolo.columns import UUID, BigInt, Boolean, Bytea, Date, Integer, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7


class StockDocumentRow(Table, tablename="stock_document"):
    """The cause of movements; numbers are never reused. `domain.stockroom` has kinds and states."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    kind = Varchar(length=16)
    state = Varchar(length=16, default="draft")
    warehouse_id = UUID()
    target_id = UUID(null=True, default=None)  # where a move goes
    order_id = UUID(null=True, default=None)  # whose goods come back
    order_number = BigInt(default=0)
    reason = Varchar(length=32, default="")
    outside_number = Varchar(length=64, default="")
    supplier_id = UUID(null=True, default=None)  # a client of that kind
    remark = Bytea(null=True, default=None, secret=True)  # supplier and comment: may name people
    lines_count = Integer(default=0)
    quantity_milli = BigInt(default=0)
    total = BigInt(default=0)  # kopecks
    version = Integer(default=1)
    made_by = UUID()
    made_at = Timestamptz()
    posted_by = UUID(null=True, default=None)
    posted_at = Timestamptz(null=True, default=None)
    undone_by = UUID(null=True, default=None)
    undone_at = Timestamptz(null=True, default=None)


class StockDocumentLineRow(Table, tablename="stock_document_line"):
    """One article of a document; what posting found there is kept for the way back."""

    id = UUID(primary_key=True, default=uuid7)
    document_id = UUID()
    position = Integer()
    variant_id = UUID()
    quantity_milli = BigInt(default=0)
    price = BigInt(null=True, default=None)
    was_price = BigInt(null=True, default=None)
    was_on_hand_milli = BigInt(null=True, default=None)


class PickingRow(Table, tablename="picking"):
    """How far the warehouse is with an order."""

    order_id = UUID(primary_key=True)
    taken_by = UUID(null=True, default=None)
    taken_at = Timestamptz(null=True, default=None)
    packed_at = Timestamptz(null=True, default=None)
    places = Integer(default=1)
    handed_at = Timestamptz(null=True, default=None)


class PickMarkRow(Table, tablename="pick_mark"):
    """How much of an order's line lies in the box already."""

    line_id = UUID(primary_key=True)
    order_id = UUID()
    picked_milli = BigInt(default=0)
    missing = Boolean(default=False)
    at = Timestamptz()


class CourierRunRow(Table, tablename="courier_run"):
    """An order in a courier's hands."""

    id = UUID(primary_key=True, default=uuid7)
    order_id = UUID()
    courier_id = UUID()
    day = Date()
    position = Integer(default=0)
    state = Varchar(length=16, default="given")  # given, delivered, refused
    reason = Varchar(length=32, default="")
    given_at = Timestamptz()
    done_at = Timestamptz(null=True, default=None)


class CourierMarkRow(Table, tablename="courier_mark"):
    """A mark that a phone sent; sent again, it does nothing twice."""

    id = UUID(primary_key=True)
    courier_id = UUID()
    order_id = UUID()
    kind = Varchar(length=16)
    at = Timestamptz()


class GoodsFeedRow(Table, tablename="goods_feed"):
    """A secret address at which a shop reads goods, prices and what is free."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    shop = Varchar(length=64)
    price_type = Varchar(length=64)
    key_hash = Bytea(secret=True)
    hides_out = Boolean(default=True)
    active = Boolean(default=True)
    created_at = Timestamptz()
    read_at = Timestamptz(null=True, default=None)
