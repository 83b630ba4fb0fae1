"""Reading the first sheet of an XLSX file row by row, without ever holding the sheet.

Only what a table needs: values as texts. The XML is read by expat with document types refused, so
nothing expands; sizes are looked at in the archive's directory before anything is unpacked, and
`zipfile` gives no more of a member than its directory names.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import BinaryIO, Final
from xml.parsers import expat

from appliance.errors import Invalid

MOST_UNPACKED: Final = 600 * 1024 * 1024
"""Bytes of the parts together: 100 000 rows of 40 columns take about a third of it."""
MOST_STRINGS: Final = 96 * 1024 * 1024
"""Bytes of the shared texts: the only part that is kept whole."""
MOST_RATIO: Final = 250
"""Unpacked to packed: sheets of real offices stay under 60, bombs begin at 1000."""
MOST_MEMBERS: Final = 2000
MOST_CELL: Final = 32_767
"""Characters of a cell: Excel's own limit."""

_PIECE: Final = 256 * 1024
_BUILT_IN_DATES: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_LETTERS = re.compile(r"\[[^\]]*\]|\"[^\"]*\"|\\.|_.")
_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a cell's date has no zone
_SHIFT_1904: Final = 1462


def is_workbook(head: bytes) -> bool:
    """Whether a file begins as an archive does."""
    return head.startswith(b"PK\x03\x04")


def rows(file: BinaryIO, most_columns: int) -> Iterator[tuple[int, list[str]]]:
    """Rows of the first sheet that hold anything: (number in the file, cells).

    Raises:
        Invalid: `file_bomb`, `table_unreadable`, `file_too_wide`, `file_protected`.
    """
    try:
        archive = zipfile.ZipFile(file)
        _check_sizes(archive)
        sheet = _first_sheet(archive)
        strings = _strings(archive)
        dates, shift = _date_styles(archive), _shift(archive)
        yield from _sheet_rows(archive, sheet, strings, dates, shift, most_columns)
    except (zipfile.BadZipFile, expat.ExpatError, KeyError, IndexError, ValueError, EOFError):
        raise Invalid("table_unreadable") from None
    except (NotImplementedError, RuntimeError):  # an unknown packing; a password
        raise Invalid("file_protected") from None


def _check_sizes(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    unpacked = sum(one.file_size for one in members)
    packed = sum(one.compress_size for one in members)
    strings = sum(one.file_size for one in members if one.filename.endswith("sharedStrings.xml"))
    swollen = unpacked > 8 * 1024 * 1024 and unpacked > MOST_RATIO * max(packed, 1)
    if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED or swollen or strings > MOST_STRINGS:
        raise Invalid("file_bomb")


class _Reader:
    """Feeds a part of the archive to expat piece by piece."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text

    def _refuse(self, *_: object) -> None:
        raise Invalid("table_unreadable")  # no office writes a document type; bombs do

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, data: str) -> None:
        """Characters."""

    def feed(self, archive: zipfile.ZipFile, name: str) -> Iterator[None]:
        """Read the part; a step for each piece."""
        with archive.open(name) as part:
            while data := part.read(_PIECE):
                self.parser.Parse(data, False)
                yield
        self.parser.Parse(b"", True)
        yield


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


class _Attributes(_Reader):
    """Collects the attributes of all elements of some names, in order."""

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.names = names
        self.found: list[tuple[str, dict[str, str]]] = []
        self.path: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = _local(name)
        if local in self.names:
            inside = self.path[-1] if self.path else ""
            plain = {_local(key): value for key, value in attributes.items()}
            self.found.append((f"{inside}/{local}", plain))
        self.path.append(local)

    def end(self, name: str) -> None:
        self.path.pop()


def _attributes(
    archive: zipfile.ZipFile, part: str, *names: str
) -> list[tuple[str, dict[str, str]]]:
    reader = _Attributes(*names)
    for _ in reader.feed(archive, part):
        pass
    return reader.found


def _first_sheet(archive: zipfile.ZipFile) -> str:
    """The part that holds the first sheet that is not hidden."""
    book = "xl/workbook.xml"
    links = {
        one["Id"]: one["Target"]
        for _, one in _attributes(archive, "xl/_rels/workbook.xml.rels", "Relationship")
    }
    sheets = [one for _, one in _attributes(archive, book, "sheet")]
    shown = [one for one in sheets if one.get("state", "visible") == "visible"] or sheets
    target = links[shown[0]["id"]]
    return target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)


def _shift(archive: zipfile.ZipFile) -> int:
    found = _attributes(archive, "xl/workbook.xml", "workbookPr")
    return _SHIFT_1904 if found and found[0][1].get("date1904") in {"1", "true"} else 0


def _date_styles(archive: zipfile.ZipFile) -> frozenset[int]:
    """Numbers of the cell styles that show a date or a time."""
    if "xl/styles.xml" not in archive.namelist():
        return frozenset()
    found = _attributes(archive, "xl/styles.xml", "numFmt", "xf")
    custom = {
        int(one["numFmtId"])
        for where, one in found
        if where == "numFmts/numFmt" and _is_date_format(one.get("formatCode", ""))
    }
    styles = [int(one.get("numFmtId", "0")) for where, one in found if where == "cellXfs/xf"]
    dates = custom | _BUILT_IN_DATES
    return frozenset(place for place, kind in enumerate(styles) if kind in dates)


def _is_date_format(code: str) -> bool:
    return bool(set(_LETTERS.sub("", code).lower().partition(";")[0]) & set("dmyhs"))


class _Strings(_Reader):
    """Shared texts; of a rich one its runs together, without what is said above it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._parts: list[str] = []
        self._reads = False
        self._phonetic = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match _local(name):
            case "si":
                self._parts = []
            case "rPh":
                self._phonetic += 1
            case "t":
                self._reads = not self._phonetic
            case _:
                pass

    def text(self, data: str) -> None:
        if self._reads:
            self._parts.append(data)

    def end(self, name: str) -> None:
        match _local(name):
            case "si":
                self.found.append("".join(self._parts)[:MOST_CELL])
            case "rPh":
                self._phonetic -= 1
            case "t":
                self._reads = False
            case _:
                pass


def _strings(archive: zipfile.ZipFile) -> list[str]:
    part = "xl/sharedStrings.xml"
    if part not in archive.namelist():
        return []
    reader = _Strings()
    for _ in reader.feed(archive, part):
        pass
    return reader.found


class _Sheet(_Reader):
    """Cells of a sheet, a row at a time."""

    def __init__(
        self, strings: list[str], dates: frozenset[int], shift: int, most_columns: int
    ) -> None:
        super().__init__()
        self.ready: list[tuple[int, list[str]]] = []
        self._strings, self._dates, self._shift = strings, dates, shift
        self._most = most_columns
        self._number = 0
        self._cells: list[str] = []
        self._column = -1
        self._kind, self._style = "", 0
        self._text: list[str] = []
        self._reads = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match _local(name):
            case "c":
                self._begin_cell(attributes)
            case "v" | "t":
                self._reads = True
            case "row":
                self._number = int(attributes.get("r", self._number + 1))
                self._cells, self._column = [], -1
            case _:
                pass

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r", "")
        self._column = _column_of(place) if place else self._column + 1
        if self._column >= self._most:
            raise Invalid("file_too_wide", most=self._most)
        self._kind = attributes.get("t", "n")
        self._style = int(attributes.get("s", "0"))
        self._text = []

    def text(self, data: str) -> None:
        if self._reads:
            self._text.append(data)

    def end(self, name: str) -> None:
        match _local(name):
            case "v" | "t":
                self._reads = False
            case "c":
                value = self._value("".join(self._text))
                if value:
                    cells = self._cells
                    cells += [""] * (self._column - len(cells))
                    cells.append(value)
            case "row":
                if self._cells:
                    self.ready.append((self._number, self._cells))
            case _:
                pass

    def _value(self, text: str) -> str:
        match self._kind:
            case "s":
                return self._strings[int(text)].strip() if text else ""
            case "n":
                return self._figure(text) if text else ""
            case "b":
                return "да" if text == "1" else "нет"
            case "e":
                return ""  # #N/A and its like: no value
            case _:
                return text.strip()[:MOST_CELL]

    def _figure(self, text: str) -> str:
        if self._style in self._dates:
            return _moment(float(text) + self._shift)
        if text.isascii() and text.isdigit():
            return text
        value = float(text)
        if value == int(value) and abs(value) < 10**15:
            return str(int(value))
        return repr(round(value, 9)) if abs(value) < 10**9 else text


def _column_of(place: str) -> int:
    column = 0
    for letter in place:
        if not "A" <= letter <= "Z":
            break
        column = column * 26 + ord(letter) - 64
    return column - 1


def _moment(days: float) -> str:
    if not 0 <= days < 2_958_466:  # the year 10000
        return ""
    when = _EPOCH + timedelta(seconds=round(days * 86_400))
    if days < 1:
        return when.strftime("%H:%M:%S")
    return when.date().isoformat() if days == int(days) else when.isoformat(" ")


def _sheet_rows(
    archive: zipfile.ZipFile,
    sheet: str,
    strings: list[str],
    dates: frozenset[int],
    shift: int,
    most_columns: int,
) -> Iterator[tuple[int, list[str]]]:
    reader = _Sheet(strings, dates, shift, most_columns)
    for _ in reader.feed(archive, sheet):
        ready, reader.ready = reader.ready, []
        yield from ready
