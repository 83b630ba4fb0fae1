"""SQLite: one writer thread with group commit, reads inline on the loop, slow reads in threads."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from contextvars import copy_context
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

from appliance.storage.engine import values
from appliance.storage.engine.connections import Dialect, leased, refuse_nesting
from appliance.storage.engine.database import Database, Hook
from appliance.storage.engine.drive import Body, drive
from appliance.storage.engine.failures import told
from appliance.storage.engine.sqlite_lease import SqliteLease, open_reader
from appliance.storage.engine.writer import Job, Writer, answer, failed, run_body

R = TypeVar("R")
_READER_THREADS = 2


class SqliteDatabase(Database):
    """A database in one file.

    Attributes:
        path: the file; `-wal` and `-shm` beside it belong to it.
    """

    dialect: Dialect = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._before_commit: list[Hook] = []
        self._after_commit: list[Hook] = []
        self._writer: Writer | None = None
        self._reader: sqlite3.Connection | None = None
        self._slow: SimpleQueue[Job | None] = SimpleQueue()
        self._slow_threads: list[threading.Thread] = []

    async def start(self) -> None:
        values.install()
        loop = asyncio.get_running_loop()
        try:
            self._writer = Writer(self.path, loop, self._before_commit, self._after_commit)
            self._reader = open_reader(self.path)
            slow = [open_reader(self.path, slow=True) for _ in range(_READER_THREADS)]
        except (sqlite3.Error, OSError) as failure:
            raise failed(failure) from None
        self._writer.start()
        self._slow_threads = [
            threading.Thread(
                target=self._read_slowly, args=(loop, reader), name="database-reader", daemon=True
            )
            for reader in slow
        ]
        for thread in self._slow_threads:
            thread.start()

    async def stop(self) -> None:
        threads, self._slow_threads = self._slow_threads, []
        for _ in threads:
            self._slow.put(None)
        for thread in threads:
            await asyncio.to_thread(thread.join)
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        if self._writer is not None:
            writer, self._writer = self._writer, None
            await writer.stop()

    async def write(self, body: Body[R]) -> R:
        refuse_nesting()
        job = Job(asyncio.get_running_loop().create_future(), copy_context(), body=body)
        self._running().put(job)
        return await job.future

    async def read(self, body: Body[R]) -> R:
        refuse_nesting()
        connection = self._reader
        if connection is None:
            raise RuntimeError("the database is not started")
        return _on_snapshot(connection, body)

    async def slow_read(self, body: Body[R]) -> R:
        refuse_nesting()
        if not self._slow_threads:
            raise RuntimeError("the database is not started")
        job = Job(asyncio.get_running_loop().create_future(), copy_context(), body=body)
        self._slow.put(job)
        return await job.future

    async def alter(self, body: Body[R]) -> R:
        refuse_nesting()
        return await self.with_connection(lambda connection: _altered(connection, body))

    async def with_connection(self, alone: Callable[[sqlite3.Connection], R]) -> R:
        """Run `alone` in the writer's thread on its connection, outside any transaction."""
        job = Job(asyncio.get_running_loop().create_future(), copy_context(), alone=alone)
        self._running().put(job)
        return await job.future

    async def checkpoint(self) -> bool:
        """Copy the log back into the file and empty it; false if a reader stood in the way."""

        def truncate(connection: sqlite3.Connection) -> bool:
            row = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return row[0] == 0

        return await self.with_connection(truncate)

    async def copy_to(self, target: Path) -> None:
        """Write a compact copy of the database into the new file `target`, mode 0600."""

        def copy(connection: sqlite3.Connection) -> None:
            target.touch(mode=0o600, exist_ok=False)
            connection.execute("VACUUM INTO ?", (str(target),))

        await self.with_connection(copy)

    def before_commit(self, hook: Hook) -> None:
        self._before_commit.append(hook)

    def after_commit(self, hook: Hook) -> None:
        self._after_commit.append(hook)

    def _running(self) -> Writer:
        if self._writer is None:
            raise RuntimeError("the database is not started")
        return self._writer

    def _read_slowly(self, loop: asyncio.AbstractEventLoop, connection: sqlite3.Connection) -> None:
        """Serve slow reads until told to stop: the body of one reader thread."""
        while (job := self._slow.get()) is not None:
            if not job.future.cancelled():
                run_body(job, connection, _on_snapshot)
                loop.call_soon_threadsafe(answer, [job])
        connection.close()


def _on_snapshot(connection: sqlite3.Connection, body: Body[R]) -> R:
    """Run `body` on one snapshot, which is let go at once: an open one holds up checkpoints."""
    connection.execute("BEGIN")
    try:
        with leased(SqliteLease(connection)):
            return drive(body)
    except sqlite3.Error as failure:
        if getattr(failure, "sqlite_errorcode", None) == sqlite3.SQLITE_READONLY:
            raise RuntimeError("a reading body wrote") from None
        raise told(failure) from None
    finally:
        # A failing disk makes SQLite end the transaction by itself.
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _altered(connection: sqlite3.Connection, body: Body[R]) -> R:
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            with leased(SqliteLease(connection)):
                result = drive(body)
            _check_foreign_keys(connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return result
    finally:
        connection.execute("PRAGMA foreign_keys = ON")


def _check_foreign_keys(connection: sqlite3.Connection) -> None:
    broken: list[tuple[Any, ...]] = connection.execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise RuntimeError(f"foreign keys broken in {sorted({row[0] for row in broken})}")
