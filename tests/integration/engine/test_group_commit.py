import asyncio
import sqlite3
import threading
from contextvars import ContextVar
from pathlib import Path

import pytest

from appliance.domain.ids import uuid7
from appliance.errors import Unavailable
from appliance.storage.engine.database import Database
from appliance.storage.engine.failures import RowExists
from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.statements import execute, fetch_value, insert
from tests.integration.engine.conftest import make_tables
from tests.integration.engine.tables import BookRow, ShelfRow


async def count_shelves() -> int:
    return await fetch_value("SELECT count(*) FROM shelf")


def log_size(database: SqliteDatabase) -> int:
    return Path(f"{database.path}-wal").stat().st_size


def add_shelf(number: int):
    async def body() -> int:
        await insert(ShelfRow, id=uuid7(), number=number, label=f"shelf {number}")
        return number

    return body


class Gate:
    """Holds the writer's thread inside a body until opened, so that a group gathers behind it."""

    def __init__(self, database: Database) -> None:
        self.entered = threading.Event()
        self.opened = threading.Event()
        self.task = asyncio.ensure_future(database.write(self.body))

    async def body(self) -> None:
        self.entered.set()
        assert self.opened.wait(10)


async def held(database: Database) -> Gate:
    gate = Gate(database)
    await asyncio.to_thread(gate.entered.wait, 10)
    return gate


async def test_bodies_that_wait_together_share_one_commit(file_database: SqliteDatabase):
    commits: list[int] = []
    file_database.before_commit(lambda: commits.append(threading.get_ident()))
    gate = await held(file_database)
    waiting = [asyncio.ensure_future(file_database.write(add_shelf(n))) for n in range(30)]
    await asyncio.sleep(0)
    gate.opened.set()
    assert await asyncio.gather(*waiting) == list(range(30))
    assert len(commits) == 2
    assert threading.get_ident() not in commits
    assert await file_database.read(count_shelves) == 30


async def test_a_failing_body_leaves_its_neighbours_committed(file_database: SqliteDatabase):
    async def fails_half_way() -> None:
        await insert(ShelfRow, number=100, label="never")
        raise LookupError("on purpose")

    gate = await held(file_database)
    bodies = [add_shelf(1), fails_half_way, add_shelf(2), add_shelf(1), add_shelf(3)]
    waiting = [asyncio.ensure_future(file_database.write(body)) for body in bodies]
    await asyncio.sleep(0)
    gate.opened.set()
    first, broken, second, double, third = await asyncio.gather(*waiting, return_exceptions=True)
    assert (first, second, third) == (1, 2, 3)
    assert isinstance(broken, LookupError)
    assert isinstance(double, RowExists)
    assert await file_database.read(count_shelves) == 3


async def test_a_body_that_suspends_is_refused_and_undone(file_database: SqliteDatabase):
    async def waits() -> None:
        await insert(ShelfRow, number=1, label="never")
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="action suspended"):
        await file_database.write(waits)
    with pytest.raises(RuntimeError, match="action suspended"):
        await file_database.read(lambda: asyncio.sleep(0))
    assert await file_database.read(count_shelves) == 0


async def test_a_caller_that_stops_waiting_does_not_stop_a_write_that_was_taken(
    file_database: SqliteDatabase,
):
    gate = await held(file_database)
    gate.task.cancel()
    waiting = asyncio.ensure_future(file_database.write(add_shelf(1)))
    await asyncio.sleep(0)
    gate.opened.set()
    assert await waiting == 1
    assert gate.task.cancelled()


async def test_a_write_cancelled_before_it_was_taken_does_not_happen(file_database: SqliteDatabase):
    gate = await held(file_database)
    waiting = asyncio.ensure_future(file_database.write(add_shelf(1)))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.sleep(0)
    gate.opened.set()
    await gate.task
    assert await file_database.write(count_shelves) == 0


async def test_a_full_disk_refuses_the_whole_group_and_the_next_one_succeeds(
    file_database: SqliteDatabase,
):
    def limit(pages: int | None):
        def set_limit(connection: sqlite3.Connection) -> None:
            now = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages or now}")

        return set_limit

    async def add_much() -> None:
        await insert(BookRow, number=1, cover=bytes(1_000_000))

    await file_database.with_connection(limit(None))
    with pytest.raises(Unavailable) as refused:
        await file_database.write(add_much)
    assert refused.value.code == "disk_full"
    await file_database.with_connection(limit(1_000_000))
    await file_database.write(add_much)
    assert await file_database.write(add_shelf(7)) == 7


async def test_a_commit_that_fails_fails_everybody_in_it(file_database: SqliteDatabase):
    def refuse() -> None:
        raise sqlite3.OperationalError("on purpose")

    file_database.before_commit(refuse)
    gate = await held(file_database)
    waiting = [asyncio.ensure_future(file_database.write(add_shelf(n))) for n in range(3)]
    await asyncio.sleep(0)
    gate.opened.set()
    outcomes = await asyncio.gather(gate.task, *waiting, return_exceptions=True)
    assert all(isinstance(outcome, sqlite3.OperationalError) for outcome in outcomes)
    assert await file_database.read(count_shelves) == 0


async def test_hooks_after_the_commit_run_on_the_loop_and_only_for_commits(
    file_database: SqliteDatabase,
):
    seen: list[int] = []
    file_database.after_commit(lambda: seen.append(threading.get_ident()))

    async def fails() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await file_database.write(fails)
    await file_database.write(add_shelf(1))
    await asyncio.sleep(0)
    assert seen == [threading.get_ident()]


async def test_a_body_sees_its_callers_context_and_keeps_its_own_changes(
    file_database: SqliteDatabase,
):
    variable: ContextVar[str] = ContextVar("variable", default="unset")
    variable.set("caller")

    async def body() -> str:
        seen = variable.get()
        variable.set("body")
        return seen

    assert await file_database.write(body) == "caller"
    assert variable.get() == "caller"


async def test_what_was_handed_over_is_written_before_the_database_stops(tmp_path: Path):
    database = SqliteDatabase(tmp_path / "main.db")
    await database.start()
    await database.alter(make_tables)
    waiting = [asyncio.ensure_future(database.write(add_shelf(n))) for n in range(200)]
    await asyncio.sleep(0)
    await database.stop()
    assert await asyncio.gather(*waiting) == list(range(200))
    with sqlite3.connect(tmp_path / "main.db") as raw:
        assert raw.execute("SELECT count(*) FROM shelf").fetchone() == (200,)


async def test_no_read_is_left_open_so_a_checkpoint_empties_the_log(
    file_database: SqliteDatabase,
):
    await file_database.write(add_shelf(1))

    async def fails() -> None:
        await fetch_value("SELECT count(*) FROM shelf")
        raise LookupError

    for read in (file_database.read, file_database.slow_read):
        with pytest.raises(LookupError):
            await read(fails)
    assert await file_database.checkpoint()
    assert log_size(file_database) == 0


async def test_the_connection_is_set_up_for_safety(file_database: SqliteDatabase):
    def settings(connection: sqlite3.Connection) -> dict[str, object]:
        names = ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "trusted_schema")
        return {n: connection.execute(f"PRAGMA {n}").fetchone()[0] for n in names}

    assert await file_database.with_connection(settings) == {
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "foreign_keys": 1,
        "trusted_schema": 0,
    }
    assert file_database.path.stat().st_mode & 0o777 == 0o600
    assert await file_database.write(lambda: execute("DELETE FROM shelf")) == 0


async def test_a_reader_goes_on_after_a_disk_error_that_ended_its_transaction(
    file_database: SqliteDatabase,
) -> None:
    async def hurt() -> None:
        await execute("ROLLBACK")  # what SQLite does by itself when the disk fails under it
        failure = sqlite3.OperationalError("disk I/O error")
        failure.sqlite_errorcode = sqlite3.SQLITE_IOERR
        raise failure

    for read in (file_database.read, file_database.slow_read):
        with pytest.raises(Unavailable) as told:
            await read(hurt)
        assert told.value.code == "storage_failed"
        assert await read(count_shelves) == 0
