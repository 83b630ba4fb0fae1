"""Programs' keys: 32 characters, kept as SHA-256."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.domain.users import ApiKey, NewApiKey
from appliance.errors import NotFound
from appliance.storage import counters
from appliance.storage.engine.connections import Values
from appliance.storage.statements import execute, fetch, fetch_one, insert
from appliance.storage.tables import ApiKeyRow
from appliance.storage.users import split

_COLUMNS = (
    "id, number, name, shop, scopes, hide_own, created_at, expires_at, revoked_at, role, fields, "
    "people_a_day"
)


class HeldKey(NamedTuple):
    """What a request with a key needs."""

    id: UUID
    number: int
    name: str
    shop: str
    scopes: str
    expires_at: datetime | None
    role: str
    fields: str
    people_a_day: int


async def find(key_hash: bytes) -> HeldKey | None:
    """The key of a request, unless it was revoked; expiry is the caller's to check."""
    row = await fetch_one(
        "SELECT id, number, name, shop, scopes, expires_at, role, fields, people_a_day "
        "FROM api_key WHERE key_hash = {} AND revoked_at IS NULL",
        key_hash,
    )
    return None if row is None else HeldKey(*row)


def _key(row: Values) -> ApiKey:
    return ApiKey(
        id=row[0],
        number=row[1],
        name=row[2],
        shop=row[3],
        scopes=split(row[4]),
        hide_own=bool(row[5]),
        created_at=row[6],
        expires_at=row[7],
        revoked_at=row[8],
        role=row[9],
        fields=split(row[10]),
        people_a_day=row[11],
    )


async def list_all() -> list[ApiKey]:
    """Every key, revoked ones too, newest first."""
    sql = f"SELECT {_COLUMNS} FROM api_key ORDER BY number DESC"
    return [_key(row) for row in await fetch(sql)]


async def get(number: int) -> ApiKey:
    """One key by its number.

    Raises:
        NotFound: `api_key_not_found`.
    """
    sql = f"SELECT {_COLUMNS} FROM api_key WHERE number = {{}}"
    row = await fetch_one(sql, number)
    if row is None:
        raise NotFound("api_key_not_found")
    return _key(row)


async def add(new: NewApiKey, key_hash: bytes, now: datetime) -> int:
    """Keep a new key; its number."""
    number = await counters.draw("api_key")
    await insert(
        ApiKeyRow,
        id=uuid7(),
        number=number,
        name=new.name,
        key_hash=key_hash,
        shop=new.shop,
        scopes=",".join(new.scopes),
        hide_own=new.hide_own,
        created_at=now,
        expires_at=new.expires_at,
        role=new.role,
        fields=",".join(new.fields),
        people_a_day=new.people_a_day,
    )
    return number


async def revoke(number: int, now: datetime) -> bool:
    """End a key; false when there is no such key or it is revoked already."""
    changed = await execute(
        "UPDATE api_key SET revoked_at = {} WHERE number = {} AND revoked_at IS NULL", now, number
    )
    return changed == 1


async def shop_exists(code: str) -> bool:
    """Whether there is a shop of this code to bind a key to."""
    return await fetch_one("SELECT 1 FROM shop WHERE code = {}", code) is not None


async def hide_own(key_id: UUID) -> None:
    """Leave a key's own changes out of the history it reads."""
    await execute("UPDATE api_key SET hide_own = {} WHERE id = {}", True, key_id)
