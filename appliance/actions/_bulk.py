"""One record of a change of many: what would become of it, and doing it. Steps of `bulk`."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from appliance.actions import _changing, _editing, _tasks
from appliance.domain.bulk import FIELDS, LONGEST_VALUE, SAME, BulkChange, Section, Verdict
from appliance.domain.customers import CustomerChange, Party
from appliance.domain.events import CustomerChanged
from appliance.domain.notices import NoticeKind
from appliance.domain.orders import OrderChange, OrderSelector
from appliance.domain.references import ReferenceKind
from appliance.domain.tasks import TaskState
from appliance.errors import Conflict, Destroyed, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import customer_edits, customers, feed, notices, orders, staff, tasks
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

RIGHTS: Final[Mapping[tuple[Section, str], Permission]] = {
    (Section.ORDERS, "status"): Permission.ORDER_STATUS,
    (Section.ORDERS, "manager"): Permission.ORDER_ASSIGN,
    (Section.CLIENTS, "manager"): Permission.CUSTOMER_TAKE,
}
"""What changing a field asks for, where it is not the right to edit such records."""
_EDIT: Final = {
    Section.ORDERS: Permission.ORDER_EDIT,
    Section.CLIENTS: Permission.CUSTOMER_EDIT,
    Section.TASKS: Permission.TASK_EDIT,
}


def right_of(change: BulkChange) -> Permission:
    """What a change asks for."""
    return RIGHTS.get((change.section, change.field), _EDIT[change.section])


async def check(lists: Lists, change: BulkChange) -> None:
    """Refuse a value that no record could take.

    Raises:
        Invalid: at `value`: `code_unknown`, `user_unknown`, `bulk_value`.
    """
    if change.field not in FIELDS[change.section]:
        raise Invalid("code_unknown", fields={"field": "code_unknown"})
    if change.field in ("manager", "performer"):
        await _check_colleague(change)
    elif not _fits(lists, change):
        raise Invalid("bulk_value", fields={"value": "bulk_value"})


async def _check_colleague(change: BulkChange) -> None:
    value = change.value
    is_number = value.isascii() and value.isdigit() and len(value) < 10
    if not is_number or (change.field == "performer" and value == "0"):
        raise Invalid("bulk_value", fields={"value": "bulk_value"})
    if value != "0" and await staff.id_of(int(value)) is None:
        raise Invalid("user_unknown", fields={"value": "user_unknown"})


def _fits(lists: Lists, change: BulkChange) -> bool:
    field, value = change.field, change.value
    if field in ("tag_add", "tag_drop"):
        return 0 < len(value.strip()) <= LONGEST_VALUE
    if field in ("ship_day", "due"):
        return _day(value) is not None
    if field == "status":
        return value in lists.statuses
    if field in _LISTS:
        return value in lists.of(_LISTS[field])
    return value in _FIXED.get(field, ("0", "1"))


_LISTS: Final = {
    "method": ReferenceKind.ORDER_METHOD,
    "type": ReferenceKind.ORDER_TYPE,
    "kind": ReferenceKind.TASK_KIND,
}
_FIXED: Final = {"party": tuple(one.value for one in Party), "cancel": ("1",)}


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


class Around(NamedTuple):
    """What every record of a change is looked at with.

    Attributes:
        zone: in which days begin.
        writes: whether it is done, or only looked at.
    """

    lists: Lists
    change: BulkChange
    zone: ZoneInfo
    writes: bool


async def one(tx: Tx, around: Around, number: int) -> Verdict:
    """What becomes of one record; one that is refused is not touched.

    Raises:
        HouseError: what only writing brought up; nothing of this transaction may stay then.
    """
    step = _STEPS[around.change.section]
    try:
        code = await step(tx, around._replace(writes=False), number)
    except (NotFound, Invalid, Conflict, Destroyed) as error:
        return Verdict(number, error.code)
    if around.writes and not code:
        code = await step(tx, around, number)
    return Verdict(number, code)


async def _order(tx: Tx, around: Around, number: int) -> str:
    order = await orders.get(tx, OrderSelector(number=number))
    field, value = around.change.field, around.change.value
    edit = _changing.Edit(order)
    if field == "status":
        if value == order.status:
            return SAME
        await _changing.check_move(tx, around.lists, order, value)
        if around.writes:
            await _changing.set_status(tx, around.lists, edit, value)
    elif field == "manager":
        await _editing.set_manager(edit, int(value))
    else:
        await _editing.apply(tx, around.lists, edit, _order_change(field, value))
    if around.writes:
        became = await _changing.finish(tx, edit)
        return "" if became.version != order.version else SAME
    return "" if edit.columns or edit.changes or field == "status" else SAME


def _order_change(field: str, value: str) -> OrderChange:
    match field:
        case "method":
            return OrderChange(order_method=value)
        case "type":
            return OrderChange(order_type=value)
        case _:
            return OrderChange(shipment_date=_day(value))


async def _client(tx: Tx, around: Around, number: int) -> str:
    known = await customers.find_by_number(number)
    if known is None or not await customers.is_visible(tx, known.id):
        raise NotFound("customer_not_found")
    if known.state != "live":
        raise Destroyed
    change = _client_change(around.change)
    if around.writes:
        if not await customer_edits.apply(tx, known, change):
            return SAME
        tx.emit(CustomerChanged(customer_id=known.id))
        return ""
    return "" if await customer_edits.differs(known, change) else SAME


def _client_change(change: BulkChange) -> CustomerChange:
    value = change.value
    match change.field:
        case "manager":
            return CustomerChange(manager_number=int(value) or None)
        case "tag_add":
            return CustomerChange(add_tags=(value.strip(),))
        case "tag_drop":
            return CustomerChange(remove_tags=(value.strip(),))
        case "party":
            return CustomerChange(party=Party(value))
        case "vip":
            return CustomerChange(vip=value == "1")
        case _:
            return CustomerChange(bad=value == "1")


async def _task(tx: Tx, around: Around, number: int) -> str:
    task = await tasks.find(tx, number)
    if task.state != TaskState.OPEN:
        return SAME if around.change.field == "cancel" else _closed(number)
    return await _TASK_FIELDS[around.change.field](tx, around, task)


def _closed(number: int) -> str:
    raise Conflict("task_closed", number=number)


async def _due(tx: Tx, around: Around, task: tasks.Task) -> str:
    local = task.due_at.astimezone(around.zone)
    day = _day(around.change.value)
    if day is None or local.date() == day:
        return SAME
    due_at = datetime.combine(day, local.timetz()).astimezone(UTC)
    due_at = _tasks.due_of(tx, due_at)
    if around.writes:
        moved = await _tasks.move(tx, task, due_at, all_day=task.all_day)
        await _tell(tx, moved, NoticeKind.TASK_MOVED)
    return ""


async def _performer(tx: Tx, around: Around, task: tasks.Task) -> str:
    performer = await _tasks.colleague(int(around.change.value), "value")
    if performer == task.performer_id:
        return SAME
    if around.writes:
        entry = feed.Change(field="performer_id", old=str(task.performer_id), new=str(performer))
        became = await tasks.change(tx, task, [entry], performer_id=performer)
        await _tell(tx, became, NoticeKind.TASK_SET)
    return ""


async def _kind(tx: Tx, around: Around, task: tasks.Task) -> str:
    kind = around.change.value
    if kind == task.kind:
        return SAME
    if around.writes:
        await tasks.change(
            tx, task, [feed.Change(field="kind", old=task.kind, new=kind)], kind=kind
        )
    return ""


async def _cancel(tx: Tx, around: Around, task: tasks.Task) -> str:
    if around.writes:
        cancelled = TaskState.CANCELLED.value
        became = await tasks.change(
            tx,
            task,
            [feed.Change(field="state", old=task.state, new=cancelled)],
            state=cancelled,
            followed=True,
            closed_at=tx.now,
            closed_by=tx.actor.id,
        )
        await _tasks.tell_setter(tx, became, NoticeKind.TASK_CANCELLED)
        await _tell(tx, became, NoticeKind.TASK_CANCELLED)
    return ""


async def _tell(tx: Tx, task: tasks.Task, kind: NoticeKind) -> None:
    await notices.tell(
        tx, task.performer_id, kind, entity="task", entity_id=task.id, entity_number=task.number
    )


_TASK_FIELDS: Final[Mapping[str, Callable[[Tx, Around, tasks.Task], Awaitable[str]]]] = {
    "due": _due,
    "performer": _performer,
    "kind": _kind,
    "cancel": _cancel,
}
_STEPS: Final[Mapping[Section, Callable[[Tx, Around, int], Awaitable[str]]]] = {
    Section.ORDERS: _order,
    Section.CLIENTS: _client,
    Section.TASKS: _task,
}
