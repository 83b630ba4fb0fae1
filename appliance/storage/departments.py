"""Departments: what `Scope.DEPARTMENT` reaches."""

from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.domain.users import Department, Team
from appliance.errors import NotFound
from appliance.storage.statements import fetch, fetch_value, insert
from appliance.storage.tables import DepartmentRow


async def list_all() -> list[Department]:
    """Every department, by name."""
    rows = await fetch("SELECT id, code, name FROM department ORDER BY name")
    return [Department(id=row[0], code=row[1], name=row[2]) for row in rows]


async def id_of(code: str) -> UUID | None:
    """Id of a department; None for an empty code.

    Raises:
        NotFound: `department_not_found`.
    """
    if not code:
        return None
    found: UUID | None = await fetch_value("SELECT id FROM department WHERE code = {}", code)
    if found is None:
        raise NotFound("department_not_found")
    return found


async def add(code: str, name: str) -> UUID:
    """Add a department; a taken code is refused by the unique index."""
    department_id = uuid7()
    await insert(DepartmentRow, id=department_id, code=code, name=name)
    return department_id


async def of_users() -> dict[UUID, UUID | None]:
    """Everybody's department."""
    return {row[0]: row[1] for row in await fetch("SELECT id, department_id FROM users")}


async def teams() -> tuple[Team, ...]:
    """Departments in which somebody works, by name."""
    rows = await fetch(
        "SELECT d.id, d.code, d.name, u.number FROM department d "
        "JOIN users u ON u.department_id = d.id WHERE u.active = {} ORDER BY d.name, u.number",
        True,
    )
    found: dict[UUID, Team] = {}
    for department_id, code, name, number in rows:
        known = found.get(department_id)
        members = () if known is None else known.members
        found[department_id] = Team(
            id=department_id, code=code, name=name, members=(*members, number)
        )
    return tuple(found.values())
