"""People in roles at companies."""

from typing import NamedTuple
from uuid import UUID

from appliance.domain.companies import Tie
from appliance.domain.customers import CustomerBrief
from appliance.domain.ids import uuid7
from appliance.storage import customer_views
from appliance.storage.statements import execute, fetch, fetch_one, upsert
from appliance.storage.tables import CompanyContactRow
from appliance.storage.tx import Tx

MOST_SHOWN = 50


class Held(NamedTuple):
    """A role that somebody holds."""

    id: UUID
    company_id: UUID
    customer_id: UUID
    role: str
    is_main: bool


async def find(tie_id: UUID) -> Held | None:
    """One by its id."""
    row = await fetch_one(
        "SELECT id, company_id, customer_id, role, is_main FROM company_contact WHERE id = {}",
        tie_id,
    )
    if row is None:
        return None
    return Held(row[0], row[1], row[2], row[3], bool(row[4]))


async def put(company_id: UUID, person_id: UUID, role: str) -> bool:
    """Give a person a role, or another one; the first of a company is its main one.

    Returns:
        Whether the person is new to the company.
    """
    known = await fetch_one(
        "SELECT id FROM company_contact WHERE company_id = {} AND customer_id = {}",
        company_id,
        person_id,
    )
    if known is not None:
        await execute("UPDATE company_contact SET role = {} WHERE id = {}", role, known[0])
        return False
    first = await fetch_one(
        "SELECT 1 FROM company_contact WHERE company_id = {} LIMIT 1", company_id
    )
    await upsert(
        CompanyContactRow,
        ("company_id", "customer_id"),
        id=uuid7(),
        company_id=company_id,
        customer_id=person_id,
        role=role,
        is_main=first is None,
    )
    return True


async def is_tied(company_id: UUID, person_id: UUID) -> bool:
    """Whether a person stands at a company already, in whatever role."""
    row = await fetch_one(
        "SELECT 1 FROM company_contact WHERE company_id = {} AND customer_id = {}",
        company_id,
        person_id,
    )
    return row is not None


async def remove(held: Held) -> None:
    """Take a person off a company; a main one leaves the place to whoever came next."""
    await execute("DELETE FROM company_contact WHERE id = {}", held.id)
    if not held.is_main:
        return
    following = await fetch_one(
        "SELECT id FROM company_contact WHERE company_id = {} ORDER BY id LIMIT 1", held.company_id
    )
    if following is not None:
        await execute("UPDATE company_contact SET is_main = {} WHERE id = {}", True, following[0])


async def make_main(held: Held) -> None:
    """Whom to turn to first."""
    await execute(
        "UPDATE company_contact SET is_main = (id = {}) WHERE company_id = {}",
        held.id,
        held.company_id,
    )


async def ties(tx: Tx, customer_id: UUID, *, company: bool) -> tuple[Tie, ...]:
    """People of a company, or companies of a person; those out of reach by their number alone."""
    mine, other = ("company_id", "customer_id") if company else ("customer_id", "company_id")
    rows = await fetch(
        f"SELECT k.id, k.{other}, k.role, k.is_main, c.number, c.kind FROM company_contact k "
        f"JOIN customer c ON c.id = k.{other} WHERE k.{mine} = {{}} "
        "ORDER BY k.is_main DESC, k.id LIMIT {}",
        customer_id,
        MOST_SHOWN,
    )
    seen = await customer_views.rows_by_ids(tx, [row[1] for row in rows])
    found: list[Tie] = []
    for tie_id, other_id, role, is_main, number, _ in rows:
        brief: CustomerBrief | None = None
        if other_id in seen:
            brief = customer_views.brief(tx, *seen[other_id])
        found.append(Tie(id=tie_id, role=role, is_main=bool(is_main), number=number, client=brief))
    return tuple(found)
