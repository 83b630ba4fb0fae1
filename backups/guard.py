"""Continuous protection: every two minutes, what changed goes to a second disk, with the keys."""

import fcntl
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from appliance.errors import Conflict, Unavailable
from backups import chain, container, disk, mirror, pages, snapshot
from backups.container import Source
from backups.make import FOLDERS, SMALL, Sign, Tell
from backups.orders import Guarded, GuardOrder
from backups.records import LABEL_END, Label, Manifest, Part, signed, written
from backups.stores import ERASED
from backups.targets import Folder, place_of

TABLES: Final = "guard.tables"
"""In the folder of copies: hashes of every page of the last step; by them the next one finds what
changed."""

LOCK: Final = "guard.lock"
MOST_STEPS: Final = 720
"""A day at two minutes; a longer chain takes longer to put together than a new one to begin."""

KEPT_CHAINS: Final = 2
TRIES: Final = 3


class _Tables(msgspec.Struct):
    """What the last step left: its chain and number, the hashes, sizes of containers so far.

    Attributes:
        apart: the folder that lay on another disk than the data; empty: it did not.
    """

    chain: str = ""
    step: int = -1
    hashes: dict[str, bytes] = {}
    base: int = 0
    since: int = 0
    apart: str = ""


class _Taken(NamedTuple):
    """What a step holds beside its pages."""

    tables: dict[str, bytes]
    shapes: dict[str, tuple[int, int, str]]
    pages: int
    schema: int
    tree: tuple[int, str]
    attachments: list[str]
    keys: bytes


def guard(order: GuardOrder, sign: Sign, tell: Tell) -> Guarded:
    """Take one step.

    Raises:
        Conflict: `backup_running`: the one before goes on still.
        Unavailable: `backup_target_lost`, `backup_target_full`, `backup_moment_lost`.
        Damaged: the box's databases cannot be read.
    """
    home = order.data / "backups"
    with disk.said(home):
        home.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(home / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Conflict("backup_running") from error
    else:
        for left in range(TRIES - 1, -1, -1):
            try:
                return _Step(order, sign, tell).take()
            except Unavailable as error:
                if error.code != "backup_moment_lost" or not left:
                    raise
        raise Unavailable("backup_moment_lost")
    finally:
        os.close(handle)


class _Step:
    """One step under way."""

    def __init__(self, order: GuardOrder, sign: Sign, tell: Tell) -> None:
        self.order, self.sign, self.tell = order, sign, tell
        self.root = Path(order.guard)
        self.home = order.data / "backups"
        self.box = snapshot.box_at(order.data)
        self.target = Folder(self.root)
        self.last = self._last()
        self.was_apart = self.last.apart == order.guard
        fresh = self._must_begin_anew()
        self.chain = order.stamp if fresh else self.last.chain
        self.step = 0 if fresh else self.last.step + 1
        if fresh:
            self.last = _Tables()

    def take(self) -> Guarded:
        """Write it whole, then tell it from the last one."""
        began = time.monotonic()
        self.target.must_be_there(known=self.step > 0)
        apart = self._apart()
        place = self.root / chain.place_of(self.box, self.chain, self.step, "data.age")
        with disk.said(self.root):
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with ExitStack() as stack, disk.said(self.root):
            taken, sources = self._looked_at(stack)
            data = self._container("data", place, sources, taken)
        with disk.said(self.root):
            sealed = Source(snapshot.KEYS, body=taken.keys)
            keys = self._container("keys", self._at("keys.age"), iter([sealed]), taken)
            files = self.order.data / "files"
            copied, _ = self.target.put_attachments(self.box, files, taken.attachments)
            for part in (data, keys):
                disk.must_be(self.root / part.name, part)
            if self._apart() != apart:  # it went meanwhile, and its mount point is a folder, too
                raise Unavailable("backup_target_lost", path=str(self.root))
            disk.write(self._at(LABEL_END[1:]), self._label(taken, data, keys))
            self._forget(taken)
        size = data.size + keys.size
        base = size if not self.step else self.last.base
        since = 0 if not self.step else self.last.since + data.size
        left = _Tables(
            self.chain, self.step, taken.tables, base, since, self.order.guard if apart else ""
        )
        disk.write(self.home / TABLES, msgspec.msgpack.encode(left))
        seconds = round(time.monotonic() - began, 2)
        return Guarded(
            stamp=self.order.stamp,
            chain=self.chain,
            step=self.step,
            pages=taken.pages,
            size=size,
            seconds=seconds,
            copied=copied,
        )

    def _at(self, end: str) -> Path:
        return self.root / chain.place_of(self.box, self.chain, self.step, end)

    def _apart(self) -> bool:
        """Whether the second disk is another one than the data's.

        Raises:
            Unavailable: `backup_target_lost`: it was, and now there is its empty mount point.
        """
        with disk.said(self.root):
            apart = self.root.stat().st_dev != self.order.data.stat().st_dev
        if self.was_apart and not apart:
            raise Unavailable("backup_target_lost", path=str(self.root))
        return apart

    def _last(self) -> _Tables:
        try:
            return msgspec.msgpack.decode((self.home / TABLES).read_bytes(), type=_Tables)
        except (OSError, msgspec.DecodeError):
            return _Tables()

    def _must_begin_anew(self) -> bool:
        """No chain, another disk, a chain that grew too long or larger than what it began with."""
        if self.last.step < 0 or self.last.step + 1 >= MOST_STEPS:
            return True
        if self.last.since > self.last.base:
            return True
        # Steps behind the tables are of a run that was cut off: its pages are in the next one.
        there = self.root / chain.place_of(self.box, self.last.chain, self.last.step, "label.json")
        return not there.is_file()

    def _looked_at(self, stack: ExitStack) -> tuple[_Taken, Iterator[Source]]:
        """Hold a moment of each database, in the order that keeps them consistent."""
        moments: dict[str, pages.Moment] = {}
        if self.order.url:
            self._follow(self.order.url)
        main = stack.enter_context(pages.moment(self._live(snapshot.MAIN)))
        moments[snapshot.MAIN] = main
        keys = snapshot.in_memory(self._live(snapshot.KEYS))
        for name in chain.DATABASES[1:]:
            if self._live(name).is_file():
                moments[name] = stack.enter_context(pages.moment(self._live(name)))
        tables = {name: one.table() for name, one in moments.items()}
        numbers = {
            name: pages.changed(self.last.hashes.get(name, b""), table)
            for name, table in tables.items()
        }
        shapes = {
            name: (one.size, one.count, pages.digest_of(tables[name]))
            for name, one in moments.items()
        }
        taken = _Taken(
            tables,
            shapes,
            sum(map(len, numbers.values())),
            snapshot.schema_of(main.live),
            snapshot.tree_of(moments[snapshot.AUDIT].live),
            snapshot.attachments_of(main.live),
            keys,
        )
        return taken, self._sources(moments, numbers)

    def _follow(self, url: str) -> None:
        """Bring the main.db of a box on PostgreSQL up to this moment."""
        try:
            with disk.said(self.home):
                mirror.follow(url, self.home, anew=not self.step)
        except sqlite3.Error as error:
            raise Unavailable(
                "backup_target_full", type(error).__name__, path=str(self.home)
            ) from error

    def _sources(
        self, moments: dict[str, pages.Moment], numbers: dict[str, list[int]]
    ) -> Iterator[Source]:
        for name, one in moments.items():
            wanted = numbers[name]
            length = len(wanted) * (4 + one.size)
            stream = pages.packed(one, wanted)
            yield Source(f"{name}{chain.PAGES}", stream=stream, length=length)
            one.must_be_held()
        for name in SMALL:
            if (path := self.order.data / name).is_file():
                yield Source(name, body=path.read_bytes())
        for folder in FOLDERS if not self.step else ():
            for path in sorted((self.order.data / folder).glob("*")):
                if path.is_file():
                    yield Source(f"{folder}/{path.name}", body=path.read_bytes())

    def _live(self, name: str) -> Path:
        if self.order.url and name == snapshot.MAIN:
            return (self.home / mirror.NAME).resolve()
        return (self.order.data / name).resolve()

    def _container(self, kind: str, place: Path, sources: Iterator[Source], taken: _Taken) -> Part:
        def finish(parts: list[Part]) -> bytes:
            record = written(self._manifest(kind, parts, taken))
            return signed(record, self.sign(record))

        to = [self.order.recovery, self.order.drill]
        with disk.fresh(place) as out:
            part = container.seal(out, sources, to, finish, lambda done: self.tell(kind, done, 0))
        name = chain.place_of(self.box, self.chain, self.step, f"{kind}.age")
        return Part(name, part.size, part.sha256)

    def _manifest(self, kind: str, parts: list[Part], taken: _Taken) -> Manifest:
        with closing(snapshot.of_bytes(taken.keys)) as keys:
            epochs, ledger = snapshot.epochs_of(keys), snapshot.ledger_of(keys)
        return Manifest(
            kind=chain.kind_of(self.chain, self.step) if kind == "data" else kind,
            box=self.box,
            stamp=self.order.stamp,
            version=self.order.version,
            schema=taken.schema,
            sqlite=sqlite3.sqlite_version,
            epochs=epochs,
            audit_size=taken.tree[0],
            audit_root=taken.tree[1],
            ledger=ledger,
            parts=tuple(parts),
            pages=taken.shapes if kind == "data" else {},
        )

    def _label(self, taken: _Taken, data: Part, keys: Part) -> bytes:
        with closing(snapshot.of_bytes(taken.keys)) as store:
            erased = len(snapshot.ledger_of(store))
        record = written(
            Label(
                box=self.box,
                stamp=self.order.stamp,
                version=self.order.version,
                schema=taken.schema,
                recipient=self.order.recovery,
                public_key=self.order.public_key,
                audit_size=taken.tree[0],
                audit_root=taken.tree[1],
                erased=erased,
                files=(data, keys),
                attachments=len(taken.attachments),
            )
        )
        return signed(record, self.sign(record))

    def _forget(self, taken: _Taken) -> None:
        """Older key sets at once, older chains once a new one stands, attachments of nobody."""
        store, box = self.target.store, self.box
        listed = store.listing(f"{chain.NAME}-{box}")
        mine = chain.place_of(box, self.chain, self.step, "keys.age")
        for name in listed:
            if name.endswith((".keys.age", ERASED)) and name != mine:
                store.remove(name, erase=True)
        if self.step:
            return
        homes = sorted({Path(name).parent for name in listed}, reverse=True)
        for home in homes[KEPT_CHAINS:]:
            shutil.rmtree(self.root / home, ignore_errors=True)
        named = {place_of(box, one) for one in taken.attachments}
        if len(homes) > 1:
            for place in store.listing(f"files-{box}"):
                if place not in named:
                    store.remove(place)
