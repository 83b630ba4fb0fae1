"""The sealed log: `audit.db`, one file on both engines, written by the sealer alone.

An event's place, its monotone time, its hash in the tree and its code in the chain are given
here, in one transaction with one fsync per batch. Nothing is ever changed; only payloads, which
lie outside the tree, can be removed.
"""

import hashlib
import logging
import os
import sqlite3
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import msgspec

from appliance.audit import chain, merkle
from appliance.audit.chain import EpochKey, Head, Seal
from appliance.audit.entry import (
    LEAF_VERSION,
    Leaf,
    Redaction,
    canonical,
    cell_hash,
    cell_key,
    milliseconds,
    read_leaf,
)
from appliance.audit.notes import Checkpoint, origin_of, read_note, write_note
from appliance.audit.outbox import OutboxRow
from appliance.audit.schema import PRAGMAS, SCHEMA, SCHEMA_VERSION
from appliance.domain.access import NOBODY, ActorKind
from appliance.errors import Conflict, Damaged, NotFound, Unavailable

_log = logging.getLogger(__name__)
_LATEST = 1 << 47
"""Milliseconds, the year 6429: a time beyond would spoil the monotone time of all that follow."""


class AuditLog:
    """The log file. One writer; not for use from two threads at once.

    Attributes:
        origin: name of the log in its checkpoints.
        started: milliseconds since 1970, of the box's first start.
        size: number of events, which is also the last one's `seq`.
        open_epoch: the epoch new events are sealed in: the one after the last seal.
    """

    def __init__(self, path: Path) -> None:
        """Open an existing log.

        Raises:
            NotFound: no such file (`audit_log_missing`); a log is never made anew in silence.
            Damaged: it does not hang together (`audit_log_damaged`).
        """
        if not path.exists():
            raise NotFound("audit_log_missing", "audit.db is missing")
        try:
            self._db = _connect(path)
        except sqlite3.OperationalError as error:
            raise Unavailable("audit_unwritable", "audit.db cannot be opened") from error
        except sqlite3.DatabaseError as error:
            raise Damaged("audit_log_damaged", "audit.db is no database") from error
        try:
            self._load()
        except (sqlite3.Error, msgspec.DecodeError, TypeError, ValueError, KeyError) as error:
            self._db.close()
            raise Damaged("audit_log_damaged", "audit.db cannot be read") from error
        except Damaged:
            self._db.close()
            raise

    @classmethod
    def create(cls, path: Path, box: str, started: datetime, key: EpochKey) -> Self:
        """Begin the log of a new box.

        Args:
            path: must not exist.
            box: the box's id, part of the origin.
            started: from then on sealing must exist.
            key: the start key, epoch 0.

        Raises:
            Conflict: a log is there already, or the chain has moved on without one.
        """
        if key.epoch != 0:
            raise Conflict("audit_log_behind", f"chain is at epoch {key.epoch}, log is new")
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except FileExistsError as error:
            raise Conflict("audit_log_exists", "audit.db exists") from error
        origin, at = origin_of(box), milliseconds(started)
        head = Head(0, 0, chain.start_mac(key.key, origin, at), chain.NOTHING)
        db = _connect(path)
        db.execute("BEGIN IMMEDIATE")
        for statement in SCHEMA:
            db.execute(statement)
        db.executemany(
            "INSERT INTO meta VALUES (?, ?)",
            [("schema", str(SCHEMA_VERSION)), ("origin", origin), ("started", str(at))],
        )
        _put_head(db, head, key)
        db.execute("COMMIT")
        db.close()
        return cls(path)

    def close(self) -> None:
        self._db.close()

    @property
    def size(self) -> int:
        return self._head.size

    @property
    def open_epoch(self) -> int:
        return self._last_seal.no + 1

    @property
    def sealed_at(self) -> int:
        """Milliseconds since 1970 of the last seal, or of the log's start."""
        return self._last_seal.sealed_at

    @property
    def checkpoint_size(self) -> int:
        """Size of the newest checkpoint, 0 before the first."""
        return self._checkpoint_size

    def append(self, rows: Sequence[OutboxRow], key: EpochKey) -> int:
        """Seal rows in their order; those already sealed are passed over.

        Entries that redact remove the payloads they name in the same transaction. A row that is
        not a draft of its own entry is sealed as a trace of that (`audit_outbox_damaged`).

        Args:
            rows: at most a few hundred.
            key: of the open epoch.

        Returns:
            How many were new.
        """
        self._must_be_open(key)
        batch = _Batch(self._head, self._mono, list(self._peaks), key)
        known = self._known([row.id for row in rows])
        for row in rows:
            if row.id not in known:
                known.add(row.id)
                batch.add(row)
        if not batch.events:
            return 0
        with self._write() as db:
            db.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)", batch.events)
            db.executemany("INSERT INTO node VALUES (?, ?, ?)", batch.nodes)
            db.executemany("INSERT INTO payload VALUES (?, ?, ?)", batch.payloads)
            for before, redaction in batch.redactions:
                _redact(db, redaction, before)
            _put_head(db, batch.head, key)
        self._head, self._mono, self._peaks = batch.head, batch.mono, batch.peaks
        return len(batch.events)

    def seal_epoch(self, at: datetime, key: EpochKey) -> Seal:
        """End the open epoch, also an empty one; the vault must advance right after."""
        self._must_be_open(key)
        last = self._last_seal
        seal = Seal(key.epoch, max(milliseconds(at), last.sealed_at), last.last_seq + 1, self.size)
        mac = chain.seal_mac(key.key, seal, self._head.mac, self._last_seal_mac)
        head = self._head._replace(epoch=key.epoch)
        with self._write() as db:
            db.execute("INSERT INTO epoch VALUES (?, ?, ?, ?, ?)", (*seal, mac))
            _put_head(db, head, key)
        self._head, self._last_seal, self._last_seal_mac = head, seal, mac
        return seal

    def checkpoint(
        self, public_key: bytes, sign: Callable[[bytes], bytes], key: EpochKey
    ) -> str | None:
        """Sign the tree as it is; None when nothing came since the last checkpoint."""
        self._must_be_open(key)
        if self.size == self._checkpoint_size:
            return None
        root = merkle.fold(self._peaks)
        note = write_note(Checkpoint(self.origin, self.size, root), public_key, sign)
        digest = chain.checkpoint_digest(self._head.checkpoints, note.encode())
        head = self._head._replace(epoch=key.epoch, checkpoints=digest)
        with self._write() as db:
            db.execute("INSERT INTO checkpoint VALUES (?, ?, ?)", (self.size, root, note))
            _put_head(db, head, key)
        self._head, self._checkpoint_size = head, self.size
        return note

    def empty_journal(self) -> None:
        """Bring the write-ahead log into the file: removed payloads must not stay readable there.

        Raises:
            Unavailable: `audit_unwritable`.
        """
        try:
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError as error:
            raise Unavailable("audit_unwritable", "audit.db cannot be written") from error

    def redact(
        self, *, subject: UUID | None = None, first: int = 0, last: int = 0, ledger: int = 0
    ) -> int:
        """Remove payloads of a subject or of a range; returns how many were there.

        The deed's own entry must say the same (`AuditEntry.redacts`), else the verifier finds
        payloads missing; sealing that entry removes them by itself.
        """
        redaction = Redaction(ledger, "" if subject is None else str(subject), first, last)
        with self._write() as db:
            return _redact(db, redaction, self.size + 1)

    def node(self, level: int, index: int) -> bytes:
        """Hash of a complete subtree, for proofs (`merkle.Nodes`).

        Raises:
            Damaged: the tree has a hole.
        """
        if level:
            found = self._one("SELECT hash FROM node WHERE level = ? AND idx = ?", level, index)
        else:
            found = self._one("SELECT leaf_hash FROM event WHERE seq = ?", index + 1)
        if found is None:
            raise Damaged("audit_log_damaged", f"node {level}/{index} is missing")
        return found[0]

    def note(self, size: int) -> str:
        """The signed checkpoint of this size.

        Raises:
            NotFound: there is none.
        """
        found = self._one("SELECT note FROM checkpoint WHERE size = ?", size)
        if found is None:
            raise NotFound("audit_checkpoint_missing", f"no checkpoint of size {size}", size=size)
        return found[0]

    def must_contain(self, note: str) -> None:
        """Refuse to go on when this log is not a continuation of the anchored one.

        Args:
            note: a checkpoint from outside the box; only its text is used.

        Raises:
            Damaged: the log is shorter than the anchor (`audit_log_behind`) or another one
                (`audit_log_forked`).
        """
        anchor = read_note(note)
        if anchor.size > self.size:
            raise Damaged("audit_log_behind", f"log {self.size} < anchor {anchor.size}")
        if (anchor.origin, anchor.root) != (self.origin, merkle.root_of(anchor.size, self.node)):
            raise Damaged("audit_log_forked", f"log differs from its anchor of {anchor.size}")

    def _load(self) -> None:
        meta = dict(self._db.execute("SELECT key, value FROM meta"))
        if meta["schema"] != str(SCHEMA_VERSION):
            raise Damaged("audit_log_version", f"audit.db has schema {meta['schema']}")
        self.origin: str = meta["origin"]
        self.started = int(meta["started"])
        head = self._one("SELECT epoch, size, mac, checkpoints FROM head")
        if head is None:
            raise Damaged("audit_log_damaged", "the log has no head")
        self._head = Head(*head)
        seal = self._one("SELECT * FROM epoch ORDER BY no DESC LIMIT 1")
        self._last_seal = Seal(*seal[:4]) if seal else Seal(-1, int(meta["started"]), 1, 0)
        self._last_seal_mac: bytes = seal[4] if seal else chain.NOTHING
        last = self._one("SELECT seq, leaf, mac FROM event ORDER BY seq DESC LIMIT 1")
        self._mono: int = read_leaf(last[1]).mono if last else 0
        if last and (last[0], last[2]) != (self.size, self._head.mac):
            raise Damaged("audit_log_damaged", "the last event is not the head's")
        if not last and self.size:
            raise Damaged("audit_log_damaged", "events are missing")
        checkpoint = self._one("SELECT size, root FROM checkpoint ORDER BY size DESC LIMIT 1")
        self._checkpoint_size: int = checkpoint[0] if checkpoint else 0
        if self._checkpoint_size > self.size:
            raise Damaged("audit_log_behind", f"log {self.size} < {self._checkpoint_size}")
        if checkpoint and merkle.root_of(checkpoint[0], self.node) != checkpoint[1]:
            raise Damaged("audit_log_forked", f"log differs from checkpoint {checkpoint[0]}")
        self._peaks = merkle.peaks_of(self.size, self.node)

    def _known(self, ids: Sequence[UUID]) -> set[UUID]:
        marks = ",".join("?" * len(ids))
        found = self._db.execute(
            f"SELECT event_id FROM event WHERE event_id IN ({marks})",  # noqa: S608 - only marks
            [one.bytes for one in ids],
        )
        return {UUID(bytes=row[0]) for row in found}

    def _must_be_open(self, key: EpochKey) -> None:
        if key.epoch != self.open_epoch:
            raise Conflict(
                "audit_epoch_mismatch", f"key of epoch {key.epoch}, log at {self.open_epoch}"
            )

    def _one(self, statement: str, *values: int) -> tuple[Any, ...] | None:
        return self._db.execute(statement, values).fetchone()

    @contextmanager
    def _write(self) -> Generator[sqlite3.Connection]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield self._db
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise Unavailable("audit_unwritable", "audit.db cannot be written") from error
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")


class _Batch:
    """Rows on their way into the log; the log's own state changes only after the commit."""

    def __init__(self, head: Head, mono: int, peaks: list[bytes], key: EpochKey) -> None:
        self.head = head._replace(epoch=key.epoch)
        self.mono = mono
        self.peaks = peaks
        self.events: list[tuple[int, bytes, bytes, bytes, bytes, int]] = []
        self.nodes: list[tuple[int, int, bytes]] = []
        self.payloads: list[tuple[int, str, bytes]] = []
        self.redactions: list[tuple[int, Redaction]] = []
        self._key = key

    def add(self, row: OutboxRow) -> None:
        leaf = _draft_of(row)
        if leaf is None:
            _log.error("audit outbox row %s is damaged; sealed as such", row.id)
            leaf = _trace_of(row, self.mono)
        seq = self.head.size + 1
        self.mono = max(self.mono + 1, leaf.at)
        data = canonical(msgspec.structs.replace(leaf, seq=seq, mono=self.mono))
        hashed = merkle.leaf_hash(data)
        mac = chain.event_mac(self._key.key, self.head.mac, hashed)
        self.events.append((seq, row.id.bytes, data, hashed, mac, self._key.epoch))
        self.nodes += merkle.push(self.peaks, seq - 1, hashed)
        self.head = self.head._replace(size=seq, mac=mac)
        if row.payload is not None and leaf.payload is not None:
            self.payloads.append((seq, leaf.payload.subject, row.payload))
        if leaf.redacts is not None:
            self.redactions.append((seq, leaf.redacts))


def _draft_of(row: OutboxRow) -> Leaf | None:
    """Read a row's draft; None when it is none, or its payload is another's."""
    try:
        leaf = read_leaf(row.leaf)
    except msgspec.DecodeError:
        return None
    sealed = None if row.payload is None else hashlib.sha256(row.payload).hexdigest()
    marked = None if leaf.payload is None else leaf.payload.hash
    ours = leaf.id == str(row.id) and not leaf.seq and not leaf.mono and sealed == marked
    return leaf if ours and 0 <= leaf.at < _LATEST else None


def _trace_of(row: OutboxRow, latest: int) -> Leaf:
    """What is left to say of a row that was changed before it was sealed.

    Stopping here would leave every later deed unsealed and open to change as well.
    """
    return Leaf(
        v=LEAF_VERSION,
        id=str(row.id),
        at=min(row.id.int >> 80, latest),  # a UUIDv7 begins with its milliseconds
        actor_kind=ActorKind.SYSTEM.value,
        actor_id=str(NOBODY),
        action="audit.append",
        result="audit_outbox_damaged",
        object_type="audit_outbox",
        object_id=str(row.id),
        cell_hashes={cell_key("audit_outbox", "leaf", row.id): cell_hash(row.leaf)},
    )


def _redact(db: sqlite3.Connection, redaction: Redaction, before: int) -> int:
    if redaction.subject:
        gone = db.execute(
            "DELETE FROM payload WHERE subject = ? AND seq < ?", (redaction.subject, before)
        )
    else:
        gone = db.execute(
            "DELETE FROM payload WHERE seq BETWEEN ? AND ? AND seq < ?",
            (redaction.first, redaction.last, before),
        )
    return gone.rowcount


def _put_head(db: sqlite3.Connection, head: Head, key: EpochKey) -> None:
    db.execute(
        "INSERT OR REPLACE INTO head VALUES (1, ?, ?, ?, ?, ?)",
        (*head, chain.head_mac(key.key, head)),
    )


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in PRAGMAS:
        db.execute(pragma)
    return db
