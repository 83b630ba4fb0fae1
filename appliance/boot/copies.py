"""Has copies made and proven by a process of its own, and lends it what it needs for that.

The process is `python -m backups`: the appliance knows its lines of JSON, not its code. Keys go
to it over its standard input; nothing of them is ever in a file, an argument or the environment.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from appliance import __version__
from appliance import config as settings
from appliance.actions import backups, destruction
from appliance.api.console_copies import Copying
from appliance.boot import process, swap
from appliance.boot.guarding import Guarding, moment_of, signature_of
from appliance.boot.house import OpenHouse
from appliance.boot.index import HOUSE_ACTOR
from appliance.config import Config
from appliance.domain.access import Actor
from appliance.domain.backups import (
    CopyEnd,
    CopyKind,
    CopyPlan,
    Trial,
    age_of,
    stamp_after,
)
from appliance.errors import Conflict, HouseError, Sealed

log = logging.getLogger(__name__)

WARM_UP: Final = timedelta(minutes=5)
"""A box that has just been started has people waiting at its doors."""

NIGHT: Final = range(2, 6)
"""Hours of the box's own day in which a drill disturbs nobody."""

DRILL_AGE: Final = timedelta(hours=20)
DRILL_LATE: Final = timedelta(hours=30)
LAST_FILE: Final = "last-restore.json"


class _Ended(msgspec.Struct):
    kind: str = ""
    result: dict[str, Any] | None = None
    code: str = ""
    params: dict[str, str | int] = {}


class Copies:
    """One making or proving at a time."""

    def __init__(self, opened: OpenHouse) -> None:
        self._opened = opened
        self._started = time.monotonic()
        self._task: asyncio.Task[None] | None = None
        self._is_asked = False
        self._kind = ""
        self._line = process.Line()
        self._step_began = time.monotonic()
        self._last = _last_of(opened.config)
        self._identity = ""
        self.stop: Callable[[], None] = _nothing
        self.then: dict[str, Any] | None = None
        self.guarding = Guarding(opened)

    def lent(self) -> Copying:
        """What the admin door may do."""
        return Copying(
            check=self.check,
            alone=self.alone,
            start=self.start,
            progress=self.progress,
            cancel=self.cancel,
            plan=self.plan,
            guarded=lambda: self.guarding.state,
            change_plan=self.change_plan,
            listed=self.listed,
            try_place=self.try_place,
            trial=self.trial,
            confirm=self.confirm,
            go_back=self.go_back,
        )

    def check(self) -> None:
        """Refuse what cannot be started now.

        Raises:
            Conflict: `backup_running`.
            Sealed: nothing can be signed or proven without keys.
        """
        if self.is_running or self._is_asked:
            raise Conflict("backup_running")
        if not self._opened.vault.is_open:
            raise Sealed

    @contextmanager
    def alone(self) -> Generator[None]:
        """Hold the beginning, while its row is written: of two who ask at once one is refused.

        Raises:
            HouseError: as `check`.
        """
        self.check()
        self._is_asked = True
        try:
            yield
        finally:
            self._is_asked = False

    @property
    def is_running(self) -> bool:
        """Whether a copy, a drill or a restore is under way."""
        return self._task is not None and not self._task.done()

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
        with self.alone():
            self.start(kind.value, await backups.begin(actor, kind))
        self._identity = identity
        try:
            if self._task is not None:
                await asyncio.wait([self._task])
        finally:
            self._identity = ""
        if self._last.code:
            raise HouseError(self._last.code, "", **self._last.params)
        return str((self._last.result or {}).get("stamp", ""))

    def start(self, kind: str, run_id: UUID, stamp: str = "") -> None:
        """Begin one whose row is written; it goes on by itself."""
        self._kind, self._line, self._step_began = kind, process.Line(), time.monotonic()
        self._task = asyncio.create_task(self._run(kind, run_id, stamp))

    def progress(self) -> dict[str, Any]:
        """Where it is; how the last one ended."""
        return {
            "running": self.is_running or self.then is not None,
            "kind": self._kind,
            "step": self._line.step,
            "done": self._line.done,
            "total": self._line.total,
            "step_seconds": round(time.monotonic() - self._step_began),
            "last": msgspec.to_builtins(self._last),
        }

    async def cancel(self) -> None:
        """End what runs; the process takes its work folder with it at the next start."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    async def close(self) -> None:
        """End everything: the box stops."""
        await self.cancel()
        await self.guarding.close()

    def plan(self) -> CopyPlan:
        """Where copies go, how often, how many stay."""
        return CopyPlan(
            **{
                name: getattr(self._opened.config.backup, name)
                for name in CopyPlan.__struct_fields__
            }
        )

    def change_plan(self, plan: CopyPlan) -> None:
        """Write another plan into the settings; it holds from now on.

        Raises:
            ConfigError: E004: the file is not the box's to write.
        """
        fresh = msgspec.structs.replace(self._opened.config.backup, **msgspec.structs.asdict(plan))
        changed = msgspec.structs.replace(self._opened.config, backup=fresh)
        settings.save_backup(changed)
        self._opened.config = changed

    async def listed(self) -> dict[str, Any]:
        """What lies on the places, the newest first, and which of them cannot be asked."""
        return await self._asked({"type": "list", **self._places()})

    async def try_place(self, target: str, *, takes_keys: bool, secret: str = "") -> dict[str, Any]:
        """Whether a place is there and takes a file; errors as the process finds them."""
        asked = {"target": target, "takes_keys": takes_keys, "secret": secret}
        return await self._asked({"type": "check", "data": self._opened.config.data, **asked})

    def trial(self) -> Trial | None:
        """The restore that waits to be confirmed."""
        return swap.trial_of(self._opened.config.data)

    def confirm(self) -> None:
        """End the trial of a restored box: from now on it is written to again."""
        swap.confirm(self._opened.config.data)
        self._opened.house.read_only = False

    def go_back(self) -> None:
        """Shut the box, put the data of before the restore in again, start anew."""
        self.then = {"type": "go_back", "data": self._opened.config.data}
        self.stop()

    async def tick(self) -> None:
        """Begin what is due by the clock."""
        now = datetime.now(UTC)
        warm = time.monotonic() - self._started > WARM_UP.total_seconds()
        if not self._opened.config.backup.every_minutes or not warm:
            return
        try:
            self.check()
        except HouseError:
            return
        with self.alone():
            await self._begin_due(now)

    async def _begin_due(self, now: datetime) -> None:
        known = await backups.state(HOUSE_ACTOR)
        hour = now.astimezone(ZoneInfo(self._opened.config.box.time_zone)).hour
        age, since = age_of(known.proven_at, now), age_of(known.made_at, now)
        wanted = age is None or age > DRILL_LATE or (age > DRILL_AGE and hour in NIGHT)
        period = timedelta(minutes=self._opened.config.backup.every_minutes)
        if since is None or since > period:
            kind = CopyKind.COPY
        elif wanted:
            kind = CopyKind.DRILL
        else:
            return
        self.start(kind.value, await backups.begin_by_clock(HOUSE_ACTOR, kind))

    async def _run(self, kind: str, run_id: UUID, stamp: str) -> None:
        ended, ready = _Ended(kind, code="backup_failed"), False
        try:
            if kind == CopyKind.COPY.value:
                newest = await backups.newest_stamp(HOUSE_ACTOR)
                stamp = stamp_after(newest, datetime.now(UTC))
            ended = await self._carry_out(kind, stamp)
            ready = kind == CopyKind.RESTORE.value and not ended.code
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
        if ready:
            self._place()

    def _forget_old_papers(self, ended: _Ended) -> None:
        """Erase identities of replaced recovery codes to which no copy is left anywhere."""
        in_use: list[str] = (ended.result or {}).get("recipients", [])
        if in_use:
            with suppress(HouseError):
                self._opened.vault.forget_retired(in_use)

    async def _carry_out(self, kind: str, stamp: str) -> _Ended:
        def seen(line: process.Line) -> None:
            if line.step != self._line.step:
                self._step_began = time.monotonic()
            self._line = line

        def sign(record: str) -> bytes:
            return signature_of(self._opened.vault, record, stamp)

        line = await process.carried_out(self._order(kind, stamp), seen, sign)
        return _Ended(kind, line.result, line.code, line.params)

    async def _asked(self, order: Mapping[str, object]) -> dict[str, Any]:
        """A question that is answered at once, also while a copy is under way."""
        line = await process.carried_out(order)
        if line.code:
            raise HouseError(line.code, "", **line.params)
        return line.result or {}

    def _order(self, kind: str, stamp: str) -> Mapping[str, object]:
        vault, config = self._opened.vault, self._opened.config
        identity, drill = vault.drill_identity()
        common = {**self._places(), "stamp": stamp}
        if kind == CopyKind.DRILL.value:
            root = vault.lend_root().hex()
            del common["data_targets"]
            return {"type": "drill", **common, "identity": self._identity or identity, "root": root}
        if kind == CopyKind.RESTORE.value:
            root = vault.lend_root().hex()
            return {"type": "prepare", **common, "identity": identity, "root": root}
        settings = self._opened.config.backup
        return {
            "type": "make",
            **common,
            "version": __version__,
            "recovery": vault.age_recipient(),
            "drill": drill,
            "public_key": vault.checkpoint_public_key().hex(),
            "url": config.database.url or "",
            "counts": (settings.hourly, settings.nightly, settings.weekly),
            # The night's copy is compact: no page that a deleted row left comes along.
            "compact": datetime.now(ZoneInfo(config.box.time_zone)).hour in NIGHT,
        }

    def _places(self) -> dict[str, object]:
        config = self._opened.config
        config.backups.mkdir(mode=0o700, exist_ok=True)
        return {
            "data": config.data,
            "targets": self._opened.config.backup.targets or (str(config.backups),),
            "data_targets": self._opened.config.backup.data_targets,
        }

    def _place(self) -> None:
        """Everything is ready beside the box: shut it and exchange."""
        root = self._opened.vault.lend_root().hex()
        self.then = {"type": "place", "data": self._opened.config.data, "root": root}
        self.stop()


async def afterwards(config: Config, order: Mapping[str, object]) -> None:
    """Carry out what can only be done while nothing of the box is open; then it starts anew.

    A failure leaves the box with the data it had, and is told once it runs again.
    """
    line = await process.carried_out(order)
    ended = _Ended("restore", line.result, line.code, line.params)
    if line.code:
        log.warning("restore: %s", line.code)
    (config.backups / LAST_FILE).write_bytes(msgspec.json.encode(ended))


def _last_of(config: Config) -> _Ended:
    """How the restore ended that this start came out of."""
    path = config.backups / LAST_FILE
    with suppress(OSError, msgspec.DecodeError):
        ended = msgspec.json.decode(path.read_bytes(), type=_Ended)
        path.unlink(missing_ok=True)
        return ended
    return _Ended()


def _nothing() -> None:
    """Stands in where no server listens."""


def _key_sets(ended: _Ended) -> list[tuple[str, datetime | None]]:
    """What the targets that take keys hold now: path, and when the oldest set was begun."""
    targets: list[dict[str, Any]] = (ended.result or {}).get("targets", [])
    found = [(one["path"], one.get("keys")) for one in targets if one["state"] == "done"]
    return [(path, moment_of(keys) if keys else None) for path, keys in found if keys is not None]


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
