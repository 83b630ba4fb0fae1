"""A staff door with an invented world behind it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from appliance.domain.ids import uuid7
from tests.postgres import new_database
from tests.web_house import WebHouse, open_web_house


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[WebHouse]:
    """Empty: nobody has ordered anything yet."""
    async with open_web_house(tmp_path) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgres"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[WebHouse]:
    """A hundred clients and two hundred orders, on both databases in turn."""
    address = ""
    if request.param == "postgres":
        address = new_database(request.getfixturevalue("postgres_address"), f"t{uuid7().hex}")
    async with open_web_house(tmp_path, clients=100, orders=200, postgres=address) as opened:
        yield opened
