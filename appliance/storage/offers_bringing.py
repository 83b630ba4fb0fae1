"""Variants with prices and stock that a plugin brings in, hundreds in one body."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.plugin_api.goods import OfferIn, Outcome
from appliance.storage import counters, goods_marks, products, stock
from appliance.storage.goods_bringing import GUID
from appliance.storage.references import Lists
from appliance.storage.statements import any_of, fetch, insert_many, update_many
from appliance.storage.tables import VariantRow
from appliance.storage.tx import Tx

COLUMNS = ("name", "sku", "barcode", "active")


class Known(NamedTuple):
    """A variant as it is kept."""

    id: UUID
    product_id: UUID
    columns: dict[str, Any]


class Parent(NamedTuple):
    """A good that gets a variant: what a new one takes over, and the bare one it may replace."""

    product_id: UUID
    variant_id: UUID | None
    is_bare: bool
    unit: str
    vat_rate: str
    weight_grams: int
    name: str
    sku: str


async def bring(tx: Tx, lists: Lists, shop: str, offers: Sequence[OfferIn]) -> list[Outcome]:
    """Names, prices and stock of variants of one shop; what became of each, in order."""
    known = await _known(shop, [one.external_id for one in offers])
    missing = [one for one in offers if one.external_id not in known]
    made = await _add(tx, shop, missing) if missing else {}
    await _rename(known, offers)
    ids = {key: one.id for key, one in known.items()} | made
    prices: list[tuple[UUID, str, int]] = []
    figures: list[tuple[UUID, UUID, int]] = []
    outcomes: list[Outcome] = []
    for one in offers:
        variant = ids.get(one.external_id)
        if variant is None:
            outcomes.append("unknown")
            continue
        prices += [(variant, code, amount) for code, amount in (one.prices or {}).items()]
        figures += [
            (variant, lists.warehouse_ids[code], milli) for code, milli in (one.stock or {}).items()
        ]
        outcomes.append("created" if one.external_id in made else "changed")
    await products.set_prices(tx, prices)
    await stock.set_on_hand(tx, figures, "upload", None)
    return outcomes


async def _known(shop: str, ids: Sequence[str]) -> dict[str, Known]:
    found: dict[str, Known] = {}
    for column in ("xml_id", "external_id"):  # the own id wins over the one of a shop's module
        rows = await fetch(
            f"SELECT {column}, id, product_id, name, sku, barcode, active FROM variant "
            f"WHERE shop = {{}} AND {column} IN {{}}",
            shop,
            any_of(ids),
        )
        found |= {
            row[0]: Known(
                row[1], row[2], dict(zip(COLUMNS, (*row[3:6], bool(row[6])), strict=True))
            )
            for row in rows
        }
    return found


async def _rename(known: Mapping[str, Known], offers: Sequence[OfferIn]) -> None:
    changed: list[tuple[Any, ...]] = []
    touched: set[UUID] = set()
    for one in offers:
        found = known.get(one.external_id)
        if found is None:
            continue
        told = {
            "name": one.name or None,
            "sku": one.article,
            "barcode": one.barcode,
            "active": one.active,
        }
        wanted = found.columns | {name: each for name, each in told.items() if each is not None}
        if wanted != found.columns:
            changed.append((*(wanted[name] for name in COLUMNS), found.id))
            touched.add(found.id)
    await update_many(VariantRow, "id", COLUMNS, changed)
    await goods_marks.changed_variants(touched)


async def _parents(shop: str, goods: Sequence[str]) -> dict[str, Parent]:
    """Goods by their external id, each with its bare variant while nothing hangs on that."""
    rows = await fetch(
        "SELECT p.external_id, p.id, v.id, v.unit, v.vat_rate, v.weight_grams, p.name, v.sku, "
        "CASE WHEN EXISTS (SELECT 1 FROM price r WHERE r.variant_id = v.id) "
        "OR EXISTS (SELECT 1 FROM stock s WHERE s.variant_id = v.id) "
        "OR EXISTS (SELECT 1 FROM order_line l WHERE l.variant_id = v.id) THEN 1 ELSE 0 END "
        "FROM product p LEFT JOIN variant v ON v.product_id = p.id "
        "AND v.external_id = p.external_id WHERE p.shop = {} AND p.external_id IN {}",
        shop,
        any_of(goods),
    )
    rows += await _parents_elsewhere(shop, sorted(set(goods) - {row[0] for row in rows}))
    return {
        row[0]: Parent(
            row[1],
            row[2],
            row[2] is not None and not row[8],
            row[3] or "pc",
            row[4] or "none",
            row[5] or 0,
            row[6],
            row[7] or "",
        )
        for row in rows
    }


async def _parents_elsewhere(shop: str, goods: Sequence[str]) -> list[Any]:
    """Goods that a shop's module or a person made, known by the xml id of a variant: that stays."""
    if not goods:
        return []
    columns = "p.id, v.id, v.unit, v.vat_rate, v.weight_grams, p.name, v.sku, 1 "
    joined = "FROM variant v JOIN product p ON p.id = v.product_id WHERE v.shop = {} AND "
    rows = await fetch(f"SELECT v.xml_id, {columns}{joined}v.xml_id IN {{}}", shop, any_of(goods))
    left = [f"{one}#" for one in set(goods) - {row[0] for row in rows} if len(one) == GUID]
    if left and await fetch("SELECT 1 FROM catalogue_run WHERE shop = {} LIMIT 1", shop):
        found = await fetch(
            f"SELECT v.xml_id, {columns}{joined}v.from_catalogue = {{}} "
            "AND substr(v.xml_id, 1, 37) IN {}",
            shop,
            True,
            any_of(left),
        )
        rows += [(row[0][:GUID], *row[1:]) for row in found]
    return rows


async def _add(tx: Tx, shop: str, offers: Sequence[OfferIn]) -> dict[str, UUID]:
    """Variants that are new; the first characteristic takes the place of a bare variant."""
    parents = await _parents(shop, sorted({one.good for one in offers}))
    taken: dict[str, UUID] = {}
    fresh: list[tuple[OfferIn, Parent]] = []
    replaced: list[tuple[Any, ...]] = []
    for one in offers:
        parent = parents.get(one.good)
        if parent is None or one.external_id in taken:
            continue
        if parent.is_bare and parent.variant_id is not None and one.external_id != one.good:
            taken[one.external_id] = parent.variant_id
            replaced.append(
                (one.external_id, one.external_id, *_own(one, parent), parent.variant_id)
            )
            parents[one.good] = parent._replace(is_bare=False)
            continue
        taken[one.external_id] = uuid7()
        fresh.append((one, parent))
    await update_many(VariantRow, "id", ("external_id", "xml_id", *COLUMNS), replaced)
    await _insert(tx, shop, fresh, taken)
    await goods_marks.changed({parent.product_id for parent in parents.values()})
    return taken


def _own(one: OfferIn, parent: Parent) -> tuple[Any, ...]:
    return (
        one.name or parent.name,
        one.article or parent.sku,
        one.barcode or "",
        one.active is not False,
    )


async def _insert(
    tx: Tx, shop: str, fresh: Sequence[tuple[OfferIn, Parent]], taken: Mapping[str, UUID]
) -> None:
    if not fresh:
        return
    del tx
    first = await counters.draw("variant", len(fresh))
    rows: list[dict[str, Any]] = []
    for place, (one, parent) in enumerate(fresh):
        rows.append(
            {
                "id": taken[one.external_id],
                "number": first + place,
                "product_id": parent.product_id,
                "shop": shop,
                "external_id": one.external_id,
                "xml_id": one.external_id,
                "unit": parent.unit,
                "vat_rate": parent.vat_rate,
                "weight_grams": parent.weight_grams,
                **dict(zip(COLUMNS, _own(one, parent), strict=True)),
            }
        )
    await insert_many(VariantRow, rows)
