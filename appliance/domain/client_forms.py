"""What a client's form needs besides the client."""

from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from appliance.domain import fields, form_texts, formats
from appliance.domain.customers import CustomerKind, CustomerView, RequisitesParts, Wishes
from appliance.domain.desk import Codes
from appliance.domain.fields import FieldValue
from appliance.domain.formats import Language
from appliance.domain.grants import Access
from appliance.domain.personal import Personal


class ClientForm(msgspec.Struct, frozen=True, kw_only=True):
    """The form of a new client (`client` is None) or of one that is there.

    Attributes:
        payments: code → name of the ways to pay.
        tags: marks in use, the most used first.
        blank: fields of an administrator's making as a new client of either kind begins with them.
    """

    client: CustomerView | None
    codes: Codes
    payments: Mapping[str, str]
    tags: tuple[str, ...]
    blank: Mapping[str, tuple[FieldValue, ...]] = {}


NAMES: Final = ("first_name", "last_name", "patronymic", "company_name")
TEXTS: Final = ("comment", "fleet", "culture", "software")
ADDRESS: Final = ("index", "city", "street", "building", "flat", "notes", "text")
REQUISITES: Final = (
    "contragent_type", "legal_name", "inn", "kpp", "ogrn", "ogrnip", "legal_address", "bik",
    "bank", "bank_account", "corr_account",
)  # fmt: skip
MARKS: Final = ("source", "medium", "campaign", "content", "keyword", "client_id")
WISHES: Final = {
    "channel": "channel",
    "delivery_type": "delivery_type",
    "payment_type": "payment_type",
    "sizes": "sizes",
    "brands": "brands",
    "wish": "note",
}
"""Input of the form → part of the wishes."""


def texts_of(
    one: CustomerView, zone: ZoneInfo, language: Language
) -> dict[str, Personal[str] | str]:
    """What the inputs of a client's form hold, by name; what the role does not see is left out.

    An input of several values has them with commas between; a tick is `1` or nothing.
    """
    plain = {
        "sex": one.sex,
        "region": one.region,
        "party": one.party.value,
        "tags": ", ".join(one.tags),
        "vip": "1" if one.vip else "",
        "bad": "1" if one.bad else "",
        **{f"src_{name}": getattr(one.source_last, name) for name in MARKS},
    }
    found: dict[str, Personal[str] | str] = {
        name: Personal(text) for name, text in _personal(one, language).items()
    }
    for value in one.custom:
        if value.access is Access.VISIBLE:
            found[value.field.history] = form_texts.joined(fields.inputs_of(value, zone))
    return plain | found


def _personal(one: CustomerView, language: Language) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in (*NAMES, *TEXTS):
        text: Personal[str] | None = getattr(one, name)
        if text is not None:
            found[name] = text.reveal()
    if one.name is not None:
        born = one.birthday
        found["birthday"] = "" if born is None else formats.day(born.reveal(), language)
    if one.address is not None:
        parts = one.address.reveal()
        found |= {name: getattr(parts, name) for name in ADDRESS}
    kind = "legal-entity" if one.kind is CustomerKind.COMPANY else "individual"
    legal = RequisitesParts(contragent_type=kind)
    if one.requisites is not None:
        legal = one.requisites.reveal()
    found |= {name: _unmasked(getattr(legal, name)) for name in REQUISITES}
    if one.comment is not None:
        wishes = Wishes() if one.wishes is None else one.wishes.reveal()
        found |= {name: getattr(wishes, part) for name, part in WISHES.items()}
    return found


def _unmasked(text: str) -> str:
    """A requisite as its input holds it: a masked one stands beside an empty input."""
    return "" if "•" in text else text
