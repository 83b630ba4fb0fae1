"""Day tallies that reports are added up from."""

from piccolo.columns import UUID, BigInt, Bytea, Date, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7


class ReportDayRow(Table, tablename="report_day"):
    """A day whose tallies hold; whatever changes an order or payment of it deletes the row."""

    day = Date(primary_key=True)
    zone = Varchar(length=64)  # whose midnights `since`, `until` are; a mark while counted
    since = Timestamptz()
    until = Timestamptz()


class ReportCellRow(Table, tablename="report_cell"):
    """Orders placed and money moved on one day, by `kind` (domain.reports.Kept) and its key.

    Kopecks. Products are kept without manager and shop.
    """

    id = UUID(primary_key=True, default=uuid7)
    day = Date()
    kind = Varchar(length=16)
    manager_id = UUID()  # the zero UUID: nobody
    shop = Varchar(length=64)
    key = Varchar(length=255)
    placed = BigInt(default=0)
    placed_total = BigInt(default=0)
    cancelled = BigInt(default=0)
    cancelled_total = BigInt(default=0)
    closed = BigInt(default=0)
    closed_total = BigInt(default=0)
    cost = BigInt(default=0)  # purchase and delivery of what was not cancelled
    quantity = BigInt(default=0)  # thousandths
    payments = BigInt(default=0)
    paid = BigInt(default=0)


class ReportGoodsRow(Table, tablename="report_goods"):
    """What one manager sold in one shop on one day, all products in one row.

    Rows per product would be as many as order lines; here a year of a manager is 365 rows.
    """

    id = UUID(primary_key=True, default=uuid7)
    day = Date()
    manager_id = UUID()  # the zero UUID: nobody
    shop = Varchar(length=64)
    goods = Bytea()  # storage.report_goods says how it is packed
