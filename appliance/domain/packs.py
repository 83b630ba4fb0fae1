"""A pack for an inspection: registers as tables, acts, the box's own facts, signed as a whole.

Clients stand in it by number only; colleagues by name, as the access list has to name them.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from importlib.metadata import distributions
from io import StringIO
from typing import Final, NamedTuple

import msgspec

LONGEST_RECEIVER: Final = 200
MOST_ROWS: Final = 100_000
"""Rows of one register: a sheet of a table program holds ten times as many."""

MANIFEST: Final = "pack.json"
_FORMULA: Final = ("=", "+", "-", "@", "\t")


class Register(NamedTuple):
    """One table.

    Attributes:
        name: of the file, without its end.
        heads: column headings, Russian: an inspector reads them.
        cut: more rows exist than `MOST_ROWS`; the newest are here.
    """

    name: str
    heads: Sequence[str]
    rows: Sequence[Sequence[object]]
    cut: bool = False


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What is in the pack, for whom; signed by the box's own key.

    Attributes:
        made_by: number of the colleague who had it made.
        files: name → SHA-256, hex.
    """

    box: str
    version: str
    receiver: str
    made_by: int
    made_at: datetime
    log_size: int
    files: dict[str, str]
    shortened: tuple[str, ...] = ()


def table(register: Register, mark: str) -> bytes:
    """A register as CSV that a table program opens: UTF-8 with its mark, semicolons.

    Args:
        register: the rows.
        mark: to whom it was handed over; the last line.
    """
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(register.heads)
    for row in register.rows:
        writer.writerow([_cell(value) for value in row])
    writer.writerow([mark])
    return out.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "да" if value else "нет"
    text = str(value)
    # A table program takes such a cell for a formula.
    return f"'{text}" if text.startswith(_FORMULA) and not isinstance(value, int) else text


def components() -> Register:
    """What the program is made of: every package that is installed with it."""
    rows = sorted(
        {
            (str(one.metadata["Name"] or ""), one.version, _licence(one.metadata["License"]))
            for one in distributions()
        }
    )
    return Register("components", ("Пакет", "Версия", "Лицензия"), rows)


def _licence(text: str | None) -> str:
    return (text or "").strip().split("\n", 1)[0][:80]


def manifest(said: Manifest, files: Mapping[str, bytes]) -> bytes:
    """The manifest's body with the hashes of all files."""
    hashes = {name: sha256(body).hexdigest() for name, body in files.items()}
    whole = msgspec.structs.replace(said, files=hashes)
    return msgspec.json.format(msgspec.json.encode(whole), indent=1)


def guide(said: Manifest, registers: Iterable[Register], acts: int) -> bytes:
    """What lies where, and what the box does not know, in Russian."""
    listed = "\n".join(f"  registers/{one.name}.csv — {', '.join(one.heads)}" for one in registers)
    text = f"""Пакет для проверки: {said.box}, версия {said.version}

Кому передан: {said.receiver}
Собран: {said.made_at:%d.%m.%Y %H:%M} UTC, сотрудник № {said.made_by}
Создание пакета записано в журнал коробки; согласие дал второй сотрудник.

Реестры (клиенты — только по номерам):
{listed}

acts/ — акты об уничтожении и выгрузки из журнала, их {acts}: PDF, JSON с подписью, CSV.
{MANIFEST} — что лежит в пакете: SHA-256 каждого файла; {MANIFEST}.sig — подпись коробки (Ed25519),
box.pem — ключ, которым она проверяется:
  openssl pkeyutl -verify -pubin -inkey box.pem -rawin -in {MANIFEST} -sigfile {MANIFEST}.sig

Журнал целиком с проверяющей программой — отдельный архив log.zip (korobka audit export).

Чего коробка не знает и не составляет, приложите сами: политику и приказы, модель угроз,
акт определения уровня защищённости и оценки вреда с подписями, журнал инцидентов, договоры
поручения, бумажные согласия.
"""
    return text.encode("utf-8")
