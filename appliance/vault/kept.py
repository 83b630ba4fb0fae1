"""What a law keeps of destroyed people: one sealed set each, in keys.db, under a key of its own.

In keys.db because no restore sets that file back: the key of the person is destroyed after the set
is here, so every older copy loses the person and no copy loses the set. The key is blocked from its
first moment on: nothing but `open` reads under it.
"""

import os
from collections.abc import Callable
from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.vault import envelope
from appliance.vault.envelope import CellRef
from appliance.vault.errors import CellDamaged, SubjectKeyMissing
from appliance.vault.key_rows import PersonKey, SubjectState, ready, wrap
from appliance.vault.keyring import KEY_BYTES, Keyring, Purpose
from appliance.vault.keystore import Keystore
from appliance.vault.subjects import SubjectKeys


def _ref(subject: UUID, replaced: UUID) -> CellRef:
    return CellRef("kept_set", "content", replaced, subject)


class KeptSets:
    """The sets, by the key that each is under and by the person it is of."""

    def __init__(
        self, store: Keystore, keyring: Keyring, keys: SubjectKeys, clock: Callable[[], int]
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._keys = keys
        self._clock = clock

    def put(self, replaced: UUID, plain: bytes) -> UUID:
        """Keep a set and give the id of its key; the same person again gives the first one's.

        Key and set are on disk in one commit when this returns.

        Raises:
            Unavailable: keys.db cannot be written.
        """
        subject, key = uuid7(), os.urandom(KEY_BYTES)
        with self._store.transaction():
            found = self._store.row(
                "SELECT subject FROM kept_set WHERE replaced = ?", (replaced.bytes,)
            )
            if found and isinstance(found[0], bytes):
                return UUID(bytes=found[0])
            kek, now = self._keyring.active(Purpose.SUBJECT), self._clock()
            number = self._keys.generation
            wrapped = wrap(kek, subject, SubjectState.PENDING, now, key, number)
            self._store.run(
                "INSERT INTO subject_key (subject, epoch, wrapped, state, changed, number)"
                " VALUES (?, ?, ?, 'pending_destroy', ?, ?)",
                (subject.bytes, kek.epoch, wrapped, now, number),
            )
            made = ready(key, number)
            sealed = envelope.seal(made.cipher, number, _ref(subject, replaced), plain)
            self._store.run(
                "INSERT INTO kept_set (subject, replaced, sealed, since) VALUES (?, ?, ?, ?)",
                (subject.bytes, replaced.bytes, sealed, now),
            )
        return subject

    def open(self, subject: UUID) -> bytes:
        """Open a set by the id of its key.

        Raises:
            SubjectKeyMissing: there is none.
            SubjectDestroyed: its day is over.
            CellDamaged, KeyRowDamaged: it was changed.
        """
        found = self._store.row(
            "SELECT replaced, sealed FROM kept_set WHERE subject = ?", (subject.bytes,)
        )
        key = self._keys.held(subject)
        if found is None or not (isinstance(found[0], bytes) and isinstance(found[1], bytes)):
            raise SubjectKeyMissing
        ref, sealed = _ref(subject, UUID(bytes=found[0])), found[1]
        number = envelope.epoch_of(ref, sealed)
        if number != key.number:
            older = self._keys.older(subject, number)
            if older is None:
                raise CellDamaged(ref.table, ref.column, ref.row)
            key = older
        return envelope.open_(key.cipher, key.number, ref, sealed)

    def listed(self) -> dict[UUID, UUID]:
        """Id of a set's key → the person it is of."""
        return {
            UUID(bytes=subject): UUID(bytes=replaced)
            for subject, replaced in self._store.rows(
                "SELECT subject, replaced FROM kept_set ORDER BY subject"
            )
            if isinstance(subject, bytes) and isinstance(replaced, bytes)
        }


def carry(store: Keystore, subject: UUID, old: PersonKey, fresh: PersonKey) -> None:
    """Seal a set under the key that replaces its own; inside the transaction of the renewal."""
    found = store.row("SELECT replaced, sealed FROM kept_set WHERE subject = ?", (subject.bytes,))
    if found is None or not (isinstance(found[0], bytes) and isinstance(found[1], bytes)):
        return
    ref = _ref(subject, UUID(bytes=found[0]))
    try:  # one of an even older key, or a damaged one, stays as it is
        plain = envelope.open_(old.cipher, old.number, ref, found[1])
    except CellDamaged:
        return
    store.run(
        "UPDATE kept_set SET sealed = ? WHERE subject = ?",
        (envelope.seal(fresh.cipher, fresh.number, ref, plain), subject.bytes),
    )
