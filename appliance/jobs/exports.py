"""Making files of exports in the background, by the right of whoever asked."""

import asyncio
import logging
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from appliance.actions import export_rows, exports
from appliance.actions._export_cells import Cells
from appliance.actions.exports import Due
from appliance.domain.access import Actor, ActorKind
from appliance.domain.exports import ExportForm, ExportKind
from appliance.domain.sheet_out import Csv, Sheet, Writer, add_all
from appliance.errors import Conflict, HouseError, Sealed, Unavailable

log = logging.getLogger(__name__)
PIECE: Final = 1024 * 1024
_ROWS: Final = {
    ExportKind.CLIENTS: exports.clients,
    ExportKind.ORDERS: exports.orders,
    ExportKind.DEALS: export_rows.deals,
    ExportKind.TASKS: export_rows.tasks,
}


class Exporter:
    """Makes files, one after another; one cut short is made anew."""

    def __init__(self, house: Actor, zone: ZoneInfo) -> None:
        self._house, self._zone = house, zone
        self._task: asyncio.Task[None] | None = None

    async def tick(self) -> None:
        """Begin to work unless that is going on; returns at once."""
        if (self._task is None or self._task.done()) and await exports.due(self._house):
            self._task = asyncio.create_task(self.run())

    async def stop(self) -> None:
        """Stop; what is not ready is made anew."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def run(self) -> None:
        """Work until nothing waits."""
        while found := await exports.due(self._house):
            await self._make(found[0])

    async def _make(self, one: Due) -> None:
        try:
            await self._write(one)
        except (Sealed, Unavailable):
            raise  # the next tick tries again
        except Conflict:
            pass
        except Exception as error:
            log.exception("export %s failed", one.number)
            code = error.code if isinstance(error, HouseError) else "export_failed"
            await exports.finish(self._house, one.id, 0, 0, 0, code)

    async def _write(self, one: Due) -> None:
        maker = Actor(
            ActorKind.USER,
            one.maker,
            {name: reach.grant for name, reach in one.reach.items()},
            number=one.maker_number,
            department=next(iter(one.reach.values())).department,
        )
        with tempfile.SpooledTemporaryFile(4 * 1024 * 1024) as file:
            writer = self._writer(one, file)
            heads = await exports.headings(maker, one.kind)
            await asyncio.to_thread(writer.add, heads)
            count = people = 0
            after = 0 if one.kind is ExportKind.PRODUCTS else 2**62
            while True:
                if one.kind is ExportKind.PRODUCTS:
                    part = await exports.goods(maker, after)
                else:
                    part = await _ROWS[one.kind](maker, after, one.wanted)
                count += await asyncio.to_thread(add_all, writer, part.rows, _as_it_is)
                people += part.people
                await exports.progress(self._house, one.id, count)
                if not part.after:
                    break
                after = part.after
            await asyncio.to_thread(writer.close)
            size = await self._keep(one, file)
        await exports.finish(self._house, one.id, count, people, size)

    def _writer(self, one: Due, file: Any) -> Writer:
        if one.form is ExportForm.CSV:
            return Csv(file)
        when = datetime.now(UTC).astimezone(self._zone).strftime("%d.%m.%Y %H:%M")
        mark = f"Выгрузка № {one.number}, {one.maker_name}, {when}. Коммерческая тайна"
        return Sheet(
            file,
            header=mark,
            properties={"title": mark, "author": one.maker_name, "comments": mark},
        )

    async def _keep(self, one: Due, file: Any) -> int:
        size = position = 0
        await asyncio.to_thread(file.seek, 0)
        while data := await asyncio.to_thread(file.read, PIECE):
            await exports.keep(self._house, one.id, position, data)
            size, position = size + len(data), position + 1
        return size


def _as_it_is(row: Cells) -> Cells:
    return row
