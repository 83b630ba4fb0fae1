"""Plugins' work by the timetable: begun when it is due, one of a kind at a time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Final

from appliance.actions import plugin_doors
from appliance.domain.access import Actor
from appliance.errors import HouseError
from appliance.plugin_api.outcomes import Pause

log = logging.getLogger(__name__)

AGAIN: Final = 300
"""Seconds until a job is begun again that failed or was cut off, where its own time is later."""

Jobs = Mapping[tuple[str, str], int]
"""(plugin, job) → seconds from one beginning to the next."""


class Rounds:
    """Begins what is due. A job that takes longer than its period is not begun twice."""

    def __init__(
        self,
        house: Actor,
        clock: Callable[[], datetime],
        run_job: Callable[[str, str], Awaitable[None]],
        failed: Callable[[str, str, str], Awaitable[None]],
    ) -> None:
        """Args: run_job: begins a plugin's job. failed: hears plugin, job and a code."""
        self._house = house
        self._clock = clock
        self._run_job = run_job
        self._failed = failed
        self._due: dict[str, datetime] | None = None
        self._running: dict[str, asyncio.Task[None]] = {}

    async def tick(self, jobs: Jobs) -> int:
        """Begin what is due of these; how many."""
        if not jobs:
            return 0
        if self._due is None:
            self._due = dict(await plugin_doors.timetable(self._house))
        now = self._clock()
        due = {
            f"{plugin}/{job}": (plugin, job, every)
            for (plugin, job), every in jobs.items()
            if f"{plugin}/{job}" not in self._running
            and self._due.get(f"{plugin}/{job}", now) <= now
        }
        if not due:
            return 0
        # Its whole period begins when it has ended well: a box that is killed in between, or a
        # service that is down, must not put a day's work off by a day.
        begun = [(name, min(every, AGAIN)) for name, (_, _, every) in due.items()]
        self._due = dict(await plugin_doors.begun(self._house, begun))
        for name, (plugin, job, every) in due.items():
            task = asyncio.get_running_loop().create_task(self._run(name, plugin, job, every))
            self._running[name] = task
        return len(due)

    async def _run(self, name: str, plugin: str, job: str, every: int) -> None:
        try:
            await self._run_job(plugin, job)
            if every > AGAIN:
                self._due = dict(await plugin_doors.begun(self._house, [(name, every)]))
        except Pause:
            return  # the other side, or the plugin itself, is down: the next time comes
        except Exception as error:  # noqa: BLE001 - whatever a plugin's work ends with
            code = error.code if isinstance(error, HouseError) else str(error)[:40]
            await self._failed(plugin, job, code)
        finally:
            self._running.pop(name, None)

    async def settle(self) -> None:
        """Wait for what is under way."""
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def stop(self) -> None:
        """Leave it: the processes are being ended anyway."""
        for task in list(self._running.values()):
            task.cancel()
        await self.settle()
