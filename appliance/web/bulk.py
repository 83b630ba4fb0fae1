"""Changing many records at once: the window, the look ahead, the change and its progress."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from appliance.actions import bulk, desk, task_pages
from appliance.actions.bulk import Asked, Choice
from appliance.domain import formats, inputs
from appliance.domain.bulk import FIELDS, MOST_LOOKED, BulkChange, BulkOutcome, BulkView, Section
from appliance.domain.desk import Codes
from appliance.domain.work import WorkWords
from appliance.errors import Invalid, NotFound
from appliance.http.errors import is_fragment
from appliance.web import client_filters, order_filters, task_filters, texts
from appliance.web.answers import WebRequest, go, told
from appliance.web.bulk_words import TITLES, done, options
from appliance.web.order_filters import pairs
from appliance.web.orders import numbers_of, word
from appliance.web.screens import (
    Reader,
    counts_for,
    draw,
    look_of,
    reader_of,
    shell_of,
    toast_and,
)

CHANGED: Final = "list-changed"
"""Event of the page: the list is read anew (js/rows.js)."""
PLACES: Final[Mapping[str, str]] = {"orders": "/orders", "clients": "/clients", "tasks": "/tasks"}

_READ: Final[Mapping[Section, Callable[[Reader, Mapping[str, str]], Asked]]] = {
    Section.ORDERS: lambda reader, query: order_filters.read(query).as_filter(reader.zone),
    Section.CLIENTS: lambda _, query: client_filters.read(query).list,
    Section.TASKS: lambda _, query: task_filters.read(query).as_filter(),
}


class BulkPages(Controller):
    """One field of many records."""

    path = "/bulk"

    @post("/{section:str}/window")
    async def window(self, request: WebRequest, section: FromPath[str]) -> Response[Any]:
        """Ask what the chosen records are to get."""
        form, reader = await request.form(), reader_of(request)
        return await _window(request, reader, _section(section), form)

    @post("/{section:str}/look")
    async def look(self, request: WebRequest, section: FromPath[str]) -> Response[Any]:
        """Say what that would do."""
        form, reader = await request.form(), reader_of(request)
        change = _change(reader, _section(section), form)
        if not change.value:
            return draw(request, reader, "bulk/look.html", shown=None, problem="")
        try:
            found = await bulk.look(
                reader.actor, change, _choice(reader, change, form), reader.zone
            )
        except Invalid as problem:
            return draw(
                request, reader, "bulk/look.html", shown=None, problem=_sentence(request, problem)
            )
        shown = _written(reader, change.section, found.outcome)
        further = max(found.total - found.outcome.seen, 0) if found.total > MOST_LOOKED else 0
        return draw(
            request,
            reader,
            "bulk/look.html",
            shown=shown,
            problem="",
            total=found.total,
            further=further,
            looked=found.outcome.seen,
        )

    @post("/{section:str}")
    async def apply(self, request: WebRequest, section: FromPath[str]) -> Response[Any]:
        """Change them."""
        form, reader = await request.form(), reader_of(request)
        change = _change(reader, _section(section), form)
        try:
            made = await bulk.apply(
                reader.actor, change, _choice(reader, change, form), reader.zone
            )
        except Invalid as problem:
            return await _window(request, reader, change.section, form, problem)
        if made.job is not None:
            return await _progress(request, reader, made.job)
        return _said(reader, change.section, made.outcome)

    @post("/undo/{set_id:uuid}")
    async def undo(self, request: WebRequest, set_id: FromPath[UUID]) -> Response[Any]:
        """Take a change back."""
        reader = reader_of(request)
        job = await bulk.take_back(reader.actor, set_id)
        if job is not None:
            return go(request, f"/bulk/jobs/{job}")
        return Response(
            b"", status_code=204, headers=toast_and(reader._("Изменение отменено"), "", CHANGED)
        )

    @get("/jobs/{job_id:uuid}")
    async def job(self, request: WebRequest, job_id: FromPath[UUID]) -> Response[Any]:
        """Show how far a change is."""
        return await _progress(request, reader_of(request), job_id, page=not is_fragment(request))

    @post("/jobs/{job_id:uuid}/stop")
    async def stop(self, request: WebRequest, job_id: FromPath[UUID]) -> Response[Any]:
        """Leave a change where it is."""
        reader = reader_of(request)
        await bulk.stop(reader.actor, job_id)
        return go(request, f"/bulk/jobs/{job_id}")


def _section(name: str) -> Section:
    if name not in PLACES:
        raise NotFound
    return Section(name)


def _change(reader: Reader, section: Section, form: FormMultiDict) -> BulkChange:
    field, value = word(form, "field"), word(form, "value").strip()
    if field not in FIELDS[section]:
        raise Invalid("code_unknown", fields={"field": "code_unknown"})
    if field in ("due", "ship_day") and value:
        value = _day(reader, value)
    return BulkChange(section=section, field=field, value=value)


def _day(reader: Reader, text: str) -> str:
    """A day as people write it; what is none stays, and the action says so."""
    try:
        return inputs.day(text, reader.today).isoformat()
    except Invalid:
        return text[:64]


def _choice(reader: Reader, change: BulkChange, form: FormMultiDict) -> Choice:
    if word(form, "which") == "all":
        query = dict(pairs(word(form, "filter")))
        return Choice(asked=_READ[change.section](reader, query))
    return Choice(tuple(numbers_of(_picked(form))))


def _picked(form: FormMultiDict) -> str:
    return word(form, "numbers") or ",".join(str(one) for one in form.getall("pick", []))


async def _codes(reader: Reader, section: Section) -> tuple[Codes, WorkWords | None]:
    if section is Section.TASKS:
        words, codes = await task_pages.words(reader.actor)
        return codes, words
    return await desk.names(reader.actor), None


async def _window(
    request: WebRequest,
    reader: Reader,
    section: Section,
    form: FormMultiDict,
    problem: Invalid | None = None,
) -> Response[Any]:
    field = word(form, "field")
    if field not in FIELDS[section]:
        raise Invalid("code_unknown", fields={"field": "code_unknown"})
    codes, words = await _codes(reader, section)
    numbers = _picked(form)
    return draw(
        request,
        reader,
        "bulk/window.html",
        status=200 if problem is None else 422,
        headers={"hx-retarget": "#windows", "hx-reswap": "innerHTML"},
        section=section.value,
        field=field,
        title=reader._(TITLES[section, field]),
        kind=_kind(field),
        options=options(reader, field, codes, words),
        numbers=numbers,
        chosen=len(numbers_of(numbers)),
        filter=word(form, "filter"),
        searched=bool(word(form, "searched")),
        which=word(form, "which") or "chosen",
        value=word(form, "value"),
        error="" if problem is None else _sentence(request, problem),
    )


def _kind(field: str) -> str:
    if field in ("due", "ship_day"):
        return "day"
    if field in ("tag_add", "tag_drop"):
        return "text"
    return "sure" if field == "cancel" else "choice"


def _sentence(request: WebRequest, problem: Invalid) -> str:
    code = next(iter(problem.fields.values()), "")
    if not code:
        return told(request, problem)
    return texts.error(code, reader_of(request).language, problem.params).title


def _written(reader: Reader, section: Section, outcome: BulkOutcome) -> dict[str, Any]:
    """An outcome for people: counts, and why some stay."""
    return {
        "changed": outcome.changed,
        "same": outcome.same,
        "barred": outcome.barred,
        "refused": [
            {
                "why": texts.error(one.code, reader.language, {}).title,
                "count": one.count,
                "numbers": [
                    (
                        formats.order_number(number) if section is Section.ORDERS else str(number),
                        f"{PLACES[section.value]}/{number}",
                    )
                    for number in one.numbers
                ],
                "more": one.count - len(one.numbers),
            }
            for one in outcome.refused
        ],
    }


def _said(reader: Reader, section: Section, outcome: BulkOutcome) -> Response[Any]:
    text = done(reader, section, outcome.changed)
    if outcome.same:
        text += reader._(". Уже так: %(count)d") % {"count": outcome.same}
    if outcome.barred:
        text += reader._(". Нельзя: %(count)d") % {"count": outcome.barred}
    undo = f"/bulk/undo/{outcome.set_id}" if outcome.changed else ""
    return Response(b"", status_code=204, headers=toast_and(text, undo, CHANGED))


async def _progress(
    request: WebRequest, reader: Reader, job: UUID, *, page: bool = False
) -> Response[Any]:
    view = await bulk.progress(reader.actor, job)
    codes = await desk.names(reader.actor) if page else None
    frame: dict[str, Any] = (
        {}
        if not page
        else {
            "look": look_of(request),
            "shell": shell_of(
                request, reader, view.change.section.value, await counts_for(reader), codes
            ),
        }
    )
    target = request.headers.get("hx-target", "")
    template = "bulk/page.html" if page else "bulk/progress.html"
    if not page and target == "bulk-job":
        template = "bulk/job.html"
    finished = view.state.value != "running"
    event = toast_and("", "", CHANGED) if finished and target == "bulk-job" else None
    return draw(request, reader, template, headers=event, **_job(reader, view), **frame)


def _job(reader: Reader, view: BulkView) -> dict[str, Any]:
    section, field = view.change.section, view.change.field
    title = reader._(TITLES[section, field]) if field else reader._("Отмена изменения")
    return {
        "job": view,
        "title": title,
        "seen": view.outcome.seen,
        "shown": _written(reader, section, view.outcome),
        "back_href": PLACES[section.value],
        "wrong": texts.error(view.error, reader.language, {}).title if view.error else "",
    }
