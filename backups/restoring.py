"""The restore itself: choose, rebuild beside, boot once, exchange."""

import asyncio
import getpass
import json
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from appliance import config as settings
from appliance.actions import backups as deeds
from appliance.audit.verify import Trust, verify
from appliance.boot import swap
from appliance.boot.anchors import RESTORED
from appliance.boot.house import open_house
from appliance.boot.index import HOUSE_ACTOR
from appliance.cli.texts import translate
from appliance.config import Config, checks
from appliance.errors import Conflict, Damaged, Denied, HouseError, Unavailable
from appliance.storage.migrations.runner import HOUSE, known_steps
from appliance.vault.recovery import RecoveryIdentity
from appliance.vault.vault import Vault
from backups import disk, snapshot
from backups.drill import MEMORY, find
from backups.make import LEAST_FREE
from backups.rebuild import Heart, Rebuilt, Tell, heart_of, rebuild, unpack
from backups.records import Erased
from backups.targets import Folder, Kept, attachments, free_bytes

ALWAYS: Final = (snapshot.MAIN, *snapshot.NEWEST, snapshot.KEYS, "audit.pub", "search.idx")
WHERE_MISSING: Final = (settings.FILE_NAME, "tls", "tls-outer")


class Asked(NamedTuple):
    """What somebody wants restored.

    Attributes:
        copy: stamp or path of a data container; empty: the newest.
        code: the recovery code as typed.
        source: folder with copies; None: the box's targets.
        into: a new data folder; None: in place of the box of `config`.
    """

    copy: str
    code: str
    source: Path | None
    into: Path | None
    config: Config | None


class Done(NamedTuple):
    """What is printed."""

    facts: dict[str, object]
    text: str


def restore(asked: Asked, tell: Tell) -> Done:
    """Restore; until the exchange at the very end nothing of the old box is touched.

    Raises:
        Invalid: the code was mistyped.
        Denied: `backup_identity_wrong`: it opens another box's copies.
        NotFound: `backup_none`.
        Damaged: as `rebuild`; `backup_newer`.
        ConfigError: `E018`: the box runs.
        Conflict: `restore_folder_taken`.
        Unavailable: `backup_no_room`, `backup_engine`.
    """
    identity = Vault.recovery_identity(asked.code)
    if asked.into is not None:
        return _into(asked, asked.into, identity, tell)
    if asked.config is None:
        raise ValueError("neither a folder nor a box")
    if asked.config.database.url is not None:
        raise Unavailable("backup_engine")
    with checks.sole_server(asked.config.data):
        swap.finish(asked.config.data)
        return _in_place(asked, asked.config, identity, tell)


def _choose(
    asked: Asked, folders: Sequence[Path], identity: RecoveryIdentity
) -> tuple[Kept, Kept, str]:
    """The copy, the newest one of the same box that still holds keys, and what opens the first.

    A copy made before the recovery code was replaced opens by what the newest keys hold.
    """
    stamp, places = asked.copy, folders
    if "/" in stamp or stamp.endswith(".age"):
        path = Path(stamp).absolute()
        stamp, places = path.name.split(".")[0].rpartition("-")[2], [path.parent]
    copy = find(places, stamp)
    if copy.label.schema > known_steps(HOUSE)[-1].number:
        raise Damaged("backup_newer", found=copy.label.version)
    newest = find(places, keys=True, box=copy.label.box)
    if copy.label.recipient == identity.age_recipient:
        return copy, newest, identity.age_identity
    return copy, newest, _older_identity(copy, newest, identity, asked.code)


def _older_identity(copy: Kept, newest: Kept, identity: RecoveryIdentity, code: str) -> str:
    """What opens a copy to an older recovery code, out of the newest keys.

    Raises:
        Denied: `backup_identity_wrong`: the newest keys are not this code's either.
    """
    path = newest.part("keys")
    if path is None or newest.label.recipient != identity.age_recipient:
        raise Denied("backup_identity_wrong")
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as place:
        folder = Path(place)
        unpack(path, identity.age_identity, folder.joinpath, _untold, "keys")
        vault = Vault.load(folder)
        try:
            found = vault.retired_identities(code).get(copy.label.recipient)
            if found is None:  # the old paper was lost: every copy is the drill's, too
                vault.unlock_with_code(code)
                found = vault.drill_identity()[0]
        finally:
            vault.close()
    return found


def _untold(_step: str, _done: int, _total: int) -> None:
    """Too small to be told of."""


def _in_place(asked: Asked, config: Config, identity: RecoveryIdentity, tell: Tell) -> Done:
    data = config.data
    folders = [asked.source] if asked.source else [*(config.backup.targets or (config.backups,))]
    copy, newest, opens = _choose(asked, folders, identity)
    _room(data, copy)
    stage = data / f".restore-{copy.label.stamp}"
    shutil.rmtree(stage, ignore_errors=True)  # of a try that was cut off
    stage.mkdir(mode=0o700)
    try:
        own, erased = _own_heart(data, asked.code, newest)
        heart = own or _heart_of(copy, newest, identity, tell)
        found = _build(asked, copy, heart, opens, stage, tell, erased)
        missing = _attachments(copy, data / "files")
        _boot(msgspec.structs.replace(config, data=stage), asked.code, found, copy)
        names = [name for name in ALWAYS if (stage / name).exists()]
        names += [n for n in WHERE_MISSING if (stage / n).exists() and not (data / n).exists()]
        if own is None:
            _lost_log(stage)  # the old anchors speak of a log that is lost
            names.append("anchors")
        _hand_over(stage, data)
        aside = f"before-restore-{copy.label.stamp}"
        while (data / aside).exists():
            aside += "x"
        swap.begin(data, swap.Exchange(stage.name, aside, tuple(names)))
        swap.finish(data)
    except BaseException:
        if not (data / swap.NOTE).exists():
            shutil.rmtree(stage, ignore_errors=True)
        raise
    return _done(copy, found, data, missing, str(data / aside))


def _into(asked: Asked, into: Path, identity: RecoveryIdentity, tell: Tell) -> Done:
    if into.exists() and any(into.iterdir()):
        raise Conflict("restore_folder_taken", path=str(into))
    if asked.source is None and "/" not in asked.copy:
        raise HouseError("usage", problem="--from")
    copy, newest, opens = _choose(asked, [asked.source] if asked.source else [], identity)
    stage = into.with_name(f"{into.name}.restoring")
    with disk.said(into.parent):
        shutil.rmtree(stage, ignore_errors=True)
        stage.mkdir(mode=0o700, parents=True)
    try:
        _room(stage, copy)
        heart = _heart_of(copy, newest, identity, tell)
        found = _build(asked, copy, heart, opens, stage, tell, ())
        missing = _attachments(copy, stage / "files")
        config = settings.load(stage) if (stage / settings.FILE_NAME).exists() else Config(stage)
        _boot(config, asked.code, found, copy)
        _lost_log(stage)
        for left in ("run", "logs"):
            shutil.rmtree(stage / left, ignore_errors=True)
        with disk.said(into.parent):
            disk.settle(stage)
            if into.exists():
                into.rmdir()
            stage.rename(into)
            disk.settle(into.parent)
    except BaseException:
        shutil.rmtree(stage, ignore_errors=True)
        raise
    return _done(copy, found, into, missing, "")


def _lost_log(stage: Path) -> None:
    """Let the box go on though checkpoints kept outside are newer than its restored log."""
    (stage / "anchors").mkdir(mode=0o700, exist_ok=True)
    disk.write(stage / "anchors" / RESTORED, b"")


def _heart_of(copy: Kept, newest: Kept, identity: RecoveryIdentity, tell: Tell) -> Heart:
    older = newest.label.stamp != copy.label.stamp
    return heart_of(newest, identity.age_identity, tell, log=older)


def _build(
    asked: Asked,
    copy: Kept,
    heart: Heart,
    identity: str,
    stage: Path,
    tell: Tell,
    erased: Sequence[Erased],
) -> Rebuilt:
    def unlock(vault: Vault) -> None:
        vault.unlock_with_code(asked.code)

    for part in copy.label.files:
        if ".data." in part.name or ".files." in part.name:
            disk.must_be(copy.folder / part.name, part)
    return rebuild(copy, heart, identity, unlock, stage, stage, tell, erased)


def _own_heart(data: Path, code: str, newest: Kept) -> tuple[Heart | None, Sequence[Erased]]:
    """The box's own keys and log where they are whole: nothing is newer. And its ledger.

    Whoever was destroyed since the copy stays destroyed by that alone; a log never goes back.
    """
    keys, audit = data / snapshot.KEYS, data / snapshot.AUDIT
    erased: Sequence[Erased] = ()
    try:
        body = snapshot.in_memory(keys)
        with closing(snapshot.of_bytes(body)) as store:
            erased = snapshot.ledger_of(store)
        vault = Vault.load(data)
        try:
            vault.unlock_with_code(code)
            public = vault.checkpoint_public_key()
        finally:
            vault.close()
        report = verify(audit, Trust(public_key=public))
        if not report.ok or report.size < newest.label.audit_size:
            return None, erased
    except (HouseError, sqlite3.Error):
        return None, erased

    def put_keys(place: Path) -> Callable[[bytes], None]:
        place.write_bytes(snapshot.in_memory(keys))
        return lambda _: None

    def put_log(folder: Path) -> None:
        for path in (audit, *_own_evidence(data)):
            (folder / path.name).unlink(missing_ok=True)
            snapshot.copy(path, folder / path.name, disk.nothing_told)

    return Heart(put_keys, put_log), erased


def _own_evidence(data: Path) -> list[Path]:
    """The box's own evidence store, if it is whole: no act made since the copy is lost."""
    path = data / snapshot.EVIDENCE
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True)) as store:
            snapshot.must_be_whole(store, snapshot.EVIDENCE, thorough=True)
            return [path] if snapshot.counted(store).get("record") is not None else []
    except (HouseError, sqlite3.Error):
        return []


def _room(folder: Path, copy: Kept) -> None:
    need = 3 * copy.label.size + LEAST_FREE
    if (free := free_bytes(folder)) < need:
        raise Unavailable("backup_no_room", need=need >> 20, free=free >> 20)


def _attachments(copy: Kept, place: Path) -> int:
    """Bring the copy's attachments; how many the target no longer has."""
    target, missing = Folder(copy.folder), 0
    for name in attachments(copy):
        here = place / name[:2] / name
        if here.is_file():
            continue
        source = target.attachment(copy.label.box, name)
        if not source.is_file() or disk.hashed(source).sha256 != name:
            missing += 1
            continue
        here.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        disk.write(here, source.read_bytes())
    return missing


def _boot(config: Config, code: str, found: Rebuilt, copy: Kept) -> None:
    """Open the rebuilt box once: migrations, log, index; write the restore down; close it."""
    active = _seen_since(config.data / snapshot.AUDIT, found.manifest.audit_size)

    async def run() -> None:
        opened = await open_house(config, unlock=False)
        try:
            opened.vault.unlock_with_code(code)
            await opened.unlocked()
            await opened.index.settle()
            # Whoever was destroyed since the copy is gone from it before anybody sees it.
            await opened.destroyer().reconcile()
            await deeds.restored(HOUSE_ACTOR, copy.label.stamp, active)
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
            if entry["result"] == "done" and entry["action"] in ("users.disable", "users.enable"):
                seen[entry.get("object_id", "")] = entry["action"] == "users.enable"
    return seen


def _hand_over(stage: Path, data: Path) -> None:
    """Root restores a box of another account: its files stay that account's."""
    owner = data.stat()
    if os.geteuid() != 0 or owner.st_uid == 0:
        return
    files = data / "files"
    for path in (stage, *stage.rglob("*"), *(files.rglob("*") if files.is_dir() else ())):
        os.chown(path, owner.st_uid, owner.st_gid)


def _done(copy: Kept, found: Rebuilt, data: Path, missing: int, aside: str) -> Done:
    facts: dict[str, object] = {
        "stamp": copy.label.stamp,
        "data": str(data),
        "rows": found.rows,
        "cells": found.cells,
        "events": found.events,
        "destroyed": found.destroyed,
        "attachments_missing": missing,
        "aside": aside or None,
    }
    lines = [f"{translate('Коробка восстановлена из копии')} {copy.label.stamp}: {data}"]
    if aside:
        lines.append(f"{translate('Прежние файлы лежат в')} {aside}")
    if missing:
        lines.append(f"{translate('Вложений не нашлось')}: {missing}")
    lines.append(translate("Запустите её: korobka start; откройте: korobka unlock --recovery-code"))
    return Done(facts, "\n".join(lines))


_STEPS: Final = {
    "snapshot": "снимок",
    "data": "данные",
    "keys": "ключи",
    "copy": "на место",
    "reading": "чтение обратно",
    "log": "журнал",
    "people": "ключи людей",
    "attachments": "вложения",
    "boot": "пробный запуск",
}


def _named(step: str) -> str:
    """A step in the reader's words; the name of a file or folder behind it stays."""
    word, _, rest = step.partition(" ")
    known = _STEPS.get(word)
    return f"{translate(known)} {rest}".strip() if known else step


def teller(*, quiet: bool) -> Tell:
    """Says steps on standard error, each tenth of the way."""
    said: list[tuple[str, int]] = [("", -1)]

    def tell(step: str, done: int, total: int) -> None:
        here = (step, done * 10 // max(total, 1))
        if not quiet and here != said[0]:
            said[0] = here
            sys.stderr.write(f"{_named(step)}: {min(here[1] * 10, 100)} %\n")
            sys.stderr.flush()

    return tell


def read_code(path: Path | None) -> str:
    """The recovery code from a file, from standard input (`-`), or asked for."""
    if path is None:
        return getpass.getpass(f"{translate('Код восстановления')}: ")
    if str(path) == "-":
        return sys.stdin.readline().strip()
    try:
        return path.read_text(encoding="utf-8").split("\n", 1)[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise HouseError("file_unreadable", path=str(path)) from error
