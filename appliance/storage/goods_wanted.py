"""Articles of the catalogue by what people type: a name, an article number, a barcode."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from appliance.storage.statements import any_of, fetch


class Known(NamedTuple):
    """An article with its price now, kopecks."""

    number: int
    name: str
    sku: str
    price: int


async def by_name_or_sku(typed: Sequence[str]) -> dict[str, Known]:
    """Those of the typed texts that are exactly one article's name, number or barcode."""
    wanted = sorted({one for one in typed if one})
    if not wanted:
        return {}
    rows = await fetch(
        "SELECT id, number, name, sku, barcode FROM variant "
        "WHERE active = {} AND (sku IN {} OR barcode IN {} OR name IN {}) ORDER BY number",
        True,
        any_of(wanted),
        any_of(wanted),
        any_of(wanted),
    )
    prices = await _prices([row[0] for row in rows])
    found: dict[str, Known] = {}
    for variant, number, name, sku, barcode in rows:
        one = Known(number, name, sku, prices.get(variant, 0))
        for text in (sku, barcode, name):
            if text in wanted:
                found.setdefault(text, one)
    return found


async def _prices(variants: Sequence[UUID]) -> dict[UUID, int]:
    rows = await fetch(
        "SELECT variant_id, amount FROM price WHERE variant_id IN {} AND price_type = {} "
        "ORDER BY since",
        any_of(variants),
        "base",
    )
    return {row[0]: int(row[1]) for row in rows}
