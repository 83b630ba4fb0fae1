"""The admin door, people and what they may do: departments, roles, sessions."""

from typing import Any, Final

import msgspec
from litestar import Request, Router, post
from litestar.params import JSONBody

from appliance.actions import dismissal, roles_admin, sign_in_links, users
from appliance.api.console import (
    Answer,
    ByLogin,
    Input,
    Nothing,
    actor_of,
    control_of,
    first_field,
)
from appliance.domain.dismissal import TRAIL_DAYS, Dismissal
from appliance.domain.users import RoleGrant
from appliance.errors import Invalid

MOST_DAYS: Final = 1_100
"""Three years: so long the log is asked about."""


class ByCode(Input):
    """The code of a role."""

    code: str


class NewDepartment(Input):
    """A department's code and name."""

    code: str
    name: str


class SetDepartment(Input):
    """A department's code for a colleague; empty: none."""

    of: str
    department: str


class EditRole(Input):
    """What a role grants instead of what it granted; `seen`: as it was shown to who changes it."""

    code: str
    name: str
    grants: dict[str, RoleGrant]
    seen: dict[str, RoleGrant] | None = None


@post("/users/end-sessions", status_code=200)
async def end_sessions(request: Request[Any, Any, Any], data: JSONBody[ByLogin]) -> Answer:
    """End what a colleague has open: `{"ended"}`."""
    number = await users.number_of(actor_of(request), data.of)
    return {"ended": await users.end_sessions(actor_of(request), number)}


@post("/users/link", status_code=200)
async def link(request: Request[Any, Any, Any], data: JSONBody[ByLogin]) -> Answer:
    """Draw a link that is good once: `{"login", "link", "until"}`, the link once."""
    number = await users.number_of(actor_of(request), data.of)
    made = await sign_in_links.make(actor_of(request), number)
    address = control_of(request).address()
    return {
        "login": made.login,
        "link": f"{address}/enter/{made.token.reveal()}",
        "until": made.until.isoformat(timespec="seconds"),
    }


class SetLeaving(Input):
    """Whether a colleague has given notice."""

    of: str
    leaving: bool = True


@post("/users/set-leaving", status_code=200)
async def set_leaving(request: Request[Any, Any, Any], data: JSONBody[SetLeaving]) -> Answer:
    """Cut down what somebody may see before he goes, or take that back."""
    number = await users.number_of(actor_of(request), data.of)
    await users.set_leaving(actor_of(request), number, data.leaving)
    return {}


class Dismiss(Input):
    """Who goes and who takes over, by login."""

    of: str
    heir: str


class TrailOf(Input):
    """Whose trail, and how many days back."""

    of: str
    days: int = TRAIL_DAYS


@post("/users/dismiss", status_code=200)
async def dismiss(request: Request[Any, Any, Any], data: JSONBody[Dismiss]) -> Answer:
    """Freeze a colleague and have his work handed over: as `/users/dismissal`."""
    actor = actor_of(request)
    number = await users.number_of(actor, data.of)
    heir = await users.number_of(actor, data.heir)
    return _stands(await dismissal.begin(actor, number, heir))


@post("/users/dismissal", status_code=200)
async def dismissal_state(request: Request[Any, Any, Any], data: JSONBody[ByLogin]) -> Answer:
    """How far it is: `{"runs", "stage", "moved", "refused"}`; `began_at` null: it never began."""
    number = await users.number_of(actor_of(request), data.of)
    return _stands(await dismissal.state(actor_of(request), number))


def _stands(known: Dismissal) -> Answer:
    return {"runs": known.runs, **msgspec.to_builtins(known)}


@post("/users/trail", status_code=200)
async def trail(request: Request[Any, Any, Any], data: JSONBody[TrailOf]) -> Answer:
    """What a colleague opened and took out: `{"login", "since", "lines"}`."""
    number = await users.number_of(actor_of(request), data.of)
    if not 0 < data.days <= MOST_DAYS:
        raise Invalid("trail_days", most=MOST_DAYS)
    return await control_of(request).trail(actor_of(request), number, data.days)


@post("/users/set-department", status_code=200)
async def set_department(request: Request[Any, Any, Any], data: JSONBody[SetDepartment]) -> Answer:
    """Put a colleague into a department."""
    number = await users.number_of(actor_of(request), data.of)
    await users.set_department(actor_of(request), number, data.department)
    return {}


@post("/users/eyes", status_code=200)
async def through_eyes_of(request: Request[Any, Any, Any], data: JSONBody[ByLogin]) -> Answer:
    """What a colleague may do with all his roles: `{"grants"}`."""
    number = await users.number_of(actor_of(request), data.of)
    grants = await roles_admin.through_eyes_of(actor_of(request), number)
    return {"grants": msgspec.to_builtins(grants)}


@post("/departments/list", status_code=200)
async def list_departments(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """Every department: id, code, name."""
    found = await users.list_departments(actor_of(request))
    return {"departments": [msgspec.to_builtins(one) for one in found]}


@post("/departments/add", status_code=200)
async def add_department(request: Request[Any, Any, Any], data: JSONBody[NewDepartment]) -> Answer:
    """Add one."""
    await users.add_department(actor_of(request), data.code, data.name)
    return {}


@post("/roles/list", status_code=200)
async def list_roles(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """Every role with its grants."""
    found = await roles_admin.list_all(actor_of(request))
    return {"roles": [msgspec.to_builtins(one) for one in found]}


@post("/roles/edit", status_code=200)
async def edit_role(request: Request[Any, Any, Any], data: JSONBody[EditRole]) -> Answer:
    """Replace a role's grants; sessions of those who hold it end."""
    await roles_admin.edit(actor_of(request), data.code, data.name, data.grants, data.seen)
    return {}


@post("/roles/remove", status_code=200)
async def remove_role(request: Request[Any, Any, Any], data: JSONBody[ByCode]) -> Answer:
    """Delete a role that nobody holds."""
    await roles_admin.remove(actor_of(request), data.code)
    return {}


HANDLERS: Final = (
    Router(
        path="/",
        route_handlers=[
            end_sessions,
            link,
            set_leaving,
            dismiss,
            dismissal_state,
            trail,
            set_department,
            through_eyes_of,
            list_departments,
            add_department,
            list_roles,
            edit_role,
            remove_role,
        ],
        exception_handlers={Invalid: first_field},
    ),
)
