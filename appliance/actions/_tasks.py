"""Steps that actions on tasks share: reading what was asked, changing, telling."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from appliance.domain.access import NOBODY
from appliance.domain.notices import NoticeKind
from appliance.domain.personal import Personal
from appliance.domain.references import ReferenceKind
from appliance.domain.tasks import (
    MOST_ITEMS,
    MOST_PARTICIPANTS,
    MOST_TEXT,
    MOST_TITLE,
    NewTask,
    TaskDraft,
)
from appliance.domain.work import WorkWords
from appliance.errors import Invalid
from appliance.storage import feed, links, notices, projects, staff, tasks
from appliance.storage.references import Lists
from appliance.storage.tasks import Task
from appliance.storage.tx import Tx

FURTHEST: Final = timedelta(days=3660)
"""Ten years: later is a slip of the hand."""


def title_of(title: Personal[str]) -> Personal[str]:
    """A title without spaces around it.

    Raises:
        Invalid: at `title`: `task_title_empty`, `text_too_long`.
    """
    text = " ".join(title.reveal().split())
    if not text:
        raise Invalid(fields={"title": "task_title_empty"})
    if len(text) > MOST_TITLE:
        raise Invalid(fields={"title": "text_too_long"})
    return Personal(text)


def text_of(text: Personal[str]) -> Personal[str]:
    """Longer words of a task, or what came of it.

    Raises:
        Invalid: at `text`: `text_too_long`.
    """
    if len(text.reveal()) > MOST_TEXT:
        raise Invalid(fields={"text": "text_too_long"})
    return text


def items_of(items: tuple[Personal[str], ...]) -> tuple[Personal[str], ...]:
    """Lines of a checklist, empty ones left out.

    Raises:
        Invalid: at `items`: `too_many_items`, `text_too_long`.
    """
    kept = tuple(Personal(line) for one in items if (line := one.reveal().strip()))
    if len(kept) > MOST_ITEMS:
        raise Invalid(fields={"items": "too_many_items"})
    if any(len(one.reveal()) > MOST_TITLE for one in kept):
        raise Invalid(fields={"items": "text_too_long"})
    return kept


def due_of(tx: Tx, due_at: datetime) -> datetime:
    """A due moment that makes sense; a past one does, as it happens at handing over.

    Raises:
        Invalid: at `due`: `due_too_far`.
    """
    if abs(due_at - tx.now) > FURTHEST:
        raise Invalid(fields={"due": "due_too_far"})
    return due_at


def kind_of(lists: Lists, code: str) -> str:
    """A known kind, or the default one.

    Raises:
        Invalid: at `kind`: `task_kind_unknown`.
    """
    known = lists.of(ReferenceKind.TASK_KIND)
    if not code:
        return lists.default(ReferenceKind.TASK_KIND)
    if code not in known:
        raise Invalid(fields={"kind": "task_kind_unknown"})
    return code


async def colleague(number: int, field: str) -> UUID:
    """Who this is.

    Raises:
        Invalid: at `field`: `user_unknown`.
    """
    found = await staff.id_of(number)
    if found is None:
        raise Invalid(fields={field: "user_unknown"})
    return found


async def colleagues(numbers: tuple[int, ...]) -> tuple[UUID, ...]:
    """Who takes part.

    Raises:
        Invalid: at `participants`: `user_unknown`, `too_many_items`.
    """
    if len(numbers) > MOST_PARTICIPANTS:
        raise Invalid(fields={"participants": "too_many_items"})
    return tuple([await colleague(one, "participants") for one in dict.fromkeys(numbers)])


async def order_id(tx: Tx, number: int) -> UUID:
    """An order that the actor may see, to bind a task to.

    Raises:
        Invalid: at `order`: `order_not_found`.
    """
    found = await links.order_id(tx, number)
    if found is None:
        raise Invalid(fields={"order": "order_not_found"})
    return found


async def customer_id(tx: Tx, number: int) -> UUID:
    """A client that the actor may see, to bind a task to.

    Raises:
        Invalid: at `customer`: `customer_not_found`.
    """
    found = await links.customer_id(tx, number)
    if found is None:
        raise Invalid(fields={"customer": "customer_not_found"})
    return found


async def draft_of(tx: Tx, lists: Lists, new: NewTask) -> TaskDraft:
    """What was asked, read and checked.

    Raises:
        Invalid: by field, as the steps above.
    """
    performer = tx.actor.id
    if new.performer is not None:
        performer = await colleague(new.performer, "performer")
    return TaskDraft(
        title=title_of(new.title),
        text=text_of(new.text),
        items=items_of(new.items),
        kind=kind_of(lists, new.kind),
        due_at=due_of(tx, new.due_at),
        all_day=new.all_day,
        remind_at=new.remind_at,
        performer_id=performer,
        participants=await colleagues(new.participants),
        order_id=None if new.order is None else await order_id(tx, new.order),
        customer_id=None if new.customer is None else await customer_id(tx, new.customer),
        project_id=None if new.project is None else await projects.id_of(tx, new.project),
        repeat=new.repeat,
        month_day=new.month_day,
    )


def moment(value: datetime | None) -> str | None:
    """A moment as change entries keep it."""
    return None if value is None else value.isoformat(timespec="seconds")


async def move(tx: Tx, task: Task, due_at: datetime, *, all_day: bool) -> Task:
    """Give a task another time; its reminder moves along and comes again.

    Later than it was counts as postponed, and stays visible as that.
    """
    shift = due_at - task.due_at
    remind_at = None if task.remind_at is None else task.remind_at + shift
    if remind_at is not None and remind_at < tx.now < due_at:
        remind_at = due_at
    later = due_at > task.due_at
    values: dict[str, Any] = {
        "due_at": due_at,
        "all_day": all_day,
        "remind_at": remind_at,
        "reminded_at": None,
        "overdue_told_at": None,
        "postponed": task.postponed + later,
    }
    changes = [
        feed.Change(field="due_at", old=moment(task.due_at), new=moment(due_at)),
        feed.Change(field="all_day", old=task.all_day, new=all_day),
        feed.Change(field="postponed", old=task.postponed, new=task.postponed + later),
        feed.Change(field="remind_at", old=moment(task.remind_at), new=moment(remind_at)),
    ]
    changed = [one for one in changes if one.old != one.new]
    return await tasks.change(tx, task, changed, **values)


async def tell_setter(tx: Tx, task: Task, kind: NoticeKind) -> None:
    """Tell whoever set a task, unless he did it himself."""
    if task.setter_id == NOBODY:
        return
    await notices.tell(
        tx,
        task.setter_id,
        kind,
        entity="task",
        entity_id=task.id,
        entity_number=task.number,
    )


async def words(tx: Tx, lists: Lists) -> WorkWords:
    """Names behind the codes of tasks."""
    return WorkWords(
        kinds=lists.of(ReferenceKind.TASK_KIND),
        results=lists.of(ReferenceKind.TASK_RESULT),
        projects=await projects.list_open(tx),
        logins=await staff.logins(),
    )
