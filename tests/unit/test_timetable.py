import asyncio
import logging
from datetime import timedelta

import pytest

from appliance.jobs.timetable import Timetable

SOON = timedelta(milliseconds=5)


async def test_a_tick_that_fails_comes_again(caplog: pytest.LogCaptureFixture) -> None:
    ticks, enough = 0, asyncio.Event()

    async def tick() -> None:
        nonlocal ticks
        ticks += 1
        if ticks == 3:
            enough.set()
        raise ValueError

    table = Timetable()
    table.every(SOON, tick)
    with caplog.at_level(logging.ERROR):
        table.start()
        await asyncio.wait_for(enough.wait(), 5)
        table.stop()
    assert "a tick of the timetable failed" in caplog.text


async def test_a_tick_that_takes_long_is_alone_and_the_next_one_is_not_lost() -> None:
    running, most, ticks, enough = 0, 0, 0, asyncio.Event()

    async def tick() -> None:
        nonlocal running, most, ticks
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1
        ticks += 1
        if ticks == 3:
            enough.set()

    table = Timetable()
    table.every(SOON, tick)
    table.start()
    await asyncio.wait_for(enough.wait(), 5)
    table.stop()
    assert most == 1


async def test_stopping_twice_or_before_the_start_is_harmless() -> None:
    table = Timetable()
    table.stop()
    table.every(SOON, lambda: asyncio.sleep(0))
    table.start()
    table.stop()
    table.stop()
    await asyncio.sleep(0)
    assert not table._scheduler.running
