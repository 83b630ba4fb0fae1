"""What an administrator does with plugins: one place for web, console and command line.

Each deed is an action; what may run is compared with what runs after it, so a door never forgets.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from appliance.actions import (
    _plugin_asking,
    plugin_accounts,
    plugin_settings,
    plugin_words,
    plugins,
)
from appliance.domain.access import Actor
from appliance.domain.personal import Personal
from appliance.domain.plugin_rows import Shape
from appliance.domain.plugins import HEARS, Plugin, PluginState, Rights, ToRun
from appliance.errors import HouseError, Unavailable
from appliance.plugin_api import messages
from appliance.plugin_api.hooks import Finding, RouteReply, RouteRequest
from appliance.plugin_api.manifest import Manifest
from appliance.plugin_host import asked, cage, copies
from appliance.plugin_host.carriers import Carriers
from appliance.plugin_host.keeper import Keeper
from appliance.plugin_host.postman import Postman, plugin_subscriber
from appliance.plugin_host.questions import Questions
from appliance.plugin_host.rounds import Rounds
from appliance.plugin_host.routing import Routing
from appliance.plugin_host.shelf import Shelf
from appliance.plugin_host.ward import Enabled, Facts

log = logging.getLogger(__name__)

OVER_SECONDS = 10.0
"""The process ends a call that takes too long by itself, before the postman does."""


def utc_now() -> datetime:
    """The moment."""
    return datetime.now(UTC)


class Desk:
    """The administrator's side of the host.

    Attributes:
        keeper: of the processes; tests put their own in its place.
        postman: brings plugins their events; None where nobody delivers any.
        routing: the addresses of those that run.
        ask, ask_all, providing, asked_by: questions to those that run, see `questions.Questions`.
        carriers: what their plugins said of prices lately.
    """

    def __init__(
        self, shelf: Shelf, house: Actor, spool: Path, clock: Callable[[], datetime] = utc_now
    ) -> None:
        """Args: spool: folder for the files of plugins that ask for one."""
        self.shelf = shelf
        self._house = house
        self._spool = spool
        self._clock = clock
        self._answers = asked.Desk()
        self.keeper = Keeper(self._answers.asked, self._note, self._put_aside)
        self.keeper.risen = self._risen
        self._as: dict[str, Any] = {}
        self._one = asyncio.Lock()
        self.postman: Postman | None = None
        self.routing = Routing(
            self._manifest_of,
            self._request,
            lambda name: name in self._heard,
            lambda: self.keeper.running,
            self._approved,
        )
        self._questions = Questions(lambda: self.keeper)
        self.ask, self.ask_all = self._questions.ask, self._questions.ask_all
        self.providing, self.asked_by = self._questions.providing, self._questions.asked_by
        self.carriers = Carriers(lambda: self.keeper, self.providing, self.ask_all)
        self._rounds = Rounds(house, clock, self._run_job, self._job_failed)
        self._heard: frozenset[str] = frozenset()
        self._given: tuple[str, ...] = ()
        shelf.changed = self.compare

    async def settle(self) -> None:
        """Look at the disk, then run what is to run; the box starts also where that fails."""
        try:
            await asyncio.to_thread(copies.sweep)
            await self.shelf.settle()
        except Exception:
            log.exception("plugins could not be looked at")

    async def compare(self) -> None:
        """Start what is to run and does not, stop what is not to run, start anew what changed."""
        async with self._one:
            wanted = {one.plugin.name: one for one in await plugins.to_run(self._house)}
            for name in [one for one in self.keeper.running if one not in wanted]:
                self._as.pop(name, None)
                self._answers.dismiss(name)
                await self.keeper.stop(name)
            for name, one in wanted.items():
                lying = self.shelf.lying(name)
                stamp = (one.plugin.version, one.plugin.digest, one.plugin.manifest,
                         one.plugin.allowed, one.hosts, one.near, one.settings,
                         one.accounts)  # fmt: skip
                if lying is None or lying.manifest is None or self._as.get(name) == stamp:
                    continue
                try:
                    cage.refuse_inside(self._spool.parent)
                except Unavailable as error:
                    await plugins.quarantine(self._house, name, error.code)
                    continue
                self._answers.admit(name, _standing(one, lying.manifest))
                await self.keeper.start(self._enabled(one, lying.manifest, lying.folder))
                self._as[name] = stamp
            self._listen(await plugins.known(self._house))
            if self.postman is not None:
                self.postman.poke()  # what was kept for one that is on again

    def _listen(self, known: Sequence[Plugin]) -> None:
        """Have events kept for whoever hears, and delivered to whoever runs."""
        hearing = {one.name: one for one in known if one.state in HEARS and one.given is not None}
        if self.postman is not None:
            for name in self._heard - hearing.keys():
                self.postman.dismiss(_plugin_asking.PREFIX + name)
            for name, one in hearing.items():
                manifest = self._manifest_of(name)
                limit = 0.0 if manifest is None else manifest.limits.call_seconds + OVER_SECONDS
                subscriber = plugin_subscriber(
                    name,
                    one.allowed.events,
                    self.keeper.deliver,
                    seconds=limit,
                    is_on=name in self._as,
                )
                self.postman.admit(_plugin_asking.PREFIX + name, subscriber)
        self._heard = frozenset(hearing)
        self._given = tuple(one.name for one in known if one.given is not None)

    def _manifest_of(self, name: str) -> Manifest | None:
        enabled = self.keeper.enabled(name)
        return None if enabled is None else enabled.manifest

    def _approved(self) -> list[Manifest]:
        """Manifests of those that were approved, also of those that are switched off."""
        lying = (self.shelf.lying(name) for name in self._given)
        return [one.manifest for one in lying if one is not None and one.manifest is not None]

    async def tick(self) -> None:
        """Begin the work of plugins that is due."""
        jobs: dict[tuple[str, str], int] = {}
        for name in self.keeper.running:
            manifest = self._manifest_of(name)
            if manifest is not None:
                jobs |= {(name, job.name): job.every_seconds for job in manifest.jobs}
        await self._rounds.tick(jobs)

    async def _request(self, name: str, request: RouteRequest) -> RouteReply:
        return await self.keeper.request(name, request)

    async def _run_job(self, name: str, job: str) -> None:
        await self.keeper.run_job(name, job)

    async def _job_failed(self, name: str, job: str, code: str) -> None:
        await plugin_words.note_by_box(
            _plugin_asking.actor_of(name, ()),
            "job_failed",
            data={"job": job[:40], "code": code[:40]},
        )

    def _enabled(self, one: ToRun, manifest: Manifest, folder: Path) -> Enabled:
        spool = None
        if manifest.limits.disk_mb:
            spool = self._spool / one.plugin.name
            spool.mkdir(mode=0o700, parents=True, exist_ok=True)
        allowed = one.plugin.allowed
        return Enabled(
            manifest=manifest,
            folder=folder,
            hosts=one.hosts,
            near=one.near,
            spool=spool,
            permissions=allowed.permissions,
            fields=tuple((use.field, use.purpose) for use in allowed.personal),
            settings=one.settings.reveal(),
            accounts=_accounts(one),
            ahead=round((self._clock() - datetime.now(UTC)).total_seconds()),
        )

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

    async def set_account(
        self,
        actor: Actor,
        name: str,
        code: str,
        title: Personal[str],
        typed: Mapping[str, Personal[str]],
    ) -> str:
        """See `actions.plugin_accounts.put`; a plugin that runs starts anew with it."""
        code = await plugin_accounts.put(actor, name, code, title, typed)
        await self.compare()
        return code

    async def switch_account(self, actor: Actor, name: str, code: str, *, is_active: bool) -> None:
        """See `actions.plugin_accounts.switch`; a plugin that runs starts anew."""
        await plugin_accounts.switch(actor, name, code, is_active=is_active)
        await self.compare()

    async def set_up(self, actor: Actor, name: str, typed: Mapping[str, Personal[str]]) -> None:
        """See `actions.plugin_settings.put`; a plugin that runs starts anew with them."""
        await plugin_settings.put(actor, name, typed)
        await self.compare()

    def title_of(self, name: str, language: str) -> str:
        """What a plugin that is switched on calls itself; its name where it is not."""
        manifest = self._manifest_of(name)
        return name if manifest is None else manifest.title.of(language)

    def is_starting(self, name: str) -> bool:
        """Whether a plugin that is switched on will be up in a moment."""
        return self.keeper.is_starting(name)

    def facts(self, name: str) -> Facts | None:
        """How the process is; None where there is none."""
        return self.keeper.facts(name)

    async def test(self, actor: Actor, name: str, account: str = "") -> Sequence[Finding]:
        """Have a plugin say how it is, its connection above all; or one account of its service.

        Raises:
            NotFound, Conflict: as `actions.plugins.tried`.
            Unavailable: `plugin_down`, `plugin_overdue`.
        """
        await plugins.tried(actor, name, "test")
        return await self.keeper.diagnose(name, account)

    async def run_now(self, actor: Actor, name: str, job: str) -> None:
        """Run a job of a plugin now.

        Raises:
            NotFound, Conflict: as `actions.plugins.tried`.
            Unavailable: `plugin_job_failed` with `why`.
        """
        await plugins.tried(actor, name, job)
        try:
            await self.keeper.run_job(name, job)
        except HouseError:
            raise
        except Exception as error:
            raise Unavailable("plugin_job_failed", why=str(error)[:60]) from error

    async def rest(self) -> None:
        """End every process: the vault is sealed, and what they were told must not stay about."""
        async with self._one:
            self._as.clear()
            await self.keeper.close()

    async def close(self) -> None:
        """Stop every process."""
        await self._rounds.stop()
        await self.keeper.close()

    def _risen(self, name: str) -> None:
        if self.postman is not None:
            self.postman.wake(_plugin_asking.PREFIX + name)

    async def _put_aside(self, name: str, code: str) -> None:
        """In quarantine until a person lets it out."""
        await plugins.quarantine(self._house, name, code[:40])
        self._as.pop(name, None)
        self._listen(await plugins.known(self._house))

    async def _note(self, name: str, code: str, numbers: Mapping[str, int]) -> None:
        """Write a line of the host's into the plugin's journal."""
        await plugin_words.note_by_box(
            _plugin_asking.actor_of(name, ()), code, data={key: numbers[key] for key in numbers}
        )


def _accounts(one: ToRun) -> tuple[messages.Account, ...] | None:
    if one.accounts is None:
        return None
    return tuple(
        messages.Account(code=each.code, title=each.title, settings=each.settings)
        for each in one.accounts.reveal()
    )


def _standing(one: ToRun, manifest: Manifest) -> asked.Standing:
    allowed = one.plugin.allowed
    return asked.Standing(
        permissions=allowed.permissions,
        personal=tuple((use.field, use.purpose) for use in allowed.personal),
        tables={
            name: Shape(columns=dict(table.columns), key=table.key)
            for name, table in manifest.tables.items()
        },
    )
