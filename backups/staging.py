"""The steps of a restore: a whole box beside the old one, checked, booted once."""

import asyncio
import json
import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from appliance.actions import backups as deeds
from appliance.audit.verify import Trust, verify
from appliance.boot import swap
from appliance.boot.house import open_house
from appliance.boot.index import HOUSE_ACTOR
from appliance.config import Config
from appliance.errors import Damaged, HouseError, Unavailable
from appliance.storage.migrations.runner import HOUSE, known_steps
from appliance.vault.vault import Vault
from backups import chain, disk, snapshot
from backups.make import LEAST_FREE
from backups.rebuild import Heart, Rebuilt, Tell, heart_of, rebuild
from backups.records import Erased
from backups.targets import Kept, attachments, free_bytes

Unlock = Callable[[Vault], None]
DOORS: Final = ("users.disable", "users.enable", "dismissal.begin")
"""Deeds of the log that open or shut somebody's door; only the second opens it."""


def must_fit(copy: Kept) -> None:
    """Refuse a copy that this release is too old for.

    Raises:
        Damaged: `backup_newer`.
    """
    if copy.label.schema > known_steps(HOUSE)[-1].number:
        raise Damaged("backup_newer", found=copy.label.version)


def must_have_room(folder: Path, copy: Kept) -> None:
    """Refuse where the rebuilt box would not fit beside the old one.

    Raises:
        Unavailable: `backup_no_room`.
    """
    size = sum(copy.names.values()) if chain.is_step(copy) else copy.label.size
    need = 3 * size + LEAST_FREE
    if (free := free_bytes(folder)) < need:
        raise Unavailable("backup_no_room", need=need >> 20, free=free >> 20)


def newest_heart(copy: Kept, newest: Kept, identity: str, tell: Tell) -> Heart:
    """Keys of the newest copy that has any, and the log that fits them."""
    return heart_of(newest, identity, tell, log=newest.label.stamp != copy.label.stamp)


def own_heart(data: Path, unlock: Unlock, newest: Kept) -> tuple[Heart | None, Sequence[Erased]]:
    """The box's own keys and log where they are whole: nothing is newer. And its ledger.

    Whoever was destroyed since the copy stays destroyed by that alone; a log never goes back.
    """
    keys = data / snapshot.KEYS
    erased: Sequence[Erased] = ()
    try:
        body = snapshot.in_memory(keys)
        with closing(snapshot.of_bytes(body)) as store:
            erased = snapshot.ledger_of(store)
        vault = Vault.load(data)
        try:
            unlock(vault)
            public = vault.checkpoint_public_key()
        finally:
            vault.close()
        report = verify(data / snapshot.AUDIT, Trust(public_key=public))
        if not report.ok or report.size < newest.label.audit_size:
            return None, erased
    except (HouseError, sqlite3.Error):
        return None, erased

    def put_keys(place: Path) -> Callable[[bytes], None]:
        place.write_bytes(snapshot.in_memory(keys))
        return lambda _: None

    def put_log(folder: Path) -> None:
        put_newest(data, folder)

    return Heart(put_keys, put_log), erased


def put_newest(data: Path, folder: Path) -> None:
    """Copy what no restore sets back, log and acts, out of the box's own folder."""
    for path in (data / snapshot.AUDIT, *_own_evidence(data)):
        for end in ("", *swap.WITH):
            (folder / f"{path.name}{end}").unlink(missing_ok=True)
        snapshot.copy(path, folder / path.name, disk.nothing_told)


def _own_evidence(data: Path) -> list[Path]:
    """The box's own evidence store, if it is whole: no act made since the copy is lost."""
    path = data / snapshot.EVIDENCE
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True)) as store:
            snapshot.must_be_whole(store, snapshot.EVIDENCE, thorough=True)
            return [path] if snapshot.counted(store).get("record") is not None else []
    except (HouseError, sqlite3.Error):
        return []


def build(
    copy: Kept,
    heart: Heart,
    identity: str,
    unlock: Unlock,
    stage: Path,
    tell: Tell,
    erased: Sequence[Erased],
) -> Rebuilt:
    """Compare the copy's files with its label, then put it together; errors as `rebuild`."""
    for part in copy.label.files:
        if ".data." in part.name or ".files." in part.name:
            copy.must_be(part)
    return rebuild(copy, heart, identity, unlock, stage, stage, tell, erased)


def bring_attachments(copy: Kept, main: Path, place: Path) -> int:
    """Bring the copy's attachments; how many the target no longer has.

    Args:
        copy: knows their names, but for a step of a chain.
        main: the rebuilt database, which knows them all.
        place: the box's folder of attachments.
    """
    with closing(sqlite3.connect(main)) as database:
        known = snapshot.attachments_of(database) if chain.is_step(copy) else attachments(copy)
    missing = 0
    for name in known:
        here = place / name[:2] / name
        if here.is_file():
            continue
        source = copy.attachment(name)
        if source is None:
            missing += 1
            continue
        here.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        disk.write(here, source.read_bytes())
    return missing


def boot(config: Config, unlock: Unlock, *, stamp: str = "", since: int = 0) -> None:
    """Open the rebuilt box once: migrations, log, index; close it.

    Args:
        config: its folder.
        unlock: opens its vault.
        stamp: of the copy; the restore is written down. Empty: only tried.
        since: entries of the log that the copy knows; whoever was let go later stays outside.
    """
    active = _seen_since(config.data / snapshot.AUDIT, since) if stamp else {}

    async def run() -> None:
        opened = await open_house(config, unlock=False)
        try:
            unlock(opened.vault)
            await opened.unlocked()
            await opened.index.settle()
            # Whoever was destroyed since the copy is gone from it before anybody sees it.
            await opened.destroyer().reconcile()
            if stamp:
                await deeds.restored(HOUSE_ACTOR, stamp, active)
        finally:
            await opened.close()

    asyncio.run(run())
    for name in (snapshot.MAIN, snapshot.AUDIT):
        if (config.data / f"{name}-wal").exists():
            raise Damaged("backup_part_differs", part=name)  # it was not closed: do not place it


def _seen_since(log: Path, size: int) -> dict[str, bool]:
    """Colleagues who were let out or in since, by the log; the last word counts."""
    seen: dict[str, bool] = {}
    with closing(sqlite3.connect(log)) as database:
        for (leaf,) in database.execute(
            "SELECT leaf FROM event WHERE seq > ? ORDER BY seq", (size,)
        ):
            entry = json.loads(leaf)
            if entry["result"] == "done" and entry["action"] in DOORS:
                seen[entry.get("object_id", "")] = entry["action"] == "users.enable"
    return seen


def give(folder: Path, owner: os.stat_result) -> None:
    """Root restores a box of another account: it belongs to whoever the folder belonged to."""
    if os.geteuid() != 0 or owner.st_uid == 0:
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid)


def hand_over(stage: Path, data: Path) -> None:
    """Root restores a box of another account: its files stay that account's."""
    owner = data.stat()
    if os.geteuid() != 0 or owner.st_uid == 0:
        return
    files = data / "files"
    for path in (stage, *stage.rglob("*"), *(files.rglob("*") if files.is_dir() else ())):
        os.chown(path, owner.st_uid, owner.st_gid)


def aside_of(data: Path, stamp: str) -> str:
    """A free name for the folder of the old files."""
    aside = f"before-restore-{stamp}"
    while (data / aside).exists():
        aside += "x"
    return aside
