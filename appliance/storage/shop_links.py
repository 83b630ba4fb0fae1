"""What the connection of a shop is made of beside its settings: key, module, branch, people."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.modules import ShopModule
from appliance.errors import Invalid
from appliance.storage import branches
from appliance.storage.statements import execute, fetch, fetch_one, fetch_value


class KeyUse(NamedTuple):
    """A key that works, and when it was used last."""

    number: int
    made_at: datetime
    used_at: datetime | None


async def key_of(number: int) -> KeyUse | None:
    """A key unless it was revoked."""
    row = await fetch_one(
        "SELECT number, created_at, used_at FROM api_key WHERE number = {} AND revoked_at IS NULL",
        number,
    )
    return None if row is None else KeyUse(*row)


async def note_use(key_hash: bytes, now: datetime) -> None:
    """Write down that a key was used."""
    await execute("UPDATE api_key SET used_at = {} WHERE key_hash = {}", now, key_hash)


async def module_of(shop: str) -> ShopModule:
    """The module that told last for a shop who it is; an empty one: nobody did."""
    prefix = f"module.{shop}."
    rows = await fetch(
        "SELECT value FROM setting WHERE SUBSTR(key, 1, CAST({} AS INTEGER)) = {}",
        len(prefix),
        prefix,
    )
    found = [msgspec.json.decode(row[0], type=ShopModule) for row in rows]
    return next((one for one in found if one.active), ShopModule())


async def branch_of(shop: str) -> str:
    """Code of the branch whose people see a shop's orders; empty: everybody's."""
    code = await fetch_value(
        "SELECT b.code FROM shop s JOIN branch b ON b.id = s.branch_id WHERE s.code = {}", shop
    )
    return code or ""


async def set_branch(shop: str, branch: str) -> None:
    """Give a shop to a branch, or to none.

    Raises:
        Invalid: `code_unknown`.
    """
    found = await branches.id_of(branch) if branch else None
    if branch and found is None:
        raise Invalid("code_unknown", fields={"branch": "code_unknown"})
    await execute("UPDATE shop SET branch_id = {} WHERE code = {}", found, shop)


async def active_colleague(number: int) -> UUID | None:
    """A colleague who works here now."""
    return await fetch_value("SELECT id FROM users WHERE number = {} AND active = {}", number, True)


async def people_of(department: str) -> list[UUID]:
    """Who works in a department now."""
    rows = await fetch(
        "SELECT u.id FROM users u JOIN department d ON d.id = u.department_id "
        "WHERE d.code = {} AND u.active = {}",
        department,
        True,
    )
    return [row[0] for row in rows]
