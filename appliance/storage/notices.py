"""Notices to colleagues. A notice carries ids and codes; what it is about is read when shown."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from appliance.domain.access import NOBODY, ActorKind
from appliance.domain.ids import uuid7
from appliance.domain.notices import NoticeChoice, NoticeKind
from appliance.storage import counters, letters
from appliance.storage.statements import (
    any_of,
    execute,
    fetch,
    fetch_one,
    fetch_value,
    insert_many,
    upsert,
)
from appliance.storage.tables import NoticeChoiceRow, NoticeRow
from appliance.storage.tx import Tx

KEPT = timedelta(days=90)
"""How long a notice that was read is kept."""
MOST_COUNTED = 100
"""The bell counts up to here."""


class Told(NamedTuple):
    """One notice to be written: to whom, what, about which record."""

    user_id: UUID
    kind: NoticeKind
    entity: str
    entity_id: UUID | None
    entity_number: int


async def tell(
    tx: Tx,
    user_id: UUID,
    kind: NoticeKind,
    *,
    entity: str,
    entity_id: UUID | None = None,
    entity_number: int = 0,
) -> None:
    """Tell a colleague in this transaction; nobody is told what he did himself.

    Args:
        tx: of whoever caused it.
        user_id: whom; the house (`NOBODY`) is not told anything.
        kind: what happened. A kind he muted is not written at all; one that arises in his quiet
            hours is shown when they end.
        entity: `task`, `order`, `customer`, `deal`…, at most 16 letters.
        entity_id: which one.
        entity_number: its number for people.
    """
    if user_id != tx.actor.id:
        await tell_all(tx, [Told(user_id, kind, entity, entity_id, entity_number)])


async def tell_all(tx: Tx, told: Sequence[Told]) -> None:
    """Write many notices in three statements; the actor himself is told too."""
    wanted = [one for one in told if one.user_id != NOBODY]
    if not wanted:
        return
    choices = await choices_of({one.user_id for one in wanted})
    fresh = [one for one in wanted if one.kind not in choices[one.user_id].muted]
    if not fresh:
        return
    first = await counters.draw("notice", len(fresh))
    for one in fresh:
        tx.concern("user", one.user_id)
    by_number = tx.actor.number if tx.actor.kind is ActorKind.USER else 0
    await insert_many(
        NoticeRow,
        [
            {
                "id": uuid7(),
                "number": first + place,
                "user_id": one.user_id,
                "kind": one.kind.value,
                "entity": one.entity,
                "entity_id": one.entity_id,
                "entity_number": one.entity_number,
                "by_number": by_number,
                "at": tx.now,
                "show_at": choices[one.user_id].shown_at(tx.now),
            }
            for place, one in enumerate(fresh)
        ],
    )
    mailed = [one for one in fresh if choices[one.user_id].by_mail]
    if mailed:
        await letters.to_colleagues(
            tx,
            [
                (
                    one.user_id,
                    one.kind.value,
                    one.entity,
                    one.entity_number,
                    choices[one.user_id].shown_at(tx.now),
                )
                for one in mailed
            ],
        )


async def choices_of(users: Iterable[UUID]) -> dict[UUID, NoticeChoice]:
    """What each of these colleagues wants; the defaults where he said nothing."""
    asked = [*users]
    rows = await fetch(
        "SELECT user_id, muted, quiet_from, quiet_to, time_zone, by_mail FROM notice_choice "
        "WHERE user_id IN {}",
        any_of(asked),
    )
    found = dict.fromkeys(asked, NoticeChoice())
    for user_id, muted, start, end, zone, by_mail in rows:
        kinds = tuple(code for code in muted.split(",") if code)
        found[user_id] = NoticeChoice(
            muted=kinds, quiet_from=start, quiet_to=end, time_zone=zone, by_mail=bool(by_mail)
        )
    return found


async def set_choice(user_id: UUID, choice: NoticeChoice) -> None:
    """Remember what a colleague wants."""
    await upsert(
        NoticeChoiceRow,
        ("user_id",),
        user_id=user_id,
        muted=",".join(choice.muted),
        quiet_from=choice.quiet_from,
        quiet_to=choice.quiet_to,
        time_zone=choice.time_zone,
        by_mail=choice.by_mail,
    )


async def unread(tx: Tx) -> int:
    """How many wait for the actor, counted up to `MOST_COUNTED`."""
    return await fetch_value(
        "SELECT COUNT(*) FROM (SELECT 1 FROM notice WHERE user_id = {} AND read_at IS NULL "
        "AND show_at <= {} LIMIT {}) waiting",
        tx.actor.id,
        tx.now,
        MOST_COUNTED,
    )


COLUMNS = "id, number, kind, entity, entity_id, entity_number, by_number, show_at, read_at"


async def fresh(tx: Tx, limit: int) -> list[tuple[Any, ...]]:
    """Those no browser has shown by itself yet, oldest first; `COLUMNS`."""
    return await fetch(
        f"SELECT {COLUMNS} FROM notice WHERE user_id = {{}} AND read_at IS NULL "
        "AND show_at <= {} AND popped = {} ORDER BY show_at LIMIT {}",
        tx.actor.id,
        tx.now,
        False,
        limit,
    )


async def newest(tx: Tx, before: int | None, limit: int) -> list[tuple[Any, ...]]:
    """The actor's notices, newest first, below a number; `COLUMNS`."""
    bound = "" if before is None else "AND number < {} "
    values = () if before is None else (before,)
    return await fetch(
        f"SELECT {COLUMNS} FROM notice WHERE user_id = {{}} AND show_at <= {{}} {bound}"
        "ORDER BY number DESC LIMIT {}",
        tx.actor.id,
        tx.now,
        *values,
        limit,
    )


async def mark_popped(tx: Tx, ids: Sequence[UUID]) -> None:
    """A browser has shown these; no other one does."""
    await execute(
        "UPDATE notice SET popped = {} WHERE user_id = {} AND id IN {}",
        True,
        tx.actor.id,
        any_of(ids),
    )


async def mark_read(tx: Tx, entity: str | None, entity_number: int, upto: int) -> int:
    """Mark the actor's notices as read, of one record or all; newer ones than `upto` stay."""
    which, values = "", ()
    if entity is not None:
        which, values = "AND entity = {} AND entity_number = {} ", (entity, entity_number)
    return await execute(
        f"UPDATE notice SET read_at = {{}} WHERE user_id = {{}} AND read_at IS NULL {which}"
        "AND number <= {}",
        tx.now,
        tx.actor.id,
        *values,
        upto,
    )


async def last_number(tx: Tx) -> int:
    """Number of the actor's newest notice, 0 without any."""
    row = await fetch_one(
        "SELECT number FROM notice WHERE user_id = {} ORDER BY number DESC LIMIT 1", tx.actor.id
    )
    return 0 if row is None else row[0]


async def purge(now: datetime) -> int:
    """Delete those that were read long ago."""
    return await execute("DELETE FROM notice WHERE read_at < {}", now - KEPT)
