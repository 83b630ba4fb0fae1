import asyncio
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest

from appliance.domain.ids import uuid7
from appliance.errors import Invalid
from appliance.storage.engine import Database
from appliance.storage.engine.failures import RowExists, RowReferenced
from appliance.storage.statements import (
    any_of,
    bulk,
    chunked,
    execute,
    fetch,
    fetch_one,
    fetch_value,
    insert,
    insert_many,
    update_row,
    upsert,
)
from tests.integration.engine.tables import BookRow, ShelfRow

MOSCOW = timezone(timedelta(hours=3))


async def numbers() -> list[int]:
    return [row[0] for row in await fetch("SELECT number FROM shelf ORDER BY number")]


def shelves(*wanted: int):
    async def body() -> None:
        rows = [{"id": uuid7(), "number": n, "label": f"shelf {n}"} for n in wanted]
        await insert_many(ShelfRow, rows)

    return body


async def test_values_come_back_as_they_went_in(database: Database):
    book = uuid7()
    moment = datetime(2026, 3, 1, 2, 30, 0, 5, tzinfo=MOSCOW)

    async def add() -> None:
        await insert(
            BookRow, id=book, number=2**53 + 1, bought_at=moment, bought_on=date(2026, 3, 1),
            lent=True, cover=b"\x00\xff", title="Ёж «в тумане» 🦔",
        )  # fmt: skip

    async def look() -> tuple[object, ...] | None:
        return await fetch_one(
            "SELECT id, number, bought_at, bought_on, lent, cover, title, shelf FROM book"
        )

    await database.write(add)
    for read in (database.read, database.slow_read, database.write):
        row = await read(look)
        assert row == (
            book, 2**53 + 1, moment, date(2026, 3, 1), True, b"\x00\xff", "Ёж «в тумане» 🦔", None,
        )  # fmt: skip
        assert type(row[0]) is UUID
        assert type(row[4]) is bool
        assert isinstance(row[2], datetime)
        assert row[2].tzinfo is UTC


async def test_piccolos_queries_and_lean_ones_see_the_same_rows(database: Database):
    async def body() -> list[dict[str, object]]:
        shelf = ShelfRow(number=1, label="one")
        await ShelfRow.insert(shelf)
        await insert(BookRow, number=7, shelf=shelf.id, title="seven")
        await BookRow.update({BookRow.lent: True}).where(BookRow.number == 7)
        return await BookRow.select(BookRow.number, BookRow.lent, BookRow.shelf.label).where(
            BookRow.shelf == shelf.id
        )

    assert await database.write(body) == [{"number": 7, "lent": True, "shelf.label": "one"}]

    async def raw() -> object:
        return await BookRow.raw("SELECT title, lent FROM book WHERE number = {}", 7)

    assert await database.read(raw) == [{"title": "seven", "lent": True}]


async def test_piccolos_own_ddl_makes_tables_that_hold_the_same_values(empty_database: Database):
    shelf = uuid7()

    async def make() -> None:
        await ShelfRow.create_table()
        await BookRow.create_table()
        await insert(ShelfRow, id=shelf, number=1, label="one")
        await insert(BookRow, number=1, shelf=shelf, bought_at=datetime(2026, 1, 1, tzinfo=UTC))

    async def look() -> list[tuple[object, ...]]:
        return await fetch("SELECT shelf, bought_at, lent, cover FROM book")

    await empty_database.alter(make)
    assert await empty_database.read(look) == [
        (shelf, datetime(2026, 1, 1, tzinfo=UTC), False, None)
    ]


async def test_times_sort_as_text_whatever_their_zone_and_fraction(database: Database):
    base = datetime(2026, 1, 1, 12, tzinfo=UTC)
    moments = [base, base + timedelta(microseconds=1), base + timedelta(seconds=1)]

    async def add() -> None:
        for number, moment in enumerate(moments):
            await insert(BookRow, number=number, bought_at=moment.astimezone(MOSCOW))

    async def later() -> list[tuple[object, ...]]:
        return await fetch(
            "SELECT number FROM book WHERE bought_at > {} ORDER BY bought_at DESC", base
        )

    await database.write(add)
    assert await database.read(later) == [(2,), (1,)]


async def test_text_sorts_by_code_point_on_both(database: Database):
    async def body() -> list[tuple[object, ...]]:
        for number, label in enumerate(["б", "Я", "a", "B", "ё"]):
            await insert(ShelfRow, number=number, label=label)
        return await fetch("SELECT label FROM shelf ORDER BY label")

    assert await database.write(body) == [("B",), ("a",), ("Я",), ("б",), ("ё",)]


async def test_a_list_of_values_matches_any_of_them(database: Database):
    await database.write(shelves(*range(10)))

    def among(wanted: list[int]):
        async def body() -> list[tuple[object, ...]]:
            return await fetch(
                "SELECT number FROM shelf WHERE number IN {} AND number < {} ORDER BY number",
                any_of(wanted),
                9,
            )

        return body

    assert await database.read(among([3, 5, 4, 99, 9])) == [(3,), (4,), (5,)]
    assert await database.read(among([])) == []
    assert await database.read(among(list(range(1000)))) == [(n,) for n in range(9)]

    async def none_excluded() -> object:
        return await fetch("SELECT number FROM shelf WHERE number NOT IN {}", any_of([]))

    with pytest.raises(ValueError, match="NOT IN"):
        await database.read(none_excluded)
    assert [len(chunk) for chunk in chunked(range(2500))] == [1000, 1000, 500]


async def test_changes_say_how_many_rows_they_changed(database: Database):
    await database.write(shelves(1, 2, 3))

    async def body() -> list[int]:
        row_id = await fetch_value("SELECT id FROM shelf WHERE number = 1")
        return [
            await execute("UPDATE shelf SET label = {} WHERE number > {}", "new", 1),
            await update_row(ShelfRow, row_id, label="first", number=11),
            await update_row(ShelfRow, uuid7(), label="nobody"),
            await execute("DELETE FROM shelf WHERE number = {}", 2),
            await upsert(ShelfRow, ["number"], number=3, label="third"),
            await upsert(ShelfRow, ["number"], number=4, label="fourth"),
            await upsert(ShelfRow, ["number"], number=4),
        ]

    with pytest.raises(ValueError, match="shelf has no column lable"):
        await database.write(lambda: insert(ShelfRow, number=9, lable="typing error"))
    assert await database.write(body) == [2, 1, 0, 1, 1, 1, 0]


async def test_bulk_rows_are_the_rows_that_insert_makes(database: Database):
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    columns = ["id", "number", "bought_at", "lent", "cover", "title"]
    rows = [(uuid7(), n, moment, n % 2 == 0, None, f"book {n}") for n in range(500)]

    async def body() -> int:
        await insert(BookRow, id=uuid7(), number=999, bought_at=moment)
        return await bulk(BookRow, columns, iter(rows))

    assert await database.write(body) == 500

    async def look() -> list[tuple[object, ...]]:
        names = ",".join(columns)
        return await fetch(f"SELECT {names} FROM book WHERE number < 500 ORDER BY number")  # noqa: S608

    assert await database.read(look) == rows


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**40])
async def test_a_number_that_no_row_can_have_is_refused_and_nothing_is_lost(
    database: Database, number: int
):
    async def change() -> None:
        await execute("UPDATE shelf SET label = label WHERE number = {}", number)

    async def look() -> None:
        await fetch("SELECT id FROM shelf WHERE number = {}", number)

    for run, body in (
        (database.write, change), (database.read, look), (database.slow_read, look),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            await run(body)
        assert refused.value.code == "number_range"
    await database.write(shelves(5))
    assert await database.read(numbers) == [5]


async def test_what_a_failing_body_did_is_undone(database: Database):
    async def fails() -> None:
        await insert(ShelfRow, number=1, label="never")
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(fails)
    assert await database.read(numbers) == []


async def test_broken_constraints_are_told_without_the_values(database: Database):
    await database.write(shelves(1))
    with pytest.raises(RowExists) as double:
        await database.write(shelves(1))
    assert "shelf 1" not in f"{double.value!r} {double.value} {double.value.__cause__}"

    async def orphan() -> None:
        await insert(BookRow, number=1, shelf=uuid7(), title="secret title")

    with pytest.raises(RowReferenced) as refused:
        await database.write(orphan)
    assert "secret" not in str(refused.value)

    async def nameless() -> None:
        await execute("INSERT INTO shelf (id, label) VALUES ({}, {})", uuid7(), "secret label")

    with pytest.raises(Exception, match="number") as missing:
        await database.write(nameless)
    assert "secret" not in str(missing.value)


async def test_a_reading_body_cannot_write(database: Database):
    for read in (database.read, database.slow_read):
        with pytest.raises(RuntimeError, match="a reading body wrote"):
            await read(shelves(1))
    assert await database.read(numbers) == []


async def test_bodies_cannot_be_nested(database: Database):
    for outer in (database.write, database.slow_read, database.read):
        for inner in (database.write, database.read, database.slow_read, database.alter):

            async def nested(inner: object = inner) -> None:
                await inner(numbers)  # type: ignore[operator]

            with pytest.raises(RuntimeError, match="nested"):
                await outer(nested)


async def test_a_statement_outside_a_body_is_refused(database: Database):
    with pytest.raises(RuntimeError, match="outside"):
        await fetch("SELECT 1")
    with pytest.raises(RuntimeError, match="outside"):
        await ShelfRow.select()
    with pytest.raises(RuntimeError, match="body is the transaction"):
        await ShelfRow._meta.db.transaction().__aenter__()
    assert await database.read(numbers) == []


async def test_a_task_that_outlives_its_body_finds_its_connection_closed(database: Database):
    async def leaves_a_task() -> "asyncio.Task[object]":
        return asyncio.get_running_loop().create_task(fetch("SELECT 1"))

    with pytest.raises(RuntimeError, match="outside"):
        await (await database.read(leaves_a_task))


async def test_a_read_sees_one_snapshot_and_the_next_one_the_newest(database: Database):
    assert await database.read(numbers) == []
    await database.write(shelves(1))
    assert await database.read(numbers) == [1]
    await asyncio.gather(*(database.write(shelves(n)) for n in range(2, 30)))
    assert await database.slow_read(numbers) == list(range(1, 30))


async def test_a_number_drawn_by_many_at_once_is_drawn_once(database: Database):
    await database.write(shelves(1000))

    async def draw() -> int:
        return await fetch_value(
            "UPDATE shelf SET number = number + 1 WHERE label = {} RETURNING number", "shelf 1000"
        )

    drawn = await asyncio.gather(*(database.write(draw) for _ in range(50)))
    assert sorted(drawn) == list(range(1001, 1051))


async def test_a_hook_before_the_commit_can_prevent_it(database: Database):
    commits: list[str] = []
    database.after_commit(lambda: commits.append("after"))
    database.before_commit(lambda: commits.append("before"))
    await database.write(shelves(1))
    await asyncio.sleep(0)
    assert commits == ["before", "after"]

    def refuse() -> None:
        raise LookupError("the keys could not be saved")

    database.before_commit(refuse)
    with pytest.raises(LookupError):
        await database.write(shelves(2))
    assert await database.read(numbers) == [1]


async def test_a_write_whose_caller_stops_waiting_is_finished(database: Database):
    entered = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def body() -> None:
        loop.call_soon_threadsafe(entered.set)
        for number in range(200):
            await insert(ShelfRow, number=number, label="kept")

    caller = asyncio.ensure_future(database.write(body))
    await entered.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await database.write(shelves(1000))
    assert len(await database.read(numbers)) == 201


async def test_an_expression_named_with_its_type_has_that_type(database: Database):
    book = uuid7()
    moment = datetime(2026, 1, 1, tzinfo=UTC)

    async def body() -> list[tuple[object, ...]]:
        await insert(BookRow, id=book, number=1, bought_at=moment, lent=True)
        returned = await fetch("UPDATE book SET number = 2 RETURNING id, bought_at, lent")
        named = await fetch(
            'SELECT coalesce(id, NULL) AS "id [UUID]", max(bought_at) AS "last [TIMESTAMPTZ]",'
            ' NOT lent AS "here [BOOLEAN]" FROM book GROUP BY id, lent'
        )
        return [*returned, *named]

    assert await database.write(body) == [(book, moment, True), (book, moment, False)]


async def test_sums_are_integers_and_averages_floats(database: Database):
    await database.write(shelves(1, 2, 4, 2**60))

    async def sums() -> list[object]:
        row = await fetch_one(
            "SELECT sum(number), avg(number), count(*), max(number) FROM shelf WHERE number < {}",
            10,
        )
        total = await fetch_value("SELECT sum(number) FROM shelf")
        return [(type(value), value) for value in (*(row or ()), total)]

    assert await database.read(sums) == [
        (int, 7), (float, pytest.approx(7 / 3)), (int, 3), (int, 4), (int, 7 + 2**60),
    ]  # fmt: skip
