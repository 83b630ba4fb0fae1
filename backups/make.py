"""Making a copy: snapshot, containers, label, every target, what is kept."""

import fcntl
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from appliance.errors import Conflict, HouseError, Unavailable
from backups import container, disk, other_engine, places, snapshot, state
from backups.container import Source
from backups.orders import Made, MakeOrder, Outcome
from backups.records import LABEL_END, Label, Manifest, Part, signed, written
from backups.targets import Target, free_bytes

LEAST_FREE: Final = 200 * 1024 * 1024
"""Bytes that stay free beside the copy: with less, the box itself stops taking orders."""

SMALL: Final = ("audit.pub", "korobka.toml")
FOLDERS: Final = ("tls", "tls-outer", "anchors")
WORK: Final = ".work-"

Sign = Callable[[str], str]
Tell = Callable[[str, int, int], None]


@contextmanager
def alone(folder: Path) -> Generator[None]:
    """Hold the folder of copies: two runs at once would delete each other's work.

    Raises:
        Conflict: `backup_running`.
        Unavailable: `backup_target_lost`, `backup_target_full`: it cannot be written.
    """
    with disk.said(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Conflict("backup_running") from error
    else:
        for left in folder.glob(f"{WORK}*"):  # of a run that was cut off
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        os.close(handle)


class _Run:
    """One copy under way."""

    def __init__(self, order: MakeOrder, work: Path, sign: Sign, tell: Tell) -> None:
        self.order, self.work, self.sign, self.tell = order, work, sign, tell
        self.box = ""
        self.keys = b""
        self.manifest = Manifest(kind="data", box="", stamp=order.stamp, version=order.version)
        self.rows: dict[str, int] = {}
        self.schema = 0
        self.attachments: list[str] = []
        self.tree = (0, "")
        self.total = sum(self._length(name) for name in (snapshot.MAIN, *snapshot.NEWEST))
        self.total += other_engine.size_of(order.url) if order.url else 0

    @property
    def name(self) -> str:
        """How all files of the copy begin."""
        return f"korobka-{self.box}-{self.order.stamp}"

    def containers(self) -> list[Part]:
        """Write data, keys and the list of attachments into the work folder."""
        self.box = snapshot.box_at(self.order.data)
        data = self._container("data", self._data())
        keys = self._container("keys", iter([Source(snapshot.KEYS, body=self.keys)]))
        listed = self.work / f"{self.name}.files.txt"
        disk.write(listed, "".join(f"{one}\n" for one in self.attachments).encode())
        return [data, keys, disk.hashed(listed)]

    def label(self, parts: list[Part]) -> tuple[str, bytes]:
        """The label's name and body."""
        record = written(
            Label(
                box=self.box,
                stamp=self.order.stamp,
                version=self.order.version,
                schema=self.schema,
                recipient=self.order.recovery,
                public_key=self.order.public_key,
                audit_size=self.tree[0],
                audit_root=self.tree[1],
                erased=len(self.manifest.ledger),
                files=tuple(parts),
                attachments=len(self.attachments),
            )
        )
        return f"{self.name}{LABEL_END}", signed(record, self.sign(record))

    def _container(self, kind: str, sources: Iterator[Source]) -> Part:
        path = self.work / f"{self.name}.{kind}.age"
        recipients = [self.order.recovery, self.order.drill]

        def finish(parts: list[Part]) -> bytes:
            record = written(self._manifest(kind, parts))
            return signed(record, self.sign(record))

        with disk.said(self.work), disk.fresh(path) as out:
            part = container.seal(
                out, sources, recipients, finish, lambda done: self.tell(kind, done, self.total)
            )
        return Part(path.name, part.size, part.sha256)

    def _manifest(self, kind: str, parts: list[Part]) -> Manifest:
        with closing(snapshot.of_bytes(self.keys)) as keys:
            epochs, ledger = snapshot.epochs_of(keys), snapshot.ledger_of(keys)
        self.manifest = Manifest(
            kind=kind,
            box=self.box,
            stamp=self.order.stamp,
            version=self.order.version,
            schema=self.schema,
            sqlite=sqlite3.sqlite_version,
            rows=self.rows if kind == "data" else {},
            epochs=epochs,
            audit_size=self.tree[0],
            audit_root=self.tree[1],
            ledger=ledger,
            parts=tuple(parts),
        )
        return self.manifest

    def _data(self) -> Iterator[Source]:
        """The parts in the order that keeps them consistent; each copy is gone when it is in."""
        main = self.work / snapshot.MAIN
        if self.order.url:
            other_engine.take(
                self.order.url,
                main,
                lambda done, total: self.tell("snapshot", done, total),
                beside=other_engine.nothing,
            )
        elif self.order.compact:
            snapshot.copy_compact(self._live(snapshot.MAIN), main)
        else:
            self._copy(snapshot.MAIN, main)
        with closing(sqlite3.connect(main)) as copied:
            snapshot.must_be_whole(copied, snapshot.MAIN)
            self.rows |= snapshot.counted(copied)
            self.schema = snapshot.schema_of(copied)
            self.attachments = snapshot.attachments_of(copied)
        self.keys = snapshot.in_memory(self._live(snapshot.KEYS))
        audit = self.work / snapshot.AUDIT
        self._copy(snapshot.AUDIT, audit)
        with closing(sqlite3.connect(audit)) as copied:
            snapshot.must_be_whole(copied, snapshot.AUDIT)
            self.rows |= {f"audit.{name}": n for name, n in snapshot.counted(copied).items()}
            self.tree = snapshot.tree_of(copied)
        evidence = self._evidence()
        self.total = main.stat().st_size + audit.stat().st_size
        yield Source(snapshot.MAIN, main)
        main.unlink()
        yield Source(snapshot.AUDIT, audit)
        audit.unlink()
        if evidence is not None:
            yield Source(snapshot.EVIDENCE, evidence)
            evidence.unlink()
        yield from self._small()

    def _evidence(self) -> Path | None:
        """A copy of the evidence store; None on a box that has not made one yet."""
        if not self._live(snapshot.EVIDENCE).is_file():
            return None
        evidence = self.work / snapshot.EVIDENCE
        self._copy(snapshot.EVIDENCE, evidence)
        with closing(sqlite3.connect(evidence)) as copied:
            snapshot.must_be_whole(copied, snapshot.EVIDENCE)
            self.rows |= {f"evidence.{name}": n for name, n in snapshot.counted(copied).items()}
        return evidence

    def _small(self) -> Iterator[Source]:
        for name in SMALL:
            if (path := self.order.data / name).is_file():
                yield Source(name, body=path.read_bytes())
        for folder in FOLDERS:
            for path in sorted((self.order.data / folder).glob("*")):
                if path.is_file():
                    yield Source(f"{folder}/{path.name}", body=path.read_bytes())

    def _copy(self, name: str, target: Path) -> None:
        total = self._length(name)
        snapshot.copy(
            self._live(name), target, lambda done: self.tell(f"snapshot {name}", done, total)
        )

    def _live(self, name: str) -> Path:
        return (self.order.data / name).resolve()

    def _length(self, name: str) -> int:
        path = self._live(name)
        return path.stat().st_size if path.is_file() else 0


def make(order: MakeOrder, sign: Sign, tell: Tell) -> Made:
    """Make a copy and bring it to every target.

    Args:
        order: what and where to.
        sign: signs a record.
        tell: step, done, total.

    Raises:
        Conflict: `backup_running`.
        Damaged: `backup_source_damaged`, `backup_part_missing`: the box itself is not whole.
        Unavailable: `backup_no_room`; or no target took it: the first one's reason.
    """
    home = order.data / "backups"
    with alone(home):
        known = state.load(home)
        try:
            made = _make(order, home, known, sign, tell)
        except HouseError as error:
            known.code, known.failed_at = error.code, datetime.now(UTC).isoformat()
            state.save(home, known)
            raise
        known.made, known.code, known.failed_at = made, "", ""
        done = [one.path for one in made.targets if one.state == "done"]
        known.known_targets = sorted({*known.known_targets, *done})
        state.save(home, known)
        return made


def _make(order: MakeOrder, home: Path, known: state.State, sign: Sign, tell: Tell) -> Made:
    began = time.monotonic()
    work = home / f"{WORK}{order.stamp}"
    with disk.said(home):
        work.mkdir(mode=0o700)
    try:
        run = _Run(order, work, sign, tell)
        # The snapshots lie beside the container until they are in it.
        need = 2 * run.total + LEAST_FREE
        if (free := free_bytes(home)) < need:
            raise Unavailable("backup_no_room", need=need >> 20, free=free >> 20)
        try:
            parts = run.containers()
        except sqlite3.Error as error:
            raise Unavailable("backup_target_full", type(error).__name__, path=str(home)) from None
        label = run.label(parts)
        with places.opened(order.targets, home, order.data_targets) as (targets, lost):
            outcomes = [_bring(run, target, parts, label, known) for target in targets]
            outcomes += [Outcome(path=name, state="failed", code=e.code) for name, e in lost]
            recipients = _recipients(targets, run.box, outcomes)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if not any(one.state == "done" for one in outcomes):
        raise Unavailable(outcomes[0].code, path=outcomes[0].path)
    return Made(
        stamp=order.stamp,
        size=sum(one.size for one in parts),
        seconds=round(time.monotonic() - began, 1),
        audit_size=run.tree[0],
        audit_root=run.tree[1],
        rows=sum(run.rows.values()),
        targets=outcomes,
        recipients=recipients,
    )


def _recipients(targets: list[Target], box: str, outcomes: list[Outcome]) -> list[str]:
    if any(one.state != "done" for one in outcomes):
        return []
    return sorted({copy.label.recipient for one in targets for copy in one.copies(box)})


def _bring(
    run: _Run, target: Target, parts: list[Part], label: tuple[str, bytes], known: state.State
) -> Outcome:
    """Bring the copy to one target; a target that fails does not keep the others from theirs."""
    path, keys = target.name, None
    try:
        target.must_be_there(known=path in known.known_targets)
        brought = [part for part in parts if target.takes_keys or ".keys." not in part.name]
        for part in brought:
            target.put(
                run.work / part.name,
                part,
                lambda done, size=part.size: run.tell(f"copy {path}", done, size),
            )
        files = run.order.data / "files"
        copied, missing = target.put_attachments(run.box, files, run.attachments)
        target.finish(*label, brought)
        pruned: list[str] = []
        if target.takes_keys:
            pruned = target.prune(run.box, run.order.counts, datetime.now(UTC))
            keys = target.oldest_keys(run.box)
    except HouseError as error:
        return Outcome(path=path, state="failed", code=error.code)
    return Outcome(
        path=path,
        state="done",
        copied=copied,
        missing=missing,
        pruned=len(pruned),
        keys=keys,
    )
