"""Signed-in browsers: who a cookie stands for, my sessions, step-up, signing out."""

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from appliance.actions._actors import (
    ONLY_SELF,
    VISITS,
    HeldVisit,
    age,
    forgets_actors,
    must_enrol,
    visitor,
)
from appliance.actions._gate import action, house
from appliance.domain.access import Actor, ActorKind, Origin
from appliance.domain.users import Session, SignInPolicy, Visit
from appliance.errors import NotFound
from appliance.roles import Permission
from appliance.storage import budgets, roles_store, sessions, settings
from appliance.storage.sessions import Held
from appliance.storage.tx import Tx
from appliance.storage.users import split

TOUCH_EVERY: Final = timedelta(minutes=1)
DEVICE_LIFE: Final = timedelta(days=366)
POLICY_KEY: Final = "sign_in"


def new_token() -> str:
    """A cookie's value: 256 random bits, 43 letters."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> bytes:
    """What is stored of a cookie: SHA-256."""
    return sha256(token.encode()).digest()


async def policy() -> SignInPolicy:
    """The box's limits of signing in."""
    return await settings.get(POLICY_KEY, SignInPolicy)


async def visit_of(token: str, origin: Origin, *, touch: bool = True) -> Visit | None:
    """Who this cookie stands for now; None when it is no session (any more).

    Args:
        token: as the browser sent it.
        origin: where this request came from; the actor carries it into the log.
        touch: somebody is there; False for what a page asks by itself.
    """
    key = hash_of(token)
    now = house().clock()
    held = VISITS.get(key)
    if held is None:
        generation = VISITS.generation
        held = await resolve(visitor(origin), key)
        if held is None:
            return None
        VISITS.keep(key, held, generation)
    visit = held.visit
    if now >= held.expires_at or age(now, held.last_seen_at) >= visit.idle:
        VISITS.drop(key)
        await lapse(visitor(origin), held.user_id, visit.session_id)
        return None
    if touch:
        held.last_seen_at = now
    actor = visit.actor
    step_up = held.step_up_until is not None and now < held.step_up_until
    if actor.origin is not origin or actor.step_up is not step_up:
        held.visit = visit = visit._replace(actor=actor._replace(origin=origin, step_up=step_up))
    if touch and age(now, held.written_at) >= TOUCH_EVERY:
        held.written_at = now
        await seen(visitor(origin), visit.session_id)
    return visit


async def is_alive(token: str, origin: Origin) -> bool:
    """Whether a session still holds; asking does not keep it from growing idle."""
    return await visit_of(token, origin, touch=False) is not None


async def actor_of(token: str, origin: Origin = Origin.LAN) -> Actor | None:
    """The same, of which only the actor is wanted."""
    visit = await visit_of(token, origin)
    return None if visit is None else visit.actor


@action(Permission.SIGN_IN, reads=True, quiet=True)
async def resolve(tx: Tx, token_hash: bytes) -> HeldVisit | None:
    """Read a session with all that its owner may do; None when it is none."""
    row = await sessions.find(token_hash)
    if row is None:
        return None
    rules = await policy()
    return HeldVisit(
        visit=await _visit(tx, row, rules, token_hash),
        user_id=row.user_id,
        last_seen_at=row.last_seen_at,
        written_at=row.last_seen_at,
        expires_at=row.expires_at,
        step_up_until=row.step_up_at and row.step_up_at + timedelta(minutes=rules.step_up_minutes),
    )


async def _visit(tx: Tx, row: Held, rules: SignInPolicy, token_hash: bytes) -> Visit:
    roles = split(row.roles)
    grants = await roles_store.grants_of(roles)
    must = ""
    if row.must_change_password:
        must = "password"
    elif must_enrol(rules, grants) and not (row.has_factor and row.last_step):
        must = "factor"
    actor = Actor(
        ActorKind.USER,
        row.user_id,
        ONLY_SELF if must else grants,
        number=row.number,
        department=row.department_id,
        session=token_hash[:4].hex(),
        origin=tx.actor.origin,
        language=row.language,
        name=row.login,
    )
    return Visit(actor, row.id, row.theme, row.density, must, rules.idle_for(roles))


@action(Permission.SIGN_IN, quiet=True)
async def seen(tx: Tx, session_id: UUID) -> None:
    """Note that a browser was here; once a minute at most."""
    await sessions.touch(session_id, tx.now)


@action(Permission.SIGN_IN)
async def lapse(tx: Tx, user_id: UUID, session_id: UUID) -> None:
    """End a session that rested too long or grew too old."""
    tx.about("user", user_id)
    await sessions.end(user_id, session_id)


@action(Permission.SELF, reads=True, quiet=True)
async def list_mine(tx: Tx, current: UUID) -> list[Session]:
    """My signed-in browsers, the one seen last first.

    Args:
        tx: of the person asking.
        current: `Visit.session_id` of this request, to be marked.
    """
    return [
        Session(
            id=one.id,
            device=one.device,
            origin=one.origin,
            created_at=one.created_at,
            last_seen_at=one.last_seen_at,
            current=one.id == current,
        )
        for one in await sessions.list_of(tx.actor.id)
    ]


@forgets_actors
@action(Permission.SELF)
async def end(tx: Tx, session_id: UUID) -> None:
    """End one of my sessions; my current one too.

    Raises:
        NotFound: no such session of mine.
    """
    tx.about("session", session_id)
    if not await sessions.end(tx.actor.id, session_id):
        raise NotFound("session_not_found")


@forgets_actors
@action(Permission.SELF)
async def end_others(tx: Tx, current: UUID) -> int:
    """End all my sessions but the current one; how many there were."""
    tx.about("user", tx.actor.id)
    return await sessions.end_all(tx.actor.id, current)


@forgets_actors
@action(Permission.SELF)
async def sign_out(tx: Tx, current: UUID) -> None:
    """End my current session; repeating it is harmless."""
    tx.about("user", tx.actor.id)
    await sessions.end(tx.actor.id, current)


@forgets_actors
@action(Permission.USER_MANAGE)
async def end_of_user(tx: Tx, user_id: UUID) -> int:
    """End every session of a colleague; how many there were."""
    tx.about("user", user_id)
    return await sessions.end_all(user_id)


@forgets_actors
@action(Permission.BOX_MANAGE)
async def end_everybody(tx: Tx) -> int:
    """End every session of the box, one's own too; how many there were."""
    return await sessions.end_everybody()


@action(Permission.HOUSE, quiet=True)
async def sweep(tx: Tx) -> int:
    """Remove old sessions, browsers of a year ago and counts of last week's reveals: a chore."""
    await sessions.forget_old_devices(tx.now - DEVICE_LIFE)
    await budgets.forget_old(tx.now - budgets.WEEK)
    return await sessions.end_expired(tx.now)
