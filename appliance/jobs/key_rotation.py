"""Carrying rotations of keys through: one after another, a few hundred rows in each transaction."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Final

from appliance.actions import key_rotation
from appliance.domain.access import Actor
from appliance.domain.key_rotation import Turn
from appliance.errors import Sealed, Unavailable

log = logging.getLogger(__name__)

PAUSE: Final = timedelta(milliseconds=5)
"""Between steps."""


class Turner:
    """Goes on with what is begun; what a restart cut short goes on where it was."""

    def __init__(self, house: Actor) -> None:
        self._house = house
        self._task: asyncio.Task[None] | None = None
        self._is_idle = False

    def poke(self) -> None:
        """Look at the next tick: something was begun, or other data came into the house."""
        self._is_idle = False

    async def tick(self) -> None:
        """Begin to work unless that is going on; returns at once."""
        if self._is_idle or (self._task is not None and not self._task.done()):
            return
        if await key_rotation.due(self._house):
            self._task = asyncio.create_task(self.run())
        else:
            self._is_idle = True

    async def stop(self) -> None:
        """Stop behind the step that runs; the rest is for the next start."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def run(self) -> None:
        """Carry everything that is due to its end, each once."""
        carried: set[Turn] = set()
        try:
            while left := [
                one for one in await key_rotation.due(self._house) if one not in carried
            ]:
                await self._carry(left[0])
                carried.add(left[0])
        except (Sealed, Unavailable) as error:
            log.warning("a rotation of keys waits: %s", error.code)
            return
        except Exception:
            log.exception("a rotation of keys stopped")
        # What a damaged row keeps from its end is looked at again after the next start.
        self._is_idle = True

    async def _carry(self, turn: Turn) -> None:
        if turn is Turn.PEOPLE:
            after: bytes | None = b""
            while after is not None:
                after = await key_rotation.renew_people(self._house, after)
                await _let_others()
        step = _STEPS[turn]
        while await step(self._house):
            await _let_others()
        await key_rotation.finish(self._house, turn)


async def _let_others() -> None:
    """People's own deeds come first."""
    await asyncio.sleep(PAUSE.total_seconds())


_STEPS: Final[Mapping[Turn, Callable[[Actor], Awaitable[bool | int]]]] = {
    Turn.KEK: key_rotation.rewrap,
    Turn.INDEX: key_rotation.retoken,
    Turn.PEOPLE: key_rotation.carry,
}
