"""The outbox table from the sealer's side: fetch in order, forget what is sealed."""

from collections.abc import Sequence
from uuid import UUID

from appliance.audit.outbox import OutboxRow
from appliance.storage.statements import any_of, execute, fetch

Ids = Sequence[UUID]


async def waiting(limit: int) -> list[OutboxRow]:
    """The oldest rows, by their ids, which are in the order they were made."""
    rows = await fetch(
        "SELECT id, leaf, payload, payload_subject FROM audit_outbox ORDER BY id LIMIT {}", limit
    )
    return [OutboxRow(*row) for row in rows]


async def forget(ids: Ids) -> None:
    """Delete rows that are in the log."""
    await execute("DELETE FROM audit_outbox WHERE id IN {}", any_of(ids))
