"""What is used of asyncpg, with types: it has none of its own."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Protocol, cast

import asyncpg

_KEPT_STATEMENTS = 1024
MOST_CONNECTIONS = 10
_ANSWER_SECONDS = 60
_CONNECTION_SECONDS = 10

# What the driver raises; `postgres_failures.told` makes the house's errors of them.
FAILURES = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    ConnectionError,
    TimeoutError,
)
# What a connection says at its first word when the server has left it meanwhile. The driver calls
# a farewell that it has read half of an internal error.
LEFT = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    ConnectionError,
)
REPEATABLE = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
WROTE_WHILE_READING = asyncpg.ReadOnlySQLTransactionError


class Wire(Protocol):
    """An asyncpg connection."""

    async def fetch(self, query: str, *args: Any) -> list[Any]: ...
    async def execute(self, query: str, *args: Any) -> str: ...
    async def executemany(self, command: str, args: Iterable[Sequence[Any]]) -> None: ...
    async def copy_records_to_table(
        self, table_name: str, *, records: Iterable[Sequence[Any]], columns: Sequence[str]
    ) -> str: ...
    async def set_type_codec(
        self,
        typename: str,
        *,
        schema: str,
        encoder: Callable[[Any], Any],
        decoder: Callable[[Any], Any],
        format: str,  # noqa: A002 - asyncpg's name
    ) -> None: ...
    def is_in_transaction(self) -> bool: ...
    def terminate(self) -> None: ...
    async def close(self) -> None: ...


class Pool(Protocol):
    """An asyncpg pool."""

    async def acquire(self, *, timeout: float | None = None) -> Wire: ...  # noqa: ASYNC109 - asyncpg's
    async def release(self, connection: Wire) -> None: ...
    async def close(self) -> None: ...
    async def expire_connections(self) -> None: ...


async def connect(dsn: str) -> Wire:
    """Open a connection whose statements may take as long as they need."""
    return cast("Wire", await asyncpg.connect(dsn, timeout=_CONNECTION_SECONDS))


async def create_pool(dsn: str, set_up: Callable[[Wire], Awaitable[None]]) -> Pool:
    """Open a pool; `set_up` prepares each new connection. A statement gets 60 seconds."""
    pool = await asyncpg.create_pool(
        dsn,
        min_size=2,
        max_size=MOST_CONNECTIONS,
        init=set_up,
        reset=_leave_as_is,
        statement_cache_size=_KEPT_STATEMENTS,
        max_cached_statement_lifetime=0,
        command_timeout=_ANSWER_SECONDS,
        timeout=_CONNECTION_SECONDS,
    )
    return cast("Pool", cast("object", pool))


async def _leave_as_is(wire: Wire) -> None:
    """Spare the round trip of RESET ALL: bodies leave nothing behind but their transaction."""
