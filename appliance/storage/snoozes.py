"""Orders that a colleague put out of the queue of his day; they come back by themselves."""

from datetime import datetime
from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.storage.statements import execute, fetch, upsert
from appliance.storage.tables import SnoozeRow
from appliance.storage.tx import Tx
from appliance.storage.visible import Fragment

MOST = 12


async def put(tx: Tx, order_id: UUID, status: str, wakes_at: datetime) -> None:
    """Put an order off for the actor, in place of an earlier time; forget what has come back."""
    await execute("DELETE FROM snooze WHERE user_id = {} AND wakes_at <= {}", tx.actor.id, tx.now)
    await upsert(
        SnoozeRow,
        ("user_id", "order_id"),
        id=uuid7(),
        user_id=tx.actor.id,
        order_id=order_id,
        status=status,
        wakes_at=wakes_at,
    )


async def take_back(tx: Tx, order_id: UUID) -> None:
    """Have an order wait again; one that was not put off is no mistake."""
    await execute("DELETE FROM snooze WHERE user_id = {} AND order_id = {}", tx.actor.id, order_id)


def awake(tx: Tx) -> Fragment:
    """Condition on `orders o`: not put off by the actor, or moved on since."""
    return (
        "NOT EXISTS (SELECT 1 FROM snooze z WHERE z.user_id = {} AND z.order_id = o.id "
        "AND z.wakes_at > {} AND z.status = o.status)",
        (tx.actor.id, tx.now),
    )


async def mine(tx: Tx) -> dict[int, datetime]:
    """Orders that the actor put off: number → when it comes back, the next first."""
    rows = await fetch(
        "SELECT o.number, z.wakes_at FROM snooze z JOIN orders o ON o.id = z.order_id "
        "WHERE z.user_id = {} AND z.wakes_at > {} AND z.status = o.status "
        "ORDER BY z.wakes_at LIMIT {}",
        tx.actor.id,
        tx.now,
        MOST,
    )
    return dict(rows)
