"""A clock set back by a year: the box says so and works on, and nothing waits for next year."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.box import PASSWORD, Box, browser, free_port

YEAR = 365 * 24


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path, free_port(), seen_at=tmp_path)
    made.environment["KOROBKA_DEVELOPMENT"] = "true"
    assert made.init().exit == 0
    yield made
    made.stop()


@pytest.mark.whole_box
def test_a_clock_set_back_by_a_year_is_said_and_stops_nothing(box: Box) -> None:
    box.environment["KOROBKA_MOVED_CLOCK"] = str(YEAR)
    box.serve()
    assert box.run("user", "add", "anna", "--role", "seller").exit == 0
    first = box.run("backup", "now").facts["stamp"]
    box.stop()

    del box.environment["KOROBKA_MOVED_CLOCK"]
    box.serve()
    told = {one["code"]: one["text"] for one in box.run("doctor").facts["problems"]}
    assert "clock.back" in told.get("health_red", ""), told
    assert box.run("user", "add", "irina", "--role", "seller").exit == 0
    with browser(box, "admin", PASSWORD) as client:
        assert client.get("/").status_code in (200, 303)
    second = box.run("backup", "now")
    assert second.exit == 0, second
    assert second.facts["stamp"] > first, "the newest copy is still the newest by its name"
    assert box.run("audit", "verify").exit == 0
    assert box.stop() == 0
