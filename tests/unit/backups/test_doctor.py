"""What the doctor says of copies."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance.cli.copies import problems
from appliance.config import Backup, Config
from appliance.domain.backups import CopyHealth
from appliance.domain.health import _copies

NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)


def box(folder: Path, *, hours: float, proven: float | None = None, **settings: object) -> Config:
    """A box so many hours old, proven so many hours ago."""
    (folder / "backups").mkdir()
    (folder / "audit.pub").write_text("")
    born = (NOW - timedelta(hours=hours)).timestamp()
    os.utime(folder / "audit.pub", (born, born))
    if proven is not None:
        at = (NOW - timedelta(hours=proven)).isoformat()
        (folder / "backups" / "state.json").write_text(f'{{"proven": {{"proven_at": "{at}"}}}}')
    return Config(data=folder, backup=Backup(**settings))  # pyright: ignore[reportArgumentType]


def codes(config: Config) -> list[str]:
    return [one.code for one in problems(config, NOW)]


def test_a_new_box_is_left_in_peace(tmp_path: Path) -> None:
    assert codes(box(tmp_path, hours=35)) == []


def test_no_proof_within_36_hours_is_red(tmp_path: Path) -> None:
    assert "backup_late" in codes(box(tmp_path, hours=100, proven=37))


def test_a_proof_of_last_night_is_well_but_the_same_disk_is_not(tmp_path: Path) -> None:
    assert codes(box(tmp_path, hours=100, proven=12)) == ["backup_same_disk"]


def test_a_target_on_another_disk_is_well(tmp_path: Path) -> None:
    other = "/proc"
    assert codes(box(tmp_path, hours=100, proven=12, targets=(other,))) == []


def test_the_lines_of_health_tell_none_unproven_late_failed_and_fine_apart() -> None:
    def line(**known: object) -> tuple[str, str]:
        found = _copies(CopyHealth(**known), NOW)  # pyright: ignore[reportArgumentType]
        return found.code, found.state.value

    night, long_ago = NOW - timedelta(hours=9), NOW - timedelta(hours=37)
    assert line() == ("backups.none", "warn")
    assert line(made_at=NOW) == ("backups.unproven", "bad")
    assert line(made_at=NOW, proven_at=long_ago) == ("backups.late", "bad")
    assert line(made_at=NOW, proven_at=night, code="x") == ("backups.failed", "warn")
    assert line(made_at=NOW, proven_at=night) == ("backups.fine", "ok")
    refuted = CopyHealth(made_at=NOW, proven_at=night, refuted=True)
    assert _copies(refuted, NOW).code == "backups.refuted", "though a copy was made since"
    whole = CopyHealth(made_at=NOW, proven_at=night)
    assert _copies(whole, NOW, apart=False).code == "backups.near"
