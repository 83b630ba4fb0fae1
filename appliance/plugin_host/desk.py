"""What an administrator does with plugins: one place for web, console and command line.

Each deed is an action; what may run is compared with what runs after it, so a door never forgets.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from appliance.actions import plugin_settings, plugins
from appliance.domain.access import Actor
from appliance.domain.personal import Personal
from appliance.domain.plugins import PluginState, Rights, ToRun, Value
from appliance.errors import HouseError, Unavailable
from appliance.plugin_api.hooks import Finding
from appliance.plugin_host.shelf import Shelf

log = logging.getLogger(__name__)


class Told(Protocol):
    """How a process is; see the keeper of processes."""

    @property
    def state(self) -> str: ...
    @property
    def restarts(self) -> int: ...
    @property
    def last_code(self) -> str: ...
    @property
    def rss(self) -> int: ...
    @property
    def cpu_percent(self) -> float: ...


class Runs(Protocol):
    """Whoever keeps the processes."""

    @property
    def running(self) -> Sequence[str]: ...
    def facts(self, name: str) -> Told | None: ...
    async def begin(self, one: ToRun, folder: Path, settings: Mapping[str, Value]) -> None: ...
    async def stop(self, name: str) -> None: ...
    async def diagnose(self, name: str) -> Sequence[Finding]: ...
    async def run_job(self, name: str, job: str) -> None: ...


class Desk:
    """The administrator's side of the host.

    Attributes:
        keeper: None while nobody runs plugins: in a test, or a box without that part.
    """

    def __init__(self, shelf: Shelf, house: Actor, keeper: Runs | None = None) -> None:
        self.shelf = shelf
        self.keeper = keeper
        self._house = house
        self._as: dict[str, Any] = {}
        self._one = asyncio.Lock()
        shelf.changed = self.compare

    async def settle(self) -> None:
        """Look at the disk, then run what is to run; the box starts also where that fails."""
        try:
            await self.shelf.settle()
        except Exception:
            log.exception("plugins could not be looked at")

    async def compare(self) -> None:
        """Start what is to run and does not, stop what is not to run, start anew what changed."""
        keeper = self.keeper
        if keeper is None:
            return
        async with self._one:
            wanted = {one.plugin.name: one for one in await plugins.to_run(self._house)}
            for name in [one for one in keeper.running if one not in wanted]:
                self._as.pop(name, None)
                await keeper.stop(name)
            for name, one in wanted.items():
                folder = self.shelf.folder(name)
                stamp = (one.plugin.version, one.plugin.digest, one.plugin.manifest,
                         one.plugin.allowed, one.hosts, one.settings)  # fmt: skip
                if folder is None or self._as.get(name) == stamp:
                    continue
                await keeper.begin(one, folder, one.settings.reveal())
                self._as[name] = stamp

    async def approve(self, actor: Actor, name: str, version: str, rights: Rights) -> PluginState:
        """See `actions.plugins.approve`."""
        state = await plugins.approve(actor, name, version, rights)
        await self.compare()
        return state

    async def take_back(self, actor: Actor, name: str) -> None:
        """See `actions.plugins.take_back`."""
        await plugins.take_back(actor, name)
        await self.compare()

    async def switch_on(self, actor: Actor, name: str) -> None:
        """See `actions.plugins.switch_on`."""
        await plugins.switch_on(actor, name)
        # Out of a quarantine it begins afresh.
        self._as.pop(name, None)
        await self.compare()

    async def pause(self, actor: Actor, name: str) -> None:
        """See `actions.plugins.pause`."""
        await plugins.pause(actor, name)
        await self.compare()

    async def switch_off(self, actor: Actor, name: str) -> None:
        """See `actions.plugins.switch_off`."""
        await plugins.switch_off(actor, name)
        await self.compare()

    async def isolate(self, actor: Actor, name: str) -> None:
        """See `actions.plugins.isolate`."""
        await plugins.isolate(actor, name)
        await self.compare()

    async def set_up(self, actor: Actor, name: str, typed: Mapping[str, Personal[str]]) -> None:
        """See `actions.plugin_settings.put`; a plugin that runs starts anew with them."""
        await plugin_settings.put(actor, name, typed)
        await self.compare()

    def facts(self, name: str) -> Told | None:
        """How the process is; None where there is none."""
        return None if self.keeper is None else self.keeper.facts(name)

    async def test(self, actor: Actor, name: str) -> Sequence[Finding]:
        """Have a plugin say how it is, its connection above all.

        Raises:
            NotFound, Conflict: as `actions.plugins.tried`.
            Unavailable: `plugin_down`, `plugin_overdue`.
        """
        await plugins.tried(actor, name, "test")
        return await self._running().diagnose(name)

    async def run_now(self, actor: Actor, name: str, job: str) -> None:
        """Run a job of a plugin now.

        Raises:
            NotFound, Conflict: as `actions.plugins.tried`.
            Unavailable: `plugin_job_failed` with `why`.
        """
        await plugins.tried(actor, name, job)
        keeper = self._running()
        try:
            await keeper.run_job(name, job)
        except HouseError:
            raise
        except Exception as error:
            raise Unavailable("plugin_job_failed", why=str(error)[:60]) from error

    async def put_aside(self, name: str, code: str) -> None:
        """For the keeper: a plugin is in quarantine until a person lets it out."""
        await plugins.quarantine(self._house, name, code[:40])
        self._as.pop(name, None)

    async def close(self) -> None:
        """Stop every process."""
        if self.keeper is not None:
            for name in list(self.keeper.running):
                await self.keeper.stop(name)

    def _running(self) -> Runs:
        if self.keeper is None:
            raise Unavailable("plugin_down")
        return self.keeper
