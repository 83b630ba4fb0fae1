"""SQLite connections as the house sets them up, and a body's lease on one. Everything inline."""

import os
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from appliance.errors import Invalid
from appliance.storage.engine.connections import Dialect, Lease, Values
from appliance.storage.engine.placeholders import question_marks

_KEPT_STATEMENTS = 512
# Pages of 4 KiB: a log of 16 MiB is copied back at once, and cut to 64 MiB after a burst.
_CHECKPOINT_PAGES = 4096
_LOG_BYTES = 64 * 1024 * 1024
_EVERY = (
    "PRAGMA busy_timeout = 5000",
    "PRAGMA foreign_keys = ON",
    # Functions named in the schema of a manipulated file must not run with our rights.
    "PRAGMA trusted_schema = OFF",
    "PRAGMA temp_store = MEMORY",
    # Mapping the file was no faster, and a failing disk would be a signal instead of an error.
    "PRAGMA mmap_size = 0",
)
_WRITER = (
    "PRAGMA journal_mode = WAL",
    # NORMAL may lose the last commits when the power goes; they were acknowledged.
    "PRAGMA synchronous = FULL",
    # What was deleted is overwritten with zeros in the file.
    "PRAGMA secure_delete = ON",
    "PRAGMA cache_size = -16384",
    f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}",
    f"PRAGMA journal_size_limit = {_LOG_BYTES}",
)
_READER = ("PRAGMA query_only = 1", "PRAGMA cache_size = -16384")
_SLOW_READER = ("PRAGMA query_only = 1", "PRAGMA cache_size = -4096")


def _open(path: Path, mode: str, settings: Iterable[str], *, moves: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        detect_types=sqlite3.PARSE_DECLTYPES | sqlite3.PARSE_COLNAMES,
        cached_statements=_KEPT_STATEMENTS,
        check_same_thread=not moves,
    )
    try:
        for setting in settings:
            connection.execute(setting).fetchall()
    except BaseException:
        connection.close()
        raise
    return connection


def open_writer(path: Path) -> sqlite3.Connection:
    """Open the one writing connection; the file is made readable by its owner only.

    Raises:
        sqlite3.Error, OSError: the file cannot be made or opened.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    return _open(path, "rw", (*_EVERY, *_WRITER), moves=True)


def open_reader(path: Path, *, slow: bool = False) -> sqlite3.Connection:
    """Open a connection that cannot write; the file must exist.

    Like the writer's, one for slow reads is opened where failures can be told and then used by
    another thread alone; any other stays with the thread that opened it.
    """
    return _open(path, "ro", (*_EVERY, *(_SLOW_READER if slow else _READER)), moves=slow)


class SqliteLease(Lease):
    """A lease on an SQLite connection; its coroutines never suspend."""

    __slots__ = ("raw",)
    dialect: Dialect = "sqlite"

    def __init__(self, raw: sqlite3.Connection) -> None:
        super().__init__()
        self.raw = raw

    async def rows(self, sql: str, args: Sequence[Any]) -> list[Values]:
        try:
            return self.raw.execute(question_marks(sql), args).fetchall()
        except OverflowError:  # a number out of an address or a form: no row has it
            raise Invalid("number_range") from None

    async def dicts(self, sql: str, args: Sequence[Any]) -> list[dict[str, Any]]:
        cursor = self.raw.execute(sql, args)
        if cursor.description is None:
            return []
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    async def count(self, sql: str, args: Sequence[Any]) -> int:
        try:
            return self.raw.execute(question_marks(sql), args).rowcount
        except OverflowError:
            raise Invalid("number_range") from None

    async def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self.raw.executemany(question_marks(sql), rows)

    async def load(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        names = ",".join(f'"{column}"' for column in columns)
        marks = ",".join("?" * len(columns))
        sql = f'INSERT INTO "{table}" ({names}) VALUES ({marks})'
        return self.raw.executemany(sql, rows).rowcount

    async def script(self, sql: str) -> None:
        self.raw.execute(sql)
