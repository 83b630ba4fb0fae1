"""Whom the box tells when something is wrong with it."""

from uuid import UUID

import msgspec

from appliance.domain import emails
from appliance.domain.users import Profile
from appliance.roles import Permission
from appliance.storage import letters, roles_store, staff, users
from appliance.storage.statements import fetch
from appliance.storage.tx import Tx


async def first_administrator() -> UUID | None:
    """Somebody who runs the box and works here: the first by number."""
    roles = {
        role.code
        for role in await roles_store.list_all()
        if Permission.BOX_MANAGE.value in role.grants
    } or {"administrator"}
    rows = await fetch("SELECT id, roles FROM users WHERE active ORDER BY number")
    return next((row[0] for row in rows if roles & set(users.split(row[1]))), None)


async def administrators(tx: Tx) -> list[tuple[str, str]]:
    """(address, name) of everybody who works here, manages the box and has an address."""
    ids = {
        user_id
        for role in await roles_store.list_all()
        if Permission.BOX_MANAGE.value in role.grants
        for user_id in await users.ids_with_role(role.code)
    }
    found: list[tuple[str, str]] = []
    for user_id, profile, _ in await letters.users_with(sorted(ids)) if ids else ():
        if profile is None:
            continue
        opened = msgspec.msgpack.decode(
            tx.vault.open_secret(staff.LABEL, user_id, profile), type=Profile
        )
        address = emails.normalise(opened.email) or ""
        if address and address.isascii():
            found.append((address, opened.name))
    return found
