"""A restore that the running box asks for: made ready beside it, placed while its doors are shut.

`prepare` works while people go on: copy, checks, a trial start. `place` is called when the server
has let go of its files: it takes keys and log as they are by then, so nothing of them goes back,
writes the restore down and exchanges. The next start is read-only until somebody confirms; until
then `go_back` puts the old data in again. A cut-off `place` leaves the old box.
"""

import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from appliance import config as settings
from appliance.boot import swap
from appliance.config import Database, checks
from appliance.domain.backups import Trial
from appliance.errors import Conflict, Damaged, HouseError, NotFound
from appliance.storage import schemas
from appliance.vault.vault import Vault
from backups import disk, other_engine, places, snapshot, staging
from backups.drill import find
from backups.make import alone
from backups.orders import Foreseen, GoBackOrder, Listed, ListOrder, PlaceOrder, PrepareOrder
from backups.rebuild import Tell
from backups.targets import Kept, free_bytes

STAGED: Final = "staged.json"
PLACED: Final = (snapshot.MAIN, *snapshot.NEWEST, snapshot.KEYS, "search.idx", swap.TRIAL)
"""What changes place; settings, certificates and the public key are the box's own and stay."""

BACK: Final = (snapshot.MAIN, "search.idx")
"""What goes back: keys and log never do."""


class _Staged(msgspec.Struct):
    stamp: str
    audit_size: int


def stage_of(data: Path) -> Path:
    """Where the rebuilt box waits."""
    return data / ".restore-ready"


def prepare(order: PrepareOrder, tell: Tell) -> dict[str, int]:
    """Rebuild and try the copy beside the running box; figures.

    Raises:
        NotFound: `backup_none`.
        Damaged: as `rebuild`; `backup_keys_spoiled`: the box's own keys or log are not whole.
        Unavailable: `backup_no_room`.
        Conflict: `backup_running`.
    """
    root = bytes.fromhex(order.root)

    def unlock(vault: Vault) -> None:
        vault.unlock_with_root(root)

    data, home = order.data, order.data / "backups"
    stage = stage_of(data)
    with alone(home), places.opened(order.targets, home, order.data_targets) as (targets, _):
        box = snapshot.box_at(data)
        copy = find(targets, order.stamp, box=box)
        staging.must_fit(copy)
        staging.must_have_room(data, copy)
        heart, erased = staging.own_heart(data, unlock, copy)
        if heart is None:
            # The wizard works from a healthy box; a spoiled one is restored with the paper.
            raise Damaged("backup_keys_spoiled")
        shutil.rmtree(stage, ignore_errors=True)
        with disk.said(data):
            stage.mkdir(mode=0o700)
        try:
            found = staging.build(copy, heart, order.identity, unlock, stage, tell, erased)
            missing = staging.bring_attachments(copy, stage / snapshot.MAIN, data / "files")
            tell("boot", 0, 1)
            config = settings.load(data)
            staging.boot(msgspec.structs.replace(config, data=stage, database=Database()), unlock)
            if config.database.url is not None:
                tell("tables", 0, 1)
                other_engine.fill(config.database.url, stage / snapshot.MAIN)
                for end in ("", *swap.WITH):
                    (stage / f"{snapshot.MAIN}{end}").unlink(missing_ok=True)
            staged = _Staged(copy.label.stamp, found.manifest.audit_size)
            disk.write(stage / STAGED, msgspec.json.encode(staged))
        except BaseException:
            _drop(stage, settings.load(data).database.url)
            raise
    return {
        "rows": found.rows,
        "cells": found.cells,
        "events": found.events,
        "destroyed": found.destroyed,
        "missing": missing,
    }


def place(order: PlaceOrder, tell: Tell) -> dict[str, int]:
    """Exchange the data; the box is stopped.

    Raises:
        ConfigError: `E018`: it is not.
        Damaged: the staged box is not whole.
    """
    root = bytes.fromhex(order.root)
    data, stage = order.data, stage_of(order.data)
    config = settings.load(data)
    url = config.database.url
    with checks.sole_server(data):
        swap.finish(data, url)
        try:
            staged = msgspec.json.decode((stage / STAGED).read_bytes(), type=_Staged)
            tell("place", 0, 1)
            for end in ("", *swap.WITH):
                (stage / f"{snapshot.KEYS}{end}").unlink(missing_ok=True)
            (stage / snapshot.KEYS).write_bytes(snapshot.in_memory(data / snapshot.KEYS))
            (stage / snapshot.KEYS).chmod(0o600)
            staging.put_newest(data, stage)
            staging.boot(
                msgspec.structs.replace(config, data=stage, database=_beside(url)),
                lambda vault: vault.unlock_with_root(root),
                stamp=staged.stamp,
                since=staged.audit_size,
            )
            aside = staging.aside_of(data, staged.stamp)
            trial = Trial(stamp=staged.stamp, aside=aside, placed_at=datetime.now(UTC))
            disk.write(stage / swap.TRIAL, msgspec.json.encode(trial))
            names = [name for name in PLACED if (stage / name).exists()]
            tables = None
            if url is not None:
                tables = (other_engine.FRESH, swap.tables_of(aside))
            swap.begin(data, swap.Exchange(stage.name, aside, tuple(names), tables))
        except BaseException:
            if not (data / swap.NOTE).exists():
                _drop(stage, url)
            raise
        swap.finish(data, url)
    return {}


def _drop(stage: Path, url: str | None) -> None:
    """Take away what was made ready; tables on a server that does not answer go with the next."""
    shutil.rmtree(stage, ignore_errors=True)
    if url is not None:
        with suppress(HouseError):
            other_engine.forget(url)


def _beside(url: str | None) -> Database:
    """Where the tables of the staged box are."""
    return Database(url and schemas.within(url, other_engine.FRESH))


def go_back(order: GoBackOrder) -> dict[str, int]:
    """Put the data of before the restore in again; the box is stopped.

    Raises:
        NotFound: `restore_none`: nothing waits for a confirmation.
        ConfigError: `E018`: the box runs.
    """
    data, url = order.data, settings.load(order.data).database.url
    with checks.sole_server(data):
        swap.finish(data, url)
        trial = swap.trial_of(data)
        if trial is None or not _is_kept(data / trial.aside, url):
            raise NotFound("restore_none")
        old = data / trial.aside
        if url is None:
            with closing(sqlite3.connect(old / snapshot.MAIN)) as main:
                main.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # one file has to be all of it
        names = tuple(name for name in BACK if (old / name).exists())
        aside = f"after-{trial.aside}"
        while (data / aside).exists():
            aside += "x"
        # Once the old folder is empty it goes, and a trial without it is none: see `trial_of`.
        tables = None if url is None else (swap.tables_of(old.name), swap.tables_of(aside))
        swap.begin(data, swap.Exchange(old.name, aside, names, tables))
        swap.finish(data, url)
        (data / swap.TRIAL).unlink(missing_ok=True)
        disk.settle(data)
    return {}


def _is_kept(old: Path, url: str | None) -> bool:
    """Whether the data of before a restore are still there."""
    if url is None:
        return (old / snapshot.MAIN).is_file()
    return other_engine.is_kept(url, swap.tables_of(old.name))


def listed(order: ListOrder) -> Listed:
    """What lies on the places, the newest first; one line for a copy, with all its places."""
    home = order.data / "backups"
    box = snapshot.box_at(order.data)
    rows: dict[str, Foreseen] = {}
    problems: dict[str, str] = {}
    with places.opened(order.targets, home, order.data_targets) as (targets, lost):
        problems |= {name: error.code for name, error in lost}
        for one in targets:
            try:
                copies = one.copies(box)
            except HouseError as error:
                problems[one.name] = error.code
                continue
            for copy in copies:
                row = rows.setdefault(copy.label.stamp, _foreseen(copy, order.data))
                row.places.append(one.name)
                row.keys = row.keys or copy.has("keys")
    newest = sorted(rows.values(), key=lambda row: row.stamp, reverse=True)
    return Listed(copies=newest, problems=problems)


def _foreseen(copy: Kept, data: Path) -> Foreseen:
    label = copy.label
    return Foreseen(
        stamp=label.stamp,
        made_at=copy.made_at.isoformat(),
        size=label.size,
        attachments=label.attachments,
        version=label.version,
        fits=_fits(copy),
        need=3 * label.size,
        free=free_bytes(data),
    )


def _fits(copy: Kept) -> bool:
    try:
        staging.must_fit(copy)
    except Damaged:
        return False
    return True


def must_wait_for_nobody(data: Path) -> None:
    """Refuse a second restore while the first one waits to be confirmed.

    Raises:
        Conflict: `restore_unconfirmed`.
    """
    if swap.trial_of(data) is not None:
        raise Conflict("restore_unconfirmed")
