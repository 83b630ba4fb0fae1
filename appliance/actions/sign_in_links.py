"""A link that is good once: whoever has it sets the password of one account, and signs in then.

One for each account at most; a newer one ends the older, and so does any new password, and whatever
shuts the account. Only its hash is kept. It opens no session by itself: an authenticator, where
there is one, is still asked for.
"""

from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Final, NamedTuple
from uuid import UUID

from appliance.actions._actors import forgets_actors, manages, needs_step_up, visitor
from appliance.actions._gate import action
from appliance.actions._hashing import hashed
from appliance.actions.sessions import hash_of, new_token, policy
from appliance.actions.sign_in import Door
from appliance.domain import password_rules
from appliance.domain.personal import Personal
from appliance.errors import Conflict, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import entry_links, roles_store, sessions, users
from appliance.storage.entry_links import EntryLink
from appliance.storage.tx import Tx

LIFE: Final = timedelta(hours=24)


class LinkMade(NamedTuple):
    """A link's secret part, shown once and kept nowhere."""

    login: str
    token: Personal[str]
    until: datetime


class Entrant(NamedTuple):
    """Whose link it is, and what a new password is checked against."""

    user_id: UUID
    login: str
    admin: bool
    own_words: tuple[str, ...]


@action(Permission.USER_MANAGE)
async def make(tx: Tx, number: int) -> LinkMade:
    """Draw a link for a colleague; it ends after a day, or when it was used.

    Raises:
        NotFound: nobody has that number.
        Conflict: `user_disabled`: his door is shut.
        Denied: `step_up_needed`.
    """
    needs_step_up(tx)
    found = await users.get_by_number(tx, number)
    tx.about("user", found.id)
    if not found.active:
        raise Conflict("user_disabled")
    secret, until = new_token(), tx.now + LIFE
    await entry_links.put(found.id, EntryLink(hash=hash_of(secret).hex(), until=until))
    return LinkMade(found.login, Personal(f"{number}.{secret}"), until)


@action(Permission.SIGN_IN, reads=True, quiet=True)
async def look(tx: Tx, token: Personal[str]) -> Entrant:
    """Whose link it is.

    Raises:
        NotFound: `sign_in_link_over`: used, replaced, too old, or never one of ours.
    """
    return await _entrant(tx, token)


async def _entrant(tx: Tx, token: Personal[str]) -> Entrant:
    number, _, secret = token.reveal().partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 10 and secret):
        raise NotFound("sign_in_link_over")
    try:
        found = await users.get_by_number(tx, int(number))
    except NotFound:
        raise NotFound("sign_in_link_over") from None
    link = await entry_links.get(found.id)
    is_ours = link.hash and compare_digest(link.hash, hash_of(secret).hex())
    if not is_ours or link.until is None or link.until <= tx.now or not found.active:
        raise NotFound("sign_in_link_over")
    grants = await roles_store.grants_of(found.roles)
    words = (found.login, found.name.reveal(), *(await policy()).company_words)
    return Entrant(found.id, found.login, manages(grants), words)


async def use(door: Door, token: Personal[str], fresh: Personal[str]) -> str:
    """Set the password of the link's account; gives the login to sign in with.

    Raises:
        NotFound: `sign_in_link_over`.
        Invalid: field `password` (see `domain.password_rules`); the link is still good.
    """
    who = visitor(door.origin)
    entrant = await look(who, token)
    problem = password_rules.problem(
        fresh.reveal(), admin=entrant.admin, own_words=entrant.own_words
    )
    if problem:
        raise Invalid(fields={"password": problem})
    await redeem(who, token, await hashed(fresh))
    return entrant.login


@forgets_actors
@action(Permission.SIGN_IN)
async def redeem(tx: Tx, token: Personal[str], password_hash: str) -> None:
    """Use the link up: the password, hashed before, holds; everything that was open ends.

    Raises:
        NotFound: `sign_in_link_over`: also for the second of two at once.
    """
    entrant = await _entrant(tx, token)
    tx.about("user", entrant.user_id)
    await users.set_password(entrant.user_id, password_hash, tx.now, must_change=False)
    await sessions.end_all(entrant.user_id)
    await sessions.forget_devices(entrant.user_id)
