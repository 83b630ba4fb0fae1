"""A place for copies: a folder on this disk, on a USB disk, on a mounted share, behind SFTP.

korobka-<box>-<stamp>.data.age     the container of data
korobka-<box>-<stamp>.keys.age     the container of keys, where the target takes them
korobka-<box>-<stamp>.files.txt    names of the attachments that belong to it
korobka-<box>-<stamp>.label.json   written last: without it there is no copy
files-<box>/ab/abcd…               attachments, sealed, by hash; copied once for all copies
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from appliance.errors import Damaged, HouseError, Unavailable
from backups import disk
from backups.records import LABEL_END, Label, Part, read_label
from backups.retention import Counts, kept, kept_keys
from backups.stores import ERASED, FolderStore, Store

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
    """A copy on a target.

    Attributes:
        store: where it lies.
        path: of its label on this machine.
        names: what lies beside it there.
        cache: where far parts are brought to.
    """

    store: Store
    path: Path
    label: Label
    names: Mapping[str, int] = field(repr=False)
    cache: Path

    @property
    def made_at(self) -> datetime:
        """When it was begun."""
        return moment_of(self.label.stamp)

    def has(self, kind: str) -> bool:
        """Whether its container of that kind still lies there."""
        part = self.label.file(kind)
        return part is not None and part.name in self.names

    def part(self, kind: str) -> Path | None:
        """Its container of that kind as a file of this machine, where it still lies there."""
        part = self.label.file(kind)
        if part is None or part.name not in self.names:
            return None
        path = self.store.bring(part.name, self.cache)
        return path if path.is_file() else None

    def must_be(self, part: Part, told: disk.Told = disk.nothing_told) -> None:
        """Read a part back and compare it with the label.

        Raises:
            Damaged: `backup_part_missing`, `backup_part_differs`.
        """
        if part.name not in self.names:
            raise Damaged("backup_part_missing", part=part.name)
        disk.must_be(self.store.bring(part.name, self.cache), part, told)

    def attachment(self, name: str) -> Path | None:
        """An attachment with just these bytes, as a file of this machine; None: there is none."""
        place = place_of(self.label.box, name)
        # A forgetful place has one of that name; one that forgets nothing may hold cut-off ones.
        for one in (place, *(f"{place}.{n}" for n in range(1, MOST_TRIES))):
            with suppress(HouseError, OSError):
                path = self.store.bring(one, self.cache)
                if path.is_file() and disk.hashed(path).sha256 == name:
                    return path
            if self.store.forgets:
                break
        return None


MOST_TRIES: Final = 9


def place_of(box: str, name: str) -> str:
    """Where an attachment lies on a target."""
    return f"files-{box}/{name[:2]}/{name}"


class Target:
    """One place for copies.

    Attributes:
        takes_keys: False for append-only places: what goes there is never forgotten.
        cache: where parts of a far place are brought to.
    """

    def __init__(self, store: Store, cache: Path, *, takes_keys: bool = True) -> None:
        self.store = store
        self.cache = cache
        self.takes_keys = takes_keys

    @property
    def name(self) -> str:
        """As the settings spell it."""
        return self.store.name

    def must_be_there(self, *, known: bool) -> None:
        """Refuse a disk that is not plugged in: its empty mount point looks like a folder.

        Args:
            known: a copy went there before, so the mark must be there.

        Raises:
            Unavailable: `backup_target_lost`, `backup_target_full`.
        """
        self.store.check(MARK, known=known)

    def put(self, source: Path, part: Part, told: disk.Told) -> None:
        """Bring a file over, read it back and compare.

        Raises:
            Unavailable: `backup_target_full`, `backup_target_lost`.
            Damaged: `backup_part_differs`: the disk gives back something else.
        """
        self.store.write(part.name, source, told)
        found = self.store.hashed(part.name, disk.nothing_told)
        if (found.size, found.sha256) != (part.size, part.sha256):
            raise Damaged("backup_part_differs", part=part.name)

    def put_attachments(self, box: str, source: Path, names: Sequence[str]) -> tuple[int, int]:
        """Bring over what is not there yet; how many were copied, how many are gone.

        Raises:
            Unavailable: `backup_target_full`, `backup_target_lost`.
        """
        copied = gone = 0
        there: Mapping[str, int] = self.store.listing(f"files-{box}") if names else {}
        for name in names:
            place, own = place_of(box, name), source / name[:2] / name
            if place in there and self.store.forgets:
                continue  # written whole or not at all
            try:
                size = own.stat().st_size
                free = _free_place(place, there, size)
                if free is None:
                    continue
                body = own.read_bytes()
            except FileNotFoundError:
                gone += 1
                continue
            if sha256(body).hexdigest() != name:
                gone += 1  # a damaged file is no copy; its own page says so
                continue
            self.store.write(free, body, disk.nothing_told)
            copied += 1
        return copied, gone

    def finish(self, label: str, body: bytes, parts: Iterable[Part]) -> None:
        """Write the label: from now on the copy is one.

        A disk that goes between two files leaves its empty mount point, a folder like any other:
        so what was brought is looked for before the label is written, and once more beside it.

        Raises:
            Unavailable: `backup_target_lost`, `backup_target_full`.
        """
        self._must_hold(parts)
        self.store.write(label, body, disk.nothing_told)
        try:
            self._must_hold(parts)
        except HouseError:
            with suppress(HouseError):
                self.store.remove(label)
            raise

    def _must_hold(self, parts: Iterable[Part]) -> None:
        self.must_be_there(known=True)
        there = self.store.listing()
        if any(there.get(part.name) != part.size for part in parts):
            raise Unavailable("backup_target_lost", path=self.name)

    def copies(self, box: str = "") -> list[Kept]:
        """The copies that lie here, the newest first; labels nobody can read are passed over.

        Raises:
            Unavailable: `backup_target_lost`.
        """
        found: list[Kept] = []
        names = self.store.listing()
        for name in names:
            if not name.startswith("korobka-") or not name.endswith(LABEL_END):
                continue
            with suppress(HouseError, OSError):
                path = self.store.bring(name, self.cache)
                label = read_label(path)
                if not box or label.box == box:
                    found.append(Kept(self.store, path, label, names, self.cache))
        return sorted(found, key=lambda one: one.label.stamp, reverse=True)

    def prune(self, box: str, counts: Counts, now: datetime) -> list[str]:
        """Delete what is not kept any longer; names of what went.

        Only after a whole new copy is there. The label goes first, so that no half of a copy is
        ever taken for one.
        """
        copies = self.copies(box)
        stay = kept((one.made_at for one in copies), counts)
        with_keys = [one for one in copies if one.has("keys")]
        stay_keys = kept_keys((one.made_at for one in with_keys), now)
        gone = self._drop_keys(one for one in with_keys if one.made_at not in stay_keys)
        for one in copies:
            if one.made_at in stay:
                continue
            self.store.remove(one.path.name)
            for part in one.label.files:
                self.store.remove(part.name)
            gone.append(one.path.name)
        self._sweep(box, [one for one in copies if one.made_at in stay])
        self.store.settle()
        return gone

    def oldest_keys(self, box: str) -> str:
        """Stamp of the oldest copy that still has its keys here; empty without any."""
        stamps = [one.label.stamp for one in self.copies(box) if one.has("keys")]
        return min(stamps, default="")

    def drop_keys_before(self, box: str, moment: datetime) -> list[str]:
        """Delete key sets older than a destruction; names of what went, seen to be gone."""
        old = [one for one in self.copies(box) if one.has("keys") and one.made_at <= moment]
        return self._drop_keys(old)

    def _drop_keys(self, copies: Iterable[Kept]) -> list[str]:
        """Overwrite and delete; names of what went.

        Raises:
            Damaged: `backup_keys_stay`: the place says it did, and it still has them.
        """
        gone: list[str] = []
        for name in self.store.listing():
            if name.endswith(ERASED):  # of a run that was cut off
                self.store.remove(name, erase=True)
        for one in copies:
            if (part := one.label.file("keys")) is not None:
                self.store.remove(part.name, erase=True)
                gone.append(part.name)
        self.store.settle()
        left = {name.removesuffix(ERASED) for name in self.store.listing()} if gone else set[str]()
        if left & set(gone):
            raise Damaged("backup_keys_stay")
        return gone

    def _sweep(self, box: str, copies: Sequence[Kept]) -> None:
        """Delete attachments that no kept copy names, and what a cut-off run left."""
        named = {place_of(box, name) for one in copies for name in attachments(one)}
        for place in self.store.listing(f"files-{box}"):
            if place not in named:
                self.store.remove(place)
        stamps = {one.label.stamp for one in copies}
        for name in self.store.listing():
            stamp = name.split(".", 1)[0].rpartition("-")[2]
            if name.startswith(f"korobka-{box}-") and stamp not in stamps:
                self.store.remove(name)


class Folder(Target):
    """A target that is a folder of this machine."""

    def __init__(self, path: Path, name: str = "", *, takes_keys: bool = True) -> None:
        super().__init__(FolderStore(path, name), path, takes_keys=takes_keys)
        self.path = path

    def attachment(self, box: str, name: str) -> Path:
        """Where an attachment lies."""
        return self.path / place_of(box, name)


def _free_place(place: str, there: Mapping[str, int], size: int) -> str | None:
    """Where an attachment can be written; None: it lies there whole already."""
    for one in (place, *(f"{place}.{n}" for n in range(1, MOST_TRIES))):
        if one not in there:
            return one
        if there[one] == size:
            return None
    return None


def attachments(one: Kept) -> Iterator[str]:
    """Names of the attachments of a copy."""
    path = one.part("files")
    if path is not None:
        yield from path.read_text(encoding="ascii").split()


def free_bytes(path: Path) -> int:
    """Room left where the path is."""
    return shutil.disk_usage(path).free
