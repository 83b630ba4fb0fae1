"""A clock that was set back by a year: copies go on, in their order, and nothing looks proven."""

from datetime import UTC, datetime, timedelta

from appliance.domain.backups import age_of, is_late, stamp_after
from backups.retention import Counts, kept
from backups.targets import moment_of

NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
YEAR = timedelta(days=365)


def test_what_was_made_in_the_future_counts_as_never_made() -> None:
    assert age_of(NOW, NOW - YEAR) is None
    assert is_late(NOW, NOW - YEAR)
    assert age_of(NOW - timedelta(hours=2), NOW) == timedelta(hours=2)
    assert age_of(NOW + timedelta(minutes=1), NOW) is not None, "a clock that was put right"
    assert age_of(None, NOW) is None


def test_a_copy_made_after_the_clock_was_set_back_is_the_newest_and_stays() -> None:
    stamps = [f"{NOW - timedelta(hours=n):%Y%m%dT%H%M%SZ}" for n in range(40)]
    fresh = stamp_after(max(stamps), NOW - YEAR)
    assert fresh == "20260311T120001Z"
    assert stamp_after("", NOW) == "20260311T120000Z"
    assert stamp_after(stamps[1], NOW) == "20260311T120000Z"
    times = [moment_of(one) for one in (fresh, *stamps)]
    assert moment_of(fresh) in kept(times, Counts(24, 14, 5))
