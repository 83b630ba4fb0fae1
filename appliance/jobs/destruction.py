"""Destroying people whose pause is over, step by step, and whoever an older copy brings back.

Every step may be cut off anywhere: what is begun is found by its state and gone through once more.
The order holds in every crash: the key goes first, so that nothing is readable from then on, then
the rows, then what is derived from them; only then the request says that it is done.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Protocol
from uuid import UUID

from appliance.actions import destruction, trimming
from appliance.domain.access import Actor
from appliance.domain.subjects import LOST, Due, RequestState, Steady
from appliance.errors import Destroyed, HouseError, NotFound

log = logging.getLogger(__name__)

TRIMMED = "_trimmed"
"""What the erasure ledger's reason ends with where a law keeps a part under another key."""


class Keys(Protocol):
    """What this needs of the vault; boot hands it in."""

    def begin_destroy(self, subject: UUID) -> None: ...

    def destroy(
        self,
        subject: UUID,
        reason: str,
        requested_by: UUID,
        approved_by: UUID | None = None,
        *,
        is_lost: bool = False,
    ) -> object: ...

    def is_lost(self, subject: UUID) -> bool: ...

    def pending_destroy(self) -> list[UUID]: ...


class Destroyer:
    """The only one who destroys at a person's request."""

    def __init__(
        self,
        actor: Actor,
        vault: Keys,
        reading: Callable[[], Steady],
        clean: Callable[[], Awaitable[None]],
    ) -> None:
        """Hold what it works with.

        Args:
            actor: the house.
            vault: keys.db.
            reading: the clock nobody can set.
            clean: writes index, snapshot and log anew and empties the databases' journals.
        """
        self._actor = actor
        self._vault = vault
        self._reading = reading
        self._clean = clean
        self._alone = asyncio.Lock()

    async def tick(self) -> int:
        """Do what is due; how many people were destroyed."""
        async with self._alone:
            done = 0
            for due in await destruction.tick(self._actor, self._reading()):
                try:
                    done += await self._go_on(due)
                except HouseError as error:  # one that cannot go on holds up none of the others
                    log.warning("destruction of request %s waits: %s", due.number, error.code)
            return done

    async def note_time(self) -> None:
        """Count the time until now: for an orderly end, which must not cost a pause its seconds."""
        async with self._alone:
            await destruction.tick(self._actor, self._reading())

    async def _go_on(self, due: Due) -> int:
        done = 0
        if due.state is RequestState.HELD:
            await trimming.let_go(self._actor, due.request_id)
            return 0
        if due.state is RequestState.COOLING:
            await destruction.begin(self._actor, due.request_id)
        if due.state is not RequestState.WAITING:
            await self._erase(due)
            done = 1
        if not await destruction.waits_for(self._actor, due.request_id):
            await destruction.close(self._actor, due.request_id)
        return done

    async def _erase(self, due: Due) -> None:
        is_trimmed = await trimming.trim(self._actor, due.request_id)
        await asyncio.to_thread(self._shred, due, due.reason + TRIMMED * is_trimmed)
        while await destruction.wipe(self._actor, due.request_id):
            pass
        await self._clean()
        await destruction.finish(self._actor, due.request_id)

    def _shred(self, due: Due, reason: str) -> None:
        # Those merged into the person go with him; whose merge was not marked yet goes by name.
        for subject in (due.subject_id, *due.others):
            # Who decided wanted this key gone. It is: the ledger has to say so, or a copy that
            # has it would bring the person back, and the request would wait for ever.
            if lost := self._vault.is_lost(subject):
                log.error("the key of request %s was lost before its destruction", due.number)
            with suppress(Destroyed):  # in a run that was cut off
                if not lost:
                    self._vault.begin_destroy(subject)
            word = reason + LOST * lost
            self._vault.destroy(subject, word, due.requested_by, due.approved_by, is_lost=lost)

    async def reconcile(self) -> int:
        """Bring cards after the keys, whatever a restore or a crash left; how many were mended."""
        async with self._alone:
            back = await destruction.brought_back(self._actor)
            for owner in back:
                await destruction.wipe_again(self._actor, owner.client, owner.subject)
            await asyncio.to_thread(self._block, await destruction.blocked(self._actor))
            adopted = 0
            for subject in await asyncio.to_thread(self._vault.pending_destroy):
                with suppress(NotFound):
                    adopted += bool(await destruction.adopt(self._actor, subject))
            kept = await trimming.unregistered(self._actor)
            for subject in kept:
                await trimming.lay_back(self._actor, subject)
            if back:
                await self._clean()
            return len(back) + adopted + len(kept)

    def _block(self, subjects: Iterable[UUID]) -> None:
        for subject in subjects:
            with suppress(Destroyed):
                self._vault.begin_destroy(subject)
