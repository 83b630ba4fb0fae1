"""What each manager sold of each product on a day; an index that says who bought most."""

from appliance.storage import report_marks
from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import OrderRow, ReportGoodsRow
from appliance.storage.tables.indexes import REPORT_GOODS_INDEXES


async def up(m: Migration) -> None:
    """Make both; days kept so far lack their goods, so the clock counts them anew."""
    await m.create_tables(ReportGoodsRow)
    for index in REPORT_GOODS_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
    # The longer one begins with the same columns and serves whatever the shorter one did.
    await m.drop_index("orders_created_at_manager_id_status_total")
    await m.create_index(
        OrderRow, "created_at", "manager_id", "status", "total", "shop", "customer_id"
    )
    await m.data(report_marks.forget_all)
