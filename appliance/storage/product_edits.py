"""Writing a product as a form gives it: checks at their fields, changed columns, trace."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from appliance.domain.catalogue import ProductForm, VariantForm
from appliance.domain.ids import uuid7
from appliance.domain.references import ReferenceKind
from appliance.errors import Conflict, Invalid, NotFound
from appliance.storage import categories, counters, feed, goods_marks, products, vat
from appliance.storage.references import Lists
from appliance.storage.statements import (
    any_of,
    execute,
    fetch,
    fetch_one,
    insert,
    insert_many,
    update_row,
)
from appliance.storage.tables import BarcodeRow, ProductRow, VariantRow
from appliance.storage.tx import Tx
from appliance.storage.visible import in_shop

MOST_VARIANTS = 100
_TRACED = ("name", "product_group", "manufacturer", "description", "active", "to_check")
_VARIANT = (
    "sku", "barcode", "name", "unit", "vat_rate", "weight_grams", "low_milli", "purchase_price",
)  # fmt: skip


class Known(NamedTuple):
    """A product as an edit finds it."""

    id: UUID
    number: int
    shop: str
    changed: int
    columns: dict[str, Any]


async def get(tx: Tx, number: int) -> Known:
    """A product by its number for people.

    Raises:
        NotFound: `product_not_found`.
    """
    shop, args = in_shop(tx, "p.shop")
    row = await fetch_one(
        f"SELECT p.id, p.number, p.shop, p.changed, {', '.join('p.' + one for one in _TRACED)}, "
        f"p.category_id FROM product p WHERE p.number = {{}} AND ({shop} OR p.shop = '')",
        number,
        *args,
    )
    if row is None:
        raise NotFound("product_not_found")
    names = (*_TRACED, "category_id")
    return Known(row[0], row[1], row[2], row[3], dict(zip(names, row[4:], strict=True)))


async def save(tx: Tx, lists: Lists, form: ProductForm, number: int = 0, seen: int = 0) -> int:
    """Add a product, or change the one of this number; the number.

    Args:
        tx: the action.
        lists: codes that the form may name.
        form: the whole product; variants it does not name stay.
        number: of the product; 0 makes a new one.
        seen: `changed` when the form was opened; 0 does not ask.

    Raises:
        NotFound: `product_not_found`.
        Conflict: `product_changed` since the form was opened.
        Invalid: codes at the fields of the form.
    """
    known = await get(tx, number) if number else None
    if known is not None and seen and known.changed != seen:
        raise Conflict("product_changed")
    stored = await _variants_of(known)
    await _check(lists, form, stored, known)
    columns = {
        "name": form.name.strip(),
        "manufacturer": form.manufacturer.strip(),
        "description": form.description.strip(),
        "active": form.active,
        "to_check": False,
        **await _group(form),
    }
    changes: list[feed.Change] = []
    if known is None:
        product, shown, shop = uuid7(), await counters.draw("product"), ""
        moments = {"created_at": tx.now, "updated_at": tx.now}
        await insert(ProductRow, id=product, number=shown, **columns, **moments)
        changes.append(feed.Change(field="name", new=columns["name"], kind="create"))
    else:
        product, shown, shop = known.id, known.number, known.shop
        differing = {name: value for name, value in columns.items() if known.columns[name] != value}
        await update_row(ProductRow, product, **differing, updated_at=tx.now)
        changes += [
            feed.Change(field=name, old=known.columns[name], new=value)
            for name, value in differing.items()
            if name in _TRACED
        ]
    prices: list[tuple[UUID, str, int]] = []
    for one in form.variants:
        variant = await _put(tx, product, shop, form, one, stored, changes)
        prices += [(variant, kind, amount) for kind, amount in one.prices.items()]
    await goods_marks.changed([product])
    await products.set_prices(tx, prices)
    tx.about("product", product)
    tx.concern("product", product)
    await feed.record(tx, "product", product, shown, shop, product, changes)
    return shown


async def _group(form: ProductForm) -> dict[str, Any]:
    if form.new_category.strip():
        name = form.new_category.strip()
        return {"category_id": await categories.named(name), "product_group": name}
    groups = await categories.every()
    found = next((one for one in groups if one.number == form.category), None)
    return {
        "category_id": None if found is None else found.id,
        "product_group": "" if found is None else found.name,
    }


class _Variant(NamedTuple):
    id: UUID
    number: int
    columns: dict[str, Any]


async def _variants_of(known: Known | None) -> dict[int, _Variant]:
    if known is None:
        return {}
    rows = await fetch(
        f"SELECT id, number, {', '.join(_VARIANT)} FROM variant WHERE product_id = {{}}", known.id
    )
    return {
        row[1]: _Variant(row[0], row[1], dict(zip(_VARIANT, row[2:], strict=True))) for row in rows
    }


async def _put(
    tx: Tx,
    product: UUID,
    shop: str,
    form: ProductForm,
    one: VariantForm,
    stored: dict[int, _Variant],
    changes: list[feed.Change],
) -> UUID:
    columns: dict[str, Any] = {
        "sku": one.sku.strip(),
        "barcode": one.barcodes[0] if one.barcodes else "",
        "name": one.name.strip() or form.name.strip(),
        "unit": one.unit,
        "vat_rate": one.vat_rate,
        "weight_grams": one.weight_grams,
        "low_milli": one.low_milli,
    }
    if one.purchase_price is not None:
        columns["purchase_price"] = one.purchase_price
    known = stored.get(one.number)
    if known is None:
        variant, number = uuid7(), await counters.draw("variant")
        await insert(
            VariantRow, id=variant, number=number, product_id=product, shop=shop,
            active=form.active, **columns,
        )  # fmt: skip
        changes.append(feed.Change(field="variant", new=number))
    else:
        variant = known.id
        old = known.columns
        differing = {name: value for name, value in columns.items() if old[name] != value}
        await update_row(VariantRow, variant, **differing, active=form.active)
        changes += [
            feed.Change(field=f"variant.{name}", old=old[name], new=value, part=one.number)
            for name, value in differing.items()
        ]
    await execute("DELETE FROM barcode WHERE variant_id = {}", variant)
    await insert_many(
        BarcodeRow,
        [{"id": uuid7(), "variant_id": variant, "value": code} for code in one.barcodes[1:]],
    )
    return variant


async def _check(
    lists: Lists, form: ProductForm, stored: dict[int, _Variant], known: Known | None
) -> None:
    fields: dict[str, str] = {}
    if not form.name.strip():
        fields["name"] = "name_missing"
    if not form.variants:
        raise Invalid("variant_missing", fields={"name": "variant_missing"})
    if len(form.variants) > MOST_VARIANTS:
        raise Invalid("too_many", most=MOST_VARIANTS)
    await _check_names(lists, form, stored, fields)
    await _check_codes(form, known, fields)
    if fields:
        raise Invalid("invalid", fields=fields)


async def _check_names(
    lists: Lists, form: ProductForm, stored: dict[int, _Variant], fields: dict[str, str]
) -> None:
    rates = {one.code for one in await vat.rates()}
    units = lists.of(ReferenceKind.UNIT)
    for place, one in enumerate(form.variants):
        old = stored[one.number].columns if one.number in stored else {}
        if one.number and not old:
            fields[f"v{place}-sku"] = "variant_unknown"
        if one.unit not in {*units, old.get("unit")}:
            fields[f"v{place}-unit"] = "code_unknown"
        if one.vat_rate not in {*rates, old.get("vat_rate")}:
            fields[f"v{place}-vat"] = "code_unknown"


async def _check_codes(form: ProductForm, known: Known | None, fields: dict[str, str]) -> None:
    """No article and no barcode may mean two things: a scanner would pick the wrong one."""
    numbers = {one.number for one in form.variants if one.number}
    skus = {one.sku.strip() for one in form.variants} - {""}
    codes = {code for one in form.variants for code in one.barcodes}
    shop = "" if known is None else known.shop
    # Two shops may share an article; goods of everybody may share none.
    among = "AND shop IN ({}, '')" if shop else "AND shop >= {}"
    taken_skus = {
        sku
        for sku, number in await fetch(
            f"SELECT sku, number FROM variant WHERE sku IN {{}} {among}", any_of(skus), shop
        )
        if number not in numbers
    }
    taken_codes = await _taken(codes, numbers)
    seen: set[str] = set()
    for place, one in enumerate(form.variants):
        sku = one.sku.strip()
        if sku and (sku in taken_skus or f"sku {sku}" in seen):
            fields[f"v{place}-sku"] = "sku_taken"
        seen.add(f"sku {sku}")
        for code in one.barcodes:
            if code in taken_codes or code in seen:
                fields[f"v{place}-barcodes"] = "barcode_taken"
            seen.add(code)


async def _taken(codes: Sequence[str] | set[str], mine: set[int]) -> set[str]:
    if not codes:
        return set()
    rows = await fetch(
        "SELECT barcode, number FROM variant WHERE barcode IN {} UNION ALL "
        "SELECT b.value, v.number FROM barcode b JOIN variant v ON v.id = b.variant_id "
        "WHERE b.value IN {}",
        any_of(codes),
        any_of(codes),
    )
    return {code for code, number in rows if number not in mine}


async def mark_checked(tx: Tx, number: int) -> None:
    """Take the mark «проверить» off a product.

    Raises:
        NotFound: `product_not_found`.
    """
    known = await get(tx, number)
    await update_row(ProductRow, known.id, to_check=False, updated_at=tx.now)
    await goods_marks.changed([known.id])
    tx.about("product", known.id)
    tx.concern("product", known.id)
    change = feed.Change(field="to_check", old=True, new=False)
    await feed.record(tx, "product", known.id, known.number, known.shop, known.id, [change])
