"""The way of an older box to the stockroom."""

from typing import Any

from appliance.domain.ids import uuid7
from appliance.storage.engine import Database
from appliance.storage.engine.drive import Body
from appliance.storage.migrations.operations import Migration
from appliance.storage.migrations.runner import migrate
from appliance.storage.statements import execute, fetch
from tests.house_fixture import START, TestHouse

NEW = (
    "category picture barcode vat_rate stock_document stock_document_line picking pick_mark "
    "courier_run courier_mark goods_feed"
).split()
COLUMNS = {
    "product": ("category_id", "description", "changed"),
    "variant": ("low_milli", "low_told"),
    "stock": ("in_transit_milli", "shelf", "changed"),
    "stock_movement": ("in_transit_milli",),
}


async def _make_old() -> None:
    """Take away what 0007 brought, and leave a product behind."""
    m = Migration()
    for index in ("product_category_id", "product_number_changed", "variant_low_milli"):
        await m.drop_index(index)
    for table in NEW:
        await m.drop_table(table)
    for table, columns in COLUMNS.items():
        for column in columns:
            change = f'ALTER TABLE "{table}" DROP COLUMN "{column}"'
            await m.sql(sqlite=change, postgres=change)
    await execute("DELETE FROM schema_migration WHERE number = 7")
    for number, group in ((1, "Свет"), (2, "Свет"), (3, "")):
        await execute(
            "INSERT INTO product (id, number, shop, name, product_group, manufacturer, url, "
            "image_url, active, to_check, created_at, updated_at) VALUES "
            "({}, {}, '', 'Лампа', {}, '', '', '', {}, {}, {}, {})",
            uuid7(), number, group, True, False, START, START,
        )  # fmt: skip


async def _read(database: Database, sql: str) -> list[tuple[Any, ...]]:
    async def body() -> list[tuple[Any, ...]]:
        return await fetch(sql)

    reading: Body[list[tuple[Any, ...]]] = body
    return await database.read(reading)


async def test_goods_of_an_older_box_get_groups_and_rates(house: TestHouse) -> None:
    await house.database.alter(_make_old)
    done = await migrate(house.database)
    assert "0007_stockroom" in [step.name for step in done]
    rows = await _read(
        house.database,
        "SELECT p.number, c.name, p.changed FROM product p LEFT JOIN category c "
        "ON c.id = p.category_id ORDER BY p.number",
    )
    assert rows == [(1, "Свет", 1), (2, "Свет", 1), (3, None, 1)]
    assert (await _read(house.database, "SELECT COUNT(*) FROM vat_rate"))[0][0] > 3
    assert await migrate(house.database) == []
