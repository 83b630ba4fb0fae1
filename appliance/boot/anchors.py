"""Carries checkpoints of the log out of the box, and looks at those outside before it seals."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from appliance.actions import anchors as deeds
from appliance.actions.anchors import Written
from appliance.audit import anchors as files
from appliance.audit.log import AuditLog
from appliance.audit.notes import read_note
from appliance.boot import mounts
from appliance.boot.index import HOUSE_ACTOR
from appliance.config import Config
from appliance.domain.access import Actor
from appliance.domain.anchors import AnchorKind, Kept, chosen, is_due
from appliance.errors import Conflict, HouseError, Sealed, Unavailable

if TYPE_CHECKING:
    from appliance.boot.house import OpenHouse

T = TypeVar("T")
log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 5.0
"""How long a start waits for the folders: a share that hangs must not keep the box closed."""

LOST: Final = "lost.txt"
RESTORED: Final = "restored"
"""In `anchors/` of the data folder: notes of a log that was given up, and the mark of a restore
after which such notes are taken for that."""


def folders_of(config: Config) -> Sequence[str]:
    """Folders and disks outside the box that copies go to; accounts behind SSH are left out."""
    places = (*config.backup.targets, *config.backup.data_targets)
    return [one for one in places if one.startswith(("/", mounts.USB))]


def _folder(place: str) -> Path:
    """The folder of a place.

    Raises:
        Unavailable: `anchor_folder_lost`: its disk is not plugged in.
    """
    found = mounts.folder_of(place) if place.startswith(mounts.USB) else Path(place)
    if found is None:
        raise Unavailable("anchor_folder_lost", path=place)
    return found


def _append(place: str, box: str, note: str) -> None:
    files.append(_folder(place), box, note)


def _read(place: str, box: str) -> list[str]:
    try:
        return files.read(files.file_of(_folder(place), box))
    except Unavailable:
        return []


def box_of(origin: str) -> str:
    """The box's id out of the log's name."""
    return origin.split("/")[1] if "/" in origin else origin


class Outside(NamedTuple):
    """What was found outside that the log does not hold.

    Attributes:
        notes: the checkpoints.
        size: of the newest of them.
    """

    notes: tuple[str, ...] = ()
    size: int = 0


async def look_outside(config: Config, opened: AuditLog) -> Outside:
    """Compare the log with what was kept of it outside, before anything is sealed over it.

    After a restore whatever contradicts it is written down as lost; else it is a refusal.

    Raises:
        Damaged: `audit_log_behind`, `audit_log_forked`.
    """
    place = config.data / "anchors"
    given_up = set(files.read(place / LOST))
    notes = [one for one in await _notes(config, box_of(opened.origin)) if one not in given_up]
    against = files.contradicted(opened, notes)
    mark = place / RESTORED
    if against and not mark.exists():
        raise against[-1][1]
    if against:
        _give_up(place, [note for note, _ in against])
    mark.unlink(missing_ok=True)
    sizes = [read_note(note).size for note, _ in against]
    return Outside(tuple(note for note, _ in against), max(sizes, default=0))


class Held(NamedTuple):
    """Checkpoints that the box can get at: those that hold, and those that were given up."""

    notes: tuple[str, ...]
    lost: tuple[str, ...]


async def held(config: Config, box: str) -> Held:
    """Everything in the folders outside and beside the log."""
    lost = tuple(files.read(config.data / "anchors" / LOST))
    found = [*brought(config.data), *await _notes(config, box)]
    unique = dict.fromkeys(one for one in found if one not in lost)
    return Held(tuple(unique), lost)


def brought(folder: Path) -> list[str]:
    """Checkpoints that somebody kept outside the log and brought back, oldest first."""
    place = folder / "anchors"
    if not place.is_dir():
        return []
    return [path.read_text(encoding="utf-8") for path in sorted(place.glob("*.note"))]


async def give_up(config: Config) -> Outside:
    """Accept that the log is shorter than what was kept of it: the box is to be started again.

    For the command of an administrator; the box does not run.
    """
    opened = AuditLog(config.data / "audit.db")
    try:
        found = await _notes(config, box_of(opened.origin))
        against = files.contradicted(opened, found)
    finally:
        opened.close()
    if against:
        _give_up(config.data / "anchors", [note for note, _ in against])
    sizes = [read_note(note).size for note, _ in against]
    return Outside(tuple(note for note, _ in against), max(sizes, default=0))


def _give_up(place: Path, notes: Sequence[str]) -> None:
    place.mkdir(mode=0o700, exist_ok=True)
    with (place / LOST).open("a", encoding="utf-8") as out:
        out.writelines(f"\n{note}" for note in notes)


async def _notes(config: Config, box: str) -> list[str]:
    """Every note in the folders that answer in time."""
    found: list[str] = []
    for folder in folders_of(config):
        try:
            found += await _patiently(partial(_read, folder, box))
        except TimeoutError:
            log.warning("a folder with anchors does not answer")
    return found


async def _patiently(work: Callable[[], T]) -> T:
    """Do it in a thread of its own: one that hangs on a dead share must not hold up the others.

    Raises:
        TimeoutError: after `LOOK_SECONDS`.
    """
    pool = ThreadPoolExecutor(1, thread_name_prefix="anchors")
    try:
        return await asyncio.wait_for(
            asyncio.get_running_loop().run_in_executor(pool, work), LOOK_SECONDS
        )
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


PAPERS: Final = "audit-exports"


def _write_new(place: Path, body: bytes) -> None:
    with place.open("xb") as out:
        out.write(body)


class Words(NamedTuple):
    """How a note is put into words.

    Attributes:
        letter: note → the letter it goes out with.
        page: note and local time → fields of the page to print.
    """

    letter: Callable[[str], Written]
    page: Callable[[str, datetime], Mapping[str, object]]


class Anchoring:
    """Keeps checkpoints outside, by the clock or when asked; one round at a time."""

    def __init__(self, opened: OpenHouse, words: Words) -> None:
        self._opened = opened
        self._words = words
        self._one = asyncio.Lock()

    async def tick(self) -> None:
        """Keep what is due by the clock."""
        if self._opened.sealer is None:
            return
        plan = await deeds.plan(HOUSE_ACTOR)
        zone, now = ZoneInfo(self._opened.config.box.time_zone), datetime.now(UTC)
        due = [
            kind
            for kind in chosen(plan.rules)
            if is_due(plan.tried[kind], now, zone) and not (kind == "mail" and plan.mail_waits)
        ]
        if due:
            await self._keep(HOUSE_ACTOR, due, asked=False)

    async def now(self, actor: Actor) -> dict[str, Any]:
        """Keep a checkpoint by every chosen way at once.

        Raises:
            Conflict: `anchor_no_way`: nothing is chosen that the box could do by itself.
            Sealed: no log is open.
            Denied: as the gate refuses.
        """
        rules = await deeds.rules(actor)
        kinds = [one for one in chosen(rules) if one != "file" or folders_of(self._opened.config)]
        if not kinds:
            raise Conflict("anchor_no_way")
        return await self._keep(actor, kinds, asked=True)

    def places(self) -> list[str]:
        """Folders that files go to."""
        return list(folders_of(self._opened.config))

    async def print(self, actor: Actor, path: str) -> dict[str, Any]:
        """Draw the newest checkpoint as a page to print, a PDF on the box's disk.

        Args:
            actor: who asks.
            path: absolute; empty: a folder of the box.

        Raises:
            Unavailable: `printing_failed`, `export_unwritable`.
            Denied, Sealed, NotFound: as `now` and `note`.
        """
        config = self._opened.config
        note = await self.note()
        size, now = read_note(note).size, datetime.now(ZoneInfo(config.box.time_zone))
        page = await deeds.paper(actor, size, note, self._words.page(note, now))
        place = Path(path or config.data / PAPERS / f"korobka-{now:%Y%m%d-%H%M%S}.pdf")
        try:
            if not path:
                place.parent.mkdir(mode=0o700, exist_ok=True)
            await asyncio.to_thread(_write_new, place, page)
        except OSError as error:
            raise Unavailable("export_unwritable", type(error).__name__, path=str(place)) from error
        return {"out": str(place), "size": size}

    async def note(self) -> str:
        """The newest checkpoint, made now if the log has grown.

        Raises:
            Sealed: no log is open.
            NotFound: `audit_checkpoint_missing`: the log is empty.
        """
        sealer = self._opened.sealer
        if sealer is None:
            raise Sealed
        return await sealer.newest()

    async def _keep(
        self, actor: Actor, kinds: Sequence[AnchorKind], *, asked: bool
    ) -> dict[str, Any]:
        async with self._one:
            note = await self.note()
            size = read_note(note).size
            kept: list[Kept] = []
            code = ""
            if AnchorKind.FILE in kinds:
                kept = await self._into_folders(note, size)
                if kept:
                    await (deeds.keep_asked if asked else deeds.keep)(actor, kept)
            if AnchorKind.MAIL in kinds:
                code = await (deeds.post_asked if asked else deeds.post)(
                    actor, self._words.letter(note)
                )
        return {
            "size": size,
            "kept": [{"place": one.place, "code": one.code} for one in kept],
            "mail": AnchorKind.MAIL in kinds and not code,
            "code": code,
        }

    async def _into_folders(self, note: str, size: int) -> list[Kept]:
        box = box_of(read_note(note).origin)
        found: list[Kept] = []
        for folder in folders_of(self._opened.config):
            code = ""
            try:
                await _patiently(partial(_append, folder, box, note))
            except TimeoutError:
                code = "anchor_folder_lost"
            except HouseError as error:
                code = error.code
            if code:
                log.warning("a checkpoint could not be kept: %s", code)
            found.append(Kept(kind=AnchorKind.FILE, place=folder, size=size, code=code))
        return found
