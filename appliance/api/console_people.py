"""The admin door, people and what they may do: departments, roles, sessions."""

from typing import Any, Final

import msgspec
from litestar import Request, Router, post
from litestar.params import JSONBody

from appliance.actions import roles_admin, users
from appliance.api.console import Answer, ByLogin, Input, Nothing, actor_of, first_field
from appliance.domain.users import RoleGrant
from appliance.errors import Invalid


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
    """What a role grants instead of what it granted."""

    code: str
    name: str
    grants: dict[str, RoleGrant]


@post("/users/end-sessions", status_code=200)
async def end_sessions(request: Request[Any, Any, Any], data: JSONBody[ByLogin]) -> Answer:
    """End what a colleague has open: `{"ended"}`."""
    number = await users.number_of(actor_of(request), data.of)
    return {"ended": await users.end_sessions(actor_of(request), number)}


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
    await roles_admin.edit(actor_of(request), data.code, data.name, data.grants)
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
