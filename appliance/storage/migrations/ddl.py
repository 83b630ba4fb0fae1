"""DDL from Piccolo's tables, in the subset that means the same on SQLite and PostgreSQL.

Piccolo's own DDL is not used: it writes Python defaults into the schema (a UUID made while the
migration ran; on SQLite the text 'None'), does not escape them, cuts text and numbers to sizes on
PostgreSQL only, and leaves the order of text to PostgreSQL's locale.
"""

from collections.abc import Sequence

from piccolo.columns import (
    JSON,
    UUID,
    BigInt,
    Boolean,
    Bytea,
    Column,
    Date,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from appliance.storage.engine.connections import Dialect
from appliance.storage.engine.shapes import (
    columns_of,
    has_constraints,
    is_key,
    is_null,
    is_unique,
    name_of,
    reference_of,
    table_of,
)

# Integers have 64 bits on both; "C" orders text by code point, as SQLite does.
_TYPES: dict[type[Column], dict[Dialect, str]] = {
    UUID: {"sqlite": "UUID", "postgres": "UUID"},
    Boolean: {"sqlite": "BOOLEAN", "postgres": "BOOLEAN"},
    Timestamptz: {"sqlite": "TIMESTAMPTZ", "postgres": "TIMESTAMPTZ"},
    Date: {"sqlite": "DATE", "postgres": "DATE"},
    Bytea: {"sqlite": "BLOB", "postgres": "BYTEA"},
    Integer: {"sqlite": "INTEGER", "postgres": "BIGINT"},
    BigInt: {"sqlite": "INTEGER", "postgres": "BIGINT"},
    SmallInt: {"sqlite": "INTEGER", "postgres": "BIGINT"},
    Varchar: {"sqlite": "TEXT", "postgres": 'TEXT COLLATE "C"'},
    Text: {"sqlite": "TEXT", "postgres": 'TEXT COLLATE "C"'},
    JSON: {"sqlite": "TEXT", "postgres": 'TEXT COLLATE "C"'},
}


def type_of(column: Column, dialect: Dialect) -> str:
    """Return the SQL type of a column.

    Raises:
        ValueError: the type does not mean the same on both databases (Numeric, Array, Serial…).
    """
    if reference := reference_of(column):
        return type_of(reference.column, dialect)
    for kind in type(column).__mro__:
        if kind in _TYPES:
            return _TYPES[kind][dialect]
    name = f"{name_of(table_of(column))}.{name_of(column)}"
    raise ValueError(f"{name}: {type(column).__name__} is not portable")


def column_ddl(column: Column, dialect: Dialect, default: str | int | bool | None = None) -> str:
    """Return a column's line of CREATE TABLE; `default` is for adding it to rows that exist."""
    words = [f'"{name_of(column)}" {type_of(column, dialect)}']
    if is_key(column):
        words.append("PRIMARY KEY")
    elif is_unique(column):
        words.append("UNIQUE")
    if not is_null(column):
        words.append("NOT NULL")
    if target := reference_of(column):
        words.append(f'REFERENCES "{target.table}" ("{name_of(target.column)}")')
        words.append(f"ON DELETE {target.on_delete}")
    if default is not None:
        words.append(f"DEFAULT {_literal(default, dialect)}")
    return " ".join(words)


def table_ddl(table: type[Table], dialect: Dialect, name: str | None = None) -> str:
    """Return CREATE TABLE for a table, under another `name` if given.

    Raises:
        ValueError: it declares constraints; unique ones over several columns are indexes here.
    """
    if has_constraints(table):
        raise ValueError(f"{name_of(table)}: use create_index(unique=True)")
    lines = ", ".join(column_ddl(column, dialect) for column in columns_of(table))
    return f'CREATE TABLE "{name or name_of(table)}" ({lines})'


def index_ddl(
    table: str, columns: Sequence[str], *, unique: bool, where: str | None, name: str | None
) -> str:
    """Return CREATE INDEX; the name is made of table and columns unless given."""
    name = name or "_".join((table, *columns))
    kind = "UNIQUE INDEX" if unique else "INDEX"
    listed = ", ".join(f'"{column}"' for column in columns)
    condition = f" WHERE {where}" if where else ""
    return f'CREATE {kind} IF NOT EXISTS "{name}" ON "{table}" ({listed}){condition}'


def _literal(value: str | int | bool, dialect: Dialect) -> str:
    if isinstance(value, bool):
        return str(value).upper() if dialect == "postgres" else str(int(value))
    if isinstance(value, int):
        return str(value)
    return "'" + value.replace("'", "''") + "'"
