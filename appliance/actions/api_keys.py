"""Programs' keys: made once, shown once, bound to a shop, ended by date or by hand."""

import secrets
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, NamedTuple

from appliance.actions._actors import KEYS, HeldActor, forgets_actors, needs_step_up, visitor
from appliance.actions._gate import action, house
from appliance.domain.access import Actor, ActorKind, Origin
from appliance.domain.grants import Grant
from appliance.domain.personal import Personal
from appliance.domain.users import ApiKey, NewApiKey
from appliance.errors import HouseError, Invalid, NotFound
from appliance.roles import API_SCOPES, FIELDS, Grants, Permission, join_all
from appliance.storage import api_keys, roles_store, shop_links
from appliance.storage.tx import Tx
from appliance.storage.users import split

KEY_LENGTH: Final = 32
NOTED_EVERY: Final = timedelta(minutes=1)
MOST_PEOPLE: Final = 10_000_000
LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class NewKey(NamedTuple):
    """A key, the only time anyone sees it."""

    number: int
    key: Personal[str]


def hashed(key: str) -> bytes:
    """What of a key is kept."""
    # 190 random bits: nothing slower than SHA-256 is needed, and every request pays it.
    return sha256(key.encode()).digest()


async def actor_of(key: str, origin: Origin) -> Actor | None:
    """Who this key stands for now; None: unknown, expired or revoked."""
    if len(key) != KEY_LENGTH:
        return None
    key_hash = hashed(key)
    held = KEYS.get(key_hash)
    if held is None:
        generation = KEYS.generation
        held = await resolve(visitor(origin), key_hash)
        if held is None:
            return None
        KEYS.keep(key_hash, held, generation)
    if held.expires_at is not None and house().clock() >= held.expires_at:
        return None
    await _note(key_hash, held, origin)
    if held.actor.origin is not origin:
        held.actor = held.actor._replace(origin=origin)
    return held.actor


async def _note(key_hash: bytes, held: HeldActor, origin: Origin) -> None:
    """Write down, once a minute, that a key is in use; what cannot be written stops no call."""
    now = house().clock()
    if held.noted_at is None or now - held.noted_at >= NOTED_EVERY:
        held.noted_at = now
        with suppress(HouseError):
            await note_use(visitor(origin), key_hash)


@action(Permission.SIGN_IN, quiet=True)
async def note_use(tx: Tx, key_hash: bytes) -> None:
    """Write down that a key was used just now."""
    await shop_links.note_use(key_hash, tx.now)
    tx.topics.add("shop")


@action(Permission.SIGN_IN, reads=True, quiet=True)
async def resolve(tx: Tx, key_hash: bytes) -> HeldActor | None:
    """Read a key with all that it may do; None when it is none."""
    row = await api_keys.find(key_hash)
    if row is None:
        return None
    grants = join_all(API_SCOPES.get(scope, {}) for scope in split(row.scopes))
    if row.role:
        grants = join_all((grants, await roles_store.grants_of((row.role,))))
    if row.fields:
        grants = _narrowed(grants, split(row.fields))
    actor = Actor(
        ActorKind.API_KEY,
        row.id,
        grants,
        number=row.number,
        session=key_hash[:4].hex(),
        origin=tx.actor.origin,
        shop=row.shop,
        name=row.name,
        people_a_day=row.people_a_day,
    )
    return HeldActor(actor, row.expires_at)


def _narrowed(grants: Grants, fields: Collection[str]) -> Grants:
    """The same grants, with no personal field but these."""
    return {
        permission: Grant(
            grant.scope, {name: seen for name, seen in grant.fields.items() if name in fields}
        )
        for permission, grant in grants.items()
    }


async def create(actor: Actor, new: NewApiKey) -> NewKey:
    """Make a key.

    Raises:
        Invalid: by field: `name_empty`, `scope_unknown`, `scope_missing`, `expiry_past`,
            `key_field_unknown`, `number_range`.
        NotFound: `shop_not_found`, `role_not_found`.
        Denied: `step_up_needed`.
    """
    key = "".join(secrets.choice(LETTERS) for _ in range(KEY_LENGTH))
    return NewKey(await add(actor, new, hashed(key)), Personal(key))


def _problems(new: NewApiKey, now: datetime) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not new.name.strip():
        problems["name"] = "name_empty"
    if not new.scopes and not new.role:
        problems["scopes"] = "scope_missing"
    if any(field not in FIELDS for field in new.fields):
        problems["fields"] = "key_field_unknown"
    if not 0 <= new.people_a_day <= MOST_PEOPLE:
        problems["people_a_day"] = "number_range"
    if any(scope not in API_SCOPES for scope in new.scopes):
        problems["scopes"] = "scope_unknown"
    if new.expires_at is not None and new.expires_at <= now:
        problems["expires_at"] = "expiry_past"
    return problems


@action(Permission.KEY_MANAGE)
async def add(tx: Tx, new: NewApiKey, key_hash: bytes) -> int:
    """Write a key, of which only the hash comes here; its number. Raises as `create`."""
    needs_step_up(tx)
    problems = _problems(new, tx.now)
    if problems:
        raise Invalid(fields=problems)
    if new.role:
        await roles_store.get(new.role)
    if new.shop and not await api_keys.shop_exists(new.shop):
        raise NotFound("shop_not_found")
    number = await api_keys.add(new, key_hash, tx.now)
    tx.object_type = "api_key"
    tx.payload = {"number": number, "shop": new.shop, "scopes": list(new.scopes)}
    tx.payload |= {"role": new.role, "fields": list(new.fields), "people": new.people_a_day}
    return number


@action(Permission.KEY_MANAGE, reads=True)
async def list_all(tx: Tx) -> list[ApiKey]:
    """Every key without the key itself, revoked ones too."""
    return await api_keys.list_all()


@forgets_actors
@action(Permission.KEY_MANAGE)
async def revoke(tx: Tx, number: int) -> None:
    """End a key at once.

    Raises:
        NotFound: no such key, or revoked before.
    """
    tx.object_type = "api_key"
    tx.payload = {"number": number}
    if not await api_keys.revoke(number, tx.now):
        raise NotFound("api_key_not_found")
