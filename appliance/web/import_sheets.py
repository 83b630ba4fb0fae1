"""The file of wrong rows: what was sent, with a column that says what is wrong."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any, Final

from litestar import Response
from litestar.response import Stream

from appliance.actions import imports, scratch
from appliance.domain import import_fields
from appliance.domain.sheet_out import Csv, Sheet, add_all
from appliance.web import texts
from appliance.web.screens import Reader

SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PIECE: Final = 256 * 1024


async def wrong_rows(reader: Reader, number: int) -> Response[Any]:
    """Wrong rows in the format of the file they came in."""
    found = await imports.open_page(reader.actor, number)
    view = found.view
    known = import_fields.fields_of(view.kind, found.made)
    labels = {field.code: field.label for field in known}
    head = await imports.head(reader.actor, number)
    width = head.columns

    def cells(one: imports.WrongRow) -> Sequence[str]:
        said = texts.error(one.code, reader.language, {}).title
        field = reader._(labels[one.field]) + ": " if one.field in labels else ""
        return [*(*one.cells, *[""] * (width - len(one.cells)))[:width], field + said]

    def heading(names: Sequence[str]) -> Sequence[str]:
        return [*names, reader._("Ошибка")]

    file = scratch.room()
    sheet = Sheet(file) if view.workbook else Csv(file)
    await asyncio.to_thread(add_all, sheet, head.names, heading)
    position = 0
    while (part := await imports.wrong_rows(reader.actor, number, position)) is not None:
        await asyncio.to_thread(add_all, sheet, part, cells)
        position += 1
    await asyncio.to_thread(sheet.close)
    return download(file, f"import-{number}-wrong.{'xlsx' if view.workbook else 'csv'}")


def download(file: Any, name: str) -> Response[Any]:
    """Give a file for keeping, and close it."""

    async def pieces() -> AsyncGenerator[bytes, None]:
        try:
            await asyncio.to_thread(file.seek, 0)
            while data := await asyncio.to_thread(file.read, _PIECE):
                yield data
        finally:
            file.close()

    return Stream(
        pieces(),
        media_type=SHEET if name.endswith("xlsx") else "text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )
