"""The log for people: entries by conditions, the newest first, out of the file alone."""

import contextlib
import json
import sqlite3
from collections.abc import Generator, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from appliance.audit.entry import Leaf, read_leaf
from appliance.errors import Damaged, NotFound

SLICE: Final = 20_000
"""Entries looked through at a time."""
MOST_LOOKED: Final = 300_000
"""Entries looked through for one page (about a second); the next page goes on from there."""


_SELECT: Final = (
    "SELECT leaf FROM (SELECT seq, leaf, CAST(leaf AS TEXT) AS said FROM event "
    "WHERE seq >= ? AND seq < ?)"
)


class Query(NamedTuple):
    """Which entries; empty means any.

    Attributes:
        before: place in the log, the page begins right below; None: at its end.
        actor: id, or the kind of those who have none (`system`, `anonymous`).
        deeds: full names, or beginnings that end with a dot (`orders.`).
        object_id: UUID as text.
        since, until: milliseconds since 1970, of the log's monotone time; `until` excluded.
        result: `done`, `refused`, or the code of a refusal.
    """

    before: int | None = None
    actor: str = ""
    deeds: Sequence[str] = ()
    object_type: str = ""
    object_id: str = ""
    since: int = 0
    until: int = 0
    result: str = ""
    limit: int = 50


class Seen(NamedTuple):
    """One page.

    Attributes:
        leaves: the newest first.
        after: where the next page begins, as `Query.before`; None: that was all.
        size: of the log.
    """

    leaves: list[Leaf]
    after: int | None
    size: int


def page(path: Path, query: Query) -> Seen:
    """Read one page.

    Raises:
        NotFound: `audit_log_missing`.
        Damaged: `audit_log_damaged`.
    """
    try:
        with _open(path) as db:
            return _page(db, query)
    except (sqlite3.Error, msgspec.DecodeError, ValueError, TypeError) as error:
        raise Damaged("audit_log_damaged", type(error).__name__) from error


def _page(db: sqlite3.Connection, query: Query) -> Seen:
    size: int = db.execute("SELECT COALESCE(MAX(seq), 0) FROM event").fetchone()[0]
    high = min(query.before or size + 1, size + 1)
    low = 1
    if query.until:
        high = min(high, _first_at(db, size, query.until))
    if query.since:
        low = _first_at(db, size, query.since)
    where, values = _conditions(query)
    select = f"{_SELECT} WHERE {where} ORDER BY seq DESC LIMIT ?"
    found: list[Leaf] = []
    stop = max(low, high - MOST_LOOKED)
    while high > stop and len(found) < query.limit:
        bottom = max(stop, high - SLICE)
        rows = db.execute(select, (bottom, high, *values, query.limit - len(found)))
        found += (read_leaf(leaf) for (leaf,) in rows)
        high = found[-1].seq if len(found) >= query.limit else bottom
    return Seen(found, high if high > low else None, size)


def _conditions(query: Query) -> tuple[str, list[str]]:
    parts, values = ["1"], list[str]()
    if query.actor:
        parts.append("? IN (json_extract(said, '$.actor_id'), json_extract(said, '$.actor_kind'))")
        values.append(query.actor)
    if query.deeds:
        each = [
            "substr(json_extract(said, '$.action'), 1, length(?)) = ?"
            if one.endswith(".")
            else "json_extract(said, '$.action') = ?"
            for one in query.deeds
        ]
        parts.append(f"({' OR '.join(each)})")
        for one in query.deeds:
            values += [one, one] if one.endswith(".") else [one]
    for name in ("object_type", "object_id"):
        if wanted := getattr(query, name):
            parts.append(f"json_extract(said, '$.{name}') = ?")
            values.append(wanted)
    if query.result == "refused":
        parts.append("json_extract(said, '$.result') <> 'done'")
    elif query.result:
        parts.append("json_extract(said, '$.result') = ?")
        values.append(query.result)
    return " AND ".join(parts), values


def _first_at(db: sqlite3.Connection, size: int, at: int) -> int:
    """Place of the first entry not older than `at`; `size + 1` where all are."""
    low, high = 1, size + 1
    while low < high:
        middle = (low + high) // 2
        (leaf,) = db.execute("SELECT leaf FROM event WHERE seq = ?", (middle,)).fetchone()
        if read_leaf(leaf).mono < at:
            low = middle + 1
        else:
            high = middle
    return low


def origin(path: Path) -> str:
    """Name of a log; empty where the file is none.

    Raises:
        NotFound: `audit_log_missing`.
    """
    try:
        with _open(path) as db:
            return str(db.execute("SELECT value FROM meta WHERE key = 'origin'").fetchone()[0])
    except (sqlite3.Error, TypeError):
        return ""


def deeds(path: Path) -> Iterator[dict[str, str | int]]:
    """What happened, from the first on: seq, time, action, actor, object, result."""
    with _open(path) as db:
        for seq, leaf in db.execute("SELECT seq, leaf FROM event ORDER BY seq"):
            entry: dict[str, Any] = json.loads(leaf)
            actor = f"{entry['actor_kind']} {entry['actor_id']}"
            thing = f"{entry.get('object_type', '')} {entry.get('object_id', '')}".strip()
            at = f"{datetime.fromtimestamp(entry['at'] // 1000, UTC):%Y-%m-%d %H:%M:%S UTC}"
            deed = {"seq": seq, "time": at, "action": entry["action"]}
            yield {**deed, "actor": actor, "object": thing, "result": entry["result"]}


@contextlib.contextmanager
def _open(path: Path) -> Generator[sqlite3.Connection]:
    if not path.exists():
        raise NotFound("audit_log_missing", "audit.db is missing")
    source = f"{path.resolve().as_uri()}?mode=ro"
    with contextlib.closing(sqlite3.connect(source, uri=True, isolation_level=None)) as db:
        db.execute("BEGIN")  # one snapshot
        yield db
