"""The process of one plugin: walls first, then its code, then what the host sends.

Started by `plugin_host/cage.py`. Nothing of the plugin is imported before the walls stand.
"""

import asyncio
import importlib.util
import inspect
import logging
import os
import re
import socket
import sys
import threading
import traceback
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final
from uuid import UUID

import msgspec
import pluggy

from appliance.domain.events import EVENTS, Event
from appliance.plugin_api import calls, messages, walls, way_out
from appliance.plugin_api.asks import ASKS
from appliance.plugin_api.calls import Tone, pack, unpack
from appliance.plugin_api.codes import code_of, code_of_error, small_numbers
from appliance.plugin_api.core import PAUSED, Core, Refused
from appliance.plugin_api.hooks import (
    PROJECT,
    AnswerHandler,
    Finding,
    Handler,
    Hooks,
    JobHandler,
    RouteHandler,
    RouteReply,
)
from appliance.plugin_api.messages import Frames
from appliance.plugin_api.outcomes import Pause, Permanent, Retry

GRACE_SECONDS: Final = 2.0
"""What is under way may end in so long when the plugin is told to stop."""

MOST_WORDS: Final = 40
"""Letters of a word on an order, as the box takes it."""

TONES: Final[Mapping[str, Tone]] = {"quiet": "grey", "good": "ok", "warn": "warn", "bad": "bad"}

READ_BYTES: Final = 256 << 10
STACK_BYTES: Final = 512 << 10

START_FAILED: Final = 3
"""Exit code: the plugin's own code could not be loaded."""


_Work = messages.Deliver | messages.Ask | messages.RunJob | messages.Diagnose | messages.Question


class Loaded:
    """The plugin's code and what it registered."""

    def __init__(self) -> None:
        self.handlers: dict[str, Handler] = {}
        self.routes: dict[str, RouteHandler] = {}
        self.jobs: dict[str, JobHandler] = {}
        self.answers: dict[str, AnswerHandler] = {}
        self.hooks = pluggy.PluginManager(PROJECT)
        self.hooks.add_hookspecs(Hooks)

    def load(self, name: str, folder: Path) -> None:
        """Import the plugin under `plugins.<name>` and let it register."""
        self.hooks.register(_imported(name, folder), name)
        hook = self.hooks.hook
        hook.register_handlers(on=self._on)
        hook.register_routes(route=self.routes.__setitem__)
        hook.register_jobs(every=self.jobs.__setitem__)
        hook.register_answers(answer=self.answers.__setitem__)

    def _on(self, event: type[Event], handler: Handler) -> None:
        self.handlers[event.name] = handler


def _imported(name: str, folder: Path) -> ModuleType:
    family = ModuleType("plugins")
    family.__path__ = []
    sys.modules["plugins"] = family
    spec = importlib.util.spec_from_file_location(
        f"plugins.{name}", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    setattr(family, name, module)
    spec.loader.exec_module(module)
    return module


class Child:
    """One plugin's end of the line."""

    def __init__(self, order: walls.Order, held: tuple[str, ...]) -> None:
        self._order = order
        self._held = held
        self._loaded = Loaded()
        self._hello = messages.Hello(plugin="", version="", api=0)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._asked: dict[int, asyncio.Future[bytes]] = {}
        self._last = 0
        self._stopped = asyncio.Event()

    async def run(self, line: socket.socket) -> None:
        """Serve until told to stop, or until the host is gone."""
        reader, self._writer = await asyncio.open_connection(sock=line)
        self._loop = asyncio.get_running_loop()
        frames = Frames()
        await self._send(messages.Caged(walls=self._held))
        stopping = asyncio.create_task(self._stopped.wait())
        while not self._stopped.is_set():
            reading = asyncio.create_task(reader.read(READ_BYTES))
            await asyncio.wait([reading, stopping], return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                return
            data = reading.result()
            if not data:
                os._exit(0)  # the host is gone: nobody is there to settle with
            for body in frames.feed(data):
                await self._take(messages.for_plugin(body))

    async def _take(self, message: messages.ToPlugin) -> None:
        match message:
            case messages.Hello():
                await self._begin(message)
            case messages.Answer(id=number):
                self._answered(number, message)
            case messages.Cancel(id=number):
                if task := self._tasks.get(number):
                    task.cancel()
            case messages.Stop():
                await self._end()
            case _:
                self._start(message)

    async def _begin(self, hello: messages.Hello) -> None:
        self._hello = hello
        calls.move_clock(hello.ahead)
        logging.getLogger().addHandler(_Codes(self._tell))
        logging.getLogger().setLevel(logging.INFO)
        walls.watch(self._order, lambda code: self._tell(logging.ERROR, code, {}))
        loaded = self._loaded
        try:
            loaded.load(hello.plugin, Path(self._order.folder))
        except BaseException as error:  # noqa: BLE001 - whatever it is, the host hears of it
            self._tell(logging.CRITICAL, _place(error, self._order.folder), {})
            await self._writer.drain()
            os._exit(START_FAILED)
        await self._send(
            messages.Ready(
                handlers=tuple(loaded.handlers),
                routes=tuple(loaded.routes),
                jobs=tuple(loaded.jobs),
                answers=tuple(loaded.answers),
            )
        )

    def _start(self, message: _Work) -> None:
        match message:
            case messages.Deliver():
                work = self._settled(message.id, self._deliver(message))
            case messages.RunJob():
                work = self._settled(message.id, self._job(message))
            case messages.Ask():
                work = self._ask(message)
            case messages.Question():
                work = self._question(message)
            case messages.Diagnose():
                work = self._diagnose(message)
        task = asyncio.create_task(work)
        self._tasks[message.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(message.id, None))

    async def _settled(self, number: int, work: Awaitable[None]) -> None:
        said = messages.Settled(id=number, outcome="done")
        try:
            await work
        except Pause as error:
            said = messages.Settled(
                id=number, outcome="pause", seconds=error.seconds, account=error.account
            )
        except Permanent as error:
            said = messages.Settled(id=number, outcome="permanent", code=code_of_error(error))
        except (Retry, Refused) as error:
            said = messages.Settled(id=number, outcome="retry", code=code_of_error(error))
        except asyncio.CancelledError:
            said = messages.Settled(id=number, outcome="retry", code="cancelled")
        except Exception as error:  # noqa: BLE001 - whatever a plugin raises means "again"
            self._tell(logging.ERROR, _place(error, self._order.folder), {})
            said = messages.Settled(id=number, outcome="retry", code=code_of_error(error))
        await self._send(said)

    async def _deliver(self, message: messages.Deliver) -> None:
        handler = self._loaded.handlers.get(message.event)
        if handler is None:  # named in the manifest, taken by nobody
            self._tell(logging.WARNING, "no_handler", {})
            return
        event = msgspec.json.decode(message.payload, type=EVENTS[message.event])
        core = self._core(message)
        await handler(event, core)
        await self._mark(getattr(event, "order_id", None), core)

    async def _mark(self, order: Any, core: Core) -> None:
        """Push what `card_badges` says of the order now; one that says None leaves it alone."""
        hook = self._loaded.hooks.hook.card_badges
        if not isinstance(order, UUID) or not hook.get_hookimpls():
            return
        for badges in hook(order=order):
            text = " · ".join(one.text for one in badges)[:MOST_WORDS]
            tone = TONES.get(badges[0].tone, "grey") if badges else "grey"
            await core.badge(order, text, tone)

    async def _job(self, message: messages.RunJob) -> None:
        await self._loaded.jobs[message.name](self._core())

    async def _ask(self, message: messages.Ask) -> None:
        try:
            reply = await self._loaded.routes[message.request.route](message.request, self._core())
        except asyncio.CancelledError:
            reply = RouteReply(status=504)
        except Exception as error:  # noqa: BLE001 - the caller gets an answer whatever happened
            self._tell(logging.ERROR, _place(error, self._order.folder), {})
            reply = RouteReply(status=500)
        said = messages.Reply(
            id=message.id, status=reply.status, headers=reply.headers, body=reply.body
        )
        try:
            await self._send(said)
        except ValueError:
            self._tell(logging.ERROR, "reply_too_long", {"bytes": len(reply.body)})
            await self._send(messages.Reply(id=message.id, status=500))

    async def _question(self, message: messages.Question) -> None:
        said = messages.Said(id=message.id, code="cancelled")
        try:
            handler = self._loaded.answers[message.name]
            asked = unpack(message.body, ASKS[message.name].asked)
            answer = await handler(asked, self._core())
            said = messages.Said(id=message.id, body=pack(answer))
        except Pause as error:
            said = messages.Said(id=message.id, code=code_of(error.code))
        except (Permanent, Retry, Refused) as error:
            said = messages.Said(id=message.id, code=code_of_error(error))
        except asyncio.CancelledError:
            pass  # nobody waits any more, and the host hears that it has ended
        except Exception as error:  # noqa: BLE001 - the page gets an answer whatever happened
            self._tell(logging.ERROR, _place(error, self._order.folder), {})
            said = messages.Said(id=message.id, code=code_of_error(error))
        await self._send(said)

    async def _diagnose(self, message: messages.Diagnose) -> None:
        # Somebody waits who has mended a key or a cable: an account that was down is asked now.
        for key in [one for one in PAUSED if one.startswith(message.account)]:
            del PAUSED[key]
        findings: list[Finding] = []
        hook = self._loaded.hooks.hook.diagnose
        for asked in hook(core=self._core(), account=message.account):
            try:
                said = await asked if inspect.isawaitable(asked) else asked
                findings += msgspec.convert(said or (), tuple[Finding, ...])
            except asyncio.CancelledError:  # over its time: the host hears that it has ended
                findings.append(Finding(code="cancelled", is_good=False))
            except Exception as error:  # noqa: BLE001 - the finding is that it failed
                findings.append(Finding(code=code_of_error(error), is_good=False))
        await self._send(messages.Found(id=message.id, findings=tuple(findings)))

    def _core(self, message: messages.Deliver | None = None) -> Core:
        if message is None:
            return Core(self.ask, self._hello, self._tell)
        return Core(self.ask, self._hello, self._tell, message.delivery_id, message.attempt)

    async def ask(self, name: str, body: bytes) -> bytes:
        """Call `Core` in the box.

        Raises:
            Refused: with the code of the refusal.
        """
        self._last += 1
        number = self._last
        waiting = self._asked[number] = self._loop.create_future()
        try:
            await self._send(messages.CoreCall(id=number, name=name, body=body))
            return await waiting
        finally:
            del self._asked[number]

    def _answered(self, number: int, answer: messages.Answer) -> None:
        waiting = self._asked.get(number)
        if waiting is None or waiting.done():
            return
        if answer.code:
            waiting.set_exception(Refused(answer.code))
        else:
            waiting.set_result(answer.body)

    def _tell(self, level: int, code: str, numbers: Mapping[str, int]) -> None:
        line = messages.packed(
            messages.Log(level=level, code=code_of(code), numbers=small_numbers(numbers))
        )
        if threading.current_thread() is threading.main_thread():
            self._writer.write(line)
        else:
            self._loop.call_soon_threadsafe(self._writer.write, line)

    async def _send(self, message: messages.ToHost) -> None:
        self._writer.write(messages.packed(message))
        await self._writer.drain()

    async def _end(self) -> None:
        running = list(self._tasks.values())
        if running:
            _, late = await asyncio.wait(running, timeout=GRACE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._stopped.set()


class _Codes(logging.Handler):
    """Takes the plugin's `logging`: what is a code goes to the host, a text is withheld."""

    def __init__(self, tell: Callable[[int, str, Mapping[str, int]], None]) -> None:
        super().__init__()
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith("asyncio"):
            self._tell(record.levelno, code_of(str(record.msg)), {})


def _place(error: BaseException, folder: str) -> str:
    """An exception's class and the last line of the plugin it passed: `key_error.client.12`."""
    passed = traceback.extract_tb(error.__traceback__)
    frames = [frame for frame in passed if frame.filename.startswith(folder)]
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(error).__name__).lower()
    if not frames:
        return code_of(name, "error")
    return code_of(f"{name}.{Path(frames[-1].filename).stem}.{frames[-1].lineno}", "error")


def main() -> Any:
    """Raise the walls, then serve; the first argument is the order, the line is a descriptor."""
    order = msgspec.json.decode(sys.argv[1], type=walls.Order)
    threading.stack_size(STACK_BYTES)
    way_out.lend(order.way_out)
    held = walls.stand(order)
    asyncio.run(Child(order, held).run(socket.socket(fileno=order.line)))
    os._exit(0)  # threads of the plugin's own must not keep the process


if __name__ == "__main__":
    main()
