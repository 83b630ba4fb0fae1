"""Opening and closing the house in this process: the server's way, and the rescue's."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from appliance.actions import _gate
from appliance.actions import anchors as deeds
from appliance.actions import backups as copy_deeds
from appliance.audit import outbox_rows
from appliance.audit.chain import EpochKey
from appliance.audit.log import AuditLog
from appliance.audit.sealer import Sealer
from appliance.boot import anchors, moved, moved_clock, set_aside, swap
from appliance.boot.index import HOUSE_ACTOR, IndexKeeper
from appliance.boot.steady import steady
from appliance.config import Config, checks
from appliance.errors import ConfigError, HouseError
from appliance.jobs.destruction import Destroyer
from appliance.storage import (
    customers,
    desk,
    evidence,
    evidence_file,
    files,
    roles_store,
    schemas,
    spool,
    staff,
)
from appliance.storage.engine.database import Database
from appliance.storage.engine.postgres import PostgresDatabase
from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.runner import migrate, prune_copies
from appliance.storage.tx import House
from appliance.vault.search import SearchIndex
from appliance.vault.vault import Vault

log = logging.getLogger(__name__)

MAIN_FILE = "main.db"
AUDIT_FILE = "audit.db"
SNAPSHOT_FILE = "search.idx"
FILES_FOLDER = "files"
SPOOL_FOLDER = "spool"
EVIDENCE_FILE = evidence_file.FILE_NAME
DRAIN_SECONDS = 0.5
"""How long sealing waits for the log: keys are to be gone within a second."""

PROVEN_AFTER = timedelta(hours=1)
"""A box that ran so long keeps what its last migrations left, but not what older ones did."""

PUBLIC_KEY_FILE = "audit.pub"
"""Ed25519 key of the checkpoints, hex: an outsider verifies with it, sealed box or not."""


def make_database(config: Config) -> Database:
    """The engine the settings ask for; nothing is opened yet."""
    if config.database.url is not None:
        return PostgresDatabase(config.database.url)
    return SqliteDatabase(config.data / MAIN_FILE)


@dataclass
class OpenHouse:
    """Everything that is open in this process; `close` gives it all back.

    Attributes:
        log, sealer: None while the vault is sealed.
        clock: of a box of invented people whose time a test moved.
        when_open: called each time the vault was opened, when all the rest is up.
        when_sealed: called each time it was sealed: whoever holds anything of it lets go.
        move: to a server, that is not in the log yet.
        looks_outside: compares the log with what was kept of it outside the box: the server does;
            a drill, whose log is old on purpose, does not.
    """

    config: Config
    lock: ExitStack
    vault: Vault
    database: Database
    house: House
    index: IndexKeeper
    log: AuditLog | None = None
    sealer: Sealer | None = None
    when_open: Callable[[], Awaitable[None]] | None = None
    when_sealed: Callable[[], Awaitable[None]] | None = None
    clock: moved_clock.MovedClock | None = None
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    looks_outside: bool = False
    move: moved.Move | None = None

    async def unlocked(self) -> None:
        """Go on after the vault was opened: log, then index.

        Raises:
            Damaged: the log does not fit the vault (`audit_log_behind`, `audit_log_forked`).
        """
        staff.forget()
        try:
            if self.clock is not None:
                moved_clock.must_be_marked(self.config, self.vault)
            path = self.config.data / AUDIT_FILE
            self.log = await asyncio.to_thread(AuditLog, path)
            clock = self.house.clock
            self.sealer = Sealer(self.log, self.vault, self._waiting, self._forget, clock=clock)
            outside = anchors.Outside()
            if self.looks_outside:
                outside = await anchors.look_outside(self.config, self.log)
            self.sealer.start(anchors.brought(self.config.data))
            await self.index.open()
            if outside.notes:
                await deeds.lost(HOUSE_ACTOR, self.log.size, outside.size)
            await self._write_move_down()
        except BaseException:
            # Nothing may be done that the log would not hold.
            self.vault.seal()
            self.index.drop()
            staff.forget()
            self._close_log()
            raise
        if self.when_open is not None:
            await self.when_open()

    async def seal(self) -> None:
        """Forget every key and name within a moment, also when the log cannot be written."""
        draining = asyncio.create_task(self.drain_log())
        try:
            await asyncio.wait([draining], timeout=DRAIN_SECONDS)
        finally:
            self.vault.seal()
            self.index.drop()
            staff.forget()
            desk.forget()
        if self.when_sealed is not None:
            await self.when_sealed()
        # The log has one writer: it is closed when that has come to its end.
        await asyncio.wait([draining])
        if error := draining.exception():
            # What waits stays in the outbox and goes into the log after the next unlocking.
            log.warning("sealed with deeds outside the log: %s", type(error).__name__)
        self._close_log()

    async def drain_log(self) -> None:
        """Move what waits in the outbox into the log."""
        if self.sealer is not None:
            await self.sealer.run()

    async def settle_log(self) -> None:
        """Bring the log up to date and sign what it holds then."""
        await self.drain_log()
        if self.sealer is not None:
            await self.sealer.checkpoint()

    async def close(self) -> None:
        """Finish what was begun, keep the index for a warm start, let go of the folder."""
        try:
            if self.vault.is_open:
                await self.settle_log()
                await self.index.save()
        finally:
            self.index.drop()
            await self.index.settle()
            await self.database.stop()
            self._close_log()
            evidence.close_file()
            self.vault.close()
            _gate.install(None)
            self.lock.close()

    async def clean_up(self) -> None:
        """Leave nothing behind of people who were destroyed: index, snapshot, log, journals.

        The index is written without them; what the log kept under their keys goes with the entries
        that say so; the write-ahead logs are emptied, in which pages stay as they were. A reader
        in the way leaves a log for the next commit to empty.
        """
        await self.index.scrub()
        await asyncio.to_thread(set_aside.drop_keys, self.config.data)
        await self.drain_log()
        if isinstance(self.database, SqliteDatabase):
            await self.database.checkpoint()
        if self.log is not None:
            await asyncio.to_thread(self.log.empty_journal)

    def destroyer(self) -> Destroyer:
        """Who destroys people at their request."""
        reading = steady if self.clock is None else self.clock.steady
        return Destroyer(HOUSE_ACTOR, self.vault, reading, self.clean_up)

    async def sweep_orphans(self) -> int:
        """Delete keys that a crash left without a record; return how many."""
        loop, read = asyncio.get_running_loop(), self.database.read

        def known(subjects: list[UUID]) -> set[UUID]:
            found = read(lambda: customers.known_subjects(subjects))
            return asyncio.run_coroutine_threadsafe(found, loop).result()

        return await asyncio.to_thread(self.vault.sweep_orphans, known)

    async def sweep_set_aside(self) -> list[str]:
        """Delete what restores set aside a month ago."""
        now = datetime.now(UTC)
        gone = await asyncio.to_thread(set_aside.sweep, self.config.data, now)
        if isinstance(self.database, PostgresDatabase):
            there = {swap.tables_of(one.name) for one in set_aside.folders(self.config.data)}
            for name in await self.database.read(schemas.set_aside) - there:
                await self.database.alter(lambda one=name: schemas.drop(one))
        return gone

    async def sweep_copies(self) -> list[str]:
        """Delete databases from before older migrations, once this release has proven itself."""
        if datetime.now(UTC) - self.since < PROVEN_AFTER:
            return []
        return await asyncio.to_thread(prune_copies, self.config.data)

    async def _write_move_down(self) -> None:
        if self.move is not None:
            await copy_deeds.moved(HOUSE_ACTOR, self.move.tables, self.move.rows)
            self.move = None
            moved.forget(self.config.data)

    def _close_log(self) -> None:
        if self.log is not None:
            self.log.close()
        self.log = self.sealer = None

    async def _waiting(self, limit: int) -> list[outbox_rows.OutboxRow]:
        return await self.database.read(lambda: outbox_rows.waiting(limit))

    async def _forget(self, ids: outbox_rows.Ids) -> None:
        await self.database.write(lambda: outbox_rows.forget(ids))


async def open_house(
    config: Config, *, unlock: bool = True, looks_outside: bool = False, is_held: bool = False
) -> OpenHouse:
    """Open the house that `config.data` holds; the vault too where a key file is set up.

    Args:
        config: of the box.
        unlock: by its key file, where it has one.
        looks_outside: as the house's own.
        is_held: the caller holds the folder (`checks.sole_server`), also after this house.

    Raises:
        ConfigError: `E021`: there is no box in this folder yet.
        ConfigError: `E018` another server holds the folder; `E022` the clock may not be moved.
        Unavailable: `schema_newer`, and what the database refuses with.
    """
    cut_off = (config.data / swap.NOTE).exists()
    if not (cut_off or (config.data / "keys.db").exists()):
        raise ConfigError("E021", path=str(config.data))
    ahead = moved_clock.moved(config)
    lock = ExitStack()
    if not is_held:
        lock.enter_context(checks.sole_server(config.data))
    try:
        swap.finish(config.data, config.database.url)
        move = moved.finish(config.data, config.database.url)
        vault = Vault.load(config.data)
        database = make_database(config)
        database.before_commit(vault.flush_subjects)
        await database.start()
    except BaseException:
        lock.close()
        raise
    house = House(
        database,
        vault,
        SearchIndex(),
        zone=ZoneInfo(config.box.time_zone),
        read_only=swap.trial_of(config.data) is not None,
    )
    clock = moved_clock.MovedClock(ahead) if ahead else None
    if clock is not None:
        house.clock = clock.now
    keeper = IndexKeeper(house, config.data / SNAPSHOT_FILE)
    opened = OpenHouse(config, lock, vault, database, house, keeper, clock=clock, move=move)
    opened.looks_outside = looks_outside
    try:
        await migrate(database)
        await database.alter(roles_store.follow_presets)  # a sealed box takes no ordinary writes
        files.set_folder(config.data / FILES_FOLDER)
        spool.set_folder(config.data / SPOOL_FOLDER)
        evidence.open_file(config.data / EVIDENCE_FILE)
        _gate.install(house)
        if unlock and config.unlock.mode == "key-file" and config.unlock.key_file is not None:
            await unlock_with_key_file(opened, config.unlock.key_file)
    except BaseException:
        await opened.close()
        raise
    return opened


async def unlock_with_key_file(opened: OpenHouse, path: Path) -> None:
    """Open the vault with the key file; a missing file leaves the box sealed, not down."""
    try:
        opened.vault.unlock_with_key_file(path)
    except (OSError, HouseError) as error:
        code = error.code if isinstance(error, HouseError) else type(error).__name__
        log.warning("the key file does not open the box, it stays sealed: %s", code)
        return
    await opened.unlocked()


def create_log(folder: Path, vault: Vault, box: str) -> None:
    """Begin the audit log of a new box."""
    key = EpochKey(*vault.audit_epoch_key())
    AuditLog.create(folder / AUDIT_FILE, box, datetime.now(UTC), key).close()
    with (folder / PUBLIC_KEY_FILE).open("w", encoding="ascii") as file:
        file.write(vault.checkpoint_public_key().hex() + "\n")
        file.flush()
        os.fsync(file.fileno())  # written once: a disk that fails tomorrow must not have lost it
