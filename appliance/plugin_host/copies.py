"""Copies of plugins' code that their own users can read: the data folder is closed to them.

A copy is held by a lock on its folder for as long as its box lives, however that ends. One that
nobody holds was left by a box that was killed, and goes when a box of the same user starts.
"""

import fcntl
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

PREFIX: Final = "korobka-code-"
_TRIES: Final = 10


class Copy:
    """A copy of one plugin's code, in the folder of the machine's temporary files."""

    def __init__(self, code: Path) -> None:
        """Copy a folder.

        Raises:
            OSError: no room, or no right to it.
        """
        self.path, self._lock = _held()
        try:
            shutil.copytree(code.resolve(), self.path, symlinks=True, dirs_exist_ok=True)
            for path in (self.path, *self.path.rglob("*")):
                if not path.is_symlink():
                    path.chmod(0o755 if path.is_dir() else 0o644)
        except BaseException:
            self.drop()
            raise

    def drop(self) -> None:
        """Delete it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def sweep() -> int:
    """Delete copies of this user that no box holds any more; how many there were."""
    gone = 0
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            found = path.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
                continue
            lock = _locked(path)
            try:
                shutil.rmtree(path)
                gone += 1
            finally:
                os.close(lock)
    return gone


def _held() -> tuple[Path, int]:
    """A new folder and our lock on it; another box may sweep it in the moment between the two."""
    for _ in range(_TRIES):
        path = Path(tempfile.mkdtemp(prefix=PREFIX))
        try:
            lock = _locked(path)
        except OSError:
            shutil.rmtree(path, ignore_errors=True)
            continue
        if os.path.lexists(path):
            return path, lock
        os.close(lock)
    raise OSError("no folder for a plugin's code stays")


def _locked(path: Path) -> int:
    """Open a folder and hold it alone.

    Raises:
        OSError: it is held, or is a link.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
