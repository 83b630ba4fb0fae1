"""Opening and sealing a running box: throttled, written down, one at a time."""

import asyncio
from datetime import datetime, timedelta

from appliance.actions import sessions
from appliance.audit.append import append
from appliance.boot.house import OpenHouse
from appliance.boot.index import HOUSE_ACTOR
from appliance.domain.access import NOBODY, Actor, ActorKind, Origin
from appliance.domain.grants import Grant, Scope
from appliance.domain.personal import Personal
from appliance.errors import HouseError, Invalid, Throttled
from appliance.storage.tx import Tx

LONGEST_PAUSE = 60
"""Seconds between tries from one address after many wrong ones."""


class Unlocker:
    """Tries secrets; wrong ones from one address wait 1, 2, 4… seconds (security.md, E)."""

    def __init__(self, opened: OpenHouse) -> None:
        self._opened = opened
        self._one = asyncio.Lock()
        self._wrong: dict[str, tuple[int, datetime]] = {}

    @property
    def is_sealed(self) -> bool:
        """Whether the box waits for a person."""
        return not self._opened.vault.is_open

    async def unlock(
        self, kind: str, secret: Personal[str], address: str, origin: Origin
    ) -> None:
        """Open the vault with a `passphrase` or a `code`, then go on with log and index.

        Raises:
            Throttled: too early after a wrong try.
            Invalid, Denied, NotFound: as the vault refuses.
        """
        async with self._one:
            if not self.is_sealed:
                return
            self._refuse_hurry(address)
            vault = self._opened.vault
            tries = {
                "passphrase": vault.unlock_with_passphrase,
                "code": vault.unlock_with_code,
                "recovery_code": vault.unlock_with_code,
            }
            if kind not in tries:
                raise Invalid("unlock_kind_unknown")
            try:
                await asyncio.to_thread(tries[kind], secret.reveal())
            except HouseError as error:
                self._count(address)
                await self._note("vault.unlock", error.code, origin)
                raise
            self._wrong.pop(address, None)
            await self._opened.unlocked()
            await self._note("vault.unlock", "done", origin)

    async def seal(self, actor: Actor) -> None:
        """Forget every key, name and session."""
        async with self._one:
            await self._note("vault.seal", "done", actor.origin, actor)
            await sessions.end_everybody(HOUSE_ACTOR)
            await self._opened.seal()

    def _refuse_hurry(self, address: str) -> None:
        tries, last = self._wrong.get(address, (0, datetime.min))
        if tries == 0:
            return
        pause = timedelta(seconds=min(2 ** (tries - 1), LONGEST_PAUSE))
        left = last + pause - self._opened.house.clock().replace(tzinfo=None)
        if left > timedelta():
            raise Throttled(seconds=int(left.total_seconds()) + 1)

    def _count(self, address: str) -> None:
        tries, _ = self._wrong.get(address, (0, datetime.min))
        self._wrong[address] = (tries + 1, self._opened.house.clock().replace(tzinfo=None))

    async def _note(
        self, action: str, result: str, origin: Origin, actor: Actor | None = None
    ) -> None:
        here = self._opened.house
        who = actor or Actor(ActorKind.ANONYMOUS, NOBODY, {}, origin=origin)
        tx = Tx(who, Grant(Scope.NONE), here.vault, here.index, here.clock())
        await here.database.write(lambda: append(tx, action, result))
