"""Writing tables for people: XLSX and CSV row by row, with nothing a spreadsheet would run."""

import csv
import io
import re
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol, TypeVar

import xlsxwriter

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
    """XLSX in constant memory; texts stay texts, numbers numbers."""

    def __init__(
        self, file: Any, header: str = "", properties: dict[str, str] | None = None
    ) -> None:
        self._book = xlsxwriter.Workbook(
            file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        self._book.set_properties(properties or {})
        self._sheet = self._book.add_worksheet()
        if header:
            self._sheet.set_header(f"&L{header.replace('&', '&&')}")
        self._at = 0

    def add(self, cells: Sequence[str | int | float]) -> None:
        """Write one row."""
        for place, cell in enumerate(cells):
            if isinstance(cell, str):
                self._sheet.write_string(self._at, place, harmless(cell)[:32_767])
            else:
                self._sheet.write_number(self._at, place, cell)
        self._at += 1

    def close(self) -> None:
        """Finish the file."""
        self._book.close()


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
