"""What a restore set aside: the data of before it, in `before-restore-…` in the data folder.

The move to a PostgreSQL server leaves main.db in `before-move-…`, without any keys.

It is there to look something up, and to go back while a restore waits to be confirmed. The keys in
it never go back, so none of a person destroyed since may stay in it, and after a month all goes.
"""

import os
import shutil
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from appliance.boot import swap

KEPT: Final = timedelta(days=30)
_NAMES: Final = ("before-restore-*", "after-before-restore-*", "before-move-*")
_CHUNK: Final = 1 << 20


def folders(data: Path) -> list[Path]:
    """What restores and a move have set aside."""
    return sorted(path for name in _NAMES for path in data.glob(name) if path.is_dir())


def drop_keys(data: Path) -> int:
    """Overwrite and delete the key stores that were set aside; how many files."""
    gone = 0
    for folder in folders(data):
        for path in folder.glob("keys.db*"):
            with suppress(OSError):
                _overwrite(path)
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def sweep(data: Path, now: datetime) -> list[str]:
    """Delete what was set aside a month ago; names of what went.

    What a restore that waits to be confirmed would go back to stays, however long that takes.
    """
    trial = swap.trial_of(data)
    gone: list[str] = []
    for folder in folders(data):
        waits = trial is not None and trial.aside == folder.name
        if waits or now.timestamp() - folder.stat().st_mtime < KEPT.total_seconds():
            continue
        for path in folder.glob("keys.db*"):
            with suppress(OSError):
                _overwrite(path)
        shutil.rmtree(folder, ignore_errors=True)
        gone.append(folder.name)
    return gone


def _overwrite(path: Path) -> None:
    """Wrapped keys; a disk that remaps blocks is why disks are encrypted."""
    with path.open("r+b") as file:
        left = file.seek(0, os.SEEK_END)
        file.seek(0)
        while left > 0:
            left -= file.write(bytes(min(left, _CHUNK)))
        file.flush()
        os.fsync(file.fileno())
