"""When the spool takes nothing more."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from plugins.exchange_1c import spool
from plugins.exchange_1c.refusals import Refused

GIB = 1 << 30


@pytest.mark.parametrize(
    ("total", "free", "is_taken"),
    [
        (252 * GIB, 22 * GIB, True),  # less than a tenth, and more than anybody sends
        (252 * GIB, 5 * GIB, True),
        (252 * GIB, 5 * GIB - 1, False),
        (20 * GIB, 3 * GIB, True),  # of a small disk a tenth is enough
        (20 * GIB, 2 * GIB - 1, False),
    ],
)
def test_a_disk_is_short_below_a_tenth_and_below_five_gigabytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, total: int, free: int, *, is_taken: bool
) -> None:
    disk = SimpleNamespace(total=total, free=free + 3)
    monkeypatch.setattr("plugins.exchange_1c.spool.shutil.disk_usage", lambda _: disk)
    kept = spool.Spool(tmp_path, GIB)
    own = kept.begin()
    if is_taken:
        assert kept.append(own, b"xml") == 3
        return
    with pytest.raises(Refused, match="disk_full"):
        kept.append(own, b"xml")
