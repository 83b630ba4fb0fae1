"""What a colleague has at hand: records he worked on lately, his open tasks by their words."""

from collections.abc import Sequence
from uuid import UUID

from appliance.domain.folding import fold
from appliance.domain.tasks import TaskFilter, TaskView
from appliance.storage import task_lists
from appliance.storage.statements import any_of, fetch
from appliance.storage.tx import Tx
from appliance.storage.visible import visible_client

KINDS = ("order", "customer", "deal", "task")
LOOKED = 60
"""Deeds looked through: many of them are about the same record."""

MOST_TASKS = 60
"""Open tasks whose titles are looked through."""


async def titled(tx: Tx, text: str, limit: int) -> tuple[TaskView, ...]:
    """Open tasks of the actor whose title holds every word of a text."""
    words = fold(text).split()
    if not words:
        return ()
    page = await task_lists.page(tx, TaskFilter(mine=True), None, MOST_TASKS)
    found: list[TaskView] = []
    for one in page.rows:
        title = fold(one.title.reveal()) if one.title else ""
        if title and all(word in title for word in words):
            found.append(one)
    return tuple(found[:limit])


async def mine(tx: Tx, limit: int) -> list[tuple[str, int]]:
    """(entity, number) of the records the actor changed, the last changed first."""
    rows = await fetch(
        "SELECT entity, entity_number FROM undo_set WHERE made_by = {} AND records > 0 "
        "ORDER BY at DESC, id DESC LIMIT {}",
        tx.actor.id,
        LOOKED,
    )
    found = dict.fromkeys((row[0], row[1]) for row in rows if row[0] in KINDS)
    return list(found)[:limit]


async def clients(tx: Tx, numbers: Sequence[int]) -> list[UUID]:
    """Those clients the actor still sees."""
    scope, args = visible_client(tx)
    rows = await fetch(
        "SELECT c.id, c.number FROM customer c WHERE c.number IN {} AND c.state = 'live' "
        f"AND {scope}",
        any_of(numbers),
        *args,
    )
    return [row[0] for row in sorted(rows, key=lambda row: numbers.index(row[1]))]
