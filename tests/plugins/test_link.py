"""The line to a plugin's process: calls that are over their time, on idle and busy machines."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress

import pytest

from appliance.plugin_api import messages
from appliance.plugin_host import link
from appliance.plugin_host.link import Counts, Hung, Link, Overdue


async def _asked(*_: object) -> bytes:
    return b""


async def _overdue(starved: Callable[[socket.socket, int], float]) -> None:
    """Ask what is answered late. `starved` gets the plugin's end and how often it is asked."""
    ours, theirs = socket.socketpair()
    times = 0

    def waited() -> float:
        nonlocal times
        times += 1
        return starved(theirs, times)

    with theirs:
        line = Link("sample", _asked, lambda *_: None, Counts(), waited)
        await line.open(ours)
        reading = asyncio.ensure_future(line.run())
        try:
            await line.call(lambda number: messages.Cancel(id=number), 0.01)
        finally:
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "CANCEL_SECONDS", 0.02)


async def test_a_plugin_that_could_run_and_does_not_end_its_call_hangs() -> None:
    with pytest.raises(Hung):
        await _overdue(lambda _end, _times: 0.0)


async def test_a_plugin_that_waits_for_a_processor_is_given_time_to_end_its_call() -> None:
    def starved(end: socket.socket, times: int) -> float:
        if times == 7:  # after three turns without a processor it runs, and ends the call
            end.send(messages.packed(messages.Settled(id=1, outcome="done")))
        return times * 1.0

    with pytest.raises(Overdue):
        await _overdue(starved)


async def test_a_plugin_that_never_gets_a_processor_is_not_waited_for_without_end() -> None:
    asked: list[int] = []

    def starved(_end: socket.socket, times: int) -> float:
        asked.append(times)
        return times * 0.02

    with pytest.raises(Hung):
        await _overdue(starved)
    assert len(asked) <= 2 * link.CANCEL_TURNS
