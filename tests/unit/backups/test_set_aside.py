"""What a restore set aside ends: its keys with the next destruction, the rest after a month."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from appliance.boot import set_aside, swap
from appliance.domain.backups import Trial

NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)


def aside(data: Path, name: str, days: int) -> Path:
    folder = data / name
    folder.mkdir()
    for file in ("main.db", "keys.db", "keys.db-wal"):
        (folder / file).write_bytes(b"wrapped keys of before")
    at = (NOW - timedelta(days=days)).timestamp()
    os.utime(folder, (at, at))
    return folder


def test_keys_that_a_restore_set_aside_do_not_outlive_a_destruction(tmp_path: Path) -> None:
    folder = aside(tmp_path, "before-restore-20260201T100000Z", 1)
    again = aside(tmp_path, "after-before-restore-20260201T100000Z", 1)
    kept = aside(tmp_path, "somebody's folder", 1)
    with (folder / "keys.db").open("rb") as seen:
        assert set_aside.drop_keys(tmp_path) == 4
        assert not seen.read().strip(b"\0"), "what an open handle still reads is overwritten"
    assert [path.name for path in (*folder.iterdir(), *again.iterdir())] == ["main.db"] * 2
    assert (kept / "keys.db").is_file()


def test_after_a_month_it_is_gone_but_for_what_a_restore_may_go_back_to(tmp_path: Path) -> None:
    aside(tmp_path, "before-restore-20260201T100000Z", 31)
    fresh = aside(tmp_path, "before-restore-20260301T100000Z", 9)
    waits = aside(tmp_path, "before-restore-20260102T100000Z", 60)
    trial = Trial(stamp="20260102T100000Z", aside=waits.name, placed_at=NOW)
    (tmp_path / swap.TRIAL).write_bytes(msgspec.json.encode(trial))
    assert set_aside.sweep(tmp_path, NOW) == ["before-restore-20260201T100000Z"]
    assert set_aside.folders(tmp_path) == sorted([fresh, waits])
    (tmp_path / swap.TRIAL).unlink()
    assert set_aside.sweep(tmp_path, NOW) == [waits.name]
