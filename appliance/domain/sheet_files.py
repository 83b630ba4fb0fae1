"""Tables as people send them: XLSX, or CSV as Excel, 1C and shops write it."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import BinaryIO, Final, NamedTuple

from appliance.domain import workbooks
from appliance.errors import Invalid

MOST_BYTES: Final = 40 * 1024 * 1024
MOST_ROWS: Final = 300_000
MOST_COLUMNS: Final = 200
MOST_CELL: Final = workbooks.MOST_CELL
MOST_ABOVE: Final = 20
"""Rows in which the head is looked for."""
FEWEST_HEADINGS: Final = 3
_HEAD: Final = 64 * 1024
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_LETTERS: Final = frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюяё")
_ODD: Final = frozenset("ЂЃѓЉЊЌЋЏђљњќћџЎўЈҐЄЇІіґєјЅѕї¤¦§©«¬®°±¶·»")
"""What cp1251 makes of bytes that are no Russian text: a few are letters, most are not."""


class Row(NamedTuple):
    """A row as it stands in the file; the first row of a file is its head."""

    number: int
    cells: list[str]


def rows(file: BinaryIO) -> Iterator[Row]:
    """Rows of a file, the head first, blank ones left out; only its beginning is held.

    What stands above the head (the name and the day of a price list) is left out, too.

    Raises:
        Invalid: `table_empty`, `table_unreadable`, `file_old_excel`, `file_wrong_encoding`,
            `file_bomb`, `file_protected`, `file_too_wide`, `file_too_many_rows`.
    """
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(0)
    if not head.strip():
        raise Invalid("table_empty")
    if head.startswith(_OLD_EXCEL):
        raise Invalid("file_old_excel")
    found = workbooks.rows(file, MOST_COLUMNS) if workbooks.is_workbook(head) else _csv(file, head)
    count = -1
    for number, cells in _from_head(one for one in found if any(one[1])):
        count += 1
        if count > MOST_ROWS:
            raise Invalid("file_too_many_rows", most=MOST_ROWS)
        if len(cells) > MOST_COLUMNS:
            raise Invalid("file_too_wide", most=MOST_COLUMNS)
        yield Row(number, cells)
    if count < 1:
        raise Invalid("table_empty")


def _from_head(found: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """The rows from the head on: a list may begin with a title of a cell or two."""
    first = list(islice(found, MOST_ABOVE))
    head = 0
    if first and (title := _filled(first[0][1])) < FEWEST_HEADINGS:
        wide = (
            place
            for place, (_, cells) in enumerate(first)
            if _filled(cells) >= max(FEWEST_HEADINGS, title + 2) and _are_words(cells)
        )
        head = next(wide, 0)
    yield from first[head:]
    yield from found


def _filled(cells: Sequence[str]) -> int:
    return sum(bool(cell) for cell in cells)


def _are_words(cells: Sequence[str]) -> bool:
    return all(any(sign.isalpha() or sign == "№" for sign in cell) for cell in cells if cell)


def is_workbook(file: BinaryIO) -> bool:
    """Whether the file is XLSX, so that what comes back of it is XLSX, too."""
    file.seek(0)
    return workbooks.is_workbook(file.read(4))


def _csv(file: BinaryIO, head: bytes) -> Iterator[tuple[int, list[str]]]:
    encoding = encoding_of(head)
    sample = head.decode(encoding, errors="ignore")
    divider = _divider(sample)
    # errors="replace": one bad byte in the middle spoils a cell, not the file.
    text = io.TextIOWrapper(file, encoding, errors="replace", newline="")
    try:
        reader = csv.reader(text, delimiter=divider)
        for cells in reader:
            yield reader.line_num, [cell.strip()[:MOST_CELL] for cell in cells]
    except csv.Error:
        raise Invalid("table_unreadable") from None
    finally:
        text.detach()  # the file is the caller's


def encoding_of(head: bytes) -> str:
    """UTF-8 with or without a mark, or Windows-1251.

    Raises:
        Invalid: `table_unreadable` for bytes of no text, `file_wrong_encoding` for another one.
    """
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Invalid("file_wrong_encoding")
    if b"\0" in head:
        raise Invalid("table_unreadable")  # a picture, an archive: not what this reads
    try:
        codecs.getincrementaldecoder("utf-8-sig")().decode(head)
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8-sig"
    text = head.decode("cp1251", errors="replace")
    beyond = [sign for sign in text if ord(sign) > 127]
    letters = sum(sign.lower() in _LETTERS for sign in beyond)
    odd = sum(sign in _ODD or sign == "\ufffd" for sign in beyond)
    # Russian in cp1251 is small letters; in KOI8-R the same bytes are capitals, in cp866 signs.
    small = sum(sign in _LETTERS for sign in beyond)
    if letters < 0.6 * len(beyond) or odd > 0.2 * len(beyond) or small * 3 < letters:
        raise Invalid("file_wrong_encoding")
    return "cp1251"


def _divider(sample: str) -> str:
    """Semicolon, tab or comma: whichever parts the head.

    Raises:
        Invalid: `table_unreadable`: none of them does, and there is more than one word in it.
    """
    head = next((line for line in sample.splitlines() if line.strip()), "")
    divider = max(";\t,", key=head.count)
    if head.count(divider):
        return divider
    if len(head) > 100 or "<" in head or "{" in head:
        raise Invalid("table_unreadable")
    return ";"  # one column: a list of phones is a table, too
