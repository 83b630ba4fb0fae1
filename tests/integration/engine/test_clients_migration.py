"""A box of the first release gets the columns of clients with its people and orders in it."""

from pathlib import Path

from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.operations import Migration
from appliance.storage.migrations.runner import migrate
from appliance.storage.statements import execute, fetch
from tests.web_house import open_web_house

ADDED = (
    "party", "wishes", "region", "source_first", "source_last", "returned_total", "owed_total",
    "paid_orders", "paid_wait", "credit_limit", "pay_days", "stop", "contacted_at",
)  # fmt: skip
NEW = ("branch", "customer_date", "owner_request", "supplier_price")


async def test_a_box_of_the_first_release_goes_forward_with_its_clients(tmp_path: Path) -> None:
    async with open_web_house(tmp_path, clients=20, orders=60) as made:

        async def back() -> None:
            await execute('DROP INDEX "customer_party_number"')
            for column in ADDED:
                await execute(f'ALTER TABLE customer DROP COLUMN "{column}"')
            for table in ("department", "shop", "warehouse"):
                await execute(f'ALTER TABLE {table} DROP COLUMN "branch_id"')
            for table in NEW:
                await execute(f'DROP TABLE "{table}"')
            await execute("DELETE FROM schema_migration WHERE number = 2")

        await made.house.database.alter(back)
        owed = await made.house.rows(
            "SELECT SUM(o.total - o.paid_total) FROM orders o JOIN order_status s "
            "ON s.code = o.status WHERE s.status_group <> 'cancel' AND o.total > o.paid_total"
        )
    database = SqliteDatabase(tmp_path / "main.db")
    await database.start()
    try:
        await migrate(database)

        async def after() -> tuple[list[str], list[tuple[object, ...]]]:
            rows = await fetch("SELECT SUM(owed_total), COUNT(*), MIN(party) FROM customer")
            return await Migration().columns("customer"), list(rows)

        columns, rows = await database.read(after)
        assert set(ADDED) <= set(columns)
        assert rows == [(owed[0][0], 20, "client")]
    finally:
        await database.stop()
