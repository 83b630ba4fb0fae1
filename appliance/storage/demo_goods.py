"""The bulk path of goods: articles with price and stock."""

from collections.abc import Sequence

from appliance.domain.demo import DemoProduct
from appliance.domain.ids import uuid7
from appliance.storage import (
    categories,
    counters,
    goods_marks,
)
from appliance.storage.demo_rows import SHOP, Article, put
from appliance.storage.statements import fetch_value
from appliance.storage.tables import (
    PriceRow,
    ProductRow,
    StockMovementRow,
    StockRow,
    VariantRow,
)
from appliance.storage.tx import Tx


async def add_products(tx: Tx, invented: Sequence[DemoProduct]) -> list[Article]:
    """Fill in articles with price and stock at the first warehouse."""
    warehouse = await fetch_value("SELECT id FROM warehouse ORDER BY number LIMIT 1")
    first = await counters.draw("product", len(invented))
    first_variant = await counters.draw("variant", len(invented))
    made = [(uuid7(), uuid7(), product) for product in invented]
    names = sorted({p.group for p in invented if p.group})
    groups = {name: await categories.named(name) for name in names}
    await put(
        ProductRow,
        [
            {
                "id": pid,
                "number": first + n,
                "shop": SHOP,
                "external_id": p.external_id,
                "name": p.name,
                "product_group": p.group,
                "category_id": groups.get(p.group),
                "description": "",
                "changed": 1,
                "manufacturer": "",
                "url": "",
                "image_url": "",
                "active": True,
                "to_check": False,
                "created_at": tx.now,
                "updated_at": tx.now,
            }
            for n, (pid, _, p) in enumerate(made)
        ],
    )
    await put(
        VariantRow,
        [
            {
                "id": vid,
                "number": first_variant + n,
                "product_id": pid,
                "shop": SHOP,
                "external_id": p.external_id,
                "xml_id": p.sku,
                "sku": p.sku,
                "barcode": p.barcode,
                "name": p.name,
                "weight_grams": p.weight_grams,
                "vat_rate": "none",
                "unit": "pc",
                "purchase_price": p.purchase_price,
                "active": True,
                "low_milli": 5_000,
                "low_told": p.stock <= 5,
                "properties": "[]",
                "pictures": "[]",
                "length_mm": 0,
                "width_mm": 0,
                "height_mm": 0,
                "from_catalogue": False,
            }
            for n, (pid, vid, p) in enumerate(made)
        ],
    )
    await put(
        PriceRow,
        [
            {
                "id": uuid7(),
                "variant_id": vid,
                "price_type": "base",
                "amount": p.price,
                "since": tx.now,
            }
            for _, vid, p in made
        ],
    )
    await put(
        StockRow,
        [
            {
                "id": uuid7(),
                "variant_id": vid,
                "warehouse_id": warehouse,
                "on_hand_milli": p.stock * 1000,
                "reserved_milli": 0,
                "in_transit_milli": 0,
                "shelf": f"{'АБВГ'[n % 4]}-{n // 4 % 12 + 1:02}-{n % 9 + 1}",
                "changed": 1,
            }
            for n, (_, vid, p) in enumerate(made)
        ],
    )
    await goods_marks.touch()
    await put(
        StockMovementRow,
        [
            {
                "id": uuid7(),
                "variant_id": vid,
                "warehouse_id": warehouse,
                "on_hand_milli": p.stock * 1000,
                "reserved_milli": 0,
                "in_transit_milli": 0,
                "cause": "upload",
                "cause_id": None,
                "at": tx.now,
            }
            for _, vid, p in made
        ],
    )
    return [Article(vid, p) for _, vid, p in made]
