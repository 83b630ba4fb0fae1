"""Signed-in browsers. A cookie is stored as its SHA-256: a stolen table signs nobody in."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.domain.users import Session
from appliance.storage import entry_links
from appliance.storage.statements import execute, fetch, fetch_one, fetch_value, insert
from appliance.storage.tables import KnownDeviceRow, SessionRow


class Held(NamedTuple):
    """A session with what its owner may do, as one statement brings it."""

    id: UUID
    user_id: UUID
    last_seen_at: datetime
    expires_at: datetime
    step_up_at: datetime | None
    number: int
    login: str
    roles: str
    department_id: UUID | None
    must_change_password: bool
    has_factor: bool
    last_step: int
    language: str
    theme: str
    density: str


async def find(token_hash: bytes) -> Held | None:
    """The session of a cookie with its active owner; None when it is no session any more."""
    row = await fetch_one(
        "SELECT s.id, s.user_id, s.last_seen_at, s.expires_at, s.step_up_at, u.number, u.login, "
        "u.roles, u.department_id, u.must_change_password, u.totp_secret IS NOT NULL, "
        "u.totp_last_step, u.language, u.theme, u.density "
        "FROM session s JOIN users u ON u.id = s.user_id "
        "WHERE s.token_hash = {} AND u.active = {}",
        token_hash,
        True,
    )
    return None if row is None else Held(*row)


async def add(
    token_hash: bytes,
    user_id: UUID,
    now: datetime,
    expires_at: datetime,
    device: str,
    origin: str,
    mark: str = "",
) -> UUID:
    """Keep a new session; `mark` tells its browser from others."""
    session_id = uuid7()
    await insert(
        SessionRow,
        id=session_id,
        token_hash=token_hash,
        user_id=user_id,
        created_at=now,
        last_seen_at=now,
        expires_at=expires_at,
        device=device,
        origin=origin,
        mark=mark,
    )
    return session_id


class Mark(NamedTuple):
    """Which session, and which browser, somebody acts from; empty where it is not known."""

    session: str
    device: str


async def mark_of(user_id: UUID, shown: str) -> Mark:
    """What tells this session and browser from others.

    Args:
        user_id: who acts.
        shown: `Actor.session`; a step-up gives the session a new one, its id stays.
    """
    for row_id, token_hash, mark in await fetch(
        "SELECT id, token_hash, mark FROM session WHERE user_id = {}", user_id
    ):
        if shown and token_hash.hex().startswith(shown):
            return Mark(str(row_id), mark)
    return Mark(shown, "")


async def list_of(user_id: UUID) -> list[Session]:
    """Sessions of one person, the one seen last first."""
    rows = await fetch(
        "SELECT id, device, origin, created_at, last_seen_at FROM session "
        "WHERE user_id = {} ORDER BY last_seen_at DESC, id DESC",
        user_id,
    )
    return [
        Session(id=row[0], device=row[1], origin=row[2], created_at=row[3], last_seen_at=row[4])
        for row in rows
    ]


async def touch(session_id: UUID, now: datetime) -> None:
    """Note that the browser was here."""
    await execute("UPDATE session SET last_seen_at = {} WHERE id = {}", now, session_id)


async def replace_token(old_hash: bytes, new_hash: bytes, now: datetime) -> bool:
    """Give the session a new cookie and note the step-up; false when it ended meanwhile."""
    changed = await execute(
        "UPDATE session SET token_hash = {}, step_up_at = {}, last_seen_at = {} "
        "WHERE token_hash = {}",
        new_hash,
        now,
        now,
        old_hash,
    )
    return changed == 1


async def end(user_id: UUID, session_id: UUID) -> bool:
    """End one session of a person; false when he has no such session."""
    return (
        await execute("DELETE FROM session WHERE id = {} AND user_id = {}", session_id, user_id)
        == 1
    )


async def end_all(user_id: UUID, but: UUID | None = None) -> int:
    """End a person's sessions, all but one if given; how many there were."""
    if but is None:
        return await execute("DELETE FROM session WHERE user_id = {}", user_id)
    return await execute("DELETE FROM session WHERE user_id = {} AND id <> {}", user_id, but)


async def end_everybody() -> int:
    """End every session of the box; how many there were."""
    return await execute("DELETE FROM session")


async def end_to_come(moment: datetime) -> int:
    """End sessions that began after a moment still to come: they would last until then and on."""
    return await execute("DELETE FROM session WHERE created_at > {}", moment)


async def end_expired(now: datetime) -> int:
    """Remove sessions past their greatest age."""
    return await execute("DELETE FROM session WHERE expires_at < {}", now)


async def remember_device(token_hash: bytes, user_id: UUID, now: datetime, mark: str = "") -> None:
    """From now on this browser has its own bucket of guesses for this person."""
    await insert(
        KnownDeviceRow,
        id=uuid7(),
        token_hash=token_hash,
        user_id=user_id,
        created_at=now,
        mark=mark,
    )


async def browser_of(token_hash: bytes) -> str:
    """What stays the same in a browser whoever signs in; empty for a cookie we never gave."""
    rows = await fetch("SELECT mark FROM known_device WHERE token_hash = {} LIMIT 1", token_hash)
    return (rows[0][0] or token_hash.hex()) if rows else ""


async def knows_device(token_hash: bytes, user_id: UUID) -> bool:
    """Whether the person signed in from this browser before."""
    found = await fetch_value(
        "SELECT 1 FROM known_device WHERE token_hash = {} AND user_id = {}", token_hash, user_id
    )
    return found is not None


async def forget_old_devices(before: datetime) -> int:
    """Remove browsers not signed in from for long; their cookie has ended as well."""
    return await execute("DELETE FROM known_device WHERE created_at < {}", before)


async def forget_devices(user_id: UUID) -> None:
    """Take a person's browsers back among the unknown ones (his password was reset).

    A link that lets him in by a new password goes the same way.
    """
    await entry_links.void(user_id)
    await execute("DELETE FROM known_device WHERE user_id = {}", user_id)
