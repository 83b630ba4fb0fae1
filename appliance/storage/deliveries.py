"""Event deliveries: leased, settled, retried, dead. Order is kept within a lane."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from appliance.domain.health import Queue
from appliance.storage.statements import (
    any_of,
    execute,
    fetch,
    fetch_one,
    fetch_value,
    update_row,
)
from appliance.storage.tables import EventDeliveryRow

NO_ACCOUNT = "\x01"
"""No account is called so: a list of none is a list all the same."""
MOST_SKIPPED = 200
"""Deliveries put behind others in one transaction."""
PAUSES = (5, 30, 120, 600, 3600, 21600)
"""Seconds before the 2nd to 7th try (`architecture.md`, section 5); the 7th failure is the last."""

MOVED_AT_ONCE = 500
"""Deliveries put off or brought back in one transaction: the writer is everybody's."""

KEPT = timedelta(days=7)


class Leased(NamedTuple):
    """One delivery to run; `id` stays the same over retries and is the idempotency key.

    Attributes:
        account: of the other side, while that is being asked whether it is back.
    """

    id: UUID
    subscriber: str
    event: str
    payload: str
    attempts: int
    lane: str = ""
    account: str = ""


class Dead(NamedTuple):
    """A delivery that was given up; no word of what it told."""

    id: UUID
    subscriber: str
    event: str
    last_error: str
    attempts: int
    created_at: datetime


async def lease(
    subscriber: str, now: datetime, until: datetime, busy: Sequence[str] = ()
) -> Leased | None:
    """Take the next due delivery of a subscriber whose lane has nothing older left.

    What stands in the way moves what waits behind it: a dead letter holds its lane until somebody
    retries or drops it, a delivery that is tried again later takes its followers along. So each
    is looked at once, and not every second.

    Args:
        subscriber: whose.
        now: the moment.
        until: when the lease ends, if its holder says nothing.
        busy: accounts that are being asked right now: one delivery finds out for all.
    """
    for _ in range(MOST_SKIPPED):
        row = await fetch_one(
            "SELECT d.id, d.lane FROM event_delivery d WHERE d.subscriber = {} "
            "AND d.state = 'ready' AND d.due_at <= {} AND (d.lease_until IS NULL "
            "OR d.lease_until < {}) AND d.account NOT IN {} AND (d.lane = '' OR NOT EXISTS ("
            "SELECT 1 FROM event_delivery o WHERE o.subscriber = d.subscriber "
            "AND o.lane = d.lane AND o.state = 'ready' AND o.lease_until >= {} AND o.id < d.id)) "
            "ORDER BY d.due_at, d.id LIMIT 1",
            subscriber,
            now,
            now,
            any_of([*busy, NO_ACCOUNT]),
            now,
        )
        if row is None:
            return None
        if not await _is_held(subscriber, row[0], row[1], now, busy):
            return await _leased(row[0], now, until)
    return None


async def _is_held(
    subscriber: str, delivery_id: UUID, lane: str, now: datetime, busy: Sequence[str]
) -> bool:
    """Whether something older of the lane comes first; then this one is put behind it."""
    if not lane:
        return False
    older = await fetch_one(
        "SELECT state, due_at, account FROM event_delivery WHERE subscriber = {} AND lane = {} "
        "AND state IN ('ready', 'dead', 'held') AND id < {} ORDER BY id LIMIT 1",
        subscriber,
        lane,
        delivery_id,
    )
    if older is None:
        return False
    if older[2] in busy:
        await update_row(EventDeliveryRow, delivery_id, account=older[2])
    elif older[0] == "ready" and older[1] <= now:
        await _swap(subscriber, delivery_id, lane, now)
    elif older[0] == "ready":
        await update_row(EventDeliveryRow, delivery_id, due_at=older[1])
    else:
        await update_row(EventDeliveryRow, delivery_id, state="held")
    return True


async def _swap(subscriber: str, delivery_id: UUID, lane: str, now: datetime) -> None:
    """The older one is due as well, though later: it goes first."""
    await execute(
        "UPDATE event_delivery SET due_at = (SELECT due_at FROM event_delivery WHERE id = {}) "
        "WHERE subscriber = {} AND lane = {} AND state = 'ready' AND due_at <= {} AND id < {}",
        delivery_id,
        subscriber,
        lane,
        now,
        delivery_id,
    )


async def _leased(delivery_id: UUID, now: datetime, until: datetime) -> Leased | None:
    taken = await fetch_one(
        "UPDATE event_delivery SET lease_until = {}, attempts = attempts + 1 WHERE id = {} "
        "AND (lease_until IS NULL OR lease_until < {}) "
        "RETURNING id, subscriber, event, payload, attempts, lane, account",
        until,
        delivery_id,
        now,
    )
    return None if taken is None else Leased(*taken)


async def release() -> int:
    """Give back what was under way when the box stopped: nobody else delivers for this database."""
    return await execute(
        "UPDATE event_delivery SET lease_until = NULL WHERE state = 'ready' "
        "AND lease_until IS NOT NULL"
    )


async def bring_back(now: datetime, slack: timedelta) -> int:
    """Have deliveries that wait for a time the clock was set back from tried now."""
    return await execute(
        "UPDATE event_delivery SET due_at = {}, lease_until = NULL "
        "WHERE state = 'ready' AND due_at > {}",
        now,
        now + slack,
    )


async def is_any_due(subscriber: str, now: datetime) -> bool:
    """Whether it is worth while to lease."""
    found = await fetch_value(
        "SELECT 1 FROM event_delivery WHERE subscriber = {} AND state = 'ready' AND due_at <= {} "
        "AND (lease_until IS NULL OR lease_until < {}) LIMIT 1",
        subscriber,
        now,
        now,
    )
    return found is not None


async def done(leased: Leased) -> None:
    """The subscriber took it. What waits for the same account: see `bring_account_back`."""
    await execute(
        "UPDATE event_delivery SET state = 'done', lease_until = NULL, last_error = '' "
        "WHERE id = {}",
        leased.id,
    )


async def bring_account_back(subscriber: str, account: str, now: datetime) -> bool:
    """An account is back: some of what waits for it is due now; whether there may be more."""
    moved = await execute(
        "UPDATE event_delivery SET account = '', due_at = {} WHERE id IN ("
        "SELECT id FROM event_delivery WHERE subscriber = {} AND account = {} "
        "AND state = 'ready' ORDER BY id LIMIT {})",
        now,
        subscriber,
        account,
        MOVED_AT_ONCE,
    )
    return moved >= MOVED_AT_ONCE


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


async def put_back(leased: Leased) -> None:
    """Its subscriber is away: it was not tried, and nothing of it changes."""
    await execute(
        "UPDATE event_delivery SET lease_until = NULL, attempts = attempts - 1 WHERE id = {}",
        leased.id,
    )


async def pause(leased: Leased, until: datetime, account: str = "") -> None:
    """The other side is down: this one waits, and no attempt is lost. For the rest: `put_off`.

    Args:
        leased: what was tried.
        until: when one of them is tried again.
        account: of the other side; empty: everything of this kind waits.
    """
    await execute(
        "UPDATE event_delivery SET lease_until = NULL, attempts = attempts - 1, due_at = {}, "
        "account = {} WHERE id = {}",
        until,
        account[:64],
        leased.id,
    )


async def put_off(leased: Leased, until: datetime, account: str = "") -> bool:
    """Have some of what is for the same account wait as well; whether there may be more.

    With thousands waiting this is not for every one that comes on top of them: the postman does
    it once in a pause.

    Args:
        leased: what was tried.
        until: as in `pause`.
        account: those known to be for it, and no others. Empty: all of this kind.
    """
    column, value = ("account", account[:64]) if account else ("event", leased.event)
    moved = await execute(
        "UPDATE event_delivery SET due_at = {} WHERE id IN ("
        f"SELECT id FROM event_delivery WHERE subscriber = {{}} AND {column} = {{}} "
        "AND state = 'ready' AND due_at < {} ORDER BY due_at LIMIT {})",
        until,
        leased.subscriber,
        value,
        until,
        MOVED_AT_ONCE,
    )
    return moved >= MOVED_AT_ONCE


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many failed tries."""
    return timedelta(seconds=PAUSES[min(attempts, len(PAUSES)) - 1])


async def retry(delivery_id: UUID, now: datetime) -> bool:
    """Bring a dead delivery back, and its lane behind it; False if there is none."""
    row = await fetch_one(
        "UPDATE event_delivery SET state = 'ready', attempts = 0, due_at = {} "
        "WHERE id = {} AND state = 'dead' RETURNING subscriber, lane",
        now,
        delivery_id,
    )
    if row is not None:
        await _let_go(*row)
    return row is not None


async def redeliver(delivery_id: UUID, now: datetime) -> bool:
    """Bring what was taken once more, under its own id; False if there is none."""
    row = await fetch_one(
        "UPDATE event_delivery SET state = 'ready', attempts = 0, due_at = {}, account = '' "
        "WHERE id = {} AND state = 'done' RETURNING id",
        now,
        delivery_id,
    )
    return row is not None


async def drop(delivery_id: UUID) -> bool:
    """Delete a dead delivery, and let its lane go on; False if there is none."""
    row = await fetch_one(
        "DELETE FROM event_delivery WHERE id = {} AND state = 'dead' RETURNING subscriber, lane",
        delivery_id,
    )
    if row is not None:
        await _let_go(*row)
    return row is not None


async def _let_go(subscriber: str, lane: str) -> None:
    """Those that waited behind a dead letter are due; another one in the lane holds them again."""
    await execute(
        "UPDATE event_delivery SET state = 'ready' WHERE subscriber = {} AND lane = {} "
        "AND state = 'held'",
        subscriber,
        lane,
    )


async def forget_subscriber(subscriber: str) -> int:
    """Delete what waits for somebody who was removed."""
    return await execute("DELETE FROM event_delivery WHERE subscriber = {}", subscriber)


async def letters_of(subscriber: str, most: int) -> tuple[int, int]:
    """How many deliveries of one subscriber wait and how many are dead, each up to `most`."""
    found: list[int] = []
    for states in (("ready", "held"), ("dead",)):
        rows = await fetch(
            "SELECT 1 FROM event_delivery WHERE subscriber = {} AND state IN {} LIMIT {}",
            subscriber,
            any_of(states),
            most,
        )
        found.append(len(rows))
    return found[0], found[1]


async def dead_of(subscriber: str, most: int) -> list[UUID]:
    """Dead letters of one subscriber, oldest first."""
    rows = await fetch(
        "SELECT id FROM event_delivery WHERE subscriber = {} AND state = 'dead' "
        "ORDER BY id LIMIT {}",
        subscriber,
        most,
    )
    return [row[0] for row in rows]


async def list_dead(limit: int) -> list[Dead]:
    """Dead letters, oldest first."""
    rows = await fetch(
        "SELECT id, subscriber, event, last_error, attempts, created_at FROM event_delivery "
        "WHERE state = 'dead' ORDER BY id LIMIT {}",
        limit,
    )
    return [Dead(*row) for row in rows]


async def figures() -> Queue:
    """How many wait and are dead, and when the longest waiting one was due.

    Dead letters of plugins are told of with the services they speak with.
    """
    row = await fetch_one(
        'SELECT COUNT(*), MIN(due_at) AS "oldest [TIMESTAMPTZ]" FROM event_delivery '
        "WHERE state = 'ready'"
    )
    waiting, oldest = row or (0, None)
    dead = await fetch_value(
        "SELECT COUNT(*) FROM event_delivery WHERE state = 'dead' "
        "AND NOT (subscriber >= 'plugin:' AND subscriber < 'plugin;')"
    )
    return Queue(waiting=waiting, dead=int(dead), oldest=oldest)


async def count_dead() -> int:
    """How many dead letters wait for a person."""
    return int(await fetch_value("SELECT COUNT(*) FROM event_delivery WHERE state = 'dead'"))


async def purge(now: datetime) -> int:
    """Delete what was delivered long ago."""
    return await execute(
        "DELETE FROM event_delivery WHERE state = 'done' AND created_at < {}", now - KEPT
    )
