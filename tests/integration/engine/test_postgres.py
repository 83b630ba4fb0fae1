"""What only PostgreSQL does: it may lose its connections, and others may write beside us."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from appliance.errors import Unavailable
from appliance.storage.engine.postgres import PostgresDatabase
from appliance.storage.statements import execute, fetch_value, insert
from tests.integration.engine.conftest import make_tables
from tests.integration.engine.tables import ShelfRow
from tests.postgres import new_database


@pytest.fixture
async def pair(postgres_address: str) -> AsyncIterator[tuple[PostgresDatabase, PostgresDatabase]]:
    """Two programs on one database."""
    address = new_database(postgres_address, f"test_{uuid4().hex}")
    made = (PostgresDatabase(address), PostgresDatabase(address))
    for database in made:
        await database.start()
    await made[0].alter(make_tables)
    await made[0].write(lambda: insert(ShelfRow, number=0, label="counter"))
    yield made
    for database in made:
        await database.stop()


async def add_one() -> None:
    # Read, then write: without SERIALIZABLE two of these would lose one.
    number = await fetch_value("SELECT number FROM shelf WHERE label = {}", "counter")
    await execute("UPDATE shelf SET number = {} WHERE label = {}", number + 1, "counter")


async def count() -> int:
    return await fetch_value("SELECT number FROM shelf")


async def test_writes_that_clash_with_another_program_are_repeated_not_lost(
    pair: tuple[PostgresDatabase, PostgresDatabase],
):
    one, other = pair
    started, met = asyncio.Event(), asyncio.Event()
    tries: list[int] = []

    async def slow() -> None:
        tries.append(await count())
        if len(tries) == 1:
            started.set()
            await met.wait()
        await add_one()

    first = asyncio.ensure_future(one.write(slow))
    await started.wait()
    await other.write(add_one)
    met.set()
    await first
    assert tries == [0, 1]
    assert await one.read(count) == 2


async def test_a_lost_connection_is_told_and_the_next_write_succeeds(
    pair: tuple[PostgresDatabase, PostgresDatabase],
):
    one, other = pair

    async def cut() -> None:
        await execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"  # waits for its end
            " WHERE pid != pg_backend_pid() AND datname = current_database()"
        )

    async def cut_off() -> None:
        await insert(ShelfRow, number=5, label="never")
        await execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(Unavailable) as lost:
        await one.write(cut_off)
    assert lost.value.code == "storage_lost"
    await one.write(add_one)
    await other.write(cut)
    await one.write(add_one)  # whether or not the farewell has been read yet
    assert await other.read(count) == 2


async def test_a_server_that_is_not_there_is_unavailable():
    database = PostgresDatabase("postgresql://korobka@127.0.0.1:1/korobka")
    with pytest.raises(Unavailable) as lost:
        await database.start()
    assert lost.value.code == "storage_lost"


async def test_a_text_with_a_nul_in_it_is_kept_without_it(
    pair: tuple[PostgresDatabase, PostgresDatabase],
) -> None:
    one, _ = pair

    async def both() -> int:
        await insert(ShelfRow, number=7, label="Чай\0ник")
        return await fetch_value("SELECT number FROM shelf WHERE label = {}", "Чайник\0")

    assert await one.write(both) == 7
