"""Has the log read (in a thread), verified and exported (in a process of its own)."""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import msgspec

from appliance.actions import anchors as deeds
from appliance.actions import journal
from appliance.api.console_audit import Auditing
from appliance.audit import reading
from appliance.audit.child import ExportOrder, Line, VerifyOrder
from appliance.boot import anchors
from appliance.boot.house import AUDIT_FILE, PUBLIC_KEY_FILE
from appliance.boot.index import HOUSE_ACTOR
from appliance.boot.process import surroundings
from appliance.config import Config
from appliance.domain.access import Actor
from appliance.domain.anchors import Checked
from appliance.domain.journal import LogQuery
from appliance.errors import Conflict, HouseError, Sealed, Unavailable
from appliance.web import anchor_words

if TYPE_CHECKING:
    from appliance.boot.house import OpenHouse

log = logging.getLogger(__name__)

NIGHT: Final = range(2, 6)
CHECK_AGE: Final = timedelta(hours=20)
CHECK_LATE: Final = timedelta(hours=30)
WARM_UP: Final = timedelta(minutes=5)
EXPORTS: Final = "audit-exports"
KEPT_EXPORTS: Final = 3
LONGEST_LINE: Final = 16 << 20


class Auditor:
    """One verification or export at a time; it goes on when whoever asked is gone."""

    def __init__(self, opened: OpenHouse) -> None:
        self._opened = opened
        self._started = datetime.now(UTC)
        self._task: asyncio.Task[None] | None = None
        self._kind = ""
        self._line = Line()
        self._ended: dict[str, Any] = {}

    async def page(self, actor: Actor, asked: LogQuery) -> dict[str, Any]:
        """Entries in words of the house, and how the log stands.

        Raises:
            HouseError: as `journal.seek` and `reading.page`.
        """
        sought = await journal.seek(actor, asked)
        await self._opened.drain_log()  # what was done a moment ago is looked for, too
        path = self._opened.config.data / AUDIT_FILE
        seen = await asyncio.to_thread(reading.page, path, sought.query)
        lines = await journal.name(actor, seen.leaves, sought.anchored)
        return {
            "lines": msgspec.to_builtins(lines),
            "after": seen.after,
            "size": seen.size,
            "anchored": sought.anchored,
            "health": msgspec.to_builtins(sought.health),
        }

    async def start(self, actor: Actor, kind: str, path: str = "") -> dict[str, Any]:
        """Begin a verification or an export.

        Raises:
            Conflict: `audit_running`.
            Sealed: no log is open.
            Denied: as the gate refuses.
        """
        self._must_be_free()
        if kind == "export":
            out = self._place(path)
            await journal.begin_export(actor)
            self._begin(kind, await self._export(out))
            return {"out": str(out)}
        await deeds.check(actor)
        self._begin(kind, await self._verify())
        return {}

    def progress(self) -> dict[str, Any]:
        """Where it is; how the last one ended."""
        return {
            "running": self._is_running(),
            "kind": self._kind,
            "done": self._line.done,
            "total": self._line.total,
            "last": self._ended,
        }

    @property
    def running(self) -> asyncio.Task[None]:
        """What runs or ran last, to wait for its end.

        Raises:
            Conflict: `audit_failed`: nothing ever ran.
        """
        if self._task is None:
            raise Conflict("audit_failed")
        return self._task

    async def cancel(self) -> None:
        """End what runs; nothing half-made stays."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    async def tick(self) -> None:
        """Verify the whole log once a night."""
        now = datetime.now(UTC)
        if self._opened.log is None or self._is_running() or now - self._started < WARM_UP:
            return
        at = (await deeds.last_check(HOUSE_ACTOR)).at
        age = CHECK_LATE * 2 if at is None else now - at
        hour = now.astimezone(ZoneInfo(self._opened.config.box.time_zone)).hour
        if age > CHECK_LATE or (age > CHECK_AGE and hour in NIGHT):
            self._begin("verify", await self._verify())

    def _is_running(self) -> bool:
        return self._task is not None and not self._task.done()

    def _must_be_free(self) -> None:
        if self._is_running():
            raise Conflict("audit_running")
        if self._opened.log is None:
            raise Sealed

    def _place(self, path: str) -> Path:
        """Where an export goes: the asked place, or the box's own folder, where few are kept."""
        if path:
            return Path(path)
        folder = self._opened.config.data / EXPORTS
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            for old in sorted(folder.glob("korobka-audit-*.zip"))[: 1 - KEPT_EXPORTS]:
                old.unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable("export_unwritable", path=str(folder)) from error
        return folder / f"korobka-audit-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.zip"

    async def _verify(self) -> VerifyOrder:
        held, public = await self._held()
        path = self._opened.config.data / AUDIT_FILE
        return VerifyOrder(path=path, public_key=public, anchors=held.notes)

    async def _export(self, out: Path) -> ExportOrder:
        held, public = await self._held()
        path = self._opened.config.data / AUDIT_FILE
        return ExportOrder(
            path=path, out=out, public_key=public, anchors=held.notes, lost=held.lost
        )

    async def _held(self) -> tuple[anchors.Held, str]:
        opened, config = self._opened.log, self._opened.config
        if opened is None:
            raise Sealed
        public = config.data / PUBLIC_KEY_FILE
        held = await anchors.held(config, anchors.box_of(opened.origin))
        return held, public.read_text().strip() if public.exists() else ""

    def _begin(self, kind: str, order: VerifyOrder | ExportOrder) -> None:
        self._kind, self._line = kind, Line()
        self._task = asyncio.create_task(self._run(kind, order))

    async def _run(self, kind: str, order: VerifyOrder | ExportOrder) -> None:
        began = datetime.now(UTC)
        ended = Line(code="audit_failed")
        try:
            ended = await self._carry_out(order)
            if kind == "verify" and ended.result is not None:
                found = ended.result
                with suppress(HouseError):  # a box that was sealed meanwhile writes nothing down
                    await deeds.checked(HOUSE_ACTOR, _checked(found, began))
                if not found["ok"]:
                    log.error("the log is not whole: %s %s", found["place"], found["first_bad"])
        except asyncio.CancelledError:
            ended = Line(code="audit_cancelled")
        except Exception:
            log.exception("the log could not be verified or exported")
        finally:
            self._ended = {
                "kind": kind,
                "at": datetime.now(UTC).isoformat(),
                "code": ended.code,
                "params": dict(ended.params),
                "result": ended.result,
            }

    async def _carry_out(self, order: VerifyOrder | ExportOrder) -> Line:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "appliance.audit.child",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=surroundings(),
            limit=LONGEST_LINE,
        )
        if child.stdin is None or child.stdout is None:
            raise RuntimeError("a child without pipes")
        try:
            child.stdin.write(msgspec.json.encode(order, enc_hook=str) + b"\n")
            await child.stdin.drain()
            while text := await child.stdout.readline():
                self._line = msgspec.json.decode(text, type=Line)
                if self._line.result is not None or self._line.code:
                    return self._line
            return Line(code="audit_failed")
        finally:
            if child.returncode is None:
                with suppress(ProcessLookupError):
                    child.terminate()
            await child.wait()


def _checked(found: dict[str, Any], at: datetime) -> Checked:
    return Checked(
        at=at,
        ok=bool(found["ok"]),
        size=int(found["size"]),
        place=str(found["place"]),
        first_bad=int(found["first_bad"]),
        trusted=int(found["trusted"]),
    )


def words_of(config: Config) -> anchors.Words:
    """Letters and pages of checkpoints, in the language of the box."""
    language = config.box.language
    return anchors.Words(
        letter=partial(anchor_words.letter_of, language=language),
        page=partial(anchor_words.page_of, company=config.box.name, language=language),
    )


def lent(auditor: Auditor, anchoring: anchors.Anchoring) -> Auditing:
    """What the admin door may do with the log."""
    return Auditing(
        page=auditor.page,
        start=auditor.start,
        progress=auditor.progress,
        cancel=auditor.cancel,
        keep=anchoring.now,
        paper=anchoring.print,
        places=anchoring.places,
    )
