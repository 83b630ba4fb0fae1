"""Small projects: their list, one project with its tasks, the form."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from appliance.actions import projects
from appliance.actions.projects import ProjectDraft
from appliance.domain import formats
from appliance.domain.desk import Codes
from appliance.domain.ids import uuid7
from appliance.domain.tasks import Project, TaskState
from appliance.domain.work import ProjectScreen
from appliance.errors import Conflict, Invalid
from appliance.roles import Permission
from appliance.web import task_forms, task_rows, texts
from appliance.web.answers import WebRequest, told
from appliance.web.rendering import initials
from appliance.web.screens import (
    Reader,
    counts_for,
    draw,
    look_of,
    reader_of,
    shell_of,
    toast_and,
    tone_of,
)
from appliance.web.tasks import CHANGED

HOME: Final = "/tasks/projects"


class ProjectPages(Controller):
    """Projects."""

    path = HOME

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show the projects one takes part in."""
        reader = reader_of(request)
        found = await projects.index(reader.actor)
        rows = [_row(reader, one, found.codes) for one in found.projects]
        return draw(
            request,
            reader,
            "tasks/projects.html",
            look=look_of(request),
            shell=shell_of(request, reader, "tasks", await counts_for(reader), found.codes),
            rows=rows,
            running=sum(row["open"] for row in rows),
            may_begin=reader.may(Permission.TASK_EDIT),
        )

    @get("/new")
    async def new(self, request: WebRequest) -> Response[Any]:
        """Show the form in a window."""
        reader = reader_of(request)
        found = await projects.index(reader.actor)
        typed = {"name": "", "members": (), "form": str(uuid7()), "seen": ""}
        return _form(request, reader, found.codes, typed)

    @post()
    async def create(self, request: WebRequest) -> Response[Any]:
        """Begin a project and go to it; a wrong field keeps what was typed."""
        form, reader = await request.form(), reader_of(request)
        try:
            number = await projects.create(reader.actor, _draft(form))
        except Invalid as problem:
            found = await projects.index(reader.actor)
            return _form(request, reader, found.codes, _typed(form), problem=problem)
        return Response(b"", status_code=200, headers={"hx-redirect": f"{HOME}/{number}"})

    @get("/{number:int}")
    async def card(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show a project with its tasks."""
        reader = reader_of(request)
        found = await projects.card(reader.actor, number)
        return draw(
            request,
            reader,
            "tasks/project.html",
            look=look_of(request),
            shell=shell_of(request, reader, "tasks", await counts_for(reader), found.codes),
            one=_row(reader, found.project, found.codes),
            groups=_groups(reader, found),
            may_lead=found.may_lead,
            may_add=found.project.open and reader.may(Permission.TASK_EDIT),
            form_id=str(uuid7()),
            begun=formats.day_words(
                found.project.created_at.astimezone(reader.zone).date(), reader.language, year=True
            ),
        )

    @get("/{number:int}/edit")
    async def edit_form(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show the form of a project in a window."""
        reader = reader_of(request)
        found = await projects.card(reader.actor, number)
        return _form(request, reader, found.codes, _values(found.project), number=number)

    @post("/{number:int}")
    async def edit(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Rename a project, or change who takes part."""
        form, reader = await request.form(), reader_of(request)
        try:
            await projects.edit(reader.actor, number, _draft(form))
        except Conflict as problem:
            found = await projects.card(reader.actor, number)
            stored = _values(found.project)
            known = {**_typed(form), "seen": stored["seen"]}
            return _form(
                request, reader, found.codes, known, number=number, stored=stored, problem=problem
            )
        except Invalid as problem:
            found = await projects.card(reader.actor, number)
            return _form(request, reader, found.codes, _typed(form), number=number, problem=problem)
        return _told(reader._("Проект изменён"), "")

    @post("/{number:int}/close")
    async def close(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Close a project in which nothing is left to do."""
        reader = reader_of(request)
        await projects.set_open(reader.actor, number, is_open=False)
        return _told(reader._("Проект закрыт"), f"{HOME}/{number}/open")

    @post("/{number:int}/open")
    async def reopen(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Open a closed project again."""
        reader = reader_of(request)
        await projects.set_open(reader.actor, number, is_open=True)
        return _told(reader._("Проект снова открыт"), f"{HOME}/{number}/close")


def _told(text: str, undo: str) -> Response[Any]:
    return Response(b"", status_code=204, headers=toast_and(text, undo, CHANGED))


def _row(reader: Reader, one: Project, codes: Codes) -> dict[str, Any]:
    """A project, written out."""
    return {
        "number": one.number,
        "href": f"{HOME}/{one.number}",
        "name": one.name,
        "open": one.open,
        "owner": codes.name_of(one.owner),
        "people": [
            {"name": name, "initials": initials(name), "tone": tone_of(number)}
            for number in one.members
            if (name := codes.name_of(number))
        ],
        "left": one.tasks - one.closed,
        "progress": reader._("%(done)s из %(all)s") % {"done": one.closed, "all": one.tasks},
        "tasks": one.tasks,
        "closed": one.closed,
    }


def _groups(reader: Reader, found: ProjectScreen) -> list[dict[str, Any]]:
    """Open tasks by when they are due, then what is done."""
    lines = task_rows.lines(reader, found.tasks, found.codes, found.words)
    still = [one for one in lines if one.state == TaskState.OPEN]
    done = [one for one in lines if one.state != TaskState.OPEN]
    groups = task_rows.groups(reader, still)
    return [*groups, {"title": reader._("Сделано"), "tone": "", "rows": done}] if done else groups


def _draft(form: Any) -> ProjectDraft:
    return ProjectDraft(
        name=task_forms.word(form, "name"),
        members=task_forms.numbers(form, "participants"),
        form=task_forms.token(form),
        seen=task_forms.word(form, "seen"),
    )


def _values(project: Project) -> dict[str, Any]:
    """A project as its form shows it."""
    return {
        "name": project.name,
        "members": project.members,
        "form": "",
        "seen": projects.stamp_of(project),
    }


def _typed(form: Any) -> dict[str, Any]:
    """What was typed, to be shown again."""
    return {
        "name": task_forms.word(form, "name"),
        "members": task_forms.numbers(form, "participants"),
        "form": task_forms.word(form, "form"),
        "seen": task_forms.word(form, "seen"),
    }


def _form(
    request: WebRequest,
    reader: Reader,
    codes: Codes,
    typed: Mapping[str, Any],
    *,
    number: int = 0,
    problem: Conflict | Invalid | None = None,
    stored: Mapping[str, Any] | None = None,
) -> Response[Any]:
    errors = {"name": "", "participants": ""}
    if isinstance(problem, Invalid):
        fields = problem.fields or {"name": problem.code}
        errors |= {
            name: texts.error(code, reader.language, problem.params).title
            for name, code in fields.items()
        }
    return draw(
        request,
        reader,
        "tasks/project_form.html",
        status=200 if problem is None else 422 if stored is None else 409,
        note="" if stored is None or problem is None else told(request, problem),
        now=None
        if stored is None
        else (stored["name"], ", ".join(codes.name_of(one) for one in stored["members"])),
        address=f"{HOME}/{number}" if number else HOME,
        fresh=not number,
        typed=typed,
        errors=errors,
        wrong=sum(map(bool, errors.values())),
        colleagues=[(one, name) for one, name in codes.colleagues.items()],
    )
