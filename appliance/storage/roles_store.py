"""Roles as rows: the presets of a new box, and what its administrator made of them."""

from collections.abc import Iterable, Mapping
from uuid import UUID

import msgspec

from appliance.domain.grants import Access, Grant, Scope
from appliance.domain.users import Role, RoleGrant
from appliance.errors import Invalid, NotFound
from appliance.roles import FIELDS, MOST_DISCOUNT, NAMES, PRESETS, Grants, Permission, join_all
from appliance.storage import settings
from appliance.storage.engine.connections import Values
from appliance.storage.statements import any_of, execute, fetch, fetch_one, fetch_value, upsert
from appliance.storage.tables import RoleRow

_decode = msgspec.json.Decoder(dict[str, RoleGrant]).decode
_GRANTABLE = {permission.value for permission in Permission} - {
    Permission.HOUSE.value,
    Permission.SIGN_IN.value,
    Permission.PLUGIN.value,
}

KNOWN = "roles.known"
"""Setting: the permissions that this box's presets were made with."""

_FIRST = (
    "order.view order.create order.edit order.status order.assign order.pay customer.view"
    " customer.create customer.edit customer.reveal customer.find_owner product.view product.edit"
    " stock.edit reference.view reference.edit feed.read user.manage role.manage key.manage"
    " privacy.edit audit.view box.manage open.self open.sign_in house.upkeep"
)
"""Those of boxes that were made before the setting was."""


class Known(msgspec.Struct, frozen=True):
    """Permissions that presets have been asked about."""

    permissions: tuple[str, ...] = tuple(_FIRST.split())


def written(grants: Grants) -> dict[str, RoleGrant]:
    """Grants as a role keeps them: names of scopes and accesses; hidden fields are left out."""
    return {
        permission: RoleGrant(
            scope=grant.scope.name.lower(),
            fields={
                field: access.name.lower()
                for field, access in grant.fields.items()
                if access is not Access.HIDDEN
            },
        )
        for permission, grant in grants.items()
    }


def read(grants: Mapping[str, RoleGrant]) -> Grants:
    """The other way round.

    Raises:
        Invalid: `role_grant`, by the permission's name: unknown permission, scope, field or
            access, or one that no role may hold.
    """
    made: dict[str, Grant] = {}
    for permission, grant in grants.items():
        try:
            made[permission] = Grant(
                Scope[grant.scope.upper()],
                {field: Access[access.upper()] for field, access in grant.fields.items()},
            )
        except KeyError:
            raise Invalid(fields={permission: "role_grant"}) from None
        if permission not in _GRANTABLE or any(field not in FIELDS for field in grant.fields):
            raise Invalid(fields={permission: "role_grant"})
    return made


def _role(row: Values) -> Role:
    return Role(code=row[0], name=row[1], preset=bool(row[2]), grants=_decode(row[3]))


async def list_all() -> list[Role]:
    """Every role, by code."""
    return [
        _role(row)
        for row in await fetch("SELECT code, name, preset, grants FROM role ORDER BY code")
    ]


async def names() -> tuple[tuple[str, str], ...]:
    """Code and name of every role, by code: what a choice of roles shows."""
    return tuple(
        (row[0], row[1]) for row in await fetch("SELECT code, name FROM role ORDER BY code")
    )


async def get(code: str) -> Role:
    """One role.

    Raises:
        NotFound: `role_not_found`.
    """
    row = await fetch_one("SELECT code, name, preset, grants FROM role WHERE code = {}", code)
    if row is None:
        raise NotFound("role_not_found")
    return _role(row)


async def grants_of(codes: Iterable[str]) -> Grants:
    """What several roles give together; codes of deleted roles give nothing."""
    rows = await fetch("SELECT grants FROM role WHERE code IN {}", any_of(list(codes)))
    return join_all(read(_decode(row[0])) for row in rows)


async def put(code: str, name: str, grants: Mapping[str, RoleGrant], *, preset: bool) -> None:
    """Add a role or replace it whole."""
    text = msgspec.json.encode(grants).decode()
    await upsert(RoleRow, ("code",), code=code, name=name, preset=preset, grants=text)


async def follow_presets() -> None:
    """Give the preset roles what they grant of permissions that came with an upgrade.

    A preset that came with the upgrade is added. What an administrator made of the older
    permissions stays as it is. Repeating is safe.
    """
    for code in await unknown(PRESETS):
        await put(code, NAMES[code], written(PRESETS[code]), preset=True)
    known = set((await settings.get(KNOWN, Known)).permissions)
    new = {permission.value for permission in Permission} - known
    if not new:
        return
    for role in await list_all():
        grants = written(PRESETS.get(role.code, {})) if role.preset else {}
        added = {name: grant for name, grant in grants.items() if name in new}
        if added:
            await put(role.code, role.name, {**added, **role.grants}, preset=True)
    await note_known()


async def note_known() -> None:
    """Remember that the presets speak of every permission of this release."""
    await settings.put(KNOWN, Known(tuple(sorted(one.value for one in Permission))))


async def remove(code: str) -> None:
    """Delete a role of one's own; presets stay.

    Raises:
        NotFound: no such role, or a preset.
    """
    if not await execute("DELETE FROM role WHERE code = {} AND preset = {}", code, False):
        raise NotFound("role_not_found")


async def unknown(codes: Iterable[str]) -> list[str]:
    """Which of the codes are no roles."""
    wanted = list(codes)
    rows = await fetch("SELECT code FROM role WHERE code IN {}", any_of(wanted))
    known = {row[0] for row in rows}
    return [code for code in wanted if code not in known]


async def grant_new(presets: Mapping[str, Grants], *permissions: Permission) -> None:
    """Give the preset roles of a box what a new release's permissions give them.

    For migrations: a role that knows the permission already, or was made by hand, stays as it is.
    """
    for code, grants in presets.items():
        row = await fetch_one("SELECT grants FROM role WHERE code = {} AND preset = {}", code, True)
        if row is None:
            continue
        known = _decode(row[0])
        fresh = written({one.value: grants[one.value] for one in permissions if one in grants})
        missing = {name: grant for name, grant in fresh.items() if name not in known}
        if missing:
            text = msgspec.json.encode({**known, **missing}).decode()
            await execute("UPDATE role SET grants = {} WHERE code = {}", text, code)


async def most_discount(user_id: UUID) -> int:
    """The most a colleague may take off by hand, thousandths of a percent: of his best role."""
    listed = await fetch_value("SELECT roles FROM users WHERE id = {}", user_id) or ""
    codes = [one for one in listed.split(",") if one]
    rows = await fetch(
        "SELECT code, most_discount_milli FROM role "
        "WHERE code IN {} AND most_discount_milli IS NOT NULL",
        any_of(codes),
    )
    limits = {**{code: MOST_DISCOUNT.get(code, 0) for code in codes}, **dict(rows)}
    return max(limits.values(), default=0)


async def discount_limits() -> dict[str, int]:
    """Role → the most it may take off by hand, thousandths of a percent; absent: nothing."""
    rows = await fetch("SELECT code, most_discount_milli FROM role")
    return {code: MOST_DISCOUNT.get(code, 0) if most is None else most for code, most in rows}


async def set_most_discount(code: str, most_milli: int) -> None:
    """Set how much whoever holds a role may take off by hand."""
    await execute("UPDATE role SET most_discount_milli = {} WHERE code = {}", most_milli, code)
