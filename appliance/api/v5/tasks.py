"""Calls about tasks."""

from typing import Any, Final

from appliance.actions import shop_tasks
from appliance.actions.shop_tasks import TaskAbout, TaskSent
from appliance.api.v5 import wire
from appliance.api.v5.call import Answer, Call, paging, shop_of
from appliance.api.v5.entity import LONGEST, Entity
from appliance.api.v5.errors import PARAMETERS, Refused
from appliance.api.v5.filters import from_day, to_day
from appliance.api.v5.scalars import shown
from appliance.domain.orders import UNSET, CustomerRef, OrderSelector
from appliance.domain.personal import Personal
from appliance.domain.task_feed import TaskFeedEntry, TaskFeedFilter
from appliance.domain.tasks import (
    MOST_TITLE,
    TaskEdit,
    TaskFilter,
    TaskState,
    TaskView,
)

FILTERS: Final = frozenset(
    {"ids", "orderNumber", "status", "dateFrom", "dateTo", "performers", "createdAtFrom",
     "createdAtTo"}
)  # fmt: skip
_STATES: Final = {
    "performing": (TaskState.OPEN.value,),
    "completed": (TaskState.DONE.value, TaskState.CANCELLED.value),
    "complete": (TaskState.DONE.value, TaskState.CANCELLED.value),
}
EVERY: Final = tuple(one.value for one in TaskState)


async def index(call: Call) -> Answer:
    """`GET tasks`."""
    pages = paging(call)
    given = call.filter(FILTERS)
    order = wire.text_of(given, "orderNumber").replace("-", "")
    status = wire.text_of(given, "status")
    if status and status not in _STATES:
        raise Refused(PARAMETERS, errors=["filter[status]: performing or completed is expected."])
    if order and not (order.isascii() and order.isdigit() and len(order) <= 18):
        raise Refused(PARAMETERS, errors=["filter[orderNumber]: a number is expected."])
    asked = TaskFilter(
        numbers=wire.integers_of(given, "ids"),
        order=int(order) if order else None,
        states=_STATES.get(status, EVERY),
        performers=wire.integers_of(given, "performers"),
        due_from=from_day(call, given, "dateFrom"),
        due_to=to_day(call, given, "dateTo"),
        created_from=from_day(call, given, "createdAtFrom"),
        created_to=to_day(call, given, "createdAtTo"),
    )
    found = await shop_tasks.index(call.actor, asked, pages.page, pages.limit)
    rows = [_task(call, one) for one in found.rows]
    return Answer({"pagination": pages.shown(found.total), "tasks": rows})


async def show(call: Call) -> Answer:
    """`GET tasks/{id}`."""
    return Answer({"task": _task(call, await shop_tasks.get(call.actor, _number(call)))})


async def create(call: Call) -> Answer:
    """`POST tasks/create`."""
    call.what, call.sent = "Task", wire.json_map(call.form, "task")
    sent = Entity(call.sent, call.zone)
    task = TaskSent(
        title=Personal(sent.text("text", MOST_TITLE)),
        text=Personal(sent.text("commentary", LONGEST)),
        due_at=sent.moment("datetime"),
        performer=_performer(sent),
        zone=call.zone,
    )
    shop = await shop_of(call)
    about = _about(sent, shop)
    sent.check()
    return Answer({"id": await shop_tasks.create(call.actor, shop, task, about)}, 201)


async def edit(call: Call) -> Answer:
    """`POST tasks/{id}/edit`."""
    call.what, call.sent = "Task", wire.json_map(call.form, "task")
    sent = Entity(call.sent, call.zone)
    due_at = sent.moment("datetime")
    complete = sent.flag("complete")
    wanted = TaskEdit(
        title=Personal(sent.text("text", MOST_TITLE)) if "text" in sent else None,
        text=Personal(sent.text("commentary", LONGEST)) if "commentary" in sent else None,
        due_at=due_at,
        all_day=None if due_at is None else False,
        performer=_performer(sent),
    )
    sent.check()
    number = _number(call)
    done = None if complete is UNSET else bool(complete)
    await shop_tasks.edit(call.actor, number, wanted, complete=done)
    return Answer({"id": number})


def _number(call: Call) -> int:
    name = call.names[0]
    if not (name.isascii() and name.isdecimal()) or len(name) > 18:
        raise Refused(PARAMETERS, errors=["ID must be an integer"])
    return int(name)


def _performer(sent: Entity) -> int | None:
    if sent.text("performerType") not in {"", "user"}:
        sent.refuse("performerType", "manager_unknown")
    return sent.integer("performerId")


def _about(sent: Entity, shop: str) -> TaskAbout:
    order, customer = sent.part("order"), sent.part("customer")
    of_order = of_customer = None
    if (number := order.integer("id")) is not None:
        of_order = OrderSelector(number=number)
    elif external := order.text("externalId"):
        of_order = OrderSelector(external_id=external, shop=shop)
    if (number := customer.integer("id")) is not None:
        of_customer = CustomerRef(number=number)
    elif external := customer.text("externalId"):
        of_customer = CustomerRef(external_id=external)
    return TaskAbout(order=of_order, customer=of_customer)


def _task(call: Call, one: TaskView) -> dict[str, Any]:
    """A task as the wire has it; what the key may not read is left out."""
    answer: dict[str, Any] = {
        "id": one.number,
        "datetime": shown(one.due_at, call.zone)[:16],
        "createdAt": shown(one.created_at, call.zone),
        "complete": one.state != TaskState.OPEN,
        "creator": one.setter or None,
        "performer": one.performer,
        "performerType": "user",
    }
    if one.title is not None:
        answer["text"] = one.title.reveal()
    if one.text is not None:
        answer["commentary"] = one.text.reveal()
    if one.closed_at is not None:
        answer["completedAt"] = shown(one.closed_at, call.zone)
    if one.customer is not None:
        answer["customer"] = {"type": "customer", "id": one.customer.number}
    if one.order_number is not None:
        answer["order"] = {"id": one.order_number, "number": str(one.order_number)}
    return answer


HISTORY_KEYS: Final = frozenset({"sinceId", "startDate", "endDate", "taskId"})
PAGE: Final = 100


async def history(call: Call) -> Answer:
    """`GET tasks/history`."""
    pages, given = paging(call, default=PAGE), call.filter(HISTORY_KEYS)
    if pages.page != 1:
        raise Refused(PARAMETERS, errors=["page: use filter[sinceId] to read on."])
    wanted = TaskFeedFilter(
        since=wire.integer_of(given, "sinceId") or 0,
        start=from_day(call, given, "startDate"),
        end=to_day(call, given, "endDate"),
        number=wire.integer_of(given, "taskId"),
        limit=pages.limit,
    )
    page = await shop_tasks.history(call.actor, wanted)
    return Answer(
        {
            "generatedAt": shown(page.generated_at, call.zone),
            "history": [_entry(call, one) for one in page.entries],
            "pagination": pages.shown(page.total_count),
        }
    )


_FIELDS: Final = {"title": "text", "text": "commentary", "due_at": "datetime"}


def _entry(call: Call, one: TaskFeedEntry) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "id": one.number,
        "createdAt": shown(one.at, call.zone),
        "source": one.source,
        "field": _FIELDS.get(one.field, one.field),
        "oldValue": _plain(one.old),
        "newValue": _plain(one.new),
        "task": {"id": one.task_number},
    }
    if one.created:
        answer["created"] = True
    if one.source == "user" and one.user_number:
        answer["user"] = {"id": one.user_number}
    if one.current_key is not None:
        answer["apiKey"] = {"current": one.current_key}
    return answer


def _plain(value: Any) -> Any:
    if isinstance(value, Personal):
        wrapped: Personal[Any] = value  # pyright: ignore[reportUnknownVariableType]  texts only
        return wrapped.reveal()
    return value


async def comments(call: Call) -> Answer:
    """`GET tasks/{id}/comments`: words about a task stand in the task itself, so there are none."""
    pages = paging(call)
    await shop_tasks.get(call.actor, _number(call))
    return Answer({"pagination": pages.shown(0), "comments": []})
