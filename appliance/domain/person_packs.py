"""What the box holds of a person, written for him: 152-FZ, article 14, part 7.

Facts only, by the items of that part; what the box does not know stands as a list at the end.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec

from appliance.domain.acts import Operator
from appliance.domain.privacy import LegalBasis, PurposeCode

HEAD: Final = "korobka-person"
RECORD, LETTER = "person.json", "Что хранится.txt"

CATEGORIES: Final[Mapping[str, str]] = {
    "name": "Имя",
    "birthday": "День рождения",
    "contacts": "Телефоны и почта",
    "home": "Адрес в карточке",
    "address": "Адреса доставки",
    "tax_id": "Реквизиты",
    "order_contact": "Получатели заказов",
    "payment": "Кто платил",
    "comment": "Заметка о человеке",
    "wishes": "Пожелания",
    "tags": "Метки",
    "custom": "Прочие поля карточки",
}
"""Category → its words, in the order they stand; consents stand beside their purposes."""

PURPOSES: Final[Mapping[PurposeCode, str]] = {
    PurposeCode.ORDER: "заказы и договор",
    PurposeCode.CALLBACK: "обратный звонок",
    PurposeCode.MAILING: "рассылка",
    PurposeCode.ACCOUNTING: "бухгалтерский и налоговый учёт",
}
BASES: Final[Mapping[LegalBasis, str]] = {
    LegalBasis.CONTRACT: "договор",
    LegalBasis.CONSENT: "согласие",
    LegalBasis.LAW: "закон",
    LegalBasis.INTEREST: "законный интерес",
}

_REST: Final = """Чего коробка не знает, допишите сами:
  кто работает с данными по договору поручения, если это не плагины из списка выше;
  передаются ли данные за границу;
  что есть о человеке на бумаге и в других программах.
"""


class ForWhat(msgspec.Struct, frozen=True, kw_only=True):
    """A purpose with its ground, where the data came from, and how long."""

    purpose: PurposeCode
    basis: LegalBasis
    source: str
    since: datetime
    until: datetime | None = None


class HandedTo(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the data was handed to."""

    at: datetime
    plugin: str
    fields: tuple[str, ...]
    purpose: str
    basis: str


class PersonRecord(msgspec.Struct, frozen=True, kw_only=True):
    """All of a person, for the person.

    Attributes:
        data: category → lines.
        consents: one line each: purpose, text and version, when, how, proof.
        orders, talks: as `storage.dossiers` gives them.
        colleagues: how many may open a client's card.
    """

    operator: Operator
    system: str
    request: int
    received_on: date
    client: int
    made_at: datetime
    made_by: int
    data: dict[str, tuple[str, ...]]
    purposes: tuple[ForWhat, ...]
    consents: tuple[str, ...]
    handed: tuple[HandedTo, ...]
    orders: list[dict[str, Any]]
    talks: list[dict[str, Any]]
    colleagues: int


def as_json(record: PersonRecord) -> bytes:
    """The record for a machine; its first member keeps it from being read as anything else."""
    whole = {HEAD: 1, **msgspec.structs.asdict(record)}
    return msgspec.json.format(msgspec.json.encode(whole), indent=1)


def letter(record: PersonRecord) -> bytes:
    """The record for a person: Russian text that any program opens, UTF-8 with its mark."""
    who = ", ".join(
        part
        for part in (
            record.operator.name or "Оператор не назван: заполните «Свои организации»",
            f"ИНН {record.operator.inn}" if record.operator.inn else "",
            record.operator.address,
        )
        if part
    )
    parts = [
        f"Какие ваши данные хранятся (152-ФЗ, статья 14, часть 7)\n\n{who}\n"
        f"Запрос ПД-{record.request} от {_day(record.received_on)}, клиент № {record.client}.\n"
        f"Составлено {_day(record.made_at.date())}, сотрудник № {record.made_by}.",
        _section("Для чего и на каком основании", [_purpose(one) for one in record.purposes]),
        _section("Согласия", record.consents),
        *(
            _section(name, record.data[code])
            for code, name in CATEGORIES.items()
            if record.data.get(code)
        ),
        _section("Заказы", [_order(one) for one in record.orders]),
        _section("Переписка, звонки и записи", [_talk(one) for one in record.talks]),
        _section("Кому передавали", [_handed(one) for one in record.handed]),
        "Как хранится\n"
        f"  {record.system}: на машине оператора, зашифровано (AES-256-GCM, встроенное\n"
        "  шифрование, не сертифицированное средство); каждый показ записан в журнал.\n"
        f"  Открыть карточку клиента могут сотрудники, их {record.colleagues}.",
        _REST,
    ]
    return "\n\n".join(part for part in parts if part).replace("\n", "\r\n").encode("utf-8-sig")


def _section(title: str, lines: Sequence[str]) -> str:
    return "\n".join([title, *(f"  {line}" for line in lines)]) if lines else ""


def _purpose(one: ForWhat) -> str:
    until = f" по {_day(one.until.date())}" if one.until else ""
    source = f"; откуда: {one.source}" if one.source else ""
    basis = f"{PURPOSES[one.purpose]} — {BASES[one.basis]}"
    return f"{basis}, с {_day(one.since.date())}{until}{source}"


def _order(one: Mapping[str, Any]) -> str:
    total = int(one["total"])
    goods = f": {one['goods']}" if one["goods"] else ""
    return f"№ {one['number']} от {one['placed_at'][:10]}{goods}, {total // 100},{total % 100:02} ₽"


def _talk(one: Mapping[str, Any]) -> str:
    said = " ".join(str(one[name]) for name in ("title", "text") if one.get(name))
    return f"{one['at'][:16].replace('T', ' ')} UTC, {one['kind']}{f': {said}' if said else ''}"


def _handed(one: HandedTo) -> str:
    return f"{_day(one.at.date())}: {one.plugin} ({', '.join(one.fields)}), {one.purpose}"


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"
