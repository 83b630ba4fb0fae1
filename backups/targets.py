"""A place for copies: a folder on this disk, on a USB disk, on a mounted share.

korobka-<box>-<stamp>.data.age     the container of data
korobka-<box>-<stamp>.keys.age     the container of keys, where the target takes them
korobka-<box>-<stamp>.files.txt    names of the attachments that belong to it
korobka-<box>-<stamp>.label.json   written last: without it there is no copy
files-<box>/ab/abcd…               attachments, sealed, by hash; copied once for all copies
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from appliance.errors import Damaged, HouseError, Unavailable
from backups import disk
from backups.records import LABEL_END, Label, Part, read_label
from backups.retention import Counts, kept, kept_keys

MARK: Final = "korobka-copies.txt"
STAMP: Final = "%Y%m%dT%H%M%SZ"


def stamp_of(moment: datetime) -> str:
    """A moment as copies are named by it."""
    return moment.astimezone(UTC).strftime(STAMP)


def moment_of(stamp: str) -> datetime:
    """The moment a stamp names, aware UTC."""
    return datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)


@dataclass(frozen=True)
class Kept:
    """A copy on a target."""

    folder: Path
    path: Path
    label: Label

    @property
    def made_at(self) -> datetime:
        """When it was begun."""
        return moment_of(self.label.stamp)

    def part(self, kind: str) -> Path | None:
        """Its container of that kind, where it still lies there."""
        part = self.label.file(kind)
        path = None if part is None else self.folder / part.name
        return path if path is not None and path.is_file() else None


class Folder:
    """One target.

    Attributes:
        takes_keys: False for append-only places: what goes there is never forgotten.
    """

    def __init__(self, path: Path, *, takes_keys: bool = True) -> None:
        self.path = path
        self.takes_keys = takes_keys

    def must_be_there(self, *, known: bool) -> None:
        """Refuse a disk that is not plugged in: its empty mount point looks like a folder.

        Args:
            known: a copy went there before, so the mark must be there.

        Raises:
            Unavailable: `backup_target_lost`, `backup_target_full`.
        """
        mark = self.path / MARK
        with disk.said(self.path):
            if not self.path.is_dir() or (known and not mark.is_file()):
                raise Unavailable("backup_target_lost", path=str(self.path))
            if not mark.is_file():
                disk.write(mark, b"Korobka keeps copies here. Do not delete this file.\n")

    def put(self, source: Path, part: Part, told: disk.Told) -> None:
        """Bring a file over, read it back and compare.

        Raises:
            Unavailable: `backup_target_full`, `backup_target_lost`.
            Damaged: `backup_part_differs`: the disk gives back something else.
        """
        with disk.said(self.path):
            place = self.path / part.name
            with source.open("rb") as file, disk.fresh(place) as out:
                done = 0
                while chunk := file.read(disk.CHUNK):
                    out.write(chunk)
                    done += len(chunk)
                    told(done)
            disk.must_be(place, part)

    def attachment(self, box: str, name: str) -> Path:
        """Where an attachment lies."""
        return self.path / f"files-{box}" / name[:2] / name

    def put_attachments(self, box: str, source: Path, names: Sequence[str]) -> tuple[int, int]:
        """Bring over what is not there yet; how many were copied, how many are gone.

        Raises:
            Unavailable: `backup_target_full`, `backup_target_lost`.
        """
        copied = gone = 0
        with disk.said(self.path):
            for name in names:
                place = self.attachment(box, name)
                if place.is_file():
                    continue
                try:
                    body = (source / name[:2] / name).read_bytes()
                except FileNotFoundError:
                    gone += 1
                    continue
                if sha256(body).hexdigest() != name:
                    gone += 1  # a damaged file is no copy; its own page says so
                    continue
                place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                disk.write(place, body)
                copied += 1
        return copied, gone

    def finish(self, label: str, body: bytes) -> None:
        """Write the label: from now on the copy is one."""
        with disk.said(self.path):
            disk.write(self.path / label, body)

    def copies(self, box: str = "") -> list[Kept]:
        """The copies that lie here, the newest first; labels nobody can read are passed over.

        Raises:
            Unavailable: `backup_target_lost`.
        """
        found: list[Kept] = []
        with disk.said(self.path):
            for path in self.path.glob(f"korobka-*{LABEL_END}"):
                with suppress(HouseError):
                    label = read_label(path)
                    if not box or label.box == box:
                        found.append(Kept(self.path, path, label))
        return sorted(found, key=lambda one: one.label.stamp, reverse=True)

    def prune(self, box: str, counts: Counts, now: datetime) -> list[str]:
        """Delete what is not kept any longer; names of what went.

        Only after a whole new copy is there. The label goes first, so that no half of a copy is
        ever taken for one.
        """
        copies = self.copies(box)
        stay = kept((one.made_at for one in copies), counts)
        with_keys = [one for one in copies if one.part("keys") is not None]
        stay_keys = kept_keys((one.made_at for one in with_keys), now)
        gone: list[str] = []
        with disk.said(self.path):
            for one in with_keys:
                if one.made_at not in stay_keys and (path := one.part("keys")) is not None:
                    _erase(path)
                    gone.append(path.name)
            for one in copies:
                if one.made_at in stay:
                    continue
                one.path.unlink()
                for part in one.label.files:
                    (self.path / part.name).unlink(missing_ok=True)
                gone.append(one.path.name)
            self._sweep(box, [one for one in copies if one.made_at in stay])
            disk.settle(self.path)
        return gone

    def oldest_keys(self, box: str) -> str:
        """Stamp of the oldest copy that still has its keys here; empty without any."""
        stamps = [one.label.stamp for one in self.copies(box) if one.part("keys") is not None]
        return min(stamps, default="")

    def drop_keys_before(self, box: str, moment: datetime) -> list[str]:
        """Delete key sets older than a destruction; names of what went, seen to be gone."""
        gone: list[str] = []
        with disk.said(self.path):
            for one in self.copies(box):
                path = one.part("keys")
                if path is not None and one.made_at <= moment:
                    _erase(path)
                    gone.append(path.name)
            disk.settle(self.path)
        if any((self.path / name).exists() for name in gone):
            raise Damaged("backup_keys_stay")
        return gone

    def _sweep(self, box: str, copies: Sequence[Kept]) -> None:
        """Delete attachments that no kept copy names, and what a cut-off run left."""
        named = {name for one in copies for name in attachments(one)}
        for path in self.path.glob(f"files-{box}/??/*"):
            if path.name not in named:
                path.unlink(missing_ok=True)
        stamps = {one.label.stamp for one in copies}
        for path in self.path.glob(f"korobka-{box}-*"):
            if path.name.split(".")[0].rpartition("-")[2] not in stamps:
                path.unlink(missing_ok=True)


def attachments(one: Kept) -> Iterator[str]:
    """Names of the attachments of a copy."""
    path = one.part("files")
    if path is not None:
        yield from path.read_text(encoding="ascii").split()


def _erase(path: Path) -> None:
    """Overwrite and delete: wrapped keys; a disk that remaps blocks is why disks are encrypted."""
    with path.open("r+b") as file:
        left = file.seek(0, os.SEEK_END)
        file.seek(0)
        while left > 0:
            left -= file.write(bytes(min(left, disk.CHUNK)))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()


def free_bytes(path: Path) -> int:
    """Room left where the path is."""
    return shutil.disk_usage(path).free
