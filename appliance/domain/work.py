"""What the screens of the working day show: tasks, notices, plans, the queue of «Сегодня»."""

from collections.abc import Mapping
from datetime import date, datetime

import msgspec

from appliance.domain.desk import Codes
from appliance.domain.notices import Notice, NoticeChoice
from appliance.domain.references import Reference
from appliance.domain.tasks import Project, TaskCounts, TaskPage, TaskView, TeamLine
from appliance.domain.users import Team
from appliance.domain.workdays import CalendarDay, WorkHours


class WorkWords(msgspec.Struct, frozen=True, kw_only=True):
    """Names behind the codes of tasks: kinds and results by code, open projects.

    Attributes:
        logins: of those who work here now → number.
    """

    kinds: Mapping[str, Reference]
    results: Mapping[str, Reference]
    projects: tuple[Project, ...]
    logins: Mapping[str, int]


class TasksScreen(msgspec.Struct, frozen=True, kw_only=True):
    """The list of tasks."""

    page: TaskPage
    counts: TaskCounts
    codes: Codes
    words: WorkWords


class TaskScreen(msgspec.Struct, frozen=True, kw_only=True):
    """One task. `history`: who changed which fields, newest first."""

    task: TaskView
    history: tuple["TaskEvent", ...]
    codes: Codes
    words: WorkWords


class TaskEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a task changed; words themselves are not told."""

    at: datetime
    field: str
    created: bool
    old: object
    new: object
    by: int


class CalendarScreen(msgspec.Struct, frozen=True, kw_only=True):
    """Tasks between two days, with what the production calendar says of them.

    Attributes:
        teams: departments one may choose; none for whoever sees his own tasks only.
    """

    tasks: tuple[TaskView, ...]
    teams: tuple[Team, ...]
    days: Mapping[date, CalendarDay]
    hours: WorkHours
    codes: Codes
    words: WorkWords


class ProjectsScreen(msgspec.Struct, frozen=True, kw_only=True):
    """Projects of the actor, those under way first."""

    projects: tuple[Project, ...]
    codes: Codes


class ProjectScreen(msgspec.Struct, frozen=True, kw_only=True):
    """A project with its tasks by time. `may_lead`: the actor may rename, share and close it."""

    project: Project
    tasks: tuple[TaskView, ...]
    may_lead: bool
    codes: Codes
    words: WorkWords


class NoticesScreen(msgspec.Struct, frozen=True, kw_only=True):
    """What the actor was told, newest first. `upto`: the newest number, for «прочитано»."""

    rows: tuple[Notice, ...]
    after: int | None
    upto: int
    choice: NoticeChoice
    codes: Codes


class Bell(msgspec.Struct, frozen=True, kw_only=True):
    """What the bell shows, and notices to be shown by themselves.

    Attributes:
        unread: notices; `tasks`: those the actor has to do by tonight.
    """

    unread: int
    tasks: int
    fresh: tuple[Notice, ...]


class PlanLine(msgspec.Struct, frozen=True, kw_only=True):
    """A month of one colleague or the firm: kopecks.

    Attributes:
        user: 0 is everybody together.
        target: 0 where nobody set one.
        orders: placed in the month and not cancelled; `total` is their sum.
    """

    user: int
    target: int
    orders: int
    total: int


class TeamScreen(msgspec.Struct, frozen=True, kw_only=True):
    """The head's report on tasks."""

    lines: tuple[TeamLine, ...]
    codes: Codes


class TeamPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A month of a department: kopecks; what its people sold together."""

    team: Team
    target: int
    orders: int
    total: int


class DayScreen(msgspec.Struct, frozen=True, kw_only=True):
    """«Сегодня» beside the orders that wait.

    Attributes:
        due: open tasks of the actor due by tonight, the longest overdue first.
        agenda: what has a time today, done ones too.
        postponed: of his open tasks due tomorrow, how many.
        done: how many he closed today.
        plan: his month; None where he sells nothing and nobody set a plan.
        team: the month of each colleague, for a head.
        today: what each of them sold today, by number: orders and kopecks.
    """

    due: tuple[TaskView, ...]
    agenda: tuple[TaskView, ...]
    postponed: int
    done: int
    plan: PlanLine | None
    team: tuple[PlanLine, ...]
    today: Mapping[int, tuple[int, int]]
    codes: Codes
    words: WorkWords
    teams: tuple[TeamPlan, ...] = ()
