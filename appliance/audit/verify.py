"""Stand-alone verifier of a Korobka audit log: one file, Python 3.11 and `cryptography`.

It repeats the log's formulas instead of importing them: two hands that must come to the same
result. Checks: sequence, leaf hashes, tree, checkpoints and their signatures, anchors, code chain
from the start key, one seal per epoch under its own key, times, removed payloads, cells.
"""

import argparse
import base64
import bisect
import contextlib
import hashlib
import hmac
import json
import re
import sqlite3
import struct
import sys
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NOTHING = bytes(32)
LATE_SEAL, CLOCK_BACK = 2 * 15 * 60 * 1000, 5 * 60 * 1000
"""Milliseconds, reported beyond: two periods without a seal; a clock set back."""
TABLES = {
    "meta": "key value",
    "head": "one epoch size mac checkpoints auth",
    "event": "seq event_id leaf leaf_hash mac epoch",
    "payload": "seq subject sealed",
    "node": "level idx hash",
    "epoch": "no sealed_at first_seq last_seq seal_mac",
    "checkpoint": "size root note",
}
_HEX = ("mac", "checkpoints", "auth", "event_id", "leaf_hash", "seal_mac", "root")
WAYS: dict[str, Callable[[str], bytes]] = {**dict.fromkeys(_HEX, bytes.fromhex), "leaf": str.encode}
"""Columns that an export has as text."""
TAIL = len(', "sum": "0123456789abcdef"}\n')
"""Each line of an export ends with a digest of all lines up to it: a damaged one is named."""
_CELL = re.compile(r"([a-z_0-9]+)\.([a-z_0-9]+)\.([0-9a-f-]{36})")
_NOTE = re.compile(r"(?m)^\S+\n\d+\n[A-Za-z0-9+/]{43}=\n\n(?:— \S+ [A-Za-z0-9+/=]{92,}\n)+")
_UNREADABLE = (TypeError, ValueError, LookupError, AttributeError, OverflowError, struct.error)


class Bad(Exception):
    """The first thing that is wrong: place (`event`, `epoch`…), its seq or number, reason."""


def _must(holds: bool, place: str, seq: int, reason: str) -> None:
    if not holds:
        raise Bad(place, seq, reason)


@dataclass
class Report:
    """What was found; `trusted` is the size up to which an anchor vouches for the log."""

    ok: bool = False
    size: int = 0
    place: str = ""
    first_bad: int = 0
    reason: str = ""
    trusted: int = 0
    anchored_at: str = ""
    macs: str = "unchecked"
    signatures: str = "unchecked"
    cells: str = "unchecked"
    epochs: int = 0
    redacted: int = 0
    events_per_second: int = 0
    notes: list[str] = field(default_factory=list[str])


@dataclass(frozen=True)
class Trust:
    """What the user brings from outside the box; keys are 32 bytes."""

    # First epoch → printed start key of the chain; each replaced recovery code starts a stretch.
    start_keys: Mapping[int, bytes] = field(default_factory=dict[int, bytes])
    public_key: bytes | None = None
    anchors: Sequence[str] = ()
    main: Path | None = None  # database with the live cells, for the deep check
    sample: float = 1.0  # which part of the cells is compared
    told: Callable[[int, int], object] | None = None  # hears how many events are done, of how many


def verify(path: Path, trust: Trust) -> Report:
    """Check everything; never raises for a bad log, whatever was done to it."""
    report, began = Report(), time.perf_counter()
    try:
        with _open(path) as db:
            _Verifier(db, trust, report).run()
        report.ok = True
    except Bad as bad:
        report.place, report.first_bad, report.reason = bad.args
    except (sqlite3.Error, OSError, *_UNREADABLE) as error:
        report.place, report.reason = "file", f"not readable as a log: {error}"
    report.events_per_second = round(report.size / max(time.perf_counter() - began, 1e-6))
    return report


class _Verifier:
    """One pass over the log, with everything that is known at the place it has reached."""

    def __init__(self, db: sqlite3.Connection, trust: Trust, report: Report) -> None:
        self.db, self.trust, self.report = db, trust, report
        self.whole = bool(db.execute("PRAGMA database_list").fetchone()[2])
        self.seq = self.backs = 0
        self.mono: int = 0
        self.mac, self.keys = b"", list[bytes | None]()
        self.peaks: list[bytes] = []
        self.levels: dict[int, sqlite3.Cursor] = {}
        self.passed: dict[int, tuple[bytes, int]] = {}
        self.missing: list[tuple[int, str]] = []
        self.removed: dict[str, int] = {}
        self.ranges: list[tuple[int, int, int]] = []
        self.cells: dict[str, str] = {}

    def run(self) -> None:
        try:
            self._structure()
            self._settings()
            self._seals_in_order()
            self._anchors_read()
            self._events()
            self._head()
            if self.whole:
                nodes = self.db.execute("SELECT count(*) FROM node").fetchone()[0]
                _must(nodes == self.size - self.size.bit_count(), "node", 0, "nodes of no tree")
                self._redactions()
            self._anchors()
            if self.trust.main is not None:
                self._live_cells(self.trust.main)
        except _UNREADABLE as error:
            raise Bad("event", self.seq, f"unreadable: {type(error).__name__}") from error

    def _structure(self) -> None:
        """The file is whole and has exactly the tables of a log, no trigger, no view."""
        state = self.db.execute("PRAGMA quick_check(1)").fetchone()[0]
        _must(state == "ok", "file", 0, f"database damaged: {state}")
        found = self.db.execute("SELECT type, name FROM sqlite_master").fetchall()
        names = {name for kind, name in found if kind != "index"}
        _must(names == set(TABLES), "file", 0, "foreign or missing tables")
        for table, columns in TABLES.items():
            named = [row[1] for row in self.db.execute(f"PRAGMA table_info({table})")]
            _must(named == columns.split(), "file", 0, f"table {table} has other columns")

    def _settings(self) -> None:
        """Name, start, head, seals and checkpoints; derives the keys of all epochs."""
        meta = dict(self.db.execute("SELECT key, value FROM meta"))
        self.origin, self.started = str(meta["origin"]), int(meta["started"])
        known = {"schema": "1", "origin": self.origin, "started": str(self.started)}
        _must(meta == known, "meta", 0, "unknown version or settings")
        heads = self.db.execute("SELECT * FROM head").fetchall()
        _must(len(heads) == 1, "head", 0, "not exactly one head")
        self.head: tuple[int, int, bytes, bytes, bytes] = heads[0][1:]
        self.size = self.db.execute("SELECT count(*) FROM event").fetchone()[0]
        self.seals: list[tuple[int, int, int, int, bytes]]
        self.seals = self.db.execute("SELECT * FROM epoch ORDER BY no").fetchall()
        self.report.size, self.report.epochs = self.size, len(self.seals)
        checkpoints = self.db.execute("SELECT * FROM checkpoint")
        self.checkpoints = {size: (root, note) for size, root, note in checkpoints}
        self.keys = list(epoch_keys(self.trust.start_keys, len(self.seals) + 1))
        if (blind := self.keys.count(None)) < len(self.keys):
            self.report.macs = f"checked from epoch {blind}" if blind else "checked"
        self.report.signatures = "checked" if self.trust.public_key else "unchecked"

    def _seals_in_order(self) -> None:
        """Exactly one seal per epoch from 0 on, covering the events without gap or overlap."""
        before, covered = self.started, 0
        for expected, (no, at, first, last, _) in enumerate(self.seals):
            _must(no == expected, "epoch", expected, "no seal for this epoch")
            joined = first == covered + 1 and last >= covered
            _must(joined, "epoch", no, "its events do not join the epoch before")
            _must(at >= before, "epoch", no, "sealed before the epoch before it")
            if at - before > LATE_SEAL:
                self.report.notes.append(f"no seal between {_day(before)} and {_day(at)}")
            before, covered = at, last

    def _events(self) -> None:
        """The pass: sequence, hashes, tree, checkpoints, chain, seals, times."""
        if (first := self.keys[0]) is not None:
            text = b"start" + struct.pack(">Q", self.started) + self.origin.encode()
            self.mac = hmac.digest(first, text, "sha256")
        bounds = {seal[3] for seal in self.seals} | set(self.checkpoints)
        bounds |= {size for size, _ in self.anchors}
        self._epoch_after(0)
        self._boundary(0)
        rows = self.db.execute(
            "SELECT e.seq, event_id, leaf, leaf_hash, mac, e.epoch, p.subject, p.sealed "
            "FROM event e LEFT JOIN payload p ON p.seq = e.seq ORDER BY e.seq"
        )
        for self.seq, (seq, event_id, leaf, hashed, *rest, subject, sealed) in enumerate(rows, 1):
            if seq != self.seq:
                raise Bad("event", self.seq, "missing from the sequence")
            if hashed != hashlib.sha256(b"\x00" + leaf).digest():
                raise Bad("event", seq, "leaf differs from its hash")
            self._chained(seq, hashed, *rest)
            fields = json.loads(leaf)
            self._identity(seq, event_id, fields)
            if self.whole:
                self._beside(seq, fields, subject, sealed)
            self._push(seq - 1, hashed)
            if seq in bounds:
                self._boundary(seq)
        if self.backs:
            self.report.notes.append(f"clock went back: {self.backs} events have earlier times")

    def _chained(self, seq: int, hashed: bytes, code: bytes, of_epoch: int) -> None:
        """The event belongs to its epoch, and its code continues the chain with that key."""
        if seq > self.epoch_end:
            self._epoch_after(seq - 1)
        if of_epoch != self.epoch:
            raise Bad("event", seq, f"sealed as epoch {of_epoch}, belongs to {self.epoch}")
        text, key = self.mac + hashed, self.keys[of_epoch]
        if key is not None and code != hmac.digest(key, text, "sha256"):
            for number, other in enumerate(self.keys):
                if other is not None and code == hmac.digest(other, text, "sha256"):
                    raise Bad("event", seq, f"sealed with the key of epoch {number}, not its own")
            raise Bad("event", seq, "code does not continue the chain")
        self.mac = code

    def _epoch_after(self, seq: int) -> None:
        """Go to the epoch of event `seq + 1`; the open one has no end yet."""
        self.epoch = bisect.bisect_right(self.seals, seq, key=lambda seal: seal[3])
        still_open = self.epoch == len(self.seals)
        self.epoch_end = sys.maxsize if still_open else self.seals[self.epoch][3]

    def _identity(self, seq: int, event_id: bytes, leaf: dict[str, Any]) -> None:
        """The leaf speaks of this row, and its time continues."""
        if leaf["seq"] != seq or leaf["id"].replace("-", "") != event_id.hex():
            raise Bad("event", seq, "leaf is another event's")
        at, mono = int(leaf["at"]), int(leaf["mono"])
        if mono != max(self.mono + 1, at):
            raise Bad("event", seq, "time does not continue")
        self.mono = mono
        self.backs += mono - at > CLOCK_BACK
        if self.trust.main is not None and "cell_hashes" in leaf:
            self.cells.update(leaf["cell_hashes"])

    def _beside(self, seq: int, leaf: dict[str, Any], subject: object, sealed: Any) -> None:
        """The payload beside the tree, and the removals an event speaks of."""
        mark = leaf.get("payload")
        if mark is not None and sealed is None:
            self.missing.append((seq, mark.get("subject", "")))
        elif mark is not None:
            if subject != mark.get("subject", ""):
                raise Bad("payload", seq, "payload of another subject")
            if hashlib.sha256(sealed).hexdigest() != mark["hash"]:
                raise Bad("payload", seq, "payload differs from its mark")
        elif sealed is not None:
            raise Bad("payload", seq, "payload without a mark in its leaf")
        gone = leaf.get("redacts", {})
        if "subject" in gone:
            self.removed[gone["subject"]] = seq
        elif gone:
            self.ranges.append((gone.get("first", 0), gone.get("last", 0), seq))

    def _push(self, index: int, hashed: bytes) -> None:
        if self.trust.told is not None and not index % 16_384:
            self.trust.told(index, self.size)
        level = 0
        while index & 1:
            hashed = hashlib.sha256(b"\x01" + self.peaks.pop() + hashed).digest()
            index >>= 1
            level += 1
            if self.whole:
                self._stored(level, index, hashed)
        self.peaks.append(hashed)

    def _stored(self, level: int, index: int, hashed: bytes) -> None:
        """The stored inner node is this one; each level is read by a cursor of its own."""
        if level not in self.levels:
            query = "SELECT idx, hash FROM node WHERE level = ? ORDER BY idx"
            self.levels[level] = self.db.execute(query, (level,))
        if next(self.levels[level], None) != (index, hashed):
            raise Bad("node", (index + 1) << level, f"node {level}/{index} is false or missing")

    def _boundary(self, seq: int) -> None:
        """Compare the tree with the checkpoint of this size, and check seals that end here."""
        root = _fold(self.peaks)
        self.passed[seq] = (root, self.mono)
        if seq in self.checkpoints:
            claimed, note = self.checkpoints[seq]
            signature = base64.b64encode(base64.b64decode(note.rpartition(" ")[2])).decode()
            written = f"{self._text(seq, root)}\n— {self.origin} {signature}\n"
            same = (claimed, note) == (root, written)
            _must(same, "checkpoint", seq, "it does not say what the tree says")
            self._signature("checkpoint", seq, note)
        first = bisect.bisect_left(self.seals, seq, key=lambda seal: seal[3])
        for no, at, start, last, code in self.seals[first:]:
            if last != seq:
                break
            before = self.seals[no - 1][4] if no else NOTHING
            text = b"seal" + struct.pack(">QQQQ", no, at, start, last) + self.mac + before
            key = self.keys[no]
            whole = key is None or code == hmac.digest(key, text, "sha256")
            _must(whole, "epoch", no, "seal is not this epoch's")

    def _signature(self, place: str, size: int, note: str) -> None:
        """The known key signed this note (C2SP signed-note, type 0x01)."""
        if self.trust.public_key is None:
            return None
        key, ours = Ed25519PublicKey.from_public_bytes(self.trust.public_key), self.origin.encode()
        ident = hashlib.sha256(ours + b"\n\x01" + self.trust.public_key).digest()[:4]
        text, _, lines = note.rpartition("\n\n")
        for line in lines.splitlines():
            signer, _, encoded = line.rpartition(" ")
            signature = base64.b64decode(encoded)
            if signer == f"— {self.origin}" and signature[:4] == ident:
                with contextlib.suppress(InvalidSignature):
                    return key.verify(signature[4:], (text + "\n").encode())
        raise Bad(place, size, "not signed with the known key")

    def _head(self) -> None:
        """The log ends where its head says, with all its checkpoints, under the running key."""
        epoch, size, mac, checkpoints, auth = self.head
        longest = max([size, *self.checkpoints, *(seal[3] for seal in self.seals)])
        first_bad = min(longest, self.size) + 1
        _must(longest == self.size, "head", first_bad, f"log should have {longest} events")
        ends = epoch in (len(self.seals) - 1, len(self.seals))
        _must(ends, "head", len(self.seals), "epochs do not end where the head says")
        _must(mac == (self.mac or mac), "head", size, "last code is not the head's")
        digest = NOTHING
        for at in sorted(self.checkpoints):
            _must(at in self.passed, "checkpoint", at, "the log never had this size")
            digest = hashlib.sha256(digest + self.checkpoints[at][1].encode()).digest()
        _must(digest == checkpoints, "checkpoint", 0, "a checkpoint is missing or foreign")
        text = b"head" + struct.pack(">QQ", epoch, size) + mac + checkpoints
        key = self.keys[epoch]
        whole = key is None or auth == hmac.digest(key, text, "sha256")
        _must(whole, "head", size, "head is not sealed with its epoch's key")

    def _redactions(self) -> None:
        """Each missing payload was removed by a later event that says so; none lies loose."""
        for seq, subject in self.missing:
            by_subject = subject and self.removed.get(subject, 0) > seq
            if not by_subject and not any(a <= seq <= b and seq < at for a, b, at in self.ranges):
                raise Bad("payload", seq, "payload is gone and no event removed it")
        self.report.redacted = len(self.missing)
        loose = "SELECT min(seq) FROM payload WHERE seq NOT IN (SELECT seq FROM event)"
        if (seq := self.db.execute(loose).fetchone()[0]) is not None:
            raise Bad("payload", seq, "payload without an event")

    def _anchors_read(self) -> None:
        self.anchors: list[tuple[int, str]] = []
        for note in self.trust.anchors:
            origin, size, *_ = [*note.split("\n"), ""]
            ours = origin == self.origin and size.isdecimal()
            _must(ours, "anchor", 0, "a note is no checkpoint of this log")
            self.anchors.append((int(size), note))

    def _anchors(self) -> None:
        """Every anchor from outside is the beginning of this very tree."""
        for size, note in sorted(self.anchors):
            self._signature("anchor", size, note)
            _must(size <= self.size, "anchor", self.size + 1, f"log is shorter than anchor {size}")
            root, at = self.passed[size]
            same = note.startswith(self._text(size, root) + "\n")
            _must(same, "anchor", size, "log differs from what was anchored")
            self.report.trusted, self.report.anchored_at = size, _day(at or self.started)

    def _text(self, size: int, root: bytes) -> str:
        return f"{self.origin}\n{size}\n{base64.b64encode(root).decode()}\n"

    def _live_cells(self, main: Path) -> None:
        """The newest hash of each sampled cell is that of the live one (an old one put back?)."""
        step = max(round(1 / max(self.trust.sample, 1e-6)), 1)
        gone = seen = 0
        with _open(main) as db:
            for (leaf,) in db.execute("SELECT leaf FROM audit_outbox ORDER BY id"):
                self.cells.update(json.loads(leaf).get("cell_hashes", {}))
            for name, hashed in self.cells.items():
                if int(hashed[:8], 16) % step:
                    continue
                if (parts := _CELL.fullmatch(name)) is None:
                    raise Bad("cell", 0, "a cell's name cannot be read")
                key = bytes.fromhex(parts[3].replace("-", ""))
                query = f'SELECT "{parts[2]}" FROM "{parts[1]}" WHERE id = ?'  # noqa: S608 - _CELL admits names only
                (live,) = db.execute(query, (key,)).fetchone() or (None,)
                seen, gone = seen + 1, gone + (live is None)  # also a destroyed person's
                if live is not None and hashlib.sha256(live).hexdigest() != hashed:
                    raise Bad("cell", 0, f"{name} is not what the log last saw")
        self.report.cells = f"{seen - gone} compared, {gone} gone"


def epoch_keys(starts: Mapping[int, bytes], count: int) -> Iterator[bytes | None]:
    """K_{e+1} = HKDF-SHA256(K_e, salt empty, info `audit-epoch`); None before the first start."""
    key: bytes | None = None
    for epoch in range(count):
        if key is not None:
            key = hmac.digest(hmac.digest(NOTHING, key, "sha256"), b"audit-epoch\x01", "sha256")
        key = starts.get(epoch, key)
        yield key


def _fold(peaks: list[bytes]) -> bytes:
    root = peaks[-1] if peaks else hashlib.sha256(b"").digest()
    for peak in reversed(peaks[:-1]):
        root = hashlib.sha256(b"\x01" + peak + root).digest()
    return root


def _day(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds // 1000, UTC):%Y-%m-%d %H:%M:%S UTC}"


@contextlib.contextmanager
def _open(path: Path) -> Generator[sqlite3.Connection]:
    """A database, for reading only; an export (`.jsonl`) is loaded into memory."""
    export = path.suffix == ".jsonl"
    # Without a journal nobody writes: a copy may lie on a medium that cannot be written.
    still = "" if Path(f"{path}-wal").exists() else "&immutable=1"
    place = ":memory:" if export else f"{path.resolve().as_uri()}?mode=ro{still}"
    with contextlib.closing(sqlite3.connect(place, uri=True)) as db:
        if export:
            _load(db, path)
        else:
            db.execute("BEGIN")  # one snapshot, though the box goes on writing
        yield db


def _load(db: sqlite3.Connection, path: Path) -> None:
    for table, columns in TABLES.items():
        db.execute(f"CREATE TABLE {table} ({columns.replace(' ', ', ')})")
    running = b""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            body, running = line[:-TAIL], hashlib.sha256(running + line[:-TAIL]).digest()
            written = line[-TAIL:] == b', "sum": "%s"}\n' % running.hex()[:16].encode()
            _must(written, "line", number, "not as it was written")
            row = json.loads(body + b"}")
            table = row.pop("table")
            _must(" ".join(row) == TABLES[table], "line", number, "has other columns")
            values = [WAYS[name](row[name]) if name in WAYS else row[name] for name in row]
            marks = ",".join("?" * len(values))
            db.execute(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608 - TABLES knows it


def notes_in(text: str) -> list[str]:
    """The checkpoints of a letter, a scanned code or a file of anchors; all else is passed over."""
    return _NOTE.findall(text.replace("\r\n", "\n") + "\n")


def _notes_of(path: str) -> list[str]:
    if not (found := notes_in(Path(path).read_text(encoding="utf-8", errors="replace"))):
        raise argparse.ArgumentTypeError(f"{path}: no checkpoint in it")
    return found


def _start_key(text: str) -> tuple[int, bytes]:
    epoch, _, key = text.rpartition(":")
    return int(epoch or 0), bytes.fromhex(key)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; 0 = the log is whole, 1 = it is not, 2 = a wrong command line."""
    parser = argparse.ArgumentParser(description="Verify a Korobka audit log.")
    add = parser.add_argument
    add("log", type=Path, help="audit.db, or an export (.jsonl)")
    add("--start-key", type=_start_key, action="append", default=[], help="printed, [epoch:]hex")
    add("--public-key", default="", help="checkpoint key: 64 hex digits, or a file that holds them")
    add("--anchor", type=_notes_of, action="extend", default=[], help="file of checkpoints kept")
    add("--lost", type=_notes_of, default=[], help="file of checkpoints given up after a restore")
    add("--main", type=Path, help="main.db, to compare live cells")
    add("--sample", type=float, default=1.0, help="part of the cells, 0…1")
    add("--json", action="store_true", help="for programs")
    try:
        asked = parser.parse_args(arguments)
        path = Path(asked.public_key or "-")
        public = bytes.fromhex(path.read_text() if path.is_file() else asked.public_key) or None
    except (OSError, ValueError) as error:
        parser.error(str(error))
    kept = [one for one in asked.anchor if one not in asked.lost]
    report = verify(asked.log, Trust(dict(asked.start_key), public, kept, asked.main, asked.sample))
    if given_up := len(asked.anchor) - len(kept):
        report.notes.append(f"{given_up} anchors were given up after a restore")
    sys.stdout.write((json.dumps(asdict(report)) if asked.json else describe(report)) + "\n")
    return 0 if report.ok else 1


def describe(report: Report) -> str:
    """The verdict in a few lines."""
    verdict = f"OK {report.size} events, {report.epochs} epochs, {report.redacted} redacted"
    if not report.ok:
        verdict = f"FAIL first bad {report.place} {report.first_bad}: {report.reason}"
    anchored = f"trusted up to size {report.trusted}, anchored at {report.anchored_at or 'never'}"
    codes = f"codes {report.macs}, signatures {report.signatures}, cells {report.cells}"
    return "\n".join([verdict, anchored, codes, *report.notes])


if __name__ == "__main__":
    sys.exit(main())
