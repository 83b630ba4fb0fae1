"""The one thread that writes to an SQLite file: group commit.

It takes every job that waits, up to `MOST_PER_COMMIT`, runs each in a savepoint of one
`BEGIN IMMEDIATE`, commits once and answers them all. Under load the cost of the disk is shared
by the group; alone, a job waits for nobody.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextvars import Context
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from appliance.errors import Unavailable
from appliance.storage.engine.connections import leased
from appliance.storage.engine.drive import Body, drive
from appliance.storage.engine.failures import storage_failure, told
from appliance.storage.engine.sqlite_lease import SqliteLease, open_writer

MOST_PER_COMMIT = 64

Hook = Callable[[], None]
Runner = Callable[[sqlite3.Connection, Body[Any]], Any]


class Job:
    """One body on its way through the writer.

    Attributes:
        alone: what the writer does with its bare connection instead of `body`, outside
            any group and any transaction.
        failure: why the body's caller gets no result.
    """

    __slots__ = ("alone", "body", "context", "failure", "future", "result")

    def __init__(
        self,
        future: "asyncio.Future[Any]",
        context: Context,
        body: Body[Any] | None = None,
        alone: Callable[[sqlite3.Connection], Any] | None = None,
    ) -> None:
        self.future = future
        self.context = context
        self.body = body
        self.alone = alone
        self.result: Any = None
        self.failure: BaseException | None = None


def answer(jobs: Sequence[Job]) -> None:
    """Wake the jobs' callers; runs on their loop. A caller that stopped waiting is passed over."""
    for job in jobs:
        if job.future.done():
            continue
        if job.failure is None:
            job.future.set_result(job.result)
        else:
            job.future.set_exception(job.failure)


def run_body(job: Job, connection: sqlite3.Connection, run: Runner) -> None:
    """Run the job's body by `run` in the job's context, keeping result or failure."""
    assert job.body is not None  # noqa: S101 - told apart by the caller
    try:
        job.result = job.context.run(run, connection, job.body)
    except BaseException as failure:  # noqa: BLE001 - it goes to the caller as it is
        job.failure = failed(failure)


def _in_group(connection: sqlite3.Connection, body: Body[Any]) -> Any:
    with leased(SqliteLease(connection)):
        return drive(body)


def failed(failure: BaseException) -> BaseException:
    """Make of what went wrong the exception that a waiting caller may get."""
    if isinstance(failure, OSError):
        return storage_failure(failure)
    if isinstance(failure, StopIteration | GeneratorExit | KeyboardInterrupt | SystemExit):
        # A future refuses the first; the others must not stop the caller's loop.
        return RuntimeError(f"a body raised {type(failure).__name__}")
    return told(failure)


class Writer:
    """The writing connection, its thread and its queue.

    Args:
        path: the file.
        loop: where the callers wait.
        before_commit: called in the writer's thread once per group, right before COMMIT.
        after_commit: called on the loop after each group that was committed.

    Raises:
        sqlite3.Error, OSError: the file cannot be made or opened.
    """

    def __init__(
        self,
        path: Path,
        loop: asyncio.AbstractEventLoop,
        before_commit: Sequence[Hook],
        after_commit: Sequence[Hook],
    ) -> None:
        self.path = path
        self._before_commit = before_commit
        self._after_commit = after_commit
        self._loop = loop
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._held_back: Job | None = None
        self._stopping = False
        self._connection: sqlite3.Connection | None = open_writer(path)
        self._thread = threading.Thread(target=self._run, name="database-writer", daemon=True)

    def start(self) -> None:
        """Start the thread; from now on it alone uses the connection."""
        self._thread.start()

    def put(self, job: Job) -> None:
        """Hand a job over; its future is answered on the loop."""
        self._queue.put(job)

    async def stop(self) -> None:
        """Finish everything handed over before, then close the connection."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        while not self._stopping:
            group = self._take()
            if not group:
                continue
            if group[0].alone is not None:
                self._run_alone(group[0])
                self._tell(group, committed=False)
            else:
                self._tell(group, committed=self._commit(group))
        self._close()

    def _take(self) -> list[Job]:
        """Wait for a job and take those behind it; one that runs alone makes a group of its own."""
        first, self._held_back = self._held_back or self._queue.get(), None
        group: list[Job] = []
        job = first
        while True:
            if job is None:
                self._stopping = True
                return group
            if job.alone is not None and group:
                self._held_back = job
                return group
            if not job.future.cancelled():
                group.append(job)
            if job.alone is not None or len(group) == MOST_PER_COMMIT:
                return group
            try:
                job = self._queue.get_nowait()
            except Empty:
                return group

    def _run_alone(self, job: Job) -> None:
        assert job.alone is not None  # noqa: S101 - told apart by the caller
        try:
            job.result = job.context.run(job.alone, self._connected())
        except BaseException as failure:  # noqa: BLE001 - it goes to the caller as it is
            job.failure = failed(failure)
        self._undo()

    def _commit(self, group: list[Job]) -> bool:
        """Run the group in one transaction; false when nothing of it is there."""
        try:
            connection = self._connected()
            connection.execute("BEGIN IMMEDIATE")
            for job in group:
                _run_in_savepoint(job, connection)
            if all(job.failure is not None for job in group):
                connection.execute("ROLLBACK")
                return False
            for hook in self._before_commit:
                hook()
            connection.execute("COMMIT")
        except BaseException as failure:  # noqa: BLE001 - every caller of the group gets it
            self._undo()
            for job in group:
                job.failure = job.failure or failed(failure)
            return False
        return True

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = open_writer(self.path)
        return self._connection

    def _undo(self) -> None:
        """End a failed transaction; if even that fails, the next group opens a new connection."""
        try:
            if self._connection is not None and self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            self._close()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _tell(self, group: list[Job], *, committed: bool) -> None:
        try:
            self._loop.call_soon_threadsafe(self._answered, group, committed)
        except RuntimeError:
            # The loop is closed: nobody waits any more.
            return

    def _answered(self, group: list[Job], committed: bool) -> None:
        answer(group)
        if committed:
            for hook in self._after_commit:
                # Not called here, so that one which fails does not silence the others.
                self._loop.call_soon(hook)


def _run_in_savepoint(job: Job, connection: sqlite3.Connection) -> None:
    """Run one body so that its failure undoes itself only.

    Raises:
        sqlite3.Error: the whole transaction is gone: a full or failing disk makes SQLite roll
            back by itself.
    """
    connection.execute("SAVEPOINT body")
    run_body(job, connection, _in_group)
    if not connection.in_transaction:
        # No body can end it: SQLite did, on a full or failing disk, and the body did not notice.
        raise job.failure or Unavailable("storage_failed", "the transaction was ended")
    if job.failure is not None:
        connection.execute("ROLLBACK TO body")
    connection.execute("RELEASE body")
