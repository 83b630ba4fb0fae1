"""Roles as data: seed the presets, edit what a role grants."""

from collections.abc import Mapping

from appliance.actions._actors import forgets_actors, needs_step_up
from appliance.actions._gate import action
from appliance.actions.users import keep_a_manager
from appliance.domain.access import NOBODY
from appliance.domain.users import Role, RoleGrant
from appliance.errors import Conflict, Invalid
from appliance.roles import NAMES, PRESETS, Permission
from appliance.storage import roles_store, sessions, users
from appliance.storage.tx import Tx


@forgets_actors
@action(Permission.HOUSE)
async def seed_presets(tx: Tx) -> int:
    """Write the preset roles that are missing; how many. Edited ones stay as they are."""
    missing = await roles_store.unknown(PRESETS)
    for code in missing:
        grants = roles_store.written(PRESETS[code])
        await roles_store.put(code, NAMES[code], grants, preset=True)
    return len(missing)


@action(Permission.ROLE_MANAGE, reads=True)
async def list_all(tx: Tx) -> list[Role]:
    """Every role with its grants."""
    return await roles_store.list_all()


@action(Permission.USER_MANAGE, reads=True)
async def through_eyes_of(tx: Tx, number: int) -> dict[str, RoleGrant]:
    """What a colleague may do with all his roles together: permission → scope and fields.

    Raises:
        NotFound: nobody has this number.
    """
    found = await users.get_by_number(tx, number)
    tx.about("user", found.id)
    return roles_store.written(await roles_store.grants_of(found.roles))


@forgets_actors
@action(Permission.ROLE_MANAGE)
async def edit(
    tx: Tx,
    code: str,
    name: str,
    grants: Mapping[str, RoleGrant],
    seen: Mapping[str, RoleGrant] | None = None,
) -> None:
    """Replace a role's grants, or add a role; sessions of those who hold it end.

    `seen` is what it granted when it was shown; None: whatever it grants by now.

    Raises:
        Invalid: `role_grant` by permission, `role_code`, `name_empty`.
        Conflict: `last_manager`: nobody would be left to manage people; `seen_changed`.
        Denied: `step_up_needed`.
    """
    needs_step_up(tx)
    if not code.replace("_", "").isalnum() or not code.isascii() or "," in code:
        raise Invalid(fields={"code": "role_code"})
    if not name.strip():
        raise Invalid(fields={"name": "name_empty"})
    roles_store.read(grants)
    before = {role.code: role for role in await roles_store.list_all()}
    old = before.get(code)
    if seen is not None and seen != (old.grants if old else {}):
        raise Conflict("seen_changed")
    await roles_store.put(code, name.strip(), grants, preset=old is not None and old.preset)
    await keep_a_manager(NOBODY)
    await _end_sessions(code)
    tx.object_type = "role"
    tx.payload = {
        "code": code,
        "old": sorted(old.grants) if old else [],
        "new": [f"{name}:{grant.scope}" for name, grant in sorted(grants.items())],
    }


@forgets_actors
@action(Permission.ROLE_MANAGE)
async def remove(tx: Tx, code: str) -> None:
    """Delete a role of one's own that nobody holds.

    Raises:
        Conflict: `role_in_use`.
        NotFound: no such role, or a preset.
        Denied: `step_up_needed`.
    """
    needs_step_up(tx)
    tx.object_type = "role"
    tx.payload = {"code": code}
    if await users.ids_with_role(code):
        raise Conflict("role_in_use")
    await roles_store.remove(code)


async def _end_sessions(code: str) -> None:
    for user_id in await users.ids_with_role(code):
        await sessions.end_all(user_id)
