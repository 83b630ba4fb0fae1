"""Run a coroutine to its end without an event loop."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

R = TypeVar("R")
Body = Callable[[], Coroutine[Any, Any, R]]


def drive(body: Body[R]) -> R:
    """Run `body` in one go in the calling thread.

    Every storage call on SQLite is inline, so a body has nothing to wait for; one that does
    would hold the only writer, or an open snapshot, for as long as it likes.

    Raises:
        RuntimeError: the body suspended (awaited a timer, a task, the network).
    """
    coroutine = body()
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    coroutine.close()
    name = getattr(body, "__qualname__", type(body).__name__)
    raise RuntimeError(f"action suspended: {name} awaited something that is not storage")
