"""Takes events from the outbox to their subscribers, at least once, in order within a lane.

Subscribers are served side by side: one that hangs holds up nobody but itself. Each has so many
deliveries under way at once as its `width` says.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextvars import Context
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.events import EVENTS, Event
from appliance.errors import HouseError
from appliance.plugin_api.codes import code_of
from appliance.plugin_api.outcomes import Pause, Permanent, Retry
from appliance.storage import deliveries, outbox
from appliance.storage.deliveries import Leased
from appliance.storage.engine.database import Database

log = logging.getLogger(__name__)

Handler = Callable[[Event, UUID], Awaitable[None]]
"""Takes the event and the delivery's id, which stays the same over retries."""

HANDLER_SECONDS = 60.0
LEASE_OVER = timedelta(seconds=60)
"""A lease lasts so much longer than a handler may take: then its process is dead."""


class Down(Pause):
    """The subscriber itself is away, a plugin that is being started again: it is asked nothing."""


class Subscriber(NamedTuple):
    """Who takes events.

    Attributes:
        events: names.
        deliver: hands one over; raises `Retry`, `Pause` or `Permanent`.
        width: deliveries under way at once; 0 keeps events for one that is off for now.
        seconds: that one delivery may take; 0: `HANDLER_SECONDS`.
    """

    events: frozenset[str]
    deliver: Callable[[Leased], Awaitable[None]]
    width: int = 1
    seconds: float = 0.0


class _Served:
    """One subscriber at work.

    Attributes:
        accounts: that are being asked whether they are back.
        paused: accounts, or events where no account is known, that wait, and until when.
        rests: until when he is away.
    """

    def __init__(self) -> None:
        self.loops: set[asyncio.Task[None]] = set()
        self.accounts: set[str] = set()
        self.paused: dict[tuple[str, str], datetime] = {}
        self.rests: datetime | None = None
        self.asked_again = False

    def is_away(self, now: datetime) -> bool:
        """Whether he is asked nothing now."""
        return self.rests is not None and now < self.rests

    def shut(self, now: datetime) -> tuple[str, ...]:
        """Accounts whose deliveries are not taken now."""
        waiting = {one for (one, _), until in self.paused.items() if one and until > now}
        return (*self.accounts, *waiting)


class Postman:
    """Delivers what is due: poked after a commit with events, looked after by the timetable."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        handlers: Mapping[tuple[str, str], Handler],
    ) -> None:
        """Args: handlers: (subscriber, event name) → handler."""
        self._database = database
        self._clock = clock
        self._own = _grouped(handlers)
        self._others: dict[str, Subscriber] = {}
        self._served: dict[str, _Served] = {}
        self._looking: asyncio.Task[None] | None = None
        self._again_soon = False
        self._stopped = False
        self._rounds = asyncio.Lock()
        self._tried = 0

    def take(self, handlers: Mapping[tuple[str, str], Handler]) -> None:
        """Deliver to these from now on: settings that they hold have changed."""
        self._own = _grouped(handlers)

    def admit(self, name: str, subscriber: Subscriber) -> None:
        """Have somebody else take events, too, or take them otherwise than before."""
        self._others[name] = subscriber
        self.subscribe()

    def dismiss(self, name: str) -> None:
        """Events pass by this one from now on; what waits for him is left alone."""
        if self._others.pop(name, None) is not None:
            self.subscribe()

    def subscribe(self) -> None:
        """Tell the outbox who takes what."""
        wanted: dict[str, tuple[str, ...]] = {}
        for name, one in self._subscribers().items():
            for event in sorted(one.events):
                wanted[event] = (*wanted.get(event, ()), name)
        outbox.set_subscribers(wanted)

    def _subscribers(self) -> dict[str, Subscriber]:
        return {**self._own, **self._others}

    def wake(self, name: str) -> None:
        """A subscriber that was away is back."""
        served = self._served.get(name)
        if served is not None and served.rests is not None:
            served.rests = None
            self.poke()

    # --- when ---

    async def begin(self) -> None:
        """Go on where the process before this one stopped: its deliveries come again at once."""
        await self._database.write(deliveries.release)

    def poke(self) -> None:
        """Something was committed for somebody: look at once. Called on the loop."""
        if self._stopped:
            return
        if self._looking is not None and not self._looking.done():
            self._again_soon = True
            return
        # Poked from inside a deed: what follows is none of its business, and no part of it.
        self._looking = asyncio.get_running_loop().create_task(
            self._look_until_quiet(), context=Context()
        )

    async def _look_until_quiet(self) -> None:
        while True:
            self._again_soon = False
            await self.look()
            if not self._again_soon:
                return

    async def look(self) -> None:
        """Set everybody to work who has something due; wait for nobody."""
        for name in self._subscribers():
            await self._set_to_work(name)

    async def run_due(self) -> int:
        """Deliver everything that is due; return how many were tried."""
        async with self._rounds:
            before = self._tried
            await self.look()
            while under_way := [task for one in self._served.values() for task in one.loops]:
                await asyncio.gather(*under_way)
            return self._tried - before

    async def stop(self) -> None:
        """Leave what is under way: it is delivered again after its lease, under the same id."""
        self._stopped = True
        tasks = [task for one in self._served.values() for task in one.loops]
        if self._looking is not None:
            tasks.append(self._looking)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- one subscriber ---

    async def _set_to_work(self, name: str) -> None:
        served = self._served.setdefault(name, _Served())
        subscriber = self._subscribers().get(name)
        if subscriber is None or len(served.loops) >= subscriber.width:
            served.asked_again = True  # whoever ends his work looks once more
            return
        now = self._clock()
        if served.is_away(now):
            return
        if not await self._database.read(lambda: deliveries.is_any_due(name, now)):
            return  # asked every second: an idle box begins no transaction for it
        if len(served.loops) < subscriber.width:
            task = asyncio.get_running_loop().create_task(self._work(name, served))
            served.loops.add(task)

    async def _work(self, name: str, served: _Served) -> None:
        """Deliver one after another until nothing is due; have others help while there is more."""
        mine = asyncio.current_task()
        try:
            while leased := await self._lease(name, served):
                if leased.account:
                    served.accounts.add(leased.account)
                await self._set_to_work(name)
                try:
                    await self._deliver(leased, served)
                finally:
                    served.accounts.discard(leased.account)
                self._tried += 1
        finally:
            served.loops = {one for one in served.loops if one is not mine}

    async def _lease(self, name: str, served: _Served) -> Leased | None:
        subscriber = self._subscribers().get(name)
        if subscriber is None or not subscriber.width:
            return None
        now = self._clock()
        if served.is_away(now):
            return None
        until = now + timedelta(seconds=subscriber.seconds or HANDLER_SECONDS) + LEASE_OVER
        leased: Leased | None = None
        served.asked_again = True
        while leased is None and served.asked_again:
            served.asked_again = False
            busy = served.shut(now)
            leased = await self._database.write(
                lambda: deliveries.lease(name, now, until, busy)  # noqa: B023  run before the next
            )
        return leased

    async def _deliver(self, leased: Leased, served: _Served) -> None:
        subscriber = self._subscribers().get(leased.subscriber)
        try:
            if subscriber is not None and leased.event in subscriber.events:
                async with asyncio.timeout(subscriber.seconds or HANDLER_SECONDS):
                    await subscriber.deliver(leased)
        except Down as error:
            served.rests = self._clock() + timedelta(seconds=error.seconds)
            await self._database.write(lambda: deliveries.put_back(leased))
        except Pause as error:
            await self._pause(leased, served, error)
        except Permanent as error:
            await self._again(leased, error, dead=True)
        except Exception as error:  # noqa: BLE001 - whatever a subscriber raises means "again"
            await self._again(leased, error, dead=False)
        else:  # done, or the subscriber takes such events no longer
            await self._database.write(lambda: deliveries.done(leased))
            if leased.account:
                await self._back(leased.subscriber, leased.account, served)

    async def _pause(self, leased: Leased, served: _Served, error: Pause) -> None:
        """Put it off, and once in a pause everything that waits for the same."""
        account, now = error.account, self._clock()
        what = (account, "" if account else leased.event)
        until = served.paused.get(what, now)
        is_new = until <= now
        if is_new:
            until = served.paused[what] = now + timedelta(seconds=error.seconds)
        await self._database.write(lambda: deliveries.pause(leased, until, account))
        more = is_new
        while more:
            more = await self._database.write(lambda: deliveries.put_off(leased, until, account))

    async def _back(self, subscriber: str, account: str, served: _Served) -> None:
        """An account that was down answers: what waits for it is due."""
        served.paused.pop((account, ""), None)
        now, more = self._clock(), True
        while more:
            more = await self._database.write(
                lambda: deliveries.bring_account_back(subscriber, account, now)
            )

    async def _again(self, leased: Leased, error: Exception, *, dead: bool) -> None:
        code = error.code if isinstance(error, HouseError) else type(error).__name__
        if isinstance(error, (Retry, Permanent)):
            code = code_of(str(error), code)
        pause = None if dead else deliveries.pause_after(leased.attempts)
        log.warning("delivery %s of %s failed: %s", leased.id, leased.event, code)
        now = self._clock()
        await self._database.write(lambda: deliveries.again(leased, now, code, pause=pause))


def _grouped(handlers: Mapping[tuple[str, str], Handler]) -> dict[str, Subscriber]:
    """The house's own handlers, by subscriber."""
    found: dict[str, dict[str, Handler]] = {}
    for (name, event), handler in handlers.items():
        found.setdefault(name, {})[event] = handler
    return {name: Subscriber(frozenset(own), _to(own)) for name, own in found.items()}


def _to(handlers: Mapping[str, Handler]) -> Callable[[Leased], Awaitable[None]]:
    async def deliver(leased: Leased) -> None:
        event = msgspec.json.decode(leased.payload, type=EVENTS[leased.event])
        await handlers[leased.event](event, leased.id)

    return deliver


PLUGIN_WIDTH = 4
"""Deliveries to one plugin at once: its lanes go on while one account is slow."""

ToPlugin = Callable[[str, str, bytes, UUID, int], Awaitable[None]]
"""Plugin, event, payload, delivery id, attempt: the keeper of processes hands it over."""


def plugin_subscriber(
    name: str, events: Iterable[str], hand_over: ToPlugin, *, seconds: float, is_on: bool
) -> Subscriber:
    """A plugin as a subscriber.

    Args:
        name: of the plugin.
        events: that its manifest names and its grant allows.
        hand_over: to its process.
        seconds: that one call may take.
        is_on: whether it runs; else its events are kept until it does.
    """

    async def deliver(leased: Leased) -> None:
        payload = leased.payload.encode()
        await hand_over(name, leased.event, payload, leased.id, leased.attempts)

    return Subscriber(frozenset(events), deliver, PLUGIN_WIDTH if is_on else 0, seconds)
