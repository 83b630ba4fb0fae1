"""The keyring: the box's own keys by purpose and epoch, wrapped by the root key.

One MAC under the root key covers all rows of the ring, the head of the erasure ledger and the
public values beside them, so a row that was removed, put back or edited is noticed at unlock.
"""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from appliance.vault.digests import equal, keyed
from appliance.vault.envelope import NONCE_BYTES, length_prefixed
from appliance.vault.errors import KeyringDamaged
from appliance.vault.keystore import Keystore

KEY_BYTES: Final = 32
_RING_MAC: Final = "keyring_mac"
_COVERED: Final = (
    "SELECT 'keyring', purpose, epoch, wrapped, state, created, retired FROM keyring"
    " ORDER BY purpose, epoch",
    "SELECT 'ledger', seq, hash FROM erasure_ledger ORDER BY seq DESC LIMIT 1",
    "SELECT 'meta', name, value FROM meta WHERE name <> 'keyring_mac' ORDER BY name",
)
"""Each row names its table, so that none can stand for a row of another."""


class Purpose(StrEnum):
    """What a key of the ring is for. One key, one purpose."""

    SUBJECT = "kek.subject"
    BLIND_PHONE = "bidx.phone"
    BLIND_PHONE_TAIL = "bidx.phone_tail"
    BLIND_EMAIL = "bidx.email"
    BLIND_TAX_ID = "bidx.tax_id"
    BLIND_QUERY = "bidx.query"
    APP_SECRET = "app.secret"  # noqa: S105 - the name of a purpose
    SNAPSHOT = "idx.snapshot"
    AUDIT_MAC = "audit.mac"
    AUDIT_SIGN = "audit.sign"
    EVIDENCE = "evidence"
    DRILL = "drill"


class KeyState(StrEnum):
    """What a key of the ring may still do."""

    ACTIVE = "active"
    DECRYPT = "decrypt"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True, repr=False)
class RingKey:
    """One key of the ring that is not destroyed.

    Attributes:
        purpose: what it is for.
        epoch: number within the purpose, rising.
        key: 32 bytes.
        state: what it may still do.
        cipher: AES-256-GCM under it.
    """

    purpose: Purpose
    epoch: int
    key: bytes
    state: KeyState
    cipher: AESGCM


_Held = dict[tuple[Purpose, int], RingKey]


class Keyring:
    """The open ring. It lives only while the box is unlocked."""

    def __init__(self, store: Keystore, root: bytes, clock: Callable[[], int]) -> None:
        self._store = store
        self._root = root
        self._cipher = AESGCM(root)
        self._clock = clock
        self._keys: _Held = {}
        # What a change in progress has made of `_keys`; nobody else sees it before the commit.
        self._draft: _Held = {}

    @property
    def root(self) -> bytes:
        """The root key; for slots only."""
        return self._root

    def load(self) -> None:
        """Reads and checks the whole ring.

        Raises:
            KeyringDamaged: a row does not authenticate, is missing, or is not the latest.
        """
        if not equal(self._mac(), self._store.meta(_RING_MAC) or b""):
            raise KeyringDamaged
        keys: _Held = {}
        for purpose_text, number, wrapped, state_text in self._store.rows(
            "SELECT purpose, epoch, wrapped, state FROM keyring WHERE state <> 'destroyed'"
        ):
            purpose, epoch = Purpose(cast("str", purpose_text)), cast("int", number)
            key = self._unwrap(purpose, epoch, cast("bytes", wrapped))
            state = KeyState(cast("str", state_text))
            keys[purpose, epoch] = RingKey(purpose, epoch, key, state, AESGCM(key))
        self._keys = keys

    @contextmanager
    def change(self) -> Generator[None]:
        """One transaction of keys.db in which the ring may change; memory follows the commit.

        Not to be nested. Errors as in `Keystore.transaction`; after one, nothing has changed.
        """
        with self._store.lock:
            root = self._root
            self._draft = dict(self._keys)
            try:
                with self._store.transaction():
                    yield
                    self._store.set_meta(_RING_MAC, self._mac())
            except BaseException:
                self._root, self._cipher = root, AESGCM(root)
                raise
            self._keys = self._draft

    def active(self, purpose: Purpose) -> RingKey:
        """The key that seals now.

        Raises:
            KeyringDamaged: the ring has none.
        """
        return _active(self._keys, purpose)

    def key(self, purpose: Purpose, epoch: int) -> RingKey | None:
        """The key of one epoch, or None where there is none (any more)."""
        return self._keys.get((purpose, epoch))

    def epochs(self, purpose: Purpose) -> list[RingKey]:
        """The keys of a purpose that are not destroyed, oldest first."""
        found = [held for held in self._keys.values() if held.purpose is purpose]
        return sorted(found, key=lambda held: held.epoch)

    def add(self, purpose: Purpose, key: bytes | None = None, epoch: int | None = None) -> RingKey:
        """Makes the next epoch of a purpose the active one; the one before only opens from now on.

        Call inside `change`.

        Args:
            purpose: what the key is for.
            key: 32 bytes; None draws them.
            epoch: number of the first key of a purpose; later ones take the next.
        """
        key = key or os.urandom(KEY_BYTES)
        now = self._clock()
        number = 1 if epoch is None else epoch
        if any(held.purpose is purpose for held in self._draft.values()):
            before = _active(self._draft, purpose)
            number = before.epoch + 1
            self._store.run(
                "UPDATE keyring SET state = 'decrypt', retired = ? WHERE purpose = ? AND epoch = ?",
                (now, purpose.value, before.epoch),
            )
            self._draft[purpose, before.epoch] = replace(before, state=KeyState.DECRYPT)
        self._store.run(
            "INSERT INTO keyring (purpose, epoch, wrapped, state, created)"
            " VALUES (?, ?, ?, 'active', ?)",
            (purpose.value, number, self._wrap(purpose, number, key), now),
        )
        held = RingKey(purpose, number, key, KeyState.ACTIVE, AESGCM(key))
        self._draft[purpose, number] = held
        return held

    def destroy(self, purpose: Purpose, epoch: int) -> None:
        """Erases the bytes of one epoch; the row stays and says so.

        Call inside `change`.
        """
        self._store.run(
            "UPDATE keyring SET state = 'destroyed', wrapped = NULL, retired = ?"
            " WHERE purpose = ? AND epoch = ?",
            (self._clock(), purpose.value, epoch),
        )
        del self._draft[purpose, epoch]

    def drop(self, purpose: Purpose, epoch: int) -> None:
        """Erases one epoch with its row, for keys that are renewed all day; inside `change`."""
        self._store.run(
            "DELETE FROM keyring WHERE purpose = ? AND epoch = ?", (purpose.value, epoch)
        )
        del self._draft[purpose, epoch]

    def rewrap(self, root: bytes) -> None:
        """Wraps every key under a new root key; call inside `change`."""
        self._root, self._cipher = root, AESGCM(root)
        for held in self._draft.values():
            self._store.run(
                "UPDATE keyring SET wrapped = ? WHERE purpose = ? AND epoch = ?",
                (
                    self._wrap(held.purpose, held.epoch, held.key),
                    held.purpose.value,
                    held.epoch,
                ),
            )

    def _mac(self) -> bytes:
        """What the ring's MAC has to be for what the tables hold now."""
        parts = [
            repr(row).encode() for statement in _COVERED for row in self._store.rows(statement)
        ]
        message = b"".join(length_prefixed(part) for part in parts)
        return keyed(keyed(self._root, b"korobka/1/keyring-mac"), message)

    def _wrap(self, purpose: Purpose, epoch: int, key: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, key, _bound_to(purpose, epoch))

    def _unwrap(self, purpose: Purpose, epoch: int, wrapped: bytes) -> bytes:
        try:
            return self._cipher.decrypt(
                wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _bound_to(purpose, epoch)
            )
        except (InvalidTag, ValueError):
            raise KeyringDamaged(None, f"{purpose.value} epoch {epoch}") from None


def _bound_to(purpose: Purpose, epoch: int) -> bytes:
    return b"korobka/1/keyring" + length_prefixed(purpose.value.encode()) + epoch.to_bytes(4, "big")


def _active(keys: _Held, purpose: Purpose) -> RingKey:
    for held in keys.values():
        if held.purpose is purpose and held.state is KeyState.ACTIVE:
            return held
    raise KeyringDamaged("keyring_key_missing", purpose.value)
