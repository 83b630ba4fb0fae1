"""Finding goods while an order is written: by SKU, barcode, number, or any fragment of a name."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple
from uuid import UUID

from appliance.domain.folding import fold, swap_layout
from appliance.domain.order_forms import GoodsFound
from appliance.storage import goods_marks
from appliance.storage.statements import any_of, fetch

MOST = 8
BASE_PRICE = "base"
_BOUND = 200_000
"""Variants kept in memory for fragments: some 200 bytes each."""


class _Kept(NamedTuple):
    """Folded names of all goods on sale, a line each: a fragment is looked for in all at once.

    Attributes:
        starts: where each line begins in `text`.
        ids: of the variants, line by line.
    """

    stamp: tuple[object, ...]
    text: str
    starts: list[int]
    ids: list[UUID]


_kept = _Kept((), "", [], [])


async def _folded() -> _Kept:
    """Folded names of all goods on sale; read anew when goods were added or changed."""
    global _kept  # noqa: PLW0603  the cache; replaced whole, so threads see one or the other
    stamp = (await goods_marks.stamp(),)
    if _kept.stamp != stamp:
        rows = await fetch(
            "SELECT v.id, v.name, v.sku, v.barcode, p.name FROM variant v "
            "JOIN product p ON p.id = v.product_id WHERE v.active = {} AND p.active = {} "
            "ORDER BY v.number LIMIT {}",
            True,
            True,
            _BOUND,
        )
        lines = [fold(" ".join(row[1:])) for row in rows]
        starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
        _kept = _Kept(stamp, "\n".join(lines), starts, [row[0] for row in rows])
    return _kept


def _matching(kept: _Kept, words: Sequence[str], limit: int) -> list[UUID]:
    """Lines that hold every word, those that begin with the first one before the others."""
    rarest = max(words, key=len)
    begin: list[UUID] = []
    inside: list[UUID] = []
    at = kept.text.find(rarest)
    while at >= 0 and len(begin) < limit:
        row = bisect_right(kept.starts, at) - 1
        line = kept.text[kept.starts[row] : kept.starts[row + 1] - 1]
        if all(word in line for word in words):
            (begin if line.startswith(words[0]) else inside).append(kept.ids[row])
        at = kept.text.find(rarest, kept.starts[row + 1])
    return [*begin, *inside][:limit]


async def by_text(text: str, limit: int = MOST) -> list[GoodsFound]:
    """Goods that a typed text means: a whole SKU or barcode first, then fragments of names."""
    plain = text.strip()
    if not plain:
        return []
    exact = await fetch(
        "SELECT id FROM variant WHERE sku = {} OR (barcode = {} AND barcode <> '') LIMIT {}",
        plain,
        plain,
        limit,
    )
    ids: dict[UUID, None] = {row[0]: None for row in exact}
    for spelled in (plain, swap_layout(plain)):
        words = fold(spelled).split()
        if len(ids) >= limit or not words or (ids and spelled is not plain):
            break
        ids.update(dict.fromkeys(_matching(await _folded(), words, limit)))
    found = await _load("v.id IN {}", list(ids)[:limit])
    return [found[one] for one in ids if one in found]


async def by_numbers(numbers: Sequence[int]) -> dict[int, GoodsFound]:
    """Goods by the number of their variant."""
    if not numbers:
        return {}
    found = await _load("v.number IN {}", list(numbers))
    return {one.number: one for one in found.values()}


async def products_of(numbers: Sequence[int]) -> dict[int, int]:
    """Numbers of the products behind numbers of variants."""
    rows = await fetch(
        "SELECT v.number, p.number FROM variant v JOIN product p ON p.id = v.product_id "
        "WHERE v.number IN {}",
        any_of(list(numbers)),
    )
    return dict(rows)


async def _load(condition: str, values: Sequence[UUID] | Sequence[int]) -> dict[UUID, GoodsFound]:
    if not values:
        return {}
    rows = await fetch(
        "SELECT v.id, v.number, v.name, v.sku, v.barcode, v.unit, v.weight_grams, v.vat_rate "
        f"FROM variant v WHERE {condition}",
        any_of(values),
    )
    ids = any_of([row[0] for row in rows])
    # Ascending by time: the newest is the last to be put there.
    prices = dict(
        await fetch(
            "SELECT variant_id, amount FROM price WHERE variant_id IN {} AND price_type = {} "
            "ORDER BY since",
            ids,
            BASE_PRICE,
        )
    )
    free: dict[UUID, int] = {}
    for variant, milli in await fetch(
        "SELECT variant_id, on_hand_milli - reserved_milli FROM stock WHERE variant_id IN {}", ids
    ):
        free[variant] = free.get(variant, 0) + milli
    return {
        row[0]: GoodsFound(
            number=row[1],
            name=row[2],
            sku=row[3],
            barcode=row[4],
            unit=row[5],
            weight_grams=row[6],
            vat_rate=row[7],
            price=prices.get(row[0], 0),
            free_milli=free.get(row[0]),
        )
        for row in rows
    }
