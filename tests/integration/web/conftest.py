"""A staff door with an invented world behind it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.ready import ENGINES
from tests.web_house import WebHouse, open_web_house


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[WebHouse]:
    """Empty: nobody has ordered anything yet."""
    async with open_web_house(tmp_path) as opened:
        yield opened


@pytest.fixture(params=ENGINES)
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[WebHouse]:
    """A hundred clients and two hundred orders, on both databases in turn."""
    server = request.getfixturevalue("postgres_address") if request.param == "postgres" else ""
    async with open_web_house(tmp_path, clients=100, orders=200, server=server) as opened:
        yield opened
