"""One key per person or company: drawn, kept wrapped in keys.db, cached unwrapped with a bound."""

import os
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from enum import StrEnum
from itertools import islice
from typing import Final, NamedTuple, cast
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from appliance.domain.ids import uuid7
from appliance.vault.envelope import NONCE_BYTES
from appliance.vault.errors import (
    KeyRowDamaged,
    SubjectBlocked,
    SubjectDestroyed,
    SubjectKeyMissing,
)
from appliance.vault.keyring import KEY_BYTES, Keyring, Purpose, RingKey
from appliance.vault.keystore import Keystore, Value

CELL_EPOCH: Final = 1
"""Number of a subject's own key. A person has one; wrapping keys change without touching cells."""

DEFAULT_CACHED: Final = 20_000
_STATEMENT_ROWS: Final = 1024
_BOUND_TO: Final = struct.Struct(">17s16sI1sQ")
_MARK: Final = b"korobka/1/subject"
_COLUMNS: Final = "subject, epoch, wrapped, state, changed"


class SubjectState(StrEnum):
    """What may be done with a person's key."""

    LIVE = "live"
    PENDING = "pending_destroy"
    DESTROYED = "destroyed"


_STATE_TAGS: Final = {SubjectState.LIVE: b"L", SubjectState.PENDING: b"P"}


class KeyRow(NamedTuple):
    """A row of `subject_key`.

    Attributes:
        subject: whose key.
        epoch: of the wrapping key.
        wrapped: nonce, key and tag, 60 bytes; None once destroyed.
        state: authenticated together with the key.
        changed: Unix milliseconds of the last change of state.
    """

    subject: UUID
    epoch: int
    wrapped: bytes | None
    state: SubjectState
    changed: int


def wrap(kek: RingKey, subject: UUID, state: SubjectState, changed: int, key: bytes) -> bytes:
    """Wraps a person's key, bound to everything its row says."""
    nonce = os.urandom(NONCE_BYTES)
    bound = _binding(subject, kek.epoch, state, changed)
    return nonce + kek.cipher.encrypt(nonce, key, bound)


def unwrap(keyring: Keyring, row: KeyRow) -> bytes:
    """Takes a person's key out of its row.

    Raises:
        KeyRowDamaged: the row is not as it was written, or its wrapping key is gone.
    """
    kek = keyring.key(Purpose.SUBJECT, row.epoch)
    wrapped = row.wrapped
    if kek is None or wrapped is None:
        raise KeyRowDamaged
    try:
        bound = _binding(row.subject, row.epoch, row.state, row.changed)
        return kek.cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], bound)
    except (InvalidTag, ValueError, struct.error, KeyError):
        raise KeyRowDamaged from None


def row_of(found: tuple[Value, ...]) -> KeyRow:
    """Reads a row selected as `subject, epoch, wrapped, state, changed`.

    Raises:
        KeyRowDamaged: a column is not of its kind.
    """
    subject, epoch, wrapped, state, changed = found
    if not (
        isinstance(subject, bytes)
        and len(subject) == 16
        and isinstance(epoch, int)
        and isinstance(wrapped, bytes | None)
        and isinstance(changed, int)
    ):
        raise KeyRowDamaged
    try:
        return KeyRow(
            UUID(bytes=subject), epoch, wrapped, SubjectState(cast("str", state)), changed
        )
    except ValueError:
        raise KeyRowDamaged from None


class SubjectKeys:
    """The people's keys, while the box is unlocked.

    The cache is two dictionaries: what was used lately and what was used before that. A hit is one
    look-up without a lock; when the young one is half the bound, the old one is let go.
    """

    def __init__(
        self,
        store: Keystore,
        keyring: Keyring,
        clock: Callable[[], int],
        is_destroyed: Callable[[UUID], bool],
        cached: int = DEFAULT_CACHED,
    ) -> None:
        """Starts with an empty cache.

        Args:
            store: keys.db.
            keyring: the open ring.
            clock: Unix milliseconds.
            is_destroyed: whether the erasure ledger names a person.
            cached: how many keys to hold, at most; at least 2.
        """
        self._store = store
        self._keyring = keyring
        self._clock = clock
        # Held from the look into keys.db until the key is in the cache, so that no key comes back
        # into memory after it was forgotten. A hit needs no lock.
        self._lock = threading.RLock()
        self._flushing = threading.Lock()
        self._is_destroyed = is_destroyed
        self._half = max(cached // 2, 1)
        self._young: dict[int, AESGCM] = {}
        self._old: dict[int, AESGCM] = {}
        self._pending: dict[int, tuple[UUID, bytes]] = {}

    def new(self) -> UUID:
        """Draws a key for a new person; usable at once, on disk after `flush`."""
        subject = uuid7()
        key = os.urandom(KEY_BYTES)
        with self._lock:
            self._pending[subject.int] = (subject, key)
            self._keep(subject.int, AESGCM(key))
        return subject

    def flush(self) -> None:
        """Writes all keys drawn since the last time in one commit; without any it does nothing.

        Raises:
            Unavailable: keys.db cannot be written; the keys wait for the next try.
        """
        # One at a time: who comes second waits until the first has written its keys too.
        with self._flushing:
            with self._lock:
                waiting = list(self._pending.items())
            if waiting:
                self._write([subject_and_key for _, subject_and_key in waiting])
            for number, _ in waiting:
                self._pending.pop(number, None)

    def cipher(self, subject: UUID) -> AESGCM:
        """The cipher of a person's key, from the cache or from keys.db.

        Raises:
            SubjectDestroyed: the key was destroyed.
            SubjectBlocked: it waits for that.
            SubjectKeyMissing: it is gone without an act of destruction.
            KeyRowDamaged: its row was changed.
        """
        number = subject.int
        found = self._young.get(number)
        if found is not None:
            return found
        with self._lock:
            found = self._old.get(number)
            if found is None:
                waiting = self._pending.get(number)
                found = AESGCM(waiting[1] if waiting else self._read(subject))
            self._keep(number, found)
        return found

    def row(self, subject: UUID) -> KeyRow | None:
        """A person's row, whatever its state; None without one."""
        found = self._store.row(
            f"SELECT {_COLUMNS} FROM subject_key WHERE subject = ?",  # noqa: S608 - constant
            (subject.bytes,),
        )
        return row_of(found) if found else None

    def preload(self, subjects: Iterable[UUID]) -> None:
        """Brings many keys into the cache, one statement for up to 1 024 of them.

        Keys that cannot be used are left out; opening a cell of theirs says why.
        """
        wanted = (subject for subject in dict.fromkeys(subjects) if not self._is_held(subject.int))
        while part := list(islice(wanted, _STATEMENT_ROWS)):
            with self._lock:
                for row in self._rows(part):
                    self._keep_if_usable(row)

    def forget(self, subject: UUID) -> None:
        """Takes one person's key out of memory."""
        with self._lock:
            self._young.pop(subject.int, None)
            self._old.pop(subject.int, None)

    def sweep(self, known: Callable[[list[UUID]], set[UUID]], before: int) -> list[UUID]:
        """Finds keys that no record uses: what a crash between key and record leaves.

        Args:
            known: says which of some subjects have a record.
            before: only keys whose rows are older, Unix milliseconds.

        Returns:
            the subjects without a record.
        """
        orphans: list[UUID] = []
        cursor = b""
        while found := self._store.rows(
            "SELECT subject FROM subject_key WHERE subject > ? AND state = 'live' AND changed < ?"
            " ORDER BY subject LIMIT 5000",
            (cursor, before),
        ):
            page = [UUID(bytes=cast("bytes", subject)) for (subject,) in found]
            cursor = page[-1].bytes
            used = known(page)
            orphans.extend(subject for subject in page if subject not in used)
        return orphans

    def delete(self, subjects: list[UUID]) -> None:
        """Removes the rows of orphans; nobody's data were ever sealed under them."""
        with self._store.transaction():
            self._store.run_many(
                "DELETE FROM subject_key WHERE subject = ?",
                [(subject.bytes,) for subject in subjects],
            )
        for subject in subjects:
            self.forget(subject)

    def probe(self, told: Callable[[int, int], None]) -> int:
        """Unwraps every key there is, keeping none; errors as in `unwrap`."""
        alive = "state <> 'destroyed'"
        total = self._store.number(f"SELECT COUNT(*) FROM subject_key WHERE {alive}")  # noqa: S608 - constant
        cursor, done = b"", 0
        while found := self._store.rows(
            f"SELECT {_COLUMNS} FROM subject_key WHERE subject > ? AND {alive}"  # noqa: S608 - constant
            " ORDER BY subject LIMIT 5000",
            (cursor,),
        ):
            rows = [row_of(one) for one in found]
            for row in rows:
                unwrap(self._keyring, row)
            cursor, done = rows[-1].subject.bytes, done + len(rows)
            told(done, total)
        return done

    def _rows(self, subjects: list[UUID]) -> Iterator[KeyRow]:
        # Rounded up to a power of two, so that few statements are prepared, whatever the number.
        places = 1 << (len(subjects) - 1).bit_length()
        values = [subject.bytes for subject in subjects]
        values += values[-1:] * (places - len(values))
        marks = ",".join("?" * places)
        for found in self._store.rows(
            f"SELECT {_COLUMNS} FROM subject_key WHERE subject IN ({marks})",  # noqa: S608 - marks only
            values,
        ):
            try:
                yield row_of(found)
            except KeyRowDamaged:
                continue

    def _write(self, people: list[tuple[UUID, bytes]]) -> None:
        live = SubjectState.LIVE
        # The wrapping key is looked up inside: a rotation that fails at this moment never was.
        with self._store.transaction():
            kek = self._keyring.active(Purpose.SUBJECT)
            now = self._clock()
            rows = [
                (subject.bytes, kek.epoch, wrap(kek, subject, live, now, key), now)
                for subject, key in people
            ]
            self._store.run_many(
                "INSERT INTO subject_key (subject, epoch, wrapped, state, changed)"
                " VALUES (?, ?, ?, 'live', ?)",
                rows,
            )

    def _read(self, subject: UUID) -> bytes:
        row = self.row(subject)
        # The ledger decides: a row put back from an old copy opens nothing.
        if self._is_destroyed(subject):
            raise SubjectDestroyed
        if row is None or row.state is SubjectState.DESTROYED:
            raise SubjectKeyMissing
        if row.state is SubjectState.PENDING:
            unwrap(self._keyring, row)
            raise SubjectBlocked
        return unwrap(self._keyring, row)

    def _is_held(self, number: int) -> bool:
        """Whether the key is in memory; if so it stays there for a while."""
        if number in self._young:
            return True
        with self._lock:
            found = self._old.get(number)
            if found is not None:
                self._keep(number, found)
            return found is not None or number in self._pending

    def _keep_if_usable(self, row: KeyRow) -> None:
        if row.state is SubjectState.LIVE and not self._is_destroyed(row.subject):
            with suppress(KeyRowDamaged):
                self._keep(row.subject.int, AESGCM(unwrap(self._keyring, row)))

    def _keep(self, number: int, cipher: AESGCM) -> None:
        young = self._young
        young[number] = cipher
        if len(young) >= self._half:
            self._young, self._old = {}, young


def _binding(subject: UUID, epoch: int, state: SubjectState, changed: int) -> bytes:
    return _BOUND_TO.pack(
        _MARK, subject.int.to_bytes(16, "big"), epoch, _STATE_TAGS[state], changed
    )
