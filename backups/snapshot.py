"""Consistent copies of a running box's databases, and what the manifest says of them.

The order matters: main.db, then keys.db, then audit.db, then evidence.db. A record's key is
committed before the record, so keys copied later know every person of the main copy. A deed leaves
the outbox of main.db only when it is in audit.db, so a later log misses none. And a log may be
epochs ahead of its keys (they follow), never behind them. An act is in evidence.db before the deed
that made it commits.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final
from uuid import UUID

from appliance.audit import merkle
from appliance.errors import Damaged
from backups.records import Erased

PAGES: Final = 2048
"""Pages per step of the copy: 8 MB, some tens of milliseconds."""

MAIN, AUDIT, KEYS, EVIDENCE = "main.db", "audit.db", "keys.db", "evidence.db"
NEWEST: Final = (AUDIT, EVIDENCE)
"""What no restore sets back: deeds and acts go on from the newest copy there is."""

Told = Callable[[int], None]


def copy(source: Path, target: Path, told: Told) -> None:
    """Copy a database of a running box as of this moment; writers go on meanwhile.

    Args:
        source: may be in use.
        target: must not exist.
        told: bytes copied so far.

    Raises:
        sqlite3.Error: it cannot be read, or there is no room.
    """
    with closing(_reading(source)) as live, closing(sqlite3.connect(target)) as fresh:
        fresh.execute("PRAGMA synchronous = OFF")  # this copy is read once and deleted
        page = live.execute("PRAGMA page_size").fetchone()[0]
        # The open transaction holds one snapshot for all steps: without it every commit of the
        # server would begin the copy anew.
        live.execute("BEGIN")
        live.execute("SELECT 1 FROM sqlite_master").fetchone()
        live.backup(fresh, pages=PAGES, progress=lambda _, left, all_: told((all_ - left) * page))
        live.execute("ROLLBACK")
        fresh.execute("PRAGMA journal_mode = DELETE")


def copy_compact(source: Path, target: Path) -> None:
    """The same without what was deleted: no free page of the source comes along."""
    with closing(_reading(source)) as live:
        live.execute("VACUUM INTO ?", (str(target),))


def in_memory(source: Path) -> bytes:
    """A database of a running box as bytes: key stores are not copied to any disk in the clear."""
    with closing(_reading(source)) as live, closing(sqlite3.connect(":memory:")) as copied:
        live.backup(copied)
        return copied.serialize()


def _reading(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise Damaged("backup_part_missing", part=path.name)
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=10.0, isolation_level=None
    )


def of_bytes(data: bytes) -> sqlite3.Connection:
    """A database that is in memory."""
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.deserialize(data)
    return database


def counted(database: sqlite3.Connection) -> dict[str, int]:
    """Rows of every table."""
    names = [
        row[0]
        for row in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
    ]
    return {
        name: database.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - a name out of the schema
        for name in sorted(names)
    }


def must_be_whole(database: sqlite3.Connection, name: str, *, thorough: bool = False) -> None:
    """Refuse a database that SQLite finds damaged.

    Args:
        database: to look at.
        name: of its file.
        thorough: also every index against its table, and every foreign key.

    Raises:
        Damaged: `backup_source_damaged`.
    """
    check = "integrity_check(1)" if thorough else "quick_check(1)"
    try:
        verdict = database.execute(f"PRAGMA {check}").fetchone()[0]
        if thorough and database.execute("PRAGMA foreign_key_check").fetchone() is not None:
            verdict = "foreign keys"
    except sqlite3.DatabaseError:
        verdict = "unreadable"
    if verdict != "ok":
        raise Damaged("backup_source_damaged", part=name)


def schema_of(database: sqlite3.Connection) -> int:
    """Number of the last migration of the house."""
    found = database.execute("SELECT MAX(number) FROM schema_migration WHERE module = 'house'")
    return found.fetchone()[0] or 0


def attachments_of(database: sqlite3.Connection) -> list[str]:
    """Names of all sealed files that rows name, sorted."""
    return [row[0] for row in database.execute("SELECT DISTINCT hash FROM file ORDER BY hash")]


def tree_of(database: sqlite3.Connection, size: int | None = None) -> tuple[int, str]:
    """Size and root (hex) of a log's tree; `size`: of its first so many events.

    Raises:
        Damaged: `audit_log_behind`: it has fewer; `audit_log_damaged`: it has a hole.
    """
    held: int = database.execute("SELECT size FROM head").fetchone()[0]
    size = held if size is None else size
    if size > held:
        raise Damaged("audit_log_behind")

    def node(level: int, index: int) -> bytes:
        found = (
            database.execute("SELECT hash FROM node WHERE level = ? AND idx = ?", (level, index))
            if level
            else database.execute("SELECT leaf_hash FROM event WHERE seq = ?", (index + 1,))
        ).fetchone()
        if found is None:
            raise Damaged("audit_log_damaged")
        return found[0]

    return size, merkle.root_of(size, node).hex()


def box_at(data: Path) -> str:
    """The id of the box in a folder, out of its log's name."""
    with closing(_reading(data / AUDIT)) as log:
        origin = log.execute("SELECT value FROM meta WHERE key = 'origin'").fetchone()[0]
    return str(origin).split("/")[1]


def epochs_of(database: sqlite3.Connection) -> dict[str, int]:
    """Newest epoch of each key of the ring."""
    return dict(database.execute("SELECT purpose, MAX(epoch) FROM keyring GROUP BY purpose"))


def ledger_of(database: sqlite3.Connection) -> tuple[Erased, ...]:
    """Everybody whose key was destroyed, in order."""
    rows = database.execute(
        "SELECT subject, reason, requested_by, approved_by, done_at FROM erasure_ledger"
        " ORDER BY seq"
    )
    return tuple(
        Erased(
            str(UUID(bytes=subject)),
            reason,
            str(UUID(bytes=asked)),
            None if approved is None else str(UUID(bytes=approved)),
            done,
        )
        for subject, reason, asked, approved, done in rows
    )
