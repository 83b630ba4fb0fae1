"""Tasks as a shop's module sees them: by pages, set and changed with the shop's own ids."""

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from appliance.actions import _tasks
from appliance.actions import tasks as deeds
from appliance.actions._gate import action
from appliance.domain.notices import NoticeKind
from appliance.domain.orders import CustomerRef, OrderSelector
from appliance.domain.personal import Personal
from appliance.domain.task_feed import TaskFeedFilter, TaskFeedPage
from appliance.domain.tasks import (
    NewTask,
    TaskEdit,
    TaskFilter,
    TaskState,
    TaskView,
    end_of_day,
)
from appliance.errors import Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import customers, feed, orders, references, task_history, task_lists, tasks
from appliance.storage.statements import fetch_value
from appliance.storage.tx import Tx


class TaskPages(msgspec.Struct, frozen=True, kw_only=True):
    """A page of tasks, the newest first; `total` counts no further than a thousand."""

    rows: tuple[TaskView, ...]
    total: int


class TaskSent(msgspec.Struct, frozen=True, kw_only=True):
    """A task as a shop sends it; without `due_at` it is due by the end of the day in `zone`."""

    title: Personal[str]
    text: Personal[str]
    performer: int | None
    due_at: datetime | None
    zone: ZoneInfo


class TaskAbout(msgspec.Struct, frozen=True, kw_only=True):
    """What a task is about, as the shop names it."""

    order: OrderSelector | None = None
    customer: CustomerRef | None = None


@action(Permission.TASK_VIEW, reads=True)
async def index(tx: Tx, asked: TaskFilter, page: int, limit: int) -> TaskPages:
    """A page by its number."""
    mine = _within(tx, asked)
    return TaskPages(
        rows=await task_lists.newest(tx, mine, (page - 1) * limit, limit),
        total=await task_lists.count(tx, mine),
    )


@action(Permission.TASK_VIEW, reads=True)
async def get(tx: Tx, number: int) -> TaskView:
    """One task.

    Raises:
        NotFound: `task_not_found`: absent, or about another shop's order or client.
    """
    return await _one(tx, number)


@action(Permission.TASK_EDIT)
async def create(tx: Tx, shop: str, sent: TaskSent, about: TaskAbout) -> int:
    """Set a task; give its number.

    Raises:
        Invalid: by field: `name_empty` at `text` and `performerId`, else as `tasks.create`.
        NotFound: `order_not_found`, `customer_not_found`.
    """
    blank = {"text": not sent.title, "performerId": sent.performer is None}
    if any(blank.values()):
        missing = {name: "name_empty" for name, empty in blank.items() if empty}
        raise Invalid("entity_unreadable", fields=missing)
    today = tx.now.astimezone(sent.zone).date()
    new = NewTask(
        title=sent.title,
        text=sent.text,
        due_at=sent.due_at or end_of_day(today, sent.zone),
        all_day=sent.due_at is None,
        remind_at=sent.due_at,
        performer=sent.performer,
    )
    try:
        draft = await _tasks.draft_of(tx, await references.lists(), new)
    except Invalid as problem:
        raise _renamed(problem) from None
    order_id = customer_id = None
    if about.order is not None:
        order_id = (await orders.get(tx, about.order)).id
    if about.customer is not None:
        known = await customers.find_by_ref(tx, shop, about.customer)
        if known is None:
            raise NotFound("customer_not_found")
        customer_id = known.id
    bound = msgspec.structs.replace(draft, order_id=order_id, customer_id=customer_id)
    task_id = await tasks.add(tx, bound)
    return await fetch_value("SELECT number FROM task WHERE id = {}", task_id)


@action(Permission.TASK_EDIT)
async def edit(tx: Tx, number: int, wanted: TaskEdit, *, complete: bool | None = None) -> None:
    """Change a task, say that it is done, or that it is not.

    Raises:
        NotFound: `task_not_found`.
        Invalid: by field, as `tasks.edit`.
    """
    await _one(tx, number)
    try:
        task = await deeds.change(tx, await tasks.find(tx, number), wanted)
    except Invalid as problem:
        raise _renamed(problem) from None
    is_open = task.state == TaskState.OPEN
    if complete is None or complete is not is_open:
        return
    state = TaskState.DONE if complete else TaskState.OPEN
    task = await tasks.change(
        tx,
        task,
        [feed.Change(field="state", old=task.state, new=state.value)],
        state=state.value,
        closed_at=tx.now if complete else None,
        closed_by=tx.actor.id if complete else None,
    )
    if complete:
        await _tasks.tell_setter(tx, task, NoticeKind.TASK_DONE)


_SENT = {"title": "text", "text": "commentary", "due": "datetime", "performer": "performerId"}
_MEANT = {"user_unknown": "manager_unknown", "task_title_empty": "name_empty"}


def _renamed(problem: Invalid) -> Invalid:
    """The same refusal at the fields as the shop names them."""
    fields = {
        _SENT.get(name, name): _MEANT.get(code, code) for name, code in problem.fields.items()
    }
    return Invalid(problem.code, fields=fields)


def _within(tx: Tx, asked: TaskFilter) -> TaskFilter:
    """A shop's key sees tasks about its own orders and clients, and those about nobody."""
    return msgspec.structs.replace(asked, shop=tx.actor.shop) if tx.actor.shop else asked


async def _one(tx: Tx, number: int) -> TaskView:
    every = tuple(one.value for one in TaskState)
    found = await task_lists.newest(
        tx, _within(tx, TaskFilter(numbers=(number,), states=every)), 0, 1
    )
    if not found:
        raise NotFound("task_not_found")
    tx.about("task", found[0].id)
    return found[0]


@action(Permission.TASK_VIEW, reads=True)
async def history(tx: Tx, wanted: TaskFeedFilter) -> TaskFeedPage:
    """The feed of tasks after a number, ascending."""
    return await task_history.page(tx, wanted)
