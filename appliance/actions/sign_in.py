"""Signing in: password, then the authenticator's code, then a session.

A try is counted before it is looked at and given back when it was right, so that many at once
gain nothing. Nothing in answers, their text or their time tells whether a login exists.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.actions._actors import VISITS, forget_actors, visitor
from appliance.actions._gate import action, house
from appliance.actions._hashing import checked
from appliance.actions.sessions import hash_of, new_token, policy
from appliance.domain import guessing, logins, totp
from appliance.domain.access import Origin
from appliance.domain.personal import Personal
from appliance.domain.users import Visit
from appliance.errors import Throttled, Unauthenticated
from appliance.roles import Permission
from appliance.storage import guesses, sessions, users
from appliance.storage.tx import Tx
from appliance.storage.users import Credentials

TICKET_LIFE: Final = timedelta(minutes=5)
MOST_TICKETS: Final = 4096
BUCKET_LIFE: Final = timedelta(days=1)
CONSOLE: Final = "korobka"
"""Agent of the command line, and its bucket of guesses."""


class Door(NamedTuple):
    """Where somebody tries to come in.

    Attributes:
        address: of the socket; empty on the Unix socket, which no stranger reaches.
        device: value of the known-device cookie, if the browser sent one.
        agent: browser and system, at most 120 letters.
    """

    origin: Origin
    address: str = ""
    device: str = ""
    agent: str = ""


class SignedIn(NamedTuple):
    """A new session: values of two cookies. `device` is empty when the browser was known."""

    token: str
    device: str


class FactorNeeded(NamedTuple):
    """The password was right; the code is still owed. `ticket` stands for the first half."""

    ticket: str


class _Cap(NamedTuple):
    """A bucket that takes `most` tries per window."""

    bucket: bytes
    window: timedelta
    most: int


class _Buckets(NamedTuple):
    """What one try is counted in."""

    slow: bytes
    caps: tuple[_Cap, ...]


class _Reserved(NamedTuple):
    """Seconds to wait, and whom the login belongs to."""

    wait: int
    found: Credentials | None
    buckets: _Buckets


class _Ticket(NamedTuple):
    user_id: UUID
    login: str
    password_hash: str
    until: datetime


_tickets: OrderedDict[bytes, _Ticket] = OrderedDict()


async def enter(door: Door, login: str, password: Personal[str]) -> SignedIn | FactorNeeded:
    """Try a password.

    Raises:
        Throttled: too many wrong tries from here or for this login; nothing was looked at.
        Unauthenticated: `wrong_credentials`: unknown, disabled or a wrong password, all alike.
        Sealed: the vault is locked.
    """
    who = visitor(door.origin)
    folded = logins.fold(login)
    reserved = await reserve(who, door, folded, "password")
    if reserved.wait:
        raise Throttled("throttled", seconds=reserved.wait)
    found = reserved.found
    usable = found if found is not None and found.active else None
    right, rehashed = await checked(usable and usable.password_hash, password)
    if usable is None or not right:
        await refused(who, found.id if found else None)
        raise Unauthenticated("wrong_credentials")
    if usable.factor:
        await accept_password(who, usable, reserved.buckets, rehashed)
        return FactorNeeded(_issue(usable.id, folded, rehashed or usable.password_hash))
    opened = await open_session(who, usable, reserved.buckets, door, rehashed)
    forget_actors()  # a fourth session may have ended an older one
    return opened


async def enter_with_code(door: Door, ticket: str, code: Personal[str]) -> SignedIn:
    """Give the second half: the authenticator's code or a spare code.

    Raises:
        Throttled: as `enter`.
        Unauthenticated: `ticket_expired` (start again) or `wrong_code`.
    """
    who = visitor(door.origin)
    key = hash_of(ticket)
    held = _tickets.get(key)
    if held is None or held.until <= house().clock():
        _tickets.pop(key, None)
        raise Unauthenticated("ticket_expired")
    reserved = await reserve(who, door, held.login, "factor")
    if reserved.wait:
        raise Throttled("throttled", seconds=reserved.wait)
    found = reserved.found
    if found is None or not found.active or found.password_hash != held.password_hash:
        _tickets.pop(key, None)
        raise Unauthenticated("ticket_expired")
    opened = await open_session_with_code(who, found, reserved.buckets, door, code)
    _tickets.pop(key, None)
    forget_actors()  # a fourth session may have ended an older one
    return opened


async def step_up(visit: Visit, token: str, door: Door, secret: Personal[str]) -> str:
    """Prove again that it is still the same person, for five minutes.

    Args:
        visit: of the request.
        token: its cookie.
        door: where it came from.
        secret: the authenticator's code, or the password of a person without one.

    Returns:
        the new value of the cookie; the old one is void.

    Raises:
        Throttled, Unauthenticated: as `enter_with_code`, `wrong_credentials`.
    """
    actor = visit.actor
    reserved = await reserve(visitor(door.origin), door, actor.name, "step_up")
    if reserved.wait:
        raise Throttled("throttled", seconds=reserved.wait)
    found = reserved.found
    if found is None or found.id != actor.id:
        raise Unauthenticated("session_ended")
    if not found.factor and not (await checked(found.password_hash, secret))[0]:
        await refused(visitor(door.origin), actor.id)
        raise Unauthenticated("wrong_credentials")
    fresh, old_hash = new_token(), hash_of(token)
    code = secret if found.factor else None
    await confirm_again(actor, reserved.buckets, code, old_hash, hash_of(fresh))
    VISITS.drop(old_hash)
    return fresh


def _issue(user_id: UUID, login: str, password_hash: str) -> str:
    ticket = new_token()
    while len(_tickets) >= MOST_TICKETS:
        _tickets.popitem(last=False)
    until = house().clock() + TICKET_LIFE
    _tickets[hash_of(ticket)] = _Ticket(user_id, login, password_hash, until)
    return ticket


@action(Permission.SIGN_IN, quiet=True)
async def reserve(tx: Tx, door: Door, login: str, kind: str) -> _Reserved:
    """Count a try in its buckets, unless one of them makes it wait; find whom it is for."""
    found = await users.find_credentials(login)
    buckets = await _buckets(tx, door, login, kind, found)
    slow = await guesses.get(buckets.slow)
    wait = guessing.wait_seconds(slow, tx.now)
    counted = [(buckets.slow, guessing.after_slow(slow, tx.now))]
    for cap in buckets.caps:
        state = await guesses.get(cap.bucket)
        wait = max(wait, guessing.wait_seconds(state, tx.now))
        counted.append((cap.bucket, guessing.after_capped(state, tx.now, cap.window, cap.most)))
    if not wait:
        for bucket, after in counted:
            await guesses.put(bucket, after)
    return _Reserved(wait, found, buckets)


async def _buckets(
    tx: Tx, door: Door, login: str, kind: str, found: Credentials | None
) -> _Buckets:
    if not door.address:
        return _Buckets(guesses.bucket_of(tx, kind, login, CONSOLE), ())
    address = _Cap(
        guesses.bucket_of(tx, "address", door.address),
        guessing.ADDRESS_WINDOW,
        guessing.ADDRESS_TRIES,
    )
    device = hash_of(door.device) if door.device else b""
    if device and found is not None and await sessions.knows_device(device, found.id):
        return _Buckets(guesses.bucket_of(tx, kind, login, "device", device.hex()), (address,))
    unknown = _Cap(
        guesses.bucket_of(tx, "unknown", login), guessing.UNKNOWN_WINDOW, guessing.UNKNOWN_TRIES
    )
    slow = guesses.bucket_of(tx, kind, login, "address", door.address)
    return _Buckets(slow, (address, unknown))


async def _settle(buckets: _Buckets) -> None:
    """The try was right: forget its delay, and take it out of the caps."""
    await guesses.clear(buckets.slow)
    for cap in buckets.caps:
        await guesses.give_back(cap.bucket)


@action(Permission.SIGN_IN)
async def refused(tx: Tx, user_id: UUID | None) -> None:
    """Write a wrong password down; None: nobody has the login."""
    tx.about("user", user_id)


@action(Permission.SIGN_IN)
async def accept_password(
    tx: Tx, who: Credentials, buckets: _Buckets, rehashed: str | None
) -> None:
    """The password was right, the code is still owed."""
    tx.about("user", who.id)
    await _settle(buckets)
    if rehashed:
        await users.change(who.id, password_hash=rehashed)


@action(Permission.SIGN_IN)
async def open_session(
    tx: Tx, who: Credentials, buckets: _Buckets, door: Door, rehashed: str | None
) -> SignedIn:
    """Everything was right: open a session.

    Raises:
        Unauthenticated: the account changed while the password was being checked.
    """
    tx.about("user", who.id)
    now = await users.credentials_of(who.id)
    if not now.active or now.password_hash != who.password_hash or now.factor:
        raise Unauthenticated("wrong_credentials")
    await _settle(buckets)
    if rehashed:
        await users.change(who.id, password_hash=rehashed)
    return await _open(tx, who.id, door)


@action(Permission.SIGN_IN)
async def open_session_with_code(
    tx: Tx, who: Credentials, buckets: _Buckets, door: Door, code: Personal[str]
) -> SignedIn:
    """Check the code and open a session.

    Raises:
        Unauthenticated: `wrong_code`: wrong, too old, or used before.
    """
    tx.about("user", who.id)
    await use_code(tx, who.id, code)
    await _settle(buckets)
    return await _open(tx, who.id, door)


@action(Permission.SELF)
async def confirm_again(
    tx: Tx, buckets: _Buckets, code: Personal[str] | None, old_hash: bytes, new_hash: bytes
) -> None:
    """Note the step-up and give the session its new cookie.

    Args:
        tx: of the signed-in person.
        buckets: of this try.
        code: to be checked here; None where the password was checked already.
        old_hash: of the cookie that ends.
        new_hash: of the cookie that follows.

    Raises:
        Unauthenticated: `wrong_code`, or `session_ended` meanwhile.
    """
    tx.about("user", tx.actor.id)
    if code is not None:
        await use_code(tx, tx.actor.id, code)
    await _settle(buckets)
    if not await sessions.replace_token(old_hash, new_hash, tx.now):
        raise Unauthenticated("session_ended")


@action(Permission.HOUSE, quiet=True)
async def sweep(tx: Tx) -> int:
    """Forget buckets that nobody tried for a day; a chore of the timetable."""
    return await guesses.forget_old(tx.now, BUCKET_LIFE)


async def use_code(tx: Tx, user_id: UUID, code: Personal[str]) -> None:
    """Use up a one-time code or a spare code.

    Raises:
        Unauthenticated: `wrong_code`.
    """
    who = await users.credentials_of(user_id)
    typed = code.reveal()
    if totp.looks_like_recovery(typed):
        hashes = msgspec.json.decode(who.recovery_hashes, type=list[str])
        wanted = totp.recovery_hash(typed)
        if wanted not in hashes:
            raise Unauthenticated("wrong_code")
        await users.set_recovery_hashes(user_id, [one for one in hashes if one != wanted])
        return
    secret = await users.factor_secret(tx, user_id)
    step = secret and totp.matching_step(secret, typed, tx.now, who.last_step)
    if not step or not await users.use_step(user_id, step):
        raise Unauthenticated("wrong_code")


async def _open(tx: Tx, user_id: UUID, door: Door) -> SignedIn:
    rules = await policy()
    # The console's short sessions must not push a browser's out.
    alike = [
        one
        for one in await sessions.list_of(user_id)
        if (one.device == CONSOLE) is (door.agent == CONSOLE)
    ]
    for one in alike[max(rules.parallel - 1, 0) :]:
        await sessions.end(user_id, one.id)
    token, device = new_token(), ""
    expires_at = tx.now + timedelta(hours=rules.absolute_hours)
    known = door.device and await sessions.knows_device(hash_of(door.device), user_id)
    mark = await sessions.browser_of(hash_of(door.device)) if door.device else ""
    if door.address and not known:
        device = new_token()
        # A browser that another colleague signed in from is still the same browser.
        mark = mark or hash_of(device).hex()
        await sessions.remember_device(hash_of(device), user_id, tx.now, mark)
    await sessions.add(
        hash_of(token), user_id, tx.now, expires_at, door.agent[:120], door.origin.value, mark
    )
    return SignedIn(token, device)
