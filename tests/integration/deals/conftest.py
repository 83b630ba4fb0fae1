"""A staff door in front of the house."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.web_house import WebHouse, open_web_house


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[WebHouse]:
    """A hundred clients whom sellers lead; no deals yet."""
    async with open_web_house(tmp_path, clients=20, orders=20) as opened:
        yield opened
