"""The keyring: the box's own keys by purpose and epoch, wrapped by the root key.

One MAC under the root key covers all rows of the ring, the head of the erasure ledger and the
public values beside them, so a row that was removed, put back or edited is noticed at unlock.
"""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
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


@dataclass(slots=True)
class RingKey:
    """One key of the ring.

    Attributes:
        purpose: what it is for.
        epoch: number within the purpose, rising.
        key: 32 bytes; None once destroyed.
        state: what it may still do.
        cipher: AES-256-GCM under it; None once destroyed.
    """

    purpose: Purpose
    epoch: int
    key: bytes | None
    state: KeyState
    cipher: AESGCM | None

    def __repr__(self) -> str:
        return f"RingKey({self.purpose.value}, {self.epoch}, {self.state.value})"


class Keyring:
    """The open ring. It lives only while the box is unlocked."""

    def __init__(self, store: Keystore, root: bytes, clock: Callable[[], int]) -> None:
        self._store = store
        self._root = root
        self._cipher = AESGCM(root)
        self._clock = clock
        self._keys: dict[tuple[Purpose, int], RingKey] = {}
        self._active: dict[Purpose, RingKey] = {}

    @property
    def root(self) -> bytes:
        """The root key; for slots only."""
        return self._root

    def load(self) -> None:
        """Reads and checks the whole ring; also the way back after a change that failed half-way.

        Raises:
            KeyringDamaged: a row does not authenticate, is missing, or is not the latest.
        """
        if not equal(self._mac(), self._store.meta(_RING_MAC) or b""):
            raise KeyringDamaged
        self._keys.clear()
        self._active.clear()
        for purpose, epoch, wrapped, state in self._store.rows(
            "SELECT purpose, epoch, wrapped, state FROM keyring ORDER BY purpose, epoch"
        ):
            self._remember(
                Purpose(cast("str", purpose)),
                cast("int", epoch),
                KeyState(cast("str", state)),
                cast("bytes | None", wrapped),
            )

    @contextmanager
    def change(self) -> Generator[None]:
        """One transaction of keys.db in which the ring may change; memory and disk agree after it.

        Errors as in `Keystore.transaction`.
        """
        root, cipher = self._root, self._cipher
        try:
            with self._store.transaction():
                yield
                self._store.set_meta(_RING_MAC, self._mac())
        except BaseException:
            self._root, self._cipher = root, cipher
            self.load()
            raise

    def _remember(
        self, purpose: Purpose, epoch: int, state: KeyState, wrapped: bytes | None
    ) -> None:
        """Unwraps a row of the table and holds its key."""
        key: bytes | None = None
        if state is not KeyState.DESTROYED:
            key = self._unwrap(purpose, epoch, wrapped or b"")
        held = RingKey(purpose, epoch, key, state, AESGCM(key) if key else None)
        self._keys[purpose, epoch] = held
        if state is KeyState.ACTIVE:
            self._active[purpose] = held

    def active(self, purpose: Purpose) -> RingKey:
        """The key that seals now.

        Raises:
            KeyringDamaged: the ring has none.
        """
        held = self._active.get(purpose)
        if held is None:
            raise KeyringDamaged("keyring_key_missing", purpose.value)
        return held

    def cipher(self, purpose: Purpose, epoch: int) -> AESGCM | None:
        """The cipher of one epoch, or None where there is none (any more)."""
        held = self._keys.get((purpose, epoch))
        return held.cipher if held else None

    def key(self, purpose: Purpose, epoch: int) -> bytes | None:
        """The bytes of one epoch's key, or None where there is none (any more)."""
        held = self._keys.get((purpose, epoch))
        return held.key if held else None

    def kek(self, epoch: int) -> AESGCM:
        """The key that wraps people's keys, of one epoch.

        Raises:
            KeyringDamaged: `keyring_key_missing`: it was destroyed, or never was.
        """
        cipher = self.cipher(Purpose.SUBJECT, epoch)
        if cipher is None:
            raise KeyringDamaged("keyring_key_missing", f"kek.subject epoch {epoch}")
        return cipher

    def epochs(self, purpose: Purpose) -> list[RingKey]:
        """Every key of a purpose, oldest first, destroyed ones too."""
        return [held for (kind, _), held in sorted(self._keys.items()) if kind is purpose]

    def add(self, purpose: Purpose, key: bytes | None = None, epoch: int | None = None) -> RingKey:
        """Makes the next epoch of a purpose the active one; the one before only opens from now on.

        Call inside `change`.

        Args:
            purpose: what the key is for.
            key: 32 bytes; None draws them.
            epoch: its number; None takes the next.
        """
        key = key or os.urandom(KEY_BYTES)
        before = self._active.get(purpose)
        number = epoch if epoch is not None else (before.epoch + 1 if before else 1)
        now = self._clock()
        if before:
            self._store.run(
                "UPDATE keyring SET state = 'decrypt', retired = ? WHERE purpose = ? AND epoch = ?",
                (now, purpose.value, before.epoch),
            )
            before.state = KeyState.DECRYPT
        self._store.run(
            "INSERT INTO keyring (purpose, epoch, wrapped, state, created)"
            " VALUES (?, ?, ?, 'active', ?)",
            (purpose.value, number, self._wrap(purpose, number, key), now),
        )
        held = RingKey(purpose, number, key, KeyState.ACTIVE, AESGCM(key))
        self._keys[purpose, number] = self._active[purpose] = held
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
        self._keys[purpose, epoch] = RingKey(purpose, epoch, None, KeyState.DESTROYED, None)

    def drop(self, purpose: Purpose, epoch: int) -> None:
        """Erases one epoch with its row, for keys that are renewed all day."""
        self._store.run(
            "DELETE FROM keyring WHERE purpose = ? AND epoch = ?", (purpose.value, epoch)
        )
        self._keys.pop((purpose, epoch), None)

    def rewrap(self, root: bytes) -> None:
        """Wraps every key under a new root key; call inside `change`."""
        self._root, self._cipher = root, AESGCM(root)
        for (purpose, epoch), held in self._keys.items():
            if held.key:
                self._store.run(
                    "UPDATE keyring SET wrapped = ? WHERE purpose = ? AND epoch = ?",
                    (self._wrap(purpose, epoch, held.key), purpose.value, epoch),
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
