"""What a table looks like, read from Piccolo's `_meta`: the one place that looks into it."""

# pyright: reportPrivateUsage=false
# Piccolo's classes describe themselves in `_meta` and `_foreign_key_meta` and offer no other way;
# tests/house/test_traps.py holds what is used here.

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, cast

from piccolo.columns import Column, ForeignKey
from piccolo.engine.base import Engine
from piccolo.table import Table


class Reference(NamedTuple):
    """Where a foreign key points: `on_delete` is SQL (RESTRICT, CASCADE, SET NULL…)."""

    table: str
    column: Column
    on_delete: str


def name_of(shape: type[Table] | Column) -> str:
    """Return the name of a table, or of a column, in the database."""
    if isinstance(shape, Column):
        return str(shape._meta.db_column_name)
    return shape._meta.tablename


def columns_of(table: type[Table]) -> Sequence[Column]:
    """Return the columns in the order of their declaration."""
    return table._meta.columns


def column_of(table: type[Table], name: str) -> Column:
    """Return one column.

    Raises:
        ValueError: the table has none of that name.
    """
    for column in table._meta.columns:
        if name_of(column) == name:
            return column
    raise ValueError(f"{table._meta.tablename} has no column {name}")


def key_of(table: type[Table]) -> Column:
    """Return the primary key."""
    return table._meta.primary_key


def table_of(column: Column) -> type[Table]:
    """Return the table a column belongs to."""
    return column._meta.table


def is_key(column: Column) -> bool:
    """Say whether a column is the primary key."""
    return bool(column._meta.primary_key)


def is_null(column: Column) -> bool:
    """Say whether a column may be NULL."""
    return bool(column._meta.null)


def is_unique(column: Column) -> bool:
    """Say whether a column is declared unique."""
    return bool(column._meta.unique)


def is_indexed(column: Column) -> bool:
    """Say whether a column is declared with an index of its own."""
    return bool(column._meta.index) and not column._meta.primary_key


def reference_of(column: Column) -> Reference | None:
    """Return where a column points, or None if it is no foreign key."""
    if not isinstance(column, ForeignKey):
        return None
    # Any: the kind of table it points to is open in Piccolo's own types.
    key = cast("Any", column)._foreign_key_meta
    target = cast("type[Table]", key.resolved_references)
    return Reference(name_of(target), key.resolved_target_column, str(key.on_delete.value))


def has_constraints(table: type[Table]) -> bool:
    """Say whether a table declares constraints over several columns."""
    return bool(table._meta.constraints)


def bind(tables: Iterable[type[Table]], engine: Engine[Any]) -> None:
    """Make `engine` run the queries of these tables."""
    for table in tables:
        table._meta.db = engine
