"""Uploaded files on disk, in a folder of the plugin's own. Names on disk are ours, never theirs.

A piece is on the disk for good before its answer leaves: 1C forgets a change once we said success.
"""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

from plugins.exchange_1c.refusals import Refused

PIECE = 65536
FREE = 0.10
"""Share of the disk that stays free (reference 13)."""
MIB = 1024 * 1024
ENOUGH = 5 * 1024 * MIB
"""So much free is enough on a disk of any size: the most that one archive unpacks to is 4 GB."""


def is_short(total: int, free: int) -> bool:
    """Whether a disk has too little left to take anything: below a tenth of it and below 5 GiB."""
    return free < min(total * FREE, ENOUGH)


class Spool:
    """Keeps files by ids it draws itself.

    Attributes:
        most: bytes of everything kept; more is refused.
    """

    def __init__(self, folder: Path, most: int) -> None:
        self._folder = folder
        self.most = most
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._used = sum(one.stat().st_size for one in folder.iterdir() if one.is_file())

    def begin(self) -> str:
        """An empty file; its id."""
        own = secrets.token_hex(12)
        self._path(own).touch(mode=0o600)
        return own

    def append(self, own: str, piece: bytes) -> int:
        """Add a piece and bring it to the disk; the size by now.

        Raises:
            Refused: `disk_full`, `quota_full`.
        """
        if self._used + len(piece) > self.most:
            raise Refused("quota_full", most=self.most // MIB)
        disk = shutil.disk_usage(self._folder)
        if is_short(disk.total, disk.free - len(piece)):
            raise Refused("disk_full")
        with self._path(own).open("ab") as file:
            file.write(piece)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        self._used += len(piece)
        return size

    def open(self, own: str) -> BufferedReader:
        """The whole file.

        Raises:
            Refused: `file_gone`.
        """
        try:
            return self._path(own).open("rb")
        except FileNotFoundError:
            raise Refused("file_gone") from None

    def pieces(self, own: str) -> Iterator[bytes]:
        """The file piece by piece."""
        with self.open(own) as file:
            while piece := file.read(PIECE):
                yield piece

    def head(self, own: str) -> bytes:
        """The first bytes, which tell what it is."""
        with self.open(own) as file:
            return file.read(64)

    def digest(self, own: str) -> str:
        """SHA-256 of the file."""
        with self.open(own) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def drop(self, own: str) -> None:
        """Forget a file; one that is gone already is fine."""
        path = self._path(own)
        if path.exists():
            self._used -= path.stat().st_size
            path.unlink()

    def kept(self) -> set[str]:
        """Ids of all files."""
        return {one.name for one in self._folder.iterdir()}

    def _path(self, own: str) -> Path:
        if not own.isalnum():  # ids are drawn here, so this is a mistake of ours
            raise ValueError("not an id of the spool")
        return self._folder / own
