"""The server: one process, one loop; doors, background chores, an orderly end."""

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import uvloop

from appliance import config as settings
from appliance.actions import (
    alarms,
    assignment,
    bulk,
    catalogue_runs,
    chores,
    client_dates,
    deeds,
    destruction,
    exports,
    import_steps,
    notices,
    pay_chores,
    plugin_words,
    sessions,
    sign_in,
    task_chores,
    upkeep,
    webhooks,
)
from appliance.boot import auditing, listeners, logs, releases, tls
from appliance.boot.anchors import Anchoring
from appliance.boot.copies import Copies, afterwards
from appliance.boot.doors import Doors, Lent, make_doors
from appliance.boot.first_run import FirstRun
from appliance.boot.house import AUDIT_FILE, OpenHouse, open_house
from appliance.boot.index import HOUSE_ACTOR
from appliance.boot.machine import look_around
from appliance.boot.memory import settle_memory
from appliance.boot.paper import Paper
from appliance.boot.plugins import make_desk
from appliance.boot.posting import handlers_of
from appliance.config import Config, checks
from appliance.domain.health import State, judge
from appliance.errors import HouseError, Unavailable
from appliance.jobs.acts import sweep_acts, write_acts
from appliance.jobs.bulk import BulkEditor
from appliance.jobs.catalogues import CatalogueReader
from appliance.jobs.dismissals import hand_over
from appliance.jobs.doubles import keep_merged_keys, look_for_doubles
from appliance.jobs.exports import Exporter
from appliance.jobs.imports import Importer
from appliance.jobs.key_rotation import Turner
from appliance.jobs.statements import Reconciler
from appliance.jobs.tallies import settle_reports
from appliance.jobs.timetable import Timetable
from appliance.jobs.webhooks import Webhooks
from appliance.plugin_host.postman import Postman
from appliance.vault.hardening import harden_process
from appliance.web.alarm_words import letter_of
from appliance.web.hub import Hub

log = logging.getLogger(__name__)

SEAL_EVERY = timedelta(milliseconds=500)
"""How long a deed may wait in the outbox before it is in the log."""

CLAIM_EVERY = timedelta(seconds=30)
IMPORT_EVERY = timedelta(seconds=2)
POST_EVERY = timedelta(seconds=1)
JOBS_EVERY = timedelta(seconds=5)

SETTLED = ("box", "server", "outer", "unlock", "backup")
"""Sections that may change while the box runs; a database is moved by other means."""

AT_DOORS = frozenset({"box", "server", "outer"})
OPENING_SECONDS = 15.0

Chore = tuple[timedelta, Callable[[], Awaitable[object]]]


class Server:
    """Everything that runs while the box is up.

    Attributes:
        ready: set while every door accepts connections; cleared while they open anew.
    """

    def __init__(self, opened: OpenHouse) -> None:
        self.opened = opened
        self.config = opened.config
        self.ready = asyncio.Event()
        self._since = datetime.now(UTC)
        self._stop = asyncio.Event()
        self._reopen = asyncio.Event()
        self._timetable = Timetable()
        self._postman = Postman(opened.database, opened.house.clock, handlers_of(opened))
        self._webhooks = Webhooks(HOUSE_ACTOR, self._postman.admit, self._postman.dismiss)
        self._exporter = Exporter(HOUSE_ACTOR, ZoneInfo(self.config.box.time_zone))
        self._importer = Importer(HOUSE_ACTOR, ZoneInfo(self.config.box.time_zone))
        self._reconciler = Reconciler(HOUSE_ACTOR, ZoneInfo(self.config.box.time_zone))
        self._bulk = BulkEditor(HOUSE_ACTOR, ZoneInfo(self.config.box.time_zone))
        self._catalogues = CatalogueReader(HOUSE_ACTOR, ZoneInfo(self.config.box.time_zone))
        self._copies = Copies(opened)
        self._destroyer = opened.destroyer()
        self._anchoring = Anchoring(opened, auditing.words_of(self.config))
        self._auditor = auditing.Auditor(opened)
        self._turner = Turner(HOUSE_ACTOR)
        self._paper = Paper(opened)
        self._first_run = FirstRun(opened, self._settle, self._copies, self._paper)
        self._copies.stop = self._stop.set
        self._desk = make_desk(opened)
        self._desk.postman = self._postman
        self._hubs: tuple[Hub, ...] = ()
        self._listeners: list[listeners.Listener] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._doors: Doors | None = None
        self._console: listeners.Listener | None = None
        self._console_tasks: list[asyncio.Task[None]] = []
        self._chores: Mapping[str, Chore] = {
            "index.snapshot": (timedelta(hours=1), opened.index.keep),
            "tls.renew": (timedelta(hours=12), self._renew),
            "sessions.sweep": (timedelta(hours=1), lambda: sessions.sweep(HOUSE_ACTOR)),
            "guesses.sweep": (timedelta(hours=6), lambda: sign_in.sweep(HOUSE_ACTOR)),
            "plugins.sweep": (timedelta(days=1), lambda: plugin_words.sweep(HOUSE_ACTOR)),
            "deliveries.purge": (timedelta(days=1), lambda: chores.purge(HOUSE_ACTOR)),
            "tasks.remind": (
                timedelta(seconds=30),
                lambda: task_chores.run(HOUSE_ACTOR, ZoneInfo(self.config.box.time_zone)),
            ),
            "clients.remind": (
                timedelta(hours=1),
                lambda: client_dates.remind(HOUSE_ACTOR, ZoneInfo(self.config.box.time_zone)),
            ),
            "reports.settle": (
                timedelta(seconds=30),
                lambda: settle_reports(HOUSE_ACTOR, self.config.box.time_zone),
            ),
            "payments.settle": (timedelta(minutes=1), lambda: pay_chores.run(HOUSE_ACTOR)),
            "orders.alarms": (
                timedelta(minutes=5),
                lambda: assignment.raise_alarms(HOUSE_ACTOR, ZoneInfo(self.config.box.time_zone)),
            ),
            "acts.write": (timedelta(seconds=30), self._write_acts),
            "acts.sweep": (timedelta(days=1), lambda: sweep_acts(HOUSE_ACTOR)),
            "notices.purge": (timedelta(days=1), lambda: notices.purge(HOUSE_ACTOR)),
            "files.sweep": (timedelta(days=1), lambda: chores.sweep_files(HOUSE_ACTOR)),
            "exports.sweep": (timedelta(hours=1), lambda: exports.sweep(HOUSE_ACTOR)),
            "imports.sweep": (timedelta(days=1), lambda: import_steps.sweep(HOUSE_ACTOR)),
            "health.alarm": (timedelta(minutes=5), self._alarm),
            "users.hand_over": (
                timedelta(seconds=30),
                lambda: hand_over(HOUSE_ACTOR, ZoneInfo(self.config.box.time_zone)),
            ),
            "keys.sweep": (timedelta(days=1), opened.sweep_orphans),
            "catalogues.plan": (
                timedelta(seconds=30),
                lambda: catalogue_runs.plan_due(HOUSE_ACTOR),
            ),
            "catalogues.sweep": (timedelta(days=1), lambda: catalogue_runs.sweep(HOUSE_ACTOR)),
            "bulk.sweep": (timedelta(days=1), lambda: bulk.sweep(HOUSE_ACTOR)),
            "deeds.sweep": (timedelta(days=1), lambda: deeds.sweep(HOUSE_ACTOR)),
            "audit.check": (timedelta(minutes=15), self._auditor.tick),
            "audit.anchor": (timedelta(minutes=5), self._anchoring.tick),
            "subjects.destroy": (timedelta(seconds=30), self._destroyer.tick),
            "subjects.remind": (timedelta(days=1), lambda: destruction.remind(HOUSE_ACTOR)),
            "subjects.reconcile": (timedelta(hours=1), self._destroyer.reconcile),
            "restores.sweep": (timedelta(days=1), opened.sweep_set_aside),
            "migrations.sweep": (timedelta(days=1), opened.sweep_copies),
            "backups.tick": (timedelta(minutes=5), self._copies.tick),
            "updates.note": (timedelta(minutes=1), releases.note_down),
            "duplicates.scan": (timedelta(days=1), lambda: look_for_doubles(HOUSE_ACTOR)),
            "duplicates.keys": (
                timedelta(minutes=10),
                lambda: keep_merged_keys(HOUSE_ACTOR, opened.vault),
            ),
        }

    @property
    def then(self) -> Mapping[str, object] | None:
        """What is to be done once everything is closed; then the box starts anew."""
        return self._copies.then

    async def run(self) -> None:
        """Serve until told to stop."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        self.opened.database.after_commit(self.opened.index.poke)
        self.opened.when_open = self._unlocked
        self.opened.when_sealed = self._desk.rest
        self._postman.subscribe()
        webhooks.on_change(self._webhooks.changed)
        self.opened.house.posted = self._postman.poke
        if self.opened.vault.is_open:
            await self._follow()
        self._open_doors()
        self._open_console()
        self._start_clock()
        try:
            while await self._wait():
                await self._close_doors()
                self._open_doors()
        finally:
            self._timetable.stop()
            await self._postman.stop()
            if self.opened.vault.is_open:
                with suppress(HouseError):
                    await self._destroyer.note_time()
            await self._importer.stop()
            await self._exporter.stop()
            await self._reconciler.stop()
            await self._bulk.stop()
            await self._catalogues.stop()
            await self._turner.stop()
            await self._first_run.stop()
            await self._desk.close()
            await self._copies.close()
            await self._auditor.cancel()
            await self._close_doors()
            await self._close_console()

    async def _wait(self) -> bool:
        """Wait for the end (False) or for new certificates (True).

        Raises:
            BaseException: what broke a listener.
        """
        self._reopen.clear()
        opening = asyncio.create_task(self._announce())
        signals = [asyncio.create_task(event.wait()) for event in (self._stop, self._reopen)]
        doors = [*self._tasks, *self._console_tasks]
        done, _ = await asyncio.wait([*signals, *doors], return_when=asyncio.FIRST_COMPLETED)
        for waiting in (*signals, opening):
            waiting.cancel()
        for task in done.intersection(doors):
            task.result()
            if not self._stop.is_set():
                # A door that closed by itself: the supervisor has to start the box again.
                raise Unavailable("door_closed")
        return self._reopen.is_set() and not self._stop.is_set()

    async def _announce(self) -> None:
        """Say that the doors are open, once they are."""
        for listener in (*self._listeners, self._console):
            if listener is not None:
                await listener.opened.wait()
        log.info("serving at %s", self.config.address)
        self.ready.set()

    def _lent(self) -> Lent:
        return Lent(
            self._copies.lent(),
            self._first_run,
            self._turner.poke,
            auditing.lent(self._auditor, self._anchoring),
            self._desk,
            self._paper,
        )

    def _open_doors(self) -> None:
        doors = make_doors(self.opened, self._lent(), self._doors)
        self._doors = doors
        self._hubs = (doors.hub, doors.buyers)
        server, outer = self.config.server, self.config.outer
        if self.opened.vault.is_open:
            self._freshen()
        checks.refuse_port(server.listen, server.port)
        self._add(
            listeners.tls_listener(
                server.kind, doors.staff, server.listen, server.port, self.config.tls
            )
        )
        # Without keys no certificate can be made: a door opened while sealed waits for them.
        if outer.enabled and tls.has_outer(self.config):
            checks.refuse_port(outer.listen, outer.port)
            self._add(
                listeners.tls_listener(
                    server.kind, doors.outer, outer.listen, outer.port, self.config.tls_outer
                )
            )

    def _open_console(self) -> None:
        """The console's own socket stays while the other doors open anew: who asked waits there."""
        if self._doors is None:
            raise RuntimeError("the console shares its keys with the other doors")
        # systemd names the unit's RuntimeDirectory here; several would be parted by colons.
        named = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
        runtime = Path(named) if named else None
        self._console = listeners.console_listener(
            self._doors.admin, self.config.admin_socket, runtime
        )
        self._console_tasks = [asyncio.create_task(self._console.serve())]

    def _add(self, listener: listeners.Listener) -> None:
        self._listeners.append(listener)
        self._tasks.append(asyncio.create_task(listener.serve()))

    async def _close_doors(self) -> None:
        for hub in self._hubs:
            hub.end()  # open streams would hold the doors for as long as the grace lasts
        self.ready.clear()
        for listener in self._listeners:
            listener.stop()
        await _end(self._tasks)
        self._listeners.clear()
        self._tasks.clear()

    async def _close_console(self) -> None:
        if self._console is not None:
            self._console.stop()
        await _end(self._console_tasks)
        if self.config.admin_socket.is_symlink():
            self.config.admin_socket.readlink().unlink(missing_ok=True)
        self.config.admin_socket.unlink(missing_ok=True)

    def _start_clock(self) -> None:
        self._timetable.every(SEAL_EVERY, self._seal_log)
        self._timetable.every(POST_EVERY, self._postman.look)
        self._timetable.every(JOBS_EVERY, self._run_plugins)
        self._timetable.every(CLAIM_EVERY, self._run_chores)
        self._timetable.every(CLAIM_EVERY, self._copies.guarding.tick)
        self._timetable.every(IMPORT_EVERY, self._import)
        self._timetable.start()

    async def _seal_log(self) -> None:
        if self.opened.vault.is_open:
            await self.opened.drain_log()

    async def _import(self) -> None:
        if self.opened.vault.is_open:
            await self._importer.tick()
            await self._reconciler.tick()
            await self._exporter.tick()
            await self._bulk.tick()
            await self._catalogues.tick()
            await self._turner.tick()

    async def _run_plugins(self) -> None:
        if self.opened.vault.is_open:
            await self._desk.tick()

    async def _run_chores(self) -> None:
        if not self.opened.vault.is_open:
            return  # chores need keys; they wait for the box to be unlocked
        await chores.plan(HOUSE_ACTOR, list(self._chores))
        for job in await chores.claim(HOUSE_ACTOR):
            every, run = self._chores.get(job.kind, (timedelta(days=1), _nothing))
            code = ""
            try:
                await run()
            except Exception as error:
                code = error.code if isinstance(error, HouseError) else type(error).__name__
                log.exception("chore %s failed", job.kind)
            await chores.settle(HOUSE_ACTOR, job, every, code)

    async def _write_acts(self) -> None:
        zone = ZoneInfo(self.config.box.time_zone)
        log_file = self.config.data / AUDIT_FILE
        await write_acts(HOUSE_ACTOR, log_file, self.opened.settle_log, self.config.box.name, zone)

    async def _alarm(self) -> None:
        """Tell the administrators by letter what is red."""
        seen, now = await upkeep.look_by_clock(HOUSE_ACTOR), self.opened.house.clock()
        machine = look_around(self.opened, self._since)
        lines = judge(
            machine,
            seen.queue,
            seen.chores,
            now,
            seen.copies,
            seen.anchors,
            seen.mail,
            seen.plugins,
            seen.terms,
            seen.bare,
            seen.deciding,
        )
        red = [line for line in lines if line.state is State.BAD]
        box = self.config.box
        said = letter_of(red, box.name, self.config.address, box.language)
        await alarms.report(HOUSE_ACTOR, [line.code for line in red], said)

    async def _follow(self) -> None:
        """Have those who subscribed hear of what happens: programs' addresses and plugins.

        Only an open box can do it: a sealed one commits nothing.
        """
        await self._postman.begin()
        await self._webhooks.follow()
        await self._desk.settle()

    async def _unlocked(self) -> None:
        await self._follow()
        if self._freshen():
            self._reopen.set()

    async def _settle(self, config: Config) -> None:
        """Go on with other settings: they are written down, and the doors open anew with them."""
        written = settings.load(config.data, {})
        changed = {
            name: getattr(config, name)
            for name in SETTLED
            if getattr(config, name) != getattr(self.config, name)
        }
        # What the environment says of this start stays out of the file.
        await asyncio.to_thread(settings.save, msgspec.structs.replace(written, **changed))
        self.opened.config = self.config = config
        self._postman.take(handlers_of(self.opened))
        if changed.keys() & AT_DOORS:
            self.ready.clear()
            self._reopen.set()
            # Whoever asked looks at the new address next.
            with suppress(TimeoutError):
                await asyncio.wait_for(self.ready.wait(), OPENING_SECONDS)

    def _freshen(self) -> bool:
        """Renew what is due; a name outside the authority must not keep the box from starting."""
        try:
            return tls.renew(self.config, self.opened.vault, datetime.now(UTC))
        except HouseError:
            log.exception("the certificates could not be renewed")
            return False

    async def _renew(self) -> None:
        if tls.renew(self.config, self.opened.vault, datetime.now(UTC)):
            self._reopen.set()  # a listener reads its certificate once


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    """Wait for listeners that were told to stop; who takes too long is cut off."""
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=listeners.GRACE_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


async def _nothing() -> None:
    """A chore of a newer or older release: left for the release that knows it."""


async def _serve(config: Config) -> bool:
    opened = await open_house(config, looks_outside=True)
    settle_memory()
    server = Server(opened)
    try:
        await server.run()
    finally:
        await opened.close()
    if server.then is None:
        return False
    await afterwards(config, server.then)
    return True


def serve(config: Config) -> bool:
    """Run the box in this process until a signal; True when it is to be started anew at once.

    Raises:
        HouseError: why it could not start, with a code.
    """
    logs.configure(config.server.log_level)
    harden_process()
    return uvloop.run(_serve(config))
