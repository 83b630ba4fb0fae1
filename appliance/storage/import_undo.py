"""Taking back what an import added: clients on whom nothing hangs go, their numbers stay used."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.storage import change_entries, counters, feed
from appliance.storage.change_entries import Entry
from appliance.storage.imports import Chunk
from appliance.storage.statements import any_of, bulk, execute, fetch
from appliance.storage.tables import ChangeEntryRow
from appliance.storage.tx import Tx

_FREE: Final = (
    "SELECT c.id, c.number, c.shop FROM customer c WHERE c.id IN {} AND c.state = 'live' "
    "AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id) "
    "AND NOT EXISTS (SELECT 1 FROM deal d WHERE d.customer_id = c.id OR d.company_id = c.id) "
    "AND NOT EXISTS (SELECT 1 FROM task t WHERE t.customer_id = c.id) "
    "AND NOT EXISTS (SELECT 1 FROM consent s WHERE s.customer_id = c.id) "
    "AND NOT EXISTS (SELECT 1 FROM client_merge m WHERE m.survivor_id = c.id) "
    "AND NOT EXISTS (SELECT 1 FROM company_contact p WHERE p.company_id = c.id "
    "OR p.customer_id = c.id) "
    "AND NOT EXISTS (SELECT 1 FROM timeline_entry e WHERE e.customer_id = c.id "
    "AND e.kind NOT IN ('created', 'change'))"
)
_OWN: Final = (
    "DELETE FROM contact WHERE customer_id IN {}",
    "DELETE FROM address WHERE owner_id IN {}",
    "DELETE FROM requisites WHERE customer_id IN {}",
    "DELETE FROM customer_date WHERE customer_id IN {}",
    "DELETE FROM purpose WHERE customer_id IN {}",
    "DELETE FROM tag WHERE customer_id IN {}",
    "DELETE FROM custom_value WHERE entity_id IN {}",
    "DELETE FROM custom_cell WHERE entity_id IN {}",
    "DELETE FROM custom_token WHERE entity_id IN {}",
    "DELETE FROM timeline_entry WHERE customer_id IN {}",
    "DELETE FROM duplicate_pair WHERE first_id IN {}",
    "DELETE FROM duplicate_pair WHERE second_id IN {}",
)


async def ranges(import_id: UUID) -> list[tuple[int, int]]:
    """Change entries that an import wrote, chunk by chunk."""
    rows = await fetch(
        "SELECT first, last FROM import_chunk WHERE import_id = {} AND last > 0", import_id
    )
    return [(first, last) for first, last in rows]


async def entries_of(here: Chunk) -> list[Entry]:
    """What a chunk changed on records that were known."""
    if not here.last:
        return []
    rows = await fetch(
        f"SELECT {change_entries.COLUMNS} FROM change_entry e WHERE e.number >= {{}} "
        "AND e.number <= {} AND e.kind = 'change' ORDER BY e.number",
        here.first,
        here.last,
    )
    return [Entry(*row) for row in rows]


async def remove_clients(
    tx: Tx, ids: Sequence[UUID], own: Sequence[tuple[int, int]]
) -> frozenset[UUID]:
    """Take away clients an import added, if nothing hangs on them and nobody changed them since.

    Args:
        tx: of the import's maker.
        ids: clients it added.
        own: numbers of change entries that the import itself wrote.

    Returns:
        those who are gone.
    """
    if not ids:
        return frozenset()
    rows = await fetch(_FREE, any_of(ids))
    touched = {
        entity
        for entity, number in await fetch(
            "SELECT entity_id, number FROM change_entry WHERE entity_id IN {} AND kind = 'change'",
            any_of(ids),
        )
        if not any(first <= number <= last for first, last in own)
    }
    free = [row for row in rows if row[0] not in touched]
    if not free:
        return frozenset()
    gone = [row[0] for row in free]
    for sql in _OWN:
        await execute(sql, any_of(gone))
    await execute(
        "UPDATE change_entry SET personal = NULL WHERE entity_id IN {} AND personal IS NOT NULL",
        any_of(gone),
    )
    await execute(
        "UPDATE customer SET state = 'destroyed', person = NULL, wishes = NULL, "
        "external_id = NULL, version = version + 1, updated_at = {} WHERE id IN {}",
        tx.now,
        any_of(gone),
    )
    for shop in {row[2] for row in free}:
        await counters.draw(f"customers@{shop}", -sum(row[2] == shop for row in free))
    await _tell(tx, free)
    await feed.reindex(gone)
    return frozenset(gone)


async def _tell(tx: Tx, gone: Sequence[Sequence[Any]]) -> None:
    first = await counters.draw(counters.FEED, len(gone))
    rows = [
        (
            first + place, uuid7(), "customer", customer_id, number, shop, "delete", "id",
            str(number), "user", tx.actor.number, tx.now,
        )
        for place, (customer_id, number, shop) in enumerate(gone)
    ]  # fmt: skip
    names = (
        "number", "id", "entity", "entity_id", "entity_number", "shop", "kind", "field",
        "old_value", "source", "user_number", "at",
    )  # fmt: skip
    await bulk(ChangeEntryRow, names, rows)
