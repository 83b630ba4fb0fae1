"""Rows of deals and tasks for a table that goes out, by the right of whoever asked."""

from typing import Final

from appliance.actions import _order_checks
from appliance.actions._gate import action
from appliance.actions.exports import Cells, Part, roubles
from appliance.domain.customers import CustomerBrief
from appliance.domain.deals import DealRow, Funnels
from appliance.domain.exports import PAGE
from appliance.domain.personal import Personal, reveal_or_none
from appliance.domain.tasks import TaskState, TaskView
from appliance.roles import Permission
from appliance.storage import deal_lists, pipelines, staff, task_lists
from appliance.storage.tx import Tx


def _called(client: CustomerBrief | None) -> str:
    return "" if client is None else reveal_or_none(client.name) or ""


def _who(names: dict[int, staff.Colleague], number: int | None) -> str:
    return names[number].name if number in names else ""


@action(Permission.DEAL_VIEW, slow=True)
async def deals(tx: Tx, before: int) -> Part:
    """Deals with smaller numbers, the newest first."""
    _order_checks.also_needs(tx, Permission.DATA_EXPORT)
    tx.purpose = "export"
    views = await deal_lists.older(tx, before, PAGE)
    names, known = await staff.directory(tx), await pipelines.funnels()
    return Part(
        Personal([_deal(one, names, known) for one in views]),
        views[-1].number if len(views) == PAGE else 0,
        len({one.customer.id for one in views if one.customer is not None}),
    )


def _deal(one: DealRow, names: dict[int, staff.Colleague], known: Funnels) -> Cells:
    stage = known.stage(one.stage_id)
    return [
        one.number,
        reveal_or_none(one.title) or "",
        roubles(one.amount),
        known.of(stage.pipeline_id).name,
        stage.name,
        _called(one.customer),
        "" if one.expected_on is None else one.expected_on.isoformat(),
        _who(names, one.manager_number),
        one.order_number or "",
        one.created_at.date().isoformat(),
        known.reason(one.reason_id),
    ]


@action(Permission.TASK_VIEW, slow=True)
async def tasks(tx: Tx, before: int) -> Part:
    """Tasks with smaller numbers, the newest first."""
    _order_checks.also_needs(tx, Permission.DATA_EXPORT)
    tx.purpose = "export"
    views = await task_lists.older(tx, before, PAGE)
    names = await staff.directory(tx)
    return Part(
        Personal([_task(one, names) for one in views]),
        views[-1].number if len(views) == PAGE else 0,
        len({one.customer.id for one in views if one.customer is not None}),
    )


_STANDING: Final = {
    TaskState.OPEN: "открыта",
    TaskState.DONE: "сделана",
    TaskState.CANCELLED: "отменена",
}


def _task(one: TaskView, names: dict[int, staff.Colleague]) -> Cells:
    return [
        one.number,
        reveal_or_none(one.title) or "",
        one.due_at.date().isoformat() if one.all_day else one.due_at.isoformat(timespec="minutes"),
        _who(names, one.performer),
        _who(names, one.setter),
        _called(one.customer),
        one.order_number or "",
        _STANDING[TaskState(one.state)],
        reveal_or_none(one.outcome) or "",
        one.created_at.date().isoformat(),
    ]
