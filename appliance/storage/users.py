"""Colleagues. Their profiles are sealed under the box's own secret, not a client's key."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from appliance.domain.users import Profile, User
from appliance.errors import NotFound
from appliance.storage import counters, entry_links
from appliance.storage.engine.connections import Values
from appliance.storage.statements import execute, fetch, fetch_one, fetch_value, insert, update_row
from appliance.storage.tables import UserRow
from appliance.storage.tx import Tx

_PROFILE = "users.profile"
_FACTOR = "users.totp_secret"
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Profile).decode

_COLUMNS = (
    "id, number, login, profile, roles, department_id, active, totp_secret IS NOT NULL, "
    "totp_last_step, must_change_password, language, theme, density, created_at"
)
_BY_ID = f"SELECT {_COLUMNS} FROM users WHERE id = {{}}"
_BY_NUMBER = f"SELECT {_COLUMNS} FROM users WHERE number = {{}}"
_BY_LOGIN = f"SELECT {_COLUMNS} FROM users WHERE login = {{}}"
_ALL = f"SELECT {_COLUMNS} FROM users ORDER BY number"


class Credentials(NamedTuple):
    """What a sign-in is checked against; never leaves the actions.

    Attributes:
        factor: the authenticator was confirmed; `last_step` is its last used step.
        recovery_hashes: JSON list of hex SHA-256.
    """

    id: UUID
    number: int
    login: str
    password_hash: str
    active: bool
    factor: bool
    last_step: int
    recovery_hashes: str
    roles: tuple[str, ...]


def split(codes: str) -> tuple[str, ...]:
    """Codes as the row keeps them, comma separated."""
    return tuple(code for code in codes.split(",") if code)


def _user(tx: Tx, row: Values) -> User:
    profile = _profile(tx, row[0], row[3])
    return User(
        id=row[0],
        number=row[1],
        login=row[2],
        name=Personal(profile.name),
        phone=Personal(profile.phone),
        email=Personal(profile.email),
        roles=split(row[4]),
        department_id=row[5],
        active=bool(row[6]),
        factor=_confirmed(row[7], row[8]),
        must_change_password=bool(row[9]),
        language=row[10],
        theme=row[11],
        density=row[12],
        created_at=row[13],
    )


def _confirmed(has_secret: object, last_step: int) -> bool:
    # A seed that was drawn but not yet confirmed has no used step.
    return bool(has_secret) and last_step > 0


def _profile(tx: Tx, user_id: UUID, cell: bytes | None) -> Profile:
    return Profile() if cell is None else _decode(tx.vault.open_secret(_PROFILE, user_id, cell))


async def get(tx: Tx, user_id: UUID) -> User:
    """One colleague.

    Raises:
        NotFound: nobody has this id.
    """
    return _found(tx, await fetch_one(_BY_ID, user_id))


async def get_by_number(tx: Tx, number: int) -> User:
    """One colleague by his number for people; raises like `get`."""
    return _found(tx, await fetch_one(_BY_NUMBER, number))


async def get_by_login(tx: Tx, login: str) -> User:
    """One colleague by his folded login; raises like `get`."""
    return _found(tx, await fetch_one(_BY_LOGIN, login))


def _found(tx: Tx, row: Values | None) -> User:
    if row is None:
        raise NotFound("user_not_found")
    return _user(tx, row)


async def list_all(tx: Tx) -> list[User]:
    """Everybody, disabled ones too, by number: a firm has tens of people, not thousands."""
    return [_user(tx, row) for row in await fetch(_ALL)]


async def find_credentials(login: str) -> Credentials | None:
    """What to check a sign-in against; None when nobody has this folded login."""
    return _credentials(
        await fetch_one(
            "SELECT id, number, login, password_hash, active, totp_secret IS NOT NULL, "
            "totp_last_step, recovery_hashes, roles FROM users WHERE login = {}",
            login,
        )
    )


async def credentials_of(user_id: UUID) -> Credentials:
    """The same by id.

    Raises:
        NotFound: nobody has this id.
    """
    found = _credentials(
        await fetch_one(
            "SELECT id, number, login, password_hash, active, totp_secret IS NOT NULL, "
            "totp_last_step, recovery_hashes, roles FROM users WHERE id = {}",
            user_id,
        )
    )
    if found is None:
        raise NotFound("user_not_found")
    return found


def _credentials(row: Values | None) -> Credentials | None:
    if row is None:
        return None
    factor = _confirmed(row[5], row[6])
    return Credentials(
        id=row[0],
        number=row[1],
        login=row[2],
        password_hash=row[3],
        active=bool(row[4]),
        factor=factor,
        last_step=row[6],
        recovery_hashes=row[7],
        roles=split(row[8]),
    )


async def add(
    tx: Tx,
    *,
    login: str,
    profile: Profile,
    password_hash: str,
    roles: tuple[str, ...],
    department_id: UUID | None,
    language: str,
    must_change: bool,
) -> UUID:
    """Add a colleague; a taken login is found by the unique index (`RowExists`)."""
    user_id = uuid7()
    await insert(
        UserRow,
        id=user_id,
        number=await counters.draw("user"),
        login=login,
        profile=tx.vault.seal_secret(_PROFILE, user_id, _encode(profile)),
        password_hash=password_hash,
        password_changed_at=tx.now,
        must_change_password=must_change,
        roles=",".join(roles),
        department_id=department_id,
        language=language,
        theme="auto",
        created_at=tx.now,
    )
    return user_id


async def login_taken(login: str) -> bool:
    """Whether somebody has this folded login."""
    return await fetch_value("SELECT 1 FROM users WHERE login = {}", login) is not None


async def change(user_id: UUID, **columns: Any) -> None:
    """Set columns of one colleague.

    Raises:
        NotFound: nobody has this id.
    """
    if not await update_row(UserRow, user_id, **columns):
        raise NotFound("user_not_found")


async def set_profile(tx: Tx, user_id: UUID, profile: Profile) -> None:
    """Replace name, phone and e-mail."""
    await change(user_id, profile=tx.vault.seal_secret(_PROFILE, user_id, _encode(profile)))


async def set_password(user_id: UUID, hashed: str, now: datetime, *, must_change: bool) -> None:
    """Replace the password's hash; a link that was to set one is void."""
    await entry_links.void(user_id)
    await change(
        user_id,
        password_hash=hashed,
        password_changed_at=now,
        must_change_password=must_change,
    )


async def draft_factor(tx: Tx, user_id: UUID, secret: bytes) -> None:
    """Keep the seed of an authenticator that is not confirmed yet; replaces an earlier draft."""
    cell = tx.vault.seal_secret(_FACTOR, user_id, secret)
    await change(user_id, totp_secret=cell, totp_last_step=0, recovery_hashes="[]")


async def factor_secret(tx: Tx, user_id: UUID) -> bytes | None:
    """The seed, confirmed or not; None where there is none."""
    cell = await fetch_value("SELECT totp_secret FROM users WHERE id = {}", user_id)
    return None if cell is None else tx.vault.open_secret(_FACTOR, user_id, cell)


async def use_step(user_id: UUID, step: int) -> bool:
    """Use up a step; false when a code of this or a later step was taken meanwhile."""
    changed = await execute(
        "UPDATE users SET totp_last_step = {} WHERE id = {} AND totp_last_step < {}",
        step,
        user_id,
        step,
    )
    return changed == 1


async def set_recovery_hashes(user_id: UUID, hashes: list[str]) -> None:
    """Replace the hashes of the spare codes."""
    await change(user_id, recovery_hashes=msgspec.json.encode(hashes).decode())


async def drop_factor(user_id: UUID) -> None:
    """Forget the authenticator and the spare codes."""
    await change(user_id, totp_secret=None, totp_last_step=0, recovery_hashes="[]")


async def count_active_with(roles: set[str], but: UUID) -> int:
    """How many active colleagues hold one of the roles, one person not counted."""
    rows = await fetch("SELECT roles FROM users WHERE active = {} AND id <> {}", True, but)
    return sum(not roles.isdisjoint(split(row[0])) for row in rows)


async def ids_with_role(role: str) -> list[UUID]:
    """Everybody who holds a role, disabled colleagues too."""
    rows = await fetch("SELECT id, roles FROM users")
    return [row[0] for row in rows if role in split(row[1])]
