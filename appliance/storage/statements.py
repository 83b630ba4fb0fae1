"""Statements for hot paths: constant SQL on the connection of the body that is running.

Piccolo builds a query anew each time (66-212 us, `docs/adr`); these cost a few microseconds. SQL
has `{}` where a value goes and must be the same text from call to call, or the databases' own
statement caches are of no use: never build it from values.
"""

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any

from piccolo.columns import Column, Serial
from piccolo.columns.defaults.base import Default
from piccolo.table import Table

from appliance.storage.engine.connections import Values, current
from appliance.storage.engine.placeholders import any_of, chunked, spread
from appliance.storage.engine.shapes import (
    column_of,
    columns_of,
    is_null,
    key_of,
    name_of,
    table_of,
)

__all__ = [
    "any_of",
    "bulk",
    "chunked",
    "execute",
    "fetch",
    "fetch_one",
    "fetch_value",
    "insert",
    "insert_many",
    "savepoint",
    "update_many",
    "update_row",
    "upsert",
]


async def fetch(sql: str, *args: Any) -> list[Values]:
    """Return all rows of a query; `IN {}` takes `any_of(values)`.

    SQLite knows the type of a plain column only. An id, time or truth that comes out of an
    expression is named with it: `SELECT max(created_at) AS "last [TIMESTAMPTZ]"`.
    """
    sql, flat = spread(sql, args)
    return await current().rows(sql, flat)


async def fetch_one(sql: str, *args: Any) -> Values | None:
    """Return the first row of a query, or None."""
    sql, flat = spread(sql, args)
    rows = await current().rows(sql, flat)
    return rows[0] if rows else None


async def fetch_value(sql: str, *args: Any) -> Any:
    """Return the first column of the first row, or None when there is no row."""
    row = await fetch_one(sql, *args)
    return None if row is None else row[0]


async def execute(sql: str, *args: Any) -> int:
    """Run a statement and return how many rows it inserted, changed or deleted."""
    sql, flat = spread(sql, args)
    return await current().count(sql, flat)


@asynccontextmanager
async def savepoint() -> AsyncGenerator[None]:
    """A part of the transaction that is undone alone when its block fails."""
    lease = current()
    await lease.script("SAVEPOINT part")
    try:
        yield
    except BaseException:
        await lease.script("ROLLBACK TO SAVEPOINT part")
        await lease.script("RELEASE SAVEPOINT part")
        raise
    await lease.script("RELEASE SAVEPOINT part")


async def insert(table: type[Table], **values: Any) -> None:
    """Insert one row; columns not given get the defaults of their Python declaration.

    Raises:
        ValueError: a column unknown to the table, or one without value or default.
    """
    plan = _insert_plan(table, tuple(values))
    await current().count(plan[0], plan[1](values))


async def insert_many(table: type[Table], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that all have the same keys, in one round to the database."""
    if not rows:
        return
    names = tuple(rows[0])
    sql, arguments = _insert_plan(table, names)
    await current().many(sql, [arguments(row) for row in rows])


async def upsert(table: type[Table], keys: Sequence[str], **values: Any) -> int:
    """Insert a row, or change the one that has the same `keys` (a unique index of exactly those).

    Columns not given keep what they have; where all given ones are keys nothing is changed.

    Returns:
        1 when a row was inserted or changed, 0 when it was there already.
    """
    plan = _upsert_plan(table, tuple(keys), tuple(values))
    return await current().count(plan[0], plan[1](values))


async def update_row(table: type[Table], row_id: Any, **values: Any) -> int:
    """Change columns of the row with this primary key; return 1, or 0 when there is none."""
    sql = _update_text(table, tuple(values))
    return await current().count(sql, (*values.values(), row_id))


async def update_many(
    table: type[Table], key: str, names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Change the same columns of many rows in one round: values of `names`, then the key's."""
    if not rows:
        return
    _known(table, (key, *names))
    changes = ",".join(f'"{name}"={{}}' for name in names)
    sql = f'UPDATE "{name_of(table)}" SET {changes} WHERE "{key}"={{}}'
    await current().many(sql, rows)


async def bulk(table: type[Table], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert many rows by the fastest way there is (executemany, COPY) and return how many.

    Values come in the order of `columns`; nothing is filled in. A few thousand rows per body,
    so that nobody waits long for the writer.
    """
    _known(table, columns)
    return await current().load(name_of(table), columns, rows)


Plan = tuple[str, Callable[[dict[str, Any]], tuple[Any, ...]]]


def _known(table: type[Table], names: Iterable[str]) -> None:
    for name in names:
        column_of(table, name)


def _quoted(names: Iterable[str]) -> str:
    return ",".join(f'"{name}"' for name in names)


@lru_cache(1024)
def _insert_plan(table: type[Table], names: tuple[str, ...]) -> Plan:
    """Return the text and a function that puts a row's values in its order."""
    _known(table, names)
    makers: list[Callable[[], Any]] = []
    filled: list[str] = []
    for column in columns_of(table):
        name = name_of(column)
        if name not in names and (maker := _default_of(column)) is not None:
            makers.append(maker)
            filled.append(name)
    every = (*names, *filled)
    marks = ",".join(["{}"] * len(every))
    target = f'"{name_of(table)}"'
    sql = f"INSERT INTO {target} ({_quoted(every)}) VALUES ({marks})"

    def arguments(values: dict[str, Any]) -> tuple[Any, ...]:
        if len(values) != len(names):
            raise ValueError("rows of one insert_many have different keys")
        return (*(values[name] for name in names), *(make() for make in makers))

    return sql, arguments


def _default_of(column: Column) -> Callable[[], Any] | None:
    """Say how to make the value of a column that was not given; None leaves it NULL."""
    if isinstance(column, Serial):
        return None
    default = getattr(column, "default", None)
    if isinstance(default, Default):
        return default.python
    if callable(default):
        return default
    if default is not None:
        return lambda: default
    if is_null(column):
        return None
    raise ValueError(f"{name_of(table_of(column))}.{name_of(column)} was not given")


@lru_cache(1024)
def _upsert_plan(table: type[Table], keys: tuple[str, ...], names: tuple[str, ...]) -> Plan:
    sql, arguments = _insert_plan(table, names)
    _known(table, keys)
    changes = ",".join(f'"{name}"=excluded."{name}"' for name in names if name not in keys)
    action = f"DO UPDATE SET {changes}" if changes else "DO NOTHING"
    return f"{sql} ON CONFLICT ({_quoted(keys)}) {action}", arguments


@lru_cache(1024)
def _update_text(table: type[Table], names: tuple[str, ...]) -> str:
    _known(table, names)
    changes = ",".join(f'"{name}"={{}}' for name in names)
    key = name_of(key_of(table))
    return f'UPDATE "{name_of(table)}" SET {changes} WHERE "{key}"={{}}'
