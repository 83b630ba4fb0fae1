"""Bank statements as every Russian bank gives them out: the text format 1CClientBankExchange."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import BinaryIO, Final

import msgspec

from appliance.errors import Invalid

FIRST: Final = "1CClientBankExchange"
"""The first line of every such file."""
MOST_BYTES: Final = 64 * 1024 * 1024
MOST_DOCUMENTS: Final = 100_000
MOST_AMOUNT: Final = 10**13
"""Kopecks; more is a broken line."""
LONGEST: Final = 4000
"""Characters of a value; a bank's purpose has 210."""
_LOOK: Final = 64 * 1024
_KNOWN: Final = "ВерсияФормата"
_SUM: Final = re.compile(r"\d{1,13}(?:[.,]\d{1,2})?\Z")
_DAY: Final = re.compile(r"(\d{2})\.(\d{2})\.(\d{4})\Z")


class BankDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One document of a statement, as the bank wrote it.

    Attributes:
        line: number of its first line in the file.
        number: as the payer's bank numbers it; not unique by itself.
        day: on which the money came, else of the document.
        amount: kopecks.
        incoming: the money came to an account that the statement is about.
        problem: code of what could not be read; the rest is then as far as it could be.
    """

    line: int
    number: str = ""
    day: date | None = None
    amount: int = 0
    payer: str = ""
    payer_inn: str = ""
    payer_account: str = ""
    account: str = ""
    purpose: str = ""
    incoming: bool = True
    problem: str = ""


def encoding_of(file: BinaryIO) -> str:
    """Which of the three encodings a file is in.

    The file's own word for it (`Кодировка=Windows|DOS`) is often wrong: what can be read decides.

    Raises:
        Invalid: `statement_unreadable`: it is no such file.
    """
    file.seek(0)
    start = file.read(_LOOK)
    file.seek(0)
    # A character of UTF-8 may be cut in two at the end of what was read.
    for name, text in (
        ("utf-8-sig", start.decode("utf-8-sig", "ignore")),
        ("cp1251", start.decode("cp1251", "replace")),
        ("cp866", start.decode("cp866", "replace")),
    ):
        if text.lstrip().startswith(FIRST) and _KNOWN in text:
            return name
    raise Invalid("statement_unreadable")


def lines_of(file: BinaryIO) -> Iterator[str]:
    """Lines of a file, one after another; never the whole of it.

    Raises:
        Invalid: `statement_unreadable`.
    """
    name = encoding_of(file)
    for raw in file:
        yield raw.decode(name, "replace").rstrip("\r\n")


def documents(lines: Iterable[str]) -> Iterator[BankDocument]:
    """Documents of a statement in their order; a broken one says what is wrong with it.

    Raises:
        Invalid: `statement_cut`: the file ends in the middle; `statement_too_long`.
    """
    reader = _Reader()
    count = 0
    for number, line in enumerate(lines, 1):
        found = reader.take(number, line)
        if found is not None:
            count += 1
            if count > MOST_DOCUMENTS:
                raise Invalid("statement_too_long", most=MOST_DOCUMENTS)
            yield found
    if not reader.whole:
        raise Invalid("statement_cut")


class _Reader:
    """Remembers where in the file it is.

    Attributes:
        whole: the end of the file was met.
        accounts: those that the statement is about.
    """

    def __init__(self) -> None:
        self.whole = False
        self.accounts: set[str] = set()
        self._fields: dict[str, str] | None = None
        self._line = 0

    def take(self, number: int, line: str) -> BankDocument | None:
        """Read one line; a document where it was the last one of it."""
        key, _, value = line.partition("=")
        key, value = key.strip(), value.strip()[:LONGEST]
        if key == "КонецФайла":
            self.whole = True
        elif key == "СекцияДокумент":
            self._fields, self._line = {}, number
        elif key == "КонецДокумента" and self._fields is not None:
            fields, self._fields = self._fields, None
            return _document(self._line, fields, self.accounts)
        elif self._fields is not None:
            self._fields.setdefault(key, value)
        elif key == "РасчСчет" and value:
            self.accounts.add(value)
        return None


def _document(line: int, fields: Mapping[str, str], accounts: set[str]) -> BankDocument:
    def said(*names: str) -> str:
        return next((fields[name] for name in names if fields.get(name)), "")

    to, came = said("ПолучательСчет", "ПолучательРасчСчет"), said("ДатаПоступило")
    amount, day = kopecks_of(said("Сумма")), day_of(came or said("ДатаСписано", "Дата"))
    parts = [said("НазначениеПлатежа")]
    for place in range(1, 7):
        part = fields.get(f"НазначениеПлатежа{place}", "")
        if part and part not in parts[0]:  # some banks give both the whole and its pieces
            parts.append(part)
    problem = "" if day is not None else "statement_day"
    return BankDocument(
        line=line,
        number=said("Номер")[:64],
        day=day,
        amount=amount or 0,
        payer=_name(said("Плательщик1", "Плательщик")),
        payer_inn=said("ПлательщикИНН"),
        payer_account=said("ПлательщикСчет", "ПлательщикРасчСчет"),
        account=to,
        purpose=" ".join(" ".join(parts).split()),
        # A statement that names no account of its own tells by the day on which the money came.
        incoming=to in accounts if accounts else bool(came),
        problem=problem if amount else "statement_sum",
    )


def _name(text: str) -> str:
    """A payer's name without the INN that banks put before it."""
    return re.sub(r"^ИНН\s*\d*\s*", "", text).strip()[:300]


def kopecks_of(text: str) -> int | None:
    """A sum of the file; None for one that is no sum, or none above zero.

    >>> kopecks_of("1500.5"), kopecks_of("12,00"), kopecks_of("-3"), kopecks_of("0")
    (150050, 1200, None, None)
    """
    bare = text.replace(" ", "").replace("\u00a0", "")
    if not _SUM.match(bare):
        return None
    whole, _, rest = bare.replace(",", ".").partition(".")
    kopecks = int(whole) * 100 + int(rest.ljust(2, "0") or "0")
    return kopecks if 0 < kopecks <= MOST_AMOUNT else None


def day_of(text: str) -> date | None:
    """A day of the file, `DD.MM.YYYY`; None for what is none."""
    found = _DAY.match(text)
    if found is None:
        return None
    try:
        return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None
