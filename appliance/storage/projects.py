"""Small projects: a name, members, and the tasks that carry its id."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from appliance.domain.grants import Scope
from appliance.domain.ids import uuid7
from appliance.domain.tasks import Project
from appliance.errors import Invalid, NotFound
from appliance.storage import counters, staff
from appliance.storage.statements import (
    any_of,
    execute,
    fetch,
    fetch_value,
    insert,
    insert_many,
    update_row,
)
from appliance.storage.tables import ProjectMemberRow, ProjectRow
from appliance.storage.tx import Tx
from appliance.storage.visible import Fragment, visible

LABEL = "project.name"
MOST = 200
"""Projects of a list: a firm has tens of them."""


def reach(tx: Tx) -> Fragment:
    """Condition on `project j`: owned by, or shared with, whom the grant lets through."""
    owner, owner_args = visible(tx, "j.owner_id")
    if tx.grant.scope is Scope.ALL:
        return owner, owner_args
    member, member_args = visible(tx, "p.user_id")
    return (
        f"({owner} OR j.id IN (SELECT p.project_id FROM project_member p WHERE {member}))",
        (*owner_args, *member_args),
    )


async def add(tx: Tx, name: str, members: Sequence[UUID]) -> int:
    """Begin a project; give its number."""
    project_id = uuid7()
    number = await counters.draw("project")
    await insert(
        ProjectRow,
        id=project_id,
        number=number,
        name=tx.vault.seal_secret(LABEL, project_id, name.encode()),
        owner_id=tx.actor.id,
        created_at=tx.now,
    )
    await set_members(project_id, members)
    tx.about("project", project_id)
    return number


async def set_members(project_id: UUID, members: Sequence[UUID]) -> None:
    """Make exactly these colleagues its members."""
    await execute("DELETE FROM project_member WHERE project_id = {}", project_id)
    await insert_many(
        ProjectMemberRow,
        [
            {"id": uuid7(), "project_id": project_id, "user_id": one}
            for one in dict.fromkeys(members)
        ],
    )


async def change(tx: Tx, project_id: UUID, name: str, state: str) -> None:
    """Rename a project, close or reopen it."""
    sealed = tx.vault.seal_secret(LABEL, project_id, name.encode())
    await update_row(ProjectRow, project_id, name=sealed, state=state)


async def id_of(tx: Tx, number: int) -> UUID:
    """A project the actor takes part in.

    Raises:
        Invalid: at `project`: `project_not_found`.
    """
    scope, args = reach(tx)
    found = await fetch_value(
        f"SELECT j.id FROM project j WHERE j.number = {{}} AND {scope}", number, *args
    )
    if found is None:
        raise Invalid(fields={"project": "project_not_found"})
    return found


async def find(tx: Tx, number: int) -> Project:
    """One project.

    Raises:
        NotFound: `project_not_found`: absent, or not for this actor.
    """
    found = await _list(tx, "j.number = {}", (number,))
    if not found:
        raise NotFound("project_not_found")
    return found[0]


async def list_open(tx: Tx) -> tuple[Project, ...]:
    """Projects under way that the actor takes part in, newest first."""
    return await _list(tx, "j.state = 'open'", ())


async def list_all(tx: Tx) -> tuple[Project, ...]:
    """The same and those that are closed; what is under way stands first."""
    found = await _list(tx, "1 = 1", ())
    return tuple(sorted(found, key=lambda one: not one.open))


async def _list(tx: Tx, which: str, values: tuple[object, ...]) -> tuple[Project, ...]:
    scope, args = reach(tx)
    rows = await fetch(
        "SELECT j.id, j.number, j.name, j.owner_id, j.state, j.created_at FROM project j "
        f"WHERE {which} AND {scope} ORDER BY j.number DESC LIMIT {{}}",
        *values,
        *args,
        MOST,
    )
    if not rows:
        return ()
    ids = [row[0] for row in rows]
    people = {one.id: number for number, one in (await staff.directory(tx)).items()}
    members: dict[UUID, list[int]] = {}
    for project_id, user_id in await fetch(
        "SELECT project_id, user_id FROM project_member WHERE project_id IN {} ORDER BY id",
        any_of(ids),
    ):
        members.setdefault(project_id, []).append(people.get(user_id, 0))
    counts: dict[UUID, tuple[int, int]] = {}
    for project_id, total, done in await fetch(
        "SELECT project_id, COUNT(*), SUM(CASE WHEN state = 'open' THEN 0 ELSE 1 END) FROM task "
        "WHERE project_id IN {} GROUP BY project_id",
        any_of(ids),
    ):
        counts[project_id] = (int(total), int(done))
    return tuple(_project(tx, row, people, members, counts) for row in rows)


def _project(
    tx: Tx,
    row: tuple[Any, ...],
    people: dict[UUID, int],
    members: dict[UUID, list[int]],
    counts: dict[UUID, tuple[int, int]],
) -> Project:
    total, done = counts.get(row[0], (0, 0))
    return Project(
        id=row[0],
        number=row[1],
        name=tx.vault.open_secret(LABEL, row[0], row[2]).decode(),
        owner=people.get(row[3], 0),
        open=row[4] == "open",
        members=tuple(members.get(row[0], ())),
        tasks=total,
        closed=done,
        created_at=row[5],
    )
