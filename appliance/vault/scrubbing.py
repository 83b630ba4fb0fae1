"""What SQLite leaves behind: a rollback journal that stays on the disk holds pages as they were."""

import os
from pathlib import Path

_STEP = 1 << 20


def overwrite(journal: Path) -> None:
    """Fill a journal with zeros and sync it; the file stays, as its blocks would outlive it.

    Only between transactions: the journal's header is zero by then, so SQLite reads nothing
    from it.

    Raises:
        OSError: it cannot be written. A journal that is not there is no error.
    """
    try:
        with journal.open("r+b") as file:
            left = file.seek(0, os.SEEK_END)
            file.seek(0)
            while left > 0:
                left -= file.write(bytes(min(left, _STEP)))
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return
