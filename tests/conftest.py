"""Fixtures that every test may ask for."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from appliance.domain.ids import uuid7
from tests.house_fixture import TestHouse, open_test_house
from tests.postgres import ADDRESS_VARIABLE, new_database, temporary_postgres


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    """A PostgreSQL for the whole run: the one in the environment, else one of our own."""
    import os  # noqa: PLC0415  only here

    given = os.environ.get(ADDRESS_VARIABLE)
    if given:
        yield given
        return
    with temporary_postgres() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgres"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[TestHouse]:
    """A house with its lists filled and nobody served yet, on both databases in turn."""
    address = ""
    if request.param == "postgres":
        server = request.getfixturevalue("postgres_address")
        address = new_database(server, f"t{uuid7().hex}")
    async with open_test_house(tmp_path, address) as opened:
        yield opened
