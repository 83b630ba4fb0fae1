"""Shops that are connected: settings, runs of their catalogues, what these say of goods."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import (
    ApiKeyRow,
    CatalogueNoteRow,
    CatalogueRunRow,
    CategoryRow,
    ShopRow,
    VariantRow,
)
from appliance.storage.tables.indexes import CATALOGUE_INDEXES


async def up(m: Migration) -> None:
    """Add them; goods known so far came with no catalogue and are hidden by none."""
    await m.create_tables(CatalogueRunRow, CatalogueNoteRow)
    await m.add_column(ShopRow, "link", default="{}")
    await m.add_column(CategoryRow, "shop", default="")
    await m.add_column(CategoryRow, "external_id")
    for texts in ("properties", "pictures"):
        await m.add_column(VariantRow, texts, default="[]")
    for size in ("length_mm", "width_mm", "height_mm"):
        await m.add_column(VariantRow, size, default=0)
    await m.add_column(VariantRow, "from_catalogue", default=False)
    await m.add_column(ApiKeyRow, "used_at")
    for index in CATALOGUE_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
