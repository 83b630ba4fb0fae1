"""Writing tables for people: XLSX and CSV row by row, with nothing a spreadsheet would run."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final, Protocol, TypeVar

from appliance.domain import sheet_parts
from appliance.domain.personal import Personal

T = TypeVar("T")
_FIGURES: Final = re.compile(r"[+-]?[0-9\s().,•;-]+")
"""Phones and numbers: nothing a spreadsheet could run."""
_RISKY: Final = ("=", "+", "-", "@", "\t", "\r")


class Writer(Protocol):
    """A table on its way out."""

    def add(self, cells: Sequence[str | int | float]) -> None: ...

    def close(self) -> None: ...


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula.

    >>> harmless("=1+1")
    "'=1+1"
    """
    risky = text.startswith(_RISKY) and not _FIGURES.fullmatch(text)
    return f"'{text}" if risky else text


def add_all(
    writer: Writer, rows: Personal[list[T]], cells: Callable[[T], Sequence[str | int | float]]
) -> int:
    """Write rows about people: here they leave their wrapper, for a file that was asked for."""
    plain = rows.reveal()
    for row in plain:
        writer.add(cells(row))
    return len(plain)


class Sheet:
    """XLSX in little memory; texts stay texts, numbers numbers.

    Rows go straight into the archive: no part of a table waits in a file of its own, where it
    would lie on the disk to be read.
    """

    def __init__(
        self, file: Any, header: str = "", properties: dict[str, str] | None = None
    ) -> None:
        self._archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self._header, self._properties = header, properties or {}
        self._sheet = self._archive.open(sheet_parts.SHEET, "w", force_zip64=True)
        self._sheet.write(sheet_parts.BEGINNING.encode())
        self._at = 0

    def add(self, cells: Sequence[str | int | float]) -> None:
        """Write one row."""
        self._at += 1
        shown = "".join(_cell(f"{_column(at)}{self._at}", one) for at, one in enumerate(cells))
        self._sheet.write(f'<row r="{self._at}">{shown}</row>'.encode())

    def close(self) -> None:
        """Finish the file."""
        self._sheet.write(sheet_parts.ending(self._header).encode())
        self._sheet.close()
        for name, body in sheet_parts.others(self._properties).items():
            self._archive.writestr(name, body)
        self._archive.close()


MOST_CELL: Final = 32_767
"""Characters of a cell: Excel's own limit."""


@cache
def _column(place: int) -> str:
    """A column as sheets call it: 0 is A, 26 is AA."""
    return (_column(place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)


def _cell(place: str, value: str | int | float) -> str:
    if not isinstance(value, str):
        return f'<c r="{place}"><v>{value!r}</v></c>'
    if not value:
        return ""
    said = sheet_parts.text(harmless(value)[:MOST_CELL])
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{said}</t></is></c>'


class Csv:
    """CSV as Russian Excel opens it: UTF-8 with a mark, semicolons, commas in numbers."""

    def __init__(self, file: Any) -> None:
        self._file = file
        file.write(b"\xef\xbb\xbf")

    def add(self, cells: Sequence[str | int | float]) -> None:
        """Write one row."""
        line = io.StringIO()
        csv.writer(line, delimiter=";").writerow(
            [
                harmless(cell) if isinstance(cell, str) else str(cell).replace(".", ",")
                for cell in cells
            ]
        )
        self._file.write(line.getvalue().encode())

    def close(self) -> None:
        """Nothing is left to do."""
