"""Which copies stay, and how long a key set may live."""

from datetime import UTC, datetime, timedelta

from backups.retention import Counts, kept, kept_keys

NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_year_of_hourly_copies_leaves_a_day_two_weeks_of_nights_and_five_weeks() -> None:
    alive: list[datetime] = []
    for hour in range(24 * 365):
        now = NOW - timedelta(days=365) + hour * HOUR
        alive = sorted(kept([*alive, now], Counts()))
    newest = alive[-1]
    assert alive[-24:] == [newest - n * HOUR for n in range(23, -1, -1)]
    assert len({one.date() for one in alive if newest - one < timedelta(days=14)}) == 14
    assert len({one.isocalendar()[:2] for one in alive}) == 5
    assert len(alive) <= 24 + 14 + 5


def test_the_newest_copy_stays_whatever_was_set() -> None:
    assert kept([NOW - HOUR, NOW], Counts(0, 0, 0)) == {NOW}


def test_at_most_three_key_sets_stay_one_is_a_day_old_and_none_is_older_than_two() -> None:
    alive: list[datetime] = []
    for hour in range(24 * 5):
        now = NOW + hour * HOUR
        alive = sorted(kept_keys([*alive, now], now))
        assert len(alive) <= 3
        assert alive[-1] == now
        assert now - alive[0] <= timedelta(hours=49)
        if hour >= 24:
            assert now - alive[0] >= timedelta(hours=24)
