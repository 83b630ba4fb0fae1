"""Finding goods by a fragment of a name, an article or a barcode.

Kept in memory, in runs of 500 numbers, each one folded text with a line per product: goods are no
personal data, there are at most some hundred thousands of them, and Python finds a fragment in ten
megabytes of text in a few milliseconds. LIKE would fold no Cyrillic on SQLite and fold it
differently on PostgreSQL, and a table of trigrams would cost every upload fifty rows a product.
A search first reads one stamp; only runs whose sum of changes differs are read again.
"""

from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple
from weakref import WeakKeyDictionary

from appliance.domain import folding
from appliance.storage import goods_marks
from appliance.storage.statements import fetch
from appliance.storage.tx import Tx
from appliance.vault.search import SearchIndex

RUN = 500


class _Run(NamedTuple):
    version: tuple[int, int]
    text: str
    starts: tuple[int, ...]
    numbers: tuple[int, ...]


class _Kept:
    def __init__(self) -> None:
        self.stamp: str | None = None
        self.runs: dict[int, _Run] = {}


# By house: a process has one, but for tests. The index is the thing a house has exactly one of.
_houses: WeakKeyDictionary[SearchIndex, _Kept] = WeakKeyDictionary()


async def find(tx: Tx, text: str) -> list[int]:
    """Numbers of the products that answer to a text, newest first."""
    query = folding.parse(text)
    if not query.terms:
        return []
    kept = _houses.setdefault(tx.index, _Kept())
    await _refresh(kept)
    found: list[int] = []
    for run in kept.runs.values():
        found += _in_run(run, query)
    return sorted(found, reverse=True)


def _in_run(run: _Run, query: folding.Query) -> set[int]:
    found: set[int] | None = None
    for term in query.terms:
        here: set[int] = set()
        for variant in term:
            lines = [set(_lines(run, needle)) for needle in variant]
            here |= set.intersection(*lines)
        found = here if found is None else found & here
        if not found:
            return set()
    return found or set()


def _lines(run: _Run, needle: str) -> Iterator[int]:
    """Products in whose line a needle stands; after a find the rest of the line is skipped."""
    at = run.text.find(needle)
    while at >= 0:
        place = bisect_right(run.starts, at) - 1
        yield run.numbers[place]
        following = place + 1
        if following == len(run.starts):
            return
        at = run.text.find(needle, run.starts[following])


async def _refresh(kept: _Kept) -> None:
    stamp = await goods_marks.stamp()
    if kept.stamp == stamp:
        return
    rows = await fetch(
        f"SELECT number / {RUN}, COUNT(*), CAST(SUM(changed) AS BIGINT) FROM product "
        f"GROUP BY number / {RUN}"
    )
    for run, count, changes in rows:
        known = kept.runs.get(run)
        if known is None or known.version != (count, changes):
            kept.runs[run] = await _read(run, (count, changes))
    kept.stamp = stamp


async def _read(run: int, version: tuple[int, int]) -> _Run:
    words: dict[int, list[str]] = {}
    bounds = (run * RUN, (run + 1) * RUN)
    for number, name, maker, variant, sku, barcode in await fetch(
        "SELECT p.number, p.name, p.manufacturer, v.name, v.sku, v.barcode FROM product p "
        "LEFT JOIN variant v ON v.product_id = p.id WHERE p.number >= {} AND p.number < {} "
        "ORDER BY p.number",
        *bounds,
    ):
        known = words.setdefault(number, [name, maker])
        known += [variant or "", sku or "", _solid(sku or ""), barcode or ""]
    for number, value in await fetch(
        "SELECT p.number, b.value FROM product p JOIN variant v ON v.product_id = p.id "
        "JOIN barcode b ON b.variant_id = v.id WHERE p.number >= {} AND p.number < {}",
        *bounds,
    ):
        words.setdefault(number, []).append(value)
    lines: list[str] = []
    starts: list[int] = []
    at = 0
    for texts in words.values():
        line = " " + folding.fold(" ".join(texts)) + "\n"
        starts.append(at)
        lines.append(line)
        at += len(line)
    return _Run(version, "".join(lines), tuple(starts), tuple(words))


def _solid(sku: str) -> str:
    """An article without its dashes: people type «А042» for «А-04-2»."""
    return "".join(one for one in sku if one.isalnum())
