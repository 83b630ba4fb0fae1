"""What a law keeps of a person whose data are destroyed: the fewest fields, and by which norm.

A hold has a purpose; what the purpose does not need goes at once. What it needs is taken out as
plain lines, sealed by itself under a key of its own, and nobody works with it any more.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final, Protocol
from uuid import UUID

import msgspec

from appliance.domain.customers import AddressParts, RequisitesParts
from appliance.domain.money import Payer
from appliance.domain.orders import OrderName, OrderReach
from appliance.domain.privacy import PurposeCode

_BOOKS: Final = "402-ФЗ, ст. 9 и 29"

MINIMAL: Final[Mapping[PurposeCode, Mapping[str, str]]] = {
    # Who bought and paid: names in primary documents, kept for five years at the least.
    PurposeCode.ACCOUNTING: {
        "name": f"{_BOOKS}; НК РФ, ст. 23, п. 1, подп. 8",
        "tax_id": "НК РФ, ст. 169, п. 5, подп. 2",
        "payment": _BOOKS,
    },
    # A claim from a contract: who, how to write to him, what was handed over where, who paid.
    PurposeCode.ORDER: {
        "name": "ГК РФ, ст. 196 и 200",
        "contacts": "ГК РФ, ст. 165.1",
        "order_contact": "ГК РФ, ст. 458 и 499",
        "address": "ГК РФ, ст. 458 и 499",
        "payment": "ГК РФ, ст. 408 и 486",
    },
    # Whoever sends advertising proves the consent to it, and to which address it was given.
    PurposeCode.MAILING: {
        "contacts": "38-ФЗ, ст. 18, ч. 1",
        "consent": "38-ФЗ, ст. 18, ч. 1; 152-ФЗ, ст. 9, ч. 3",
    },
    PurposeCode.CALLBACK: {"consent": "152-ФЗ, ст. 9, ч. 3"},
}
"""Purpose of a hold → category of data (`domain.subjects.CATEGORIES`) that stays → its norm.
Everything that a purpose does not name goes."""

PURPOSES: Final[Mapping[PurposeCode, str]] = {
    PurposeCode.ACCOUNTING: "бухгалтерский и налоговый учёт",
    PurposeCode.ORDER: "споры по договору",
    PurposeCode.MAILING: "доказательство согласия на рекламу",
    PurposeCode.CALLBACK: "доказательство согласия",
}
"""Purpose of a hold, as acts call it."""


class KeptFor(msgspec.Struct, frozen=True, kw_only=True):
    """One hold: what for, by which law as it was written down, to which day inclusive."""

    purpose: PurposeCode
    law: str
    until: date


class KeptSet(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What stays of a person, sealed as a whole.

    Attributes:
        customer_id, customer_number: whose card it was; orders and sums still name its number.
        subject_id: of the person who was destroyed.
        request: number of the request that destroyed him.
        fors: the holds of that day.
        lines: category → values, in words.
    """

    v: int = 1
    customer_id: UUID
    customer_number: int
    subject_id: UUID
    request: int
    fors: tuple[KeptFor, ...]
    lines: dict[str, tuple[str, ...]] = {}

    @property
    def counts(self) -> dict[str, int]:
        """Category → values."""
        return {code: len(lines) for code, lines in self.lines.items()}


class Purposed(Protocol):
    """A hold, wherever it stands."""

    @property
    def purpose(self) -> PurposeCode: ...


def wanted(fors: Iterable[Purposed]) -> frozenset[str]:
    """Categories that these holds need together."""
    return frozenset(code for one in fors for code in MINIMAL[one.purpose])


def until(fors: Iterable[KeptFor]) -> date:
    """The last day of the longest."""
    return max(one.until for one in fors)


def said_of(one: KeptFor, kept: Mapping[str, int], names: Mapping[str, str]) -> str:
    """What stays for a hold, for the act: what, what for, by which norms, to which day.

    Args:
        one: the hold.
        kept: category → values that stay.
        names: category → how acts call it.
    """
    norms = {code: norm for code, norm in MINIMAL[one.purpose].items() if code in kept}
    what = "; ".join(f"{names.get(code, code)} ({norm})" for code, norm in norms.items())
    return f"до {one.until:%d.%m.%Y}, {PURPOSES[one.purpose]}, {one.law}: {what or 'ничего'}"


# --- values in words: nothing works with them any more, people read them ---


def _joined(parts: Sequence[str]) -> str:
    return ", ".join(part for part in parts if part)


def address_line(parts: AddressParts) -> str:
    """A postal address in one line."""
    if parts.text:
        return _joined((parts.index, parts.text))
    fields = msgspec.structs.asdict(parts)
    return _joined([str(value) for name, value in fields.items() if name not in ("v", "notes")])


def order_line(number: int | str, name: OrderName, reach: OrderReach) -> str:
    """Who receives an order; empty where it says nothing of its own."""
    who = " ".join(part for part in (name.last_name, name.first_name, name.patronymic) if part)
    said = _joined((who, reach.phone, reach.additional_phone, reach.email))
    return f"заказ {number}: {said}" if said else ""


def payer_line(number: int, payer: Payer) -> str:
    """Who paid."""
    said = _joined((payer.name, payer.inn, payer.account, payer.card, payer.reference))
    return f"платёж № {number}: {said}" if said else ""


def requisites_line(parts: RequisitesParts) -> str:
    """The legal side; empty where there is none."""
    names = {
        "legal_name": "",
        "legal_address": "",
        "inn": "ИНН ",
        "kpp": "КПП ",
        "ogrn": "ОГРН ",
        "ogrnip": "ОГРНИП ",
        "okpo": "ОКПО ",
        "bank": "",
        "bik": "БИК ",
        "bank_account": "счёт ",
        "corr_account": "корр. счёт ",
    }
    fields = msgspec.structs.asdict(parts)
    return _joined([f"{word}{fields[name]}" for name, word in names.items() if fields[name]])
