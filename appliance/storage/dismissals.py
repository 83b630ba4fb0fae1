"""What a colleague who goes still leads, and how far handing it over is."""

from typing import Final
from uuid import UUID

from appliance.domain.dismissal import Dismissal, Handed
from appliance.storage import settings
from appliance.storage.statements import any_of, fetch
from appliance.storage.tx import Tx

_PREFIX: Final = "dismissal."
_LEFT: Final = {
    Handed.CLIENTS: "SELECT number FROM customer WHERE owner_id = {} AND state = 'live' "
    "AND number > {} ORDER BY number LIMIT {}",
    Handed.ORDERS: "SELECT o.number FROM orders o JOIN order_status s ON s.code = o.status "
    "JOIN status_group g ON g.code = s.status_group WHERE o.manager_id = {} "
    "AND g.process AND o.number > {} ORDER BY o.number LIMIT {}",
    Handed.DEALS: "SELECT number FROM deal WHERE manager_id = {} AND state = 'open' "
    "AND number > {} ORDER BY number LIMIT {}",
    Handed.TASKS: "SELECT number FROM task WHERE performer_id = {} AND state = 'open' "
    "AND number > {} ORDER BY number LIMIT {}",
}


async def get(user_id: UUID) -> Dismissal:
    """The handing over of somebody's work; one that never began has no `began_at`."""
    return await settings.get(f"{_PREFIX}{user_id}", Dismissal)


async def put(user_id: UUID, known: Dismissal) -> None:
    """Keep how far it is."""
    await settings.put(f"{_PREFIX}{user_id}", known)


async def running() -> list[UUID]:
    """Whose work is being handed over."""
    rows = await fetch(
        "SELECT key FROM setting WHERE key > {} AND key < {} ORDER BY key", _PREFIX, "dismissal/"
    )
    found = [UUID(key.removeprefix(_PREFIX)) for (key,) in rows]
    return [one for one in found if (await get(one)).runs]


async def left(user_id: UUID, what: Handed, after: int, limit: int) -> list[int]:
    """Numbers of what he still leads."""
    return [row[0] for row in await fetch(_LEFT[what], user_id, after, limit)]


async def clients_of(tx: Tx, subjects: list[UUID]) -> dict[UUID, int]:
    """Person → number of the client."""
    rows = await fetch(
        "SELECT subject_id, number FROM customer WHERE subject_id IN {}", any_of(subjects)
    )
    return {row[0]: row[1] for row in rows}
