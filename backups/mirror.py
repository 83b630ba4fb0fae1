"""A main.db that follows the tables of a PostgreSQL server, for the continuous protection.

The protection takes pages of a main.db (docs/adr/0010). A box on PostgreSQL has none, so one is
kept beside its copies and brought up to the server's state at each step: rows that a transaction
wrote which the last step did not see are told by their `xmin`, rows that are gone by the number of
rows and the sum of their keys' hashes, which must come out the same (docs/adr/0015).
"""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from appliance.errors import Unavailable
from appliance.storage.engine import values
from appliance.storage.engine.connections import current
from appliance.storage.engine.postgres import PostgresDatabase
from appliance.storage.migrations.runner import require_current
from appliance.storage.statements import fetch, fetch_one, fetch_value
from backups import disk, other_engine
from backups.make import LEAST_FREE
from backups.other_engine import ROWS, Table
from backups.targets import free_bytes

NAME: Final = "guard-main.db"
"""In the folder of copies; sealed like every main.db."""

STATE: Final = "guard-main.state"
HALF: Final = 1 << 31
XIDS: Final = 1 << 32
SUMS: Final = (1 << 64) - 1
"""Sums of hashes go on from 0 behind this."""

_SNAPSHOT: Final = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text"
_AGE: Final = "SELECT age({}::text::xid)"
_SERVER: Final = (
    "SELECT (SELECT system_identifier FROM pg_control_system())::text || '/' ||"
    " (SELECT timeline_id FROM pg_control_checkpoint())::text"
)
_MAY: Final = (
    "SELECT has_function_privilege('pg_control_system()', 'execute')"
    " AND has_function_privilege('pg_control_checkpoint()', 'execute')"
)
_PLACES: Final = (
    "SELECT string_agg(oid::text || relname, ',' ORDER BY oid) || (SELECT string_agg(module ||"
    " number::text, ',' ORDER BY module, number) FROM schema_migration)"
    " FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
)


class Seen(msgspec.Struct):
    """The server at the last step.

    Attributes:
        server: which one, and which tables: after a move, a restore or an update another.
        xmin: 64 bits: every transaction below it had ended.
        tables: rows, and the sum of their keys' hashes.
    """

    server: str = ""
    xmin: int = 0
    tables: dict[str, tuple[int, int]] = {}


class _Lost(Exception):
    """The mirror cannot be brought up to the server; it has to be made anew."""


def follow(url: str, home: Path, *, anew: bool) -> Path:
    """Bring the mirror to what the server holds at this moment; where it lies.

    Args:
        url: of the box's database.
        home: the folder of copies.
        anew: read everything, as at the beginning of a chain.

    Raises:
        Unavailable: the server does not answer; `schema_older`; `backup_engine_table`;
            `backup_no_room`.
        sqlite3.Error: the disk is full.
    """
    values.install()
    path, last = home / NAME, _last(home)
    if not anew and path.is_file():
        with suppress(_Lost, sqlite3.DatabaseError):
            _settle(home, other_engine.on(url, lambda source: _follow(source, path, last)))
            return path
    _must_have_room(url, home, path)
    (home / STATE).unlink(missing_ok=True)
    for old in (path, path.with_name(f"{NAME}-journal")):
        old.unlink(missing_ok=True)
    fresh = path.with_name(f"{NAME}.new")
    fresh.unlink(missing_ok=True)
    seen = other_engine.take(url, fresh, _untold, beside=_seen)
    with fresh.open("rb+") as file:
        os.fsync(file.fileno())
    fresh.rename(path)
    disk.settle(home)
    _settle(home, seen)
    return path


def _must_have_room(url: str, home: Path, path: Path) -> None:
    old = path.stat().st_size if path.is_file() else 0
    need, free = other_engine.size_of(url) + LEAST_FREE, free_bytes(home) + old
    if free < need:
        raise Unavailable("backup_no_room", need=need >> 20, free=free >> 20)


def _last(home: Path) -> Seen:
    try:
        return msgspec.msgpack.decode((home / STATE).read_bytes(), type=Seen)
    except (OSError, msgspec.DecodeError):
        return Seen()


def _settle(home: Path, seen: Seen) -> None:
    # After the mirror is on the disk: a state that is too old only has more read again.
    disk.write(home / STATE, msgspec.msgpack.encode(seen))


async def _follow(source: PostgresDatabase, path: Path, last: Seen) -> Seen:
    await require_current(source)
    with closing(sqlite3.connect(path, isolation_level=None)) as mirror:
        mirror.execute("PRAGMA synchronous = FULL")
        mirror.execute("PRAGMA secure_delete = ON")
        mirror.execute("PRAGMA temp_store = MEMORY")
        mirror.execute("BEGIN IMMEDIATE")
        try:
            seen = await source.read(lambda: _changes(mirror, last))
        except BaseException:
            mirror.execute("ROLLBACK")
            raise
        mirror.execute("COMMIT")
    return seen


async def _changes(mirror: sqlite3.Connection, last: Seen) -> Seen:
    tables = other_engine.tables_of(mirror)
    await other_engine.refuse_unknown(tables)
    server = await _server()
    # Only the lower half of a number stands in a row; the age is right over two thousand million.
    age = int(await fetch_value(_AGE, str(last.xmin % XIDS)))
    xmin = int(await fetch_value(_SNAPSHOT))
    if server != last.server or not 0 <= xmin - last.xmin < HALF or age < 0:
        raise _Lost
    found = Seen(server, xmin)
    for number, table in enumerate(tables):
        follower = _Follower(mirror, table, number)
        found.tables[table.name] = await follower.bring(last.tables.get(table.name), age)
    return found


class _Follower:
    """One table of the mirror."""

    def __init__(self, mirror: sqlite3.Connection, table: Table, number: int) -> None:
        self.mirror, self.table, self._number = mirror, table, number
        self.where = " AND ".join(f'"{one}" = ?' for one in table.keys)
        self.places = [table.columns.index(one) for one in table.keys]

    async def bring(self, before: tuple[int, int] | None, age: int) -> tuple[int, int]:
        """Write what is new, delete what is gone; rows and sum of the table as it is now."""
        if before is None:
            raise _Lost
        rows, total, fresh = await self._counted(age)
        added = await self._write_new(age) if fresh else (0, 0)
        if (before[0] + added[0], (before[1] + added[1]) & SUMS) != (rows, total):
            await self._delete_gone(rows)
        return rows, total

    async def _counted(self, age: int) -> tuple[int, int, int]:
        found = await fetch_one(
            f"SELECT COUNT(*), COALESCE(SUM({self.table.hashed}), 0),"  # noqa: S608 - out of our schema
            f' COUNT(*) FILTER (WHERE age(xmin) <= {{}}) FROM "{self.table.name}"',
            age,
        )
        if found is None:
            raise _Lost
        return int(found[0]), int(found[1]) & SUMS, int(found[2])

    async def _write_new(self, age: int) -> tuple[int, int]:
        """How many rows were not there before, and the sum of their hashes."""
        table, walk = self.table, f"walk_{self._number}"
        marks = ", ".join("?" * len(table.columns))
        put = f'INSERT OR REPLACE INTO "{table.name}" ({table.listed}) VALUES ({marks})'  # noqa: S608 - as above
        look = f'SELECT 1 FROM "{table.name}" WHERE {self.where}'  # noqa: S608 - as above
        await current().script(
            f"DECLARE {walk} NO SCROLL CURSOR FOR SELECT {table.listed}, {table.hashed}"  # noqa: S608 - as above
            f' FROM "{table.name}" WHERE age(xmin) <= {age:d}'
        )
        count = total = 0
        while rows := await fetch(f"FETCH {ROWS} FROM {walk}"):
            for *_, hashed in (row for row in rows if not self._is_there(look, row)):
                count, total = count + 1, total + int(hashed)
            self.mirror.executemany(put, [row[:-1] for row in rows])
        await current().script(f"CLOSE {walk}")
        return count, total

    def _is_there(self, look: str, row: Sequence[Any]) -> bool:
        keys = [row[place] for place in self.places]
        return self.mirror.execute(look, keys).fetchone() is not None

    async def _delete_gone(self, rows: int) -> None:
        """Compare every key; what the server no longer has goes."""
        table, walk = self.table, f"keys_{self._number}"
        keys = ", ".join(f'"{one}"' for one in table.keys)
        marks = ", ".join("?" * len(table.keys))
        self.mirror.execute("DROP TABLE IF EXISTS temp.there")
        self.mirror.execute(f"CREATE TEMP TABLE there ({keys}, PRIMARY KEY ({keys})) WITHOUT ROWID")
        await current().script(
            f'DECLARE {walk} NO SCROLL CURSOR FOR SELECT {keys} FROM "{table.name}"'  # noqa: S608 - as above
        )
        while found := await fetch(f"FETCH {ROWS} FROM {walk}"):
            self.mirror.executemany(f"INSERT INTO temp.there VALUES ({marks})", found)  # noqa: S608 - as above
        await current().script(f"CLOSE {walk}")
        self.mirror.execute(
            f'DELETE FROM "{table.name}" WHERE ({keys}) NOT IN (SELECT {keys} FROM temp.there)'  # noqa: S608 - as above
        )
        left = self.mirror.execute(f'SELECT COUNT(*) FROM "{table.name}"').fetchone()[0]  # noqa: S608 - as above
        if left != rows:
            raise _Lost


async def _seen(tables: Sequence[Table]) -> Seen:
    """The server at the moment at which everything is read."""
    found = Seen(await _server(), int(await fetch_value(_SNAPSHOT)))
    for table in tables:
        row = await fetch_one(
            f'SELECT COUNT(*), COALESCE(SUM({table.hashed}), 0) FROM "{table.name}"'  # noqa: S608 - out of our schema
        )
        found.tables[table.name] = (0, 0) if row is None else (int(row[0]), int(row[1]) & SUMS)
    return found


async def _server() -> str:
    name = await fetch_value(_SERVER) if await fetch_value(_MAY) else ""
    return f"{name}/{await fetch_value(_PLACES)}"


def _untold(_done: int, _total: int) -> None:
    """A step is too short to be told of."""
