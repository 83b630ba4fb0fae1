"""One plugin under the host's care: its process, started again when it ends, or put aside."""

import asyncio
import logging
import os
import signal
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from appliance.errors import Unavailable
from appliance.plugin_api import messages
from appliance.plugin_api.manifest import Manifest
from appliance.plugin_api.messages import Garbled
from appliance.plugin_host import cage, meter
from appliance.plugin_host.egress import Egress, Reached
from appliance.plugin_host.link import Answered, Asked, Counts, Gone, Hung, Link, Overdue, Weak

log = logging.getLogger(__name__)

START_SECONDS: Final = 20.0
"""From the start of a process to its `Ready`; 0.2 s on an idle machine."""

STOP_SECONDS: Final = 4.0
BACKOFF: Final = (1.0, 2.0, 5.0, 15.0, 30.0)
"""Seconds before the process is started again, by how often it ended of late."""

CRASHES: Final = 5
WITHIN: Final = 600.0
"""So many ends within so many seconds put a plugin aside."""

FLOOD_SECONDS: Final = 30.0
"""Kept waiting so long for speaking too fast, a process is ended."""

SHARED: Final = 24 << 20
"""Of memory that is resident, so much is code of libraries and counts for nobody: 12 to 17 MB."""

FULL: Final = 0.95
"""Who had this share of the memory he may have was refused more, or is about to be: the kernel
counts what was reserved, some pages of which were never touched. The plugin may not say so."""

NOTE_EVERY: Final = 60.0
"""The same code is noted in the journal once in so many seconds."""

MOST_TOLD: Final = 20
"""Lines of the plugin's own that wait to be written; more are dropped."""

MOST_NOTED: Final = 200
AGAIN: Final = (0.2, 1.0, 5.0)
"""Seconds after which a line of the host's is written again that could not be."""

Note = Callable[[str, str, Mapping[str, int]], Awaitable[None]]
"""Takes plugin, code and numbers: a line of the plugin's journal."""

PutAside = Callable[[str, str], Awaitable[None]]
"""Takes plugin and code: it is in quarantine and stays there until somebody lets it out."""


class Enabled(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin that is to run, as approved and set.

    Attributes:
        folder: of its code; holds `__init__.py`.
        hosts: `name:port` and `*.name:port` that may be reached, on the Internet only.
        near: `name:port` that an administrator typed into a setting: may lie in his own network.
        spool: folder for its files, which exists, where its limits ask for one.
        permissions, fields: granted, which may be fewer than the manifest's.
        settings: with secrets in clear.
        accounts: of its service, likewise; None: its manifest knows but one.
        ahead: seconds that the box's clock was moved.
    """

    manifest: Manifest
    folder: Path
    hosts: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    spool: Path | None = None
    permissions: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    settings: dict[str, str | int | bool | None] = {}
    accounts: tuple[messages.Account, ...] | None = None
    ahead: int = 0


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """How a plugin is, for health lines and screens.

    Attributes:
        state: `starting`, `running`, `waiting` (to be started again), `quarantined`, `stopped`.
        restarts: since it was switched on.
        last_code: of its last end or refusal; empty while nothing happened.
        rss: bytes; 0 while there is no process.
        cpu_percent: of one processor, over some seconds.
        paused: seconds that it was stopped for using more than its share.
        walls: of its cage that stand.
    """

    state: str
    pid: int = 0
    restarts: int = 0
    last_code: str = ""
    rss: int = 0
    cpu_percent: float = 0.0
    paused: float = 0.0
    walls: tuple[str, ...] = ()
    counts: Counts
    reached: Reached


class Ward:
    """Keeps one plugin running."""

    def __init__(
        self,
        enabled: Enabled,
        asked: Asked,
        note: Note,
        put_aside: PutAside,
        risen: Callable[[], None],
    ) -> None:
        """Args: risen: told whenever it is up."""
        self.enabled = enabled
        self._risen = risen
        self._name = enabled.manifest.name
        self._asked = asked
        self._note = note
        self._put_aside = put_aside
        self._counts = Counts()
        self._egress = Egress(enabled.hosts, enabled.near, self._said)
        self._spool = enabled.spool if enabled.manifest.limits.disk_mb else None
        self._state = "starting"
        self._started: cage.Started | None = None
        self._link: Link | None = None
        self._up = asyncio.Event()
        self._stopping = False
        self._restarts = 0
        self._ends: deque[float] = deque(maxlen=CRASHES)
        self._last_code = ""
        self._verdict = ""
        self._share: meter.Share | None = None
        self._rss = 0
        self._walls: tuple[str, ...] = ()
        self._answers: frozenset[str] = frozenset()
        self._noted: dict[tuple[bool, str], float] = {}
        self._told_notes = 0
        self._cut_before: dict[str, int] = {}
        self._notes: set[asyncio.Task[None]] = set()
        self._task = asyncio.create_task(self._keep())

    @property
    def facts(self) -> Facts:
        """How it is now."""
        share = self._share
        process = self._started.process if self._started else None
        return Facts(
            state=self._state,
            pid=process.pid if process else 0,
            restarts=self._restarts,
            last_code=self._last_code,
            rss=self._rss if process else 0,
            cpu_percent=share.percent if share else 0.0,
            paused=share.paused if share else 0.0,
            walls=self._walls,
            counts=self._counts,
            reached=self._egress.reached,
        )

    @property
    def is_starting(self) -> bool:
        """Whether its process is being started, or is about to be started again."""
        if self._stopping:
            return True  # whoever still asks it asks its follower
        return not self._up.is_set() and self._state in {"starting", "running", "waiting"}

    async def call(
        self, message: Callable[[int], messages.ToPlugin], seconds: float | None = None
    ) -> Answered:
        """Ask the plugin; where it is being started, once it is up.

        Raises:
            Unavailable: `plugin_down` it is not up or went away, `plugin_overdue` it took too long.
        """
        limit = seconds or self.enabled.manifest.limits.call_seconds
        if self._stopping or self._state in {"quarantined", "stopped"}:
            raise Unavailable("plugin_down")
        with suppress(TimeoutError):
            async with asyncio.timeout(min(limit, START_SECONDS)):
                await self._up.wait()
        link = self._link
        if link is None or not self._up.is_set():
            raise Unavailable("plugin_down")
        try:
            return await link.call(message, limit)
        except Overdue:
            self._said("overdue", {"seconds": int(limit)})
            raise Unavailable("plugin_overdue") from None
        except Hung:
            self._said("hung", {"seconds": int(limit)})
            self._kill("hung")
            raise Unavailable("plugin_overdue") from None
        except Gone:
            raise Unavailable("plugin_down") from None

    def is_answering(self, name: str) -> bool:
        """Whether it is up and registered an answer to this question."""
        return self._up.is_set() and name in self._answers

    async def stop(self) -> None:
        """End the plugin's process, kindly at first."""
        self._stopping = True
        link, started = self._link, self._started
        if link is not None and started is not None and self._up.is_set():
            with suppress(ConnectionError, TimeoutError):
                async with asyncio.timeout(STOP_SECONDS):
                    await link.stop()
                    await self._task
        self._kill("")
        self._task.cancel()
        await asyncio.gather(self._task, *self._notes, return_exceptions=True)
        self._state = "stopped"

    async def _keep(self) -> None:
        """Start the process as often as it takes."""
        while True:
            self._state = "starting"
            code = await self._run_once()
            self._up.clear()
            if self._stopping:
                return
            self._last_code = code
            now = time.monotonic()
            self._ends.append(now)
            self._said(code, {"restarts": self._restarts})
            many = len(self._ends) == CRASHES and now - self._ends[0] <= WITHIN
            if many or code in {"broke_cage", "cage_weak"}:
                await self._quarantine(code)
                return
            self._state = "waiting"
            recent = sum(now - at <= WITHIN for at in self._ends)
            await asyncio.sleep(BACKOFF[min(recent, len(BACKOFF)) - 1])
            self._restarts += 1

    async def _quarantine(self, code: str) -> None:
        self._state = "quarantined"
        log.warning("plugin %s is put aside: %s", self._name, code)
        try:
            await self._put_aside(self._name, code)
        except Exception:
            log.exception("the quarantine of %s could not be noted", self._name)

    async def _run_once(self) -> str:
        """One process from start to end; why it ended, as a code."""
        self._verdict = ""
        manifest = self.enabled.manifest
        try:
            started = cage.start(self._name, self.enabled.folder, manifest.limits, self._spool)
        except OSError:
            return "not_started"
        self._started = started
        pid = started.process.pid
        self._link = link = Link(
            self._name, self._asked, self._told, self._counts, lambda: meter.starved(pid)
        )
        self._share = meter.Share(pid, manifest.limits.cpu_percent)
        self._cut_before = _cut(link)
        watching: list[asyncio.Task[None]] = []
        try:
            await link.open(started.line)
            self._egress.open(started.way_out)
            watching += [asyncio.create_task(self._await_ready(link))]
            watching += [asyncio.create_task(self._meter(link))]
            try:
                await link.run()
            except Garbled:
                self._kill("garbled")
        finally:
            self._up.clear()
            self._link = None
            self._cut_off(link)
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)
            await self._egress.close()
            code = await self._ended(started)
            self._started = None
            started.clear()
        return code

    def _hello(self) -> messages.Hello:
        enabled = self.enabled
        return messages.Hello(
            plugin=self._name,
            version=enabled.manifest.version,
            api=enabled.manifest.api,
            settings=enabled.settings,
            permissions=enabled.permissions,
            fields=enabled.fields,
            hosts=(*enabled.hosts, *enabled.near),
            folder=str(self._spool or ""),
            accounts=enabled.accounts,
            ahead=enabled.ahead,
        )

    async def _await_ready(self, link: Link) -> None:
        try:
            async with asyncio.timeout(START_SECONDS):
                self._walls = await link.greet(self._hello(), cage.NEEDED)
                self._answers = frozenset(link.ready.result().answers)
        except TimeoutError:
            self._kill("start_overdue")
            return
        except Weak:
            self._kill("cage_weak")
            return
        self._state = "running"
        self._up.set()
        self._risen()

    async def _meter(self, link: Link) -> None:
        """Look once a second what the process uses."""
        started, share = self._started, self._share
        if started is None or share is None:
            return
        seconds, cpu, limit = 1.0, -1.0, self.enabled.manifest.limits.memory_mb
        is_full = False
        while True:
            began = time.monotonic()
            await asyncio.sleep(seconds)
            self._cut_off(link)
            found = meter.usage(started.process.pid)
            if found is None:
                return
            self._rss = found.rss
            if not is_full and found.peak >= FULL * (limit << 20):
                is_full = True
                self._said("memory_full", {"mb": limit})
            # Who rests writes nothing: his folder need not be looked at.
            if over := await self._over(found, link, wrote=found.cpu != cpu):
                self._kill(over)
            cpu, was_paused = found.cpu, share.paused
            seconds = share.tick(found, time.monotonic() - began)
            if share.paused > was_paused:
                self._said("cpu", {"percent": int(share.percent)})

    def _cut_off(self, link: Link) -> None:
        """Name what was cut of what the process says to the box, since the last look."""
        was, self._cut_before = self._cut_before, _cut(link)
        for code, count in self._cut_before.items():
            if count > was.get(code, 0):
                self._said(code, {"count": count - was.get(code, 0)})

    async def _over(self, found: meter.Usage, link: Link, *, wrote: bool) -> str:
        """Which limit it is over, as the code it is ended with; empty for none."""
        limits = self.enabled.manifest.limits
        if found.rss > (limits.memory_mb << 20) + SHARED:
            return "memory"
        if link.throttled > FLOOD_SECONDS:
            return "flood"
        if wrote and self._spool is not None:
            size = await asyncio.to_thread(meter.size, self._spool)
            return "disk" if size > limits.disk_mb << 20 else ""
        return ""

    async def _ended(self, started: cage.Started) -> str:
        """Wait for the end of a process whose line is cut; give its code."""
        process = started.process
        for _ in range(20):
            if process.poll() is not None:
                break
            await asyncio.sleep(0.05)
        else:
            self._kill(self._verdict or "hung")
            await asyncio.to_thread(process.wait)
        status = process.returncode
        if self._verdict:
            return self._verdict
        if status == -signal.SIGSYS:
            return "broke_cage"
        return "start_failed" if status == 3 else "left" if status == 0 else "crashed"

    def _kill(self, verdict: str) -> None:
        if self._started is None:
            return
        self._verdict = self._verdict or verdict
        with suppress(ProcessLookupError):
            if self._started.process.poll() is None:
                os.kill(self._started.process.pid, signal.SIGKILL)

    def _told(self, level: int, code: str, numbers: Mapping[str, int]) -> None:
        log.log(max(10, min(level, 50)), "plugin %s: %s %s", self._name, code, dict(numbers))
        if level >= logging.ERROR or code.startswith("wall."):
            self._last_code = code
            self._said(code, numbers, is_own=False)

    def _said(self, code: str, numbers: Mapping[str, int], *, is_own: bool = True) -> None:
        """Note something in the plugin's journal, the same thing once a minute.

        Args:
            code: what it is.
            numbers: of it.
            is_own: the host says so. What the plugin says itself, with codes of its choice, never
                keeps a line of the host's out.
        """
        now, key = time.monotonic(), (is_own, code)
        if now - self._noted.get(key, -NOTE_EVERY) < NOTE_EVERY:
            return
        if not is_own and self._told_notes >= MOST_TOLD:
            return
        if len(self._noted) > MOST_NOTED:
            self._noted = {one: at for one, at in self._noted.items() if one[0]}
        self._noted[key] = now
        self._told_notes += not is_own
        task = asyncio.create_task(self._write(code, numbers, is_own=is_own))
        self._notes.add(task)
        task.add_done_callback(self._notes.discard)

    async def _write(self, code: str, numbers: Mapping[str, int], *, is_own: bool) -> None:
        """Write a line; one of the host's is tried again where the box cannot write just now."""
        try:
            for pause in AGAIN if is_own else ():
                try:
                    return await self._note(self._name, code, numbers)
                except Exception:  # noqa: BLE001 - whatever it is, the last try says so
                    await asyncio.sleep(pause)
            await self._note(self._name, code, numbers)
        except Exception:
            log.exception("the journal of %s could not be written", self._name)
        finally:
            self._told_notes -= not is_own


def _cut(link: Link) -> dict[str, int]:
    """What a link kept from the box so far: calls and lines of the log, and seconds of waiting."""
    counts = link.counts
    return {
        "too_many_calls": counts.core_surplus,
        "log_flood": counts.log_dropped,
        "slowed": int(link.throttled),
    }
