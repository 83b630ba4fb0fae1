"""The act of destruction and the extract from the log: Roskomnadzor's order 179 of 28.10.2022.

Fields and their order follow the order: an act (clause 3, letters a to j of the English alphabet
for the Russian ones), and where data were processed by a machine an extract from its log besides
(clause 5). What the extract lacks has to stand in the act (clause 6); both are kept for three years
(clause 8). The texts are Russian only: they are legal documents.
"""

import csv
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from io import StringIO
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.subjects import CATEGORIES

KEEP_YEARS: Final = 3
"""Clause 8 of the order, from the destruction on."""

SETTING: Final = "acts"
PAPER_LINES: Final = 40
LONGEST: Final = 300
"""Characters of a line written by hand."""


class ActState(StrEnum):
    """How far a record of the evidence store is."""

    GATHERED = "gathered"  # what was written by hand before there is an act
    MADE = "made"  # act and extract are written; copies may still hold the person's key
    CLOSED = "closed"  # nothing holds the key any more


class ActRecord(NamedTuple):
    """A record without what is sealed in it.

    Attributes:
        id, request: id and number of the request that asked for the destruction.
        number: of the act; 0 before there is one.
        keep_until: when it ends; None before there is an act.
    """

    id: UUID
    request: int
    number: int
    state: ActState
    made_at: datetime
    keep_until: datetime | None


class Reason(StrEnum):
    """Why; the erasure ledger's word."""

    WITHDRAWAL = "withdrawal"
    DEMAND = "demand"
    UNLAWFUL = "unlawful"
    SURPLUS = "surplus"
    PURPOSE_END = "purpose_end"


REASONS: Final[Mapping[str, str]] = {
    Reason.WITHDRAWAL: "отзыв субъектом согласия на обработку персональных данных",
    Reason.DEMAND: "требование субъекта о прекращении обработки персональных данных",
    Reason.UNLAWFUL: "неправомерная обработка, правомерность которой обеспечить невозможно",
    Reason.SURPLUS: "данные получены незаконно или не нужны для заявленной цели обработки",
    Reason.PURPOSE_END: "достижение цели обработки персональных данных",
}
"""The ledger's word → letter h (и) of the act."""

METHODS: Final[Sequence[str]] = (
    "уничтожен ключ шифрования персональных данных субъекта (криптографическое уничтожение)",
    "удалены записи базы данных и вложения, зашифрованные этим ключом, и их поисковые признаки",
    "освобождённое место файлов базы данных и хранилища ключей перезаписано",
    "поисковый указатель и его снимок построены заново без субъекта",
    "значения в журнале событий удалены; сами записи журнала сохранены",
    "при восстановлении любой резервной копии уничтожение повторяется до начала работы",
)
"""Letter g (з): how the box destroys; a fixed vocabulary, as nothing else is done or left out."""

KEPT_METHODS: Final[Sequence[str]] = (
    "уничтожен ключ шифрования, под которым данные хранились отдельно по закону",
    "удалена зашифрованная запись с этими данными, место хранилища ключей перезаписано",
    "при восстановлении любой резервной копии уничтожение повторяется до начала работы",
)
"""The same of what a law kept after all else was destroyed."""

LOST_METHOD: Final = (
    "ключ шифрования был утрачен до уничтожения; в реестр он записан уничтоженным, и данных не "
    "откроет ни одна копия"
)
"""In place of the first one where there was no key left to destroy."""


def methods(*, keeps: bool, is_lost: bool) -> tuple[str, ...]:
    """How it was destroyed: what a law kept, or a person; a key that was lost is called so."""
    said = KEPT_METHODS if keeps else METHODS
    return (LOST_METHOD, *said[1:]) if is_lost else tuple(said)


class Operator(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Letters a and b: who processes; also a processor on the operator's behalf."""

    name: str = ""
    address: str = ""
    inn: str = ""


class ActPerson(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Letter d (г): who destroyed. `part`: asked, approved."""

    name: str
    post: str
    part: str
    at: str = ""


class PaperLine(msgspec.Struct, frozen=True, kw_only=True):
    """Letter f (е): a medium that is not electronic; written by hand.

    Attributes:
        name: what it is.
        sheets: how many.
    """

    name: str
    sheets: int


class DataCategory(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Letter e (д): what kind of data. `count`: values of it."""

    code: str
    name: str
    count: int = 0


class ActSettings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Setting `SETTING`: what the acts say of the firm.

    Attributes:
        system: name of the information system; empty: `Коробка` with the box's name.
        processors: to whom processing was entrusted.
    """

    system: str = ""
    processors: tuple[Operator, ...] = ()


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """An act, frozen as it was made.

    Attributes:
        korobka_act: format; first, so that a signed act is never read as a checkpoint.
        subject: letter c: initials and number, or the full name, as the rules said.
        subject_id: the pseudonym under which the log knows the person.
        systems: letter g: from where; copies are named as well.
        destroyed_at: letter j: when the job was complete, not when it was decided.
        stays: what is kept without a name, and why.
        kept: what of the person a law keeps, under another key and shown to nobody: what, by which
            norm, to which day; one line for each hold. Its own act follows on that day.
        ledger: number in the erasure ledger.
    """

    korobka_act: int = 1
    number: int
    request: int
    made_at: str
    operator: Operator
    processors: tuple[Operator, ...]
    subject: str
    subject_id: str
    persons: tuple[ActPerson, ...]
    categories: tuple[DataCategory, ...]
    papers: tuple[PaperLine, ...]
    systems: tuple[str, ...]
    methods: tuple[str, ...]
    reason: str
    norm: str
    destroyed_at: str
    ledger: int
    stays: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    box: str = ""


class ExtractEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One deed as the log holds it, with the way from its leaf to the root.

    Attributes:
        seq: number in the log, from 1.
        leaf: the very bytes that were hashed, as text.
        proof: hashes in hex, from the leaf's sibling up (RFC 9162, section 2.1.3).
    """

    seq: int
    at: str
    action: str
    who: str
    result: str
    leaf: str
    leaf_hash: str
    proof: tuple[str, ...]


class Extract(msgspec.Struct, frozen=True, kw_only=True):
    """The extract from the log (clause 5): letters a to e, then the deeds and their proofs.

    Attributes:
        size, root: of the tree that the proofs lead to.
        checkpoint: the signed note that says the same.
        public_key: Ed25519 key of the note, hex.
    """

    korobka_extract: int = 1
    act: int
    subject: str
    subject_id: str
    categories: tuple[DataCategory, ...]
    system: str
    reason: str
    norm: str
    destroyed_at: str
    entries: tuple[ExtractEntry, ...]
    size: int
    root: str
    checkpoint: str
    public_key: str
    how_to_check: str = (
        "leaf_hash = SHA-256(00 | leaf); node = SHA-256(01 | left | right); RFC 9162, 2.1.3.2: "
        "the proof leads from leaf_hash at index seq - 1 of a tree of `size` leaves to `root`; "
        "`checkpoint` is a signed note (C2SP) of size and root"
    )


def term(destroyed_at: datetime) -> datetime:
    """Until when act and extract are kept: three years to the day, never less."""
    year = destroyed_at.year + KEEP_YEARS
    try:
        return destroyed_at.replace(year=year)
    except ValueError:  # 29 February
        return destroyed_at.replace(year=year, month=3, day=1)


def named(cells: Mapping[str, int], fields: Mapping[str, str]) -> tuple[DataCategory, ...]:
    """Categories in words, in the order of the vocabulary, operator's own fields last.

    Args:
        cells: category → values; `custom:<code>` for a field the operator made.
        fields: code of such a field → its name.
    """
    known = [code for code in CATEGORIES if code in cells]
    other = sorted(code for code in cells if code not in CATEGORIES)
    found: list[DataCategory] = []
    for code in (*known, *other):
        head, _, tail = code.partition(":")
        name = f"поле «{fields.get(tail, tail)}»" if head == "custom" else CATEGORIES.get(code)
        found.append(DataCategory(code=code, name=name or code, count=cells[code]))
    return tuple(found)


def norm_in_words(norm: str) -> str:
    """`21.5.1` is part 5.1 of article 21; several are parted by commas."""
    parts = [one.strip().partition(".") for one in norm.split(",")]
    listed = ", ".join(f"ч. {part} ст. {article}" for article, _, part in parts)
    return f"{listed} Федерального закона от 27.07.2006 № 152-ФЗ"


def lacking(act: Act) -> tuple[str, ...]:
    """What clause 3 asks for and the box does not know: to be filled in by hand."""
    gaps = {
        "operator": not act.operator.name,
        "address": not act.operator.address,
        "persons": not act.persons or any(not one.post for one in act.persons),
        "categories": not act.categories,
    }
    return tuple(name for name, is_missing in gaps.items() if is_missing)


def table_of(extract: Extract) -> bytes:
    """The extract for a spreadsheet: UTF-8 with a mark, semicolons, clause 5 on top."""
    out = StringIO()
    write = csv.writer(out, delimiter=";", lineterminator="\r\n").writerow
    write(["Акт №", extract.act])
    write(["Субъект", extract.subject])
    write(["Категории", ", ".join(one.name for one in extract.categories)])
    write(["Информационная система", extract.system])
    write(["Причина", f"{extract.reason} ({extract.norm})"])
    write(["Дата уничтожения", extract.destroyed_at])
    write(["Размер журнала", extract.size])
    write(["Корень", extract.root])
    write([])
    write(["№ записи", "Время", "Действие", "Кто", "Итог", "Хеш записи", "Доказательство"])
    for one in extract.entries:
        proof = " ".join(one.proof)
        write([one.seq, one.at, one.action, one.who, one.result, one.leaf_hash, proof])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


GAP: Final = timedelta(days=45)
"""A sweep comes every day: a longer leap is a clock that was set, or a box that was off."""

PATIENCE: Final = timedelta(days=30)
"""After such a leap nothing is erased for so long: a wrong clock is found by then."""


def leapt(before: datetime, now: datetime) -> bool:
    """Whether the clock moved between two sweeps as no clock does by itself."""
    return not -timedelta(days=1) <= now - before <= GAP


SCAN: Final = "scan-"
LONGEST_SCAN: Final = 5 << 20
"""Bytes of a scan: some pages in shades of grey."""

MOST_SCANS: Final = 20
_SCANS: Final = ((b"%PDF-", "pdf"), (b"\xff\xd8\xff", "jpg"), (b"\x89PNG\r\n\x1a\n", "png"))


def scan_kind(data: bytes) -> str | None:
    """End of the name that fits a scan, by what it begins with; None: it is none."""
    return next((kind for begins, kind in _SCANS if data.startswith(begins)), None)
