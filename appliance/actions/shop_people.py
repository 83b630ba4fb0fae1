"""Colleagues and their roles as a shop's module knows them: numbers, names, what they are."""

from datetime import datetime
from uuid import UUID

import msgspec

from appliance.actions._gate import action
from appliance.domain.personal import Personal
from appliance.domain.users import Role
from appliance.roles import Permission
from appliance.storage import roles_store, users
from appliance.storage.tx import Tx


class ShopColleague(msgspec.Struct, frozen=True, kw_only=True):
    """A colleague without his phone and mailbox, which are no business of a shop's program."""

    id: UUID
    number: int
    name: Personal[str]
    active: bool
    roles: tuple[str, ...]
    created_at: datetime


class ShopPeople(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody and every role; there are tens of them."""

    people: tuple[ShopColleague, ...]
    roles: tuple[Role, ...]


@action(Permission.REFERENCE_VIEW, reads=True, quiet=True)
async def everybody(tx: Tx) -> ShopPeople:
    """All colleagues by number, those who left too, and all roles."""
    found = await users.list_all(tx)
    return ShopPeople(
        people=tuple(
            ShopColleague(
                id=one.id,
                number=one.number,
                name=one.name,
                active=one.active,
                roles=one.roles,
                created_at=one.created_at,
            )
            for one in found
        ),
        roles=tuple(await roles_store.list_all()),
    )
