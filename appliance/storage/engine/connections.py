"""The connection a body runs on: found through a ContextVar, valid only while the body runs."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

Values = tuple[Any, ...]
Dialect = Literal["sqlite", "postgres"]


class Lease(ABC):
    """One body's right to use one connection; closed when the body ends.

    SQL has `{}` placeholders. A task or closure that outlives its body finds its lease closed
    and fails, instead of writing into somebody else's transaction.

    Attributes:
        open: false once the body has ended.
        dialect: which SQL the connection speaks.
    """

    __slots__ = ("open",)
    dialect: Dialect

    def __init__(self) -> None:
        self.open = True

    @abstractmethod
    async def rows(self, sql: str, args: Sequence[Any]) -> list[Values]:
        """Run one statement and return all its rows as tuples."""

    @abstractmethod
    async def dicts(self, sql: str, args: Sequence[Any]) -> list[dict[str, Any]]:
        """Run one statement, already in the dialect's own placeholders, for Piccolo."""

    @abstractmethod
    async def count(self, sql: str, args: Sequence[Any]) -> int:
        """Run one statement and return how many rows it changed."""

    @abstractmethod
    async def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for every row of arguments."""

    @abstractmethod
    async def load(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        """Insert many rows by the fastest way the database has; return how many."""

    @abstractmethod
    async def script(self, sql: str) -> None:
        """Run one statement without arguments as it stands (DDL); braces are not placeholders."""


_CURRENT: ContextVar[Lease | None] = ContextVar("database_lease", default=None)


def current() -> Lease:
    """Return the lease of the body that is running.

    Raises:
        RuntimeError: no body of `Database.write`, `read` or `slow_read` is running here.
    """
    lease = _CURRENT.get()
    if lease is None or not lease.open:
        raise RuntimeError("a statement ran outside Database.write, read or slow_read")
    return lease


def refuse_nesting() -> None:
    """Refuse a body inside a body: the inner one would commit or wait on its own.

    Raises:
        RuntimeError: a body is running here already.
    """
    lease = _CURRENT.get()
    if lease is not None and lease.open:
        raise RuntimeError("Database.write, read and slow_read cannot be nested")


@contextmanager
def leased(lease: Lease) -> Generator[None]:
    """Make `lease` the current one for the block, and close it afterwards."""
    token = _CURRENT.set(lease)
    try:
        yield
    finally:
        lease.open = False
        _CURRENT.reset(token)
