"""Coupons, shipments, accounts, payers, and where an order goes by itself."""

from appliance.storage import order_rules
from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import (
    AccountEntryRow,
    AccountRow,
    CouponRow,
    CouponUseRow,
    FormTokenRow,
    OrderLineRow,
    OrderRow,
    OrderStatusRow,
    PaymentRow,
    RoleRow,
    ShipmentLineRow,
    ShipmentRow,
    StatusRuleRow,
)
from appliance.storage.tables.indexes import INDEXES

_NEW = (
    StatusRuleRow,
    ShipmentRow,
    ShipmentLineRow,
    CouponRow,
    CouponUseRow,
    AccountRow,
    AccountEntryRow,
    FormTokenRow,
)


async def up(m: Migration) -> None:
    """Make the tables, add the columns, and give a box in use the usual ways of an order."""
    await m.create_tables(*_NEW)
    for column, default in (
        ("payer_id", None),
        ("payment_scheme", ""),
        ("coupon", ""),
        ("coupon_discount", 0),
        ("delivery_request", ""),
        ("invoiced_at", None),
        ("delivered_at", None),
    ):
        await m.add_column(OrderRow, column, default)
    await m.add_column(OrderLineRow, "shipped_milli", 0)
    await m.add_column(PaymentRow, "refund_of")
    await m.add_column(PaymentRow, "payer")
    await m.add_column(OrderStatusRow, "next_main", "")
    await m.add_column(OrderStatusRow, "needs", "[]")
    await m.add_column(RoleRow, "most_discount_milli")
    for index in INDEXES:
        if index.table in _NEW or "invoiced_at" in index.columns:
            await m.create_index(
                index.table, *index.columns, unique=index.unique, where=index.where
            )
    await m.data(order_rules.fill)
