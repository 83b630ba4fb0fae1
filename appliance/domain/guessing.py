"""How long a wrong try costs, without letting a stranger lock the real person out.

Security reference, section E: every account has one bucket per device, and a device that signed
in before is known by its cookie; so a stranger's tries slow down only the stranger. Unknown
devices of one account share a cap by the hour, one address a cap by the minute.
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

LONGEST_DELAY: Final = timedelta(seconds=60)
FORGIVEN_AFTER: Final = timedelta(hours=1)
"""Silence after which an account's bucket on a device begins anew."""

ADDRESS_WINDOW: Final = timedelta(minutes=1)
ADDRESS_TRIES: Final = 20
UNKNOWN_WINDOW: Final = timedelta(hours=1)
UNKNOWN_TRIES: Final = 50


class Tries(NamedTuple):
    """State of one bucket.

    Attributes:
        tries: since `window_at`.
        next_at: no earlier try is looked at.
    """

    tries: int
    window_at: datetime
    next_at: datetime


def after_slow(known: Tries | None, now: datetime) -> Tries:
    """Count a try in a bucket whose delay doubles: 1, 2, 4 … 60 seconds."""
    if known is None or now - known.next_at > FORGIVEN_AFTER:
        known = Tries(0, now, now)
    delay = min(LONGEST_DELAY, timedelta(seconds=2 ** min(known.tries, 10)))
    return Tries(known.tries + 1, known.window_at, now + delay)


def after_capped(known: Tries | None, now: datetime, window: timedelta, most: int) -> Tries:
    """Count a try in a bucket that takes `most` tries per window."""
    if known is None or now - known.window_at >= window:
        known = Tries(0, now, now)
    tries = known.tries + 1
    return Tries(tries, known.window_at, known.window_at + window if tries >= most else now)


def wait_seconds(known: Tries | None, now: datetime) -> int:
    """Whole seconds until the next try is looked at; 0 when it may come now."""
    if known is None or known.next_at <= now:
        return 0
    left = known.next_at - now
    return max(1, -(-left // timedelta(seconds=1)))
