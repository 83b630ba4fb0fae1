"""A box of the first release comes to this schema with its orders."""

from pathlib import Path

from appliance.storage.migrations.operations import Migration
from appliance.storage.migrations.runner import migrate
from appliance.storage.statements import execute, fetch
from tests.house_fixture import open_test_house

NEW_TABLES = (
    "status_rule", "shipment", "shipment_line", "coupon", "coupon_use", "account",
    "account_entry", "form_token",
)  # fmt: skip
NEW_COLUMNS = {
    "orders": (
        "payer_id", "payment_scheme", "coupon", "coupon_discount", "delivery_request",
        "invoiced_at", "delivered_at",
    ),
    "order_line": ("shipped_milli",),
    "payment": ("refund_of", "payer"),
    "order_status": ("next_main", "needs"),
    "role": ("most_discount_milli",),
}  # fmt: skip


async def as_it_was() -> None:
    """Take everything away that migration 0006 brought."""
    await execute("DROP INDEX IF EXISTS orders_number_invoiced_at")
    for table in NEW_TABLES:
        await execute(f"DROP TABLE {table}")
    for table, columns in NEW_COLUMNS.items():
        for column in columns:
            await execute(f'ALTER TABLE {table} DROP COLUMN "{column}"')
    await execute("DELETE FROM schema_migration WHERE number >= 6")


async def what_is_there() -> tuple[list[tuple[object, ...]], list[tuple[object, ...]], list[str]]:
    rules = await fetch("SELECT event, target FROM status_rule ORDER BY event")
    ways = await fetch("SELECT next_main FROM order_status WHERE code = 'new'")
    return rules, ways, await Migration().columns("orders")


async def test_a_box_in_use_gets_the_new_columns_and_the_usual_ways(tmp_path: Path):
    async with open_test_house(tmp_path) as house:
        await house.database.write(as_it_was)
        await migrate(house.database)
        rules, ways, columns = await house.database.read(what_is_there)
    assert rules == [
        ("dispatched", "delivering"),
        ("done", "complete"),
        ("paid", "client-confirmed"),
    ]
    assert ways == [("client-confirmed",)]
    assert set(NEW_COLUMNS["orders"]) <= set(columns)
