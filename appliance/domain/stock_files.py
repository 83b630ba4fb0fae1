"""Reading a file of stock: CSV as Excel, 1C and shops write it."""

import csv
from collections.abc import Sequence

from appliance.domain import inputs
from appliance.domain.stockroom import MOST_LINES, MOST_MILLI, FileLine
from appliance.errors import Invalid

MOST_BYTES = 1_500_000
_CODE = ("штрихкод", "артикул", "код", "sku", "barcode", "article")
_QUANTITY = ("количество", "кол-во", "остаток", "остатки", "quantity", "stock", "qty")
_PRICE = ("цена", "закупка", "себестоимость", "price", "cost")


def read(data: bytes) -> list[FileLine]:
    """Lines of a CSV file: code (barcode or article), quantity, and a price if there is one.

    UTF-8 with or without a mark, or Windows-1251; divided by semicolons, tabs or commas. A head
    that names the columns decides their order; without one they stand in the order above.

    Raises:
        Invalid: `file_empty`, `file_too_large`, `file_not_table`; `file_row` with the number of
            the row that cannot be read.
    """
    if not data.strip():
        raise Invalid("file_empty")
    if len(data) > MOST_BYTES:
        raise Invalid("file_too_large")
    rows = _rows(_text(data))
    if not rows:
        raise Invalid("file_empty")
    columns, first = _columns(rows[0][1])
    found: list[FileLine] = []
    for number, cells in rows[first:]:
        found.append(_line(number, cells, columns))
    if not found:
        raise Invalid("file_empty")
    if len(found) > MOST_LINES:
        raise Invalid("document_too_long", most=MOST_LINES)
    return found


def _text(data: bytes) -> str:
    if b"\0" in data:
        raise Invalid("file_not_table")  # a workbook, a picture: not what this reads
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1251", errors="replace")


def _rows(text: str) -> list[tuple[int, list[str]]]:
    head = text.split("\n", 1)[0]
    divider = max(";\t,", key=head.count)
    if not head.count(divider):
        raise Invalid("file_not_table")
    try:
        rows = list(csv.reader(text.splitlines(), delimiter=divider))
    except csv.Error:
        raise Invalid("file_not_table") from None
    return [
        (number, [cell.strip() for cell in cells])
        for number, cells in enumerate(rows, 1)
        if any(cell.strip() for cell in cells)
    ]


def _columns(head: Sequence[str]) -> tuple[tuple[int, int, int | None], int]:
    """Places of code, quantity and price, and the first row of data."""
    words = [cell.lower() for cell in head]

    def place(names: Sequence[str]) -> int | None:
        return next(
            (at for name in names for at, word in enumerate(words) if word.startswith(name)), None
        )

    code, quantity = place(_CODE), place(_QUANTITY)
    if code is None or quantity is None:
        return (0, 1, 2), 0
    return (code, quantity, place(_PRICE)), 1


def _line(number: int, cells: Sequence[str], columns: tuple[int, int, int | None]) -> FileLine:
    code, quantity, price = columns
    try:
        milli = inputs.quantity(cells[quantity])
        cost = None
        if price is not None and price < len(cells) and cells[price]:
            cost = inputs.money(cells[price])
    except (Invalid, IndexError):
        raise Invalid("file_row", row=number) from None
    if milli < 0 or milli > MOST_MILLI or (cost or 0) < 0 or not cells[code]:
        raise Invalid("file_row", row=number)
    return FileLine(row=number, code=cells[code][:255], quantity_milli=milli, price=cost)
