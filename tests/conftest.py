"""Fixtures that every test may ask for."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests import ready
from tests.house_fixture import TestHouse, open_test_house
from tests.postgres import ADDRESS_VARIABLE, fast_folder, temporary_postgres
from tests.ready import ENGINES


def pytest_configure(config: pytest.Config) -> None:
    """Keep the tests' folders in memory where there is room: a box waits for the disk often."""
    if config.option.basetemp is None and (place := fast_folder()):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(place))


def pytest_unconfigure() -> None:
    """Take away the houses that were kept for copying."""
    ready.clear()


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    """A PostgreSQL for the whole run: the one in the environment, else one of our own."""
    given = os.environ.get(ADDRESS_VARIABLE)
    if given:
        yield given
        return
    with temporary_postgres() as address:
        yield address


@pytest.fixture(params=ENGINES)
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[TestHouse]:
    """A house with its lists filled and nobody served yet, on both databases in turn."""
    server = request.getfixturevalue("postgres_address") if request.param == "postgres" else ""
    async with open_test_house(tmp_path, server) as opened:
        yield opened
