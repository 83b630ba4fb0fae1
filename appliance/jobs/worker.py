"""Long work in the background: one piece of it at a time, cut short and gone on with at will."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from appliance.domain.access import Actor
from appliance.errors import Conflict, HouseError, Sealed, Unavailable

log = logging.getLogger(__name__)
Piece = TypeVar("Piece")


class Worker(ABC, Generic[Piece]):
    """Works off what waits, one after another; what a restart cut short goes on where it was.

    Args:
        house: whose deed the bookkeeping is.
        zone: in which days begin.
    """

    unknown = "failed"
    """Code of a failure that has none of its own."""
    gives_way = True
    """Whether a conflict means that somebody was faster: paused it, or took it away."""

    def __init__(self, house: Actor, zone: ZoneInfo) -> None:
        self._house, self._zone = house, zone
        self._task: asyncio.Task[None] | None = None

    async def tick(self) -> None:
        """Begin to work unless that is going on; returns at once."""
        if (self._task is None or self._task.done()) and await self._waiting():
            self._task = asyncio.create_task(self.run())

    async def stop(self) -> None:
        """Stop behind the step that runs; the rest is for the next start."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def run(self) -> None:
        """Work until there is nothing left to do."""
        while found := await self._waiting():
            await self._try(found[0])

    async def _try(self, one: Piece) -> None:
        try:
            await self._work(one)
        except (Sealed, Unavailable):
            raise  # the next tick tries again
        except HouseError as error:
            if not (self.gives_way and isinstance(error, Conflict)):
                await self._fail(one, error.code)
        except Exception:
            log.exception("%s failed", type(self).__name__)
            await self._fail(one, self.unknown)

    @abstractmethod
    async def _waiting(self) -> Sequence[Piece]:
        """What is to be done, the first first."""

    @abstractmethod
    async def _work(self, one: Piece) -> None:
        """Do it to its end."""

    @abstractmethod
    async def _fail(self, one: Piece, code: str) -> None:
        """Say that it cannot go on."""
