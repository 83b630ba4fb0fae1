"""The calendar of tasks: a day by colleagues, a week, a month; moving a task in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from appliance.actions import task_pages, tasks
from appliance.domain import formats, inputs
from appliance.domain.tasks import TaskEdit, TaskFilter, TaskState, end_of_day
from appliance.domain.work import CalendarScreen
from appliance.domain.workdays import CalendarDay, DayKind
from appliance.errors import Invalid
from appliance.roles import Permission
from appliance.web import task_forms, task_rows
from appliance.web.answers import WebRequest
from appliance.web.screens import (
    Reader,
    counts_for,
    draw,
    look_of,
    reader_of,
    shell_of,
    toast_and,
)
from appliance.web.shell import N_
from appliance.web.task_rows import TaskLine

CHANGED: Final = "work-changed"
VIEWS: Final = ("day", "week", "month")
FIRST_HOUR, LAST_HOUR = 8, 20
MOST_IN_A_CELL: Final = 4
SHIFTS: Final[Mapping[str, timedelta]] = {
    "-15m": timedelta(minutes=-15),
    "15m": timedelta(minutes=15),
    "-1d": timedelta(days=-1),
    "1d": timedelta(days=1),
}
_WEEK: Final = (N_("пн"), N_("вт"), N_("ср"), N_("чт"), N_("пт"), N_("сб"), N_("вс"))


@dataclass(frozen=True, slots=True)
class Shown:
    """What is looked at: a view and the day it is around; `team`: everybody one may see."""

    view: str
    day: date
    team: bool
    department: str = ""

    @property
    def span(self) -> tuple[date, date]:
        """First and last day shown; months begin on a Monday and fill six weeks at most."""
        if self.view == "day":
            return self.day, self.day
        if self.view == "week":
            first = self.day - timedelta(days=self.day.weekday())
            return first, first + timedelta(days=6)
        first = self.day.replace(day=1)
        last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        return first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())

    def address(self, **other: Any) -> str:
        """The address of this, with changes."""
        values = {"view": self.view, "day": self.day.isoformat()} | other
        is_team = other.get("team", self.team)
        values |= {"team": "1" if is_team else ""}
        values |= {"department": other.get("department", self.department) if is_team else ""}
        return "/tasks/calendar?" + urlencode({k: v for k, v in values.items() if v})

    def stepped(self, step: int) -> str:
        """The address of the stretch before or after."""
        if self.view == "month":
            first = self.day.replace(day=1)
            other = first + timedelta(days=32) if step > 0 else first - timedelta(days=1)
            return self.address(day=other.replace(day=1).isoformat())
        days = step * (1 if self.view == "day" else 7)
        return self.address(day=(self.day + timedelta(days=days)).isoformat())


def read(query: Mapping[str, str], today: date) -> Shown:
    """Read an address; what is unknown in it is left out."""
    view = query.get("view", "week")
    try:
        day = date.fromisoformat(query.get("day", ""))
        if abs((day - today).days) > 3660:
            day = today
    except ValueError:
        day = today
    return Shown(
        view if view in VIEWS else "week",
        day,
        query.get("team") == "1",
        query.get("department", "")[:64],
    )


class CalendarPages(Controller):
    """The calendar."""

    path = "/tasks"

    @get("/calendar")
    async def show(self, request: WebRequest) -> Response[Any]:
        """Show a day, a week or a month."""
        reader = reader_of(request)
        shown = read(request.query_params, reader.today)
        first, last = shown.span
        asked = TaskFilter(
            mine=not shown.team,
            states=(TaskState.OPEN.value, TaskState.DONE.value),
            due_from=datetime.combine(first, time(), reader.zone).astimezone(UTC),
            due_to=datetime.combine(last + timedelta(days=1), time(), reader.zone).astimezone(UTC),
        )
        found = await task_pages.calendar(
            reader.actor, asked, first, last, shown.department if shown.team else ""
        )
        lines = task_rows.lines(reader, found.tasks, found.codes, found.words)
        grant = reader.actor.grants.get(Permission.TASK_VIEW.value)
        return draw(
            request,
            reader,
            "tasks/calendar.html",
            look=look_of(request),
            shell=shell_of(request, reader, "tasks", await counts_for(reader), found.codes),
            shown=shown,
            heading=_heading(reader, shown),
            today_href=shown.address(day=reader.today.isoformat()),
            previous=shown.stepped(-1),
            following=shown.stepped(1),
            views=[
                ("list", reader._("Список"), "/tasks"),
                ("day", reader._("День"), shown.address(view="day")),
                ("week", reader._("Неделя"), shown.address(view="week")),
                ("month", reader._("Месяц"), shown.address(view="month")),
            ],
            team=None
            if grant is None or grant.scope <= 1
            else [
                ("mine", reader._("Мой"), shown.address(team="")),
                ("team", reader._("Команда"), shown.address(team="1", department="")),
            ],
            departments=[]
            if not shown.team or len(found.teams) < 1
            else [
                (reader._("все отделы"), shown.address(department=""), not shown.department),
                *(
                    (one.name, shown.address(department=one.code), one.code == shown.department)
                    for one in found.teams
                ),
            ],
            grid=None if shown.view == "month" else _grid(reader, shown, found, lines),
            weeks=_weeks(reader, shown, found, lines) if shown.view == "month" else None,
            count=len(lines),
        )

    @post("/{number:int}/move")
    async def move(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Move a task: onto a slot (day, hour, performer), or by a key (`by`)."""
        form, reader = await request.form(), reader_of(request)
        task = await task_pages.get(reader.actor, number)
        due_at, all_day = _moved(reader, form, task.due_at, all_day=task.all_day)
        version = task.version
        performer = task_forms.number(form, "performer")
        if performer and performer != task.performer:
            made = await tasks.edit(reader.actor, number, TaskEdit(performer=performer), version)
            version = made.version
        if due_at == task.due_at and all_day == task.all_day:
            return Response(b"", status_code=204, headers=toast_and("", "", CHANGED))
        made = await tasks.move(reader.actor, number, due_at, all_day=all_day, version=version)
        when = formats.moment(due_at, reader.now, reader.zone, reader.language)
        if all_day:
            when = formats.day_words(due_at.astimezone(reader.zone).date(), reader.language)
        return Response(
            b"",
            status_code=204,
            headers=toast_and(
                reader._("Перенесено: %(when)s") % {"when": when},
                f"/tasks/{number}/undo?version={made.version}",
                CHANGED,
            ),
        )


def _moved(reader: Reader, form: Any, due_at: datetime, *, all_day: bool) -> tuple[datetime, bool]:
    """Where a task goes.

    Raises:
        Invalid: at `day`.
    """
    by = SHIFTS.get(task_forms.word(form, "by"))
    local = due_at.astimezone(reader.zone)
    if by is not None:
        if all_day and abs(by) < timedelta(days=1):
            return due_at, True
        # By the clock on the wall: 9 o'clock stays 9 o'clock over a change of clocks.
        moved = (local.replace(tzinfo=None) + by).replace(tzinfo=reader.zone)
        return moved.astimezone(UTC), all_day
    try:
        day = inputs.day(task_forms.word(form, "day"), reader.today)
    except Invalid as problem:
        raise Invalid(fields={"day": problem.code}) from None
    hour = task_forms.number(form, "hour")
    if hour is not None and hour < 24:
        clock = time(hour, 0 if all_day else local.minute)
        return datetime.combine(day, clock, reader.zone).astimezone(UTC), False
    if task_forms.word(form, "hour") == "day" or all_day:
        return end_of_day(day, reader.zone), True
    return datetime.combine(day, local.timetz().replace(tzinfo=None), reader.zone).astimezone(
        UTC
    ), False


def _heading(reader: Reader, shown: Shown) -> str:
    if shown.view == "day":
        words = formats.day_words(
            shown.day, reader.language, year=shown.day.year != reader.today.year
        )
        return f"{reader._(_WEEK[shown.day.weekday()])}, {words}"
    first, last = shown.span
    if shown.view == "week":
        if reader.language == "ru" and first.month == last.month:
            begins = str(first.day)
        else:
            begins = formats.day_words(first, reader.language)
        dash = "–" if begins.isdigit() else " – "
        return (
            f"{begins}{dash}"
            f"{formats.day_words(last, reader.language, year=last.year != reader.today.year)}"
        )
    return formats.month(shown.day, reader.language)


def _day(reader: Reader, found: CalendarScreen, day: date) -> dict[str, Any]:
    known: CalendarDay | None = found.days.get(day)
    free = day.weekday() >= 5 if known is None else known.kind is DayKind.OFF
    note = "" if known is None else known.note
    if known is not None and known.kind is DayKind.SHORT:
        note = reader._("короткий день")
    return {
        "iso": day.isoformat(),
        "number": day.day,
        "name": f"{reader._(_WEEK[day.weekday()])} {day.day}",
        "today": day == reader.today,
        "free": free,
        "note": note,
        "href": f"/tasks/calendar?view=day&day={day.isoformat()}",
    }


def _grid(
    reader: Reader, shown: Shown, found: CalendarScreen, lines: Sequence[TaskLine]
) -> dict[str, Any]:
    """Hours down; days, or for a team's day the colleagues, across."""
    first, last = shown.span
    if shown.view == "day" and shown.team:
        numbers = sorted({one.performer_number for one in lines} | {reader.actor.number})
        day = _day(reader, found, shown.day)
        columns = [
            {**day, "name": found.codes.name_of(number), "performer": number, "note": ""}
            for number in numbers
        ]
        place = {number: at for at, number in enumerate(numbers)}
        column_of = [place[one.performer_number] for one in lines]
    else:
        days = [first + timedelta(days=at) for at in range((last - first).days + 1)]
        columns = [{**_day(reader, found, day), "performer": 0} for day in days]
        column_of = [(one.local.date() - first).days for one in lines]
    hours = [one.local.hour for one in lines if not one.all_day]
    begins, ends = min([FIRST_HOUR, *hours]), max([LAST_HOUR, *hours])
    rows: list[dict[str, Any]] = []
    for hour in (None, *range(begins, ends + 1)):
        cells: list[list[TaskLine]] = [[] for _ in columns]
        for one, column in zip(lines, column_of, strict=True):
            if (None if one.all_day else one.local.hour) == hour:
                cells[column].append(one)
        rows.append({"hour": hour, "cells": cells})
    return {"columns": columns, "rows": rows, "whose": shown.team and shown.view != "day"}


def _weeks(
    reader: Reader, shown: Shown, found: CalendarScreen, lines: Sequence[TaskLine]
) -> list[list[dict[str, Any]]]:
    first, last = shown.span
    by_day: dict[date, list[TaskLine]] = {}
    for one in lines:
        by_day.setdefault(one.local.date(), []).append(one)
    cells: list[dict[str, Any]] = []
    for at in range((last - first).days + 1):
        day = first + timedelta(days=at)
        inside = by_day.get(day, [])
        cells.append(
            {
                **_day(reader, found, day),
                "out": day.month != shown.day.month,
                "tasks": inside[:MOST_IN_A_CELL],
                "more": len(inside) - MOST_IN_A_CELL if len(inside) > MOST_IN_A_CELL else 0,
            }
        )
    return [cells[at : at + 7] for at in range(0, len(cells), 7)]
