"""Takes rows out of the index whose text nobody knows any more: by the trigrams that it holds.

FTS5 deletes from a contentless table by the old text. Of a row that was replaced the text is gone,
but its trigrams are listed by one pass along the index; a text that is cut into just these deletes
the row as its own text would. FTS5 keeps how many trigrams a column has and refuses to go below
nothing: so the text is as short as can be and stands in the columns that hold most. In an
index of a few clients that may be refused still; there a build costs nothing.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing

from appliance.vault.search_text import COLUMNS, OWNER_MARK

_BETWEEN = "\ue000"
"""Of the private use, which folded text never has: the trigrams across it are of no row."""

_FULL = 4
"""Pieces that nearly every client has: two names, the number, a phone."""

_DELETE = (
    f"INSERT INTO entry(entry, rowid, {', '.join(COLUMNS)}) "  # noqa: S608 - constants of the house
    f"VALUES ('delete', ?{', ?' * len(COLUMNS)})"
)
_HELD = "CREATE VIRTUAL TABLE temp.held USING fts5vocab(main, entry, instance)"
_WANTED = "SELECT doc, term FROM temp.held WHERE doc IN (SELECT value FROM json_each(?))"

Trigrams = Mapping[int, frozenset[str]]


def delete(db: sqlite3.Connection, row: int, text: Iterable[str | None]) -> None:
    """Delete a row by its text, in the order of the index's columns.

    Raises:
        sqlite3.Error: the index cannot be written.
    """
    db.execute(_DELETE, (row, *text))


def trigrams_of(packed: bytes, rows: Iterable[int]) -> Trigrams:
    """What rows hold: one pass along a copy of the index (0.5 s at a hundred thousand clients).

    Args:
        packed: the database, serialised; who searches in it meanwhile does not wait.
        rows: numbers; those of which nothing is held are left out.
    """
    found: dict[int, set[str]] = {}
    with closing(sqlite3.connect(":memory:")) as db:
        db.deserialize(packed)
        db.execute(_HELD)
        for row, term in db.execute(_WANTED, (json.dumps(list(rows)),)):
            found.setdefault(row, set()).add(term)
    return {row: frozenset(terms) for row, terms in found.items()}


def take_out(db: sqlite3.Connection, held: Trigrams, is_said: Callable[[str], bool]) -> None:
    """Delete rows by what they hold, and the words that only they said.

    Args:
        db: the index; the caller holds its lock.
        held: as `trigrams_of` found it.
        is_said: whether a living row has a word among its names.

    Raises:
        sqlite3.Error: the index cannot be written, or is too small for it.
    """
    with db:
        db.execute("BEGIN")
        for row, terms in held.items():
            delete(db, row, _laid_out(terms))
        known = [word for (word,) in db.execute("SELECT text FROM word")]
        theirs = [word for word in known if any(_cut(word) <= terms for terms in held.values())]
        gone = [(word,) for word in theirs if not is_said(word)]
        db.executemany("DELETE FROM word WHERE text = ?", gone)


def _laid_out(terms: frozenset[str]) -> list[str | None]:
    """A row of columns that is cut into these trigrams."""
    chains = sorted(_chained(terms), key=len, reverse=True)
    owner = next((one for one in chains if one in terms and one[0] == OWNER_MARK), None)
    text = [""] * _FULL
    for one in chains:
        if one != owner:
            least = min(range(_FULL), key=lambda at: len(text[at]))
            text[least] = f"{text[least]}{_BETWEEN}{one}" if text[least] else one
    return [owner, *(one or None for one in text), *[None] * (len(COLUMNS) - 1 - _FULL)]


def _chained(terms: frozenset[str]) -> Iterator[str]:
    """Trigrams put together where one begins as another ends, each used once."""
    left: dict[str, list[str]] = {}
    for term in sorted(terms, reverse=True):
        left.setdefault(term[:2], []).append(term)
    ends = {term[1:] for term in terms}
    for start in sorted(terms, key=lambda term: (term[:2] in ends, term)):
        if start not in left.get(start[:2], ()):
            continue
        left[start[:2]].remove(start)
        chain = start
        while waiting := left.get(chain[-2:]):
            chain += waiting.pop()[2]
        yield chain


def piece_of(word: str) -> str:
    """A word of a name as it stands in the index; see `search_text.columns`."""
    return f" {word}" if len(word) > 1 else f" {word} "


def _cut(word: str) -> frozenset[str]:
    text = piece_of(word)
    return frozenset(text[start : start + 3] for start in range(len(text) - 2))
