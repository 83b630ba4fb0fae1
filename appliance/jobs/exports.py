"""Making files of exports in the background, by the right of whoever asked."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from appliance.actions import export_rows, exports, scratch
from appliance.actions._export_cells import Cells
from appliance.actions.exports import Due
from appliance.domain.access import Actor, ActorKind
from appliance.domain.exports import ExportForm, ExportKind
from appliance.domain.sheet_out import Csv, Sheet, Writer, add_all
from appliance.jobs.worker import Worker

PIECE: Final = 1024 * 1024
_ROWS: Final = {
    ExportKind.CLIENTS: exports.clients,
    ExportKind.ORDERS: exports.orders,
    ExportKind.DEALS: export_rows.deals,
    ExportKind.TASKS: export_rows.tasks,
}


class Exporter(Worker[Due]):
    """Makes files; one cut short is made anew."""

    unknown = "export_failed"

    async def _waiting(self) -> Sequence[Due]:
        return await exports.due(self._house)

    async def _work(self, one: Due) -> None:
        await self._write(one)

    async def _fail(self, one: Due, code: str) -> None:
        await exports.finish(self._house, one.id, 0, 0, 0, code)

    async def _write(self, one: Due) -> None:
        maker = Actor(
            ActorKind.USER,
            one.maker,
            {name: reach.grant for name, reach in one.reach.items()},
            number=one.maker_number,
            department=next(iter(one.reach.values())).department,
        )
        with scratch.room() as file:
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
