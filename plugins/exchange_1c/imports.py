"""Work on uploaded files: what is imported when, one at a time, and how it ended (reference 4.3).

States of a part: sealed -> importing -> applied, held or failed; a held one is confirmed (and
applied) or rejected by a person. Every state is in a row before anything depends on it, so a
restart goes on where it was.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import NamedTuple

from plugins.exchange_1c import names, shelves
from plugins.exchange_1c.archive import Archive, Entry
from plugins.exchange_1c.guards import GuardSettings, judged
from plugins.exchange_1c.importing import Importer
from plugins.exchange_1c.photos import Photos
from plugins.exchange_1c.refusals import Refused
from plugins.exchange_1c.runs import Runs
from plugins.exchange_1c.shelves import File, Part, Shelves
from plugins.exchange_1c.spool import Spool

IDLE = 120
"""Seconds after the last piece of a file: nobody asked for it by then, it is imported anyway."""
HOLD = 20.0
"""Seconds a poll is held: proxies cut at 60, and УТ 11 polls without any pause."""
CONFIRMED, REJECTED = "confirmed", "rejected"
"""What a person decides about a held document."""

Clock = Callable[[], int]
Told = Callable[[File, Part], Awaitable[None]]
"""Hears how a document ended."""


class Found(NamedTuple):
    """A document that a client named, in the file it came with."""

    file: File
    part: Part


class Imports:
    """Imports the documents of a connection, one at a time.

    Attributes:
        mode: `apply`, `guards` or `preview`.
    """

    def __init__(
        self,
        store: Shelves,
        spool: Spool,
        importer: Importer,
        rules: GuardSettings,
        mode: str = "guards",
        clock: Clock = lambda: int(time.time()),
        told: Told | None = None,
        turn: asyncio.Lock | None = None,
        photos: Photos | None = None,
        runs: Runs | None = None,
    ) -> None:
        """Args: turn: held by whoever imports, where several connections share the memory."""
        self._photos, self._runs = photos, runs
        self._told = told
        self._store, self._spool, self._importer = store, spool, importer
        self._rules, self.mode, self._clock = rules, mode, clock
        self._running: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._one_at_a_time = turn or asyncio.Lock()

    async def seal(self, file: File) -> list[Part]:
        """A file is complete: say what documents it holds.

        Raises:
            Refused: it is neither XML nor a sound archive, or it was cut.
        """
        head = self._spool.head(file.id)
        kind = names.sniffed(head)
        found: list[str] = []
        pictures: list[tuple[str, str, str]] = []
        if kind == "zip":
            with self._spool.open(file.id) as opened:
                entries = Archive(opened).entries
            found = [one.name for one in entries if _is_document(one)]
            pictures = [
                (one.name, one.name, f"{one.crc:08x}:{one.size}")
                for one in entries
                if names.extension(one.name) in names.PICTURES
            ]
        elif kind == "xml":
            found = [""]
        elif names.extension(file.name) in ("xml", "zip"):
            raise Refused("not_exchange")
        parts = [Part(file=file.id, entry=one, run=file.run, at=self._clock()) for one in found]
        file.state = shelves.SEALED
        file.sha = self._spool.digest(file.id)
        if not parts:  # a picture: nothing is to be asked for
            file.done_at = self._clock()
        if self._photos is not None:
            await self._photos.arrived(file.id, pictures or self._bare(file, kind))
        await self._store.put("parts", parts)
        await self._store.put("files", [file])
        return parts

    def _bare(self, file: File, kind: str) -> list[tuple[str, str, str]]:
        """A picture that came as a file of its own."""
        return [(file.name, "", file.sha)] if kind in names.PICTURES else []

    async def find(self, files: list[File], filename: str) -> Found | None:
        """The document that a client means: a file of that name, or an archive that holds it.

        Raises:
            Refused: the file that would hold it is broken.
        """
        wanted = names.clean(filename)
        last = wanted.rpartition("/")[2]
        broken: Refused | None = None
        for file in sorted(files, key=lambda one: (one.at, one.id), reverse=True):
            try:
                parts = await self.parts_of(file)
            except Refused as error:
                broken = error
                continue
            for part in parts:
                named = part.entry or file.name
                if named == wanted or named.rpartition("/")[2] == last:
                    return Found(file, part)
        if broken is not None:
            raise broken
        return None

    async def parts_of(self, file: File) -> list[Part]:
        """Documents of a file; one that still receives is sealed by the question."""
        if file.state == shelves.RECEIVING:
            return await self.seal(file)
        return [one async for one in self._store.under("parts", Part, file.id)]

    def begin(self, found: Found) -> "asyncio.Task[None]":
        """The work on a document; polls for the same one share it."""
        key = (found.file.id, found.part.entry)
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = asyncio.create_task(self._work(found))
            task.add_done_callback(lambda _: self._running.pop(key, None))
        return task

    async def ask(self, found: Found, hold: float = HOLD) -> Part:
        """What became of a document after waiting a while; state `importing`: it goes on."""
        part = found.part
        if part.state in (shelves.SEALED, shelves.IMPORTING):
            await asyncio.wait([self.begin(found)], timeout=hold)
        return await self._store.one("parts", Part, part.file, part.entry) or part

    async def _work(self, found: Found) -> None:
        file, part = found
        async with self._one_at_a_time:
            part.state = shelves.IMPORTING
            await self._keep(part)
            try:
                await self._import(file, part)
            except Refused as error:
                part.state, part.code, part.offset = shelves.FAILED, error.code, error.offset
            except Exception as error:  # noqa: BLE001 - УТ 11 would poll without end
                part.state, part.code = shelves.FAILED, "unexpected"
                part.notes = type(error).__name__
            part.at = self._clock()
            await self._keep(part)
            await self._finish(file)
            if self._told is not None:
                await self._told(file, part)

    async def _import(self, file: File, part: Part) -> None:
        if await self._was_applied(file, part):
            part.state, part.code = shelves.APPLIED, "same_file"
            return
        opener = self.opener(file, part)
        seen = await self._importer.forecast(part, opener)
        part.created, part.changed, part.same = seen.created, seen.changed, seen.same
        hits = [] if self.mode == "apply" else judged(seen, self._rules)
        hits += ["absent"] if part.ask and seen.differs else []
        part.guards = " ".join(hits)
        if part.decided != CONFIRMED and (hits or (self.mode == "preview" and seen.differs)):
            part.state = shelves.HELD
            if self._runs is not None:
                await self._runs.held(part.run, seen.samples)
            return
        await self._importer.apply(part, opener, names_late=seen.names_late)
        part.state = shelves.APPLIED

    async def _was_applied(self, file: File, part: Part) -> bool:
        """The very same bytes were applied last under this hash, and nothing came since."""
        return (
            bool(file.sha)
            and part.decided != CONFIRMED
            and await self._store.state("last_applied") == f"{file.sha}:{part.entry}"
        )

    def opener(self, file: File, part: Part) -> Callable[[], Iterator[bytes]]:
        """Begins a document anew: its bytes, piece by piece."""
        if not part.entry:
            return lambda: self._spool.pieces(file.id)

        def pieces() -> Iterator[bytes]:
            with self._spool.open(file.id) as opened:
                archive = Archive(opened)
                entry = next((one for one in archive.entries if one.name == part.entry), None)
                if entry is None:
                    raise Refused("file_gone")
                yield from archive.pieces(entry)

        return pieces

    async def _keep(self, part: Part) -> None:
        await self._store.put("parts", [part])

    async def _finish(self, file: File) -> None:
        """A file whose documents are all done is done."""
        parts = [one async for one in self._store.under("parts", Part, file.id)]
        states = {one.state for one in parts}
        if states & {shelves.SEALED, shelves.IMPORTING}:
            return
        if parts and parts[-1].state == shelves.APPLIED:
            await self._store.set_state(last_applied=f"{file.sha}:{parts[-1].entry}")
        if shelves.HELD in states:
            return
        file.state = shelves.FAILED if shelves.FAILED in states else shelves.APPLIED
        file.done_at = self._clock()
        await self._store.put("files", [file])

    async def decide(self, found: Found, decision: str) -> None:
        """A person's word about a held document."""
        part = found.part
        if part.state != shelves.HELD:
            raise Refused("not_held")
        part.decided = decision
        part.state = shelves.SEALED if decision == CONFIRMED else shelves.REJECTED
        await self._keep(part)
        if decision == CONFIRMED:
            await self.begin(found)
        else:
            await self._finish(found.file)

    async def unasked(self, files: list[File], *, at_once: bool = False) -> int:
        """Import what is complete and nobody asked for; how many documents that were.

        Args:
            files: of the connection that are not done.
            at_once: another session began, so no idle time is waited for.
        """
        count = 0
        for file in sorted(files, key=lambda one: (one.at, one.id)):
            if file.done_at or not (at_once or self._clock() - file.at >= IDLE):
                continue
            try:
                parts = await self.parts_of(file)
            except Refused as error:
                # It was cut: its rest may still come, in a new session it comes whole.
                file.state, file.done_at = shelves.FAILED, self._clock()
                part = Part(file=file.id, entry="", run=file.run, state=shelves.FAILED)
                part.code, part.offset = error.code, error.offset
                await self._store.put("parts", [part])
                await self._store.put("files", [file])
                continue
            for part in sorted(parts, key=lambda one: ("import" not in one.entry, one.entry)):
                if part.state in (shelves.SEALED, shelves.IMPORTING):
                    part.own_import = True
                    await self.begin(Found(file, part))
                    count += 1
        return count

    @property
    def busy(self) -> bool:
        """Whether a document is being worked on."""
        return bool(self._running)


def _is_document(entry: Entry) -> bool:
    return names.extension(entry.name) == "xml"
