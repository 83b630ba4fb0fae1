"""Who is who among colleagues: numbers and names, kept in memory."""

from typing import NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.users import Profile
from appliance.storage import roles_store
from appliance.storage.statements import fetch, fetch_value
from appliance.storage.tx import Tx

LABEL = "users.profile"


class Colleague(NamedTuple):
    """One user for lists; `name` is empty while the vault is sealed."""

    id: UUID
    number: int
    name: str
    active: bool


_known: list[dict[int, Colleague]] = []  # one map or none; it is never seen half filled
_decoder = msgspec.msgpack.Decoder(Profile)


def forget() -> None:
    """Read everybody anew next time: called after a user was changed, and by seal."""
    _known.clear()


async def directory(tx: Tx) -> dict[int, Colleague]:
    """All users by number."""
    known = _known[:]
    if not known:
        fresh: dict[int, Colleague] = {}
        rows = await fetch("SELECT id, number, profile, active FROM users")
        for user_id, number, cell, active in rows:
            name = ""
            if cell is not None and tx.vault.is_open:
                name = _decoder.decode(tx.vault.open_secret(LABEL, user_id, cell)).name
            fresh[number] = Colleague(user_id, number, name, bool(active))
        known = _known[:] = [fresh]
    return known[0]


async def name_of(tx: Tx, number: int | None) -> str:
    """A user's name, empty for nobody."""
    if not number:
        return ""
    found = (await directory(tx)).get(number)
    return "" if found is None else found.name


async def id_of(number: int) -> UUID | None:
    """The id of an active user; None if there is none with that number."""
    return await fetch_value("SELECT id FROM users WHERE number = {} AND active = {}", number, True)


async def active_with_role(role: str, shop: str = "") -> list[Colleague]:
    """Active users who hold a role, by number; names are left out.

    A shop of a branch has the branch's people only: what none of them takes waits in its queue.
    """
    branch = await fetch_value("SELECT branch_id FROM shop WHERE code = {}", shop) if shop else None
    if branch is None:
        rows = await fetch("SELECT id, number, roles FROM users WHERE active = {}", True)
    else:
        rows = await fetch(
            "SELECT u.id, u.number, u.roles FROM users u "
            "JOIN department d ON d.id = u.department_id "
            "WHERE u.active = {} AND d.branch_id = {}",
            True,
            branch,
        )
    return [
        Colleague(user_id, number, "", True)
        for user_id, number, roles in rows
        if role in roles.split(",")
    ]


async def active_with_own(permission: str) -> list[Colleague]:
    """Active users whose roles let them work off what is their own; names are left out."""
    roles = {
        role.code
        for role in await roles_store.list_all()
        if (grant := role.grants.get(permission)) is not None and grant.scope == "own"
    }
    rows = await fetch("SELECT id, number, roles FROM users WHERE active = {}", True)
    return [
        Colleague(user_id, number, "", True)
        for user_id, number, held in sorted(rows, key=lambda row: row[1])
        if roles & set(held.split(","))
    ]


async def logins() -> dict[str, int]:
    """Login → number of everybody who works here now."""
    rows = await fetch("SELECT login, number FROM users WHERE active = {}", True)
    return {row[0]: row[1] for row in rows}
