"""Changes of many records in the background: one at a time, a few records in each transaction."""

import asyncio
import logging
from contextlib import suppress
from zoneinfo import ZoneInfo

from appliance.actions import bulk
from appliance.actions.bulk import Work
from appliance.domain.access import Actor
from appliance.errors import Denied, HouseError, NotFound, Sealed, Unavailable

log = logging.getLogger(__name__)


class BulkEditor:
    """Goes on with changes, one after another; what a restart cut short goes on where it was."""

    def __init__(self, house: Actor, zone: ZoneInfo) -> None:
        self._house, self._zone = house, zone
        self._task: asyncio.Task[None] | None = None

    async def tick(self) -> None:
        """Begin to work unless that is going on; returns at once."""
        if (self._task is None or self._task.done()) and await bulk.work(self._house):
            self._task = asyncio.create_task(self.run())

    async def stop(self) -> None:
        """Stop behind the step that runs; the rest is for the next start."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def run(self) -> None:
        """Work until there is nothing left to do."""
        while found := await bulk.work(self._house):
            await self._go_on(found[0])

    async def _go_on(self, one: Work) -> None:
        try:
            more = True
            while more:
                more = await self._step(one)
                await asyncio.sleep(0)  # whoever waits for the writer goes first
        except (Sealed, Unavailable):
            raise  # the next tick tries again
        except HouseError as error:
            await bulk.fail(self._house, one.id, error.code)
        except Exception:
            log.exception("bulk edit %s failed", one.id)
            await bulk.fail(self._house, one.id, "failed")

    async def _step(self, one: Work) -> bool:
        try:
            return await bulk.step(one.maker, one.id, self._zone)
        except (Denied, NotFound, Sealed, Unavailable):
            raise
        except HouseError:
            pass
        # One record spoils the step of all: they go one by one, and it is named.
        for _ in range(bulk.STEP):
            try:
                more = await bulk.step(one.maker, one.id, self._zone, 1)
            except (Denied, NotFound, Sealed, Unavailable):
                raise
            except HouseError as error:
                more = await bulk.step(one.maker, one.id, self._zone, 1, error.code)
            if not more:
                return False
        return True
