"""Goods: products with their variants, prices and stock."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.icml import Property
from appliance.domain.ids import uuid7
from appliance.domain.products import (
    ProductDraft,
    ProductView,
    StockView,
    VariantDraft,
    VariantView,
)
from appliance.storage import categories, counters, goods_marks
from appliance.storage.statements import any_of, execute, fetch, fetch_one, insert_many, update_row
from appliance.storage.tables import PriceRow, ProductRow, VariantRow
from appliance.storage.tx import Tx
from appliance.storage.visible import in_shop


class GoodsFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of goods asks for; empty means everything.

    Attributes:
        numbers: of products; the other ids are of variants, but `product_external_id`.
    """

    numbers: tuple[int, ...] = ()
    variant_numbers: tuple[int, ...] = ()
    external_ids: tuple[str, ...] = ()
    xml_ids: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    product_external_id: str | None = None
    name: str = ""
    active: bool | None = None
    to_check: bool | None = None
    after: int = 0


class VariantRef(msgspec.Struct, frozen=True, kw_only=True):
    """Which variant a program means: by number, else external id, else xml id."""

    number: int | None = None
    external_id: str | None = None
    xml_id: str | None = None


def _conditions(tx: Tx, asked: GoodsFilter) -> tuple[str, list[object]]:
    shop, args = in_shop(tx, "p.shop")
    # Goods without a shop are everybody's.
    texts, values = [f"({shop} OR p.shop = '')"], list[object](args)
    for column, wanted in (
        ("p.number", asked.numbers),
        ("v.number", asked.variant_numbers),
        ("v.external_id", asked.external_ids),
        ("v.xml_id", asked.xml_ids),
        ("v.sku", asked.skus),
    ):
        if wanted:
            texts.append(f"{column} IN {{}}")
            values.append(any_of(wanted))
    for text, bound in (
        ("p.external_id = {}", asked.product_external_id),
        ("p.name = {}", asked.name or None),
        ("p.active = {}", asked.active),
        ("p.to_check = {}", asked.to_check),
        ("p.number > {}", asked.after or None),
    ):
        if bound is not None:
            texts.append(text)
            values.append(bound)
    return " AND ".join(texts), values


async def count(tx: Tx, asked: GoodsFilter, of: str) -> int:
    """How many products (`p`) or variants (`v`) a filter has; goods are few next to orders."""
    condition, values = _conditions(tx, asked)
    row = await fetch_one(
        f"SELECT COUNT(DISTINCT {of}.id) FROM variant v JOIN product p ON p.id = v.product_id "
        f"WHERE {condition}",
        *values,
    )
    return 0 if row is None else int(row[0])


_VARIANT = (
    "SELECT v.id, v.number, p.number, p.external_id, v.external_id, v.xml_id, v.sku, v.barcode, "
    "v.name, p.name, v.weight_grams, v.vat_rate, v.unit, v.purchase_price, v.active, p.to_check, "
    "p.id, v.low_milli, v.properties, v.pictures, v.length_mm, v.width_mm, v.height_mm "
    "FROM variant v JOIN product p ON p.id = v.product_id "
)


async def variants(tx: Tx, asked: GoodsFilter, *, skipped: int, limit: int) -> list[VariantView]:
    """Variants with prices and stock, by number."""
    condition, values = _conditions(tx, asked)
    rows = await fetch(
        f"{_VARIANT}WHERE {condition} ORDER BY v.number LIMIT {{}} OFFSET {{}}",
        *values,
        limit,
        skipped,
    )
    return [view for _, view in await _views(rows)]


async def products(tx: Tx, asked: GoodsFilter, *, skipped: int, limit: int) -> list[ProductView]:
    """Products with all their variants, by number."""
    condition, values = _conditions(tx, asked)
    rows = await fetch(
        "SELECT DISTINCT p.number, p.id, p.external_id, p.name, p.shop, p.product_group, "
        "p.manufacturer, p.url, p.image_url, p.active, p.to_check "
        f"FROM variant v JOIN product p ON p.id = v.product_id WHERE {condition} "
        "ORDER BY p.number LIMIT {} OFFSET {}",
        *values,
        limit,
        skipped,
    )
    if not rows:
        return []
    found = await fetch(
        f"{_VARIANT}WHERE v.product_id IN {{}} ORDER BY v.number", any_of([row[1] for row in rows])
    )
    by_product: dict[UUID, list[VariantView]] = {}
    for product_id, view in await _views(found):
        by_product.setdefault(product_id, []).append(view)
    return [
        ProductView(
            id=row[1],
            number=row[0],
            external_id=row[2],
            name=row[3],
            shop=row[4],
            group=row[5],
            manufacturer=row[6],
            url=row[7],
            image_url=row[8],
            active=bool(row[9]),
            to_check=bool(row[10]),
            variants=tuple(by_product.get(row[1], ())),
        )
        for row in rows
    ]


_properties = msgspec.json.Decoder(tuple[Property, ...]).decode
_pictures = msgspec.json.Decoder(tuple[str, ...]).decode


async def _views(rows: Sequence[tuple[Any, ...]]) -> list[tuple[UUID, VariantView]]:
    ids = any_of([row[0] for row in rows])
    prices: dict[UUID, dict[str, int]] = {}
    # Ascending by time: the newest of each type is the last to be put there.
    for variant, kind, amount in await fetch(
        "SELECT variant_id, price_type, amount FROM price WHERE variant_id IN {} ORDER BY since",
        ids,
    ):
        prices.setdefault(variant, {})[kind] = amount
    stocks: dict[UUID, list[StockView]] = {}
    for variant, code, on_hand, reserved, cost, coming, shelf in await fetch(
        "SELECT s.variant_id, w.code, s.on_hand_milli, s.reserved_milli, v.purchase_price, "
        "s.in_transit_milli, s.shelf FROM stock s JOIN warehouse w ON w.id = s.warehouse_id "
        "JOIN variant v ON v.id = s.variant_id WHERE s.variant_id IN {} ORDER BY w.number",
        ids,
    ):
        stocks.setdefault(variant, []).append(
            StockView(
                warehouse=code,
                on_hand_milli=on_hand,
                reserved_milli=reserved,
                purchase_price=cost,
                in_transit_milli=coming,
                shelf=shelf,
            )
        )
    return [
        (
            row[16],
            VariantView(
                id=row[0],
                number=row[1],
                product_number=row[2],
                product_external_id=row[3],
                external_id=row[4],
                xml_id=row[5],
                sku=row[6],
                barcode=row[7],
                name=row[8],
                product_name=row[9],
                weight_grams=row[10],
                vat_rate=row[11],
                unit=row[12],
                purchase_price=row[13],
                prices=prices.get(row[0], {}),
                stock=tuple(stocks.get(row[0], ())),
                active=bool(row[14]),
                to_check=bool(row[15]),
                low_milli=row[17],
                properties=_properties(row[18]),
                pictures=_pictures(row[19]),
                size_mm=(row[20], row[21], row[22]),
            ),
        )
        for row in rows
    ]


async def find_variants(tx: Tx, shop: str, refs: Sequence[VariantRef]) -> list[UUID | None]:
    """Ids of the variants meant, in order; None for one that is not known."""
    rows = await fetch(
        "SELECT v.id, v.number, v.external_id, v.xml_id, v.shop FROM variant v "
        "WHERE v.number IN {} OR (v.shop IN ({}, '') AND v.external_id IN {}) "
        "OR (v.shop IN ({}, '') AND v.xml_id IN {})",
        any_of([one.number for one in refs if one.number is not None]),
        shop,
        any_of([one.external_id for one in refs if one.external_id]),
        shop,
        any_of([one.xml_id for one in refs if one.xml_id]),
    )
    rows.sort(key=lambda row: row[4] == shop)
    numbers = {row[1]: row[0] for row in rows}
    mine = [row for row in rows if row[4] in (shop, "")]
    external_ids = {row[2]: row[0] for row in mine if row[2]}
    xml_ids = {row[3]: row[0] for row in mine if row[3]}
    return [
        numbers.get(one.number)
        if one.number is not None
        else external_ids.get(one.external_id or "") or xml_ids.get(one.xml_id or "")
        for one in refs
    ]


async def numbers_of(ids: Sequence[UUID]) -> list[int]:
    """Numbers of variants."""
    rows = await fetch("SELECT number FROM variant WHERE id IN {}", any_of(ids)) if ids else []
    return [row[0] for row in rows]


class _Known(NamedTuple):
    id: UUID
    number: int
    product_id: UUID


async def save(tx: Tx, draft: ProductDraft) -> tuple[int, list[tuple[UUID, VariantDraft]]]:
    """Add a product or update the one its variants or its external id name.

    Returns:
        the product's number, and its variants with their ids.
    """
    known = await _known_variants(draft)
    product_id, number = await _save_product(tx, draft, known)
    fresh = [one for one, found in zip(draft.variants, known, strict=True) if found is None]
    first = await counters.draw("variant", len(fresh)) if fresh else 0
    saved: list[tuple[UUID, VariantDraft]] = []
    rows: list[dict[str, Any]] = []
    for one, found in zip(draft.variants, known, strict=True):
        values = _variant_values(draft, one)
        if found is not None:
            await update_row(VariantRow, found.id, **values)
            saved.append((found.id, one))
            continue
        variant_id = uuid7()
        rows.append(
            {"id": variant_id, "number": first + len(rows), "product_id": product_id, **values}
        )
        saved.append((variant_id, one))
    await insert_many(VariantRow, rows)
    return number, saved


def _variant_values(draft: ProductDraft, one: VariantDraft) -> dict[str, Any]:
    return {
        "shop": draft.shop,
        "external_id": one.external_id,
        "xml_id": one.xml_id,
        "sku": one.sku,
        "barcode": one.barcode,
        "name": one.name or draft.name,
        "weight_grams": one.weight_grams,
        "vat_rate": one.vat_rate,
        "unit": one.unit,
        "purchase_price": one.purchase_price,
        "active": draft.active,
    }


async def _known_variants(draft: ProductDraft) -> list[_Known | None]:
    """The variants a product names, among them those an order's line made to be checked."""
    rows = await fetch(
        "SELECT id, number, product_id, external_id, xml_id, sku FROM variant WHERE shop = {} "
        "AND (external_id IN {} OR xml_id IN {} OR sku IN {})",
        draft.shop,
        any_of([one.external_id for one in draft.variants if one.external_id]),
        any_of([one.xml_id for one in draft.variants if one.xml_id and not one.external_id]),
        any_of([one.sku for one in draft.variants if one.sku and not one.external_id]),
    )
    by_external_id = {row[3]: _Known(*row[:3]) for row in rows if row[3]}
    by_xml_id = {row[4]: _Known(*row[:3]) for row in rows if row[4]}
    by_sku = {row[5]: _Known(*row[:3]) for row in rows if row[5]}
    return [
        by_external_id.get(one.external_id or "")
        or by_xml_id.get(one.xml_id or "")
        or by_sku.get(one.sku or "")
        for one in draft.variants
    ]


async def _save_product(
    tx: Tx, draft: ProductDraft, known: Sequence[_Known | None]
) -> tuple[UUID, int]:
    values: dict[str, Any] = {
        "shop": draft.shop,
        "external_id": draft.external_id,
        "name": draft.name,
        "product_group": draft.group,
        "category_id": await categories.named(draft.group) if draft.group else None,
        "manufacturer": draft.manufacturer,
        "url": draft.url,
        "image_url": draft.image_url,
        "active": draft.active,
        "to_check": draft.to_check,
        "updated_at": tx.now,
    }
    row = None
    if draft.external_id is not None:
        row = await fetch_one(
            "SELECT id, number FROM product WHERE shop = {} AND external_id = {}",
            draft.shop,
            draft.external_id,
        )
    owner = next((one.product_id for one in known if one is not None), None)
    if row is None and owner is not None:
        row = await fetch_one("SELECT id, number FROM product WHERE id = {}", owner)
    if row is not None:
        if not draft.group:
            del values["category_id"], values["product_group"]  # a shop that knows no groups
        await update_row(ProductRow, row[0], **values)
        await goods_marks.changed([row[0]])
        return row[0], row[1]
    product_id, number = uuid7(), await counters.draw("product")
    await insert_many(
        ProductRow, [{"id": product_id, "number": number, "created_at": tx.now, **values}]
    )
    await goods_marks.touch()
    return product_id, number


async def set_prices(tx: Tx, prices: Sequence[tuple[UUID, str, int]]) -> None:
    """Take over prices (variant, type, kopecks); the old ones stay as history."""
    if not prices:
        return
    known: dict[tuple[UUID, str], int] = {}
    await goods_marks.changed_variants({price[0] for price in prices})
    for variant, kind, amount in await fetch(
        "SELECT variant_id, price_type, amount FROM price WHERE variant_id IN {} ORDER BY since",
        any_of({price[0] for price in prices}),
    ):
        known[variant, kind] = amount
    await insert_many(
        PriceRow,
        [
            {
                "id": uuid7(),
                "variant_id": variant,
                "price_type": kind,
                "amount": amount,
                "since": tx.now,
            }
            for variant, kind, amount in prices
            if known.get((variant, kind)) != amount
        ],
    )


async def set_purchase_price(variant: UUID, amount: int) -> None:
    """Take over what a variant costs us."""
    await execute("UPDATE variant SET purchase_price = {} WHERE id = {}", amount, variant)
