"""What the first run does outside the database: keys, settings file, certificates, folders."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from appliance.actions import setup
from appliance.actions.setup import Around
from appliance.boot import asked_for, demo, disks, reach, tls
from appliance.boot.copies import Copies
from appliance.boot.house import OpenHouse
from appliance.boot.paper import Paper
from appliance.config import Config, checks
from appliance.domain import trust, tunnel
from appliance.domain.access import Actor
from appliance.domain.backups import CopyKind
from appliance.domain.personal import Personal
from appliance.domain.setup import Reach, SetupStep, UnlockProfile, Way
from appliance.errors import Conflict, Denied, HouseError, Invalid
from appliance.vault import certificates
from appliance.vault.slots import SlotKind, check_passphrase
from appliance.vault.vault import Vault

log = logging.getLogger(__name__)

SAMPLE: Final = (120, 180)
"""Invented clients and orders: enough to look around in, made in some seconds."""

TRUST, TUNNEL = "trust", "tunnel"
Answer = dict[str, Any]


class FirstRun:
    """One per server.

    Args:
        opened: the house.
        settle: writes settings down and has the doors open anew with them.
        copies: makes and proves the copy that the typed code has to open.
        paper: remembers a code that was shown until it is typed back.
    """

    def __init__(
        self,
        opened: OpenHouse,
        settle: Callable[[Config], Awaitable[None]],
        copies: Copies,
        paper: Paper,
    ) -> None:
        self._opened = opened
        self._settle = settle
        self._copies = copies
        self._paper = paper
        self._task: asyncio.Task[None] | None = None
        self._what = self._failed = ""
        self._counts: dict[str, int] = {}
        self._one = asyncio.Lock()

    @property
    def _config(self) -> Config:
        return self._opened.config

    # What is seen

    def around(self) -> Around:
        """Facts that the database does not know."""
        config = self._config
        targets = config.backup.targets
        return Around(
            ways_in=tuple(sorted({one.kind.value for one in self._opened.vault.list_slots()})),
            targets=len(targets),
            off_box=sum(disks.is_off_box(place, config.data) for place in targets),
            outer=config.outer.enabled,
            brought=tls.has_outer(config) and not tls.show(config, outer=True).is_own,
        )

    def facts(self) -> Answer:
        """Settings as they are, and what could be offered."""
        config = self._config
        shown = tls.show(config)
        return {
            "name": config.box.name,
            "address": config.address,
            "fingerprint": shown.fingerprint,
            "own_certificate": shown.is_own,
            "listen": config.server.listen,
            "port": config.server.port,
            "hosts": list(config.box.hosts),
            "guess": _guess(),
            "profile": self._profile(),
            "key_file": str(config.unlock.key_file or self._usual_key_file()),
            "outer": msgspec.to_builtins(config.outer),
            "targets": list(config.backup.targets),
            "every_minutes": config.backup.every_minutes,
            "disks": disks.found(config.data),
            "code_shown": self._paper.is_waiting,
            "folder": str(config.data),
        }

    def _profile(self) -> str:
        kinds = {one.kind for one in self._opened.vault.list_slots()}
        has_file = SlotKind.KEY_FILE in kinds and self._config.unlock.mode == "key-file"
        if has_file and SlotKind.PASSPHRASE in kinds:
            return "both"
        return "key_file" if has_file else "passphrase"

    def _usual_key_file(self) -> Path:
        return self._config.data.parent / "korobka-keys" / "unlock.key"

    def progress(self) -> Answer:
        """How the long work of a step is doing."""
        running = self._task is not None and not self._task.done()
        answer: Answer = {"running": running, "what": self._what, "code": self._failed}
        if self._what == "prove":
            copying = self._copies.progress()
            answer |= {name: copying[name] for name in ("kind", "step", "done", "total")}
        return answer | dict(self._counts)

    # What is done

    async def name_box(self, name: str) -> None:
        """Have pages and console show the company's name."""
        if name and name != self._config.box.name:
            box = msgspec.structs.replace(self._config.box, name=name)
            await self._settle(msgspec.structs.replace(self._config, box=box))

    async def choose_unlock(
        self, profile: UnlockProfile, passphrase: Personal[str], key_file: str
    ) -> None:
        """Have the box open in this way; a way that is there already stays as it is.

        What is new is added before what is not wanted goes, so that a cut-off leaves more ways
        in than asked for, never fewer.

        Raises:
            Invalid: by field: `passphrase_short`, `path_relative`, `key_file_inside`.
            Conflict: `key_file_exists`. Unavailable: `key_file_unwritable`.
        """
        vault, config = self._opened.vault, self._config
        async with self._one:
            typed, path = passphrase.reveal(), self._key_path(key_file)
            slots = {kind: [s.id for s in vault.list_slots() if s.kind is kind] for kind in _KINDS}
            wants_words, wants_file = profile != "key_file", profile != "passphrase"
            if wants_words and (typed or not slots[SlotKind.PASSPHRASE]):
                with asked_for.at_field("passphrase"):
                    check_passphrase(typed)
                await asyncio.to_thread(vault.add_passphrase, typed)
                self._drop(slots[SlotKind.PASSPHRASE])
            if wants_file and not (slots[SlotKind.KEY_FILE] and path.exists()):
                with suppress(FileExistsError):
                    path.parent.mkdir(mode=0o700, exist_ok=True)
                await asyncio.to_thread(vault.add_key_file, path)
                self._drop(slots[SlotKind.KEY_FILE])
            mode = "key-file" if wants_file else "passphrase"
            unlock = msgspec.structs.replace(
                config.unlock, mode=mode, key_file=path if wants_file else None
            )
            if unlock != config.unlock:
                await self._settle(msgspec.structs.replace(self._config, unlock=unlock))
            if not wants_words:
                self._drop(slots[SlotKind.PASSPHRASE])
            if not wants_file:
                self._drop(slots[SlotKind.KEY_FILE])
                if config.unlock.key_file is not None:
                    with suppress(OSError):  # it opens nothing any more
                        config.unlock.key_file.unlink()

    def _drop(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            self._opened.vault.remove_slot(number)

    def _key_path(self, typed: str) -> Path:
        path = Path(typed) if typed else self._config.unlock.key_file or self._usual_key_file()
        if not path.is_absolute():
            raise Invalid(fields={"key_file": "path_relative"})
        if path.resolve().is_relative_to(self._config.data.resolve()):
            raise Invalid(fields={"key_file": "key_file_inside"})
        return path

    def new_code(self) -> str:
        """Draw a code for the paper; the earlier one holds until this one is typed back.

        Raises:
            Sealed: there is nothing to put it into.
        """
        return self._paper.draw()

    def try_code(self, typed: str, *, is_shown: bool) -> Answer:
        """Compare what is being typed, group by group.

        Args:
            typed: so far.
            is_shown: a code was shown once, maybe before this start of the box.

        Returns:
            `groups`: for each group typed whole whether it is right; empty where no code waits;
            `whole`: it is the code that waits, or without one it opens this box; `code`: why not.
        """
        groups = self._paper.groups_right(typed)
        answer: Answer = {"groups": groups, "whole": False, "code": "", "params": {}}
        try:
            self._must_fit(typed, is_shown=is_shown)
        except HouseError as error:
            return answer | {"code": error.code, "params": dict(error.params)}
        return answer | {"whole": True}

    def _must_fit(self, typed: str, *, is_shown: bool) -> None:
        if self._paper.is_waiting:
            self._paper.must_be(typed, "")
            return
        try:
            self._opened.vault.must_open_with_code(typed)
        except Denied as error:
            # A shown code does not outlive the box's start: said, before the paper is blamed.
            if is_shown:
                raise Conflict("recovery_code_expired") from error
            raise

    def prove(self, actor: Actor, code: Personal[str], *, is_shown: bool = False) -> None:
        """Have a copy made now and opened by the typed code; goes on by itself.

        A code that was shown takes the earlier one's place first.

        Raises:
            Invalid, WrongSecret: the code is not the one shown, or does not open this box.
            Conflict: `setup_busy`, `backup_running`, `recovery_code_expired`.
        """
        typed = code.reveal()
        self._must_fit(typed, is_shown=is_shown)
        self._copies.check()
        self._begin("prove", lambda: self._prove(actor, typed))

    async def _prove(self, actor: Actor, typed: str) -> None:
        if self._paper.is_waiting:
            await self._paper.replace(typed, "")
        identity = Vault.recovery_identity(typed).age_identity
        await self._copies.carry_out(actor, CopyKind.COPY)
        stamp = await self._copies.carry_out(actor, CopyKind.DRILL, identity)
        await setup.note(actor, SetupStep.CODE, {})  # also where the installer's code was kept
        changed = {"checked_at": datetime.now(UTC), "proof": stamp}
        await setup.note(actor, SetupStep.CHECK, changed)

    async def put_address(self, listen: str, port: int, hosts: Sequence[str]) -> None:
        """Answer at this address, under these names; a new authority where the old one may not.

        Raises:
            Invalid: by field: `address_wrong`, `port_wrong`, `tls_name`.
            ConfigError: E011, E019, E020: this machine cannot listen there.
        """
        config = self._config
        wanted = tuple(dict.fromkeys(host.strip().lower() for host in hosts if host.strip()))
        asked_for.refuse_address(listen, port)
        # The box itself holds its port: then only whether the address is this machine's is asked.
        checks.refuse_port(listen, port if port != config.server.port else 0)
        changed = msgspec.structs.replace(
            config,
            box=msgspec.structs.replace(config.box, hosts=wanted),
            server=msgspec.structs.replace(config.server, listen=listen, port=port),
        )
        if changed == config:
            return
        with asked_for.at_field("hosts"):
            await asyncio.to_thread(tls.cover, changed, self._opened.vault, datetime.now(UTC))
        await self._settle(changed)

    def write_trust(self, folder: str) -> Answer:
        """Write the trust packages; the same authority gives the same files.

        Raises:
            Invalid: `path_relative`. Conflict: `setup_brought`: browsers know the certificate.
            Unavailable: `folder_unwritable`.
        """
        config = self._config
        place = asked_for.absolute(folder or str(config.data / TRUST), "folder")
        if not tls.show(config).is_own:
            raise Conflict("setup_brought")
        pem, der = certificates.authority_of(config.tls)
        made = trust.packages(
            name=config.box.name,
            address=config.address,
            fingerprint=certificates.fingerprint(der),
            pem=pem,
            der=der,
        )
        asked_for.write(place, made)
        return {"folder": str(place), "files": sorted(made)}

    async def put_reach(self, asked: Reach) -> Answer:
        """Open or close the outer door; write the files of a tunnel.

        Raises:
            Invalid: by field: `name_missing`, `port_wrong`, `server_missing`.
            ConfigError: E019, E020.
        """
        config = self._config
        outer = config.outer
        if asked.way is Way.NONE:
            changed = msgspec.structs.replace(outer, enabled=False)
        else:
            asked_for.refuse_reach(asked)
            listen = "127.0.0.1" if asked.way is Way.TUNNEL else "0.0.0.0"  # noqa: S104 - the door that is meant to be seen
            changed = msgspec.structs.replace(outer, enabled=True, listen=listen, name=asked.name)
            if changed.port == config.server.port:
                changed = msgspec.structs.replace(changed, port=config.server.port + 1)
            if not outer.enabled:
                checks.refuse_port(changed.listen, changed.port)
        answer: Answer = {"inner_port": changed.port, "folder": ""}
        if asked.way is Way.TUNNEL:
            place = config.data / TUNNEL
            asked_for.write(
                place,
                tunnel.files(
                    name=asked.name, port=asked.port, server=asked.server, inner=changed.port
                ),
            )
            answer["folder"] = str(place)
        if changed != outer:
            await self._settle(msgspec.structs.replace(config, outer=changed))
        return answer

    async def try_reach(self, asked: Reach) -> Mapping[str, str]:
        """Try the way in, as far as the box can see it."""
        if asked.way is Way.NONE:
            return {}
        leaf = certificates.leaf_digest(self._config.tls_outer)
        return await reach.try_way(asked.name, asked.port, leaf)

    async def put_copies(
        self, targets: Sequence[str], every_minutes: int, secret: str = ""
    ) -> None:
        """Have copies go to these folders, disks, accounts and buckets, as often as that.

        A bucket in which nothing can be deleted gets data alone: keys must be forgotten one day.

        Args:
            targets: as the settings spell them.
            every_minutes: 0: only by hand.
            secret: of the key to a bucket that is new here.

        Raises:
            Invalid: by field: `path_relative`, `folder_missing`, `folder_unwritable`,
                `minutes_wrong`; why a disk or an account takes no copies.
        """
        config = self._config
        named = [one.strip() for one in targets if one.strip()]
        far = tuple(dict.fromkeys(one for one in named if one.startswith(FAR)))
        places = tuple(
            dict.fromkeys(asked_for.absolute(one, "targets") for one in named if one not in far)
        )
        if every_minutes and not MINUTES[0] <= every_minutes <= MINUTES[1]:
            raise Invalid(fields={"every_minutes": "minutes_wrong"})
        _must_be_folders(places)
        data_only = list(config.backup.data_targets)
        for one in far:
            if one in (*config.backup.targets, *data_only):
                continue
            if not await self._must_take(one, secret if one.startswith(BUCKETS) else ""):
                data_only.append(one)
        # What was added in the console and is no folder stays, named here or not.
        known = (one for one in config.backup.targets if not one.startswith("/"))
        kept = tuple(one for one in dict.fromkeys((*known, *far)) if one not in data_only)
        changed = msgspec.structs.replace(
            config.backup,
            targets=(*(str(one) for one in places), *kept),
            data_targets=tuple(data_only),
            every_minutes=every_minutes,
        )
        if changed != config.backup:
            await self._settle(msgspec.structs.replace(config, backup=changed))

    async def _must_take(self, place: str, secret: str) -> bool:
        """Try a place; whether it may have keys."""
        for takes_keys in (True, False):
            try:
                await self._copies.try_place(place, takes_keys=takes_keys, secret=secret)
            except HouseError as error:
                if takes_keys and secret and error.code == "backup_target_keeps":
                    continue
                at = "secret" if error.code in _OF_SECRET else "targets"
                raise Invalid(error.code, "", fields={at: error.code}, **error.params) from error
            return takes_keys
        return False

    def fill(self, actor: Actor) -> None:
        """Make invented clients and orders; goes on by itself.

        Raises:
            Conflict: `setup_busy`.
        """
        self._begin("sample", lambda: self._fill(actor))

    async def _fill(self, actor: Actor) -> None:
        zone = ZoneInfo(self._config.box.time_zone)

        def told(what: str, done: int) -> None:
            self._counts[what] = done

        await demo.populate(self._opened, *SAMPLE, seed=1, told=told, zone=zone)
        await setup.note(actor, SetupStep.BEGINNING, {"sample": True})

    def _begin(self, what: str, work: Callable[[], Awaitable[None]]) -> None:
        if self._task is not None and not self._task.done():
            raise Conflict("setup_busy")
        self._what, self._failed, self._counts = what, "", {}

        async def run() -> None:
            try:
                await work()
            except HouseError as error:
                self._failed = error.code
            except Exception:
                log.exception("a step of the first run failed")
                self._failed = "failed"

        self._task = asyncio.create_task(run())

    async def stop(self) -> None:
        """End what runs."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])


_KINDS: Final = (SlotKind.PASSPHRASE, SlotKind.KEY_FILE)


def _must_be_folders(places: Iterable[Path]) -> None:
    for place in places:
        if not place.is_dir():
            raise Invalid(fields={"targets": "folder_missing"}, path=str(place))
        if not os.access(place, os.W_OK):
            raise Invalid(fields={"targets": "folder_unwritable"}, path=str(place))


BUCKETS: Final = ("s3://", "s3+http://")
FAR: Final = ("usb:", "sftp://", *BUCKETS)
_OF_SECRET: Final = {"backup_target_refused", "backup_target_secret_none"}
MINUTES: Final = (15, 1440)
"""A copy takes a minute of the machine; one a day is the least that is worth having."""


def _guess() -> str:
    """The address by which the network would reach this machine; empty without a network."""
    found = certificates.names_of((), "0.0.0.0").addresses  # noqa: S104 - a question, not a door
    return found[0] if found else ""
