"""The host's end of the line to one plugin: calls both ways at once, deadlines, and no floods.

Whatever arrives here was sent by code that nobody vouches for: lengths, kinds, codes and numbers
are checked, and what comes too fast is left in the socket, where it slows the plugin and not
the box.
"""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final

import msgspec

from appliance.errors import HouseError
from appliance.plugin_api import messages
from appliance.plugin_api.codes import code_of, small_numbers
from appliance.plugin_api.messages import Frames

READ_BYTES: Final = 256 << 10
CANCEL_SECONDS: Final = 3.0
"""A call that is over its time may end in so long by itself; then the process is ended."""

CANCEL_TURNS: Final = 10
"""So often that much for a process that waited for a processor meanwhile: the machine is busy."""

CORE_AT_ONCE: Final = 8
CORE_WAITING: Final = 64
"""Calls of `Core` under way, and how many more may wait before they are refused."""

CALLS_AT_ONCE: Final = 16
"""Deliveries, requests and jobs under way in one plugin."""

Asked = Callable[[str, str, bytes], Awaitable[bytes]]
"""Takes plugin, name of the call and its body; raises a HouseError where it is refused."""

Answered = messages.Settled | messages.Reply | messages.Found | messages.Said
Told = Callable[[int, str, Mapping[str, int]], None]


class Hung(Exception):
    """A call was over its time, and the plugin does not even end it."""


class Overdue(Exception):
    """A call was over its time and was ended."""


class Gone(Exception):
    """The plugin went away while it was asked."""


class Weak(Exception):
    """The walls that are needed do not stand on this machine."""


class Pace:
    """So many a second, with a start in hand; who is faster waits."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._at = time.monotonic()
        self.waited = 0.0

    def spare(self, amount: float = 1.0) -> float:
        """Take this much; give the seconds that the taker has to wait for it."""
        now = time.monotonic()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        self._left -= amount
        return max(0.0, -self._left / self._rate)

    async def take(self, amount: float = 1.0) -> None:
        """Wait until this much may pass."""
        if (seconds := self.spare(amount)) > 0:
            self.waited += seconds
            await asyncio.sleep(seconds)


class Counts(msgspec.Struct):
    """What passed over the line since the plugin was switched on, over restarts too.

    Attributes:
        core_surplus: calls of `Core` that were refused because too many were under way.
    """

    frames: int = 0
    bytes: int = 0
    core_calls: int = 0
    core_refused: int = 0
    core_surplus: int = 0
    log_lines: int = 0
    log_dropped: int = 0
    calls: int = 0
    overdue: int = 0
    flooded: float = 0.0


class Link:
    """One process's line."""

    def __init__(
        self,
        plugin: str,
        asked: Asked,
        told: Told,
        counts: Counts,
        starved: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """Hold what it works with.

        Args:
            plugin: its name.
            asked: answers calls of `Core`.
            told: takes lines of the plugin's log.
            counts: what passes.
            starved: seconds that the process has waited for a processor so far.
        """
        self._plugin = plugin
        self._asked = asked
        self._told = told
        self.counts = counts
        self._starved = starved
        self.caged: asyncio.Future[messages.Caged] = asyncio.get_running_loop().create_future()
        self.ready: asyncio.Future[messages.Ready] = asyncio.get_running_loop().create_future()
        self._waiting: dict[int, asyncio.Future[Answered]] = {}
        self._last = 0
        self._calls = asyncio.Semaphore(CALLS_AT_ONCE)
        self._core = asyncio.Semaphore(CORE_AT_ONCE)
        self._core_tasks: set[asyncio.Task[None]] = set()
        self._frames_pace = Pace(2_000, 4_000)
        self._bytes_pace = Pace(64 << 20, 64 << 20)
        self._core_pace = Pace(50, 400)
        self._log_pace = Pace(20, 100)

    @property
    def is_busy(self) -> bool:
        """Whether the plugin was asked something and has not answered."""
        return bool(self._waiting)

    async def open(self, line: socket.socket) -> None:
        """Take the socket over."""
        self._reader, self._writer = await asyncio.open_connection(sock=line)

    async def greet(self, hello: messages.Hello, needed: Collection[str]) -> tuple[str, ...]:
        """Look at the walls, have the plugin loaded, wait until it is ready; give the walls.

        Raises:
            Weak: what is needed does not stand; nothing of the plugin was loaded.
        """
        walls = (await self.caged).walls
        if not set(needed) <= set(walls):
            raise Weak
        await self._send(hello)
        await self.ready
        return walls

    async def run(self) -> None:
        """Read until the plugin is gone.

        Raises:
            Garbled: it speaks no sense.
        """
        frames = Frames()
        try:
            while data := await self._reader.read(READ_BYTES):
                self.counts.bytes += len(data)
                await self._bytes_pace.take(len(data))
                for body in frames.feed(data):
                    self.counts.frames += 1
                    await self._frames_pace.take()
                    self._take(messages.for_host(body))
        except ConnectionError:
            pass
        finally:
            self.counts.flooded = self._bytes_pace.waited + self._frames_pace.waited
            self._end()

    @property
    def throttled(self) -> float:
        """Seconds that this process was kept waiting because it spoke too fast."""
        return self._bytes_pace.waited + self._frames_pace.waited

    async def call(self, message: Callable[[int], messages.ToPlugin], seconds: float) -> Answered:
        """Ask the plugin and wait for what it says.

        Raises:
            Overdue, Hung, Gone: see each.
        """
        async with self._calls:
            self.counts.calls += 1
            self._last += 1
            number = self._last
            answer = self._waiting[number] = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(seconds):
                    await self._send(message(number))
                    return await asyncio.shield(answer)
            except TimeoutError:
                self.counts.overdue += 1
                await self._cancel(number, answer)
                raise Overdue from None
            except ConnectionError:
                raise Gone from None
            finally:
                self._waiting.pop(number, None)

    async def _cancel(self, number: int, answer: "asyncio.Future[Answered]") -> None:
        """Have the plugin end a call; time in which it could not run at all is not its own."""

        async def told() -> None:
            await self._send(messages.Cancel(id=number))
            await asyncio.shield(answer)

        ending, left = asyncio.ensure_future(told()), CANCEL_SECONDS
        try:
            for _ in range(CANCEL_TURNS):
                began, starved = time.monotonic(), self._starved()
                if (await asyncio.wait((ending,), timeout=left))[0]:
                    return ending.result()
                left -= time.monotonic() - began - (self._starved() - starved)
                if left < CANCEL_SECONDS / 10:
                    break
        except ConnectionError:
            raise Gone from None
        finally:
            ending.cancel()
        raise Hung

    async def stop(self) -> None:
        """Ask the plugin to leave."""
        await self._send(messages.Stop())

    async def _send(self, message: messages.ToPlugin) -> None:
        self._writer.write(messages.packed(message))
        await self._writer.drain()

    def _take(self, message: messages.ToHost) -> None:
        match message:
            case messages.Caged():
                if not self.caged.done():
                    self.caged.set_result(message)
            case messages.Ready():
                if not self.ready.done():
                    self.ready.set_result(message)
            case messages.Log():
                self._log(message)
            case messages.CoreCall():
                self._core_call(message)
            case _:
                waiting = self._waiting.get(message.id)
                if waiting is not None and not waiting.done():
                    waiting.set_result(message)

    def _log(self, line: messages.Log) -> None:
        if self._log_pace.spare() > 0:
            self._log_pace.spare(-1.0)  # what is dropped is not owed
            self.counts.log_dropped += 1
            return
        self.counts.log_lines += 1
        self._told(line.level, code_of(line.code), small_numbers(line.numbers))

    def _core_call(self, call: messages.CoreCall) -> None:
        self.counts.core_calls += 1
        task = asyncio.create_task(self._answer(call))
        self._core_tasks.add(task)
        task.add_done_callback(self._core_tasks.discard)

    async def _answer(self, call: messages.CoreCall) -> None:
        if len(self._core_tasks) > CORE_AT_ONCE + CORE_WAITING:
            await self._reply(messages.Answer(id=call.id, code="too_many_calls"))
            self.counts.core_refused += 1
            self.counts.core_surplus += 1
            return
        async with self._core:
            await self._core_pace.take()
            try:
                body = await self._asked(self._plugin, call.name, call.body)
                answer = messages.Answer(id=call.id, body=body)
            except HouseError as error:
                self.counts.core_refused += 1
                answer = messages.Answer(id=call.id, code=error.code)
            except Exception:  # noqa: BLE001 - a fault of the house's is not the plugin's to see
                self.counts.core_refused += 1
                answer = messages.Answer(id=call.id, code="failed")
            await self._reply(answer)

    async def _reply(self, answer: messages.Answer) -> None:
        try:
            await self._send(answer)
        except ValueError:
            await self._send(messages.Answer(id=answer.id, code="answer_too_long"))
        except ConnectionError:
            return

    def _end(self) -> None:
        """Nobody will answer any more."""
        for task in self._core_tasks:
            task.cancel()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(Gone())
        self.caged.cancel()
        self.ready.cancel()
        self._writer.close()
