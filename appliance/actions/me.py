"""My own account: password, authenticator, spare codes, how pages look."""

from typing import NamedTuple
from uuid import UUID

from appliance.actions._actors import forgets_actors, manages, must_enrol
from appliance.actions._gate import action
from appliance.actions._hashing import checked, hashed
from appliance.actions.sessions import policy
from appliance.actions.sign_in import use_code
from appliance.domain import password_rules, totp
from appliance.domain.access import Actor
from appliance.domain.personal import Personal
from appliance.domain.users import DENSITIES, LANGUAGES, THEMES, User
from appliance.errors import Conflict, Denied, Invalid, Unauthenticated
from appliance.roles import Permission
from appliance.storage import roles_store, sessions, users
from appliance.storage.tx import Tx


class Enrolment(NamedTuple):
    """A new authenticator's seed, shown until it is confirmed.

    Attributes:
        spelled: for typing in by hand.
        uri: for the square code.
    """

    spelled: Personal[str]
    uri: Personal[str]


class _Mine(NamedTuple):
    password_hash: str
    admin: bool
    own_words: tuple[str, ...]


async def change_password(
    actor: Actor, session_id: UUID | None, current: Personal[str], fresh: Personal[str]
) -> None:
    """Change my password; my other sessions end.

    Args:
        actor: the person.
        session_id: the session that stays; None: none.
        current: as typed.
        fresh: as typed.

    Raises:
        Unauthenticated: `wrong_credentials`: the current one is wrong.
        Invalid: field `password` (see `domain.password_rules`), `password_same`.
    """
    mine = await read_rules(actor)
    right, _ = await checked(mine.password_hash, current)
    if not right:
        raise Unauthenticated("wrong_credentials")
    typed = fresh.reveal()
    problem = password_rules.problem(typed, admin=mine.admin, own_words=mine.own_words)
    if typed == current.reveal():
        problem = "password_same"
    if problem:
        raise Invalid(fields={"password": problem})
    await set_password(actor, session_id, mine.password_hash, await hashed(fresh))


@action(Permission.SELF, reads=True, quiet=True)
async def read_rules(tx: Tx) -> _Mine:
    """What my new password is checked against."""
    who = await users.credentials_of(tx.actor.id)
    name = (await users.get(tx, tx.actor.id)).name.reveal()
    grants = await roles_store.grants_of(who.roles)
    words = (who.login, name, *(await policy()).company_words)
    return _Mine(who.password_hash, manages(grants), words)


@forgets_actors
@action(Permission.SELF)
async def set_password(tx: Tx, session_id: UUID | None, old_hash: str, new_hash: str) -> None:
    """Write my new password, checked and hashed before.

    Raises:
        Conflict: it was changed meanwhile.
    """
    me = tx.actor.id
    tx.about("user", me)
    if (await users.credentials_of(me)).password_hash != old_hash:
        raise Conflict("conflict")
    await users.set_password(me, new_hash, tx.now, must_change=False)
    await sessions.end_all(me, session_id)


@action(Permission.SELF)
async def begin_factor(tx: Tx, issuer: str) -> Enrolment:
    """Draw a new authenticator's seed; it counts once `confirm_factor` has seen a code of it.

    Raises:
        Conflict: `factor_exists`: take the old one off first.
    """
    who = await users.credentials_of(tx.actor.id)
    tx.about("user", who.id)
    if who.factor:
        raise Conflict("factor_exists")
    secret = totp.new_secret()
    await users.draft_factor(tx, who.id, secret)
    uri = totp.provisioning_uri(secret, who.login, issuer)
    return Enrolment(Personal(totp.spelled(secret)), Personal(uri))


@forgets_actors
@action(Permission.SELF)
async def confirm_factor(tx: Tx, code: Personal[str]) -> list[Personal[str]]:
    """Confirm the authenticator by its first code; gives ten spare codes, shown once.

    Raises:
        Conflict: `factor_not_begun`, `factor_exists`.
        Unauthenticated: `wrong_code`.
    """
    me = tx.actor.id
    tx.about("user", me)
    who = await users.credentials_of(me)
    secret = await users.factor_secret(tx, me)
    if who.factor or secret is None:
        raise Conflict("factor_exists" if who.factor else "factor_not_begun")
    step = totp.matching_step(secret, code.reveal(), tx.now, 0)
    if step is None or not await users.use_step(me, step):
        raise Unauthenticated("wrong_code")
    return await _new_codes(me)


@action(Permission.SELF)
async def renew_recovery_codes(tx: Tx) -> list[Personal[str]]:
    """Draw ten new spare codes; the old ones are void.

    Raises:
        Denied: `step_up_needed`.
        Conflict: `factor_not_begun`.
    """
    tx.about("user", tx.actor.id)
    _fresh(tx)
    if not (await users.credentials_of(tx.actor.id)).factor:
        raise Conflict("factor_not_begun")
    return await _new_codes(tx.actor.id)


@forgets_actors
@action(Permission.SELF)
async def drop_factor(tx: Tx, code: Personal[str]) -> None:
    """Take my authenticator off.

    Raises:
        Unauthenticated: `wrong_code`.
        Denied: `factor_required` by the box's policy, `step_up_needed`.
    """
    tx.about("user", tx.actor.id)
    _fresh(tx)
    if must_enrol(await policy(), tx.actor.grants):
        raise Denied("factor_required")
    await use_code(tx, tx.actor.id, code)
    await users.drop_factor(tx.actor.id)


def _fresh(tx: Tx) -> None:
    if not tx.actor.step_up:
        raise Denied("step_up_needed")


async def _new_codes(user_id: UUID) -> list[Personal[str]]:
    codes = totp.new_recovery_codes()
    await users.set_recovery_hashes(user_id, [totp.recovery_hash(code) for code in codes])
    return [Personal(code) for code in codes]


@forgets_actors
@action(Permission.SELF, quiet=True)
async def set_looks(
    tx: Tx, language: str | None = None, theme: str | None = None, density: str | None = None
) -> None:
    """Choose language, theme or density; None leaves one as it is.

    Raises:
        Invalid: a value that there is not.
    """
    wanted = (
        ("language", language, LANGUAGES),
        ("theme", theme, THEMES),
        ("density", density, DENSITIES),
    )
    chosen = {name: value for name, value, _ in wanted if value is not None}
    wrong = {
        name: "choice_unknown"
        for name, value, known in wanted
        if value is not None and value not in known
    }
    if wrong:
        raise Invalid(fields=wrong)
    if chosen:
        await users.change(tx.actor.id, **chosen)


@action(Permission.SELF, reads=True, quiet=True)
async def read(tx: Tx) -> User:
    """Who I am, as pages show it."""
    return await users.get(tx, tx.actor.id)
