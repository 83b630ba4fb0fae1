"""Tasks: the list, a quick line, forms, and what is done with one."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from appliance.actions import task_pages, tasks
from appliance.actions.tasks import Done
from appliance.domain import formats
from appliance.domain.bulk import Section
from appliance.domain.desk import Codes
from appliance.domain.fields import Owner
from appliance.domain.form_texts import Text
from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from appliance.domain.tasks import Result, TaskView, end_of_day
from appliance.domain.work import WorkWords
from appliance.errors import Conflict, Invalid
from appliance.http.errors import is_fragment
from appliance.roles import Permission
from appliance.web import (
    custom_filters,
    merging,
    task_card,
    task_clashes,
    task_filters,
    task_forms,
    task_rows,
    texts,
    views,
)
from appliance.web.answers import WebRequest, told
from appliance.web.bulk_words import KEYS, fields_for
from appliance.web.merging import Merged
from appliance.web.screens import (
    Reader,
    counts_for,
    draw,
    look_of,
    reader_of,
    shell_of,
    toast_and,
)

FIELDS: Final = ("title", "text", "items", "kind", "day", "clock", "due", "performer", "order",
          "participants", "project")  # fmt: skip
"""Where a sentence may stand in the form."""
CHANGED: Final = "work-changed"
"""Event of the page: whatever shows tasks reads itself anew."""


class TaskPages(Controller):
    """Tasks."""

    path = "/tasks"

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show the list; the filter is in the address."""
        reader, asked = reader_of(request), task_filters.read(request.query_params)
        bar = await views.bar(reader, "tasks", asked.query)
        first = views.opens_with(request, bar)
        if first is not None:
            return first
        found = await task_pages.index(
            reader.actor,
            asked.as_filter(),
            end_of_day(reader.today, reader.zone),
            request.query_params.get("after"),
        )
        shown = task_rows.lines(reader, found.page.rows, found.codes, found.words)
        whole = [{"title": "", "tone": "", "rows": shown}] if shown else []
        return draw(
            request,
            reader,
            "tasks/list.html",
            bar=bar,
            form_id=str(uuid7()),
            look=look_of(request),
            shell=shell_of(request, reader, "tasks", await counts_for(reader), found.codes),
            asked=asked,
            groups=task_rows.groups(reader, shown) if asked.state == "open" else whole,
            after=task_filters.next_page(asked, found.page.after),
            counts=found.counts,
            count=len(shown),
            bulk=(deeds := fields_for(reader, Section.TASKS)),
            bulk_keys=KEYS,
            picks=bool(deeds) and asked.state == "open",
            reports=reader.may(Permission.TASK_REPORT),
            tabs=task_filters.tabs(reader, asked),
            chips=task_filters.chips(reader, asked, found.codes, found.words),
            conditions=task_filters.conditions(reader, found.codes, found.words),
            made=custom_filters.inputs(
                custom_filters.made(found.codes, Owner.TASK), asked.custom, reader._
            ),
        )

    @post("/understand")
    async def understand(self, request: WebRequest) -> Response[Any]:
        """Say what a quick line would become."""
        form, reader = await request.form(), reader_of(request)
        text = task_forms.word(form, "q")
        words, codes = await task_pages.words(reader.actor)
        typed = task_forms.read_line(reader, codes, words.logins, text)
        return draw(
            request,
            reader,
            "tasks/understood.html",
            pieces=task_forms.preview(reader, codes, typed) if text else [],
            title=Personal(typed.said.title),
            error="",
        )

    @post("/quick")
    async def quick(self, request: WebRequest) -> Response[Any]:
        """Set the task of a quick line."""
        form, reader = await request.form(), reader_of(request)
        text = task_forms.word(form, "q")
        words, codes = await task_pages.words(reader.actor)
        typed = task_forms.read_line(reader, codes, words.logins, text)
        try:
            made = await tasks.create(reader.actor, task_forms.of_line(reader, typed, form))
        except Invalid as problem:
            return draw(
                request,
                reader,
                "tasks/understood.html",
                status=422,
                pieces=task_forms.preview(reader, codes, typed),
                title=Personal(typed.said.title),
                error=_sentence(reader, problem),
                headers={"hx-retarget": "#understood", "hx-reswap": "outerHTML"},
            )
        return _done(reader, reader._("Задача поставлена: %(when)s"), made, undo="cancel")

    @get("/new")
    async def new(self, request: WebRequest) -> Response[Any]:
        """Show the whole form in a window."""
        reader, query = reader_of(request), request.query_params
        words, codes = await task_pages.words(reader.actor)
        known = {
            name: query[name]
            for name in ("order", "customer", "project", "day", "clock")
            if name in query
        }
        return _form(request, reader, words, codes, task_forms.form_of(reader, **known))

    @post()
    async def create(self, request: WebRequest) -> Response[Any]:
        """Set the task of the whole form; a wrong field keeps what was typed."""
        form, reader = await request.form(), reader_of(request)
        try:
            made = await tasks.create(reader.actor, task_forms.of_form(reader, form))
        except Invalid as problem:
            words, codes = await task_pages.words(reader.actor)
            return _form(request, reader, words, codes, _typed(form), problem=problem)
        return _done(reader, reader._("Задача поставлена: %(when)s"), made, undo="cancel")

    @get("/{number:int}")
    async def card(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show a task."""
        reader = reader_of(request)
        found = await task_pages.card(reader.actor, number)
        return draw(
            request,
            reader,
            "tasks/peek.html" if is_fragment(request) else "tasks/card.html",
            **(
                {}
                if is_fragment(request)
                else {
                    "look": look_of(request),
                    "shell": shell_of(
                        request, reader, "tasks", await counts_for(reader), found.codes
                    ),
                }
            ),
            **task_card.card(reader, found.task, found.codes, found.words),
            events=[
                (
                    task_card.event(reader, one.field, one.created, one.new),
                    found.codes.name_of(one.by) or reader._("коробка"),
                    one.at,
                )
                for one in found.history
            ],
        )

    @get("/{number:int}/edit")
    async def edit_form(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show the form of a task in a window."""
        reader = reader_of(request)
        found = await task_pages.card(reader.actor, number)
        values = task_card.values(reader, found.task)
        return _form(request, reader, found.words, found.codes, values, task=found.task)

    @post("/{number:int}")
    async def edit(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Change a task."""
        form, reader = await request.form(), reader_of(request)
        try:
            made = await tasks.edit(
                reader.actor,
                number,
                task_forms.edit_of(reader, merging.settled(form)),
                task_forms.number(form, "version"),
            )
        except (Conflict, Invalid) as problem:
            found = await task_pages.card(reader.actor, number)
            values, merged = _typed(merging.settled(form)), None
            if isinstance(problem, Conflict):
                fields = task_clashes.fields_of(reader, found.codes, found.words)
                known, merged = task_clashes.put_together(reader, found.task, form, fields)
                values |= known
            return _form(
                request,
                reader,
                found.words,
                found.codes,
                values,
                task=found.task,
                problem=problem,
                merged=merged,
                was=merging.opened({n: v for n, v in form.items() if isinstance(v, str)}),
            )
        return _done(reader, reader._("Задача изменена"), made)

    @get("/{number:int}/done")
    async def ask(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Ask what came of a task."""
        reader = reader_of(request)
        found = await task_pages.card(reader.actor, number)
        return _result(request, reader, found.task, found.words, "")

    @post("/{number:int}/done")
    async def done(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Close a task."""
        form, reader = await request.form(), reader_of(request)
        result = Result(
            code=task_forms.word(form, "result"), text=Personal(task_forms.word(form, "text"))
        )
        try:
            made = await tasks.close(reader.actor, number, result, reader.zone, _version(request))
        except Invalid as problem:
            found = await task_pages.card(reader.actor, number)
            return _result(request, reader, found.task, found.words, _sentence(reader, problem))
        return _done(reader, reader._("Сделано"), made, undo="undo")

    @post("/{number:int}/later")
    async def later(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Postpone a task."""
        form, reader = await request.form(), reader_of(request)
        try:
            due_at, all_day = task_forms.later(reader, form, None)
            made = await tasks.move(
                reader.actor, number, due_at, all_day=all_day, version=_version(request)
            )
        except Invalid as problem:
            return draw(
                request,
                reader,
                "tasks/later_error.html",
                status=422,
                error=_sentence(reader, problem),
                headers={"hx-retarget": "#later-error", "hx-reswap": "outerHTML"},
            )
        return _done(reader, reader._("Отложено: %(when)s"), made, undo="undo")

    @post("/{number:int}/cancel")
    async def cancel(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Take a task off the table."""
        reader = reader_of(request)
        made = await tasks.cancel(reader.actor, number, _version(request))
        return _done(reader, reader._("Задача отменена"), made, undo="undo")

    @post("/{number:int}/undo")
    async def undo(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Take the last deed back."""
        reader = reader_of(request)
        made = await tasks.undo(reader.actor, number, _version(request) or 0)
        return _done(reader, reader._("Возвращено"), made)

    @post("/{number:int}/tick")
    async def tick(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Tick a line of the checklist."""
        form, reader = await request.form(), reader_of(request)
        item = task_forms.number(form, "item")
        await tasks.tick(
            reader.actor,
            number,
            -1 if item is None else item,
            done=bool(task_forms.word(form, "on")),
        )
        return Response(b"", status_code=204, headers=toast_and("", "", CHANGED))


def _version(request: WebRequest) -> int | None:
    text = request.query_params.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def _sentence(reader: Reader, problem: Invalid) -> str:
    """The first wrong field's sentence, or the error's own."""
    code = next(iter(problem.fields.values()), problem.code)
    return texts.error(code, reader.language, problem.params).title


def _done(reader: Reader, text: str, made: Done, *, undo: str = "") -> Response[Any]:
    """Say what was done; pages read themselves anew."""
    if "%(when)s" in text:
        if made.all_day:
            day = made.due_at.astimezone(reader.zone).date()
            when = formats.day_heading(day, reader.today, reader.language).lower()
        else:
            when = formats.moment(made.due_at, reader.now, reader.zone, reader.language)
        text %= {"when": when}
    back = f"/tasks/{made.number}/{undo}?version={made.version}" if undo else ""
    return Response(b"", status_code=204, headers=toast_and(text, back, CHANGED))


def _typed(form: Any) -> dict[str, Any]:
    """What was typed, to be shown again."""
    names = ("title", "text", "items", "kind", "day", "clock", "remind", "performer", "order",
             "customer", "project", "repeat", "form", "version")  # fmt: skip
    typed: dict[str, Any] = {name: task_forms.word(form, name) for name in names}
    return {**typed, "participants": task_forms.numbers(form, "participants")}


def _form(
    request: WebRequest,
    reader: Reader,
    words: WorkWords,
    codes: Codes,
    values: dict[str, Any],
    *,
    task: TaskView | None = None,
    problem: Conflict | Invalid | None = None,
    merged: Merged | None = None,
    was: Mapping[str, str] | None = None,
) -> Response[Any]:
    """The form in its window; `problem` puts sentences at the fields, or asks whose they are."""
    errors: dict[str, str] = {}
    if isinstance(problem, Invalid):
        errors = {
            name: texts.error(code, reader.language, {}).title
            for name, code in problem.fields.items()
        } or {"title": told(request, problem)}
    opened: Mapping[str, Text] = {} if task is None else task_clashes.texts_of(reader, task)
    if isinstance(problem, Invalid) and was is not None:
        opened = was
    return draw(
        request,
        reader,
        "tasks/form.html",
        status=200 if problem is None else 422 if merged is None else 409,
        task=task,
        version=_seen(task, problem, values),
        opened=opened,
        note="" if merged is None or problem is None else told(request, problem),
        clashes=() if merged is None else merged.clashes,
        came=() if merged is None else merged.came,
        values=values,
        errors={**dict.fromkeys(FIELDS, ""), **errors},
        wrong=len(errors),
        repeats=[(code, reader._(name)) for code, name in task_rows.REPEATS.items()],
        **task_filters.conditions(reader, codes, words),
    )


def _seen(task: TaskView | None, problem: object, values: Mapping[str, Any]) -> str:
    """The version the form speaks of: what is stored now, but for one that was refused."""
    if task is None:
        return ""
    return values["version"] if isinstance(problem, Invalid) else str(task.version)


def _result(
    request: WebRequest, reader: Reader, task: TaskView, words: WorkWords, error: str
) -> Response[Any]:
    """The window that asks what came of a task."""
    return draw(
        request,
        reader,
        "tasks/result.html",
        status=422 if error else 200,
        headers={"hx-retarget": "#windows", "hx-reswap": "innerHTML"},
        task=task,
        results=[(one.code, one.name) for one in words.results.values() if one.active],
        error=error,
    )
