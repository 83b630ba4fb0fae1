"""Tasks: adding, finding, changing. Lists are in `task_lists`, the clock in `task_chores`."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.access import NOBODY, ActorKind
from appliance.domain.grants import Access, Scope
from appliance.domain.ids import uuid7
from appliance.domain.notices import NoticeKind
from appliance.domain.tasks import (
    CheckItem,
    Repeat,
    TaskDraft,
    TaskOutcome,
    TaskWords,
)
from appliance.errors import Conflict, Damaged, Destroyed, NotFound
from appliance.storage import counters, feed, notices
from appliance.storage.statements import (
    any_of,
    execute,
    fetch,
    fetch_one,
    fetch_value,
    insert,
    insert_many,
)
from appliance.storage.tables import TaskMemberRow, TaskRow
from appliance.storage.tx import Tx
from appliance.storage.visible import Fragment, in_shop_task, visible

CALL = "call"
"""Kind of a call-back: without a time of its own for the reminder it reminds when it is due."""

_encode = msgspec.msgpack.Encoder().encode
_words = msgspec.msgpack.Decoder(TaskWords)
_outcome = msgspec.msgpack.Decoder(TaskOutcome)


class Task(NamedTuple):
    """A task as stored, its cells still closed."""

    id: UUID
    number: int
    version: int
    kind: str
    state: str
    subject_id: UUID | None
    words: bytes | None
    outcome: bytes | None
    items_count: int
    items_done: int
    due_at: datetime
    all_day: bool
    first_due_at: datetime
    postponed: int
    remind_at: datetime | None
    reminded_at: datetime | None
    overdue_told_at: datetime | None
    performer_id: UUID
    setter_id: UUID
    customer_id: UUID | None
    order_id: UUID | None
    deal_id: UUID | None
    project_id: UUID | None
    result: str
    repeat: str
    series_id: UUID | None
    occurrence: int
    month_day: int
    followed: bool
    external: str
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    closed_by: UUID | None


COLUMNS = ", ".join(f"t.{name}" for name in Task._fields)


def reach(tx: Tx) -> Fragment:
    """Condition on `task t`: performed or set by, or shared with, whom the grant lets through.

    A project is shared with its members: they see all its tasks. A shop's key sees its shop's.
    """
    shop, shop_args = in_shop_task(tx)
    if tx.grant.scope is Scope.ALL:
        whole, args = visible(tx, "t.performer_id")
        return (f"{whole} AND {shop}", (*args, *shop_args)) if shop_args else (whole, args)
    parts: list[str] = []
    values: list[object] = []
    for pattern, column in (
        ("{}", "t.performer_id"),
        ("{}", "t.setter_id"),
        ("t.id IN (SELECT m.task_id FROM task_member m WHERE {})", "m.user_id"),
        ("t.project_id IN (SELECT p.project_id FROM project_member p WHERE {})", "p.user_id"),
    ):
        text, args = visible(tx, column)
        parts.append(pattern.replace("{}", text, 1))
        values += args
    return f"({' OR '.join(parts)}) AND {shop}", (*values, *shop_args)


async def add(tx: Tx, draft: TaskDraft) -> UUID:
    """Add a task and tell its performer and participants.

    The caller has checked that the actor may see the client, order and project it is bound to.

    Raises:
        NotFound: `customer_not_found`, `order_not_found`.
        Destroyed, Sealed: the client's key is gone, or the vault is locked.
    """
    task_id = uuid7()
    number = await counters.draw("task")
    customer_id, subject_id = await _bound_to(draft)
    setter = draft.setter_id or (tx.actor.id if tx.actor.kind is ActorKind.USER else NOBODY)
    words = TaskWords(
        title=draft.title.reveal(),
        text=draft.text.reveal(),
        items=tuple(CheckItem(item.reveal()) for item in draft.items),
    )
    remind_at = draft.remind_at
    if remind_at is None and draft.kind == CALL and not draft.all_day:
        remind_at = draft.due_at
    repeats = draft.repeat is not Repeat.NEVER
    await insert(
        TaskRow,
        id=task_id,
        number=number,
        kind=draft.kind,
        subject_id=subject_id,
        words=seal_words(tx, task_id, subject_id, words),
        items_count=len(words.items),
        due_at=draft.due_at,
        all_day=draft.all_day,
        first_due_at=draft.due_at,
        remind_at=remind_at,
        performer_id=draft.performer_id,
        setter_id=setter,
        customer_id=customer_id,
        order_id=draft.order_id,
        deal_id=draft.deal_id,
        project_id=draft.project_id,
        repeat=draft.repeat.value,
        series_id=(draft.series_id or task_id) if repeats else None,
        occurrence=draft.occurrence,
        month_day=draft.month_day,
        created_at=tx.now,
        updated_at=tx.now,
    )
    others = [one for one in dict.fromkeys(draft.participants) if one != draft.performer_id]
    await set_participants(task_id, others)
    await note(tx, task_id, number, subject_id, [feed.Change(field="task", kind="create")])
    tx.about("task", task_id)
    for user_id in (draft.performer_id, *others):
        await notices.tell(
            tx,
            user_id,
            NoticeKind.TASK_SET,
            entity="task",
            entity_id=task_id,
            entity_number=number,
        )
    return task_id


async def _bound_to(draft: TaskDraft) -> tuple[UUID | None, UUID | None]:
    """The client a task is about, and the key its words go under."""
    customer_id = draft.customer_id
    if customer_id is None and draft.order_id is not None:
        customer_id = await fetch_value(
            "SELECT customer_id FROM orders WHERE id = {}", draft.order_id
        )
        if customer_id is None:
            raise NotFound("order_not_found")
    if customer_id is None:
        return None, None
    subject_id = await fetch_value("SELECT subject_id FROM customer WHERE id = {}", customer_id)
    if subject_id is None:
        raise NotFound("customer_not_found")
    return customer_id, subject_id


def seal_words(tx: Tx, task_id: UUID, subject_id: UUID | None, words: TaskWords) -> bytes:
    """The cell of a task's words."""
    if subject_id is None:
        return tx.vault.seal_secret("task.words", task_id, _encode(words))
    return tx.seal("task", "words", task_id, subject_id, words, "comment")


def seal_outcome(tx: Tx, task: Task, text: str) -> bytes | None:
    """The cell of what came of a task; None for an empty one."""
    if not text:
        return None
    outcome = TaskOutcome(text=text)
    if task.subject_id is None:
        return tx.vault.seal_secret("task.outcome", task.id, _encode(outcome))
    return tx.seal("task", "outcome", task.id, task.subject_id, outcome, "comment")


def open_words(
    tx: Tx, task_id: UUID, subject_id: UUID | None, cell: bytes | None
) -> TaskWords | None:
    """A task's words; None where the grant hides them, or the client was destroyed."""
    if cell is None:
        return None
    if subject_id is None:
        return _words.decode(tx.vault.open_secret("task.words", task_id, cell))
    if tx.may("comment") is not Access.VISIBLE:
        return None
    try:
        return tx.open("task", "words", task_id, subject_id, cell, TaskWords, "comment")
    except (Damaged, Destroyed):
        return None


def open_outcome(tx: Tx, task: Task) -> str:
    """What came of a task; empty where there is nothing or the grant hides it."""
    if task.outcome is None:
        return ""
    if task.subject_id is None:
        return _outcome.decode(tx.vault.open_secret("task.outcome", task.id, task.outcome)).text
    if tx.may("comment") is not Access.VISIBLE:
        return ""
    try:
        found = tx.open(
            "task", "outcome", task.id, task.subject_id, task.outcome, TaskOutcome, "comment"
        )
    except (Damaged, Destroyed):
        return ""
    return found.text


async def find(tx: Tx, number: int) -> Task:
    """One task that the grant lets through, by its number.

    Raises:
        NotFound: `task_not_found`: absent, or not for this actor: the same answer.
    """
    scope, args = reach(tx)
    row = await fetch_one(
        f"SELECT {COLUMNS} FROM task t WHERE t.number = {{}} AND {scope}", number, *args
    )
    if row is None:
        raise NotFound("task_not_found")
    task = Task(*row)
    tx.about("task", task.id)
    return task


def check_version(task: Task, seen: int | None) -> None:
    """Refuse to change what the caller has not seen; None does not ask.

    Raises:
        Conflict: `task_changed`.
    """
    if seen is not None and seen != task.version:
        raise _stale(task)


def _stale(task: Task) -> Conflict:
    return Conflict("task_changed", f"task {task.number}", number=task.number, version=task.version)


async def change(tx: Tx, task: Task, changes: Sequence[feed.Change], **values: Any) -> Task:
    """Change columns of a task read in this action, with its entries; give it as it is now.

    Raises:
        Conflict: `task_changed`: somebody was faster.
    """
    columns = {**values, "version": task.version + 1, "updated_at": tx.now}
    assignments = ", ".join(f"{name} = {{}}" for name in columns)
    done = await execute(
        f"UPDATE task SET {assignments} WHERE id = {{}} AND version = {{}}",
        *columns.values(),
        task.id,
        task.version,
    )
    if not done:
        raise _stale(task)
    await note(tx, task.id, task.number, task.subject_id, changes)
    return task._replace(**columns)


async def note(
    tx: Tx,
    task_id: UUID,
    number: int,
    subject_id: UUID | None,
    changes: Sequence[feed.Change],
) -> None:
    """Write change entries of a task; words of one without a client leave no trace of the text."""
    kept = [
        msgspec.structs.replace(one, old=None, new=None, personal=False)
        if one.personal and subject_id is None
        else one
        for one in changes
    ]
    await feed.record(tx, "task", task_id, number, "", subject_id or NOBODY, kept)


async def participants_of(task_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Who takes part, by task."""
    found: dict[UUID, list[UUID]] = {}
    rows = await fetch(
        "SELECT task_id, user_id FROM task_member WHERE task_id IN {} ORDER BY id",
        any_of([*task_ids]),
    )
    for task_id, user_id in rows:
        found.setdefault(task_id, []).append(user_id)
    return found


async def set_participants(task_id: UUID, users: Sequence[UUID]) -> None:
    """Make exactly these colleagues take part."""
    await execute("DELETE FROM task_member WHERE task_id = {}", task_id)
    rows = [{"id": uuid7(), "task_id": task_id, "user_id": one} for one in users]
    await insert_many(TaskMemberRow, rows)
