"""Files on their way in or out.

Catalogues of shops lie here before anything of them is in the database. Tables about people pass
through `scratch`, of which no disk ever holds a readable byte.
"""

import time
from collections.abc import Collection
from pathlib import Path

from appliance.errors import Unavailable
from appliance.vault.scratch import IN_MEMORY, SealedSpool

ABANDONED_SECONDS = 24 * 3600

_folder: Path | None = None


def set_folder(folder: Path | None) -> None:
    """Say where they lie. Called once, at boot; None takes it away."""
    global _folder  # noqa: PLW0603  one folder per process, set at boot
    _folder = folder


def scratch(max_size: int = IN_MEMORY) -> SealedSpool:
    """Room for a file about people, as long as it is open; what memory is too small for is sealed.

    Args:
        max_size: bytes that stay in memory.
    """
    return SealedSpool(max_size)


def place(run: int) -> Path:
    """Where the file of a run lies; its folder is made.

    Raises:
        Unavailable: `storage_failed`.
    """
    return _made() / f"catalogue-{run}.xml"


def waiting(name: str) -> Path:
    """Where a file lies until it is known what it is for.

    Raises:
        Unavailable: `storage_failed`.
    """
    return _made() / f"waiting-{name}"


def _made() -> Path:
    if _folder is None:
        raise Unavailable("storage_failed", "no folder for files on their way in")
    _folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _folder


def size_of(waiting_name: str) -> int:
    """Bytes of a file that waits."""
    return (_made() / waiting_name).stat().st_size


def take(waiting_name: str, run: int) -> None:
    """Make a file that waits the file of a run."""
    (_made() / waiting_name).rename(place(run))


def forget(file: Path) -> None:
    """Delete a file that nobody took over."""
    file.unlink(missing_ok=True)


def sweep(kept: Collection[int]) -> None:
    """Delete the files of runs that are over, and those a day old that nobody took over."""
    names = {f"catalogue-{run}.xml" for run in kept}
    for file in _made().iterdir():
        old = time.time() - file.stat().st_mtime > ABANDONED_SECONDS
        if file.name not in names and (old or file.name.startswith("catalogue-")):
            file.unlink(missing_ok=True)


def drop(run: int) -> None:
    """Delete it."""
    place(run).unlink(missing_ok=True)
