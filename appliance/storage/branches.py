"""Branches and what belongs to them: what `Scope.BRANCH` reaches."""

from collections.abc import Sequence
from uuid import UUID

from appliance.domain.branches import Branch, BranchScreen, Member
from appliance.domain.ids import uuid7
from appliance.storage import references
from appliance.storage.statements import any_of, execute, fetch, fetch_value, insert
from appliance.storage.tables import BranchRow

_MEMBERS = (
    "SELECT m.code, m.name, COALESCE(b.code, '') FROM department m "
    "LEFT JOIN branch b ON b.id = m.branch_id ORDER BY m.name",
    "SELECT m.code, m.name, COALESCE(b.code, '') FROM shop m "
    "LEFT JOIN branch b ON b.id = m.branch_id ORDER BY m.number",
    "SELECT m.code, m.name, COALESCE(b.code, '') FROM warehouse m "
    "LEFT JOIN branch b ON b.id = m.branch_id ORDER BY m.number",
)
_LEAVE = (
    "UPDATE department SET branch_id = NULL WHERE branch_id = {}",
    "UPDATE shop SET branch_id = NULL WHERE branch_id = {}",
    "UPDATE warehouse SET branch_id = NULL WHERE branch_id = {}",
)
_JOIN = (
    "UPDATE department SET branch_id = {} WHERE code IN {}",
    "UPDATE shop SET branch_id = {} WHERE code IN {}",
    "UPDATE warehouse SET branch_id = {} WHERE code IN {}",
)


async def screen() -> BranchScreen:
    """Everything, by name and number."""
    departments, shops, warehouses = [
        tuple(
            Member(code=code, name=name, branch=branch) for code, name, branch in await fetch(one)
        )
        for one in _MEMBERS
    ]

    def of(branch: str, members: Sequence[Member]) -> tuple[str, ...]:
        return tuple(one.code for one in members if one.branch == branch)

    rows = await fetch("SELECT code, name FROM branch ORDER BY name, code")
    return BranchScreen(
        branches=tuple(
            Branch(
                code=code,
                name=name,
                departments=of(code, departments),
                shops=of(code, shops),
                warehouses=of(code, warehouses),
            )
            for code, name in rows
        ),
        departments=departments,
        shops=shops,
        warehouses=warehouses,
    )


async def id_of(code: str) -> UUID | None:
    """A branch by its code."""
    return await fetch_value("SELECT id FROM branch WHERE code = {}", code)


async def put(branch: Branch) -> UUID:
    """Add a branch or replace it whole; who belonged to another one leaves it."""
    known = await id_of(branch.code)
    if known is None:
        known = uuid7()
        await insert(BranchRow, id=known, code=branch.code, name=branch.name)
    else:
        await execute("UPDATE branch SET name = {} WHERE id = {}", branch.name, known)
    members = (branch.departments, branch.shops, branch.warehouses)
    for leave, join, codes in zip(_LEAVE, _JOIN, members, strict=True):
        await execute(leave, known)
        if codes:
            await execute(join, known, any_of(list(codes)))
    await references.touch()
    return known


async def remove(branch_id: UUID) -> None:
    """Dissolve a branch; what belonged to it belongs to none."""
    for leave in _LEAVE:
        await execute(leave, branch_id)
    await execute("DELETE FROM branch WHERE id = {}", branch_id)
    await references.touch()
