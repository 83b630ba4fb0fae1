"""Answers to programs' requests under idempotency keys, sealed, for a day."""

from datetime import timedelta
from typing import Final, NamedTuple

from appliance.domain.ids import uuid7
from appliance.errors import Damaged
from appliance.storage.statements import execute, fetch_one, insert
from appliance.storage.tables import RequestRepeatRow
from appliance.storage.tx import Tx

KEPT: Final = timedelta(hours=24)
LABEL: Final = "request.answer"


class Known(NamedTuple):
    """A request done before."""

    digest: bytes
    answer: bytes


async def find(tx: Tx, key: bytes) -> Known | None:
    """What the actor's request under this key was answered; None after a day."""
    row = await fetch_one(
        "SELECT id, digest, answer FROM request_repeat WHERE actor_id = {} AND key_hash = {} "
        "AND at > {}",
        tx.actor.id,
        key,
        tx.now - KEPT,
    )
    if row is None:
        return None
    try:
        return Known(row[1], tx.vault.open_secret(LABEL, row[0], row[2]))
    except Damaged:
        return None


async def keep(tx: Tx, key: bytes, digest: bytes, answer: bytes) -> None:
    """Note an answer; an older one under the same key goes."""
    await execute(
        "DELETE FROM request_repeat WHERE actor_id = {} AND key_hash = {}", tx.actor.id, key
    )
    row_id = uuid7()
    await insert(
        RequestRepeatRow,
        id=row_id,
        actor_id=tx.actor.id,
        key_hash=key,
        digest=digest,
        answer=tx.vault.seal_secret(LABEL, row_id, answer),
        at=tx.now,
    )


async def purge(tx: Tx) -> int:
    """Forget what is older than a day."""
    return await execute("DELETE FROM request_repeat WHERE at < {}", tx.now - KEPT)
