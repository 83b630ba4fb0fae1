"""Units of the wire."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.api.v5 import scalars

MOSCOW = ZoneInfo("Europe/Moscow")


@given(st.integers(-(10**12), 10**12))
def test_kopecks_survive_the_way_out_and_in(kopecks: int) -> None:
    assert scalars.scaled(scalars.roubles(kopecks), 100) == kopecks
    assert scalars.scaled(str(scalars.roubles(kopecks)), 100) == kopecks
    assert scalars.scaled(scalars.pieces(kopecks), 1000) == kopecks


@pytest.mark.parametrize(
    ("value", "kopecks"),
    [
        (1200, 120_000),
        (1200.005, 120_001),
        ("501.0000", 50_100),
        ("4 590,50", 459_050),
        ("-3", -300),
        ("7.", 700),
        (0.1 + 0.2, 30),
    ],
)
def test_an_amount_is_read_as_modules_spell_it(value: Any, kopecks: int) -> None:
    assert scalars.scaled(value, 100) == kopecks


@pytest.mark.parametrize(
    "value",
    ["1,2,3", "1.2,3", "", "x", "١٢", "1e3", "NaN", None, True, [], {}, float("inf"), 10**40],
)
def test_what_is_no_amount_is_none(value: Any) -> None:
    assert scalars.scaled(value, 100) is None


@given(st.datetimes(datetime.fromisoformat("1990-01-01"), datetime.fromisoformat("2090-01-01")))
def test_a_local_time_survives_the_way_in_and_out(local: datetime) -> None:
    text = local.strftime("%Y-%m-%d %H:%M:%S")
    read = scalars.moment(text, ZoneInfo("Asia/Yekaterinburg"))
    assert read is not None and read.tzinfo is UTC
    shown = scalars.shown(read, ZoneInfo("Asia/Yekaterinburg"))
    again = scalars.moment(shown, ZoneInfo("Asia/Yekaterinburg"))
    assert again == read  # an hour that was not there moves once


@pytest.mark.parametrize("text", ["вчера", "2026-13-01", "0001-01-01 00:00:00", "12:00", ""])
def test_what_is_no_time_is_none(text: str) -> None:
    assert scalars.moment(text, MOSCOW) is None
