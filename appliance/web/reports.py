"""Reports: sales and payments, requests and refusals, the funnel, stock at cost."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from litestar import Controller, Response, get, post

from appliance.actions import desk, reports
from appliance.domain import formats
from appliance.domain.grants import Scope
from appliance.domain.reports import SMALL, Against, Cut, Report, Row, Step, step_of
from appliance.errors import Denied, Invalid
from appliance.roles import Permission
from appliance.web import funnel_report, report_charts, report_filters, report_rows, texts
from appliance.web.answers import WebRequest, go
from appliance.web.report_filters import REQUESTS, SALES, Wish
from appliance.web.report_frame import NAMES, groups, periods, span_words
from appliance.web.report_rows import HEADS, MEASURES, TITLES
from appliance.web.screens import (
    Reader,
    counts_for,
    draw,
    look_of,
    reader_of,
    shell_of,
)
from appliance.web.sheets import Cell, sheet
from appliance.web.shell import N_

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_STEPS: Final[Mapping[Step, str]] = {
    Step.DAY: N_("День"),
    Step.WEEK: N_("Неделя"),
    Step.MONTH: N_("Месяц"),
}
AGAINST: Final = (
    (Against.BEFORE, N_("прошлый период")),
    (Against.YEAR, N_("год назад")),
    (Against.NONE, N_("не сравнивать")),
)


class ReportPages(Controller):
    """Reports."""

    path = "/reports"

    @get()
    async def sales(self, request: WebRequest) -> Response[Any]:
        """Sales and payments."""
        return await _report(request, SALES)

    @get("/requests")
    async def requests(self, request: WebRequest) -> Response[Any]:
        """Requests, refusals, closed orders and deals."""
        return await _report(request, REQUESTS)

    @get("/funnel")
    async def funnel(self, request: WebRequest) -> Response[Any]:
        """The way of deals."""
        return await funnel_report.funnel(request)

    @get("/stock")
    async def stock(self, request: WebRequest) -> Response[Any]:
        """What lies in stock, at cost."""
        return await funnel_report.stock(request)

    @post("/file")
    async def file(self, request: WebRequest) -> Response[Any]:
        """A report as an XLSX file, for a reason that the log keeps."""
        form, reader = await request.form(), reader_of(request)
        sent = {key: str(value) for key, value in form.items() if isinstance(value, str)}
        name = REQUESTS if sent.get("report") == REQUESTS else SALES
        wish = report_filters.read(name, sent, reader.today, own=_own(reader))
        try:
            found = await reports.export(
                reader.actor, wish.asked(str(reader.zone)), sent.get("reason", "")
            )
        except Invalid as error:
            if error.code == "period_too_long":
                raise
            return await _report(request, name, sent, wrong=error)
        except Denied as error:
            if error.code != "step_up_needed":
                raise
            return go(request, f"/me/confirm?next={wish.address()}")
        days = f"{wish.span.first:%Y%m%d}-{wish.span.last:%Y%m%d}"
        return Response(
            sheet(reader._(NAMES[name]), _lines(reader, wish, found), heads=2),
            status_code=200,
            media_type=XLSX,
            headers={"content-disposition": f'attachment; filename="{name}-{days}.xlsx"'},
        )


def _own(reader: Reader) -> bool:
    grant = reader.actor.grants.get(Permission.REPORT_VIEW.value)
    return grant is not None and grant.scope is Scope.OWN


async def _report(
    request: WebRequest,
    name: str,
    sent: Mapping[str, str] | None = None,
    wrong: Invalid | None = None,
) -> Response[Any]:
    reader = reader_of(request)
    query = request.query_params if sent is None else sent
    wish = report_filters.read(name, query, reader.today, own=_own(reader))
    problem, found = wish.wrong, None
    if not problem:
        try:
            found = await reports.sales(reader.actor, wish.asked(str(reader.zone)))
        except Invalid as error:
            if "to" not in error.fields:
                raise
            problem = _sentence(reader, error)
    else:
        problem = _sentence(reader, Invalid(problem))
    codes = await desk.names(reader.actor) if found is None else found.codes
    return draw(
        request,
        reader,
        "reports/page.html",
        status=422 if problem or wrong else 200,
        look=look_of(request),
        shell=shell_of(request, reader, "reports", await counts_for(reader), codes),
        title=reader._("Мои продажи") if _own(reader) else reader._(NAMES[name]),
        groups=groups(reader, name, wish),
        wish=wish,
        codes=codes,
        periods=periods(reader, wish),
        against=[(one.value, reader._(label), wish.address(against=one)) for one, label in AGAINST],
        cuts=[
            (one.value, reader._(TITLES[one]), wish.address(cut=one))
            for one in report_filters.CUTS[name]
            if not (_own(reader) and one in report_filters.ABOUT_OTHERS)
        ],
        next_against=wish.address(
            against=Against.NONE if wish.against is not Against.NONE else Against.BEFORE
        ),
        problem=problem,
        may_file=reader.may(Permission.REPORT_EXPORT),
        wrong=_sentence(reader, wrong) if wrong else "",
        reason=query.get("reason", "") if sent is not None else "",
        own=_own(reader),
        **({} if found is None else _body(reader, wish, found)),
    )


def _sentence(reader: Reader, error: Invalid) -> str:
    code = next(iter(error.fields.values()), error.code)
    return texts.error(code, reader.language, error.params).title


def _body(reader: Reader, wish: Wish, found: Report) -> dict[str, Any]:
    names = report_rows.columns(wish, found)
    show = report_rows.shown(wish, found)
    measure = MEASURES[show]
    drawn = report_rows.points(reader, wish, found, show)
    compared = None if wish.cut is Cut.CLIENT else wish.compared

    def short(value: int) -> str:
        return report_rows.written(reader, measure.form, value, short=True)

    upright = wish.cut is Cut.DAY
    charts: list[Any] = []
    if drawn and upright:
        charts = [
            report_charts.upright(drawn, short, size, line=measure.line)
            for size in (report_charts.WIDE, report_charts.NARROW)
        ]
    elif drawn:
        charts = [report_charts.lying(drawn, short, size[0])
                  for size in (report_charts.WIDE, report_charts.NARROW)]  # fmt: skip
    return {
        "found": found,
        "nothing": not found.total and not any(found.deals) and not any(
            one.was for one in found.rows
        ),
        "figures": _figures(reader, wish, found),
        "chart": "upright" if upright else "lying",
        "charts": charts,
        "shows": [
            (name, reader._(MEASURES[name].label), wish.address(show=name)) for name in
            (report_rows.OF_GOODS if wish.cut is Cut.PRODUCT else report_filters.SHOWN[wish.report])
            if name in names or (name == "margin" and found.may_cost)
        ],
        "show": show,
        "show_label": reader._(measure.label),
        "head": reader._(_STEPS[step_of(wish.span)] if upright else HEADS[wish.cut]),
        "columns": [reader._(MEASURES[name].label) for name in names],
        "rows": _rows(reader, wish, found, names),
        "totals": report_rows.cells(reader, wish, found, names, found.total, None),
        "rest": _rest(reader, wish, found, names),
        "deals": wish.report == REQUESTS and wish.cut is not Cut.CLIENT
        and reader.may(Permission.DEAL_VIEW),
        "span": span_words(reader, wish.span),
        "compared": "" if compared is None else span_words(reader, compared),
        "counted": formats.clock(found.at, reader.zone),
        "small": SMALL,
        "step": step_of(wish.span).value,
    }  # fmt: skip


def _figures(reader: Reader, wish: Wish, found: Report) -> list[dict[str, str]]:
    """The row of large figures, each with its change."""
    made: list[dict[str, str]] = []
    for name in report_filters.SHOWN[wish.report]:
        if name == "margin" and not found.may_cost:
            continue
        measure = MEASURES[name]
        moved, tone = report_rows.change(reader, measure, found.total, found.was)
        made.append(
            {
                "label": reader._(measure.label),
                "text": report_rows.written(reader, measure.form, measure.value(found.total)),
                "change": moved,
                "tone": tone,
                "href": report_rows.records(wish, found, measure.records, None),
            }
        )
    return made


def _rows(reader: Reader, wish: Wish, found: Report, names: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "name": report_rows.name_of(reader, wish, found, one),
            "href": report_rows.deeper(wish, found, one),
            "cells": report_rows.cells(reader, wish, found, names, one.now, one),
            "small": wish.cut is not Cut.DAY and 0 < one.now.placed < SMALL,
            "deals": one.deals,
        }
        for one in _ordered(wish, found)
    ]


def _ordered(wish: Wish, found: Report) -> Sequence[Row]:
    """Requests are looked through by their number, sales by their sum."""
    if wish.report == SALES or wish.cut is Cut.DAY:
        return found.rows
    return sorted(found.rows, key=lambda one: -one.now.placed)


def _rest(reader: Reader, wish: Wish, found: Report, names: list[str]) -> dict[str, Any] | None:
    if not found.more:
        return None
    return {
        "name": reader._("Остальные: %(count)s")
        % {"count": formats.number(found.more, reader.language)},
        "cells": [
            report_rows.written(reader, MEASURES[name].form, MEASURES[name].value(found.rest))
            for name in names
        ],
    }


def _lines(reader: Reader, wish: Wish, found: Report) -> list[list[Cell]]:
    """The table as a sheet: roubles, shares in percent; clients by number, not by name."""
    names = report_rows.columns(wish, found)
    _ = reader._
    lines: list[list[Cell]] = [
        [f"{_(NAMES[wish.report])}: {span_words(reader, wish.span)}"],
        [_(HEADS[wish.cut]), *(_(MEASURES[name].label) for name in names)],
    ]
    for row in found.rows:
        name = report_rows.name_of(reader, wish, found, row)
        if wish.cut is Cut.CLIENT:
            name = f"№ {row.key}" if row.key else name
        lines.append([str(name), *(_plain(one, MEASURES[one].value(row.now)) for one in names)])
    if found.more:
        rest = [_plain(one, MEASURES[one].value(found.rest)) for one in names]
        lines.append([_("Остальные: %(count)s") % {"count": found.more}, *rest])
    total = [_plain(one, MEASURES[one].value(found.total)) for one in names]
    return [*lines, [_("Всего"), *total]]


def _plain(name: str, value: int | None) -> Cell:
    if value is None:
        return None
    match MEASURES[name].form:
        case "money" | "share":
            return value / 100
        case "quantity":
            return value / 1000
        case _:
            return value
