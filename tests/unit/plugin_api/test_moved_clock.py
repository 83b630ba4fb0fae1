"""A box whose clock was moved moves that of its plugins."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from appliance.plugin_api.calls import move_clock, utc_now
from appliance.plugin_api.marketplaces import CLOCK


@pytest.fixture
def moved() -> Iterator[None]:
    move_clock(6 * 3600)
    yield
    move_clock(0)


def test_a_plugin_takes_the_time_from_the_box_as_often_as_that_moves_it(moved: None) -> None:
    for hours in (6, 7, 0):
        move_clock(hours * 3600)
        for clock in (utc_now, CLOCK.now):
            apart = clock() - datetime.now(UTC) - timedelta(hours=hours)
            assert abs(apart) < timedelta(minutes=1)
