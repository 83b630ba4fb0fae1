"""One moment of a database that is in use, page by page, without copying it anywhere first.

A read transaction holds the moment: what a checkpoint may move into the file meanwhile is in the
log of the database (WAL) up to the same moment too, and is taken from there. Where the log ends
for this moment stands in its index (`-shm`); that the index was the same before and after the
transaction began says that both mean the same moment. Layouts: sqlite.org/walformat.html,
sections 2.1 and 4 of sqlite.org/fileformat2.html.
"""

import os
import sqlite3
import struct
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Final

from appliance.errors import Damaged, Unavailable

HEAD: Final = 48
"""Bytes of the index's header; it stands there twice."""

LOG_HEAD, FRAME_HEAD = 32, 24
TRIES: Final = 20
DIGEST: Final = 16
"""Bytes of a page's hash: 128 bits, no two pages of one box ever share it by chance."""


class Moment:
    """A database as it was when its transaction began.

    Attributes:
        live: the connection that holds the moment; SQL sees the same as the pages.
        size: bytes of a page.
        count: pages.
    """

    def __init__(self, live: sqlite3.Connection, path: Path) -> None:
        self.live = live
        self.size: int = live.execute("PRAGMA page_size").fetchone()[0]
        self.count: int = live.execute("PRAGMA page_count").fetchone()[0]
        self._path = path
        self._frames: dict[int, int] = {}
        self._salt = b""
        self._log: BinaryIO | None = None
        self._file = path.open("rb")

    def read_index(self, head: bytes) -> None:
        """Learn which pages are in the log.

        Raises:
            Unavailable: `backup_moment_lost`: the log was begun anew.
        """
        last = struct.unpack_from("=I", head, 16)[0]
        self._salt = head[32:40]
        if not last:
            return
        self._log = Path(f"{self._path}-wal").open("rb")  # noqa: SIM115 - closed by `close`
        for number in range(last):
            place = LOG_HEAD + number * (FRAME_HEAD + self.size)
            frame = os.pread(self._log.fileno(), FRAME_HEAD, place)
            if frame[8:16] != self._salt:
                raise Unavailable("backup_moment_lost")
            self._frames[int.from_bytes(frame[:4], "big")] = place

    def page(self, number: int) -> bytes:
        """A page, counted from 1; errors as `read_index`."""
        place = self._frames.get(number)
        if place is None or self._log is None:
            return os.pread(self._file.fileno(), self.size, (number - 1) * self.size)
        frame = os.pread(self._log.fileno(), FRAME_HEAD + self.size, place)
        if frame[8:16] != self._salt or int.from_bytes(frame[:4], "big") != number:
            raise Unavailable("backup_moment_lost")
        return frame[FRAME_HEAD:]

    def table(self) -> bytes:
        """The hash of every page, one after another."""
        return b"".join(
            blake2b(self.page(number), digest_size=DIGEST).digest()
            for number in range(1, self.count + 1)
        )

    def must_be_held(self) -> None:
        """Refuse what was read if the log was begun anew meanwhile; errors as `read_index`."""
        if self._log is not None and _head(self._path)[32:40] != self._salt:
            raise Unavailable("backup_moment_lost")

    def close(self) -> None:
        """Let go of the files."""
        self._file.close()
        if self._log is not None:
            self._log.close()


@contextmanager
def moment(path: Path) -> Generator[Moment]:
    """Hold a moment of a database.

    Raises:
        Damaged: `backup_part_missing`.
        Unavailable: `backup_moment_lost`: it never stood still; the next try may find it so.
    """
    if not path.is_file():
        raise Damaged("backup_part_missing", part=path.name)
    uri = f"{path.resolve().as_uri()}?mode=rw"
    with closing(sqlite3.connect(uri, uri=True, timeout=10.0, isolation_level=None)) as live:
        live.execute("SELECT 1 FROM sqlite_master").fetchone()
        head = _begun(live, path)
        found = Moment(live, path.resolve())
        try:
            found.read_index(head)
            yield found
            found.must_be_held()
        finally:
            found.close()
            live.execute("ROLLBACK")


def changed(old: bytes, new: bytes) -> list[int]:
    """Numbers of the pages whose hashes differ, or that are new."""
    if old == new:
        return []
    return [
        place // DIGEST + 1
        for place in range(0, len(new), DIGEST)
        if old[place : place + DIGEST] != new[place : place + DIGEST]
    ]


def packed(found: Moment, numbers: list[int]) -> Iterator[bytes]:
    """Pages with their numbers, as they stand in a step."""
    for number in numbers:
        yield number.to_bytes(4, "big") + found.page(number)


def apply(step: Path, place: Path, size: int, count: int) -> None:
    """Write a step's pages into a database file, and cut it to its length.

    Raises:
        Damaged: `backup_damaged`: it does not consist of whole pages.
    """
    length = 4 + size
    if step.stat().st_size % length:
        raise Damaged("backup_damaged", part=step.name)
    with step.open("rb") as source, place.open("r+b" if place.exists() else "w+b") as target:
        while record := source.read(length):
            target.seek((int.from_bytes(record[:4], "big") - 1) * size)
            target.write(record[4:])
        target.truncate(count * size)


def digest_of(table: bytes) -> str:
    """One hash for a whole database, out of its pages' hashes."""
    return blake2b(table, digest_size=DIGEST).hexdigest()


def table_of(path: Path, size: int) -> bytes:
    """The hashes of a database file at rest."""
    hashes: list[bytes] = []
    with path.open("rb") as file:
        while page := file.read(size):
            hashes.append(blake2b(page, digest_size=DIGEST).digest())
    return b"".join(hashes)


def _begun(live: sqlite3.Connection, path: Path) -> bytes:
    if live.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        # Without such a log a reader keeps every writer from the file itself.
        live.execute("BEGIN")
        live.execute("SELECT 1 FROM sqlite_master").fetchone()
        return bytes(HEAD)
    for _ in range(TRIES):
        before = _head(path)
        live.execute("BEGIN")
        live.execute("SELECT 1 FROM sqlite_master").fetchone()
        if before and before == _head(path):
            return before
        live.execute("ROLLBACK")
    raise Unavailable("backup_moment_lost")


def _head(path: Path) -> bytes:
    """The index's header; empty while it is being written."""
    with Path(f"{path.resolve()}-shm").open("rb") as file:
        both = file.read(2 * HEAD)
    return both[:HEAD] if both[:HEAD] == both[HEAD:] else b""
