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
    ForeignKey,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from appliance.storage.engine.connections import Dialect

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
    if isinstance(column, ForeignKey):
        return type_of(column._foreign_key_meta.resolved_target_column, dialect)
    for kind in type(column).__mro__:
        if kind in _TYPES:
            return _TYPES[kind][dialect]
    name = f"{column._meta.table._meta.tablename}.{column._meta.name}"
    raise ValueError(f"{name}: {type(column).__name__} is not portable")


def column_ddl(column: Column, dialect: Dialect, default: str | int | bool | None = None) -> str:
    """Return a column's line of CREATE TABLE; `default` is for adding it to rows that exist."""
    meta = column._meta
    words = [f'"{meta.name}" {type_of(column, dialect)}']
    if meta.primary_key:
        words.append("PRIMARY KEY")
    elif meta.unique:
        words.append("UNIQUE")
    if not meta.null:
        words.append("NOT NULL")
    if isinstance(column, ForeignKey):
        key = column._foreign_key_meta
        target = f'"{key.resolved_references._meta.tablename}"'
        words.append(f'REFERENCES {target} ("{key.resolved_target_column._meta.name}")')
        words.append(f"ON DELETE {key.on_delete.value}")
    if default is not None:
        words.append(f"DEFAULT {_literal(default, dialect)}")
    return " ".join(words)


def table_ddl(table: type[Table], dialect: Dialect, name: str | None = None) -> str:
    """Return CREATE TABLE for a table, under another `name` if given.

    Raises:
        ValueError: it declares constraints; unique ones over several columns are indexes here.
    """
    if table._meta.constraints:
        raise ValueError(f"{table._meta.tablename}: use create_index(unique=True)")
    lines = ", ".join(column_ddl(column, dialect) for column in table._meta.columns)
    return f'CREATE TABLE "{name or table._meta.tablename}" ({lines})'


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
