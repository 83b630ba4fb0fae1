"""Measures the search index: `python -m scripts.bench_search --size 1000000`.

Clients are invented from a fixed seed: frequent surnames for a third of them, a long tail of made
up ones for the rest, so that both common and rare fragments are asked for. Memory is that of the
process (RSS), taken before the index, after the build, and in a fresh process after loading the
snapshot. Times are wall-clock in microseconds on one thread.
"""

import argparse
import gc
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from uuid import UUID

from appliance.vault import search_snapshot
from appliance.vault.search import SearchEntry, SearchIndex
from appliance.vault.search_build import build

SLICE = 2000
USERS = 50
"""Users who lead the clients in equal parts, so that each leads 2 %."""

_FREQUENT = """Иванов Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Новиков Фёдоров
Морозов Волков Алексеев Лебедев Семёнов Егоров Павлов Козлов Степанов Николаев Орлов Андреев Макаров
Никитин Захаров Зайцев Соловьёв Борисов Яковлев Григорьев Романов Воробьёв Сергеев Кузьмин"""
_MEN = "Александр Дмитрий Максим Сергей Андрей Алексей Иван Михаил Николай Артём Пётр Егор"
_WOMEN = "Елена Ольга Наталья Анна Мария Татьяна Светлана Ирина Екатерина Юлия Дарья"
_FATHERS = "Александр Дмитрий Сергей Андрей Алексей Иван Михаил Николай Виктор Юрий"
_SYLLABLES = "ба ко ле ми но ру са та ве ги до жу за ки ло ма ни по ри со ту фе ха че ша ще"
_ENDINGS = "ов ев ин ский енко ук ов ев"
_LATIN = "abvgdezikmnoprstuf"


def clients(size: int, seed: int = 4821) -> Iterator[SearchEntry]:
    """Invent clients, the same for the same seed, their ids growing like real ones."""
    chance = random.Random(seed)  # noqa: S311 - invented names, not secrets
    frequent, men, women = _FREQUENT.split(), _MEN.split(), _WOMEN.split()
    fathers = [father.rstrip("й") for father in _FATHERS.split()]
    tail = [_surname(chance) for _ in range(60_000)]
    for number in range(1, size + 1):
        surname = chance.choice(frequent if chance.random() < 0.35 else tail)
        father = chance.choice(fathers)
        if chance.random() < 0.5:
            names = f"{surname} {chance.choice(men)} {father}ович"
        else:
            names = f"{surname}а {chance.choice(women)} {father}овна"
        mails = (f"{''.join(chance.choices(_LATIN, k=8))}@mail.ru",) if number % 5 < 3 else ()
        yield SearchEntry(
            UUID(int=(number << 80) + chance.getrandbits(62)),
            number,
            number % USERS + 1,
            names,
            (f"79{chance.randrange(10**9):09}",),
            mails,
        )


def main() -> None:
    """Build, save, then measure in a fresh process what a warm start would have."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--loaded", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.loaded:
        _measure(options.loaded)
        return
    with tempfile.TemporaryDirectory() as folder:
        snapshot = Path(folder) / "index"
        _build(options.size, snapshot)
        subprocess.run(
            [sys.executable, "-m", "scripts.bench_search", "--loaded", str(snapshot)], check=True
        )


def _build(size: int, snapshot: Path) -> None:
    invented = list(clients(size))
    before, began = _rss(), time.perf_counter()
    slices = (invented[at : at + SLICE] for at in range(0, size, SLICE))
    index = build(slices, total=size, revision=size)
    assert index is not None  # noqa: S101 - nobody stops this build
    print(f"clients {size}, build {time.perf_counter() - began:.1f} s, RSS +{_rss() - before} MB")
    print(index.stats())
    began = time.perf_counter()
    search_snapshot.write(snapshot, bytes, index)
    took = time.perf_counter() - began
    print(f"snapshot {snapshot.stat().st_size >> 20} MB written in {took:.2f} s (not sealed)")
    times = [_timed(_putter(index, entry)) for entry in invented[::97][:2000]]
    _print("change of one client", times, "")


def _measure(snapshot: Path) -> None:
    before, began = _rss(), time.perf_counter()
    index = search_snapshot.read(snapshot, bytes)
    assert index is not None  # noqa: S101 - written a moment ago
    gc.collect()
    print(f"snapshot loaded in {time.perf_counter() - began:.2f} s")
    print(f"RSS {before} MB before, {_rss()} MB after")
    sample = list(clients(3000, seed=7))
    words = [entry.names.split()[0].lower() for entry in sample]
    cases: dict[str, list[str]] = {
        f"{n} letters": _fragments(words, n) for n in (1, 2, 3, 4, 6, 10)
    }
    cases["wrong layout, 6"] = ["bdfyjd", "cvbhyj", "gtnhjd"] * 100
    cases["two words"] = [f"{e.names.split()[1][:4]} {e.names.split()[0][:4]}" for e in sample]
    cases["7 digits"] = [entry.digits[0][-7:] for entry in sample]
    cases["last 4 digits"] = [entry.digits[0][-4:] for entry in sample]
    for label, queries in cases.items():
        for owners in (None, frozenset({7})):
            asked = queries[:300]
            found: list[int] = []
            times = [_timed(_asker(index, query, owners, found)) for query in asked]
            scope = "all" if owners is None else "2 %"
            _print(f"{label}, {scope}", times, f"candidates {sum(found) / len(found):.0f}")
    _print("one typing error", [_timed(_mender(index, word)) for word in words[:100]], "")
    print(f"RSS {_rss()} MB at the end")


def _asker(
    index: SearchIndex, query: str, owners: frozenset[int] | None, found: list[int]
) -> Callable[[], None]:
    def ask() -> None:
        """Take two pages' worth, as a search line that shows 20 finds does."""
        taken = 0
        for batch in index.candidates(query, owners=owners, limit=500):
            taken += len(batch)
            if taken >= 50:
                break
        found.append(taken)

    return ask


def _putter(index: SearchIndex, entry: SearchEntry) -> Callable[[], None]:
    return lambda: index.put_many([entry])


def _mender(index: SearchIndex, word: str) -> Callable[[], object]:
    swapped = word[:2] + word[3] + word[2] + word[4:]
    return lambda: index.corrections(swapped)


def _fragments(words: Sequence[str], length: int) -> list[str]:
    """Cut fragments out of surnames: their beginnings, and for some the letters after the first."""
    long = [word for word in words if len(word) > length]
    return [word[i % 2 * (length > 2) :][:length] for i, word in enumerate(long)]


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _print(label: str, times: Sequence[float], note: str) -> None:
    ordered = sorted(times)
    p50, p95 = (ordered[int(len(ordered) * part)] * 1e6 for part in (0.5, 0.95))
    print(f"{label:28} p50 {p50:7.0f} µs  p95 {p95:7.0f} µs  max {ordered[-1] * 1e6:7.0f}  {note}")


def _rss() -> int:
    """Resident memory in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 >> 20


def _surname(chance: random.Random) -> str:
    syllables = chance.choices(_SYLLABLES.split(), k=chance.randint(2, 3))
    return "".join(syllables).capitalize() + chance.choice(_ENDINGS.split())


if __name__ == "__main__":
    main()
