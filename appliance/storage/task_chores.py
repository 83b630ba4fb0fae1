"""What the clock does to tasks: reminders, what is overdue, what comes again."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from appliance.domain.notices import NoticeKind
from appliance.domain.personal import Personal
from appliance.domain.tasks import Repeat, TaskDraft, next_due
from appliance.storage import notices, tasks, workdays
from appliance.storage.notices import Told
from appliance.storage.statements import execute, fetch
from appliance.storage.tasks import COLUMNS, Task
from appliance.storage.tx import Tx

AT_ONCE: Final = 500


async def remind(tx: Tx) -> int:
    """Remind performers of what is due to be reminded of, once; return how many.

    Marking and telling are one transaction: a crash leaves both or neither.
    """
    rows = await fetch(
        "UPDATE task SET reminded_at = {} WHERE id IN (SELECT id FROM task t WHERE "
        't."state" = \'open\' AND t."remind_at" IS NOT NULL AND t."reminded_at" IS NULL '
        "AND t.remind_at <= {} ORDER BY t.remind_at LIMIT {}) "
        "RETURNING id, number, performer_id",
        tx.now,
        tx.now,
        AT_ONCE,
    )
    told = [
        Told(performer, NoticeKind.TASK_REMIND, "task", task_id, number)
        for task_id, number, performer in rows
    ]
    await notices.tell_all(tx, told)
    return len(rows)


async def tell_overdue(tx: Tx) -> int:
    """Tell setter and performer of tasks whose time has passed, once; return how many tasks."""
    rows = await fetch(
        "UPDATE task SET overdue_told_at = {} WHERE id IN (SELECT id FROM task t WHERE "
        't."state" = \'open\' AND t."overdue_told_at" IS NULL AND t.due_at < {} '
        "ORDER BY t.due_at LIMIT {}) RETURNING id, number, performer_id, setter_id",
        tx.now,
        tx.now,
        AT_ONCE,
    )
    told = [
        Told(user_id, NoticeKind.TASK_DUE, "task", task_id, number)
        for task_id, number, performer, setter in rows
        for user_id in dict.fromkeys((setter, performer))
    ]
    await notices.tell_all(tx, told)
    return len(rows)


async def repeat_due(tx: Tx, zone: ZoneInfo) -> int:
    """Make the next of every series whose last one is due; return how many.

    Each needs its words opened and sealed anew, so this one does go row by row.
    """
    rows = await fetch(
        f'SELECT {COLUMNS} FROM task t WHERE t."repeat" <> \'\' AND NOT t."followed" '
        "AND t.due_at <= {} ORDER BY t.due_at LIMIT {}",
        tx.now,
        AT_ONCE,
    )
    made = [await follow(tx, Task(*row), zone) for row in rows]
    return sum(made)


async def follow(tx: Tx, task: Task, zone: ZoneInfo) -> bool:
    """Make the next of a task that repeats; False where it was made before or never comes.

    The mark on the task is taken in the same statement that checks it: whoever comes second,
    after a crash or at the same time, finds nothing to do.
    """
    if not task.repeat:
        return False
    taken = await execute(
        "UPDATE task SET followed = {} WHERE id = {} AND followed = {}", True, task.id, False
    )
    if not taken:
        return False
    words = tasks.open_words(tx, task.id, task.subject_id, task.words)
    if words is None:
        return False  # the client was destroyed: nothing is left to repeat
    repeat = Repeat(task.repeat)
    off = await workdays.days_off_around(tx.now) if repeat is Repeat.WORKDAYS else {}
    due_at = next_due(repeat, task.due_at, tx.now, zone, month_day=task.month_day, is_off=off)
    others = await tasks.participants_of([task.id])
    await tasks.add(
        tx,
        TaskDraft(
            title=Personal(words.title),
            text=Personal(words.text),
            items=tuple(Personal(one.text) for one in words.items),
            kind=task.kind,
            due_at=due_at,
            all_day=task.all_day,
            remind_at=_moved(task.remind_at, task.due_at, due_at),
            performer_id=task.performer_id,
            setter_id=task.setter_id,
            participants=tuple(others.get(task.id, ())),
            customer_id=task.customer_id,
            order_id=task.order_id,
            deal_id=task.deal_id,
            project_id=task.project_id,
            repeat=repeat,
            series_id=task.series_id,
            occurrence=task.occurrence + 1,
            month_day=task.month_day or task.due_at.astimezone(zone).day,
        ),
    )
    return True


def _moved(remind_at: datetime | None, was_due: datetime, due_at: datetime) -> datetime | None:
    return None if remind_at is None else due_at - (was_due - remind_at)
