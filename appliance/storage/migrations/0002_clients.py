"""Clients get what an office keeps of them: wishes, sources, money, days, who leads, branches."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.statements import execute
from appliance.storage.tables import (
    BranchRow,
    CustomerDateRow,
    CustomerRow,
    DepartmentRow,
    OwnerRequestRow,
    ShopRow,
    SupplierPriceRow,
    WarehouseRow,
)
from appliance.storage.tables.indexes import INDEXES

_NEW = (BranchRow, CustomerDateRow, OwnerRequestRow, SupplierPriceRow)


async def up(m: Migration) -> None:
    """Add columns and tables; the figures of clients that are there are counted once."""
    await m.create_tables(*_NEW)
    for column, default in (
        ("party", "client"),
        ("wishes", None),
        ("region", ""),
        ("source_first", "{}"),
        ("source_last", "{}"),
        ("returned_total", 0),
        ("owed_total", 0),
        ("paid_orders", 0),
        ("paid_wait", 0),
        ("credit_limit", None),
        ("pay_days", 0),
        ("stop", False),
        ("contacted_at", None),
    ):
        await m.add_column(CustomerRow, column, default)
    for table in (DepartmentRow, ShopRow, WarehouseRow):
        await m.add_column(table, "branch_id")
    for index in INDEXES:
        if index.table in _NEW or index.columns == ("party", "number"):
            await m.create_index(
                index.table, *index.columns, unique=index.unique, where=index.where
            )
    await m.data(_count)


async def _count() -> None:
    """What is owed. How long orders waited for their money is counted from now on."""
    await execute(
        "UPDATE customer SET owed_total = t.owed, contacted_at = t.last FROM ("
        "SELECT o.customer_id, MAX(o.created_at) AS last, "
        "SUM(CASE WHEN s.status_group = 'cancel' OR o.total < o.paid_total THEN 0 "
        "ELSE o.total - o.paid_total END) AS owed "
        "FROM orders o LEFT JOIN order_status s ON s.code = o.status GROUP BY o.customer_id) t "
        "WHERE t.customer_id = customer.id"
    )
