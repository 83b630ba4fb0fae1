"""The search index: names, numbers, phones and mailboxes of all clients, in memory only.

It holds plaintext (as trigrams), so it lives in the vault, is built after unlocking and leaves
memory only sealed (`search_snapshot`). SQLite's FTS5 with the trigram tokenizer keeps, for every
three letters, the rows in which they occur; it suggests, and the caller verifies the suggestions on
the opened records (`folding.Query.matches`).

FTS5 before SQLite 3.43 deletes from such a table only if told the old text, so a changed client
gets a new row and its old one dies. Arrays say which row is whose. Dead rows still carry their
trigrams until the index is built anew, those of removed clients without the client's id. Whoever
is blocked at his own demand is erased by his text, which is known at that moment; `scrub` then
takes his rows of before out, too, by the trigrams that it finds in them (`search_forgetting`).
"""

import json
import sqlite3
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from threading import Lock
from typing import NamedTuple, Self
from uuid import UUID

import msgspec

from appliance.domain.folding import FOLDING_VERSION, Query, parse
from appliance.errors import HouseError
from appliance.vault.search_forgetting import delete, piece_of, take_out, trigrams_of
from appliance.vault.search_plan import Lookup, expressions
from appliance.vault.search_text import COLUMNS, SearchEntry, columns, words
from appliance.vault.search_typos import corrections

__all__ = ["SearchEntry", "SearchIndex", "SnapshotUnusable", "Stats"]

FORMAT = f"4.{FOLDING_VERSION}.{sys.byteorder}"
"""Version of the serialised form: layout, folding rules, byte order of the arrays."""

_DEAD = 0xFFFFFFFF
"""Stands in the array of owners for a row that was replaced or removed."""

_KEY = 16
"""Bytes of a record's id."""

_CHUNK = 250
"""Entries per transaction: about 5 ms during which a query on another thread waits."""

_FIRST_BATCH, _LAST_BATCH = 64, 4096
"""Rows asked for at once; grows, so that a page of finds is cheap and a long walk is few steps."""

_SCHEMA = f"""
CREATE VIRTUAL TABLE entry USING fts5({", ".join(COLUMNS)},
    content='', columnsize=0, detail=none, tokenize='trigram case_sensitive 1');
CREATE TABLE frequency (trigram TEXT PRIMARY KEY, records INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE word (text TEXT PRIMARY KEY) WITHOUT ROWID;
"""
_INSERT = f"INSERT INTO entry(rowid, {', '.join(COLUMNS)}) VALUES (?{', ?' * len(COLUMNS)})"  # noqa: S608 - column names are constants of the house
_SELECT = "SELECT rowid FROM entry WHERE entry MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?"


class SnapshotUnusable(HouseError):
    """The serialised index is damaged or of another version: build it anew."""

    default_code = "search_snapshot_unusable"


class Stats(NamedTuple):
    """Figures for the console.

    Attributes:
        entries: clients that can be found.
        stale: dead rows, whose trigrams are still in memory.
        removed: those of them that belonged to removed clients.
        words: distinct words of names.
        size: bytes of the index and its arrays.
        revision: number of the last search change that is in the index.
        rebuild_due: the dead rows are so many that a rebuild pays.
    """

    entries: int
    stale: int
    removed: int
    words: int
    size: int
    revision: int
    rebuild_due: bool


class _Serialized(msgspec.Struct, array_like=True):
    form: str
    revision: int
    counted: int
    doomed: list[int]
    former: dict[bytes, list[int]]
    keys: bytes
    owners: bytes
    order: bytes
    database: bytes


class SearchIndex:
    """An index that one thread may change while others ask.

    Attributes:
        revision: number of the last search change applied; kept by the caller, saved with the
            index. Applying a change twice does no harm.
    """

    def __init__(self) -> None:
        self.revision = 0
        self._lock = Lock()
        self._db = _empty()
        # By row number (0 is never a row): the record's id and its owner.
        self._keys = bytearray(_KEY)
        self._owners = array("I", [_DEAD])
        # Live rows in the order of their records' ids: the way from a record to its row.
        self._order = array("I")
        self._counted = 0
        # Dead rows of records that changed, and those of nobody, which wait for `scrub`.
        self._former: dict[bytes, list[int]] = {}
        self._doomed: set[int] = set()

    def put_many(self, entries: Iterable[SearchEntry]) -> None:
        """Add entries or replace those of the same records."""
        waiting = iter(entries)
        while chunk := {entry.record.bytes: entry for entry in islice(waiting, _CHUNK)}:
            with self._lock:
                self._put(chunk)
                if len(self._owners) > self._counted * 3 // 2 + 200:
                    self._count()

    def remove(self, records: Iterable[UUID]) -> None:
        """Make records unfindable; unknown ones are passed over."""
        for record in records:
            with self._lock:
                position = self._position(record.bytes)
                if self._holds(position, record.bytes):
                    self._end(record.bytes, self._order.pop(position))

    def erase(self, entries: Iterable[SearchEntry]) -> None:
        """Take records out with every trigram and word of theirs; unknown ones are passed over.

        Args:
            entries: as they were put. What the text does not reach, as the rows from before a
                change, `scrub` takes out.
        """
        for entry in entries:
            with self._lock:
                key = entry.record.bytes
                position = self._position(key)
                if self._holds(position, key):
                    row = self._order.pop(position)
                    self._end(key, row)
                    self._forget(row, columns(entry))

    def _end(self, key: bytes, row: int) -> None:
        """Leave nothing that says whose rows these were; they wait for `scrub`."""
        self._bury(row)
        self._doomed |= {row, *self._former.pop(key, ())}

    def _forget(self, row: int, text: list[str | None]) -> None:
        """Take a row's trigrams out, and its words where no other row says them."""
        try:
            with self._db:
                self._db.execute("BEGIN")
                delete(self._db, row, text)
                alone = [(word,) for word in set(words(text)) if not self._is_said(word)]
                self._db.executemany("DELETE FROM word WHERE text = ?", alone)
        except sqlite3.Error:
            return  # not the text that was put: `scrub` reads what is there

    def _is_said(self, word: str) -> bool:
        """Whether a living row has this word, or a longer one that begins so, among its names."""
        text = piece_of(word)
        cut = [text[start : start + 3] for start in range(len(text) - 2)]
        query = " AND ".join('"' + part.replace('"', '""') + '"' for part in cut)
        found = self._db.execute("SELECT rowid FROM entry WHERE entry MATCH ?", (query,))
        while (hit := found.fetchone()) is not None:
            if self._owners[hit[0]] != _DEAD:
                return True
        return False

    def scrub(self) -> bool:
        """Write the index without what was erased and removed, whatever it held before.

        Looking takes two passes along copies of the index (0.5 s each at a hundred thousand);
        queries wait only while it is written (0.4 s).

        Returns:
            False where something of them is still there: build it anew.
        """
        with self._lock:
            doomed, packed = frozenset(self._doomed), self._db.serialize()
        if not doomed:
            return True
        held = trigrams_of(packed, doomed)
        with self._lock:
            try:
                take_out(self._db, held, self._is_said)
            except sqlite3.Error:
                return False
            self._compact()
            packed = self._db.serialize()
        if trigrams_of(packed, doomed):
            return False
        with self._lock:
            self._doomed -= doomed
        return True

    def candidates(
        self, query: Query | str, *, owners: frozenset[int] | None, limit: int
    ) -> Iterator[list[UUID]]:
        """Suggest records in batches, the last changed first; the caller verifies each.

        Exact numbers and closing digits of a phone come before other finds. Stop iterating when
        the page is full. Nothing is held between batches; a record changed meanwhile may be missed.

        Args:
            query: what was typed.
            owners: numbers of the users whose clients may be found; None for all clients.
            limit: most records to suggest altogether.
        """
        parsed = parse(query) if isinstance(query, str) else query
        if not parsed.terms or (owners is not None and not owners):
            return
        with self._lock:
            known = Lookup(self._frequencies, self._starts, len(self._owners))
            plan = list(expressions(parsed, owners, known))
        seen: set[bytes] = set()
        for expression in plan:
            for batch in self._walk(expression, owners):
                fresh = [key for key in batch if key not in seen][: limit - len(seen)]
                seen.update(fresh)
                if fresh:
                    yield [UUID(bytes=key) for key in fresh]
                if len(seen) >= limit:
                    return

    def corrections(self, query: str, *, limit: int = 5) -> list[str]:
        """Suggest queries with one typing error mended, for a query that found nothing.

        Only words that no name begins with are mended, and only into words of names in the index.
        """
        with self._lock:
            return corrections(query, self._db, limit)

    def stats(self) -> Stats:
        """Take the figures for the console."""
        with self._lock:
            live, rows = len(self._order), len(self._owners) - 1
            pages, page, words = self._db.execute(
                "SELECT (SELECT page_count FROM pragma_page_count),"
                " (SELECT page_size FROM pragma_page_size), (SELECT count(*) FROM word)"
            ).fetchone()
            size = pages * page + len(self._keys) + 4 * (len(self._owners) + live)
            stale = rows - live
            due = stale > max(10_000, live // 4)
            return Stats(live, stale, len(self._doomed), words, size, self.revision, due)

    def compact(self) -> None:
        """Merge and count what a build wrote in pieces; queries wait (0.7 s at a million)."""
        with self._lock:
            self._compact()

    def _compact(self) -> None:
        self._db.execute("INSERT INTO entry(entry) VALUES ('optimize')")
        self._count()
        self._db.execute("VACUUM")
        packed = self._db.serialize()
        self._db.close()
        self._db = _restore(packed)

    def serialize(self) -> bytes:
        """Copy the index out, plaintext: only ever to be sealed (60 MB at a million clients)."""
        with self._lock:
            whole = _Serialized(
                FORMAT,
                self.revision,
                self._counted,
                sorted(self._doomed),
                self._former,
                bytes(self._keys),
                self._owners.tobytes(),
                self._order.tobytes(),
                self._db.serialize(),
            )
        return msgspec.msgpack.encode(whole)

    @classmethod
    def load(cls, data: bytes) -> Self:
        """Make an index of its serialised form.

        Raises:
            SnapshotUnusable: it is damaged, or of another version.
        """
        try:
            whole = msgspec.msgpack.decode(data, type=_Serialized)
            if whole.form != FORMAT:
                raise SnapshotUnusable(message="search snapshot of another version")
            index = cls()
            index._db = _restore(whole.database)
            index._fill(whole)
        except (ValueError, sqlite3.Error) as error:
            raise SnapshotUnusable(message="damaged search snapshot") from error
        return index

    def _fill(self, whole: _Serialized) -> None:
        self.revision, self._counted = whole.revision, whole.counted
        self._doomed, self._former = set(whole.doomed), whole.former
        self._keys = bytearray(whole.keys)
        self._owners, self._order = array("I", whole.owners), array("I", whole.order)
        if len(self._keys) != _KEY * len(self._owners) or len(self._order) >= len(self._owners):
            raise ValueError("lengths of the arrays do not agree")

    def _put(self, chunk: dict[bytes, SearchEntry]) -> None:
        ordered = sorted(chunk)
        first = len(self._owners)
        texts = [columns(chunk[key]) for key in ordered]
        rows = ((row, *text) for row, text in enumerate(texts, start=first))
        known = {(word,) for text in texts for word in words(text)}
        with self._db:
            self._db.execute("BEGIN")
            self._db.executemany(_INSERT, rows)
            self._db.executemany("INSERT OR IGNORE INTO word VALUES (?)", known)
        # From here on nothing can fail: database and arrays stay in step.
        added: list[tuple[int, int]] = []
        for row, key in enumerate(ordered, start=first):
            self._keys += key
            self._owners.append(chunk[key].owner)
            position = self._position(key)
            if self._holds(position, key):
                self._bury(self._order[position])
                self._former.setdefault(key, []).append(self._order[position])
                self._order[position] = row
            else:
                added.append((position, row))
        self._order = _merged(self._order, added)

    def _bury(self, row: int) -> None:
        self._owners[row] = _DEAD
        self._keys[_KEY * row : _KEY * (row + 1)] = bytes(_KEY)

    def _key(self, row: int) -> bytes:
        return bytes(self._keys[_KEY * row : _KEY * (row + 1)])

    def _position(self, key: bytes) -> int:
        """Find the place in the order of rows where a record stands or would stand."""
        if not self._order or key > self._key(self._order[-1]):
            return len(self._order)  # ids grow with time: a new client comes last
        return bisect_left(self._order, key, key=self._key)

    def _holds(self, position: int, key: bytes) -> bool:
        return position < len(self._order) and self._key(self._order[position]) == key

    def _walk(self, expression: str, owners: frozenset[int] | None) -> Iterator[list[bytes]]:
        """Yield the keys of living, permitted rows, newest row first."""
        below, size = len(self._owners), _FIRST_BATCH
        while below:
            with self._lock:
                rows = [row for (row,) in self._db.execute(_SELECT, (expression, below, size))]
                owner_of = self._owners
                if owners is None:
                    live = [row for row in rows if owner_of[row] != _DEAD]
                else:
                    live = [row for row in rows if owner_of[row] in owners]
                keys = [self._key(row) for row in live]
            yield keys
            below = rows[-1] if len(rows) == size else 0
            size = min(size * 4, _LAST_BATCH)

    def _frequencies(self, trigrams: Iterable[str]) -> dict[str, int]:
        return dict(
            self._db.execute(
                "SELECT trigram, records FROM frequency"
                " WHERE trigram IN (SELECT value FROM json_each(?))",
                (json.dumps(list(trigrams)),),
            )
        )

    def _starts(self, letter: str) -> Sequence[str]:
        found = self._db.execute(
            "SELECT DISTINCT substr(text || ' ', 1, 2) FROM word WHERE text >= ? AND text < ?",
            (letter, letter + "\U0010ffff"),
        )
        second = "0123456789$" if letter.isdigit() else ""
        return sorted({f" {start}" for (start,) in found} | {f" {letter}{c}" for c in second})

    def _count(self) -> None:
        """Count the records of every trigram: one pass along the index."""
        with self._db:
            self._db.execute("BEGIN")
            self._db.execute("DELETE FROM frequency")
            self._db.execute("INSERT INTO frequency SELECT term, doc FROM temp.trigram")
        self._counted = len(self._owners)


def _empty() -> sqlite3.Connection:
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(_SCHEMA)
        return _restore(db.serialize())


def _restore(database: bytes) -> sqlite3.Connection:
    """Open a database in one stretch of memory, which goes back to the system as a whole.

    The pages of an ordinary `:memory:` database would leave the heap in holes, 50 MB of them
    after a build of a million.
    """
    db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    db.deserialize(database)
    db.execute("PRAGMA temp_store=MEMORY")  # sorting and VACUUM must not touch the disk either
    db.execute("PRAGMA journal_mode=MEMORY")
    db.execute("CREATE VIRTUAL TABLE temp.trigram USING fts5vocab(main, entry, row)")
    db.execute("SELECT count(*) FROM frequency").fetchone()
    return db


def _merged(order: "array[int]", added: list[tuple[int, int]]) -> "array[int]":
    """Insert rows before the given positions, both ascending, in one pass."""
    if not added or added[0][0] == len(order):
        order.extend(row for _, row in added)
        return order
    merged, done = array("I"), 0
    for position, row in added:
        merged.extend(order[done:position])
        merged.append(row)
        done = position
    merged.extend(order[done:])
    return merged
