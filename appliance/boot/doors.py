"""The three applications of a box: staff, outer and console."""

import asyncio
import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from appliance import __version__
from appliance.api import (
    console,
    console_acts,
    console_agreements,
    console_audit,
    console_copies,
    console_integrations,
    console_keys,
    console_packs,
    console_people,
    console_plugin_accounts,
    console_plugin_screens,
    console_plugins,
    console_setup,
    console_state,
    console_subjects,
    feeds,
)
from appliance.api.console import Control
from appliance.api.console_audit import Auditing
from appliance.api.console_copies import Copying
from appliance.api.console_setup import Setting
from appliance.api.v1 import door as native
from appliance.api.v1.pages import make_pages
from appliance.api.v1.streams import make_streams
from appliance.api.v1.table import OPERATIONS
from appliance.api.v5.routes import make_v5_handlers
from appliance.api.x import make_x_handlers
from appliance.boot.house import OpenHouse
from appliance.boot.machine import look_around
from appliance.boot.paper import Paper
from appliance.boot.trail import Trails
from appliance.config import Config, save_section
from appliance.domain.access import Actor
from appliance.domain.health import Machine
from appliance.domain.personal import Personal
from appliance.http.app import Parts, make_app
from appliance.http.origin import peer_uid
from appliance.http.static import static_files
from appliance.plugin_host.desk import Desk
from appliance.vault import certificates
from appliance.web import answers, buyer, troubles
from appliance.web.answers import Site
from appliance.web.hub import Hub
from appliance.web.pages import make_web_handlers
from appliance.web.rendering import DIST, Pages, read_assets
from appliance.web.shell import Door

HTTPS = 443

Application = Any  # Litestar's class is for the doors below


@dataclass(frozen=True)
class Doors:
    """One application per listener; they share nothing but the house.

    Attributes:
        keys: to be given to the next doors of this house: the console's stays open meanwhile.
    """

    staff: Application
    outer: Application
    admin: Application
    hub: Hub = field(default_factory=Hub)
    buyers: Hub = field(default_factory=Hub)
    keys: "_Keys | None" = None


def _nothing() -> None:
    """Stands in where nobody listens."""


@dataclass(frozen=True)
class Lent:
    """What the server lends to the console's door.

    Attributes:
        copying: has copies made; None where nobody does.
        setting: what may be done in the first run.
        turned: hears that a rotation of keys was begun.
        auditing: has the log read, verified and handed out.
        desk: the administrator's side of plugins.
        paper: remembers a new recovery code until it is typed back.
    """

    copying: Copying | None = None
    setting: Setting | None = None
    turned: Callable[[], None] = _nothing
    auditing: Auditing | None = None
    desk: Desk | None = None
    paper: Paper | None = None


NOTHING = Lent()


def make_doors(opened: OpenHouse, lent: Lent = NOTHING, before: Doors | None = None) -> Doors:
    """Build the applications over an open house.

    Args:
        opened: what is open in this process.
        lent: what the console's door may ask of the server.
        before: those whose place these take; the console's is kept as it is.
    """
    keys = (before.keys if before else None) or _Keys(opened, lent.paper)
    keys.turned = lent.turned
    programs = [
        *make_v5_handlers(zone=opened.config.box.time_zone, native=_native(opened)),
        *feeds.HANDLERS,
        *buyer.HANDLERS,
    ]
    elsewhere = None
    if (desk := lent.desk) is not None:
        elsewhere = desk.routing.elsewhere
        programs += make_x_handlers(lambda: desk.routing, answers.sentence, keys.is_sealed)
    site = _site(opened, keys, lent.desk)

    def told(actor: Actor, topics: Collection[str]) -> None:
        site.hub.publish(actor, topics)
        site.buyers.publish(actor, topics)

    opened.house.told = told
    return Doors(
        staff=_staff(opened, keys, programs, site, elsewhere),
        hub=site.hub,
        buyers=site.buyers,
        outer=make_app(
            "outer",
            Parts(
                handlers=programs,
                is_sealed=keys.is_sealed,
                state={"site": site},
                elsewhere=elsewhere,
            ),
        ),
        admin=before.admin if before else _admin(keys, lent),
        keys=keys,
    )


def _native(opened: OpenHouse) -> native.Door:
    settings = native.Settings(
        ZoneInfo(opened.config.box.time_zone), answers.sentence, opened.house.clock
    )
    return native.Door(OPERATIONS, settings, make_pages(), make_streams(answers.sentence))


def _site(opened: OpenHouse, keys: "_Keys", desk: Desk | None) -> Site:
    """What every page of the box has in common."""
    config = opened.config
    host = config.box.hosts[0] if config.box.hosts else config.server.listen
    own = certificates.inspect(config.tls).is_own
    zone, develop = ZoneInfo(config.box.time_zone), config.server.development
    pages = Pages(read_assets(), zone, develop=develop)
    site = Site(
        pages=pages,
        door=Door(config.box.name, host, __version__, own_certificate=own),
        is_sealed=keys.is_sealed,
        unlock=keys.unlock,
        key_file=keys.misses_key_file,
        by_hand=lambda: keys.by_hand,
        outside=outside(config),
        desk=desk,
        log_size=keys.log_size,
        slots=keys.slots,
    )

    def sealed() -> None:
        pages.forget()
        site.hub.end()
        site.buyers.end()

    def opened_again() -> None:
        site.hub.begin()
        site.buyers.begin()

    keys.when_sealed, keys.when_open = sealed, opened_again
    return site


def outside(config: Config) -> str:
    """Where buyers reach the box: the outer door, if there is one; else empty."""
    outer = config.outer
    if not outer.enabled or not outer.name:
        return ""
    return f"https://{outer.name}" + ("" if outer.port == HTTPS else f":{outer.port}")


def _staff(
    opened: OpenHouse,
    keys: "_Keys",
    programs: Sequence[Any],
    site: Site,
    elsewhere: Callable[[str], str | None] | None,
) -> Application:
    config = opened.config
    handlers = [
        *make_web_handlers(development=config.server.development),
        static_files(DIST),
        *programs,
    ]
    parts = Parts(
        handlers=handlers,
        is_sealed=keys.is_sealed,
        sentence=answers.sentence,
        page=troubles.error_page,
        state={"site": site},
        elsewhere=elsewhere,
    )
    return make_app("staff", parts)


def _admin(keys: "_Keys", lent: Lent) -> Application:
    control = Control(
        status=keys.status,
        unlock=keys.open_with,
        seal=keys.seal,
        identity=keys.identity,
        slots=keys.slots,
        add_passphrase=keys.add_passphrase,
        add_key_file=keys.add_key_file,
        remove_slot=keys.remove_slot,
        machine=keys.machine,
        turned=keys.turned,
        paper=keys.paper,
        trail=keys.trails.of,
        address=keys.address,
    )
    parts = Parts(
        handlers=[
            *console.HANDLERS,
            *console_people.HANDLERS,
            *console_state.HANDLERS,
            *console_copies.HANDLERS,
            *console_keys.HANDLERS,
            *console_setup.HANDLERS,
            *console_audit.HANDLERS,
            *console_subjects.HANDLERS,
            *console_acts.HANDLERS,
            *console_agreements.HANDLERS,
            *console_packs.HANDLERS,
            *console_plugins.HANDLERS,
            *console_integrations.HANDLERS,
            *console_plugin_accounts.HANDLERS,
            *console_plugin_screens.HANDLERS,
        ],
        is_sealed=keys.is_sealed,
        sentence=answers.sentence,
        trusted_peer=lambda scope: peer_uid(scope) in {0, os.geteuid()},
        state={
            "control": control,
            "copying": lent.copying,
            "setting": lent.setting,
            "auditing": lent.auditing,
            "desk": lent.desk,
        },
    )
    return make_app("admin", parts)


class _Keys:
    """What doors may do with the vault: nothing that gives a key away."""

    def __init__(self, opened: OpenHouse, paper: Paper | None = None) -> None:
        self._opened = opened
        self._one = asyncio.Lock()
        self._started = datetime.now(UTC)
        self.when_sealed: Callable[[], None] = _nothing
        self.when_open: Callable[[], None] = _nothing
        self.turned: Callable[[], None] = _nothing
        self.paper = paper or Paper(opened)
        self.trails = Trails(opened)
        self.by_hand = False

    def is_sealed(self) -> bool:
        return not self._opened.vault.is_open

    def misses_key_file(self) -> bool:
        unlock = self._opened.config.unlock
        if not self.is_sealed() or unlock.mode != "key-file" or unlock.key_file is None:
            return False
        return not unlock.key_file.exists()

    async def unlock(self, kind: str, secret: Personal[str], came: object = None) -> None:
        await self.open_with(kind, secret)

    async def open_with(self, kind: str, secret: Personal[str]) -> None:
        vault = self._opened.vault
        async with self._one:
            if vault.is_open:
                return
            if kind == "code":
                await asyncio.to_thread(vault.unlock_with_code, secret.reveal())
            else:
                await asyncio.to_thread(vault.unlock_with_passphrase, secret.reveal())
            await self._opened.unlocked()
            self.when_open()

    async def seal(self) -> None:
        async with self._one:
            await self._opened.seal()
            self.by_hand = True
            self.when_sealed()

    def status(self) -> dict[str, Any]:
        index = self._opened.index
        return {
            "version": __version__,
            "name": self._opened.config.box.name,
            "time_zone": self._opened.config.box.time_zone,
            "open": not self.is_sealed(),
            "database": self._opened.database.dialect,
            "started": self._started.isoformat(timespec="seconds"),
            "log_size": self.log_size(),
            "index_building": index.building,
            "index_done": index.done,
            "index_total": index.total,
        }

    def log_size(self) -> int:
        log = self._opened.log
        return 0 if log is None else log.size

    def address(self) -> str:
        return self._opened.config.address.rstrip("/")

    def machine(self) -> Machine:
        return look_around(self._opened, self._started)

    def identity(self) -> str:
        return self._opened.vault.age_recipient()

    def slots(self) -> list[dict[str, Any]]:
        return [asdict(slot) for slot in self._opened.vault.list_slots()]

    async def add_passphrase(self, passphrase: Personal[str]) -> int:
        return await asyncio.to_thread(self._opened.vault.add_passphrase, passphrase.reveal())

    async def add_key_file(self, path: Path) -> int:
        """Make one; where the settings name a file that is not there, it takes its place.

        So it is on another machine after a restore: the next start must open the box with it.
        """
        number = await asyncio.to_thread(self._opened.vault.add_key_file, path)
        known = self._opened.config.unlock
        if known.mode == "key-file" and not (known.key_file and known.key_file.exists()):
            unlock = msgspec.structs.replace(known, key_file=path)
            config = msgspec.structs.replace(self._opened.config, unlock=unlock)
            save_section(config, "unlock")
            self._opened.config = config
        return number

    async def remove_slot(self, number: int) -> None:
        await asyncio.to_thread(self._opened.vault.remove_slot, number)
