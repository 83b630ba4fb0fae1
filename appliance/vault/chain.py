"""The keys of the audit log: the one that moves forward and the one that signs checkpoints.

The log itself lives in `appliance.audit`. The chain starts with a key from the recovery code, so
that the owner's paper can check it from its first entry; each later key follows from the one
before, which is erased.
"""

import json
from typing import cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from appliance.vault.keyring import Keyring, Purpose
from appliance.vault.keystore import Keystore

_STARTS = "chain_starts"


def next_epoch_key(key: bytes) -> bytes:
    """The key of the epoch after: HKDF-SHA256, no salt, info `audit-epoch`; no way leads back."""
    # The outside verifier of the log computes the same; it knows no prefix of ours.
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"audit-epoch").derive(key)


class AuditKeys:
    """The log's keys, while the box is unlocked."""

    def __init__(self, store: Keystore, keyring: Keyring) -> None:
        self._store = store
        self._keyring = keyring

    def start(self, chain_start_key: bytes) -> None:
        """Starts the chain, or a new stretch of it after the recovery code was replaced.

        Call inside `Keyring.change`.
        """
        before = self._keyring.epochs(Purpose.AUDIT_MAC)
        held = self._keyring.add(Purpose.AUDIT_MAC, chain_start_key, epoch=0)
        for old in before:
            self._keyring.drop(Purpose.AUDIT_MAC, old.epoch)
        self._store.set_meta(_STARTS, json.dumps([*self.starts(), held.epoch]).encode())

    def starts(self) -> list[int]:
        """The epochs whose key comes from a recovery code: 0, and one for each replaced code."""
        return cast("list[int]", json.loads(self._store.meta(_STARTS) or b"[]"))

    def current(self) -> tuple[int, bytes]:
        """Number and key of the epoch that is running."""
        held = self._keyring.active(Purpose.AUDIT_MAC)
        return held.epoch, held.key

    def advance(self) -> None:
        """Moves to the next epoch and erases the key of this one, in memory and on disk.

        Raises:
            Unavailable: keys.db cannot be written; the epoch stays.
        """
        epoch, key = self.current()
        with self._keyring.change():
            self._keyring.add(Purpose.AUDIT_MAC, next_epoch_key(key))
            self._keyring.drop(Purpose.AUDIT_MAC, epoch)
        self._store.scrub_journal()

    def sign(self, message: bytes) -> bytes:
        """Signs a checkpoint: Ed25519 (RFC 8032), 64 bytes."""
        return self._signer().sign(message)

    def public_key(self) -> bytes:
        """The 32 bytes that check what `sign` signed."""
        return self._signer().public_key().public_bytes_raw()

    def _signer(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._keyring.active(Purpose.AUDIT_SIGN).key)
