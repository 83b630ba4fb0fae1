"""A box that has lived on SQLite moves to a PostgreSQL server with everything it has.

The box does not run meanwhile. Its tables are filled in a schema beside, which nobody sees, read
back, compared, and the box is opened on them once; then the settings name the server. That is one
file that takes another's place, so there are never two masters, and before it nothing of the box
was touched: whoever cuts the move off has the box on SQLite, and the next move begins anew.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

import msgspec

from appliance import __version__
from appliance import config as settings
from appliance.actions import backups as deeds
from appliance.actions import destruction
from appliance.boot import moved, swap
from appliance.boot.guarding import moment_of
from appliance.boot.house import open_house
from appliance.boot.index import HOUSE_ACTOR
from appliance.boot.moved import Move
from appliance.config import Config, Database, checks
from appliance.domain.backups import STAMP, CopyEnd, CopyKind, stamp_after
from appliance.errors import Conflict, HouseError
from appliance.vault.vault import Vault
from backups import inside, move_tables, move_target, other_engine, snapshot
from backups.make import Tell, make
from backups.orders import Made, MakeOrder
from backups.retention import Counts
from backups.staging import Unlock

T = TypeVar("T")


class Asked(NamedTuple):
    """What somebody wants moved.

    Attributes:
        config: of a box on SQLite that does not run.
        url: of an empty database on the server.
        unlock: opens the box's vault.
    """

    config: Config
    url: str
    unlock: Unlock


class Done(NamedTuple):
    """What came of it.

    Attributes:
        copy: stamp of the copy that was made first.
        aside: where main.db lies now.
    """

    tables: int
    rows: int
    size: int
    seconds: float
    copy: str
    aside: str


def check(config: Config, url: str) -> move_target.Probe:
    """Ask everything that can be asked beforehand; the box may run.

    Raises:
        Conflict: `move_already`: it is on a server; `restore_unconfirmed`; `move_not_empty`.
        HouseError: what the server lacks.
    """
    if config.database.url is not None:
        raise Conflict("move_already")
    inside.must_wait_for_nobody(config.data)
    main = config.data / snapshot.MAIN
    size = main.stat().st_size if main.exists() else 0
    return move_target.look(url, snapshot.box_at(config.data), size)


def move(asked: Asked, tell: Tell) -> Done:
    """Move the box; until the settings name the server it is as it was.

    Raises:
        ConfigError: `E018`: the box runs; E004, E016.
        Sealed, Denied: the vault does not open.
        Damaged: `move_differs`: what was read back is not what was brought.
        HouseError: as `check`, `make`, and what the server refuses.
    """
    began, (config, url, unlock) = time.monotonic(), asked
    check(config, url)
    with checks.sole_server(config.data):
        swap.finish(config.data, None)
        moved.finish(config.data, None)
        tell("settle", 0, 1)
        # It comes to rest: the schema of this release, and no deed waits for the log.
        newest = _open_once(config, unlock, _newest)
        made = _copy(config, unlock, newest, tell)
        plan = Move(snapshot.box_at(config.data), f"{datetime.now(UTC):{STAMP}}")
        with _dropped_if_cut_off(url):
            plan = move_tables.bring(url, config.data / snapshot.MAIN, plan, tell)
            tell("boot", 0, 1)
            beside = move_tables.beside(url)
            trial = msgspec.structs.replace(config, database=Database(beside))
            _open_once(trial, unlock, lambda: _write_down(made))
            size = other_engine.size_of(url)
            moved.begin(config.data, plan)
        tell("switch", 0, 1)
        _switch(config, url)
        moved.finish(config.data, url)
    aside = str(config.data / plan.aside)
    seconds = round(time.monotonic() - began, 1)
    return Done(plan.tables, plan.rows, size, seconds, made.stamp, aside)


def _open_once(config: Config, unlock: Unlock, then: Callable[[], Awaitable[T]]) -> T:
    """Open the box as its server does, do something in it, close it."""

    async def run() -> T:
        opened = await open_house(config, unlock=False, is_held=True)
        try:
            unlock(opened.vault)
            await opened.unlocked()
            await opened.index.settle()
            return await then()
        finally:
            await opened.close()

    return asyncio.run(run())


async def _newest() -> str:
    return await deeds.newest_stamp(HOUSE_ACTOR)


def _copy(config: Config, unlock: Unlock, newest: str, tell: Tell) -> Made:
    """Make a copy like every other, on the places that the settings name."""
    vault = Vault.load(config.data)
    try:
        unlock(vault)
        plan = config.backup
        order = MakeOrder(
            data=config.data,
            stamp=stamp_after(newest, datetime.now(UTC)),
            version=__version__,
            recovery=vault.age_recipient(),
            drill=vault.drill_identity()[1],
            public_key=vault.checkpoint_public_key().hex(),
            targets=plan.targets or (str(config.backups),),
            data_targets=plan.data_targets,
            counts=Counts(plan.hourly, plan.nightly, plan.weekly),
        )
        return make(order, lambda text: vault.sign_document(text.encode()).hex(), tell)
    finally:
        vault.close()


async def _write_down(made: Made) -> None:
    """Tell the new tables of the copy, as those of the box are told of every copy."""
    done = [one for one in made.targets if one.state == "done"]
    if keys := [(one.path, moment_of(one.keys) if one.keys else None) for one in done]:
        await destruction.note_keys(HOUSE_ACTOR, keys)
    run_id = await deeds.begin_by_clock(HOUSE_ACTOR, CopyKind.COPY)
    ended = CopyEnd(
        stamp=made.stamp,
        size=made.size,
        targets=len(done),
        failed_targets=len(made.targets) - len(done),
        figures={"rows": made.rows, "seconds": int(made.seconds)},
    )
    await deeds.end(HOUSE_ACTOR, run_id, ended)


@contextmanager
def _dropped_if_cut_off(url: str) -> Generator[None]:
    """Leave nothing on the server where the move does not come to its end."""
    try:
        yield
    except BaseException as error:
        with suppress(HouseError):
            move_tables.forget(url)
        if isinstance(error, HouseError):
            raise move_target.told(error) from error
        raise


def _switch(config: Config, url: str) -> None:
    """Name the server in the settings: the one moment at which the box changes hands."""
    written = settings.load(config.data, {})  # what the environment says stays out of the file
    settings.save_section(msgspec.structs.replace(written, database=Database(url)), "database")
