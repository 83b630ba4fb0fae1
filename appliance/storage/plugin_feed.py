"""Changes of orders as plugins read them, and whose orders they are."""

from collections.abc import Sequence
from uuid import UUID

from appliance.plugin_api.calls import MOST_ROWS, Change, Changes, ChangesAsked
from appliance.storage.statements import any_of, fetch, fetch_one
from appliance.storage.tx import Tx
from appliance.storage.visible import visible_order


async def changes(tx: Tx, asked: ChangesAsked) -> Changes:
    """A page after a number, ascending: fields by name, without what they became."""
    scope, args = visible_order(tx)
    limit = min(max(asked.limit, 1), MOST_ROWS)
    rows = await fetch(
        "SELECT e.number, e.at, e.entity_id, e.entity_number, e.kind, e.field, e.key_id "
        "FROM change_entry e JOIN orders o ON o.id = e.entity_id "
        f"WHERE e.entity = 'order' AND e.number > {{}} AND {scope} ORDER BY e.number LIMIT {{}}",
        asked.since,
        *args,
        limit,
    )
    found = tuple(
        Change(
            number=number,
            at=at,
            order_id=order_id,
            order_number=order_number,
            kind=kind,
            field=field,
            own=key == tx.actor.id,
        )
        for number, at, order_id, order_number, kind, field, key in rows
    )
    return Changes(changes=found, last=found[-1].number if found else asked.since)


async def buyers(tx: Tx, order_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Order → client, of those the grant lets through; who is blocked or destroyed is left out."""
    if not order_ids:
        return {}
    scope, args = visible_order(tx)
    rows = await fetch(
        "SELECT o.id, o.customer_id FROM orders o JOIN customer c ON c.id = o.customer_id "
        f"WHERE o.id IN {{}} AND c.state NOT IN ('blocked', 'destroyed') AND {scope}",
        any_of(order_ids),
        *args,
    )
    return dict(rows)


async def survivors(ids: Sequence[UUID]) -> tuple[UUID, ...]:
    """Who these clients are today, each once, in their order: a merged one is his survivor."""
    now = {one: one for one in ids}
    while True:
        rows = await fetch(
            "SELECT id, merged_into FROM customer WHERE id IN {} AND state = 'merged' "
            "AND merged_into IS NOT NULL",
            any_of(tuple(set(now.values()))),
        )
        moved = dict[UUID, UUID]([(row[0], row[1]) for row in rows])
        if not moved:
            return tuple(dict.fromkeys(now.values()))
        now = {one: moved.get(last, last) for one, last in now.items()}


async def survivor(customer_id: UUID) -> UUID:
    """Who this client is today: an event may name one that was merged into another since."""
    row = await fetch_one("SELECT state, merged_into FROM customer WHERE id = {}", customer_id)
    while row is not None and row[0] == "merged" and row[1] is not None:
        customer_id = row[1]
        row = await fetch_one("SELECT state, merged_into FROM customer WHERE id = {}", customer_id)
    return customer_id
