"""The run of imports: one at a time, in the background, many short steps.

Whatever is cut short goes on where it stopped: a chunk of rows is one transaction, which also says
that the chunk is in.
"""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import BinaryIO

from appliance import roles
from appliance.actions import import_steps, scratch
from appliance.actions.import_steps import Work
from appliance.domain import sheet_files
from appliance.domain.access import Actor, ActorKind
from appliance.domain.imports import CHUNK, ImportState
from appliance.domain.personal import Personal
from appliance.domain.sheet_files import Row
from appliance.errors import Conflict, HouseError, Invalid, Sealed, Unavailable
from appliance.jobs.worker import Worker


class Importer(Worker[Work]):
    """Goes on with imports."""

    unknown = "import_failed"

    async def _waiting(self) -> Sequence[Work]:
        return await import_steps.work(self._house)

    async def _work(self, one: Work) -> None:
        steps = {
            ImportState.READING: self._read,
            ImportState.CHECKING: self._check,
            ImportState.RUNNING: self._bring,
            ImportState.UNDOING: self._take_back,
        }
        await steps[one.state](one)

    async def _fail(self, one: Work, code: str) -> None:
        await import_steps.fail(self._house, one.id, code)

    def _maker(self, one: Work) -> Actor:
        """Whoever asked for it, by whose right it was begun: what changes is his deed."""
        return Actor(ActorKind.USER, one.maker, roles.HOUSE_GRANTS, number=one.maker_number)

    async def _read(self, one: Work) -> None:
        await import_steps.begin_again(self._house, one.id)
        with scratch.room() as file:
            size = position = 0
            while data := (await import_steps.piece(self._house, one.id, position)).reveal():
                file.write(data)
                size, position = size + len(data), position + 1
            if size != one.size:
                raise Invalid("file_incomplete")
            await self._stage(one, file)  # pyright: ignore[reportArgumentType] - a binary file but by name

    async def _stage(self, one: Work, file: BinaryIO) -> None:
        found = sheet_files.rows(file)
        await asyncio.to_thread(next, found)  # the head
        chunks = rows = 0
        held: list[Row] = []
        while part := await asyncio.to_thread(_some, found, one.key, held):
            await import_steps.stage(self._house, one.id, chunks, Personal(part))
            chunks, rows = chunks + 1, rows + len(part)
        await import_steps.read_through(self._house, one.id, chunks, rows)

    async def _check(self, one: Work) -> None:
        await import_steps.begin_again(self._house, one.id)
        seen: set[object] = set()
        position = 0
        while True:
            met = await import_steps.look(self._house, one.id, position, self._zone, seen)
            if met is None:
                break
            await import_steps.looked(self._house, one.id, position, met.tally, met.wrong, met.rows)
            seen |= met.met
            position += 1
        await import_steps.checked(self._house, one.id)

    async def _bring(self, one: Work) -> None:
        maker, position = self._maker(one), one.position
        while await self._chunk(one, maker, position):
            position += 1
            await asyncio.sleep(0)  # whoever waits for the writer goes first
        await import_steps.finish(self._house, one.id)

    async def _take_back(self, one: Work) -> None:
        maker, position = self._maker(one), one.position
        while await import_steps.take_back(maker, one.id, position):
            position += 1
            await asyncio.sleep(0)
        await import_steps.finish(self._house, one.id)

    async def _chunk(self, one: Work, maker: Actor, position: int) -> bool:
        try:
            return await import_steps.bring(maker, one.id, position, self._zone)
        except (Conflict, Sealed, Unavailable) as error:
            if error.code == "import_moved_on" or not isinstance(error, Conflict):
                raise
        except HouseError:
            pass
        # One row spoils the step of all: they go one by one, and it is named.
        for _ in range(CHUNK):
            try:
                await import_steps.bring(maker, one.id, position, self._zone, 1)
            except (Sealed, Unavailable):
                raise
            except HouseError as error:
                if error.code == "import_moved_on":
                    raise
                field, code = import_steps.named(error)
                await import_steps.refuse(maker, one.id, position, field, code)
        return True


def _some(rows: Iterator[Row], key: int, held: list[Row]) -> list[tuple[int, list[str]]]:
    """The next rows; those that say the same in column `key` stay together.

    Args:
        rows: of the file.
        key: -1 where each row is a record of its own.
        held: the row that was read too far, for the next call.
    """
    part = [*held, *islice(rows, CHUNK - len(held))]
    held.clear()
    while key >= 0 and part and len(part) >= CHUNK and (row := next(rows, None)) is not None:
        if _said(row, key) != _said(part[-1], key) or len(part) >= 4 * CHUNK:
            held.append(row)
            break
        part.append(row)
    return [(row.number, row.cells) for row in part]


def _said(row: Row, key: int) -> str:
    return row.cells[key] if key < len(row.cells) else ""
