"""Notices: the bell, the page, what is muted and when it is quiet."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from appliance.actions._gate import action
from appliance.domain.notices import Notice, NoticeChoice, NoticeKind
from appliance.domain.work import Bell, NoticesScreen
from appliance.errors import Invalid
from appliance.roles import Permission
from appliance.storage import desk, notices, references, task_lists
from appliance.storage.tx import Tx

PAGE = 100
MOST_FRESH = 5


async def _shown(tx: Tx, rows: Sequence[tuple[Any, ...]]) -> tuple[Notice, ...]:
    numbers = [row[5] for row in rows if row[3] == "task"]
    tasks_grant = tx.actor.grants.get(Permission.TASK_VIEW.value)
    titles = {}
    if numbers and tasks_grant is not None:
        # Read as the list of tasks reads them: what that hides, a notice does not tell either.
        tx.grant = tasks_grant
        titles = await task_lists.titles(tx, numbers)
    return tuple(
        Notice(
            id=row[0],
            number=row[1],
            kind=row[2],
            entity=row[3],
            entity_number=row[5],
            by=row[6],
            at=row[7],
            read=row[8] is not None,
            title=titles.get(row[5]) if row[3] == "task" else None,
        )
        for row in rows
    )


@action(Permission.SELF, reads=True, quiet=True)
async def bell(tx: Tx, day_ends: datetime) -> Bell:
    """How much waits for the actor until `day_ends`, and what is to be shown by itself."""
    return Bell(
        unread=await notices.unread(tx),
        tasks=await task_lists.waiting(tx, day_ends),
        fresh=await _shown(tx, await notices.fresh(tx, MOST_FRESH)),
    )


@action(Permission.SELF, quiet=True)
async def popped(tx: Tx, ids: Sequence[UUID]) -> None:
    """A browser has shown these by itself."""
    await notices.mark_popped(tx, ids[:MOST_FRESH])


@action(Permission.SELF, reads=True, quiet=True)
async def index(tx: Tx, before: int | None = None) -> NoticesScreen:
    """The actor's notices, newest first."""
    rows = await notices.newest(tx, before, PAGE + 1)
    choice = await notices.choices_of([tx.actor.id])
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    return NoticesScreen(
        rows=await _shown(tx, rows),
        after=rows[-1][1] if more else None,
        upto=await notices.last_number(tx),
        choice=choice[tx.actor.id],
        codes=await desk.codes(tx, await references.lists()),
    )


@action(Permission.SELF, quiet=True)
async def mark_read(tx: Tx, upto: int, entity: str | None = None, entity_number: int = 0) -> int:
    """Mark as read what the actor has seen: of one record, or everything."""
    return await notices.mark_read(tx, entity, entity_number, upto)


@action(Permission.SELF)
async def choose(tx: Tx, choice: NoticeChoice) -> None:
    """Mute kinds and set quiet hours.

    Raises:
        Invalid: `choice_unknown` at `muted`, `hours_unreadable` at `quiet`.
    """
    known = {kind.value for kind in NoticeKind}
    if any(kind not in known for kind in choice.muted):
        raise Invalid(fields={"muted": "choice_unknown"})
    if not (0 <= choice.quiet_from < 1440 and 0 <= choice.quiet_to < 1440):
        raise Invalid(fields={"quiet": "hours_unreadable"})
    try:
        ZoneInfo(choice.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Invalid(fields={"quiet": "hours_unreadable"}) from None
    await notices.set_choice(tx.actor.id, choice)


@action(Permission.HOUSE, quiet=True)
async def purge(tx: Tx) -> int:
    """Delete what was read long ago."""
    return await notices.purge(tx.now)
