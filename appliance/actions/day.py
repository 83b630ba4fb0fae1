"""«Сегодня»: tasks, schedule and plan; plans are set here too."""

from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from appliance.actions import _tasks
from appliance.actions._gate import action
from appliance.domain.orders import OrderSelector
from appliance.domain.tasks import TaskFilter, TaskState
from appliance.domain.users import Team
from appliance.domain.work import DayScreen, PlanLine, TeamPlan
from appliance.errors import Invalid
from appliance.roles import Permission
from appliance.storage import departments, desk, plans, references, snoozes, staff, task_lists
from appliance.storage import orders as stored
from appliance.storage.plans import Sales
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

MOST_DUE = 60
MOST_TARGET = 10**13


class Bounds(NamedTuple):
    """Today and this month where the box stands, as moments."""

    day: datetime
    day_ends: datetime
    month: datetime
    month_ends: datetime
    first: date


@action(Permission.TASK_VIEW, reads=True)
async def screen(tx: Tx, bounds: Bounds) -> DayScreen:
    """What the day holds for the actor."""
    lists = await references.lists()
    mine = TaskFilter(mine=True, due_to=bounds.day_ends)
    today = TaskFilter(
        mine=True,
        states=(TaskState.OPEN.value, TaskState.DONE.value),
        due_from=bounds.day,
        due_to=bounds.day_ends,
    )
    tomorrow = await task_lists.count(
        tx,
        TaskFilter(
            mine=True,
            postponed=True,
            due_from=bounds.day_ends,
            due_to=bounds.day_ends + timedelta(days=1),
        ),
    )
    plan, team, sold = await _plans(tx, lists, bounds)
    return DayScreen(
        due=await task_lists.between(tx, mine, MOST_DUE),
        agenda=await task_lists.between(tx, today, MOST_DUE),
        postponed=tomorrow,
        done=await task_lists.done_since(tx, bounds.day),
        plan=plan,
        team=team,
        today=sold,
        codes=await desk.codes(tx, lists),
        words=await _tasks.words(tx, lists),
    )


async def _plans(
    tx: Tx, lists: Lists, bounds: Bounds
) -> tuple[PlanLine | None, tuple[PlanLine, ...], dict[int, tuple[int, int]]]:
    targets = await plans.targets(bounds.first)
    sells = Permission.ORDER_CREATE in tx.actor.grants
    heads = Permission.TASK_REPORT in tx.actor.grants
    if not (sells or heads or tx.actor.id in targets):
        return None, (), {}
    month = await plans.sales(tx, lists, bounds.month, bounds.month_ends)
    nothing = Sales(0, 0)
    if not heads:
        mine = month.get(tx.actor.id, nothing)
        number = tx.actor.number
        return _line(number, targets.get(tx.actor.id, 0), mine), (), {}
    people = {
        one.id: one.number
        for one in (await staff.directory(tx)).values()
        if one.active and (one.id in month or one.id in targets)
    }
    team = tuple(
        _line(number, targets.get(user, 0), month.get(user, nothing))
        for user, number in people.items()
    )
    everybody = Sales(sum(one.orders for one in team), sum(one.total for one in team))
    day = await plans.sales_of_day(lists, bounds.day, bounds.day_ends)
    return (
        _line(0, await _firm_target(targets, {one.user: one.target for one in team}), everybody),
        team,
        {people[user]: (one.orders, one.total) for user, one in day.items() if user in people},
    )


def _line(user: int, target: int, sold: Sales) -> PlanLine:
    return PlanLine(user=user, target=target, orders=sold.orders, total=sold.total)


@action(Permission.PLAN_EDIT, reads=True)
async def plan(tx: Tx, bounds: Bounds) -> DayScreen:
    """The month of everybody who works here, for setting plans."""
    lists = await references.lists()
    targets = await plans.targets(bounds.first)
    month = await plans.sales(tx, lists, bounds.month, bounds.month_ends)
    team = tuple(
        _line(one.number, targets.get(one.id, 0), month.get(one.id, Sales(0, 0)))
        for one in (await staff.directory(tx)).values()
        if one.active
    )
    return DayScreen(
        due=(),
        agenda=(),
        postponed=0,
        done=0,
        plan=None,
        team=team,
        today={},
        codes=await desk.codes(tx, lists),
        words=await _tasks.words(tx, lists),
        teams=tuple(
            _team_line(one, targets.get(one.id, 0), team) for one in await departments.teams()
        ),
    )


def _team_line(one: Team, target: int, lines: tuple[PlanLine, ...]) -> TeamPlan:
    inside = [line for line in lines if line.user in one.members]
    return TeamPlan(
        team=one,
        target=target,
        orders=sum(line.orders for line in inside),
        total=sum(line.total for line in inside),
    )


async def _firm_target(targets: dict[UUID, int], by_number: dict[int, int]) -> int:
    """The firm's target: each department's own, or what its people have; and everybody else's."""
    left, total = dict(by_number), 0
    for one in await departments.teams():
        inside = [left.pop(number, 0) for number in one.members]
        total += targets.get(one.id, 0) or sum(inside)
    return total + sum(left.values())


@action(Permission.PLAN_EDIT)
async def set_plan(
    tx: Tx, first: date, targets: dict[int, int], teams: dict[str, int] | None = None
) -> int:
    """Set targets of a month in kopecks; 0 takes one away.

    Args:
        tx: of a head.
        first: of the month.
        targets: by colleague's number.
        teams: by department's code.

    Raises:
        Invalid: `user_unknown`, `department_unknown` or `money_too_large` at the number or code.
    """
    known_teams = {one.code: one.id for one in await departments.teams()}
    for code, target in (teams or {}).items():
        if code not in known_teams:
            raise Invalid(fields={code: "department_unknown"})
        if not 0 <= target <= MOST_TARGET:
            raise Invalid(fields={code: "money_too_large"})
        await plans.put(tx, first, "department", known_teams[code], target)
    people = await staff.directory(tx)
    for number, target in targets.items():
        known = people.get(number)
        if known is None:
            raise Invalid(fields={str(number): "user_unknown"})
        if not 0 <= target <= MOST_TARGET:
            raise Invalid(fields={str(number): "money_too_large"})
        holder: UUID = known.id
        await plans.put(tx, first, "user", holder, target)
    return len(targets)


@action(Permission.ORDER_VIEW)
async def put_off(tx: Tx, number: int, until: datetime) -> None:
    """Take an order out of the actor's queue until then; it is back sooner if its status moves.

    Raises:
        NotFound: `order_not_found`.
        Invalid: at `day`: `entry_when_past`, `due_too_far`.
    """
    order = await stored.get(tx, OrderSelector(number=number))
    if until <= tx.now:
        raise Invalid(fields={"day": "entry_when_past"})
    _tasks.due_of(tx, until)
    await snoozes.put(tx, order.id, order.status, until)


@action(Permission.ORDER_VIEW)
async def bring_back(tx: Tx, number: int) -> None:
    """Have an order wait in the actor's queue again. Repeating is safe.

    Raises:
        NotFound: `order_not_found`.
    """
    order = await stored.get(tx, OrderSelector(number=number))
    await snoozes.take_back(tx, order.id)
