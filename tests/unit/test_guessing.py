"""What a wrong try costs."""

from datetime import UTC, datetime, timedelta

from appliance.domain import guessing
from appliance.domain.guessing import Tries

NOW = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)


def test_the_delay_doubles_up_to_a_minute() -> None:
    state: Tries | None = None
    delays: list[int] = []
    now = NOW
    for _ in range(9):
        state = guessing.after_slow(state, now)
        delays.append(guessing.wait_seconds(state, now))
        now = state.next_at
    assert delays == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_an_hour_of_silence_forgives() -> None:
    old = Tries(9, NOW, NOW)
    fresh = guessing.after_slow(old, NOW + guessing.FORGIVEN_AFTER + timedelta(seconds=1))
    assert fresh.tries == 1


def test_a_capped_bucket_closes_until_its_window_ends() -> None:
    state: Tries | None = None
    for _ in range(guessing.ADDRESS_TRIES):
        assert guessing.wait_seconds(state, NOW) == 0
        state = guessing.after_capped(state, NOW, guessing.ADDRESS_WINDOW, guessing.ADDRESS_TRIES)
    assert guessing.wait_seconds(state, NOW) == 60
    assert guessing.wait_seconds(state, NOW + guessing.ADDRESS_WINDOW) == 0
