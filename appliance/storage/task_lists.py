"""Tasks as the actor may see them: lists by key, cards, counts, the team's report."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from msgspec.structs import replace

from appliance.domain.access import NOBODY
from appliance.domain.customers import CustomerBrief
from appliance.domain.fields import Owner
from appliance.domain.personal import Personal
from appliance.domain.tasks import (
    TaskCounts,
    TaskFilter,
    TaskPage,
    TaskState,
    TaskView,
    TeamLine,
)
from appliance.errors import Invalid, NotFound
from appliance.storage import custom_finds, references, staff, tasks
from appliance.storage.customer_views import brief
from appliance.storage.statements import any_of, fetch, fetch_one, fetch_value
from appliance.storage.tasks import COLUMNS, Task
from appliance.storage.tx import Tx
from appliance.storage.visible import visible

_WIDTH: Final = len(Task._fields)
_SELECT: Final = (
    f"SELECT {COLUMNS}, o.number, j.number, c.id, c.number, c.kind, c.state, c.subject_id, "
    "c.person FROM task t LEFT JOIN customer c ON c.id = t.customer_id "
    "LEFT JOIN orders o ON o.id = t.order_id LEFT JOIN project j ON j.id = t.project_id WHERE "
)
MOST_COUNTED: Final = 1000


class _Where(NamedTuple):
    text: str
    values: tuple[object, ...]


async def _conditions(tx: Tx, asked: TaskFilter) -> _Where:
    parts: list[str] = []
    values: list[object] = []

    def add(text: str, *args: object) -> None:
        parts.append(text)
        values.extend(args)

    states = asked.states or (TaskState.OPEN.value,)
    if asked.mine:
        # What somebody performs or takes part in is in reach under every grant. By key alone, the
        # state inside: named beside it, everybody's open tasks would be passed in their order.
        add(
            "t.id IN (SELECT p.id FROM task p WHERE p.performer_id = {} AND p.state IN {} "
            "UNION SELECT m.task_id FROM task_member m CROSS JOIN task x "
            "WHERE m.user_id = {} AND x.id = m.task_id AND x.state IN {})",
            tx.actor.id,
            any_of(states),
            tx.actor.id,
            any_of(states),
        )
    else:
        add(*_flat(tasks.reach(tx)))
        if len(states) == 1:
            add("t.state = {}", states[0])
        else:
            add("t.state IN {}", any_of(states))
    if asked.set_by_me:
        add("t.setter_id = {} AND t.performer_id <> {}", tx.actor.id, tx.actor.id)
    if asked.performers:
        known = await staff.directory(tx)
        ids = [known[one].id for one in asked.performers if one in known]
        add("t.performer_id IN {}", any_of(ids))
    _bounds(asked, add)
    lists = await references.lists()
    for text, given in custom_finds.conditions(tx, lists, Owner.TASK, "t.id", asked.custom):
        add(text, *given)
    return _Where(" AND ".join(parts), tuple(values))


_EACH: Final = (
    ("kinds", "t.kind IN {}"),
    ("numbers", "t.number IN {}"),
    ("project", "t.project_id = (SELECT id FROM project WHERE number = {})"),
    ("order", "t.order_id = (SELECT id FROM orders WHERE number = {})"),
    ("customer", "t.customer_id = (SELECT id FROM customer WHERE number = {})"),
    ("due_from", "t.due_at >= {}"),
    ("due_to", "t.due_at < {}"),
    ("created_from", "t.created_at >= {}"),
    ("created_to", "t.created_at < {}"),
)
"""Attribute of the filter → its condition, where it is given."""


def _bounds(asked: TaskFilter, add: Any) -> None:
    for name, text in _EACH:
        value: Any = getattr(asked, name)
        if isinstance(value, tuple):
            if value:
                add(text, any_of(value))  # pyright: ignore[reportUnknownArgumentType]  of a column
        elif value is not None:
            add(text, value)
    if asked.postponed:
        add("t.postponed > 0")
    if asked.shop:
        add(
            "(t.order_id IS NULL OR t.order_id IN (SELECT id FROM orders WHERE shop = {})) AND "
            "(t.order_id IS NOT NULL OR t.customer_id IS NULL OR t.customer_id IN "
            "(SELECT id FROM customer WHERE shop = {}))",
            asked.shop,
            asked.shop,
        )


def _flat(fragment: tuple[str, tuple[object, ...]]) -> tuple[Any, ...]:
    return (fragment[0], *fragment[1])


async def page(tx: Tx, asked: TaskFilter, after: str | None, limit: int) -> TaskPage:
    """A page of a list.

    Raises:
        Invalid: `cursor_unreadable`.
    """
    where = await _conditions(tx, asked)
    closed = bool(asked.states) and TaskState.OPEN.value not in asked.states
    column, order, sign = ("closed_at", "DESC", "<") if closed else ("due_at", "ASC", ">")
    bound, values = "", ()
    if after is not None:
        moment, task_id = _cursor(after)
        bound = f"AND (t.{column} {sign} {{}} OR (t.{column} = {{}} AND t.id {sign} {{}})) "
        values = (moment, moment, task_id)
    rows = await fetch(
        f"{_SELECT}{where.text} {bound}ORDER BY t.{column} {order}, t.id {order} LIMIT {{}}",
        *where.values,
        *values,
        limit + 1,
    )
    shown = await _views(tx, rows[:limit])
    last = Task(*rows[limit - 1][:_WIDTH]) if len(rows) > limit else None
    return TaskPage(
        rows=shown,
        after=None if last is None else f"{getattr(last, column).isoformat()}~{last.id}",
    )


async def with_fields(tx: Tx, found: TaskPage) -> TaskPage:
    """A page with the fields of the house's own making that stand in lists."""
    lists = await references.lists()
    values = await custom_finds.listed(tx, lists, Owner.TASK, [one.id for one in found.rows])
    rows = tuple(replace(one, custom=values.get(one.id, ())) for one in found.rows)
    return replace(found, rows=rows)


def _cursor(text: str) -> tuple[datetime, UUID]:
    moment, _, task_id = text.partition("~")
    try:
        found = datetime.fromisoformat(moment)
        if found.tzinfo is None:
            raise ValueError
        return found, UUID(task_id)
    except ValueError:
        raise Invalid("cursor_unreadable") from None


async def older(tx: Tx, before: int, limit: int) -> tuple[TaskView, ...]:
    """Tasks with smaller numbers in whatever state, the newest first."""
    where = await _conditions(tx, TaskFilter(states=tuple(one.value for one in TaskState)))
    rows = await fetch(
        f"{_SELECT}{where.text} AND t.number < {{}} ORDER BY t.number DESC LIMIT {{}}",
        *where.values,
        before,
        limit,
    )
    return await _views(tx, rows)


async def numbered(tx: Tx, numbers: Sequence[int]) -> tuple[TaskView, ...]:
    """Those of these tasks that the actor may see, in whatever state, the newest first."""
    scope, args = tasks.reach(tx)
    rows = await fetch(
        f"{_SELECT}t.number IN {{}} AND {scope} ORDER BY t.number DESC", any_of(numbers), *args
    )
    return await _views(tx, rows)


async def newest(tx: Tx, asked: TaskFilter, skipped: int, limit: int) -> tuple[TaskView, ...]:
    """A page by its number, for programs that page so."""
    where = await _conditions(tx, asked)
    rows = await fetch(
        f"{_SELECT}{where.text} ORDER BY t.number DESC LIMIT {{}} OFFSET {{}}",
        *where.values,
        limit,
        skipped,
    )
    return await _views(tx, rows)


async def between(tx: Tx, asked: TaskFilter, limit: int) -> tuple[TaskView, ...]:
    """All tasks of a filter that has bounds, by time; for calendars."""
    where = await _conditions(tx, asked)
    rows = await fetch(
        f"{_SELECT}{where.text} ORDER BY t.due_at, t.id LIMIT {{}}", *where.values, limit
    )
    return await _views(tx, rows)


async def count(tx: Tx, asked: TaskFilter) -> int:
    """How many tasks a filter has, up to `MOST_COUNTED`."""
    where = await _conditions(tx, asked)
    return await fetch_value(
        f"SELECT COUNT(*) FROM (SELECT 1 FROM task t WHERE {where.text} LIMIT {{}}) counted",
        *where.values,
        MOST_COUNTED,
    )


async def numbers(tx: Tx, asked: TaskFilter, after: int | None, limit: int) -> list[int]:
    """Numbers of a filter's tasks after a number, newest first."""
    where = await _conditions(tx, asked)
    bound, more = ("", ()) if after is None else (" AND t.number < {}", (after,))
    rows = await fetch(
        f"SELECT t.number FROM task t WHERE {where.text}{bound} ORDER BY t.number DESC LIMIT {{}}",
        *where.values,
        *more,
        limit,
    )
    return [row[0] for row in rows]


async def done_since(tx: Tx, moment: datetime) -> int:
    """How many tasks the actor performs were closed as done since then."""
    return await fetch_value(
        "SELECT COUNT(*) FROM task WHERE performer_id = {} AND closed_at IS NOT NULL "
        "AND closed_at >= {} AND state = 'done'",
        tx.actor.id,
        moment,
    )


async def one(tx: Tx, number: int) -> TaskView:
    """One task by its number.

    Raises:
        NotFound: `task_not_found`: absent, or not for this actor.
    """
    scope, args = tasks.reach(tx)
    row = await fetch_one(f"{_SELECT}t.number = {{}} AND {scope}", number, *args)
    if row is None:
        raise NotFound("task_not_found")
    tx.about("task", row[0])
    return (await _views(tx, [row]))[0]


async def titles(tx: Tx, numbers: Sequence[int]) -> dict[int, Personal[str] | None]:
    """Titles of those of the tasks that the actor may see."""
    scope, args = tasks.reach(tx)
    rows = await fetch(
        "SELECT t.number, t.id, t.subject_id, t.words FROM task t "
        f"WHERE t.number IN {{}} AND {scope}",
        any_of(numbers),
        *args,
    )
    tx.vault.preload({row[2] for row in rows if row[2] is not None})
    found: dict[int, Personal[str] | None] = {}
    for number, task_id, subject_id, cell in rows:
        words = tasks.open_words(tx, task_id, subject_id, cell)
        found[number] = None if words is None else Personal(words.title)
    return found


async def _views(tx: Tx, rows: Sequence[tuple[Any, ...]]) -> tuple[TaskView, ...]:
    """Views of a page: two statements besides the page's own, however long it is."""
    if not rows:
        return ()
    stored = [Task(*row[:_WIDTH]) for row in rows]
    tx.vault.preload({one.subject_id for one in stored if one.subject_id is not None})
    people = {one.id: number for number, one in (await staff.directory(tx)).items()}
    others = await tasks.participants_of([one.id for one in stored])
    return tuple(
        _view(tx, task, row[_WIDTH:], people, others.get(task.id, []))
        for task, row in zip(stored, rows, strict=True)
    )


def _view(
    tx: Tx, task: Task, joined: tuple[Any, ...], people: dict[UUID, int], others: list[UUID]
) -> TaskView:
    order_number, project, *client = joined
    words = tasks.open_words(tx, task.id, task.subject_id, task.words)
    outcome = tasks.open_outcome(tx, task)
    return TaskView(
        id=task.id,
        number=task.number,
        version=task.version,
        kind=task.kind,
        state=task.state,
        title=None if words is None else Personal(words.title),
        text=None if words is None else Personal(words.text),
        items=() if words is None else words.items,
        items_count=task.items_count,
        items_done=task.items_done,
        due_at=task.due_at,
        all_day=bool(task.all_day),
        first_due_at=task.first_due_at,
        postponed=task.postponed,
        remind_at=task.remind_at,
        performer=people.get(task.performer_id, 0),
        setter=0 if task.setter_id == NOBODY else people.get(task.setter_id, 0),
        participants=tuple(people.get(one, 0) for one in others),
        customer=_client(tx, client),
        order_number=order_number,
        project=project,
        result=task.result,
        outcome=Personal(outcome) if outcome else None,
        repeat=task.repeat,
        created_at=task.created_at,
        closed_at=task.closed_at,
    )


def _client(tx: Tx, columns: Sequence[Any]) -> CustomerBrief | None:
    """Who a task is about, from the columns of the join in the order `brief` takes them."""
    if columns[0] is None:
        return None
    customer_id, number, kind, state, subject_id, cell = columns
    return brief(tx, customer_id, number, kind, state, subject_id, cell, None)


async def waiting(tx: Tx, day_ends: datetime) -> int:
    """Open tasks the actor performs that are due by the end of today, up to `MOST_COUNTED`.

    What is due at any time of the day is due in its last minute (`domain.tasks.end_of_day`).
    """
    row = await fetch_one(
        "SELECT COUNT(*) FROM (SELECT 1 FROM task WHERE performer_id = {} AND state = 'open' "
        "AND due_at <= {} LIMIT {}) waiting",
        tx.actor.id,
        day_ends,
        MOST_COUNTED,
    )
    return 0 if row is None else int(row[0])


async def counts(tx: Tx, day_ends: datetime) -> TaskCounts:
    """Open tasks the actor performs, by when."""
    row = await fetch_one(
        "SELECT SUM(CASE WHEN due_at < {} THEN 1 ELSE 0 END), "
        "SUM(CASE WHEN due_at >= {} AND due_at <= {} THEN 1 ELSE 0 END), "
        "SUM(CASE WHEN due_at > {} THEN 1 ELSE 0 END) FROM task "
        "WHERE performer_id = {} AND state = 'open'",
        tx.now,
        tx.now,
        day_ends,
        day_ends,
        tx.actor.id,
    )
    if row is None or row[0] is None:
        return TaskCounts()
    return TaskCounts(overdue=int(row[0]), today=int(row[1]), later=int(row[2]))


async def team(tx: Tx, since: datetime, until: datetime) -> tuple[TeamLine, ...]:
    """What each subordinate did, let slip and put off in a period: one pass over its tasks."""
    scope, args = visible(tx, "t.performer_id")
    rows = await fetch(
        "SELECT t.performer_id, "
        "SUM(CASE WHEN t.state = 'done' AND t.closed_at >= {} AND t.closed_at < {} "
        "THEN 1 ELSE 0 END), "
        "SUM(CASE WHEN t.state = 'done' AND t.closed_at >= {} AND t.closed_at < {} "
        "AND t.closed_at > t.due_at THEN 1 ELSE 0 END), "
        "SUM(CASE WHEN t.state = 'open' AND t.due_at >= {} AND t.due_at < {} AND t.due_at < {} "
        "THEN 1 ELSE 0 END), "
        "SUM(CASE WHEN t.postponed > 0 AND t.state <> 'cancelled' THEN 1 ELSE 0 END), "
        "SUM(CASE WHEN t.state = 'open' AND t.due_at >= {} THEN 1 ELSE 0 END) "
        f"FROM task t WHERE {scope} AND (t.due_at >= {{}} AND t.due_at < {{}} "
        "OR t.closed_at >= {} AND t.closed_at < {}) GROUP BY t.performer_id",
        *(since, until, since, until, since, until, tx.now, tx.now),
        *args,
        *(since, until, since, until),
    )
    people = {one.id: number for number, one in (await staff.directory(tx)).items()}
    lines = [
        TeamLine(
            user=people.get(row[0], 0),
            done=int(row[1]),
            late=int(row[2]),
            overdue=int(row[3]),
            postponed=int(row[4]),
            ahead=int(row[5]),
        )
        for row in rows
    ]
    return tuple(sorted(lines, key=lambda line: (-line.overdue, line.user)))
