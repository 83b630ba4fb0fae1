import sqlite3
from pathlib import Path

import pytest

from appliance.domain.ids import uuid7
from appliance.errors import Unavailable
from appliance.storage.engine import Database
from appliance.storage.engine.failures import RowExists
from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.ddl import table_ddl
from appliance.storage.migrations.operations import Migration
from appliance.storage.migrations.runner import (
    Source,
    known_steps,
    migrate,
    pending,
    require_current,
)
from appliance.storage.statements import execute, fetch, insert
from tests.integration.engine.tables import BookRow, ShelfRow

FIRST = [Source("house", "tests.integration.engine.steps")]
LATER = [Source("house", "tests.integration.engine.later_steps")]


async def add_shelf_with_book() -> None:
    shelf = uuid7()
    await insert(ShelfRow, id=shelf, number=4, label="four")
    await insert(BookRow, number=1, shelf=shelf)


def columns_of(table: str):
    async def body() -> list[str]:
        return await Migration().columns(table)

    return body


def copies(folder: Path) -> list[Path]:
    return list(folder.glob("*.before-*"))


async def shelves() -> list[tuple[object, ...]]:
    return await fetch("SELECT number, room, width FROM shelf")


async def test_migrations_run_in_order_and_once(empty_database: Database):
    done = await migrate(empty_database, LATER)
    assert [step.name for step in done] == ["0001_first", "0002_widen", "0003_narrow"]
    assert await migrate(empty_database, LATER) == []
    await require_current(empty_database, LATER)

    async def marks() -> list[tuple[object, ...]]:
        return await fetch("SELECT module, number, name FROM schema_migration ORDER BY number")

    assert await empty_database.read(marks) == [
        ("house", 1, "0001_first"),
        ("house", 2, "0002_widen"),
        ("house", 3, "0003_narrow"),
    ]


async def test_rows_survive_the_way_to_a_later_schema(empty_database: Database):
    await migrate(empty_database, FIRST)
    await empty_database.write(add_shelf_with_book)
    await migrate(empty_database, LATER)
    assert await empty_database.read(shelves) == [(4, "it's the hall", 40)]
    assert await empty_database.read(columns_of("shelf")) == ["id", "number", "room", "width"]

    async def joined() -> list[tuple[object, ...]]:
        return await fetch("SELECT b.number FROM book b JOIN shelf s ON s.id = b.shelf")

    assert await empty_database.read(joined) == [(1,)]

    async def second_with_the_same_number() -> None:
        await execute(
            "INSERT INTO shelf (id, number, room) VALUES ({}, {}, {})", uuid7(), 4, "cellar"
        )

    with pytest.raises(RowExists):
        await empty_database.write(second_with_the_same_number)


async def test_indexes_and_triggers_survive_a_rebuild(empty_database: Database):
    await migrate(empty_database, LATER)
    if not isinstance(empty_database, SqliteDatabase):
        return_names = "SELECT indexname FROM pg_indexes WHERE tablename = 'shelf'"
        expected = {"shelf_pkey", "shelf_number_key", "shelf_room"}
    else:
        return_names = "SELECT name FROM sqlite_schema WHERE tbl_name = 'shelf' AND sql IS NOT NULL"
        expected = {"shelf", "shelf_room", "note"}

    async def names() -> set[object]:
        return {row[0] for row in await fetch(return_names)}

    assert await empty_database.read(names) == expected


async def test_a_partial_unique_index_holds_only_for_its_rows(empty_database: Database):
    await migrate(empty_database, FIRST)

    async def loose_books() -> None:
        await insert(BookRow, number=1)
        await insert(BookRow, number=1)

    await empty_database.write(loose_books)

    async def twice_on_one_shelf() -> None:
        shelf = uuid7()
        await insert(ShelfRow, id=shelf, number=1, label="one")
        await insert(BookRow, number=1, shelf=shelf)
        await insert(BookRow, number=1, shelf=shelf)

    with pytest.raises(RowExists):
        await empty_database.write(twice_on_one_shelf)


async def test_an_older_schema_is_refused_until_it_is_migrated(empty_database: Database):
    with pytest.raises(Unavailable) as empty:
        await require_current(empty_database, FIRST)
    await migrate(empty_database, FIRST)
    with pytest.raises(Unavailable) as old:
        await require_current(empty_database, LATER)
    assert (empty.value.code, old.value.code) == ("schema_older", "schema_older")
    assert old.value.params["number"] == 2
    assert [step.number for step in await pending(empty_database, LATER)] == [2, 3]


async def test_a_newer_schema_is_refused_and_left_alone(empty_database: Database):
    await migrate(empty_database, LATER)
    for refuse in (migrate, require_current):
        with pytest.raises(Unavailable) as newer:
            await refuse(empty_database, FIRST)
        assert (newer.value.code, newer.value.params["number"]) == ("schema_newer", 3)


async def test_a_migration_that_fails_leaves_nothing_behind(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch
):
    async def fails(self: Migration, table: type[ShelfRow]) -> None:
        await execute("UPDATE shelf SET width = 0")
        raise LookupError

    await migrate(empty_database, FIRST)
    await empty_database.write(add_shelf_with_book)
    monkeypatch.setattr(Migration, "rebuild", fails)
    with pytest.raises(LookupError):
        await migrate(empty_database, LATER)
    assert await empty_database.read(shelves) == [(4, "it's the hall", 40)]
    monkeypatch.undo()
    assert [step.number for step in await migrate(empty_database, LATER)] == [3]


async def test_a_plugin_has_a_history_of_its_own(empty_database: Database):
    sources = [*LATER, Source("plugin:shelves", "tests.integration.engine.steps")]
    assert len(await migrate(empty_database, sources)) == 4
    # Without its plugin the house still starts.
    await require_current(empty_database, LATER)


async def test_a_file_that_holds_data_is_copied_before_it_is_changed(tmp_path: Path):
    database = SqliteDatabase(tmp_path / "main.db")
    await database.start()
    try:
        await migrate(database, FIRST)
        assert copies(tmp_path) == []
        await database.write(add_shelf_with_book)
        await migrate(database, LATER)
    finally:
        await database.stop()
    (copy,) = copies(tmp_path)
    assert copy.name == "main.before-0002.db"
    assert copy.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(copy) as old:
        assert old.execute("SELECT number, label FROM shelf").fetchall() == [(4, "four")]
        assert old.execute("SELECT max(number) FROM schema_migration").fetchone() == (1,)


async def test_a_rebuild_that_orphans_a_row_is_refused(file_database: SqliteDatabase):
    await file_database.write(add_shelf_with_book)
    with pytest.raises(RuntimeError, match="foreign keys broken in \\['book'\\]"):
        await file_database.alter(lambda: execute("DELETE FROM shelf"))
    assert await file_database.write(lambda: execute("UPDATE shelf SET number = 5")) == 1


def test_the_ddl_carries_no_defaults_and_no_sizes_that_only_one_database_would_hold():
    book = (
        '"shelf" {uuid} REFERENCES "shelf" ("id") ON DELETE RESTRICT, "number" {integer} NOT NULL,'
        ' "bought_at" TIMESTAMPTZ NOT NULL, "bought_on" DATE, "lent" BOOLEAN NOT NULL,'
        ' "cover" {blob}, "title" {text} NOT NULL)'
    )
    head = 'CREATE TABLE "book" ("id" UUID PRIMARY KEY NOT NULL, '
    assert table_ddl(BookRow, "sqlite") == head + book.format(
        uuid="UUID", integer="INTEGER", blob="BLOB", text="TEXT"
    )
    assert table_ddl(BookRow, "postgres") == head + book.format(
        uuid="UUID", integer="BIGINT", blob="BYTEA", text='TEXT COLLATE "C"'
    )


def test_migrations_are_numbered_without_doubles():
    assert [step.number for step in known_steps(LATER[0])] == [1, 2, 3]
