"""Forms that were saved: a second delivery of the same one makes nothing new."""

from datetime import timedelta
from uuid import UUID

from appliance.storage.statements import execute, fetch_value, insert
from appliance.storage.tables import FormTokenRow
from appliance.storage.tx import Tx

KEPT = timedelta(days=7)


async def spent_on(token: UUID) -> int | None:
    """Number of what this form has made already; None for a fresh one."""
    return await fetch_value("SELECT entity_number FROM form_token WHERE token = {}", token)


async def spend(tx: Tx, token: UUID, number: int) -> None:
    """Note in the deed's own transaction what the form made; forget forms of last week."""
    await execute("DELETE FROM form_token WHERE at < {}", tx.now - KEPT)
    await insert(FormTokenRow, token=token, entity_number=number, at=tx.now)
