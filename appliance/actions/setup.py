"""The first run: who we are, who owns the box, what was decided, and what is left to do.

Each step may be repeated: what is the same already is not written anew. What lies outside the
database (keys, settings file, certificates, folders) is done by boot after the step was allowed
here, and noted here when it is done.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from appliance.actions import legal_entities as entities
from appliance.actions._actors import forgets_actors, needs_step_up
from appliance.actions._gate import action
from appliance.domain import logins
from appliance.domain.papers import EntityDraft, OwnRequisites
from appliance.domain.protection import Level, Protection, level_of
from appliance.domain.setup import Facts, PlanLine, Setup, SetupStep, plan
from appliance.domain.users import Profile, User
from appliance.errors import Conflict, Invalid
from appliance.roles import Permission
from appliance.storage import copy_runs, legal_entities, letters, sessions, settings, users
from appliance.storage.statements import fetch_value
from appliance.storage.tx import Tx

KEY: Final = "setup"
ADMINISTRATOR, OFFICER, HEAD = "administrator", "data_officer", "head"
LONGEST_NAME: Final = 200
TYPED: Final = ("contragent_type", "name", "inn", "kpp", "ogrn", "address", "director")
"""What the first run asks of our company; bank and the rest have their own page."""


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What boot sees beside the database; fields as in `Facts`."""

    ways_in: tuple[str, ...] = ()
    targets: int = 0
    off_box: int = 0
    outer: bool = False
    brought: bool = False


class Colleague(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who signs in."""

    login: str
    name: str
    roles: tuple[str, ...]


class SetupScreen(msgspec.Struct, frozen=True, kw_only=True):
    """How the first run stands.

    Attributes:
        at: the first step that is not done.
        company: requisites of the usual legal entity.
        empty: there is no client yet, so invented ones may still be made.
    """

    setup: Setup
    at: SetupStep
    company: OwnRequisites
    colleagues: tuple[Colleague, ...]
    level: Level
    plan: tuple[PlanLine, ...]
    empty: bool


class OwnerAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Who owns the box: somebody who signs in already, or somebody new."""

    login: str
    name: str
    email: str = ""

    def __repr__(self) -> str:
        return "OwnerAsked(•••)"


@action(Permission.BOX_MANAGE, reads=True, quiet=True)
async def show(tx: Tx, around: Around) -> SetupScreen:
    """Answers so far, facts, and the plan of what is left."""
    known = await settings.get(KEY, Setup)
    everybody = [one for one in await users.list_all(tx) if one.active]
    company = await _company(tx)
    facts = await _facts(around, everybody, has_company=bool(company.inn))
    return SetupScreen(
        setup=known,
        at=known.at,
        company=company,
        colleagues=tuple(
            Colleague(login=one.login, name=one.name.reveal(), roles=one.roles) for one in everybody
        ),
        level=level_of(known.protection),
        plan=tuple(plan(known, facts)),
        empty=await fetch_value("SELECT 1 FROM customer LIMIT 1") is None,
    )


async def _facts(around: Around, everybody: list[User], *, has_company: bool) -> Facts:
    managers = [one for one in everybody if ADMINISTRATOR in one.roles]
    return Facts(
        company=has_company,
        colleagues=len(everybody),
        administrators=len(managers),
        factor=all(one.factor for one in managers),
        officers=sum(OFFICER in one.roles for one in everybody),
        proven_at=(await copy_runs.health()).proven_at,
        mail=(await letters.account()).is_set,
        **msgspec.structs.asdict(around),
    )


async def _company(tx: Tx) -> OwnRequisites:
    usual = legal_entities.chosen(await legal_entities.list_all(tx), ())
    return OwnRequisites() if usual is None else usual.parts


@action(Permission.BOX_MANAGE)
async def put_company(tx: Tx, typed: OwnRequisites) -> bool:
    """Write our company down; False where nothing was to be changed.

    Args:
        tx: of the administrator.
        typed: only the fields of `TYPED` count; the others stay as they are.

    Raises:
        Invalid: as `legal_entities.put`, by field; `inn_wrong` also where there is none.
    """
    tx.object_type = "legal_entity"
    usual = legal_entities.chosen(await legal_entities.list_all(tx), ())
    before = OwnRequisites() if usual is None else usual.parts
    fields = {name: getattr(typed, name) for name in TYPED}
    parts, problems = entities.checked(msgspec.structs.replace(before, **fields))
    if not parts.inn:
        problems.setdefault("inn", "inn_wrong")
    if problems:
        raise Invalid(next(iter(problems.values())), fields=problems)
    await _done(tx, SetupStep.COMPANY)
    if usual is not None and parts == usual.parts:
        return False
    draft = EntityDraft(parts=parts, is_default=True)
    if usual is not None:
        draft = msgspec.structs.replace(draft, vat=usual.vat, places=usual.places)
    await legal_entities.put(tx, draft, usual)
    return True


@forgets_actors
@action(Permission.USER_MANAGE)
async def put_owner(tx: Tx, asked: OwnerAsked, password_hash: str) -> bool:
    """Name the owner: he gets the head's role. True where he is new and has a one-time password.

    Args:
        tx: of the administrator.
        asked: a login that is known keeps its password and its other roles.
        password_hash: of a one-time password; used only for somebody new.

    Raises:
        Invalid: by field: `login_…`, `name_empty`, `name_long`.
        Conflict: `user_disabled`.
    """
    needs_step_up(tx)
    login, profile = logins.checked(asked.login), _profile(asked)
    await _done(tx, SetupStep.OWNER, owner=login)
    if await users.login_taken(login):
        await _promote(tx, login, profile)
        return False
    user_id = await users.add(
        tx,
        login=login,
        profile=profile,
        password_hash=password_hash,
        roles=(HEAD,),
        department_id=None,
        language="ru",
        must_change=True,
    )
    tx.about("user", user_id)
    return True


async def _promote(tx: Tx, login: str, profile: Profile) -> None:
    known = await users.get_by_login(tx, login)
    tx.about("user", known.id)
    if not known.active:
        raise Conflict("user_disabled")
    merged = msgspec.structs.replace(profile, phone=known.phone.reveal())
    if not merged.email:
        merged = msgspec.structs.replace(merged, email=known.email.reveal())
    if (merged.name, merged.email) != (known.name.reveal(), known.email.reveal()):
        await users.set_profile(tx, known.id, merged)
    if HEAD not in known.roles:
        await users.change(known.id, roles=",".join((*known.roles, HEAD)))
        await sessions.end_all(known.id)


def _profile(asked: OwnerAsked) -> Profile:
    name, email = " ".join(asked.name.split()), asked.email.strip()
    if not name:
        raise Invalid(fields={"name": "name_empty"})
    if max(len(name), len(email)) > LONGEST_NAME:
        raise Invalid(fields={"name": "name_long"})
    return Profile(name=name, email=email)


@forgets_actors
@action(Permission.USER_MANAGE)
async def put_privacy(tx: Tx, answers: Protection) -> Level:
    """Keep the answers about the data; whoever answers for them gets the role.

    Raises:
        Invalid: `choice_unknown` for a kind of threats that the decree does not have.
        NotFound: `user_not_found`: the officer has to be somebody who signs in.
    """
    if answers.threats not in {1, 2, 3}:
        raise Invalid(fields={"threats": "choice_unknown"})
    tx.object_type = "setup"
    if answers.officer:
        needs_step_up(tx)
        known = await users.get_by_login(tx, logins.fold(answers.officer))
        answers = msgspec.structs.replace(answers, officer=known.login)
        if OFFICER not in known.roles:
            await users.change(known.id, roles=",".join((*known.roles, OFFICER)))
            await sessions.end_all(known.id)
    found = level_of(answers)
    tx.payload = {"level": found.level, "clause": found.clause}
    await _done(tx, SetupStep.PRIVACY, protection=answers)
    return found


@action(Permission.BOX_MANAGE)
async def note(tx: Tx, step: SetupStep | None, changed: Mapping[str, Any]) -> Setup:
    """Note what boot has done for a step.

    Args:
        tx: of the administrator.
        step: None: the step is not done by this alone.
        changed: fields of `Setup` and their new values.
    """
    tx.object_type = "setup"
    tx.payload = {"step": "" if step is None else step.value}
    return await _done(tx, step, **changed)


@action(Permission.BOX_MANAGE)
async def allow(tx: Tx, what: str) -> Setup:
    """Ask whether a step outside the database may be done, and write down that it is.

    Raises:
        Denied: `step_up_needed`.
    """
    needs_step_up(tx)
    tx.object_type = "setup"
    tx.payload = {"asked": what}
    return await settings.get(KEY, Setup)


@action(Permission.BOX_MANAGE, reads=True, quiet=True)
async def known(tx: Tx) -> Setup:
    """What is remembered, for boot."""
    return await settings.get(KEY, Setup)


@action(Permission.BOX_MANAGE)
async def finish(tx: Tx) -> Setup:
    """End the first run; what is left stands in the plan.

    Raises:
        Conflict: `setup_code_unchecked`: the paper was not typed back, or opened no copy yet.
    """
    tx.object_type = "setup"
    found = await settings.get(KEY, Setup)
    if found.checked_at is None or not found.proof:
        raise Conflict("setup_code_unchecked")
    if found.finished_at is not None:
        return found
    return await _done(tx, SetupStep.PLAN, finished_at=tx.now)


async def _done(tx: Tx, step: SetupStep | None, **changed: Any) -> Setup:
    """Write the setting, where it is not so already."""
    before = await settings.get(KEY, Setup)
    after = msgspec.structs.replace(before, begun=True, **changed)
    if step is not None:
        after = after.with_done(step, tx.now)
    if after != before:
        await settings.put(KEY, after)
    return after


async def begin() -> None:
    """Have a new box know that its first run is still to come; inside a transaction."""
    await settings.put(KEY, Setup(begun=True))
