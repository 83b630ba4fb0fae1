"""Tasks, projects, notices, plans, the calendar, and the lists tasks lean on."""

from appliance.roles import PRESETS, Permission
from appliance.storage import roles_store, seed
from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import (
    CalendarDayRow,
    NoticeChoiceRow,
    NoticeRow,
    PlanRow,
    ProjectMemberRow,
    ProjectRow,
    TaskMemberRow,
    TaskRow,
)
from appliance.storage.tables.indexes import WORK_INDEXES


async def up(m: Migration) -> None:
    """Add what a box of an earlier release lacks; a new box has it from 0001 on."""
    await m.create_tables(
        TaskRow,
        TaskMemberRow,
        ProjectRow,
        ProjectMemberRow,
        NoticeRow,
        NoticeChoiceRow,
        PlanRow,
        CalendarDayRow,
    )
    for index in WORK_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
    await m.data(seed.fill_lists_of_tasks)
    await m.data(_grant)


async def _grant() -> None:
    await roles_store.grant_new(
        PRESETS,
        Permission.TASK_VIEW,
        Permission.TASK_EDIT,
        Permission.TASK_REPORT,
        Permission.PLAN_EDIT,
    )
