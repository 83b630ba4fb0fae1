"""A staff door behind which nobody has ordered anything yet."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.web_house import WebHouse, open_web_house


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[WebHouse]:
    async with open_web_house(tmp_path) as opened:
        yield opened
