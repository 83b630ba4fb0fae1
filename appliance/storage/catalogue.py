"""Reading the catalogue for people: pages by key, cards, movements with their causes."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from appliance.domain.catalogue import (
    CatalogueFilter,
    GoodsRow,
    Movement,
    Named,
    PriceEntry,
    PriceType,
    VariantMore,
)
from appliance.domain.products import ProductView
from appliance.domain.references import ReferenceKind
from appliance.storage import categories, goods_index, products, vat
from appliance.storage.categories import Stored
from appliance.storage.products import GoodsFilter
from appliance.storage.references import Lists
from appliance.storage.statements import any_of, fetch, fetch_one
from appliance.storage.tx import Tx
from appliance.storage.visible import in_shop

PAGE = 50
MOVEMENTS = 60
PRICES = 40

_LOW = (
    "p.id IN (SELECT v.product_id FROM variant v WHERE v.low_milli > 0 AND v.low_milli >= "
    "(SELECT COALESCE(SUM(s.on_hand_milli - s.reserved_milli), 0) FROM stock s "
    "WHERE s.variant_id = v.id))"
)
_OUT = (
    "NOT EXISTS (SELECT 1 FROM variant v JOIN stock s ON s.variant_id = v.id "
    "WHERE v.product_id = p.id AND s.on_hand_milli > s.reserved_milli)"
)
_THERE = (
    "EXISTS (SELECT 1 FROM variant v JOIN stock s ON s.variant_id = v.id "
    "WHERE v.product_id = p.id AND s.warehouse_id = {} AND (s.on_hand_milli <> 0 "
    "OR s.reserved_milli <> 0 OR s.in_transit_milli <> 0))"
)


async def named(lists: Lists, groups: Sequence[Stored]) -> Named:
    """Names for the codes of a page, and what its forms offer."""
    prices = lists.of(ReferenceKind.PRICE_TYPE).values()
    units = lists.of(ReferenceKind.UNIT).values()
    return Named(
        categories=categories.tree(groups),
        warehouses=tuple((code, one.name) for code, one in lists.warehouses.items()),
        price_types=tuple(PriceType(code=one.code, name=one.name) for one in prices),
        units=tuple((one.code, one.name) for one in units),
        rates=await vat.rates(),
    )


async def page(
    tx: Tx, lists: Lists, groups: Sequence[Stored], asked: CatalogueFilter, after: int | None
) -> tuple[list[GoodsRow], int | None]:
    """Goods by number, newest first, and the cursor of the next page."""
    texts, values = await _conditions(tx, lists, groups, asked, after)
    rows = await fetch(
        f"SELECT p.number, p.category_id FROM product p WHERE {' AND '.join(texts)} "
        "ORDER BY p.number DESC LIMIT {}",
        *values,
        PAGE + 1,
    )
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if not rows:
        return [], None
    numbers = tuple(row[0] for row in rows)
    found = await products.products(tx, GoodsFilter(numbers=numbers), skipped=0, limit=PAGE)
    views = {one.number: one for one in found}
    names = {one.id: one.name for one in groups}
    pictures = await _first_pictures([one.id for one in found])
    made = [
        _row(views[number], names.get(category, ""), pictures, asked.warehouse)
        for number, category in rows
        if number in views
    ]
    return made, rows[-1][0] if more else None


def _row(view: ProductView, category: str, pictures: dict[UUID, UUID], warehouse: str) -> GoodsRow:
    low = any(one.is_low for one in view.variants)
    if warehouse:
        view = _at(view, warehouse)
    return GoodsRow(
        product=view, category=category or view.group, picture=pictures.get(view.id), low=low
    )


def _at(view: ProductView, warehouse: str) -> ProductView:
    """The same product with the figures of one place only."""
    replace = msgspec.structs.replace
    return replace(
        view,
        variants=tuple(
            replace(one, stock=tuple(s for s in one.stock if s.warehouse == warehouse))
            for one in view.variants
        ),
    )


async def _conditions(
    tx: Tx, lists: Lists, groups: Sequence[Stored], asked: CatalogueFilter, after: int | None
) -> tuple[list[str], list[Any]]:
    shop, args = in_shop(tx, "p.shop")
    texts, values = [f"({shop} OR p.shop = '')"], list[Any](args)
    if asked.text:
        found = await goods_index.find(tx, asked.text)
        page = [one for one in found if after is None or one < after][: PAGE * 4]
        texts.append("p.number IN {}")
        values.append(any_of(page))
    elif after is not None:
        texts.append("p.number < {}")
        values.append(after)
    _by_place(texts, values, lists, groups, asked)
    return texts, values


def _by_place(
    texts: list[str],
    values: list[Any],
    lists: Lists,
    groups: Sequence[Stored],
    asked: CatalogueFilter,
) -> None:
    if asked.category:
        texts.append("p.category_id IN {}")
        values.append(any_of(categories.under(groups, asked.category)))
    if asked.warehouse:
        texts.append(_THERE)
        values.append(lists.warehouse_ids.get(asked.warehouse))
    if asked.low:
        texts.append(_LOW)
    if asked.out:
        texts.append(_OUT)
    for column, wanted, value in (
        ("p.to_check", asked.to_check, True),
        ("p.active", asked.hidden, False),
    ):
        if wanted:
            texts.append(f"{column} = {{}}")
            values.append(value)


async def _first_pictures(product_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    rows = await fetch(
        "SELECT product_id, id FROM picture WHERE product_id IN {} ORDER BY position DESC",
        any_of(product_ids),
    )
    return dict(rows)


async def pictures_of(product_id: UUID) -> tuple[UUID, ...]:
    """Ids of a product's pictures, in order."""
    rows = await fetch("SELECT id FROM picture WHERE product_id = {} ORDER BY position", product_id)
    return tuple(row[0] for row in rows)


async def head_of(product_id: UUID) -> tuple[str, UUID | None, Any]:
    """Description, group and time of the last change."""
    row = await fetch_one(
        "SELECT description, category_id, updated_at FROM product WHERE id = {}", product_id
    )
    return ("", None, None) if row is None else (row[0], row[1], row[2])


async def more_of(view: ProductView) -> tuple[VariantMore, ...]:
    """Further barcodes of each variant."""
    rows = await fetch(
        "SELECT variant_id, value FROM barcode WHERE variant_id IN {} ORDER BY value",
        any_of([one.id for one in view.variants]),
    )
    return tuple(
        VariantMore(
            barcodes=(
                *((one.barcode,) if one.barcode else ()),
                *(value for variant, value in rows if variant == one.id),
            ),
            low_milli=one.low_milli,
        )
        for one in view.variants
    )


async def price_history(view: ProductView) -> tuple[PriceEntry, ...]:
    """The newest prices first, of every variant and type."""
    rows = await fetch(
        "SELECT v.number, r.price_type, r.amount, r.since FROM price r JOIN variant v "
        "ON v.id = r.variant_id WHERE r.variant_id IN {} ORDER BY r.since DESC LIMIT {}",
        any_of([one.id for one in view.variants]),
        PRICES,
    )
    return tuple(
        PriceEntry(variant=number, price_type=kind, amount=amount, since=since)
        for number, kind, amount, since in rows
    )


async def movements(view: ProductView) -> tuple[Movement, ...]:
    """The newest changes of stock first, each with the record that caused it."""
    rows = await fetch(
        "SELECT v.number, v.name, w.name, m.on_hand_milli, m.reserved_milli, m.in_transit_milli, "
        "m.cause, COALESCE(d.kind, ''), COALESCE(o.number, d.number, 0), m.at "
        "FROM stock_movement m JOIN variant v ON v.id = m.variant_id "
        "JOIN warehouse w ON w.id = m.warehouse_id "
        "LEFT JOIN orders o ON o.id = m.cause_id LEFT JOIN stock_document d ON d.id = m.cause_id "
        "WHERE m.variant_id IN {} ORDER BY m.at DESC, m.id DESC LIMIT {}",
        any_of([one.id for one in view.variants]),
        MOVEMENTS,
    )
    return tuple(
        Movement(
            variant=row[0],
            variant_name=row[1],
            warehouse=row[2],
            on_hand_milli=row[3],
            reserved_milli=row[4],
            in_transit_milli=row[5],
            cause=row[6],
            cause_kind=row[7],
            cause_number=int(row[8]),
            at=row[9],
        )
        for row in rows
    )
