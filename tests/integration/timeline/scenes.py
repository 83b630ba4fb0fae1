"""Invented lines of a stream, written and looked at past the gate."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

from appliance import roles
from appliance.storage.tx import Tx
from tests.house_fixture import TestHouse

R = TypeVar("R")


async def inside(house: TestHouse, body: Callable[[Tx], Awaitable[R]]) -> R:
    """Run storage code as the house."""
    grant = roles.HOUSE_GRANTS[roles.Permission.HOUSE]

    async def run() -> R:
        return await body(Tx(house.system, grant, house.vault, house.index, house.clock()))

    return await house.database.write(run)


async def lines(house: TestHouse) -> list[tuple[Any, ...]]:
    """(kind, source, author, data) of every line, oldest first."""
    return await house.rows(
        "SELECT kind, source, author_number, data FROM timeline_entry ORDER BY at, id"
    )


async def client_of(house: TestHouse) -> tuple[UUID, UUID]:
    """Id and subject of the first client."""
    rows: list[tuple[Any, ...]] = await house.rows(
        "SELECT id, subject_id FROM customer ORDER BY number LIMIT 1"
    )
    return rows[0][0], rows[0][1]
