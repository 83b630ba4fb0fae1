"""The PostgreSQL server killed (-9) under load: nothing acknowledged is lost, writing goes on."""

import pytest

from scripts import _server_kills


@pytest.mark.whole_box
def test_a_database_server_that_is_killed_loses_nothing_and_is_written_to_again() -> None:
    found = _server_kills.run(2, 7)
    assert found.is_clean, found
