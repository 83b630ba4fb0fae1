"""Goods that a plugin brings in, hundreds in one body: few statements whatever their number.

A good is known by (shop, external id), else by the xml id of one of its variants: shops' modules
keep the accounting base's id there; else, where the plugin asks so, by an article that only one
good has. What a person changed is overwritten only where the good says something about it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.ids import uuid7
from appliance.plugin_api.goods import GoodIn, Outcome
from appliance.storage import counters, goods_marks
from appliance.storage.categories import Stored
from appliance.storage.statements import any_of, execute, fetch, insert_many, update_many
from appliance.storage.tables import ProductFactsRow, ProductRow, VariantRow
from appliance.storage.tx import Tx

PRODUCT = (
    "name", "description", "manufacturer", "category_id", "product_group", "active",
)  # fmt: skip
GUID = 36
"""Letters of an id of 1C."""
VARIANT = ("sku", "barcode", "unit", "vat_rate", "weight_grams", "name", "active")


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Blob of `product_facts.body`: names and values, in the order they came."""

    values: tuple[tuple[str, str], ...] = ()


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Facts).decode


class Known(NamedTuple):
    """A good as it is kept: its own columns, and those of its first variant."""

    id: UUID
    changed: int
    product: dict[str, Any]
    variant_id: UUID | None
    variant: dict[str, Any]


_READ = (
    "SELECT p.id, p.changed, p.name, p.description, p.manufacturer, p.category_id, "
    "p.product_group, p.active, v.id, v.sku, v.barcode, v.unit, v.vat_rate, v.weight_grams, "
    "v.name, v.active, p.external_id, v.xml_id FROM product p "
)


async def bring(
    tx: Tx, shop: str, groups: Mapping[int, Stored], goods: Sequence[GoodIn]
) -> list[Outcome]:
    """Add or change goods of one shop; what became of each, in order."""
    known = await _known(shop, [one.external_id for one in goods])
    known |= await _by_article(shop, [one for one in goods if one.external_id not in known])
    facts = await _facts([one.id for one in known.values()])
    outcomes: list[Outcome] = []
    fresh: list[GoodIn] = []
    changed: list[tuple[Known, GoodIn]] = []
    told: list[tuple[UUID, tuple[tuple[str, str], ...]]] = []
    for one in goods:
        found = known.get(one.external_id)
        if found is None:
            outcomes.append("created" if one.active and one.name else _absent(one))
            if one.active and one.name:
                fresh.append(one)
            continue
        differs = _differs(found, one, groups)
        if one.properties is not None and facts.get(found.id, ()) != one.properties:
            told.append((found.id, one.properties))
            differs = True
        if differs:
            changed.append((found, one))
        outcomes.append("changed" if differs else "same")
    await _change(tx, changed, groups)
    told += await _add(tx, shop, fresh, groups)
    await _keep_facts(told, facts)
    if fresh or changed:
        await goods_marks.touch()
    return outcomes


def _absent(one: GoodIn) -> Outcome:
    """A good that is not there is hidden already; one without a name cannot be made."""
    return "refused" if one.active else "same"


async def _known(shop: str, ids: Sequence[str]) -> dict[str, Known]:
    rows = await fetch(
        f"{_READ}LEFT JOIN variant v ON v.product_id = p.id AND v.external_id = p.external_id "
        "WHERE p.shop = {} AND p.external_id IN {}",
        shop,
        any_of(ids),
    )
    found = {row[16]: _as_known(row) for row in rows}
    missing = [one for one in ids if one not in found]
    if missing:
        rows = await fetch(
            f"{_READ}JOIN variant v ON v.product_id = p.id "
            "WHERE v.shop = {} AND v.xml_id IN {}",
            shop,
            any_of(missing),
        )
        for row in rows:
            found.setdefault(row[17], _as_known(row))
        missing = [one for one in missing if one not in found]
        found |= await _of_catalogue(shop, [one for one in missing if len(one) == GUID])
    return found


async def _of_catalogue(shop: str, ids: Sequence[str]) -> dict[str, Known]:
    """Goods of a shop's own catalogue whose variants carry characteristics of the base.

    The shop's module writes `good#characteristic` there, and never the id of the good itself.
    """
    # A shop without a catalogue of its own, which most are, is not looked through.
    if not ids or not await fetch("SELECT 1 FROM catalogue_run WHERE shop = {} LIMIT 1", shop):
        return {}
    rows = await fetch(
        f"{_READ}JOIN variant v ON v.product_id = p.id "
        "WHERE v.shop = {} AND v.from_catalogue = {} AND substr(v.xml_id, 1, 37) IN {}",
        shop,
        True,
        any_of([f"{one}#" for one in ids]),
    )
    # What the good says of an article or a unit is not said of any one of its variants.
    return {row[17][:GUID]: _as_known(row)._replace(variant_id=None, variant={}) for row in rows}


async def _by_article(shop: str, goods: Sequence[GoodIn]) -> dict[str, Known]:
    """Goods made by hand, by an article that only one good has on either side.

    From then on such a good is known by the id of the base.
    """
    asked: dict[str, list[str]] = {}
    for one in goods:
        if one.by_article and one.article and one.active:
            asked.setdefault(one.article, []).append(one.external_id)
    wanted = {article: ids[0] for article, ids in asked.items() if len(ids) == 1}
    if not wanted:
        return {}
    rows = await fetch(
        f"{_READ}JOIN variant v ON v.product_id = p.id WHERE v.shop = {{}} AND v.sku IN {{}}",
        shop,
        any_of(list(wanted)),
    )
    by_article: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows:
        by_article.setdefault(row[9], []).append(row)
    free = {
        wanted[article]: rows[0]
        for article, rows in by_article.items()
        if len(rows) == 1 and not rows[0][17]
    }
    await update_many(VariantRow, "id", ("xml_id",), [(own, row[8]) for own, row in free.items()])
    return {own: _as_known(row) for own, row in free.items()}


async def id_of(shop: str, external_id: str) -> UUID | None:
    """A good by the id of its base; None: it is not there."""
    found = await _known(shop, [external_id])
    return found[external_id].id if external_id in found else None


def _as_known(row: tuple[Any, ...]) -> Known:
    return Known(
        row[0],
        row[1],
        dict(zip(PRODUCT, (*row[2:7], bool(row[7])), strict=True)),
        row[8],
        dict(zip(VARIANT, (*row[9:15], bool(row[15])), strict=True)) if row[8] else {},
    )


def _product_of(one: GoodIn, groups: Mapping[int, Stored]) -> dict[str, Any]:
    """Columns of the product that the good speaks about."""
    told: dict[str, Any] = {"active": one.active}
    for name in ("name", "description", "manufacturer"):
        value = getattr(one, name)
        if value is not None and (value or name != "name"):
            told[name] = value
    group = groups.get(one.group)
    if group is not None:
        told |= {"category_id": group.id, "product_group": group.name}
    return told


def _variant_of(one: GoodIn) -> dict[str, Any]:
    told: dict[str, Any] = {
        "sku": one.article,
        "barcode": one.barcode,
        "unit": one.unit,
        "vat_rate": one.vat_rate,
        "weight_grams": one.weight_grams,
        "name": one.name or None,
        "active": one.active,
    }
    return {name: value for name, value in told.items() if value is not None}


def _wanted(found: Known, one: GoodIn, groups: Mapping[int, Stored]) -> tuple[dict[str, Any], ...]:
    """Product and variant as they should be; fields to be filled keep what they have."""
    product, variant = _product_of(one, groups), _variant_of(one)
    for name in one.fill:
        if found.product.get(name):
            product.pop(name, None)
            variant.pop(name, None)
    return found.product | product, (found.variant | variant if found.variant_id else {})


def _differs(found: Known, one: GoodIn, groups: Mapping[int, Stored]) -> bool:
    return _wanted(found, one, groups) != (found.product, found.variant)


async def _change(
    tx: Tx, changed: Sequence[tuple[Known, GoodIn]], groups: Mapping[int, Stored]
) -> None:
    products: list[tuple[Any, ...]] = []
    variants: list[tuple[Any, ...]] = []
    shown: dict[bool, list[UUID]] = {True: [], False: []}
    for found, one in changed:
        product, variant = _wanted(found, one, groups)
        products.append((*(product[name] for name in PRODUCT), found.changed + 1, tx.now, found.id))
        if found.variant_id is not None:
            variants.append((*(variant[name] for name in VARIANT), found.variant_id))
        if one.active != found.product["active"]:
            shown[one.active].append(found.id)
    await update_many(ProductRow, "id", (*PRODUCT, "changed", "updated_at"), products)
    await update_many(VariantRow, "id", VARIANT, variants)
    for active, ids in shown.items():
        if ids:
            await execute(
                "UPDATE variant SET active = {} WHERE product_id IN {}", active, any_of(ids)
            )


async def _add(
    tx: Tx, shop: str, fresh: Sequence[GoodIn], groups: Mapping[int, Stored]
) -> list[tuple[UUID, tuple[tuple[str, str], ...]]]:
    if not fresh:
        return []
    number = await counters.draw("product", len(fresh))
    first = await counters.draw("variant", len(fresh))
    products: list[dict[str, Any]] = []
    variants: list[dict[str, Any]] = []
    told: list[tuple[UUID, tuple[tuple[str, str], ...]]] = []
    for place, one in enumerate(fresh):
        own = uuid7()
        blank = dict.fromkeys(("description", "manufacturer", "product_group"), "")
        columns = blank | {"category_id": None} | _product_of(one, groups)
        made = {"created_at": tx.now, "updated_at": tx.now, "shop": shop}
        products.append(
            {"id": own, "number": number + place, "external_id": one.external_id} | made | columns
        )
        ids = {"external_id": one.external_id, "xml_id": one.external_id, "shop": shop}
        plain = {"sku": "", "barcode": "", "unit": "pc", "vat_rate": "none", "weight_grams": 0}
        variants.append(
            {"id": uuid7(), "number": first + place, "product_id": own}
            | ids
            | plain
            | _variant_of(one)
        )
        if one.properties:
            told.append((own, one.properties))
    await insert_many(ProductRow, products)
    await insert_many(VariantRow, variants)
    return told


async def _facts(ids: Sequence[UUID]) -> dict[UUID, tuple[tuple[str, str], ...]]:
    rows = await fetch(
        "SELECT product_id, body FROM product_facts WHERE product_id IN {}", any_of(ids)
    )
    return {row[0]: _decode(row[1]).values for row in rows}


async def facts_of(product_id: UUID) -> tuple[tuple[str, str], ...]:
    """Properties of one product, for its card."""
    return (await _facts([product_id])).get(product_id, ())


async def _keep_facts(
    told: Sequence[tuple[UUID, tuple[tuple[str, str], ...]]], known: Mapping[UUID, Any]
) -> None:
    bodies = [(own, _encode(Facts(values=values))) for own, values in told]
    await insert_many(
        ProductFactsRow,
        [{"product_id": own, "body": body} for own, body in bodies if own not in known],
    )
    await update_many(
        ProductFactsRow,
        "product_id",
        ("body",),
        [(body, own) for own, body in bodies if own in known],
    )
