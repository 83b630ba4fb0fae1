"""When which chore runs: APScheduler is the clock, the job table is the truth."""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)

Tick = Callable[[], Awaitable[object]]


class Timetable:
    """Periodic ticks on the loop; each one alone, none lost to a stall."""

    def __init__(self) -> None:
        self._is_ticking = False
        # Without these a tick that comes a second late would be dropped for good.
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def every(self, period: timedelta, tick: Tick) -> None:
        """Call `tick` again and again; its failure is logged and the next one comes."""

        async def guarded() -> None:
            try:
                await tick()
            except Exception:
                log.exception("a tick of the timetable failed")

        self._scheduler.add_job(guarded, "interval", seconds=period.total_seconds())

    def start(self) -> None:
        """Begin ticking on the running loop."""
        self._scheduler.start()
        self._is_ticking = True

    def stop(self) -> None:
        """Stop ticking; what runs is left to finish."""
        if self._is_ticking:  # its own mark changes only later, on the loop
            self._is_ticking = False
            self._scheduler.shutdown(wait=False)
