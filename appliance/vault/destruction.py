"""Destroying a person's key for good, and the ledger that proves it and keeps it so."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final, cast
from uuid import UUID

from appliance.errors import Conflict, Invalid
from appliance.vault.envelope import length_prefixed
from appliance.vault.errors import KeyringDamaged, SubjectDestroyed, SubjectKeyMissing
from appliance.vault.key_rows import SubjectState, unwrap, wrap
from appliance.vault.keyring import Keyring, Purpose
from appliance.vault.keystore import Keystore, Value
from appliance.vault.subjects import SubjectKeys

_REASON: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_FIRST: Final = bytes(32)
_COLUMNS: Final = "seq, subject, reason, requested_by, approved_by, done_at, prev_hash, hash"


@dataclass(frozen=True, slots=True)
class Erasure:
    """An entry of the erasure ledger. It holds no personal data.

    Attributes:
        seq: from 1, without gaps.
        subject: whose key was destroyed.
        reason: a word for programs: `request`, `term`, `merge`…
        requested_by: who asked for it.
        approved_by: who agreed; None where the reason needs nobody.
        done_at: Unix milliseconds.
        prev_hash: `hash` of the entry before; 32 zero bytes for the first.
        hash: SHA-256 over everything above.
    """

    seq: int
    subject: UUID
    reason: str
    requested_by: UUID
    approved_by: UUID | None
    done_at: int
    prev_hash: bytes
    hash: bytes

    def computed_hash(self) -> bytes:
        """What `hash` has to be."""
        parts = (
            self.seq.to_bytes(8, "big"),
            self.subject.bytes,
            self.reason.encode(),
            self.requested_by.bytes,
            self.approved_by.bytes if self.approved_by else b"",
            self.done_at.to_bytes(8, "big"),
            self.prev_hash,
        )
        return sha256(b"korobka/1/erasure" + b"".join(map(length_prefixed, parts))).digest()


class Ledger:
    """The erasure ledger: who was destroyed, when and why; it only grows."""

    def __init__(self, store: Keystore) -> None:
        self._store = store
        self._destroyed: set[int] = set()

    def read(self) -> list[Erasure]:
        """The whole ledger, checked: numbers without gaps, each hash over the one before.

        Raises:
            KeyringDamaged: `ledger_damaged` (params `seq`: the first entry that is not right).
        """
        entries: list[Erasure] = []
        before = _FIRST
        for number, found in enumerate(
            self._store.rows(f"SELECT {_COLUMNS} FROM erasure_ledger ORDER BY seq"),  # noqa: S608 - constant
            start=1,
        ):
            entry = _entry_of(found)
            if (
                entry is None
                or entry.seq != number
                or entry.prev_hash != before
                or entry.hash != entry.computed_hash()
            ):
                raise KeyringDamaged("ledger_damaged", seq=number)
            before = entry.hash
            entries.append(entry)
        return entries

    def load(self) -> None:
        """Reads the ledger into memory; the keyring's MAC says that its end is the real one."""
        self._destroyed = {entry.subject.int for entry in self.read()}

    def is_destroyed(self, subject: UUID) -> bool:
        """Whether the ledger names the person."""
        return subject.int in self._destroyed

    def add(self, subject: UUID) -> None:
        """Remembers an entry that is on disk now."""
        self._destroyed.add(subject.int)

    def append(
        self,
        subject: UUID,
        reason: str,
        requested_by: UUID,
        approved_by: UUID | None,
        done_at: int,
    ) -> Erasure:
        """Writes the next entry; call inside `Keyring.change`, and `add` after the commit."""
        last = self._store.row("SELECT seq, hash FROM erasure_ledger ORDER BY seq DESC LIMIT 1")
        seq, before = cast("tuple[int, bytes]", last) if last else (0, _FIRST)
        draft = Erasure(seq + 1, subject, reason, requested_by, approved_by, done_at, before, b"")
        entry = replace(draft, hash=draft.computed_hash())
        self._store.run(
            f"INSERT INTO erasure_ledger ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - constant
            (
                entry.seq,
                subject.bytes,
                reason,
                requested_by.bytes,
                approved_by.bytes if approved_by else None,
                entry.done_at,
                before,
                entry.hash,
            ),
        )
        return entry

    def entry(self, subject: UUID) -> Erasure | None:
        """The entry of a person; None while the key is not destroyed."""
        found = self._store.row(
            f"SELECT {_COLUMNS} FROM erasure_ledger WHERE subject = ?",  # noqa: S608 - constant
            (subject.bytes,),
        )
        return _entry_of(found) if found else None


class Destruction:
    """The two steps that end in the ledger."""

    def __init__(
        self,
        store: Keystore,
        keyring: Keyring,
        keys: SubjectKeys,
        ledger: Ledger,
        clock: Callable[[], int],
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._keys = keys
        self._ledger = ledger
        self._clock = clock

    def begin(self, subject: UUID) -> None:
        """Blocks a person at once: nothing of theirs is opened or written any more.

        Doing it twice changes nothing. Errors as in `SubjectKeys.cipher`. The keys of those who
        were merged into the person go the same way: they are his, too.
        """
        self._turn(subject, SubjectState.LIVE, SubjectState.PENDING)

    def cancel(self, subject: UUID) -> None:
        """Takes a block back within the cooling period."""
        self._turn(subject, SubjectState.PENDING, SubjectState.LIVE)

    def _turn(self, subject: UUID, source: SubjectState, target: SubjectState) -> None:
        # Outside the transaction: who reads a key holds the keys' lock and then asks for the
        # store's, so nobody may wait for them the other way round.
        self._keys.flush()
        with self._store.transaction():
            people = self._with_merged(subject)
            for one in people:
                self._move(one, source, target)
        for one in people:
            self._keys.forget(one)

    def mark_merged(self, subject: UUID, survivor: UUID) -> None:
        """Notes that a person turned out to be another: his key is kept only to take that back."""
        self._store.run(
            "INSERT OR REPLACE INTO merged_key (subject, survivor, since) VALUES (?, ?, ?)",
            (subject.bytes, survivor.bytes, self._clock()),
        )

    def unmark_merged(self, subject: UUID) -> None:
        """Notes that the two are two again; without a mark it does nothing."""
        self._store.run("DELETE FROM merged_key WHERE subject = ?", (subject.bytes,))

    def merged_into(self, subject: UUID) -> UUID | None:
        """Into whom a person was merged; None for nobody."""
        found = self._store.row(
            "SELECT survivor FROM merged_key WHERE subject = ?", (subject.bytes,)
        )
        return UUID(bytes=found[0]) if found and isinstance(found[0], bytes) else None

    def _with_merged(self, subject: UUID) -> list[UUID]:
        """The person, those merged into him, those merged into them, whose keys are not gone."""
        found = [subject]
        for one in found:
            rows = self._store.rows(
                "SELECT subject FROM merged_key WHERE survivor = ?", (one.bytes,)
            )
            people = [UUID(bytes=row[0]) for row in rows if isinstance(row[0], bytes)]
            found += [
                other
                for other in people
                if other not in found and not self._ledger.is_destroyed(other)
            ]
        return found

    def finish(
        self,
        subject: UUID,
        *,
        reason: str,
        requested_by: UUID,
        approved_by: UUID | None,
        is_lost: bool = False,
    ) -> Erasure:
        """Writes the ledger and erases the key in one commit, then the journal's copy of it.

        Doing it again gives the entry of the first time and erases again. With `is_lost` a person
        whose key is not here is written down as well: a copy that still has it opens nothing then.

        Raises:
            Invalid: `erasure_reason`: not a word of lower-case letters.
            Conflict: `destroy_not_begun`: the person was not blocked first.
            SubjectKeyMissing: there is no key to destroy.
            Unavailable: keys.db cannot be written; nothing was changed.
        """
        if not _REASON.fullmatch(reason):
            raise Invalid("erasure_reason")
        people = self._with_merged(subject)
        with self._keyring.change():
            entries = [
                self._finish_one(one, reason, requested_by, approved_by, is_lost=is_lost)
                for one in people
            ]
        for one in people:
            self._ledger.add(one)
            self._keys.forget(one)
        self._store.scrub_journal()
        return entries[0]

    def _finish_one(
        self,
        subject: UUID,
        reason: str,
        requested_by: UUID,
        approved_by: UUID | None,
        *,
        is_lost: bool,
    ) -> Erasure:
        entry = self._ledger.entry(subject)
        if entry is None:
            row = self._keys.row(subject)
            if row is None and not is_lost:
                raise SubjectKeyMissing
            if row is not None and row.state is not SubjectState.PENDING:
                raise Conflict("destroy_not_begun")
            entry = self._ledger.append(subject, reason, requested_by, approved_by, self._clock())
        self._store.run(
            "UPDATE subject_key SET state = 'destroyed', wrapped = NULL, changed = ?"
            " WHERE subject = ?",
            (entry.done_at, subject.bytes),
        )
        for table in ("older_key", "kept_set"):
            self._store.run(f"DELETE FROM {table} WHERE subject = ?", (subject.bytes,))  # noqa: S608 - two names of ours
        return entry

    def _move(
        self,
        subject: UUID,
        source: SubjectState,
        target: SubjectState,
    ) -> None:
        row = self._keys.row(subject)
        if self._ledger.is_destroyed(subject):
            raise SubjectDestroyed
        if row is None:
            raise SubjectKeyMissing
        if row.state is target:
            return
        if row.state is not source:
            raise SubjectKeyMissing
        key = unwrap(self._keyring, row)
        kek = self._keyring.active(Purpose.SUBJECT)
        now = self._clock()
        wrapped = wrap(kek, subject, target, now, key, row.number)
        self._store.run(
            "UPDATE subject_key SET epoch = ?, state = ?, wrapped = ?, changed = ?"
            " WHERE subject = ?",
            (kek.epoch, target.value, wrapped, now, subject.bytes),
        )


def _entry_of(found: tuple[Value, ...]) -> Erasure | None:
    seq, subject, reason, requested_by, approved_by, done_at, prev_hash, hash_ = found
    if not (
        isinstance(seq, int)
        and isinstance(subject, bytes)
        and isinstance(reason, str)
        and isinstance(requested_by, bytes)
        and isinstance(approved_by, bytes | None)
        and isinstance(done_at, int)
        and isinstance(prev_hash, bytes)
        and isinstance(hash_, bytes)
    ):
        return None
    try:
        return Erasure(
            seq,
            UUID(bytes=subject),
            reason,
            UUID(bytes=requested_by),
            UUID(bytes=approved_by) if approved_by else None,
            done_at,
            prev_hash,
            hash_,
        )
    except ValueError:
        return None
