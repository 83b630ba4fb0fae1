"""What becomes of the key of a person who was merged: marked, kept for ninety days, destroyed.

keys.db is a file of its own, so the two are never written in one commit. The order holds in every
crash: the merge is committed first and its key marked after it; undo data are deleted first and
the key destroyed after them. Each step may be done again.
"""

from typing import Final
from uuid import UUID

from appliance.domain.duplicates import KeyDue, Step
from appliance.storage import custom_finds
from appliance.storage.merges import LEFTOVERS
from appliance.storage.owned import OWNED
from appliance.storage.statements import any_of, execute, fetch
from appliance.storage.tx import Tx

AT_ONCE: Final = 100


_QUERIES: Final = {
    Step.MARK: "state = 'merged' AND key_state = 'live' AND until > {}",
    Step.UNMARK: "state = 'undone' AND key_state = 'merged' AND until > {}",
    Step.CLOSE: "state = 'merged' AND until <= {}",
    Step.DESTROY: "state = 'closing' AND key_state <> 'destroyed' AND until <= {}",
}


async def due(tx: Tx) -> list[KeyDue]:
    """Keys that wait, the most urgent kind first."""
    found: list[KeyDue] = []
    for step, condition in _QUERIES.items():
        rows = await fetch(
            "SELECT id, other_subject, survivor_subject FROM client_merge "
            f"WHERE {condition} ORDER BY until LIMIT {{}}",
            tx.now,
            AT_ONCE,
        )
        found += [
            KeyDue(merge_id=row[0], step=step, subject=row[1], survivor=row[2]) for row in rows
        ]
    return found


async def close(tx: Tx, merge_id: UUID) -> None:
    """Delete the undo data of a merge whose time is over: the other's own record and leftovers."""
    rows = await fetch(
        "SELECT other_id, other_subject FROM client_merge WHERE id = {} AND state = 'merged' "
        "AND until <= {}",
        merge_id,
        tx.now,
    )
    if not rows:
        return
    other_id, subject = rows[0]
    for owned in OWNED:
        if owned.part in LEFTOVERS:
            await execute(
                f'DELETE FROM "{owned.name}" WHERE {owned.client} IN {{}}',
                any_of([other_id, merge_id]),
            )
    await custom_finds.forget([subject])
    await execute("UPDATE customer SET person = NULL WHERE id = {}", other_id)
    await execute("DELETE FROM merged_row WHERE merge_id = {}", merge_id)
    await execute(
        "UPDATE client_merge SET state = 'closing', before = NULL WHERE id = {}", merge_id
    )
    tx.touch(subject)


async def done(tx: Tx, due: KeyDue) -> None:
    """Note what was done in keys.db with a key."""
    became = {Step.MARK: "merged", Step.UNMARK: "live", Step.DESTROY: "destroyed"}[due.step]
    state = "closed" if due.step is Step.DESTROY else None
    await execute(
        "UPDATE client_merge SET key_state = {}, state = COALESCE({}, state) WHERE id = {}",
        became,
        state,
        due.merge_id,
    )
