"""Catalogue and stock: groups, pictures, barcodes, VAT by date, documents, couriers, feeds.

Groups that products name by a text become records; products that an older box has keep the text.
"""

from appliance.domain.ids import uuid7
from appliance.storage import counters, seed
from appliance.storage.migrations.operations import Migration
from appliance.storage.statements import execute, fetch, insert_many
from appliance.storage.tables import (
    BarcodeRow,
    CategoryRow,
    CourierMarkRow,
    CourierRunRow,
    GoodsFeedRow,
    PickingRow,
    PickMarkRow,
    PictureRow,
    ProductRow,
    StockDocumentLineRow,
    StockDocumentRow,
    StockMovementRow,
    StockRow,
    VariantRow,
    VatRateRow,
)
from appliance.storage.tables.indexes import INDEXES

NEW = (
    CategoryRow,
    PictureRow,
    BarcodeRow,
    VatRateRow,
    StockDocumentRow,
    StockDocumentLineRow,
    PickingRow,
    PickMarkRow,
    CourierRunRow,
    CourierMarkRow,
    GoodsFeedRow,
)


async def up(m: Migration) -> None:
    """Make what is new, and give the goods of an older box their groups and rates."""
    await m.create_tables(*NEW)
    await m.add_column(ProductRow, "category_id")
    await m.add_column(ProductRow, "description", "")
    await m.add_column(ProductRow, "changed", 1)
    await m.add_column(VariantRow, "low_milli", 0)
    await m.add_column(VariantRow, "low_told", False)
    await m.add_column(StockRow, "in_transit_milli", 0)
    await m.add_column(StockRow, "shelf", "")
    await m.add_column(StockRow, "changed", 1)
    await m.add_column(StockMovementRow, "in_transit_milli", 0)
    for index in INDEXES:
        if index.table in NEW or index.table in (ProductRow, VariantRow):
            await m.create_index(
                index.table, *index.columns, unique=index.unique, where=index.where
            )
    await m.data(_groups)
    await m.data(seed.fill_vat)


async def _groups() -> None:
    rows = await fetch(
        "SELECT DISTINCT product_group FROM product WHERE product_group <> '' "
        "AND category_id IS NULL ORDER BY product_group"
    )
    if not rows:
        return
    first = await counters.draw("category", len(rows))
    made = [(uuid7(), name) for (name,) in rows]
    await insert_many(
        CategoryRow,
        [
            {"id": category, "number": first + place, "name": name}
            for place, (category, name) in enumerate(made)
        ],
    )
    for category, name in made:
        await execute(
            "UPDATE product SET category_id = {} WHERE product_group = {} AND category_id IS NULL",
            category,
            name,
        )
