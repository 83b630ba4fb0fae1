"""Identifiers: UUIDv7, in the order they were made (RFC 9562, section 6.2, method 3)."""

import os
import threading
import time
from uuid import UUID

_VERSION = 0x7 << 76
_VARIANT = 0x2 << 62
_RANDOM_B = (1 << 62) - 1
_SUB_MILLISECOND = 1 << 12  # rand_a holds the fraction of the millisecond

_lock = threading.Lock()
_last = 0


def uuid7() -> UUID:
    """Make a new id, greater than every id this process made before."""
    global _last  # noqa: PLW0603  the one piece of state that makes ids of one process ordered
    ticks = time.time_ns() * _SUB_MILLISECOND // 1_000_000
    with _lock:
        _last = ticks = max(ticks, _last + 1)
    milliseconds, fraction = divmod(ticks, _SUB_MILLISECOND)
    random = int.from_bytes(os.urandom(8), "big") & _RANDOM_B
    return UUID(int=(milliseconds << 80) | _VERSION | (fraction << 64) | _VARIANT | random)
