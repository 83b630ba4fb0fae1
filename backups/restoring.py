"""The restore itself: choose, rebuild beside, boot once, exchange."""

import getpass
import re
import shutil
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from appliance import config as settings
from appliance.boot import moved, swap
from appliance.boot.anchors import RESTORED
from appliance.cli.texts import translate
from appliance.config import Config, Database, checks
from appliance.domain.backups import ENTERED
from appliance.errors import Conflict, Denied, HouseError, Invalid, NotFound
from appliance.vault.recovery import RecoveryIdentity
from appliance.vault.vault import Vault
from backups import chain, disk, other_engine, places, since, snapshot, staging
from backups.drill import MEMORY, find
from backups.opening import unpack
from backups.rebuild import Rebuilt, Tell
from backups.targets import Folder, Kept, Target

ALWAYS: Final = (snapshot.MAIN, *snapshot.NEWEST, snapshot.KEYS, "audit.pub", "search.idx")
WHERE_MISSING: Final = (settings.FILE_NAME, "tls", "tls-outer")


class Asked(NamedTuple):
    """What somebody wants restored.

    Attributes:
        copy: stamp or path of a data container; `guard`, `guard@STAMP`: a step of the continuous
            protection; empty: the newest copy.
        code: the recovery code as typed.
        source: folder with copies; None: the box's targets.
        into: a new data folder; None: in place of the box of `config`.
        far, secret: an object store in place of `source`, and the secret of its key.
        quiet, is_said: nothing is printed of what would be lost; whoever asks has said yes.
    """

    copy: str
    code: str
    source: Path | None
    into: Path | None
    config: Config | None
    far: str = ""
    secret: str = ""
    quiet: bool = True
    is_said: bool = True


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
        Unavailable: `backup_no_room`.
        HouseError: `restore_not_wanted`: told what would be lost, a person said no.
    """
    identity = Vault.recovery_identity(asked.code)
    if asked.into is not None:
        with _named_sources(asked, asked.into.parent) as targets:
            return _into(asked, asked.into, targets, identity, tell)
    if asked.config is None:
        raise ValueError("neither a folder nor a box")
    with checks.sole_server(asked.config.data), _sources(asked, asked.config) as targets:
        swap.finish(asked.config.data, asked.config.database.url)
        moved.finish(asked.config.data, asked.config.database.url)
        return _in_place(asked, asked.config, targets, identity, tell)


@contextmanager
def _sources(asked: Asked, config: Config) -> Generator[Sequence[Target]]:
    """Where to look for copies: the folder that was named, else the box's own places."""
    if asked.source is not None or asked.far:
        with _named_sources(asked, config.data) as targets:
            yield targets
        return
    named = config.backup.targets or (str(config.backups),)
    with places.opened(named, config.backups) as (targets, _):
        yield targets


@contextmanager
def _named_sources(asked: Asked, beside: Path) -> Generator[Sequence[Target]]:
    """The folder or the object store that was named; far parts are brought beside the data."""
    if not asked.far:
        yield [Folder(asked.source)] if asked.source else []
        return
    with places.opened((asked.far,), beside, secret=asked.secret) as (targets, lost):
        for _, error in lost:
            raise error
        yield targets


def _choose(
    asked: Asked, targets: Sequence[Target], identity: RecoveryIdentity
) -> tuple[Kept, Kept, str]:
    """The copy, the newest one of the same box that still holds keys, and what opens the first.

    A copy made before the recovery code was replaced opens by what the newest keys hold.
    """
    stamp = asked.copy
    if "/" in stamp or stamp.endswith(".age"):
        path = Path(stamp).absolute()
        stamp, targets = path.name.split(".")[0].rpartition("-")[2], [Folder(path.parent)]
    word, _, moment = stamp.partition("@")
    if word == chain.NAME:
        copy, newest = _guarded(asked, moment)
    else:
        copy = find(targets, stamp)
        newest = find(targets, keys=True, box=copy.label.box)
    staging.must_fit(copy)
    if copy.label.recipient == identity.age_recipient:
        return copy, newest, identity.age_identity
    return copy, newest, _older_identity(copy, newest, identity, asked.code)


def _guarded(asked: Asked, moment: str) -> tuple[Kept, Kept]:
    """The last step of the continuous protection at a moment, or of all; the newest of that box.

    Raises:
        NotFound: `backup_none`: nothing as old as that is there.
        Invalid: `backup_moment_wrong`.
    """
    named = asked.config.backup.guard if asked.config and not asked.source else ""
    folder = asked.source or (Path(named) if named else None)
    newest = chain.newest(folder) if folder is not None else None
    if folder is None or newest is None:
        raise NotFound("backup_none")
    if not moment:
        return newest, newest
    if not re.fullmatch(r"\d{8}T\d{6}Z", moment, re.ASCII):
        raise Invalid("backup_moment_wrong")
    step = chain.at(folder, newest.label.box, moment)
    if step is None:
        raise NotFound("backup_none")
    return step, newest


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


def _in_place(
    asked: Asked,
    config: Config,
    targets: Sequence[Target],
    identity: RecoveryIdentity,
    tell: Tell,
) -> Done:
    def unlock(vault: Vault) -> None:
        vault.unlock_with_code(asked.code)

    data, secret = config.data, identity.age_identity
    copy, newest, opens = _choose(asked, targets, identity)
    staging.must_have_room(data, copy)
    is_here = config.database.url is None
    lost = since.entered(data, copy.made_at, copy.label.audit_size, is_here=is_here)
    since.must_be_wanted(lost, quiet=asked.quiet, is_said=asked.is_said)
    stage = data / f".restore-{copy.label.stamp}"
    shutil.rmtree(stage, ignore_errors=True)  # of a try that was cut off
    stage.mkdir(mode=0o700)
    try:
        own, erased = staging.own_heart(data, unlock, newest)
        heart = own or staging.newest_heart(copy, newest, secret, tell)
        found = staging.build(copy, heart, opens, unlock, stage, tell, erased)
        missing = staging.bring_attachments(copy, stage / snapshot.MAIN, data / "files")
        # Whatever engine the box runs on, a copy is tried as the file that it holds.
        staged = msgspec.structs.replace(config, data=stage, database=Database())
        staging.boot(staged, unlock, stamp=copy.label.stamp, since=found.manifest.audit_size)
        names = [name for name in ALWAYS if (stage / name).exists()]
        names += [n for n in WHERE_MISSING if (stage / n).exists() and not (data / n).exists()]
        if own is None:
            _lost_log(stage)  # the old anchors speak of a log that is lost
            names.append("anchors")
        staging.hand_over(stage, data)
        aside = staging.aside_of(data, copy.label.stamp)
        tables = None
        if config.database.url is not None:
            tell("place", 0, 1)
            other_engine.fill(config.database.url, stage / snapshot.MAIN)
            names.remove(snapshot.MAIN)
            tables = (other_engine.FRESH, swap.tables_of(aside))
        swap.begin(data, swap.Exchange(stage.name, aside, tuple(names), tables))
        swap.finish(data, config.database.url)
    except BaseException:
        if not (data / swap.NOTE).exists():
            shutil.rmtree(stage, ignore_errors=True)
        raise
    done = _done(copy, found, data, missing, str(data / aside))
    told = None if lost is None else {kind: getattr(lost, kind) for kind in ENTERED}
    return Done({**done.facts, "lost": told}, done.text)


def _into(
    asked: Asked, into: Path, targets: Sequence[Target], identity: RecoveryIdentity, tell: Tell
) -> Done:
    def unlock(vault: Vault) -> None:
        vault.unlock_with_code(asked.code)

    if into.exists() and any(into.iterdir()):
        raise Conflict("restore_folder_taken", path=str(into))
    owner = into.stat() if into.exists() else None
    if not targets and "/" not in asked.copy:
        raise HouseError("usage", problem="--from")
    secret = identity.age_identity
    copy, newest, opens = _choose(asked, targets, identity)
    stage = into.with_name(f"{into.name}.restoring")
    with disk.said(into.parent):
        shutil.rmtree(stage, ignore_errors=True)
        stage.mkdir(mode=0o700, parents=True)
    try:
        staging.must_have_room(stage, copy)
        heart = staging.newest_heart(copy, newest, secret, tell)
        found = staging.build(copy, heart, opens, unlock, stage, tell, ())
        missing = staging.bring_attachments(copy, stage / snapshot.MAIN, stage / "files")
        config = _own_settings(stage)
        staging.boot(config, unlock, stamp=copy.label.stamp, since=found.manifest.audit_size)
        _lost_log(stage)
        for left in ("run", "logs"):
            shutil.rmtree(stage / left, ignore_errors=True)
        if owner is not None:
            staging.give(stage, owner)
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


def _own_settings(stage: Path) -> Config:
    """The copy's settings; the server of a PostgreSQL box is the old machine's, not this one's."""
    if not (stage / settings.FILE_NAME).exists():
        return Config(stage)
    config = settings.load(stage)
    if config.database.url is not None:
        config = msgspec.structs.replace(config, database=Database())
        settings.save_section(config, "database")
    return config


def _lost_log(stage: Path) -> None:
    """Let the box go on though checkpoints kept outside are newer than its restored log."""
    (stage / "anchors").mkdir(mode=0o700, exist_ok=True)
    disk.write(stage / "anchors" / RESTORED, b"")


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
    "settle": "коробка приходит в покой",
    "tables": "таблицы",
    "verify": "сверка",
    "switch": "переключение",
    "stop": "остановка коробки",
    "start": "запуск коробки",
}


def named(step: str) -> str:
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
            sys.stderr.write(f"{named(step)}: {min(here[1] * 10, 100)} %\n")
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
