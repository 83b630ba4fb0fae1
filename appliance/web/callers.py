"""How often one address asks, kept in memory: for pages that anybody may open."""

import time
from collections.abc import Callable
from typing import Final

from appliance.errors import Throttled

WINDOW_SECONDS: Final = 60.0
MOST_ASKED: Final = 240
"""Requests of one address in a window: an office behind one address with a dozen open pages."""

MOST_WRITTEN: Final = 12
"""Messages of one address in a window."""

MOST_HELD: Final = 4096


class Callers:
    """Counts by address; the one heard of longest ago is forgotten when there are too many."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: dict[tuple[str, bool], tuple[float, int]] = {}

    def count(self, address: str, *, writes: bool = False) -> None:
        """Count a request.

        Raises:
            Throttled: too many of this address; `seconds` until the next one.
        """
        now = self._clock()
        key = (address, writes)
        began, asked = self._counts.pop(key, (now, 0))
        if now - began >= WINDOW_SECONDS:
            began, asked = now, 0
        self._counts[key] = (began, asked + 1)
        if len(self._counts) > MOST_HELD:
            del self._counts[next(iter(self._counts))]
        if asked >= (MOST_WRITTEN if writes else MOST_ASKED):
            left = WINDOW_SECONDS - (now - began)
            raise Throttled("throttled", seconds=max(1, int(left)))
