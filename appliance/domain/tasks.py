"""Tasks: something to be done by somebody until a time, with a result."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from appliance.domain.customers import CustomerBrief
from appliance.domain.fields import FieldValue
from appliance.domain.personal import Personal

MOST_TITLE: Final = 300
MOST_TEXT: Final = 10_000
MOST_ITEMS: Final = 50
MOST_PARTICIPANTS: Final = 50


class TaskState(StrEnum):
    """Where a task stands. Postponed is no state: it is open, with a count and its first due."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class Repeat(StrEnum):
    """How often a task comes again."""

    NEVER = ""
    DAILY = "daily"
    WORKDAYS = "workdays"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class CheckItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a task's checklist."""

    text: str
    done: bool = False

    def __repr__(self) -> str:
        return "CheckItem(•••)"


class TaskWords(msgspec.Struct, frozen=True, omit_defaults=True):
    """Blob of `task.words`: under the client's key, or the box's own secret without a client."""

    v: int = 1
    title: str = ""
    text: str = ""
    items: tuple[CheckItem, ...] = ()

    def __repr__(self) -> str:
        return "TaskWords(•••)"


class TaskOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """Blob of `task.outcome`: what came of it, sealed like the words."""

    v: int = 1
    text: str = ""

    def __repr__(self) -> str:
        return "TaskOutcome(•••)"


class TaskDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A task to be added.

    Attributes:
        kind: code of the list `task-kinds`.
        due_at: aware UTC; of an all-day task the last minute of that day (see `end_of_day`).
        remind_at: when to tell the performer; None for a call means at its time, else not at all.
        setter_id: None is whoever acts now; the house itself has nobody to report to.
        customer_id: None with an order takes the order's buyer; then the words are sealed under
            the client's key.
        series_id, occurrence: of one that repeats; left to the storage.
        month_day: day of the month a monthly one is due, so that the 31st comes back after
            February.
    """

    title: Personal[str]
    performer_id: UUID
    due_at: datetime
    kind: str = "task"
    text: Personal[str] = Personal("")
    items: tuple[Personal[str], ...] = ()
    all_day: bool = False
    remind_at: datetime | None = None
    setter_id: UUID | None = None
    participants: tuple[UUID, ...] = ()
    customer_id: UUID | None = None
    order_id: UUID | None = None
    deal_id: UUID | None = None
    project_id: UUID | None = None
    repeat: Repeat = Repeat.NEVER
    series_id: UUID | None = None
    occurrence: int = 0
    month_day: int = 0


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """When an all-day task is due: the day's last minute where the box stands, as UTC."""
    return datetime.combine(day, time(23, 59), zone).astimezone(UTC)


def next_due(
    repeat: Repeat,
    due_at: datetime,
    after: datetime,
    zone: ZoneInfo,
    *,
    month_day: int = 0,
    is_off: Mapping[date, bool] | None = None,
) -> datetime:
    """When a task that repeats is due next: its first time later than both `due_at` and `after`.

    What a sleeping box missed is left out, so nobody comes back to a heap of the same task.

    Args:
        repeat: how often; not `NEVER`.
        due_at: of the one before.
        after: now.
        zone: of the box: 9 o'clock stays 9 o'clock over a change of clocks.
        month_day: day of the month a monthly one began at; 0 takes it from `due_at`.
        is_off: known days that are (or are not) days off; others are off on weekends.
    """
    local = due_at.astimezone(zone)
    day, clock = local.date(), local.time()
    wanted = month_day or day.day
    while True:
        day = _step(repeat, day, wanted, is_off or {})
        found = datetime.combine(day, clock, zone).astimezone(UTC)
        if found > after and found > due_at:
            return found


def _step(repeat: Repeat, day: date, month_day: int, is_off: Mapping[date, bool]) -> date:
    match repeat:
        case Repeat.WEEKLY:
            return day + timedelta(days=7)
        case Repeat.MONTHLY:
            return _same_day_next_month(day, month_day)
        case Repeat.WORKDAYS:
            day += timedelta(days=1)
            while is_off.get(day, day.weekday() >= 5):
                day += timedelta(days=1)
            return day
        case _:
            return day + timedelta(days=1)


def _same_day_next_month(day: date, wanted: int) -> date:
    """The wanted day of the next month, or that month's last one."""
    first = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    last = ((first + timedelta(days=32)).replace(day=1) - timedelta(days=1)).day
    return first.replace(day=min(wanted, last))


class NewTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task as a colleague or a program asks for it: with numbers for people, not ids.

    Attributes:
        performer: a colleague's number; None is the one who asks.
        form: of what it was typed into: delivered twice, it sets one task.
    """

    title: Personal[str]
    due_at: datetime
    all_day: bool = False
    kind: str = ""
    text: Personal[str] = Personal("")
    items: tuple[Personal[str], ...] = ()
    performer: int | None = None
    participants: tuple[int, ...] = ()
    remind_at: datetime | None = None
    order: int | None = None
    customer: int | None = None
    project: int | None = None
    repeat: Repeat = Repeat.NEVER
    month_day: int = 0
    form: UUID | None = None


class TaskEdit(msgspec.Struct, frozen=True, kw_only=True):
    """What changes in a task; what is None stays. `order` and `customer` cannot change.

    Attributes:
        no_reminder: take the reminder away.
    """

    title: Personal[str] | None = None
    text: Personal[str] | None = None
    items: tuple[Personal[str], ...] | None = None
    kind: str | None = None
    due_at: datetime | None = None
    all_day: bool | None = None
    remind_at: datetime | None = None
    no_reminder: bool = False
    performer: int | None = None
    participants: tuple[int, ...] | None = None
    project: int | None = None
    repeat: Repeat | None = None


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a task: a code of the list `task-results`, and words."""

    code: str = ""
    text: Personal[str] = Personal("")


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """A small project.

    Attributes:
        owner, members: numbers of colleagues.
        tasks, closed: how many tasks it has, and how many of them are closed.
    """

    id: UUID
    number: int
    name: str
    owner: int
    open: bool
    members: tuple[int, ...]
    tasks: int
    closed: int
    created_at: datetime


class TaskFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which tasks a list shows.

    Attributes:
        performers: numbers of colleagues; empty means whoever the actor may see.
        mine: those the actor performs or takes part in; `set_by_me`: those he set to others.
        states: of `TaskState`; empty means open ones.
        due_from, due_to: aware bounds, the second one excluded; `created_from`, `created_to` too.
        shop: only what is about this shop's orders and clients, or about nobody.
        custom: (code, value as typed) of fields of the house's own making.
    """

    mine: bool = False
    set_by_me: bool = False
    performers: tuple[int, ...] = ()
    states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    postponed: bool = False
    project: int | None = None
    order: int | None = None
    customer: int | None = None
    due_from: datetime | None = None
    due_to: datetime | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    numbers: tuple[int, ...] = ()
    shop: str = ""
    custom: tuple[tuple[str, str], ...] = ()


class TaskView(msgspec.Struct, frozen=True, kw_only=True):
    """A task as the actor may see it.

    Attributes:
        title: None where the grant hides it or the client was destroyed.
        performer, setter, participants: numbers of colleagues; 0 is the house.
    """

    id: UUID
    number: int
    version: int
    kind: str
    state: str
    title: Personal[str] | None
    text: Personal[str] | None
    items: tuple[CheckItem, ...]
    items_count: int
    items_done: int
    due_at: datetime
    all_day: bool
    first_due_at: datetime
    postponed: int
    remind_at: datetime | None
    performer: int
    setter: int
    participants: tuple[int, ...]
    customer: CustomerBrief | None
    order_number: int | None
    project: int | None
    result: str
    outcome: Personal[str] | None
    repeat: str
    created_at: datetime
    closed_at: datetime | None
    custom: tuple[FieldValue, ...] = ()


class TaskPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of tasks by key: by time due, the earliest first; closed ones the last closed first.

    Attributes:
        after: cursor of the next page, None at the end.
    """

    rows: tuple[TaskView, ...]
    after: str | None = None


class TaskCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Open tasks the actor performs: how many wait, and since when."""

    overdue: int = 0
    today: int = 0
    later: int = 0


class TeamLine(msgspec.Struct, frozen=True, kw_only=True):
    """One colleague's tasks over a period.

    Attributes:
        done: closed as done in it; `late` of them after their time.
        overdue: open now, with a time in the period that has passed.
        postponed: due in the period or closed in it, and postponed at least once.
        ahead: open ones due later.
    """

    user: int
    done: int
    late: int
    overdue: int
    postponed: int
    ahead: int
