"""Small projects: begun, shared with colleagues, closed when nothing is left to do."""

from hashlib import sha256
from uuid import UUID

import msgspec

from appliance.actions import _tasks
from appliance.actions._gate import action
from appliance.domain.access import NOBODY
from appliance.domain.grants import Scope
from appliance.domain.tasks import MOST_PARTICIPANTS, Project, TaskFilter, TaskState
from appliance.domain.work import ProjectScreen, ProjectsScreen
from appliance.errors import Conflict, Denied, Invalid
from appliance.roles import Permission
from appliance.storage import desk, feed, form_tokens, projects, references, staff, task_lists
from appliance.storage.tx import Tx

LONGEST_NAME = 120
MOST_SHOWN = 300


class ProjectDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A project as it is typed.

    Attributes:
        members: numbers of colleagues; whoever leads it is one without being named.
        form: of what it was typed into: delivered twice, it begins one project.
    """

    name: str
    members: tuple[int, ...] = ()
    form: UUID | None = None
    seen: str = ""
    """What the form was filled in with (`stamp_of`); empty does not ask."""


def stamp_of(project: Project) -> str:
    """A project's name and people in a few signs that say nothing: they change with it."""
    said = "\n".join((project.name, *(str(one) for one in sorted(project.members))))
    return sha256(said.encode()).hexdigest()[:16]


@action(Permission.TASK_VIEW, reads=True)
async def index(tx: Tx) -> ProjectsScreen:
    """Projects that the actor takes part in: those under way first."""
    return ProjectsScreen(
        projects=await projects.list_all(tx),
        codes=await desk.codes(tx, await references.lists()),
    )


@action(Permission.TASK_VIEW, reads=True)
async def card(tx: Tx, number: int) -> ProjectScreen:
    """One project with its tasks.

    Raises:
        NotFound: `project_not_found`: absent, or not for this actor.
    """
    lists = await references.lists()
    project = await projects.find(tx, number)
    tx.about("project", project.id)
    states = (TaskState.OPEN.value, TaskState.DONE.value)
    asked = TaskFilter(project=number, states=states)
    return ProjectScreen(
        project=project,
        tasks=await task_lists.between(tx, asked, MOST_SHOWN),
        may_lead=_leads(tx, project),
        codes=await desk.codes(tx, lists),
        words=await _tasks.words(tx, lists),
    )


@action(Permission.TASK_EDIT)
async def create(tx: Tx, draft: ProjectDraft) -> int:
    """Begin a project; give its number. One form begins one, however often it comes.

    Raises:
        Invalid: at `name`: `project_name_empty`, `text_too_long`; at `participants`:
            `user_unknown`, `too_many_items`.
    """
    known = None if draft.form is None else await form_tokens.spent_on(draft.form)
    if known is not None:
        return known
    name = _name(draft)
    number = await projects.add(tx, name, await _members(draft, tx.actor.id))
    project = await projects.find(tx, number)
    change = feed.Change(field="project", kind="create")
    await feed.record(tx, "project", project.id, number, "", NOBODY, [change])
    if draft.form is not None:
        await form_tokens.spend(tx, draft.form, number)
    return number


@action(Permission.TASK_EDIT)
async def edit(tx: Tx, number: int, draft: ProjectDraft) -> None:
    """Rename a project, or change who takes part.

    Raises:
        NotFound: `project_not_found`.
        Denied: it is led by another, and the grant is for one's own.
        Conflict: `project_changed` since the form was opened.
        Invalid: by field, as `create`.
    """
    project = await _led(tx, number)
    if draft.seen and draft.seen != stamp_of(project):
        raise Conflict("project_changed", number=number)
    name = _name(draft)
    owner = await staff.id_of(project.owner) or tx.actor.id
    members = await _members(draft, owner)
    changes: list[feed.Change] = []
    if name != project.name:
        changes.append(feed.Change(field="name"))  # names of people get into it: no values
        await projects.change(tx, project.id, name, "open" if project.open else "done")
    people = {one.id: shown for shown, one in (await staff.directory(tx)).items()}
    now = tuple(people.get(one, 0) for one in members)
    if set(now) != set(project.members):
        old, new = sorted(project.members), sorted(now)
        changes.append(feed.Change(field="members", old=old, new=new))
        await projects.set_members(project.id, members)
    await feed.record(tx, "project", project.id, number, "", NOBODY, changes)


@action(Permission.TASK_EDIT)
async def set_open(tx: Tx, number: int, *, is_open: bool) -> None:
    """Close a project in which nothing is left to do, or open it again. Repeating is safe.

    Raises:
        NotFound: `project_not_found`.
        Denied: it is led by another, and the grant is for one's own.
        Conflict: `project_has_tasks`, with how many are open.
    """
    project = await _led(tx, number)
    left = project.tasks - project.closed
    if not is_open and left:
        raise Conflict("project_has_tasks", number=number, left=left)
    if project.open is is_open:
        return
    state = "open" if is_open else "done"
    await projects.change(tx, project.id, project.name, state)
    change = feed.Change(field="state", old="done" if is_open else "open", new=state)
    await feed.record(tx, "project", project.id, number, "", NOBODY, [change])


def _leads(tx: Tx, project: Project) -> bool:
    grant = tx.actor.grants.get(Permission.TASK_EDIT.value)
    if grant is None:
        return False
    return project.owner == tx.actor.number or grant.scope is not Scope.OWN


async def _led(tx: Tx, number: int) -> Project:
    project = await projects.find(tx, number)
    tx.about("project", project.id)
    if not _leads(tx, project):
        raise Denied(message="a project is changed by whoever leads it, or by a head")
    return project


def _name(draft: ProjectDraft) -> str:
    name = " ".join(draft.name.split())
    if not name:
        raise Invalid(fields={"name": "project_name_empty"})
    if len(name) > LONGEST_NAME:
        raise Invalid(fields={"name": "text_too_long"})
    return name


async def _members(draft: ProjectDraft, owner: UUID) -> tuple[UUID, ...]:
    """Who takes part: whoever leads it first, so that he sees all its tasks."""
    if len(draft.members) > MOST_PARTICIPANTS:
        raise Invalid(fields={"participants": "too_many_items"})
    named = await _tasks.colleagues(draft.members)
    return tuple(dict.fromkeys((owner, *named)))
