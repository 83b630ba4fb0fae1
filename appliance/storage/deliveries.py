"""Event deliveries: leased, settled, retried, dead. Order is kept within a lane."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from appliance.domain.health import Queue
from appliance.storage.statements import execute, fetch, fetch_one, fetch_value

LEASE = timedelta(minutes=2)
PAUSES = (5, 30, 120, 600, 3600, 21600)
"""Seconds before the 2nd to 7th try (`architecture.md`, section 5); the 7th failure is the last."""

KEPT = timedelta(days=7)


class Leased(NamedTuple):
    """One delivery to run; `id` stays the same over retries and is the idempotency key."""

    id: UUID
    subscriber: str
    event: str
    payload: str
    attempts: int


class Dead(NamedTuple):
    """A delivery that was given up; no word of what it told."""

    id: UUID
    subscriber: str
    event: str
    last_error: str
    attempts: int
    created_at: datetime


async def lease(now: datetime) -> Leased | None:
    """Take the oldest due delivery whose lane has nothing older left for that subscriber."""
    row = await fetch_one(
        "SELECT d.id FROM event_delivery d WHERE d.state = 'ready' AND d.due_at <= {} "
        "AND (d.lease_until IS NULL OR d.lease_until < {}) AND (d.lane = '' OR NOT EXISTS ("
        "SELECT 1 FROM event_delivery o WHERE o.subscriber = d.subscriber AND o.lane = d.lane "
        "AND o.state = 'ready' AND o.id < d.id)) ORDER BY d.id LIMIT 1",
        now,
        now,
    )
    if row is None:
        return None
    taken = await fetch_one(
        "UPDATE event_delivery SET lease_until = {}, attempts = attempts + 1 WHERE id = {} "
        "AND (lease_until IS NULL OR lease_until < {}) "
        "RETURNING id, subscriber, event, payload, attempts",
        now + LEASE,
        row[0],
        now,
    )
    return None if taken is None else Leased(*taken)


async def is_any_due(now: datetime) -> bool:
    """Whether it is worth while to lease."""
    found = await fetch_value(
        "SELECT 1 FROM event_delivery WHERE state = 'ready' AND due_at <= {} LIMIT 1", now
    )
    return found is not None


async def done(delivery_id: UUID) -> None:
    """The subscriber took it."""
    await execute(
        "UPDATE event_delivery SET state = 'done', lease_until = NULL, last_error = '' "
        "WHERE id = {}",
        delivery_id,
    )


async def again(leased: Leased, now: datetime, code: str, *, pause: timedelta | None) -> None:
    """Not taken: try again after `pause`, or give it up for dead (None: at once)."""
    dead = pause is None or leased.attempts > len(PAUSES)
    await execute(
        "UPDATE event_delivery SET state = {}, lease_until = NULL, due_at = {}, last_error = {} "
        "WHERE id = {}",
        "dead" if dead else "ready",
        now + (pause or timedelta()),
        code[:200],
        leased.id,
    )


async def pause(leased: Leased, until: datetime) -> None:
    """The other side is down: all of its deliveries of this kind wait, and no attempt is lost."""
    await execute(
        "UPDATE event_delivery SET lease_until = NULL, attempts = attempts - 1 WHERE id = {}",
        leased.id,
    )
    await execute(
        "UPDATE event_delivery SET due_at = {} WHERE subscriber = {} AND event = {} "
        "AND state = 'ready' AND due_at < {}",
        until,
        leased.subscriber,
        leased.event,
        until,
    )


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many failed tries."""
    return timedelta(seconds=PAUSES[min(attempts, len(PAUSES)) - 1])


async def retry(delivery_id: UUID, now: datetime) -> bool:
    """Bring a dead delivery back; False if there is none."""
    return bool(
        await execute(
            "UPDATE event_delivery SET state = 'ready', attempts = 0, due_at = {} "
            "WHERE id = {} AND state = 'dead'",
            now,
            delivery_id,
        )
    )


async def drop(delivery_id: UUID) -> bool:
    """Delete a dead delivery; False if there is none."""
    return bool(
        await execute("DELETE FROM event_delivery WHERE id = {} AND state = 'dead'", delivery_id)
    )


async def list_dead(limit: int) -> list[Dead]:
    """Dead letters, oldest first."""
    rows = await fetch(
        "SELECT id, subscriber, event, last_error, attempts, created_at FROM event_delivery "
        "WHERE state = 'dead' ORDER BY id LIMIT {}",
        limit,
    )
    return [Dead(*row) for row in rows]


async def figures() -> Queue:
    """How many wait and are dead, and when the longest waiting one was due."""
    row = await fetch_one(
        'SELECT COUNT(*), MIN(due_at) AS "oldest [TIMESTAMPTZ]" FROM event_delivery '
        "WHERE state = 'ready'"
    )
    waiting, oldest = row or (0, None)
    return Queue(waiting=waiting, dead=await count_dead(), oldest=oldest)


async def count_dead() -> int:
    """How many dead letters wait for a person."""
    return int(await fetch_value("SELECT COUNT(*) FROM event_delivery WHERE state = 'dead'"))


async def purge(now: datetime) -> int:
    """Delete what was delivered long ago."""
    return await execute(
        "DELETE FROM event_delivery WHERE state = 'done' AND created_at < {}", now - KEPT
    )
