"""Taking a deed back where it changed a task. A step of `_way_back`."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from appliance.domain.notices import NoticeKind
from appliance.domain.tasks import TaskState
from appliance.roles import Permission
from appliance.storage import change_entries, feed, notices, tasks
from appliance.storage.change_entries import Entry
from appliance.storage.statements import fetch_value
from appliance.storage.tx import Tx

_READ: Final[dict[str, Callable[[Any], Any]]] = {
    "due_at": datetime.fromisoformat,
    "remind_at": datetime.fromisoformat,
    "all_day": bool,
    "postponed": int,
    "performer_id": UUID,
    "kind": str,
    "state": str,
}
"""Fields that come back, and how their kept values are read."""


async def put_back(tx: Tx, task_id: UUID, pairs: Sequence[tuple[Entry, Entry]]) -> int:
    """Put the fields of one task back; 1 if it changed.

    Raises:
        NotFound: `task_not_found`: out of reach now.
        Denied: the actor may not change tasks.
    """
    tx.under(Permission.TASK_EDIT.value)
    number = await fetch_value("SELECT number FROM task WHERE id = {}", task_id)
    task = await tasks.find(tx, number or 0)
    values: dict[str, Any] = {}
    changes: list[feed.Change] = []
    for first, last in pairs:
        was, now = change_entries.stored(tx, first)[0], change_entries.stored(tx, last)[1]
        values[last.field] = None if was is None else _READ[last.field](was)
        changes.append(feed.Change(field=last.field, old=now, new=was))
    if values.get("state") == TaskState.OPEN.value:
        values |= {"closed_at": None, "closed_by": None, "outcome": None, "followed": False}
    if "due_at" in values:
        values |= {"reminded_at": None, "overdue_told_at": None}
    became = await tasks.change(tx, task, changes, **values)
    if became.performer_id != task.performer_id:
        await notices.tell(
            tx,
            became.performer_id,
            NoticeKind.TASK_SET,
            entity="task",
            entity_id=task.id,
            entity_number=task.number,
        )
    return 1
