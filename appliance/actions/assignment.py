"""Giving orders out: rules and their trial, the queue, alarms on orders that wait too long."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from appliance.actions import _assigning, _changing
from appliance.actions._gate import action
from appliance.domain.assignment import LONGEST_ALARM, Alarms, Reason, Rule, Spreading, Tried
from appliance.domain.notices import NoticeKind
from appliance.domain.orders import OrderSelector
from appliance.domain.personal import Personal
from appliance.domain.references import ReferenceKind
from appliance.domain.tasks import TaskDraft
from appliance.domain.workdays import WorkCalendar, add_working_hours
from appliance.errors import Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import (
    assignment_rules,
    feed,
    notices,
    orders,
    references,
    settings,
    staff,
    tasks,
    workdays,
)
from appliance.storage.notices import Told
from appliance.storage.statements import fetch
from appliance.storage.tx import Tx

TRIED: Final = 100
MOST_RULES: Final = 100
LONGEST_NAME: Final = 100


class RulesScreen(msgspec.Struct, frozen=True, kw_only=True):
    """What the page of rules shows and its form chooses from; all (code, name)."""

    rules: Sequence[Rule]
    others: Spreading
    alarms: Alarms
    order_types: Sequence[tuple[str, str]]
    shops: Sequence[tuple[str, str]]
    branches: Sequence[tuple[str, str]]
    departments: Sequence[tuple[str, str]]
    categories: Sequence[tuple[int, str]]
    statuses: Sequence[tuple[str, str]]


@action(Permission.ORDER_RULES, reads=True, quiet=True)
async def screen(tx: Tx) -> RulesScreen:
    """All rules, and what a rule can speak of."""
    lists = await references.lists()
    return RulesScreen(
        rules=await assignment_rules.rules(active=False),
        others=lists.assignment,
        alarms=await settings.get(assignment_rules.ALARMS, Alarms),
        order_types=[(one.code, one.name) for one in lists.of(ReferenceKind.ORDER_TYPE).values()],
        shops=[(one.code, one.name) for one in lists.shops.values()],
        branches=[(row[0], row[1]) for row in await fetch("SELECT code, name FROM branch")],
        departments=[(row[0], row[1]) for row in await fetch("SELECT code, name FROM department")],
        categories=[
            (row[0], row[1])
            for row in await fetch("SELECT number, name FROM category ORDER BY name")
        ],
        statuses=[(one.code, one.name) for one in lists.statuses.values() if one.active],
    )


@action(Permission.ORDER_RULES)
async def put_rule(tx: Tx, rule: Rule) -> int:
    """Add a rule as the last one (number 0), or change one; return its number.

    Raises:
        NotFound: `rule_not_found`.
        Invalid: `name_missing`, `text_too_long`, `manager_unknown`, `amount_out_of_range`.
    """
    name = " ".join(rule.name.split())
    if not name:
        raise Invalid("name_missing", fields={"name": "name_missing"})
    if len(name) > LONGEST_NAME or len(await assignment_rules.rules(active=False)) >= MOST_RULES:
        raise Invalid("text_too_long", fields={"name": "text_too_long"})
    for number in rule.people:
        if await staff.id_of(number) is None:
            raise Invalid("manager_unknown", fields={"people": "manager_unknown"})
    if rule.least_orders < 0 or rule.least_total < 0:
        raise Invalid("amount_out_of_range", fields={"least_total": "amount_out_of_range"})
    tx.object_type = "assignment_rule"
    return await assignment_rules.put(msgspec.structs.replace(rule, name=name))


@action(Permission.ORDER_RULES)
async def remove_rule(tx: Tx, number: int) -> None:
    """Forget a rule."""
    tx.object_type = "assignment_rule"
    await assignment_rules.remove(number)


@action(Permission.ORDER_RULES)
async def move_rule(tx: Tx, number: int, step: int) -> None:
    """Ask a rule earlier (-1) or later (1)."""
    tx.object_type = "assignment_rule"
    numbers = [one.number for one in await assignment_rules.rules(active=False)]
    if number not in numbers:
        return
    place = numbers.index(number)
    numbers.insert(min(max(place + step, 0), len(numbers) - 1), numbers.pop(place))
    await assignment_rules.set_order(numbers)


@action(Permission.ORDER_RULES)
async def set_others(tx: Tx, way: Spreading, alarms: Alarms) -> None:
    """Say what happens to orders that no rule speaks of, and when somebody is told of a wait.

    Raises:
        Invalid: `hours_unreadable`.
    """
    for name in ("untouched_hours", "unpaid_hours"):
        if not 0 <= getattr(alarms, name) <= LONGEST_ALARM:
            raise Invalid("hours_unreadable", fields={name: "hours_unreadable"})
    tx.object_type = "assignment_rule"
    await references.set_assignment(way)
    await settings.put(assignment_rules.ALARMS, alarms)


@action(Permission.ORDER_RULES, reads=True)
async def dry_run(tx: Tx) -> Sequence[Tried]:
    """What the rules would have done with the last hundred orders; nothing is changed."""
    numbers = {one.id: one.number for one in (await staff.directory(tx)).values()}
    return [
        Tried(
            order_number=number,
            manager_number=0 if now is None else numbers.get(now, 0),
            would_be=0 if then.manager is None else numbers.get(then.manager, 0),
            reason=then.reason,
            rule=then.rule,
        )
        for number, now, then in await _assigning.tried(await references.lists(), TRIED)
    ]


@action(Permission.ORDER_TAKE)
async def take_next(tx: Tx) -> int:
    """Take the order that has waited longest for somebody, and give its number.

    Two who ask at once get two different orders: writes come one after another, and the order is
    changed only at the version that was read.

    Raises:
        NotFound: `queue_empty`.
        Conflict: `order_changed`.
    """
    lists = await references.lists()
    number = await assignment_rules.first_waiting(tx, lists.in_process())
    if number is None:
        raise NotFound("queue_empty")
    order = await orders.get(tx, OrderSelector(number=number))
    edit = _changing.Edit(order)
    edit.quietly(manager_id=tx.actor.id, assigned_by=Reason.TAKEN.value)
    edit.note(
        feed.Change(
            field="manager",
            new={"id": tx.actor.number},
            part={"rule": Reason.TAKEN.value},
        )
    )
    await _changing.finish(tx, edit)
    return number


# --- alarms ---


@action(Permission.HOUSE, quiet=True)
async def raise_alarms(tx: Tx, zone: ZoneInfo) -> int:
    """Tell of orders that nobody touched and of confirmed ones that nobody paid, once each.

    The mark, the notices and the task are one transaction: a crash leaves all or none.

    Returns:
        How many alarms there were.
    """
    alarms = await settings.get(assignment_rules.ALARMS, Alarms)
    lists = await references.lists()
    calendar = await workdays.calendar(tx.now)
    due: list[tuple[str, Any]] = []
    if alarms.untouched_hours:
        first = [
            one.code
            for one in lists.statuses.values()
            if one.group == lists.group_of(lists.default_status())
        ]
        before = tx.now - timedelta(hours=alarms.untouched_hours)
        after = _oldest(tx.now, alarms.untouched_hours)
        waiting = await assignment_rules.untouched(first, after, before)
        due += [
            ("untouched", row)
            for row in waiting
            if _is_due(calendar, row[4], alarms.untouched_hours, zone, tx.now)
        ]
    if alarms.unpaid_hours:
        before = tx.now - timedelta(hours=alarms.unpaid_hours)
        after = _oldest(tx.now, alarms.unpaid_hours)
        waiting = await assignment_rules.unpaid(alarms.confirmed, after, before)
        due += [
            ("unpaid", row)
            for row in waiting
            if _is_due(calendar, row[4], alarms.unpaid_hours, zone, tx.now)
        ]
    return await _tell(tx, due, calendar, zone)


def _oldest(now: datetime, hours: int) -> datetime:
    """From when on an order is told of, if its hour came in the last two weeks or so.

    A base that was brought in, or an alarm just switched on, must not bury people under tasks
    about last year. A working hour lasts six by the calendar at most: 40 of the 168 of a week,
    and holidays.
    """
    return now - timedelta(days=14) - 6 * timedelta(hours=hours)


def _is_due(
    calendar: WorkCalendar, since: datetime, hours: int, zone: ZoneInfo, now: datetime
) -> bool:
    return add_working_hours(calendar, since, hours, zone) <= now


async def _tell(
    tx: Tx, due: Sequence[tuple[str, Any]], calendar: WorkCalendar, zone: ZoneInfo
) -> int:
    heads = [one.id for one in await staff.active_with_role("head")]
    told: list[Told] = []
    raised = 0
    for kind, (order_id, number, manager, customer_id, _) in due:
        if not await assignment_rules.raise_once(tx, order_id, kind):
            continue
        raised += 1
        people: list[UUID] = heads if manager is None else [manager]
        # Nobody touched it although it has a manager: who leads him is told, too.
        others = heads if kind == "untouched" else []
        notice = NoticeKind.ORDER_UNTOUCHED if kind == "untouched" else NoticeKind.ORDER_UNPAID
        told += [
            Told(one, notice, "order", order_id, number)
            for one in dict.fromkeys([*people, *others])
        ]
        if people:
            title = (
                f"Взять в работу заказ № {number}"
                if kind == "untouched"
                else f"Напомнить об оплате заказа № {number}"
            )
            await tasks.add(
                tx,
                TaskDraft(
                    title=Personal(title),
                    performer_id=people[0],
                    due_at=add_working_hours(calendar, tx.now, 2, zone),
                    customer_id=customer_id,
                    order_id=order_id,
                ),
            )
    await notices.tell_all(tx, told)
    return raised
