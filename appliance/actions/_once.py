"""A request that a program repeats under one key is done once: its first answer is given again.

The note of the answer is written in the deed's own transaction, so that neither a crash between
nor the same request fifty times at once does anything twice.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from appliance.errors import Conflict
from appliance.storage import repeats
from appliance.storage.tx import Tx


@dataclass(slots=True)
class Once:
    """A request under an idempotency key.

    Attributes:
        key: hash of the key as the program gave it.
        digest: hash of method, address and body: another request under the same key is refused.
        encode: what to keep of the action's result, to be given again.
        kept: the answer of the first time, when this was a repetition.
    """

    key: bytes
    digest: bytes
    encode: Callable[[Any], bytes]
    kept: bytes | None = None


_current: ContextVar[Once | None] = ContextVar("once", default=None)


@contextmanager
def under(once: Once | None) -> Generator[None]:
    """Have the action that is called inside done once."""
    token = _current.set(once)
    try:
        yield
    finally:
        _current.reset(token)


async def was_done(tx: Tx, once: Once | None) -> bool:
    """Whether this request was done before; then `once.kept` is its answer.

    Raises:
        Conflict: `idempotency_key_reused`: the key was given with another request.
    """
    if once is None:
        return False
    known = await repeats.find(tx, once.key)
    if known is None:
        return False
    if known.digest != once.digest:
        raise Conflict("idempotency_key_reused")
    once.kept = known.answer
    return True


async def keep(tx: Tx, once: Once | None, result: Any) -> None:
    """Note what was answered, in the deed's transaction."""
    if once is not None:
        await repeats.keep(tx, once.key, once.digest, once.encode(result))


def current() -> Once | None:
    """The key of the request that is running."""
    return _current.get()
