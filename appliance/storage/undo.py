"""Undo sets: one per deed of a colleague, over the change entries it wrote.

The numbers of one transaction's entries follow each other (`counters.FEED` stays locked until the
commit), so a set is a few ranges, however many records it touched. A deed of many transactions, as
an import, begins a set with `begin` and lets each of its actions `join` it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from appliance.domain.access import ActorKind
from appliance.domain.ids import uuid7
from appliance.domain.undo import Deed, Deeds
from appliance.errors import NotFound
from appliance.storage import change_entries
from appliance.storage.change_entries import Entry
from appliance.storage.statements import execute, fetch, fetch_one, insert
from appliance.storage.tables import UndoRangeRow
from appliance.storage.tx import Tx

KEPT: Final = timedelta(days=90)
MOST_ENTRIES: Final = 20_000
"""Entries of one set that are taken back at once."""

_COLUMNS = "id, kind, at, until, state, entity, entity_number, records, undoes"


async def begin(tx: Tx, kind: str) -> UUID:
    """Begin a set for a deed of many transactions; its id goes to `join`."""
    tx.undo = uuid7()
    await _add(tx, tx.undo, kind, "", 0, 0)
    return tx.undo


def join(tx: Tx, set_id: UUID) -> None:
    """Count what this action changes to a set that was begun before."""
    tx.undo = set_id


async def settle(tx: Tx) -> None:
    """Write down the set of what this transaction changed. The gate calls it, once."""
    if not tx.drawn or (tx.undo is None and tx.actor.kind is not ActorKind.USER):
        return
    set_id = tx.undo or uuid7()
    records = len({(one.entity, one.entity_number) for one in tx.drawn})
    first = tx.drawn[0]
    await _add(tx, set_id, tx.deed, first.entity, first.entity_number, records)
    await insert(
        UndoRangeRow,
        id=uuid7(),
        set_id=set_id,
        first=min(one.first for one in tx.drawn),
        last=max(one.last for one in tx.drawn),
    )


async def _add(tx: Tx, set_id: UUID, kind: str, entity: str, number: int, records: int) -> None:
    await execute(
        "INSERT INTO undo_set (id, kind, made_by, at, until, state, entity, entity_number, "
        "records, undoes) VALUES ({}, {}, {}, {}, {}, 'open', {}, {}, {}, {}) "
        "ON CONFLICT (id) DO UPDATE SET records = undo_set.records + excluded.records, "
        "entity = excluded.entity, entity_number = excluded.entity_number",
        set_id,
        kind,
        tx.actor.id,
        tx.now,
        tx.now + KEPT,
        entity,
        number,
        records,
        tx.undoes,
    )


async def mine(tx: Tx, before: datetime | None, limit: int) -> Deeds:
    """My deeds that can still be taken back, newest first."""
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM undo_set WHERE made_by = {{}} AND at < {{}} AND until > {{}} "
        "AND records > 0 ORDER BY at DESC, id DESC LIMIT {}",
        tx.actor.id,
        before or tx.now + KEPT,
        tx.now,
        limit + 1,
    )
    deeds = tuple(_deed(row) for row in rows[:limit])
    return Deeds(rows=deeds, after=deeds[-1].at.isoformat() if len(rows) > limit else None)


def _deed(row: Sequence[object]) -> Deed:
    names = ("id", "kind", "at", "until", "state", "entity", "entity_number", "records", "undoes")
    return Deed(**dict(zip(names, row, strict=True)))  # pyright: ignore[reportArgumentType] - as selected


async def get(tx: Tx, set_id: UUID) -> Deed:
    """A deed of the actor's own.

    Raises:
        NotFound: `deed_not_found`: another's, too old, or none at all.
    """
    row = await fetch_one(
        f"SELECT {_COLUMNS} FROM undo_set WHERE id = {{}} AND made_by = {{}} AND until > {{}}",
        set_id,
        tx.actor.id,
        tx.now,
    )
    if row is None:
        raise NotFound("deed_not_found")
    return _deed(row)


async def entries(set_id: UUID) -> list[Entry]:
    """What the deed changed, oldest first."""
    found: list[Entry] = []
    for first, last in await fetch(
        "SELECT first, last FROM undo_range WHERE set_id = {} ORDER BY first", set_id
    ):
        found += await entries_between(first, last)
        if len(found) >= MOST_ENTRIES:
            break
    return found[:MOST_ENTRIES]


async def entries_between(first: int, last: int) -> list[Entry]:
    """What one transaction of a deed changed, oldest first."""
    rows = await fetch(
        f"SELECT {change_entries.COLUMNS} FROM change_entry e "
        "WHERE e.number >= {} AND e.number <= {} ORDER BY e.number LIMIT {}",
        first,
        last,
        MOST_ENTRIES,
    )
    return [Entry(*row) for row in rows]


async def close(set_id: UUID) -> bool:
    """Mark a set as taken back; False where somebody was faster."""
    return bool(
        await execute(
            "UPDATE undo_set SET state = 'undone' WHERE id = {} AND state = 'open'", set_id
        )
    )


async def sweep(now: datetime) -> int:
    """Forget sets whose time is over; the history itself stays."""
    await execute(
        "DELETE FROM undo_range WHERE set_id IN (SELECT id FROM undo_set WHERE until <= {})", now
    )
    return await execute("DELETE FROM undo_set WHERE until <= {}", now)
