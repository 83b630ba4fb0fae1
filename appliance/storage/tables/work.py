"""The working day: tasks, projects, notices, plans, the calendar."""

from piccolo.columns import UUID, BigInt, Boolean, Date, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7
from appliance.storage.tables.columns import sealed


class TaskRow(Table, tablename="task"):
    """Something to be done. Its words are sealed: by the client's key, else the box's secret."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    version = Integer(default=1)
    kind = Varchar(length=64)  # of the list task-kinds
    state = Varchar(length=16, default="open")  # domain.tasks.TaskState
    subject_id = UUID(null=True, default=None)  # whose key seals the cells; NULL: the box's secret
    words = sealed()  # of domain.tasks.TaskWords
    outcome = sealed()  # of domain.tasks.TaskOutcome
    items_count = Integer(default=0)
    items_done = Integer(default=0)
    due_at = Timestamptz()
    all_day = Boolean(default=False)
    first_due_at = Timestamptz()  # before anybody postponed it
    postponed = Integer(default=0)
    remind_at = Timestamptz(null=True, default=None)
    reminded_at = Timestamptz(null=True, default=None)
    overdue_told_at = Timestamptz(null=True, default=None)
    performer_id = UUID()
    setter_id = UUID()  # the zero UUID: the house
    customer_id = UUID(null=True, default=None)
    order_id = UUID(null=True, default=None)
    deal_id = UUID(null=True, default=None)
    project_id = UUID(null=True, default=None)
    result = Varchar(length=64, default="")  # of the list task-results
    repeat = Varchar(length=16, default="")  # domain.tasks.Repeat
    series_id = UUID(null=True, default=None)
    occurrence = Integer(default=0)
    month_day = Integer(default=0)
    followed = Boolean(default=False)  # the next of the series was made, or will not be
    external = Text(default="{}")  # JSON: what only the API's answer needs
    created_at = Timestamptz()
    updated_at = Timestamptz()
    closed_at = Timestamptz(null=True, default=None)
    closed_by = UUID(null=True, default=None)


class TaskMemberRow(Table, tablename="task_member"):
    """A colleague who takes part in a task beside its performer."""

    id = UUID(primary_key=True, default=uuid7)
    task_id = UUID()
    user_id = UUID()


class ProjectRow(Table, tablename="project"):
    """A small project: a name for tasks that belong together."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    name = sealed()  # under the box's secret: people's names get into it
    owner_id = UUID()
    state = Varchar(length=16, default="open")  # open, done
    created_at = Timestamptz()


class ProjectMemberRow(Table, tablename="project_member"):
    """A colleague who sees every task of a project."""

    id = UUID(primary_key=True, default=uuid7)
    project_id = UUID()
    user_id = UUID()


class SnoozeRow(Table, tablename="snooze"):
    """An order that one colleague put out of the queue of his day until a moment."""

    id = UUID(primary_key=True, default=uuid7)
    user_id = UUID()
    order_id = UUID()
    status = Varchar(length=64)  # as it was: an order that moved on is back at once
    wakes_at = Timestamptz()


class NoticeRow(Table, tablename="notice"):
    """One thing a colleague is told: ids and codes only."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    user_id = UUID()
    kind = Varchar(length=32)  # domain.notices.NoticeKind
    entity = Varchar(length=16)
    entity_id = UUID(null=True, default=None)
    entity_number = BigInt(default=0)
    by_number = BigInt(default=0)
    at = Timestamptz()
    show_at = Timestamptz()  # later than `at` where it arose in quiet hours
    popped = Boolean(default=False)  # a browser has shown it by itself
    read_at = Timestamptz(null=True, default=None)


class NoticeChoiceRow(Table, tablename="notice_choice"):
    """What one colleague wants to be told, and when."""

    user_id = UUID(primary_key=True)
    muted = Text(default="")  # kinds, comma separated
    quiet_from = Integer(default=0)  # minutes after midnight
    quiet_to = Integer(default=0)
    time_zone = Varchar(length=64, default="UTC")
    by_mail = Boolean(default=False)  # letters, too, to the address of his account


class PlanRow(Table, tablename="plan"):
    """A month's target of sales, kopecks, of a colleague or a department."""

    id = UUID(primary_key=True, default=uuid7)
    month = Date()  # its first day
    holder = Varchar(length=16)  # user, department
    holder_id = UUID()
    target = BigInt()
    set_by = UUID()
    set_at = Timestamptz()


class CalendarDayRow(Table, tablename="calendar_day"):
    """A day that is not like its weekday, or is like it for sure: from a loaded file."""

    day = Date(primary_key=True)
    kind = Varchar(length=8)  # domain.workdays.DayKind
    note = Varchar(length=200, default="")
