"""The limits of a service, kept by whoever calls it: so many calls in so many seconds.

One process speaks for all accounts of a plugin, so accounts that the service counts as one (the
same token, the same client id) share a bucket by sharing its key.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

LONGEST_CLOSED: Final = 3600.0
"""Seconds that a bucket may be closed for: a service that names more is asked again sooner."""


class _Bucket:
    """What was let through under one key; moments may lie ahead: those wait for their turn."""

    def __init__(self) -> None:
        self.taken: deque[tuple[float, float]] = deque()
        self.sum = 0.0
        self.left = 0.0
        self.at = 0.0
        self.last = float("-inf")
        self.closed = float("-inf")


class Pace:
    """So much in so many seconds, in the order of asking.

    Without `burst`, no stretch of `seconds` ever holds more than `amount`, wherever it begins:
    what a service that counts by a sliding or a fixed window allows. With it, `burst` may pass at
    once and the rest evenly: the bucket that services describe as "300 a minute, 20 at once".

    >>> moments: list[float] = []
    >>> clock = [0.0]
    >>> async def sleep(seconds: float) -> None:
    ...     clock[0] += seconds
    >>> async def three(pace: Pace) -> None:
    ...     for _ in range(3):
    ...         await pace.take("token")
    ...         moments.append(clock[0])
    >>> asyncio.run(three(Pace(2, 60.0, clock=lambda: clock[0], sleep=sleep)))
    >>> moments
    [0.0, 0.0, 60.0]
    """

    def __init__(
        self,
        amount: float,
        seconds: float,
        *,
        burst: float = 0,
        spacing: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Args: spacing: seconds from one call to the next, whatever the amount allows."""
        self._amount = amount
        self._seconds = seconds
        self._burst = burst
        self._spacing = spacing
        self._clock = clock
        self._sleep = sleep
        self._buckets: dict[str, _Bucket] = {}

    async def take(self, key: str, cost: float = 1) -> float:
        """Wait until this much may pass; the seconds that took.

        Args:
            key: what the service counts by: a client id, a token.
            cost: in the service's own units; more than fits is taken for all of it.
        """
        bucket = self._bucket(key)
        began = self._clock()
        moment = self._reserve(bucket, began, min(cost, self._burst or self._amount))
        while (wait := max(moment, bucket.closed) - self._clock()) > 0:
            await self._sleep(wait)
        return self._clock() - began

    def punish(self, key: str, seconds: float) -> None:
        """Let nothing pass for so long: the service said that it was too much."""
        bucket = self._bucket(key)
        bucket.closed = max(bucket.closed, self._clock() + min(seconds, LONGEST_CLOSED))

    def charge(self, key: str, cost: float) -> None:
        """Count so much more as passed, without waiting: the service counts a refusal manifold.

        Whoever asks next waits until it is worked off.
        """
        bucket, now = self._bucket(key), self._clock()
        if self._burst:
            bucket.left -= cost
            return
        bucket.taken.append((max(now, bucket.last), cost))
        bucket.sum += cost
        bucket.last = max(now, bucket.last)

    def ahead(self, key: str, cost: float = 1) -> float:
        """Seconds that `take` would wait now, with nothing taken: more than a call may last?

        >>> pace = Pace(2, 60.0, clock=lambda: 5.0)
        >>> pace.ahead("token"), asyncio.run(pace.take("token", 2)), pace.ahead("token")
        (0.0, 0.0, 60.0)
        """
        bucket, now = self._bucket(key), self._clock()
        cost = min(cost, self._burst or self._amount)
        moment = max(now, bucket.closed, bucket.last + self._spacing, bucket.last)
        if self._burst:
            rate = self._amount / self._seconds
            left = min(self._burst, bucket.left + (moment - bucket.at) * rate)
            return moment + max(0.0, cost - left) / rate - now
        total = bucket.sum
        for at, was in bucket.taken:
            if at > moment - self._seconds and total + cost <= self._amount:
                break
            total -= was
            moment = max(moment, at + self._seconds)
        return moment - now

    def wait(self, key: str) -> float:
        """Seconds for which a key is closed by `punish`; 0 where it is not."""
        return max(0.0, self._bucket(key).closed - self._clock())

    def _bucket(self, key: str) -> _Bucket:
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket()
            bucket.left, bucket.at = self._burst, self._clock()
        return bucket

    def _reserve(self, bucket: _Bucket, now: float, cost: float) -> float:
        """The moment at which it may pass; whoever asks later passes no earlier."""
        moment = max(now, bucket.closed, bucket.last + self._spacing)
        moment = max(moment, bucket.last)
        if self._burst:
            moment = self._from_bucket(bucket, moment, cost)
        else:
            moment = self._from_window(bucket, moment, cost)
        bucket.last = moment
        return moment

    def _from_bucket(self, bucket: _Bucket, moment: float, cost: float) -> float:
        rate = self._amount / self._seconds
        left = min(self._burst, bucket.left + (moment - bucket.at) * rate)
        if left < cost:
            moment += (cost - left) / rate
            left = cost
        bucket.left, bucket.at = left - cost, moment
        return moment

    def _from_window(self, bucket: _Bucket, moment: float, cost: float) -> float:
        while bucket.taken and (
            bucket.taken[0][0] <= moment - self._seconds or bucket.sum + cost > self._amount
        ):
            at, was = bucket.taken.popleft()
            bucket.sum -= was
            moment = max(moment, at + self._seconds)
        bucket.taken.append((moment, cost))
        bucket.sum += cost
        return moment


class AtOnce:
    """So many calls at the same time under one key, whoever makes them; the others wait.

    What services call parallelism: the call over it is refused, however slow the pace.

    >>> async def most(calls: int) -> int:
    ...     gate, inside = AtOnce(2), [0, 0]
    ...     async def one() -> None:
    ...         async with gate.of("token"):
    ...             inside[0] += 1
    ...             inside[1] = max(inside)
    ...             await asyncio.sleep(0)
    ...             inside[0] -= 1
    ...     await asyncio.gather(*(one() for _ in range(calls)))
    ...     return inside[1]
    >>> asyncio.run(most(5))
    2
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._gates: dict[str, asyncio.Semaphore] = {}

    @asynccontextmanager
    async def of(self, key: str) -> AsyncGenerator[None]:
        """Be one of those that are let through; `key` as for `Pace.take`."""
        gate = self._gates.get(key)
        if gate is None:
            gate = self._gates[key] = asyncio.Semaphore(self._most)
        async with gate:
            yield
