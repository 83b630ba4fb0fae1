"""How a person's key lies in keys.db: wrapped, and bound to everything its row says."""

import os
import struct
from enum import StrEnum
from typing import Final, NamedTuple, cast
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from appliance.vault.envelope import NONCE_BYTES
from appliance.vault.errors import KeyRowDamaged
from appliance.vault.keyring import Keyring, Purpose, RingKey
from appliance.vault.keystore import Value

FIRST: Final = 1
"""Number of a person's first key. It stands in the head of each cell; a renewal of all people's
keys counts it up, wrapping keys change without touching it."""

_BOUND_TO: Final = struct.Struct(">17s16sI1sQ")
_MARK: Final = b"korobka/1/subject"
_OLDER_MARK: Final = b"korobka/1/older-subject"


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
        number: of the key, from `FIRST`.
    """

    subject: UUID
    epoch: int
    wrapped: bytes | None
    state: SubjectState
    changed: int
    number: int = FIRST


class PersonKey(NamedTuple):
    """A key ready for use, and its number as cells carry it."""

    cipher: AESGCM
    number: int
    mark: bytes


def ready(key: bytes, number: int) -> PersonKey:
    """A key ready for use."""
    return PersonKey(AESGCM(key), number, number.to_bytes(4, "big"))


def wrap(
    kek: RingKey,
    subject: UUID,
    state: SubjectState,
    changed: int,
    key: bytes,
    number: int = FIRST,
) -> bytes:
    """Wraps a person's key, bound to everything its row says."""
    nonce = os.urandom(NONCE_BYTES)
    bound = _binding(subject, kek.epoch, state, changed, number)
    return nonce + kek.cipher.encrypt(nonce, key, bound)


def wrap_older(kek: RingKey, subject: UUID, number: int, key: bytes) -> bytes:
    """Wraps a key that was replaced; it opens what was sealed under it, and seals nothing."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + kek.cipher.encrypt(nonce, key, _older_binding(subject, kek.epoch, number))


def unwrap_older(keyring: Keyring, subject: UUID, number: int, epoch: int, wrapped: bytes) -> bytes:
    """Takes a replaced key out of its row.

    Raises:
        KeyRowDamaged: the row is not as it was written, or its wrapping key is gone.
    """
    kek = keyring.key(Purpose.SUBJECT, epoch)
    if kek is None:
        raise KeyRowDamaged
    bound = _older_binding(subject, epoch, number)
    try:
        return kek.cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], bound)
    except (InvalidTag, ValueError):
        raise KeyRowDamaged from None


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
        bound = _binding(row.subject, row.epoch, row.state, row.changed, row.number)
        return kek.cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], bound)
    except (InvalidTag, ValueError, struct.error, KeyError):
        raise KeyRowDamaged from None


def row_of(found: tuple[Value, ...]) -> KeyRow:
    """Reads a row selected as `subject, epoch, wrapped, state, changed, number`.

    Raises:
        KeyRowDamaged: a column is not of its kind.
    """
    subject, epoch, wrapped, state, changed, number = found
    if not (
        isinstance(subject, bytes)
        and len(subject) == 16
        and isinstance(epoch, int)
        and isinstance(wrapped, bytes | None)
        and isinstance(changed, int)
        and isinstance(number, int)
        and 0 < number < 1 << 32
    ):
        raise KeyRowDamaged
    try:
        known = SubjectState(cast("str", state))
        return KeyRow(UUID(bytes=subject), epoch, wrapped, known, changed, number)
    except ValueError:
        raise KeyRowDamaged from None


def _binding(subject: UUID, epoch: int, state: SubjectState, changed: int, number: int) -> bytes:
    bound = _BOUND_TO.pack(
        _MARK, subject.int.to_bytes(16, "big"), epoch, _STATE_TAGS[state], changed
    )
    return bound if number == FIRST else bound + b"number" + number.to_bytes(4, "big")


def _older_binding(subject: UUID, epoch: int, number: int) -> bytes:
    return _OLDER_MARK + subject.bytes + epoch.to_bytes(4, "big") + number.to_bytes(4, "big")
