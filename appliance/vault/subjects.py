"""One key per person or company: drawn, kept wrapped in keys.db, cached unwrapped with a bound.

Keys that a renewal replaced stay beside it, for what was sealed under them.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Final, cast
from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.vault.errors import (
    KeyRowDamaged,
    SubjectBlocked,
    SubjectDestroyed,
    SubjectKeyMissing,
)
from appliance.vault.key_rows import (
    FIRST,
    KeyRow,
    PersonKey,
    SubjectState,
    ready,
    row_of,
    unwrap,
    unwrap_older,
    wrap,
)
from appliance.vault.keyring import KEY_BYTES, Keyring, Purpose
from appliance.vault.keystore import Keystore

DEFAULT_CACHED: Final = 20_000
_STATEMENT_ROWS: Final = 1024
_COLUMNS: Final = "subject, epoch, wrapped, state, changed, number"


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
        self.lock = threading.RLock()
        self._flushing = threading.Lock()
        self._is_destroyed = is_destroyed
        self._half = max(cached // 2, 1)
        self._young: dict[int, PersonKey] = {}
        self._old: dict[int, PersonKey] = {}
        self._replaced: dict[tuple[int, int], PersonKey] = {}
        self._pending: dict[int, tuple[UUID, bytes, int]] = {}
        self.generation = FIRST
        """Number of the keys that are drawn now; `Renewal` counts it up."""

    def new(self) -> UUID:
        """Draws a key for a new person; usable at once, on disk after `flush`."""
        subject = uuid7()
        key = os.urandom(KEY_BYTES)
        with self.lock:
            number = self.generation
            self._pending[subject.int] = (subject, key, number)
            self._keep(subject.int, ready(key, number))
        return subject

    def flush(self) -> None:
        """Writes all keys drawn since the last time in one commit; without any it does nothing.

        Raises:
            Unavailable: keys.db cannot be written; the keys wait for the next try.
        """
        # One at a time: who comes second waits until the first has written its keys too.
        with self._flushing:
            with self.lock:
                waiting = list(self._pending.items())
            if waiting:
                self._write([drawn for _, drawn in waiting])
            for number, _ in waiting:
                self._pending.pop(number, None)

    def key(self, subject: UUID) -> PersonKey:
        """A person's key, from the cache or from keys.db.

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
        with self.lock:
            found = self._old.get(number)
            if found is None:
                waiting = self._pending.get(number)
                found = ready(*waiting[1:]) if waiting else self._read(subject)
            self._keep(number, found)
        return found

    def older(self, subject: UUID, number: int) -> PersonKey | None:
        """A key that was replaced; None where the person never had one of that number.

        Whether the person may be opened at all is `key`'s matter: ask it first.

        Raises:
            KeyRowDamaged: its row was changed.
        """
        found = self._replaced.get((subject.int, number))
        if found is None:
            with self.lock:
                row = self._store.row(
                    "SELECT epoch, wrapped FROM older_key WHERE subject = ? AND number = ?",
                    (subject.bytes, number),
                )
                if row is None:
                    return None
                epoch, wrapped = cast("tuple[int, bytes]", row)
                key = unwrap_older(self._keyring, subject, number, epoch, wrapped)
                if len(self._replaced) >= self._half:
                    self._replaced.clear()
                found = self._replaced[subject.int, number] = ready(key, number)
        return found

    def held(self, subject: UUID) -> PersonKey:
        """A person's key also while he is blocked: for carrying cells over, never for showing.

        Raises:
            SubjectDestroyed, SubjectKeyMissing, KeyRowDamaged: as `key`.
        """
        try:
            return self.key(subject)
        except SubjectBlocked:
            row = self.row(subject)
            if row is None:
                raise SubjectKeyMissing from None
            return ready(unwrap(self._keyring, row), row.number)

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
            with self.lock:
                for row in self._rows(part):
                    self._keep_if_usable(row)

    def forget(self, subject: UUID) -> None:
        """Takes one person's key out of memory."""
        with self.lock:
            self._young.pop(subject.int, None)
            self._old.pop(subject.int, None)
            self._replaced.clear()  # rare, and cheaper than to look for the one

    def forget_all(self) -> None:
        """Takes every key out of memory that is on disk; they are read again when needed."""
        with self.lock:
            self._young, self._old = {}, {}
            self._replaced.clear()

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
            for table in ("subject_key", "older_key"):
                self._store.run_many(
                    f"DELETE FROM {table} WHERE subject = ?",  # noqa: S608 - two names of ours
                    [(subject.bytes,) for subject in subjects],
                )
        for subject in subjects:
            self.forget(subject)

    def pending(self) -> list[UUID]:
        """Everybody whose key waits for its destruction."""
        rows = self._store.rows("SELECT subject FROM subject_key WHERE state = 'pending_destroy'")
        return [UUID(bytes=cast("bytes", subject)) for (subject,) in rows]

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
            self._probe_older(rows[0].subject, rows[-1].subject)
            cursor, done = rows[-1].subject.bytes, done + len(rows)
            told(done, total)
        return done

    def _probe_older(self, first: UUID, last: UUID) -> None:
        for subject, number, epoch, wrapped in self._store.rows(
            "SELECT subject, number, epoch, wrapped FROM older_key WHERE subject BETWEEN ? AND ?",
            (first.bytes, last.bytes),
        ):
            person = UUID(bytes=cast("bytes", subject))
            numbers = cast("int", number), cast("int", epoch)
            unwrap_older(self._keyring, person, *numbers, cast("bytes", wrapped))

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

    def _write(self, people: list[tuple[UUID, bytes, int]]) -> None:
        live = SubjectState.LIVE
        # The wrapping key is looked up inside: a rotation that fails at this moment never was.
        with self._store.transaction():
            kek = self._keyring.active(Purpose.SUBJECT)
            now = self._clock()
            rows = [
                (subject.bytes, kek.epoch, wrap(kek, subject, live, now, key, number), now, number)
                for subject, key, number in people
            ]
            # A commit that failed may have been one all the same: then the rows are there, and
            # writing them again must not look like damage.
            self._store.run_many(
                "INSERT INTO subject_key (subject, epoch, wrapped, state, changed, number)"
                " VALUES (?, ?, ?, 'live', ?, ?) ON CONFLICT (subject) DO NOTHING",
                rows,
            )

    def _read(self, subject: UUID) -> PersonKey:
        row = self.row(subject)
        # The ledger decides: a row put back from an old copy opens nothing.
        if self._is_destroyed(subject):
            raise SubjectDestroyed
        if row is None or row.state is SubjectState.DESTROYED:
            raise SubjectKeyMissing
        if row.state is SubjectState.PENDING:
            unwrap(self._keyring, row)
            raise SubjectBlocked
        return ready(unwrap(self._keyring, row), row.number)

    def _is_held(self, number: int) -> bool:
        """Whether the key is in memory; if so it stays there for a while."""
        if number in self._young:
            return True
        with self.lock:
            found = self._old.get(number)
            if found is not None:
                self._keep(number, found)
            return found is not None or number in self._pending

    def _keep_if_usable(self, row: KeyRow) -> None:
        if row.state is SubjectState.LIVE and not self._is_destroyed(row.subject):
            with suppress(KeyRowDamaged):
                self._keep(row.subject.int, ready(unwrap(self._keyring, row), row.number))

    def _keep(self, number: int, key: PersonKey) -> None:
        young = self._young
        young[number] = key
        if len(young) >= self._half:
            self._young, self._old = {}, young
