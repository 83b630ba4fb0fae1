"""Tasks: set, change, postpone, close, take back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from appliance.actions import _tasks
from appliance.actions._gate import action
from appliance.domain.notices import NoticeKind
from appliance.domain.references import ReferenceKind
from appliance.domain.tasks import CheckItem, NewTask, Result, TaskEdit, TaskState, TaskWords
from appliance.errors import Conflict, Invalid
from appliance.roles import Permission
from appliance.storage import feed, form_tokens, notices, projects, references, task_chores, tasks
from appliance.storage.change_entries import plain
from appliance.storage.statements import fetch, fetch_value
from appliance.storage.tasks import Task
from appliance.storage.tx import Tx


class Done(NamedTuple):
    """A task after a deed: its number, and the version that an undo must find.

    Attributes:
        due_at: when it is due now.
    """

    number: int
    version: int
    due_at: datetime
    all_day: bool = False


def _now(task: Task) -> Done:
    return Done(task.number, task.version, task.due_at, task.all_day)


@action(Permission.TASK_EDIT)
async def create(tx: Tx, new: NewTask) -> Done:
    """Set a task, to oneself or a colleague; one form sets one, however often it comes.

    Raises:
        Invalid: by field: `task_title_empty`, `text_too_long`, `too_many_items`, `due_too_far`,
            `task_kind_unknown`, `user_unknown`, `order_not_found`, `customer_not_found`,
            `project_not_found`.
    """
    known = None if new.form is None else await form_tokens.spent_on(new.form)
    if known is not None:
        return _now(await tasks.find(tx, known))
    draft = await _tasks.draft_of(tx, await references.lists(), new)
    task_id = await tasks.add(tx, draft)
    number = await fetch_value("SELECT number FROM task WHERE id = {}", task_id)
    if new.form is not None:
        await form_tokens.spend(tx, new.form, number)
    return Done(number, 1, draft.due_at, draft.all_day)


@action(Permission.TASK_EDIT)
async def edit(tx: Tx, number: int, wanted: TaskEdit, version: int | None = None) -> Done:
    """Change a task.

    Raises:
        NotFound: `task_not_found`.
        Conflict: `task_changed` since `version`.
        Invalid: by field, as `create`.
    """
    task = await tasks.find(tx, number)
    tasks.check_version(task, version)
    return _now(await change(tx, task, wanted))


async def change(tx: Tx, task: Task, wanted: TaskEdit) -> Task:
    """The step of every edit: what is asked for, its entries, who is told.

    Raises:
        Invalid: by field, as `create`.
    """
    values: dict[str, Any] = {}
    changes: list[feed.Change] = []
    await _edit_words(tx, task, wanted, values, changes)
    await _edit_marks(tx, task, wanted, values, changes)
    if wanted.due_at is not None and wanted.due_at != task.due_at:
        all_day = task.all_day if wanted.all_day is None else wanted.all_day
        task = await _tasks.move(tx, task, _tasks.due_of(tx, wanted.due_at), all_day=all_day)
    if wanted.remind_at is not None or wanted.no_reminder:
        values |= {"remind_at": wanted.remind_at, "reminded_at": None}
    if wanted.participants is not None:
        await tasks.set_participants(task.id, await _tasks.colleagues(wanted.participants))
        changes.append(feed.Change(field="participants"))
    if values or changes:
        was = task.performer_id
        task = await tasks.change(tx, task, changes, **values)
        if task.performer_id != was:
            await _tell_performer(tx, task, NoticeKind.TASK_SET)
    return task


async def _edit_words(
    tx: Tx, task: Task, wanted: TaskEdit, values: dict[str, Any], changes: list[feed.Change]
) -> None:
    if wanted.title is None and wanted.text is None and wanted.items is None:
        return
    words = tasks.open_words(tx, task.id, task.subject_id, task.words)
    if words is None:
        raise Invalid("task_words_hidden")
    fresh = words
    if wanted.title is not None:
        fresh = msgspec.structs.replace(fresh, title=_tasks.title_of(wanted.title).reveal())
    if wanted.text is not None:
        fresh = msgspec.structs.replace(fresh, text=_tasks.text_of(wanted.text).reveal())
    if wanted.items is not None:
        ticked = {one.text for one in words.items if one.done}
        lines = tuple(
            CheckItem(line, line in ticked)
            for line in (one.reveal() for one in _tasks.items_of(wanted.items))
        )
        fresh = msgspec.structs.replace(fresh, items=lines)
    _put_words(tx, task, words, fresh, values, changes)


def _put_words(
    tx: Tx,
    task: Task,
    words: TaskWords,
    fresh: TaskWords,
    values: dict[str, Any],
    changes: list[feed.Change],
) -> None:
    if fresh == words:
        return
    values["words"] = tasks.seal_words(tx, task.id, task.subject_id, fresh)
    values["items_count"] = len(fresh.items)
    values["items_done"] = sum(one.done for one in fresh.items)
    for name in ("title", "text"):
        old, new = getattr(words, name), getattr(fresh, name)
        if old != new:
            changes.append(feed.Change(field=name, old=old, new=new, personal=True))
    if words.items != fresh.items:
        changes.append(feed.Change(field="items"))


async def _edit_marks(
    tx: Tx, task: Task, wanted: TaskEdit, values: dict[str, Any], changes: list[feed.Change]
) -> None:
    if wanted.kind is not None:
        values["kind"] = _tasks.kind_of(await references.lists(), wanted.kind)
    if wanted.performer is not None:
        values["performer_id"] = await _tasks.colleague(wanted.performer, "performer")
    if wanted.project is not None:
        values["project_id"] = await projects.id_of(tx, wanted.project) if wanted.project else None
    if wanted.repeat is not None and wanted.repeat.value != task.repeat:
        values |= {"repeat": wanted.repeat.value, "series_id": task.series_id or task.id}
        values["followed"] = False
    for name in [*values]:
        old = getattr(task, name)
        if name not in ("words", "items_count", "items_done", "series_id", "followed"):
            if old == values[name]:
                del values[name]
            else:
                changes.append(feed.Change(field=name, old=_json(old), new=_json(values[name])))


def _json(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


@action(Permission.TASK_EDIT)
async def tick(tx: Tx, number: int, item: int, *, done: bool) -> Done:
    """Tick one line of a checklist, or take the tick away.

    Raises:
        NotFound: `task_not_found`.
        Invalid: `task_item_unknown`, `task_words_hidden`.
    """
    task = await tasks.find(tx, number)
    words = tasks.open_words(tx, task.id, task.subject_id, task.words)
    if words is None:
        raise Invalid("task_words_hidden")
    if not 0 <= item < len(words.items):
        raise Invalid("task_item_unknown")
    lines = [*words.items]
    lines[item] = msgspec.structs.replace(lines[item], done=done)
    values: dict[str, Any] = {}
    changes: list[feed.Change] = []
    fresh = msgspec.structs.replace(words, items=tuple(lines))
    _put_words(tx, task, words, fresh, values, changes)
    if values:
        task = await tasks.change(tx, task, changes, **values)
    return _now(task)


@action(Permission.TASK_EDIT)
async def close(
    tx: Tx, number: int, result: Result, zone: ZoneInfo, version: int | None = None
) -> Done:
    """Say that a task is done; one that repeats is set anew. Closing twice changes nothing.

    Raises:
        NotFound: `task_not_found`.
        Conflict: `task_changed` since `version`.
        Invalid: at `result`: `task_result_needed` by its kind, `task_result_unknown`.
    """
    task = await tasks.find(tx, number)
    if task.state == TaskState.DONE:
        return _now(task)
    tasks.check_version(task, version)
    lists = await references.lists()
    text = _tasks.text_of(result.text).reveal().strip()
    kind = lists.of(ReferenceKind.TASK_KIND).get(task.kind)
    if kind is not None and kind.extra.get("needsResult") and not (result.code or text):
        raise Invalid(fields={"result": "task_result_needed"})
    if result.code and result.code not in lists.of(ReferenceKind.TASK_RESULT):
        raise Invalid(fields={"result": "task_result_unknown"})
    task = await tasks.change(
        tx,
        task,
        [
            feed.Change(field="state", old=task.state, new=TaskState.DONE.value),
            feed.Change(field="result", old=task.result, new=result.code),
        ],
        state=TaskState.DONE.value,
        result=result.code,
        outcome=tasks.seal_outcome(tx, task, text),
        closed_at=tx.now,
        closed_by=tx.actor.id,
    )
    await task_chores.follow(tx, task, zone)
    await _tasks.tell_setter(tx, task, NoticeKind.TASK_DONE)
    return _now(task)


@action(Permission.TASK_EDIT)
async def cancel(tx: Tx, number: int, version: int | None = None) -> Done:
    """Take a task off the table; one that repeats comes no more.

    Raises:
        NotFound: `task_not_found`.
        Conflict: `task_changed` since `version`, `task_closed`.
    """
    task = await tasks.find(tx, number)
    tasks.check_version(task, version)
    if task.state != TaskState.OPEN:
        raise Conflict("task_closed", number=number)
    task = await tasks.change(
        tx,
        task,
        [feed.Change(field="state", old=task.state, new=TaskState.CANCELLED.value)],
        state=TaskState.CANCELLED.value,
        followed=True,
        closed_at=tx.now,
        closed_by=tx.actor.id,
    )
    await _tasks.tell_setter(tx, task, NoticeKind.TASK_CANCELLED)
    await _tell_performer(tx, task, NoticeKind.TASK_CANCELLED)
    return _now(task)


@action(Permission.TASK_EDIT)
async def move(
    tx: Tx, number: int, due_at: datetime, *, all_day: bool = False, version: int | None = None
) -> Done:
    """Give an open task another time: postponed where that is later.

    Raises:
        NotFound: `task_not_found`.
        Conflict: `task_changed` since `version`, `task_closed`.
        Invalid: at `due`: `due_too_far`.
    """
    task = await tasks.find(tx, number)
    tasks.check_version(task, version)
    if task.state != TaskState.OPEN:
        raise Conflict("task_closed", number=number)
    task = await _tasks.move(tx, task, _tasks.due_of(tx, due_at), all_day=all_day)
    await _tell_performer(tx, task, NoticeKind.TASK_MOVED)
    return _now(task)


async def _tell_performer(tx: Tx, task: Task, kind: NoticeKind) -> None:
    await notices.tell(
        tx,
        task.performer_id,
        kind,
        entity="task",
        entity_id=task.id,
        entity_number=task.number,
    )


_UNDONE = {
    "state": str,
    "due_at": datetime.fromisoformat,
    "remind_at": datetime.fromisoformat,
    "all_day": bool,
    "postponed": int,
    "result": str,
}
"""Fields that an undo gives back, and how their kept values are read."""


@action(Permission.TASK_EDIT)
async def undo(tx: Tx, number: int, version: int) -> Done:
    """Take back the deed that made this version: done, cancelled, postponed.

    Raises:
        NotFound: `task_not_found`.
        Conflict: `task_changed`: somebody changed it since; `nothing_to_undo`.
    """
    task = await tasks.find(tx, number)
    tasks.check_version(task, version)
    rows = await fetch(
        "SELECT field, old_value FROM change_entry WHERE entity_id = {} AND at = {} "
        "AND user_number = {} AND kind = 'change' ORDER BY number",
        task.id,
        task.updated_at,
        tx.actor.number,
    )
    values = {
        field: None if old is None else _UNDONE[field](plain(old))
        for field, old in rows
        if field in _UNDONE
    }
    if not values:
        raise Conflict("nothing_to_undo")
    if values.get("state") == TaskState.OPEN.value:
        values |= {"closed_at": None, "closed_by": None, "outcome": None}
    return _now(await tasks.change(tx, task, _reversed(task, values), **values))


def _reversed(task: Task, values: dict[str, Any]) -> Sequence[feed.Change]:
    def kept(value: Any) -> Any:
        return _tasks.moment(value) if isinstance(value, datetime) else value

    return [
        feed.Change(field=name, old=kept(getattr(task, name)), new=kept(value))
        for name, value in values.items()
        if name in _UNDONE
    ]
