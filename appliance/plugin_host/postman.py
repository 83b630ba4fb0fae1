"""Takes events from the outbox to their subscribers, at least once, in order within a lane."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from appliance.domain.events import EVENTS, Event
from appliance.errors import HouseError
from appliance.plugin_api.outcomes import Pause, Permanent
from appliance.storage import deliveries, outbox
from appliance.storage.deliveries import Leased
from appliance.storage.engine.database import Database

log = logging.getLogger(__name__)

Handler = Callable[[Event, UUID], Awaitable[None]]
"""Takes the event and the delivery's id, which stays the same over retries."""

HANDLER_SECONDS = 60.0


class Postman:
    """Runs due deliveries one after another; poked after a commit, polled by the timetable."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        handlers: Mapping[tuple[str, str], Handler],
    ) -> None:
        """Args: handlers: (subscriber, event name) → handler."""
        self._database = database
        self._clock = clock
        self._handlers = handlers
        self._running = asyncio.Lock()

    def take(self, handlers: Mapping[tuple[str, str], Handler]) -> None:
        """Deliver to these from now on: settings that they hold have changed."""
        self._handlers = handlers

    def subscribe(self) -> None:
        """Tell the outbox who takes what."""
        wanted: dict[str, tuple[str, ...]] = {}
        for subscriber, event in self._handlers:
            wanted[event] = (*wanted.get(event, ()), subscriber)
        outbox.set_subscribers(wanted)

    async def run_due(self) -> int:
        """Deliver everything that is due; return how many were tried."""
        tried = 0
        now = self._clock()
        if not await self._database.read(lambda: deliveries.is_any_due(now)):
            return 0  # asked every second: an idle box begins no transaction for it
        async with self._running:
            while leased := await self._lease():
                await self._deliver(leased)
                tried += 1
        return tried

    async def _lease(self) -> Leased | None:
        now = self._clock()
        return await self._database.write(lambda: deliveries.lease(now))

    async def _deliver(self, leased: Leased) -> None:
        try:
            handler = self._handlers[leased.subscriber, leased.event]
            event = msgspec.json.decode(leased.payload, type=EVENTS[leased.event])
            async with asyncio.timeout(HANDLER_SECONDS):
                await handler(event, leased.id)
        except Pause as error:
            until = self._clock() + timedelta(seconds=error.seconds)
            await self._database.write(lambda: deliveries.pause(leased, until))
        except Permanent as error:
            await self._again(leased, error, dead=True)
        except Exception as error:  # noqa: BLE001 - whatever a subscriber raises means "again"
            await self._again(leased, error, dead=False)
        else:
            await self._database.write(lambda: deliveries.done(leased.id))

    async def _again(self, leased: Leased, error: Exception, *, dead: bool) -> None:
        code = error.code if isinstance(error, HouseError) else type(error).__name__
        pause = None if dead else deliveries.pause_after(leased.attempts)
        log.warning("delivery %s of %s failed: %s", leased.id, leased.event, code)
        now = self._clock()
        await self._database.write(lambda: deliveries.again(leased, now, code, pause=pause))
