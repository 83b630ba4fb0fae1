"""Bringing in products with prices, and opening stock."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from appliance.domain.import_deeds import GoodsRow
from appliance.domain.imports import Match, Outcome
from appliance.domain.products import ProductDraft, VariantDraft
from appliance.errors import Invalid
from appliance.storage import feed, goods_marks, products, stock
from appliance.storage.imports import Done
from appliance.storage.statements import any_of, execute, fetch, fetch_one, fetch_value, update_row
from appliance.storage.tables import ProductRow, VariantRow
from appliance.storage.tx import Tx


class Article(NamedTuple):
    """A variant as an import finds it."""

    id: UUID
    number: int
    product_id: UUID
    product_number: int
    shop: str
    columns: dict[str, Any]


class Articles:
    """Articles that rows may mean, by code, article and barcode."""

    def __init__(self) -> None:
        self._by: dict[tuple[str, str], Article] = {}

    async def find(self, rows: Sequence[GoodsRow]) -> None:
        """Read all that some rows name in one statement."""
        found = await fetch(
            "SELECT v.id, v.number, p.id, p.number, p.shop, v.external_id, v.sku, v.barcode, "
            "p.name, p.product_group, p.manufacturer, v.unit, v.weight_grams, v.purchase_price "
            "FROM variant v JOIN product p ON p.id = v.product_id WHERE v.external_id IN {} "
            "OR v.sku IN {} OR v.barcode IN {} ORDER BY v.number DESC",
            any_of({row.external_id for row in rows if row.external_id}),
            any_of({row.sku for row in rows if row.sku}),
            any_of({row.barcode for row in rows if row.barcode}),
        )
        names = (
            "external_id", "sku", "barcode", "name", "product_group", "manufacturer", "unit",
            "weight_grams", "purchase_price",
        )  # fmt: skip
        for row in found:
            columns: dict[str, Any] = dict(zip(names, row[5:], strict=True))
            self.keep(Article(row[0], row[1], row[2], row[3], row[4], columns))

    def keep(self, one: Article) -> None:
        """Know an article by all it is named by."""
        for name in ("external_id", "sku", "barcode"):
            if one.columns[name]:
                self._by[name, one.columns[name]] = one

    def of(self, row: GoodsRow) -> Article | None:
        """The article a row means: by code, else article, else barcode."""
        for name in ("external_id", "sku", "barcode"):
            found = self._by.get((name, getattr(row, name)))
            if found is not None and getattr(row, name):
                return found
        return None


async def bring(
    tx: Tx, row: GoodsRow, known: Article | None, match: Match, price_type: str, shop: str
) -> Done:
    """Add an article or change what the row says of a known one."""
    if known is not None and match is Match.SKIP:
        return Done(Outcome.SKIPPED, known.product_id, known.product_number)
    if known is None or match is Match.CREATE:
        return await _add(tx, row, price_type, shop)
    changed = await _change(tx, row, known)
    if row.price is not None:
        was = await _price(known.id, price_type)
        if was != row.price:
            await products.set_prices(tx, [(known.id, price_type, row.price)])
            changed.append(feed.Change(field=f"price.{price_type}", old=was, new=row.price))
    outcome = Outcome.SAME
    if changed:
        outcome = Outcome.UPDATED
        await goods_marks.changed([known.product_id])
        await feed.record(
            tx, "product", known.product_id, known.product_number, known.shop, known.product_id,
            changed,
        )  # fmt: skip
    return Done(outcome, known.product_id, known.product_number)


async def _price(variant: UUID, kind: str) -> int | None:
    return await fetch_value(
        "SELECT amount FROM price WHERE variant_id = {} AND price_type = {} "
        "ORDER BY since DESC LIMIT 1",
        variant,
        kind,
    )


async def _add(tx: Tx, row: GoodsRow, price_type: str, shop: str) -> Done:
    variant = VariantDraft(
        external_id=row.external_id or None,
        sku=row.sku,
        barcode=row.barcode,
        weight_grams=row.weight_grams or 0,
        unit=row.unit or "pc",
        purchase_price=row.purchase_price or 0,
    )
    draft = ProductDraft(
        external_id=row.external_id or None,
        name=row.name,
        shop=shop,
        group=row.group,
        manufacturer=row.manufacturer,
        variants=(variant,),
    )
    number, made = await products.save(tx, draft)
    if row.price is not None:
        await products.set_prices(tx, [(made[0][0], price_type, row.price)])
    found = await fetch_one("SELECT id FROM product WHERE number = {}", number)
    product = None if found is None else found[0]
    if product is not None:
        change = feed.Change(field="name", new=row.name, kind="create")
        await feed.record(tx, "product", product, number, shop, product, [change])
    return Done(Outcome.CREATED, product, number)


async def _change(tx: Tx, row: GoodsRow, known: Article) -> list[feed.Change]:
    product = {
        "name": row.name, "product_group": row.group, "manufacturer": row.manufacturer,
    }  # fmt: skip
    variant = {
        "sku": row.sku, "barcode": row.barcode, "unit": row.unit,
        "weight_grams": row.weight_grams, "purchase_price": row.purchase_price,
    }  # fmt: skip
    changes: list[feed.Change] = []
    for table, row_id, values, prefix in (
        (ProductRow, known.product_id, product, ""),
        (VariantRow, known.id, variant, "variant."),
    ):
        differing = {
            name: value
            for name, value in values.items()
            if value not in ("", None) and known.columns[name] != value
        }
        if differing:
            await update_row(table, row_id, **differing)
        changes += [
            feed.Change(field=prefix + name, old=known.columns[name], new=value)
            for name, value in differing.items()
        ]
    if changes:
        await update_row(ProductRow, known.product_id, updated_at=tx.now)
    return changes


async def set_stock(tx: Tx, known: Article | None, warehouse: UUID, milli: int | None) -> Done:
    """Take over a counted figure, and remember the one before.

    Raises:
        Invalid: `article_unknown`, `quantity_unreadable`.
    """
    if known is None:
        raise Invalid("article_unknown", fields={"sku": "article_unknown"})
    if milli is None:
        raise Invalid("quantity_unreadable", fields={"quantity": "quantity_unreadable"})
    was = await fetch_value(
        "SELECT on_hand_milli FROM stock WHERE variant_id = {} AND warehouse_id = {}",
        known.id,
        warehouse,
    )
    if was == milli:
        return Done(Outcome.SAME, known.id, known.number, was=was)
    await stock.set_on_hand(tx, [(known.id, warehouse, milli)], "upload", None)
    return Done(Outcome.UPDATED, known.id, known.number, was=was or 0)


async def hide(ids: Sequence[UUID]) -> frozenset[UUID]:
    """Take products out of sale that an import added and nobody ordered; those hidden."""
    if not ids:
        return frozenset()
    rows = await fetch(
        "SELECT p.id FROM product p WHERE p.id IN {} AND NOT EXISTS (SELECT 1 FROM order_line l "
        "JOIN variant v ON v.id = l.variant_id WHERE v.product_id = p.id)",
        any_of(ids),
    )
    hidden = [row[0] for row in rows]
    if hidden:
        await execute("UPDATE product SET active = {} WHERE id IN {}", False, any_of(hidden))
        await execute(
            "UPDATE variant SET active = {} WHERE product_id IN {}", False, any_of(hidden)
        )
        await goods_marks.changed(hidden)
    return frozenset(hidden)
