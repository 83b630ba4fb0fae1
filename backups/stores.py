"""What a place for copies can do: list, read, write whole files, delete. Here: a folder."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from appliance.errors import Unavailable
from backups import disk
from backups.records import Part

ERASED: Final = ".erased"
"""What is being overwritten loses its name first: cut off, it must not pass for a set of keys."""


class Store(Protocol):
    """A place; names are relative, with `/` between folder and file.

    Every method may raise `Unavailable`: `backup_target_full`, `backup_target_lost`,
    `backup_target_refused`.

    Attributes:
        name: as the settings spell it.
        forgets: whether what lies there can be deleted or written anew.
    """

    @property
    def name(self) -> str: ...

    @property
    def forgets(self) -> bool: ...

    def check(self, mark: str, *, known: bool) -> None:
        """Refuse a place that is not there; leave the mark in a new one."""
        ...

    def listing(self, folder: str = "") -> Mapping[str, int]:
        """Name → bytes of the files in a folder; under `files-…` of its folders too."""
        ...

    def read(self, name: str) -> bytes:
        """A small file."""
        ...

    def bring(self, name: str, cache: Path) -> Path:
        """A file as one of this machine; a far one is copied into the cache."""
        ...

    def write(self, name: str, source: Path | bytes, told: disk.Told) -> None:
        """Write a file: whole or not at all, and on the disk."""
        ...

    def hashed(self, name: str, told: disk.Told) -> Part:
        """Size and hash of what lies there, read back."""
        ...

    def remove(self, name: str, *, erase: bool = False) -> None:
        """Delete a file that may be gone already.

        With `erase` it takes another name first (`ERASED`) and is overwritten then.
        """
        ...

    def settle(self) -> None:
        """Have the deletions on the disk."""
        ...

    def close(self) -> None:
        """Let go of a connection."""
        ...


class FolderStore:
    """A folder: of this disk, of a USB disk, of a mounted share."""

    forgets = True

    def __init__(self, path: Path, name: str = "") -> None:
        self.path = path
        self.name = name or str(path)

    def check(self, mark: str, *, known: bool) -> None:
        place = self.path / mark
        with disk.said(self.path):
            if not self.path.is_dir() or (known and not place.is_file()):
                raise Unavailable("backup_target_lost", path=self.name)
            if not place.is_file():
                disk.write(place, b"Korobka keeps copies here. Do not delete this file.\n")

    def listing(self, folder: str = "") -> Mapping[str, int]:
        place, found = self.path / folder, dict[str, int]()
        with disk.said(self.path):
            if not folder and not place.is_dir():
                raise Unavailable("backup_target_lost", path=self.name)
            for one in os.scandir(place) if place.is_dir() else ():
                if one.is_file():
                    found[f"{folder}/{one.name}" if folder else one.name] = one.stat().st_size
                elif folder and one.is_dir():
                    found |= self.listing(f"{folder}/{one.name}")
        return found

    def read(self, name: str) -> bytes:
        with disk.said(self.path):
            return (self.path / name).read_bytes()

    def bring(self, name: str, cache: Path) -> Path:
        return self.path / name

    def write(self, name: str, source: Path | bytes, told: disk.Told) -> None:
        place = self.path / name
        with disk.said(self.path):
            if place.parent != self.path:
                place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with disk.fresh(place) as out:
                if isinstance(source, bytes):
                    out.write(source)
                    return
                done = 0
                with source.open("rb") as file:
                    while chunk := file.read(disk.CHUNK):
                        out.write(chunk)
                        done += len(chunk)
                        told(done)

    def hashed(self, name: str, told: disk.Told) -> Part:
        with disk.said(self.path):
            return disk.hashed(self.path / name, told)

    def remove(self, name: str, *, erase: bool = False) -> None:
        path = self.path / name
        with disk.said(self.path):
            if erase and path.is_file():
                path = _nameless(path)
                _overwrite(path)
            path.unlink(missing_ok=True)

    def settle(self) -> None:
        with disk.said(self.path):
            disk.settle(self.path)

    def close(self) -> None:
        """Nothing is held."""


def _nameless(path: Path) -> Path:
    if path.name.endswith(ERASED):
        return path
    aside = path.with_name(f"{path.name}{ERASED}")
    path.rename(aside)
    disk.settle(path.parent)
    return aside


def _overwrite(path: Path) -> None:
    """Wrapped keys; a disk that remaps blocks is why disks are encrypted."""
    with path.open("r+b") as file:
        left = file.seek(0, os.SEEK_END)
        file.seek(0)
        while left > 0:
            left -= file.write(bytes(min(left, disk.CHUNK)))
        file.flush()
        os.fsync(file.fileno())
