"""For a head: what subordinates did, let slip and put off; plans of the month."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from litestar import Response, get, post

from appliance.actions import day, task_pages
from appliance.domain import formats, inputs
from appliance.domain.sheet_out import harmless
from appliance.domain.work import PlanLine, TeamPlan, TeamScreen
from appliance.errors import Invalid
from appliance.web import task_forms, texts, today_queue
from appliance.web.answers import WebRequest, go
from appliance.web.rendering import initials
from appliance.web.reports import XLSX
from appliance.web.screens import (
    Reader,
    counts_for,
    draw,
    look_of,
    reader_of,
    shell_of,
    tone_of,
)
from appliance.web.sheets import Cell, sheet

LONGEST: Final = 3700


def _period(reader: Reader, query: Mapping[str, str]) -> tuple[date, date]:
    """The days asked for; this month where they make no sense."""
    first, last = reader.today.replace(day=1), reader.today
    try:
        since = inputs.day(query["from"], reader.today) if query.get("from") else first
        until = inputs.day(query["to"], reader.today) if query.get("to") else last
    except Invalid:
        return first, last
    return (since, until) if since <= until <= since + timedelta(days=LONGEST) else (first, last)


async def _report(reader: Reader, query: Mapping[str, str]) -> tuple[TeamScreen, date, date]:
    since, until = _period(reader, query)

    def begins(of: date) -> datetime:
        return datetime.combine(of, time(), reader.zone).astimezone(UTC)

    found = await task_pages.team(reader.actor, begins(since), begins(until + timedelta(days=1)))
    return found, since, until


@get("/tasks/team")
async def team(request: WebRequest) -> Response[Any]:
    """Show the report."""
    reader = reader_of(request)
    found, since, until = await _report(reader, request.query_params)
    rows = [
        {
            "name": found.codes.name_of(one.user) or reader._("никто"),
            "initials": initials(found.codes.name_of(one.user)),
            "tone": tone_of(one.user),
            "done": one.done,
            "late": one.late,
            "overdue": one.overdue,
            "postponed": one.postponed,
            "ahead": one.ahead,
            "share": formats.percent(
                10_000 * (one.done - one.late) // one.done if one.done else 0, reader.language
            )
            if one.done
            else "",
            "open": f"/tasks?who=all&performer={one.user}",
            "closed": f"/tasks?who=all&state=done&performer={one.user}",
            "moved": f"/tasks?who=all&postponed=1&performer={one.user}",
        }
        for one in found.lines
    ]
    totals = {
        name: sum(getattr(one, name) for one in found.lines)
        for name in ("done", "late", "overdue", "postponed", "ahead")
    }
    return draw(
        request,
        reader,
        "tasks/team.html",
        look=look_of(request),
        shell=shell_of(request, reader, "tasks", await counts_for(reader), found.codes),
        rows=rows,
        totals=totals,
        since=since.isoformat(),
        until=until.isoformat(),
        periods=_periods(reader),
    )


def _periods(reader: Reader) -> list[tuple[str, str]]:
    today = reader.today
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    before = first - timedelta(days=1)
    return [
        (label, f"/tasks/team?from={since.isoformat()}&to={until.isoformat()}")
        for label, since, until in (
            (reader._("сегодня"), today, today),
            (reader._("неделя"), monday, today),
            (reader._("месяц"), first, today),
            (reader._("прошлый месяц"), before.replace(day=1), before),
        )
    ]


@get("/tasks/team.csv")
async def team_file(request: WebRequest) -> Response[Any]:
    """The same as a file that office programs open: semicolons, UTF-8 with its mark."""
    reader = reader_of(request)
    found, since, until = await _report(reader, request.query_params)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    _ = reader._
    writer.writerow(
        [
            _("Сотрудник"),
            _("Сделано"),
            _("из них с опозданием"),
            _("Просрочено"),
            _("Отложено"),
            _("Впереди"),
        ]
    )
    for one in found.lines:
        name = found.codes.name_of(one.user)
        writer.writerow([harmless(name), one.done, one.late, one.overdue, one.postponed, one.ahead])
    name = f"tasks-{since.isoformat()}-{until.isoformat()}.csv"
    return Response(
        ("\ufeff" + text.getvalue()).encode(),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


@get("/tasks/team.xlsx")
async def team_sheet(request: WebRequest) -> Response[Any]:
    """The same as a sheet: numbers are numbers, shares percents."""
    reader = reader_of(request)
    found, since, until = await _report(reader, request.query_params)
    _ = reader._
    days = f"{formats.day(since, reader.language)} – {formats.day(until, reader.language)}"
    lines: list[Sequence[Cell]] = [
        [f"{_('Задачи команды')}: {days}"],
        [_("Сотрудник"), _("Сделано"), _("из них с опозданием"), _("Просрочено"), _("Отложено"),
         _("Впереди")],
    ]  # fmt: skip
    lines += [
        [found.codes.name_of(one.user), one.done, one.late, one.overdue, one.postponed, one.ahead]
        for one in found.lines
    ]
    sums = [
        sum(getattr(one, name) for one in found.lines)
        for name in ("done", "late", "overdue", "postponed", "ahead")
    ]
    name = f"tasks-{since:%Y%m%d}-{until:%Y%m%d}.xlsx"
    return Response(
        sheet(_("Задачи команды"), [*lines, [_("Всего"), *sums]], heads=2),
        media_type=XLSX,
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


@get("/plans")
async def plans(request: WebRequest) -> Response[Any]:
    """Show this month's plans."""
    return await _plans(request, {}, {})


@post("/plans")
async def set_plans(request: WebRequest) -> Response[Any]:
    """Set this month's plans; a wrong sum keeps what was typed."""
    form, reader = await request.form(), reader_of(request)
    targets: dict[int, int] = {}
    teams: dict[str, int] = {}
    errors: dict[str, str] = {}
    typed: dict[str, str] = {}
    for name in form:
        number = name.removeprefix("plan-")
        if number == name or not (number.isdecimal() or number.startswith("d:")):
            continue
        typed[number] = task_forms.word(form, name)
        try:
            amount = inputs.money(typed[number]) if typed[number] else 0
            if number.isdecimal():
                targets[int(number)] = amount
            else:
                teams[number.removeprefix("d:")] = amount
        except Invalid as problem:
            errors[number] = texts.error(problem.code, reader.language, {}).title
    if not errors:
        try:
            await day.set_plan(reader.actor, today_queue.bounds(reader).first, targets, teams)
        except Invalid as problem:
            errors = {
                name if name.isdecimal() else f"d:{name}": texts.error(
                    code, reader.language, {}
                ).title
                for name, code in problem.fields.items()
            }
    return await _plans(request, typed, errors) if errors else go(request, "/")


async def _plans(
    request: WebRequest, typed: dict[str, str], errors: dict[str, str]
) -> Response[Any]:
    reader = reader_of(request)
    found = await day.plan(reader.actor, today_queue.bounds(reader))
    return draw(
        request,
        reader,
        "tasks/plans.html",
        status=422 if errors else 200,
        look=look_of(request),
        shell=shell_of(request, reader, "today", await counts_for(reader), found.codes),
        month=formats.month(reader.today, reader.language),
        wrong=len(errors),
        rows=[
            _plan_row(reader, str(one.user), found.codes.name_of(one.user), one, typed, errors)
            for one in found.team
        ],
        teams=[
            _plan_row(reader, f"d:{one.team.code}", one.team.name, one, typed, errors)
            for one in found.teams
        ],
    )


def _plan_row(
    reader: Reader,
    key: str,
    name: str,
    one: PlanLine | TeamPlan,
    typed: dict[str, str],
    errors: dict[str, str],
) -> dict[str, str]:
    """One target with how far it is."""
    target = formats.money(one.target, reader.language, sign=False) if one.target else ""
    return {
        "number": key,
        "name": name,
        "value": typed.get(key, target),
        "error": errors.get(key, ""),
        "fact": formats.money_whole(one.total, reader.language),
        "orders": formats.number(one.orders, reader.language),
    }


HANDLERS: Final = (team, team_file, team_sheet, plans, set_plans)
