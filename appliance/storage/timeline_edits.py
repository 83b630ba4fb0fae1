"""Changing lines that were written by hand; what they said before stays, sealed like they are."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

import msgspec

from appliance.domain.grants import Access
from appliance.domain.personal import Personal
from appliance.domain.tasks import TaskState
from appliance.domain.timeline import EntryHistory, Kind, Progress
from appliance.errors import Damaged, Destroyed
from appliance.storage import feed, tasks, timeline
from appliance.storage.change_entries import COLUMNS, Entry, values
from appliance.storage.feed import Change
from appliance.storage.statements import any_of, fetch, fetch_one, fetch_value, update_row
from appliance.storage.tables import TimelineEntryRow
from appliance.storage.timeline import Stored
from appliance.storage.tx import Tx

ENTITY = "note"
"""The records' name in the change feed."""


async def say_anew(tx: Tx, entry: Stored, text: str, mentioned: Sequence[int]) -> None:
    """Put other words under the same seal."""
    if entry.subject_id is None or entry.text is None:
        raise Damaged("record_missing", f"entry {entry.id} says nothing")
    said = timeline.open_(tx, entry.id, entry.subject_id, entry.text)
    if said.text == text:
        return
    data = _data(entry)
    data["mentions"] = list(mentioned)
    await _record(tx, entry, Change(field="text", old=said.text, new=text, personal=True))
    said = msgspec.structs.replace(said, text=text)
    await update_row(
        TimelineEntryRow,
        entry.id,
        text=timeline.seal(tx, entry.id, entry.subject_id, said),
        data=timeline.json_of(data),
        edited_at=tx.now,
        version=entry.version + 1,
    )


async def set_deleted(tx: Tx, entry: Stored, *, deleted: bool) -> None:
    """Take it back or bring it back; doing it twice is doing it once."""
    if (entry.deleted_at is not None) is deleted:
        return
    await _record(tx, entry, Change(field="deleted", old=not deleted, new=deleted))
    await update_row(
        TimelineEntryRow,
        entry.id,
        deleted_at=tx.now if deleted else None,
        version=entry.version + 1,
    )


async def set_progress(tx: Tx, entry: Stored, state: Progress, *, done: bool) -> None:
    """Move a complaint or a violation."""
    data = _data(entry)
    if data.get("state") == state.value:
        return
    await _record(tx, entry, Change(field="state", old=data.get("state"), new=state.value))
    data["state"] = state.value
    await update_row(
        TimelineEntryRow,
        entry.id,
        data=timeline.json_of(data),
        done_at=tx.now if done else None,
        version=entry.version + 1,
    )


def _data(entry: Stored) -> dict[str, Any]:
    return msgspec.json.decode(entry.data)


async def _record(tx: Tx, entry: Stored, change: Change) -> None:
    subject = entry.subject_id or entry.id
    await feed.record(tx, ENTITY, entry.id, 0, "", subject, [change])
    tx.concern("order", entry.order_id)
    tx.concern("deal", entry.deal_id)
    tx.concern("customer", entry.customer_id)


async def history(tx: Tx, entry_id: UUID) -> tuple[EntryHistory, ...]:
    """What happened to a line, newest first."""
    rows = await fetch(
        f"SELECT {COLUMNS} FROM change_entry e WHERE e.entity_id = {{}} "
        "ORDER BY e.number DESC LIMIT 50",
        entry_id,
    )
    return tuple(_told(tx, Entry(*row)) for row in rows)


def _as_comment(field: str) -> str:
    del field  # whatever changed, it is what colleagues wrote
    return "comment"


def _told(tx: Tx, entry: Entry) -> EntryHistory:
    old: Any = None
    if tx.may("comment") is Access.VISIBLE:
        try:
            old = values(tx, entry, _as_comment)[0]
        except (Damaged, Destroyed):
            old = None
    return EntryHistory(
        at=entry.at,
        field=entry.field,
        user_number=entry.user_number,
        old=cast("Personal[str]", old) if isinstance(old, Personal) else None,
        became="" if entry.new_value is None else entry.new_value.strip('"'),
    )


async def planned_call(customer_id: UUID) -> UUID | None:
    """The task that the last call in vain left, if it still waits."""
    return await fetch_value(
        "SELECT k.id FROM timeline_entry t JOIN task k ON k.id = t.ref_id "
        "WHERE t.customer_id = {} AND t.kind = {} AND k.state = 'open' "
        "ORDER BY t.at DESC, t.id DESC LIMIT 1",
        customer_id,
        Kind.NO_ANSWER.value,
    )


async def close_call(tx: Tx, customer_id: UUID) -> None:
    """A new attempt was made: the call that was planned before is done."""
    task_id = await planned_call(customer_id)
    if task_id is None:
        return
    row = await fetch_one(f"SELECT {tasks.COLUMNS} FROM task t WHERE t.id = {{}}", task_id)
    if row is None:
        return
    task = tasks.Task(*row)
    await tasks.change(
        tx,
        task,
        [Change(field="state", old=task.state, new=TaskState.DONE.value)],
        state=TaskState.DONE.value,
        followed=True,
        closed_at=tx.now,
        closed_by=tx.actor.id,
    )


async def user_id(number: int) -> UUID | None:
    """The active colleague with this number."""
    return await fetch_value("SELECT id FROM users WHERE number = {} AND active = {}", number, True)


async def called(logins: Sequence[str]) -> list[tuple[int, UUID]]:
    """(number, id) of active colleagues by login; unknown logins are left out."""
    rows = await fetch(
        "SELECT number, id FROM users WHERE login IN {} AND active = {} ORDER BY number",
        any_of(logins),
        True,
    )
    return [(row[0], row[1]) for row in rows]


async def logins() -> list[tuple[int, str]]:
    """(number, login) of everybody who may be called by an @."""
    rows = await fetch("SELECT number, login FROM users WHERE active = {} ORDER BY number", True)
    return [(row[0], row[1]) for row in rows]
