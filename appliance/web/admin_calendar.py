"""«Рабочее время»: the production calendar as a file, and the hours of a working day."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile

from appliance.actions import workdays
from appliance.domain import formats
from appliance.domain.desk import Codes
from appliance.domain.workdays import CalendarDay, CalendarSetup, DayKind, WorkHours
from appliance.errors import Invalid
from appliance.web import task_forms, texts
from appliance.web.answers import WebRequest, go
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of
from appliance.web.shell import N_

HOME: Final = "/admin/calendar"
LARGEST: Final = 512 * 1024
MOST_SHOWN: Final = 60
KINDS: Final[Mapping[DayKind, tuple[str, str]]] = {
    DayKind.OFF: (N_("выходной"), "bad"),
    DayKind.SHORT: (N_("короткий"), "warn"),
    DayKind.WORK: (N_("рабочий"), "ok"),
}


class CalendarSettings(Controller):
    """Calendar and hours."""

    path = HOME

    @get()
    async def show(self, request: WebRequest) -> Response[Any]:
        """Show a year, and what can be loaded or reverted."""
        return await _show(request, reader_of(request))

    @get("/file")
    async def file(self, request: WebRequest) -> Response[Any]:
        """Hand the calendar out, as it is loaded."""
        found = await workdays.file(reader_of(request).actor)
        lines = [
            ";".join(filter(None, (one.day.isoformat(), one.kind.value, one.note))) for one in found
        ]
        return Response(
            ("\n".join(lines) + "\n").encode(),
            media_type="text/plain; charset=utf-8",
            headers={"content-disposition": 'attachment; filename="calendar.txt"'},
        )

    @post("/check", request_max_body_size=2 * LARGEST)
    async def check(self, request: WebRequest) -> Response[Any]:
        """Say what a file would change; a wrong line is named and the text is kept."""
        form, reader = await request.form(), reader_of(request)
        text = ""
        try:
            text = await _text(form)
            found, codes = await workdays.check(reader.actor, text)
        except Invalid as problem:
            return await _show(request, reader, typed=text, error=_sentence(reader, problem))
        return await _draw(request, reader, found, codes, typed=text)

    @post(request_max_body_size=2 * LARGEST)
    async def load(self, request: WebRequest) -> Response[Any]:
        """Take the checked file in."""
        form, reader = await request.form(), reader_of(request)
        text = task_forms.word(form, "text")
        try:
            await workdays.load(reader.actor, text)
        except Invalid as problem:
            return await _show(request, reader, typed=text, error=_sentence(reader, problem))
        return go(request, HOME)

    @post("/revert")
    async def revert(self, request: WebRequest) -> Response[Any]:
        """Bring back what the last file took the place of."""
        await workdays.revert(reader_of(request).actor)
        return go(request, HOME)

    @post("/hours")
    async def hours(self, request: WebRequest) -> Response[Any]:
        """Set when the working day begins and ends."""
        form, reader = await request.form(), reader_of(request)
        typed = {name: task_forms.word(form, name) for name in ("begins", "ends")}
        try:
            minutes = {name: _minutes(name, text) for name, text in typed.items()}
            await workdays.set_hours(reader.actor, WorkHours(**minutes))
        except Invalid as problem:
            field = next(iter(problem.fields), "ends")
            error = {field: _sentence(reader, problem)}
            return await _show(request, reader, hours=typed, wrong=error)
        return go(request, HOME)


def _minutes(name: str, text: str) -> int:
    try:
        clock = task_forms.clock_of(text)
    except Invalid as problem:
        code = next(iter(problem.fields.values()))
        raise Invalid(fields={name: code}) from None
    return clock.hour * 60 + clock.minute


async def _text(form: Any) -> str:
    """The file that was chosen, else the text that was pasted.

    Raises:
        Invalid: `calendar_empty`, `calendar_too_long`, `calendar_encoding`.
    """
    given = form.get("file")
    if not isinstance(given, UploadFile) or not given.filename:
        return task_forms.word(form, "text")
    body = await given.read()
    if len(body) > LARGEST:
        raise Invalid("calendar_too_long", line=0)
    for encoding in ("utf-8-sig", "cp1251"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("calendar_encoding")


def _sentence(reader: Reader, problem: Invalid) -> str:
    code = next(iter(problem.fields.values()), problem.code)
    found = texts.error(code, reader.language, problem.params)
    return f"{found.title}. {found.hint}" if found.hint else found.title


async def _show(request: WebRequest, reader: Reader, **typed: Any) -> Response[Any]:
    text = request.query_params.get("year", "")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else reader.today.year
    found, codes = await workdays.setup(reader.actor, max(year, 1900))
    return await _draw(request, reader, found, codes, **typed)


async def _draw(
    request: WebRequest,
    reader: Reader,
    found: CalendarSetup,
    codes: Codes,
    *,
    typed: str = "",
    error: str = "",
    hours: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Response[Any]:
    check, before = found.check, found.before
    known = {one.day: one.kind for one in found.days}
    return draw(
        request,
        reader,
        "admin/calendar.html",
        status=422 if error or wrong else 200,
        look=look_of(request),
        shell=shell_of(request, reader, "admin", await counts_for(reader), codes),
        year=found.year,
        years=sorted({*found.years, reader.today.year, found.year}),
        rows=[_row(reader, one) for one in found.days],
        working=_working(found.year, known),
        hours=hours or {"begins": _clock(found.hours.begins), "ends": _clock(found.hours.ends)},
        wrong={"begins": "", "ends": "", **(wrong or {})},
        typed=typed,
        error=error,
        check=None
        if check is None
        else {
            "years": ", ".join(str(one) for one in check.years),
            "count": check.count,
            "fresh": [_row(reader, one) for one in check.fresh[:MOST_SHOWN]],
            "gone": [_row(reader, one) for one in check.gone[:MOST_SHOWN]],
            "more": max(0, len(check.fresh) - MOST_SHOWN) + max(0, len(check.gone) - MOST_SHOWN),
        },
        before=None
        if before.at is None
        else {
            "years": ", ".join(str(one) for one in before.years),
            "when": formats.moment(before.at, reader.now, reader.zone, reader.language),
            "who": codes.name_of(before.by) or reader._("коробка"),
        },
    )


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"


def _row(reader: Reader, one: CalendarDay) -> dict[str, str]:
    name, tone = KINDS[one.kind]
    return {
        "day": formats.day_words(one.day, reader.language),
        "week": reader._(_WEEK[one.day.weekday()]),
        "kind": reader._(name),
        "tone": tone,
        "note": one.note,
    }


_WEEK: Final = (N_("пн"), N_("вт"), N_("ср"), N_("чт"), N_("пт"), N_("сб"), N_("вс"))


def _working(year: int, known: Mapping[date, DayKind]) -> int:
    """Working days of a year: by the file, else by the weekday."""
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    days = (date.fromordinal(one) for one in range(first, last + 1))
    return sum(
        known.get(one, DayKind.OFF if one.weekday() >= 5 else DayKind.WORK) is not DayKind.OFF
        for one in days
    )
