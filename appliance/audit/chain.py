"""The forward-secure chain: what each code of `audit.db` is computed over.

Every code is HMAC-SHA-256 under the key of its own epoch. Numbers are 8 bytes, big-endian.
`verify.py` repeats these lines on purpose: it must stand alone.
"""

import hashlib
import hmac
import struct
from typing import NamedTuple

NOTHING = bytes(32)
"""Where the digest of checkpoints and the chain of seals begin."""


class EpochKey(NamedTuple):
    """An epoch's number (from 0) and its 32 byte key."""

    epoch: int
    key: bytes


class Head(NamedTuple):
    """How long the log is, signed with the running epoch's key.

    Attributes:
        mac: code of the last event, or the start code of an empty log.
        checkpoints: digest over all checkpoints, so that none can vanish.
    """

    epoch: int
    size: int
    mac: bytes
    checkpoints: bytes


class Seal(NamedTuple):
    """End of an epoch; an empty one has `last_seq == first_seq - 1`."""

    no: int
    sealed_at: int
    first_seq: int
    last_seq: int


def start_mac(key: bytes, origin: str, started: int) -> bytes:
    """Code that stands before the first event; binds name and start of the log."""
    return _hmac(key, b"start" + struct.pack(">Q", started) + origin.encode())


def event_mac(key: bytes, previous: bytes, leaf_hash: bytes) -> bytes:
    """Code of an event: over the previous code and the leaf hash."""
    return _hmac(key, previous + leaf_hash)


def seal_mac(key: bytes, seal: Seal, last_mac: bytes, previous: bytes) -> bytes:
    """Code of an epoch's end: over its row, the last event's code and the previous seal."""
    return _hmac(key, b"seal" + struct.pack(">QQQQ", *seal) + last_mac + previous)


def head_mac(key: bytes, head: Head) -> bytes:
    """Code of the log's end."""
    numbers = struct.pack(">QQ", head.epoch, head.size)
    return _hmac(key, b"head" + numbers + head.mac + head.checkpoints)


def checkpoint_digest(previous: bytes, note: bytes) -> bytes:
    """Digest over all checkpoints up to this one."""
    return hashlib.sha256(previous + note).digest()


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")
