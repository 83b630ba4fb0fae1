"""What our libraries do that the engine leans on or guards against; an upgrade shows here first."""

import asyncio
import sqlite3
import subprocess
import sys
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from inspect import signature
from pathlib import Path

import piccolo.engine.sqlite as piccolo_sqlite
import pytest
from piccolo.columns import UUID, BigInt, ForeignKey, Numeric, Timestamptz, Varchar
from piccolo.columns.defaults.base import Default
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.engine.base import Engine
from piccolo.engine.sqlite import SQLiteEngine
from piccolo.querystring import QueryString
from piccolo.table import Table

from appliance.domain.ids import uuid7
from appliance.storage.engine import values
from appliance.storage.engine.rows import ENGINE, CurrentEngine


class OwnerRow(Table, tablename="owner", db=ENGINE):
    id = UUID(primary_key=True, default=uuid7)


class ThingRow(Table, tablename="thing", db=ENGINE):
    id = UUID(primary_key=True, default=uuid7)
    owner = ForeignKey(OwnerRow)
    number = BigInt(unique=True)
    at = Timestamptz()
    name = Varchar(null=True, default=None, index=True)


@pytest.fixture
def stock(tmp_path: Path) -> SQLiteEngine:
    return SQLiteEngine(path=str(tmp_path / "stock.sqlite"))


def test_piccolo_describes_tables_where_we_read_it():
    columns = {column._meta.db_column_name: column._meta for column in ThingRow._meta.columns}
    assert list(columns) == ["id", "owner", "number", "at", "name"]
    assert ThingRow._meta.tablename == "thing"
    assert ThingRow._meta.primary_key._meta.name == "id"
    assert [columns["number"].unique, columns["name"].index, columns["name"].null] == [True] * 3
    key = ThingRow.owner._foreign_key_meta
    assert key.resolved_references is OwnerRow
    assert key.resolved_target_column._meta.name == "id"
    assert (key.on_delete.value, columns["owner"].null) == ("CASCADE", True)
    assert ThingRow.number._meta.table is ThingRow


def test_piccolo_asks_its_engine_for_what_ours_answers():
    assert set(Engine.__abstractmethods__) == {
        "atomic", "batch", "get_version", "get_version_sync", "prep_database", "run_ddl",
        "run_querystring", "transaction",
    }  # fmt: skip
    assert not CurrentEngine.__abstractmethods__
    assert list(signature(Engine.run_querystring).parameters) == ["self", "querystring", "in_pool"]
    assert list(signature(Engine.run_ddl).parameters) == ["self", "ddl", "in_pool"]


def test_piccolo_compiles_braces_for_both_dialects():
    text = QueryString("a = {} AND b = {}", 1, QueryString("c + {}", 2))
    assert text.compile_string("sqlite") == ("a = ? AND b = c + ?", [1, 2])
    assert text.compile_string("postgres") == ("a = $1 AND b = c + $2", [1, 2])


def test_piccolo_keeps_a_columns_default_as_it_was_declared():
    assert ThingRow.id.default is uuid7
    assert isinstance(ThingRow.at.default, Default)
    assert isinstance(TimestamptzNow().python(), datetime)
    assert ThingRow.name.default is None


def test_piccolo_still_connects_when_an_engine_is_made():
    """Why ours does not call the constructor of `Engine`."""
    assert {"check_version", "prep_database"} <= set(Engine.__init__.__code__.co_names)


async def test_piccolos_own_inner_transaction_still_joins_the_outer(stock: SQLiteEngine):
    """Why bodies cannot be nested: the inner rows stay although the inner block failed."""

    class InnerRow(Table, tablename="inner_row", db=stock):
        number = BigInt()

    await InnerRow.create_table()

    async def fail_inside() -> None:
        async with stock.transaction():
            await InnerRow.insert(InnerRow(number=1))
            raise LookupError

    async with stock.transaction():
        with pytest.raises(LookupError):
            await fail_inside()
    assert await InnerRow.count() == 1


async def test_piccolo_still_stores_decimals_as_floats_on_sqlite(stock: SQLiteEngine):
    """Why money is an integer and `Numeric` is refused in DDL."""

    class MoneyRow(Table, tablename="money", db=stock):
        amount = Numeric()

    await MoneyRow.create_table()
    exact = Decimal("123456789012345.77")
    await MoneyRow.insert(MoneyRow(amount=exact))
    assert await MoneyRow.select(MoneyRow.amount) != [{"amount": exact}]


def test_importing_piccolo_replaces_the_processes_converters_once():
    """Why ours are installed when the database starts, over its own."""
    assert piccolo_sqlite.CONVERTERS["INTEGER"](b"7") == 7
    values.install()
    assert "INTEGER" not in sqlite3.converters
    assert sqlite3.converters["UUID"] is values.id_out
    with sqlite3.connect(":memory:", detect_types=sqlite3.PARSE_DECLTYPES) as raw:
        raw.execute("CREATE TABLE t (id UUID, n INTEGER, ok BOOLEAN, at TIMESTAMPTZ)")
        row = (uuid7(), 2**60, True, datetime(2026, 1, 1, tzinfo=UTC))
        raw.execute("INSERT INTO t VALUES (?, ?, ?, ?)", row)
        assert raw.execute("SELECT * FROM t").fetchall() == [row]
        stored = raw.execute("SELECT typeof(id), length(id), at || '' FROM t").fetchone()
    assert stored == ("blob", 16, "2026-01-01T00:00:00.000000+00:00")


def test_ids_are_read_as_real_uuids():
    """`id_out` goes round the constructor: what it makes must be the same thing."""
    made = uuid7()
    read = values.id_out(made.bytes)
    assert type(read) is uuid.UUID
    assert (read, hash(read), str(read), read.is_safe) == (
        made,
        hash(made),
        str(made),
        made.is_safe,
    )
    with pytest.raises(ValueError, match="15 bytes"):
        values.id_out(bytes(15))


def test_a_time_without_a_zone_never_reaches_the_file():
    values.install()
    with sqlite3.connect(":memory:") as raw, pytest.raises(ValueError, match="without a zone"):
        raw.execute("SELECT ?", (datetime(2026, 1, 1),))  # noqa: DTZ001 - what must be refused


def test_sqlite_still_locks_out_a_reader_that_becomes_a_writer(tmp_path: Path):
    """Why the writer says BEGIN IMMEDIATE: a deferred one fails at once, whatever the timeout."""
    first, second = (
        sqlite3.connect(tmp_path / "main.db", isolation_level=None, timeout=30) for _ in range(2)
    )
    first.execute("PRAGMA journal_mode = WAL")
    first.execute("CREATE TABLE t (n)")
    first.execute("BEGIN")
    first.execute("SELECT * FROM t").fetchall()
    second.execute("INSERT INTO t VALUES (1)")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        first.execute("INSERT INTO t VALUES (2)")
    first.close()
    second.close()


async def test_a_future_that_was_cancelled_takes_no_result():
    """Why the writer's answers look before they speak."""
    future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    future.cancel()
    with pytest.raises(asyncio.InvalidStateError):
        future.set_result(1)


def test_the_doors_load_no_pydantic():
    """Litestar brings plugins for libraries that merely lie about; they cost a third of a second.

    Asked in a process of its own: the tools of the tests load pydantic themselves.
    """
    asked = (
        "import sys\n"
        "from appliance.http.app import Parts, make_app\n"
        "make_app('staff', Parts(handlers=[], is_sealed=lambda: False))\n"
        "print(sorted({'pydantic', 'attrs'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
