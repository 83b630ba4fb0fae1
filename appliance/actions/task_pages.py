"""Pages of tasks, each read in one action."""

from datetime import date, datetime

import msgspec

from appliance.actions import _tasks
from appliance.actions._gate import action
from appliance.domain.desk import Codes
from appliance.domain.grants import Scope
from appliance.domain.tasks import TaskFilter, TaskPage, TaskView
from appliance.domain.work import (
    CalendarScreen,
    TaskEvent,
    TaskScreen,
    TasksScreen,
    TeamScreen,
    WorkWords,
)
from appliance.domain.workdays import WorkHours
from appliance.roles import Permission
from appliance.storage import (
    departments,
    desk,
    references,
    settings,
    task_lists,
    workdays,
)
from appliance.storage.change_entries import plain
from appliance.storage.statements import fetch
from appliance.storage.tx import Tx

PAGE = 50
MOST_IN_A_CALENDAR = 1000
ON_A_CARD = 40


@action(Permission.TASK_VIEW, reads=True)
async def index(
    tx: Tx, asked: TaskFilter, day_ends: datetime, after: str | None = None, limit: int = PAGE
) -> TasksScreen:
    """A page of the list.

    Args:
        tx: of the actor.
        asked: the filter.
        day_ends: when today ends where the box stands.
        after: cursor of the page before.
        limit: rows of a page.

    Raises:
        Invalid: `cursor_unreadable`.
    """
    lists = await references.lists()
    return TasksScreen(
        page=await task_lists.with_fields(tx, await task_lists.page(tx, asked, after, limit)),
        counts=await task_lists.counts(tx, day_ends),
        codes=await desk.codes(tx, lists),
        words=await _tasks.words(tx, lists),
    )


@action(Permission.TASK_VIEW, reads=True)
async def list_page(tx: Tx, asked: TaskFilter, after: str | None, limit: int) -> TaskPage:
    """A page of the list alone, for programs.

    Raises:
        Invalid: `cursor_unreadable`.
    """
    return await task_lists.page(tx, asked, after, limit)


@action(Permission.TASK_VIEW, reads=True)
async def get(tx: Tx, number: int) -> TaskView:
    """One task, for programs.

    Raises:
        NotFound: `task_not_found`.
    """
    return await task_lists.one(tx, number)


@action(Permission.TASK_VIEW, reads=True)
async def card(tx: Tx, number: int) -> TaskScreen:
    """One task with its history.

    Raises:
        NotFound: `task_not_found`: absent, or not for this actor.
    """
    lists = await references.lists()
    task = await task_lists.one(tx, number)
    rows = await fetch(
        "SELECT at, field, kind, old_value, new_value, user_number FROM change_entry "
        "WHERE entity_id = {} ORDER BY number DESC LIMIT {}",
        task.id,
        ON_A_CARD,
    )
    return TaskScreen(
        task=task,
        history=tuple(
            TaskEvent(
                at=at,
                field=field,
                created=kind == "create",
                old=plain(old),
                new=plain(fresh),
                by=by,
            )
            for at, field, kind, old, fresh, by in rows
        ),
        codes=await desk.codes(tx, lists),
        words=await _tasks.words(tx, lists),
    )


@action(Permission.TASK_VIEW, reads=True)
async def calendar(
    tx: Tx, asked: TaskFilter, first: date, last: date, department: str = ""
) -> CalendarScreen:
    """Tasks of a stretch of days, open and closed, with holidays.

    Args:
        tx: of the actor.
        asked: a filter with both bounds of time.
        first: the first day shown.
        last: the last one.
        department: code of the one whose people are shown; an unknown one shows everybody.
    """
    lists = await references.lists()
    teams = () if tx.grant.scope is Scope.OWN else await departments.teams()
    chosen = next((one for one in teams if one.code == department), None)
    if chosen is not None:
        asked = msgspec.structs.replace(asked, performers=chosen.members, mine=False)
    return CalendarScreen(
        tasks=await task_lists.between(tx, asked, MOST_IN_A_CALENDAR),
        teams=teams,
        days=await workdays.days(first, last),
        hours=await settings.get(workdays.HOURS, WorkHours),
        codes=await desk.codes(tx, lists),
        words=await _tasks.words(tx, lists),
    )


@action(Permission.TASK_VIEW, reads=True, quiet=True)
async def words(tx: Tx) -> tuple[WorkWords, Codes]:
    """Names for a form, and for reading a typed line."""
    lists = await references.lists()
    return await _tasks.words(tx, lists), await desk.codes(tx, lists)


@action(Permission.TASK_REPORT, slow=True)
async def team(tx: Tx, since: datetime, until: datetime) -> TeamScreen:
    """What each subordinate did, let slip and put off in a period."""
    return TeamScreen(
        lines=await task_lists.team(tx, since, until),
        codes=await desk.codes(tx, await references.lists()),
    )
