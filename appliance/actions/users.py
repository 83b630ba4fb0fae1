"""Colleagues: take on, let go, give roles, give a new password."""

from typing import Final, NamedTuple
from uuid import UUID

from appliance.actions._actors import forgets_actors, needs_step_up
from appliance.actions._gate import action
from appliance.actions._hashing import hashed, new_one_time_password
from appliance.domain import logins
from appliance.domain.access import Actor
from appliance.domain.personal import Personal
from appliance.domain.users import LANGUAGES, Department, NewUser, Profile, User
from appliance.errors import Conflict, Invalid
from appliance.roles import Permission
from appliance.storage import budgets, departments, roles_store, sessions, users
from appliance.storage.tx import Tx

MAX_NAME: Final = 200


class OneTime(NamedTuple):
    """A password that is good for one sign-in, shown once and kept nowhere."""

    number: int
    login: str
    password: Personal[str]


async def create(actor: Actor, new: NewUser) -> OneTime:
    """Take a colleague on; he has to change the password at his first sign-in.

    Raises:
        Invalid: by field: `login_…` (see `domain.logins`), `role_unknown`, `name_empty`.
        Conflict: `login_taken`.
        NotFound: `department_not_found`.
        Denied: `step_up_needed`.
    """
    password = Personal(new_one_time_password())
    number, login = await add(actor, new, await hashed(password))
    return OneTime(number, login, password)


@forgets_actors
@action(Permission.USER_MANAGE)
async def add(
    tx: Tx, new: NewUser, password_hash: str, must_change: bool = True
) -> tuple[int, str]:
    """Write a new colleague; the password was hashed before. Raises as `create`.

    Returns:
        his number and the login as it is kept.
    """
    needs_step_up(tx)
    login = logins.checked(new.login)
    profile = _profile(new.name, new.phone, new.email)
    await _check_roles(new.roles)
    if new.language not in LANGUAGES:
        raise Invalid(fields={"language": "choice_unknown"})
    if await users.login_taken(login):
        raise Conflict("login_taken")
    user_id = await users.add(
        tx,
        login=login,
        profile=profile,
        password_hash=password_hash,
        roles=new.roles,
        department_id=await departments.id_of(new.department),
        language=new.language,
        must_change=must_change,
    )
    tx.about("user", user_id)
    tx.payload = {"roles": list(new.roles)}
    return (await users.get(tx, user_id)).number, login


def _profile(name: Personal[str], phone: Personal[str], email: Personal[str]) -> Profile:
    parts = [" ".join(part.reveal().split()) for part in (name, phone, email)]
    if not parts[0]:
        raise Invalid(fields={"name": "name_empty"})
    if max(map(len, parts)) > MAX_NAME:
        raise Invalid(fields={"name": "name_long"})
    return Profile(name=parts[0], phone=parts[1], email=parts[2])


async def _check_roles(roles: tuple[str, ...]) -> None:
    if not roles:
        raise Invalid(fields={"roles": "role_missing"})
    if await roles_store.unknown(roles):
        raise Invalid(fields={"roles": "role_unknown"})


@action(Permission.USER_MANAGE, reads=True)
async def list_all(tx: Tx) -> list[User]:
    """Everybody, disabled colleagues too."""
    return await users.list_all(tx)


@action(Permission.USER_MANAGE, reads=True)
async def show(tx: Tx, number: int) -> User:
    """One colleague."""
    found = await users.get_by_number(tx, number)
    tx.about("user", found.id)
    return found


@action(Permission.USER_MANAGE, reads=True, quiet=True)
async def number_of(tx: Tx, login: str) -> int:
    """A colleague's number by login.

    Raises:
        NotFound: `user_not_found`.
    """
    return (await users.get_by_login(tx, logins.fold(login))).number


@forgets_actors
@action(Permission.USER_MANAGE)
async def disable(tx: Tx, number: int) -> None:
    """Let a colleague go: his sessions end at once, his name stays on what he did.

    Raises:
        Conflict: `user_is_me`, or `last_manager`: nobody would be left to manage people.
    """
    needs_step_up(tx)
    found = await users.get_by_number(tx, number)
    tx.about("user", found.id)
    if found.id == tx.actor.id:
        raise Conflict("user_is_me")
    await keep_a_manager(found.id)
    await users.change(found.id, active=False)
    await sessions.end_all(found.id)
    await sessions.forget_devices(found.id)


@forgets_actors
@action(Permission.USER_MANAGE)
async def enable(tx: Tx, number: int) -> None:
    """Take a colleague back, with the password he had."""
    needs_step_up(tx)
    found = await users.get_by_number(tx, number)
    tx.about("user", found.id)
    await users.change(found.id, active=True)


@forgets_actors
@action(Permission.USER_MANAGE)
async def set_roles(
    tx: Tx, number: int, roles: tuple[str, ...], seen: tuple[str, ...] | None = None
) -> None:
    """Give a colleague these roles instead of his own; his sessions end.

    `seen` are his roles as they were shown; None: whatever they are by now.

    Raises:
        Invalid: `role_unknown`, `role_missing`.
        Conflict: `last_manager`, `seen_changed`.
    """
    needs_step_up(tx)
    await _check_roles(roles)
    found = await users.get_by_number(tx, number)
    tx.about("user", found.id)
    if seen is not None and set(seen) != set(found.roles):
        raise Conflict("seen_changed")
    tx.payload = {"old": list(found.roles), "new": list(roles)}
    if not (await roles_store.grants_of(roles)).get(Permission.USER_MANAGE.value):
        await keep_a_manager(found.id)
    await users.change(found.id, roles=",".join(roles))
    await sessions.end_all(found.id)


@forgets_actors
@action(Permission.USER_MANAGE)
async def set_department(tx: Tx, number: int, department: str) -> None:
    """Put a colleague into a department, or with an empty code into none."""
    found = await users.get_by_number(tx, number)
    tx.about("user", found.id)
    await users.change(found.id, department_id=await departments.id_of(department))


@forgets_actors
@action(Permission.USER_MANAGE)
async def set_profile(
    tx: Tx, number: int, name: Personal[str], phone: Personal[str], email: Personal[str]
) -> None:
    """Change a colleague's name, phone and e-mail."""
    found = await users.get_by_number(tx, number)
    tx.about("user", found.id)
    await users.set_profile(tx, found.id, _profile(name, phone, email))


async def reset_password(actor: Actor, number: int) -> OneTime:
    """Give a colleague a one-time password; his sessions and known browsers end.

    Raises:
        NotFound: nobody has this number.
        Denied: `step_up_needed`.
    """
    password = Personal(new_one_time_password())
    return OneTime(number, await give_password(actor, number, await hashed(password)), password)


@forgets_actors
@action(Permission.USER_MANAGE)
async def give_password(tx: Tx, number: int, password_hash: str) -> str:
    """Write a one-time password, hashed before; his login. Raises as `reset_password`."""
    needs_step_up(tx)
    found = await users.get_by_number(tx, number)
    tx.about("user", found.id)
    await users.set_password(found.id, password_hash, tx.now, must_change=True)
    await sessions.end_all(found.id)
    await sessions.forget_devices(found.id)
    return found.login


@forgets_actors
@action(Permission.USER_MANAGE)
async def drop_factor(tx: Tx, number: int) -> None:
    """Take a lost authenticator off an account; its sessions end."""
    needs_step_up(tx)
    found = await users.get_by_number(tx, number)
    tx.about("user", found.id)
    await users.drop_factor(found.id)
    await sessions.end_all(found.id)


@forgets_actors
@action(Permission.USER_MANAGE)
async def end_sessions(tx: Tx, number: int) -> int:
    """End everything a colleague has open, and forget his browsers; how many sessions there were.

    Raises:
        NotFound: nobody has this number.
        Denied: `step_up_needed`.
    """
    needs_step_up(tx)
    found = await users.get_by_number(tx, number)
    tx.about("user", found.id)
    await sessions.forget_devices(found.id)
    return await sessions.end_all(found.id)


@action(Permission.USER_MANAGE)
async def set_leaving(tx: Tx, number: int, leaving: bool) -> None:
    """Note that a colleague has given notice, or took it back: fewer contacts, no exports.

    Raises:
        NotFound: nobody has this number.
        Denied: `step_up_needed`.
    """
    needs_step_up(tx)
    found = await users.get_by_number(tx, number)
    tx.about("user", found.id)
    tx.payload = {"leaving": leaving}
    await budgets.set_leaving(found.id, leaving=leaving)


@action(Permission.USER_MANAGE)
async def add_department(tx: Tx, code: str, name: str) -> UUID:
    """Add a department.

    Raises:
        Invalid: `department_empty`.
        Conflict: `row_exists`: the code is taken.
    """
    if not code.strip() or not name.strip():
        raise Invalid(fields={"name": "department_empty"})
    made = await departments.add(code.strip(), name.strip())
    tx.about("department", made)
    return made


@action(Permission.SELF, reads=True, quiet=True)
async def list_departments(tx: Tx) -> list[Department]:
    """Every department."""
    return await departments.list_all()


async def keep_a_manager(but: UUID) -> None:
    """Refuse what would leave nobody to manage people.

    Raises:
        Conflict: `last_manager`.
    """
    managing = {
        role.code
        for role in await roles_store.list_all()
        if Permission.USER_MANAGE.value in role.grants
    }
    if not await users.count_active_with(managing, but):
        raise Conflict("last_manager")
