"""Has copies made and proven by a process of its own, and lends it what it needs for that.

The process is `python -m backups`: the appliance knows its lines of JSON, not its code. Keys go
to it over its standard input; nothing of them is ever in a file, an argument or the environment.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from appliance import __version__
from appliance.actions import backups, destruction
from appliance.api.console_copies import Copying
from appliance.boot.house import OpenHouse
from appliance.boot.index import HOUSE_ACTOR
from appliance.domain.access import Actor
from appliance.domain.backups import CopyEnd, CopyKind
from appliance.errors import Conflict, HouseError, Sealed, Unavailable

log = logging.getLogger(__name__)

WARM_UP: Final = timedelta(minutes=5)
"""A box that has just been started has people waiting at its doors."""

NIGHT: Final = range(2, 6)
"""Hours of the box's own day in which a drill disturbs nobody."""

DRILL_AGE: Final = timedelta(hours=20)
DRILL_LATE: Final = timedelta(hours=30)
LONGEST_LINE: Final = 64 << 20
"""Bytes of one line: a manifest with the whole erasure ledger is one."""


class _Line(msgspec.Struct):
    step: str = ""
    done: int = 0
    total: int = 0
    sign: str = ""
    result: dict[str, Any] | None = None
    code: str = ""
    params: dict[str, str | int] = {}


class _Ended(msgspec.Struct):
    kind: str = ""
    result: dict[str, Any] | None = None
    code: str = ""
    params: dict[str, str | int] = {}


class Copies:
    """One making or proving at a time."""

    def __init__(self, opened: OpenHouse) -> None:
        self._opened = opened
        self._started = datetime.now(UTC)
        self._task: asyncio.Task[None] | None = None
        self._kind = ""
        self._line = _Line()
        self._last = _Ended()
        self._identity = ""

    def lent(self) -> Copying:
        """What the admin door may do."""
        return Copying(self.check, self.start, self.progress, self.cancel)

    def check(self) -> None:
        """Refuse what cannot be started now.

        Raises:
            Conflict: `backup_running`.
            Unavailable: `backup_engine`: not built for PostgreSQL.
            Sealed: nothing can be signed or proven without keys.
        """
        if self._task is not None and not self._task.done():
            raise Conflict("backup_running")
        if self._opened.config.database.url is not None:
            raise Unavailable("backup_engine")
        if not self._opened.vault.is_open:
            raise Sealed

    async def carry_out(self, actor: Actor, kind: CopyKind, identity: str = "") -> str:
        """Make one, or prove the newest, and wait for its end.

        Args:
            actor: who asks; stands in the journal.
            kind: which.
            identity: of the paper: the drill opens the copy with it instead of its own.

        Returns:
            the copy's stamp.

        Raises:
            HouseError: as `check`, and what it ended with.
        """
        self.check()
        run_id = await backups.begin(actor, kind)
        self._identity = identity
        try:
            self.start(kind.value, run_id)
            if self._task is not None:
                await asyncio.wait([self._task])
        finally:
            self._identity = ""
        if self._last.code:
            raise HouseError(self._last.code, "", **self._last.params)
        return str((self._last.result or {}).get("stamp", ""))

    def start(self, kind: str, run_id: UUID, stamp: str = "") -> None:
        """Begin one whose row is written; it goes on by itself."""
        self._kind, self._line = kind, _Line()
        self._task = asyncio.create_task(self._run(kind, run_id, stamp))

    def progress(self) -> dict[str, Any]:
        """Where it is; how the last one ended."""
        running = self._task is not None and not self._task.done()
        return {
            "running": running,
            "kind": self._kind,
            "step": self._line.step,
            "done": self._line.done,
            "total": self._line.total,
            "last": msgspec.to_builtins(self._last),
        }

    async def cancel(self) -> None:
        """End what runs; the process takes its work folder with it at the next start."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    async def tick(self) -> None:
        """Begin what is due by the clock."""
        now = datetime.now(UTC)
        settings = self._opened.config.backup
        if not settings.every_minutes or now - self._started < WARM_UP:
            return
        try:
            self.check()
        except HouseError:
            return
        known = await backups.state(HOUSE_ACTOR)
        hour = now.astimezone(ZoneInfo(self._opened.config.box.time_zone)).hour
        age = now - known.proven_at if known.proven_at else None
        wanted = age is None or age > DRILL_LATE or (age > DRILL_AGE and hour in NIGHT)
        period = timedelta(minutes=settings.every_minutes)
        if known.made_at is None or now - known.made_at > period:
            kind = CopyKind.COPY
        elif wanted:
            kind = CopyKind.DRILL
        else:
            return
        self.start(kind.value, await backups.begin_by_clock(HOUSE_ACTOR, kind))

    async def _run(self, kind: str, run_id: UUID, stamp: str) -> None:
        stamp = stamp or (f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}" if kind == "copy" else "")
        ended = _Ended(kind, code="backup_failed")
        try:
            ended = await self._carry_out(kind, stamp)
        except HouseError as error:
            ended = _Ended(kind, code=error.code, params=dict(error.params))
        except asyncio.CancelledError:
            ended = _Ended(kind, code="backup_cancelled")
        except Exception as error:
            log.exception("a copy failed")
            ended = _Ended(kind, code="backup_failed", params={"problem": type(error).__name__})
        finally:
            self._last = ended
            self._forget_old_papers(ended)
            if ended.code:
                log.warning("%s: %s %s", kind, ended.code, ended.params.get("problem", ""))
            with suppress(HouseError):  # a box that was sealed meanwhile writes nothing down
                if key_sets := _key_sets(ended):
                    await destruction.note_keys(HOUSE_ACTOR, key_sets)
                await backups.end(HOUSE_ACTOR, run_id, _end_of(stamp, ended))

    def _forget_old_papers(self, ended: _Ended) -> None:
        """Erase identities of replaced recovery codes to which no copy is left anywhere."""
        in_use: list[str] = (ended.result or {}).get("recipients", [])
        if in_use:
            with suppress(HouseError):
                self._opened.vault.forget_retired(in_use)

    async def _carry_out(self, kind: str, stamp: str) -> _Ended:
        order = self._order(kind, stamp)
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "backups",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # a traceback could quote a person
            env=surroundings(),
            limit=LONGEST_LINE,
        )
        if child.stdin is None or child.stdout is None:
            raise RuntimeError("a child without pipes")
        try:
            child.stdin.write(msgspec.json.encode(order, enc_hook=str) + b"\n")
            while text := await child.stdout.readline():
                line = msgspec.json.decode(text, type=_Line)
                if line.sign:
                    child.stdin.write(self._signature(line.sign, stamp) + b"\n")
                elif line.result is not None or line.code:
                    return _Ended(kind, line.result, line.code, line.params)
                else:
                    self._line = line
            return _Ended(kind, code="backup_failed", params={"problem": "process"})
        finally:
            if child.returncode is None:
                with suppress(ProcessLookupError):
                    child.terminate()
            await child.wait()

    def _signature(self, record: str, stamp: str) -> bytes:
        """Sign what belongs to this very copy, and nothing else."""
        if msgspec.json.decode(record, type=dict[str, Any]).get("stamp") != stamp:
            raise Conflict("backup_failed", "asked to sign another copy's record")
        return self._opened.vault.sign_document(record.encode()).hex().encode()

    def _order(self, kind: str, stamp: str) -> Mapping[str, object]:
        vault, config = self._opened.vault, self._opened.config
        settings = config.backup
        identity, drill = vault.drill_identity()
        config.backups.mkdir(mode=0o700, exist_ok=True)
        targets = settings.targets or (config.backups,)
        common = {"data": config.data, "targets": targets, "stamp": stamp}
        if kind == CopyKind.DRILL.value:
            root = vault.lend_root().hex()
            lent = self._identity or identity
            return {"type": "drill", **common, "identity": lent, "root": root}
        counts = (settings.hourly, settings.nightly, settings.weekly)
        return {
            "type": "make",
            **common,
            "version": __version__,
            "recovery": vault.age_recipient(),
            "drill": drill,
            "public_key": vault.checkpoint_public_key().hex(),
            "data_targets": settings.data_targets,
            "counts": counts,
            # The night's copy is compact: no page that a deleted row left comes along.
            "compact": datetime.now(ZoneInfo(config.box.time_zone)).hour in NIGHT,
        }


def surroundings() -> dict[str, str]:
    """What a Python of this installation needs to find its packages, and no more."""
    kept = ("PATH", "LANG", "PYTHONPATH", "PYTHONUTF8", "VIRTUAL_ENV")
    return {name: os.environ[name] for name in kept if name in os.environ}


def _key_sets(ended: _Ended) -> list[tuple[str, datetime | None]]:
    """What the targets that take keys hold now: path, and when the oldest set was begun."""
    targets: list[dict[str, Any]] = (ended.result or {}).get("targets", [])
    found = [(one["path"], one.get("keys")) for one in targets if one["state"] == "done"]
    return [
        (path, datetime.strptime(f"{keys}+0000", "%Y%m%dT%H%M%SZ%z") if keys else None)
        for path, keys in found
        if keys is not None
    ]


def _end_of(stamp: str, ended: _Ended) -> CopyEnd:
    found: dict[str, Any] = ended.result or {}
    targets: list[dict[str, Any]] = found.get("targets", [])
    failed = sum(1 for one in targets if one["state"] != "done")
    figures = {
        name: int(found[name])
        for name in ("rows", "cells", "keys", "destroyed", "events", "attachments", "seconds")
        if name in found
    }
    return CopyEnd(
        stamp=str(found.get("stamp", stamp)),
        size=int(found.get("size", 0)),
        targets=len(targets) - failed,
        failed_targets=failed,
        code=ended.code,
        figures=figures,
    )
