"""PostgreSQL: bodies on the loop, each on a pooled connection in its own transaction.

Writing bodies run one after another, as they do on SQLite: nearly all of them draw a number from
the same counter row, so side by side they would only undo each other. `SERIALIZABLE` stays for
what another program does to the database meanwhile.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import Any, TypeVar

from appliance.errors import Unavailable
from appliance.storage.engine.connections import (
    Dialect,
    Lease,
    Values,
    leased,
    refuse_nesting,
)
from appliance.storage.engine.database import Database, Hook
from appliance.storage.engine.drive import Body
from appliance.storage.engine.placeholders import numbered
from appliance.storage.engine.postgres_failures import told
from appliance.storage.engine.values import id_in, id_out
from appliance.storage.engine.wire import (
    FAILURES,
    LEFT,
    MOST_CONNECTIONS,
    REPEATABLE,
    WROTE_WHILE_READING,
    Pool,
    Wire,
    connect,
    create_pool,
)

R = TypeVar("R")
_MOST_TRIES = 5
_WAIT_SECONDS = 10.0
_WRITE = "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE"
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


def plain(args: Sequence[Any]) -> Sequence[Any]:
    """Values without the sign NUL in texts: this server keeps no text with one, SQLite does."""
    for one in args:
        if type(one) is str and "\0" in one:
            return [v.replace("\0", "") if type(v) is str else v for v in args]
    return args


class PostgresLease(Lease):
    """A lease on a pooled connection."""

    __slots__ = ("raw",)
    dialect: Dialect = "postgres"

    def __init__(self, raw: Wire) -> None:
        super().__init__()
        self.raw = raw

    async def rows(self, sql: str, args: Sequence[Any]) -> list[Values]:
        return [tuple(record) for record in await self.raw.fetch(numbered(sql), *plain(args))]

    async def dicts(self, sql: str, args: Sequence[Any]) -> list[dict[str, Any]]:
        return [dict(record) for record in await self.raw.fetch(sql, *plain(args))]

    async def count(self, sql: str, args: Sequence[Any]) -> int:
        # The server answers "INSERT 0 1", "UPDATE 3".
        return int((await self.raw.execute(numbered(sql), *plain(args))).rpartition(" ")[2])

    async def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        await self.raw.executemany(numbered(sql), [plain(row) for row in rows])

    async def load(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        status = await self.raw.copy_records_to_table(
            table, records=[plain(row) for row in rows], columns=list(columns)
        )
        return int(status.rpartition(" ")[2])

    async def script(self, sql: str) -> None:
        await self.raw.execute(sql)


class PostgresDatabase(Database):
    """A database on a PostgreSQL server, 13 or newer.

    Args:
        dsn: `postgresql://user:password@host:port/database`; a Unix socket is `?host=/folder`.
    """

    dialect: Dialect = "postgres"

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._before_commit: list[Hook] = []
        self._after_commit: list[Hook] = []
        self._pool: Pool | None = None
        self._lane = asyncio.Lock()
        self._writing: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        try:
            self._pool = await create_pool(self._dsn, _set_up)
        except (*FAILURES, OSError) as failure:
            raise _unreachable(failure) from None

    async def stop(self) -> None:
        await asyncio.gather(*self._writing, return_exceptions=True)
        if self._pool is not None:
            pool, self._pool = self._pool, None
            await pool.close()

    async def write(self, body: Body[R]) -> R:
        refuse_nesting()
        # A task of its own, so that a caller which is cancelled does not cancel it.
        task = asyncio.get_running_loop().create_task(self._write(body))
        self._writing.add(task)
        task.add_done_callback(self._written)
        return await asyncio.shield(task)

    async def read(self, body: Body[R]) -> R:
        refuse_nesting()
        try:
            return await self._on_connection(_READ, lambda raw: _in_transaction(raw, body))
        except WROTE_WHILE_READING:
            raise RuntimeError("a reading body wrote") from None
        except FAILURES as failure:
            raise told(failure) from None

    async def slow_read(self, body: Body[R]) -> R:
        return await self.read(body)

    async def alter(self, body: Body[R]) -> R:
        refuse_nesting()
        pool = self._started()
        async with self._lane:
            try:
                # Not from the pool: a change of a large table takes longer than an answer may.
                raw = await connect(self._dsn)
                try:
                    await _set_up(raw)
                    await raw.execute("BEGIN")
                    return await _in_transaction(raw, body)
                finally:
                    await raw.close()
                    # What the others have prepared may not fit the new schema.
                    await pool.expire_connections()
            except FAILURES as failure:
                raise told(failure) from None

    def before_commit(self, hook: Hook) -> None:
        self._before_commit.append(hook)

    def after_commit(self, hook: Hook) -> None:
        self._after_commit.append(hook)

    def _started(self) -> Pool:
        if self._pool is None:
            raise RuntimeError("the database is not started")
        return self._pool

    async def _on_connection(self, begin: str, use: Callable[[Wire], Awaitable[R]]) -> R:
        pool = self._started()
        raw = await self._begun(pool, begin)
        try:
            return await use(raw)
        finally:
            await pool.release(raw)

    async def _begun(self, pool: Pool, begin: str) -> Wire:
        """A connection in a transaction; one that the server has left gives way to another."""
        for tries in range(MOST_CONNECTIONS + 1):
            try:
                raw = await pool.acquire(timeout=_WAIT_SECONDS)
            except TimeoutError:
                raise Unavailable("storage_busy", "no free connection") from None
            try:
                await raw.execute(begin)
            except BaseException as failure:
                raw.terminate()
                await pool.release(raw)
                if not isinstance(failure, LEFT) or tries == MOST_CONNECTIONS:
                    raise
            else:
                return raw
        raise AssertionError("unreachable")

    async def _write(self, body: Body[R]) -> R:
        async with self._lane:
            for tries in range(1, _MOST_TRIES + 1):
                try:
                    result = await self._on_connection(
                        _WRITE, lambda raw: _in_transaction(raw, body, self._before_commit)
                    )
                except REPEATABLE as failure:
                    if tries == _MOST_TRIES:
                        raise told(failure) from None
                    continue
                except FAILURES as failure:
                    raise told(failure) from None
                for hook in self._after_commit:
                    asyncio.get_running_loop().call_soon(hook)
                return result
        raise AssertionError("unreachable")

    def _written(self, task: "asyncio.Task[Any]") -> None:
        self._writing.discard(task)
        if not task.cancelled():
            # Its caller may be gone; asyncio complains of failures that nobody looked at.
            task.exception()


def _unreachable(failure: BaseException) -> BaseException:
    if isinstance(failure, OSError):
        return Unavailable("storage_lost", type(failure).__name__)
    return told(failure)


async def _set_up(raw: Wire) -> None:
    """Make values what they are on SQLite.

    Ids are plain `uuid.UUID`: asyncpg's own subclass is not known to msgspec. No column is
    numeric, but sums and averages of integers are.
    """
    await raw.set_type_codec(
        "uuid", encoder=id_in, decoder=id_out, schema="pg_catalog", format="binary"
    )
    await raw.set_type_codec(
        "numeric", encoder=str, decoder=_number_out, schema="pg_catalog", format="text"
    )


def _number_out(text: str) -> int | float:
    return float(text) if "." in text else int(text)


async def _in_transaction(
    raw: Wire,
    body: Callable[[], Coroutine[Any, Any, R]],
    before_commit: Sequence[Hook] = (),
) -> R:
    """Run `body` and COMMIT what was begun; a connection that cannot roll back is thrown away."""
    try:
        with leased(PostgresLease(raw)):
            result = await body()
        for hook in before_commit:
            hook()
        await raw.execute("COMMIT")
    except BaseException:
        await _roll_back(raw)
        raise
    return result


async def _roll_back(raw: Wire) -> None:
    try:
        if raw.is_in_transaction():
            await raw.execute("ROLLBACK")
    except BaseException:  # noqa: BLE001 - what led here is told instead
        raw.terminate()
