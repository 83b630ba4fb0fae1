"""A staff door with an invented world behind it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.web_house import WebHouse, open_web_house


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[WebHouse]:
    """Empty: nobody has ordered anything yet."""
    async with open_web_house(tmp_path) as opened:
        yield opened


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[WebHouse]:
    """A hundred clients and two hundred orders."""
    async with open_web_house(tmp_path, clients=100, orders=200) as opened:
        yield opened
