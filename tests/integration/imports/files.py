"""Invented tables, and an import of one from the file to its end."""

import io
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter

from appliance.actions import imports
from appliance.domain import sheet_files
from appliance.domain.access import Actor
from appliance.domain.import_fields import guess
from appliance.domain.imports import ImportKind, ImportView, Match, Plan, Sample
from appliance.domain.personal import Personal
from appliance.domain.privacy import LegalBasis
from appliance.jobs.imports import Importer
from tests.house_fixture import TestHouse

ZONE = ZoneInfo("Europe/Moscow")
PIECE = 64 * 1024
PEOPLE = ("Фамилия", "Имя", "Телефон", "E-mail", "Дата рождения", "Любимый цвет")


def people(count: int, start: int = 0) -> list[Sequence[Any]]:
    """A table of invented people with its head."""
    return [
        PEOPLE,
        *(
            (f"Придуманов{n}", "Пётр", f"+7912{n:07}", f"p{n}@example.ru", "21.11.1980", "синий")
            for n in range(start, start + count)
        ),
    ]


def workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    """The rows as XLSX."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    return file.getvalue()


def csv_text(rows: Sequence[Sequence[Any]], divider: str = ";") -> str:
    """The rows as CSV."""
    return "\r\n".join(divider.join(str(cell) for cell in row) for row in rows)


async def upload(
    actor: Actor, data: bytes, kind: ImportKind = ImportKind.CLIENTS, name: str = "люди.xlsx"
) -> int:
    """Hand a file over, as the page does."""
    file = io.BytesIO(data)
    head, *rows = list(sheet_files.rows(file))[:4]
    sample = Sample(head=tuple(head.cells), rows=tuple(tuple(row.cells) for row in rows))
    number = await imports.begin(
        actor, kind, name, len(data), Personal(sample), workbook=sheet_files.is_workbook(file)
    )
    for position, start in enumerate(range(0, len(data), PIECE)):
        await imports.put_piece(actor, number, position, Personal(data[start : start + PIECE]))
    return number


def plan(head: Sequence[str], kind: ImportKind = ImportKind.CLIENTS, **given: Any) -> Plan:
    """Columns as they are guessed, with basis and source."""
    values = {"basis": LegalBasis.CONTRACT, "source": "выставка", "match": Match.UPDATE}
    return Plan(**({"columns": guess(kind, head)} | values | given))


async def work(house: TestHouse) -> None:
    """Let the house go on until nothing is left to do."""
    await Importer(house.system, ZONE).run()


async def view(house: TestHouse, number: int) -> ImportView:
    return (await imports.open_page(house.actor_for("head"), number)).view


async def whole(
    house: TestHouse,
    rows: Sequence[Sequence[Any]],
    kind: ImportKind = ImportKind.CLIENTS,
    **given: Any,
) -> ImportView:
    """Import a table from its file to the end."""
    head = house.actor_for("head")
    number = await upload(head, workbook(rows), kind)
    await imports.pair(head, number, plan(rows[0], kind, **given))
    await work(house)
    await imports.start(head, number)
    await work(house)
    return await view(house, number)
