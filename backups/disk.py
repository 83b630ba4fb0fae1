"""Files that are there whole or not at all, on a disk that may be full or gone."""

import errno
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

from appliance.errors import Damaged, Unavailable
from backups.records import Part

CHUNK: Final = 1 << 20
UNFINISHED: Final = ".part"
Told = Callable[[int], None]


def nothing_told(_: int) -> None:
    """For steps nobody waits for."""


@contextmanager
def said(place: Path) -> Generator[None]:
    """A disk's refusal in the house's words.

    Raises:
        Unavailable: `backup_target_full`, `backup_target_lost`, with the path.
    """
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        code = "backup_target_full" if full else "backup_target_lost"
        raise Unavailable(code, type(error).__name__, path=str(place)) from error


@contextmanager
def fresh(path: Path) -> Generator[BinaryIO]:
    """Write a file aside; it gets its name once it is on the disk, and none when writing fails."""
    aside = path.with_name(path.name + UNFINISHED)
    aside.unlink(missing_ok=True)
    try:
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        aside.rename(path)
        settle(path.parent)
    except BaseException:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise


def settle(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write(path: Path, body: bytes) -> None:
    """Write a small file; errors as the disk's."""
    with fresh(path) as file:
        file.write(body)


def hashed(path: Path, told: Told = nothing_told) -> Part:
    """Size and hash of a file as the disk has it, not as memory remembers it."""
    digest, size = sha256(), 0
    with path.open("rb", buffering=0) as file:
        with suppress(OSError):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            told(size)
    return Part(path.name, size, digest.hexdigest())


def must_be(path: Path, expected: Part, told: Told = nothing_told) -> None:
    """Read a file back and compare.

    Raises:
        Damaged: `backup_part_missing`, `backup_part_differs`.
    """
    if not path.is_file():
        raise Damaged("backup_part_missing", part=path.name)
    found = hashed(path, told)
    if (found.size, found.sha256) != (expected.size, expected.sha256):
        raise Damaged("backup_part_differs", part=path.name)
