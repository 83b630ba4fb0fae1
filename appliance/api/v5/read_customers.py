"""Clients as shops send them. What is about a person is wrapped here and stays so."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from appliance.api.v5.custom_fields import given_values
from appliance.api.v5.entity import LONGEST, NAME, Entity
from appliance.domain.customers import (
    AddressParts,
    ContactDraft,
    ContactKind,
    CustomerChange,
    CustomerDraft,
    RequisitesParts,
)
from appliance.domain.orders import UNSET, Unset
from appliance.domain.personal import Personal
from appliance.domain.privacy import ConsentGiven, LegalBasis, Purpose, PurposeCode

ADDRESS: Final = {
    "index": "index",
    "countryIso": "country_iso",
    "region": "region",
    "city": "city",
    "cityType": "city_type",
    "street": "street",
    "streetType": "street_type",
    "building": "building",
    "flat": "flat",
    "floor": "floor",
    "block": "block",
    "house": "house",
    "housing": "housing",
    "metro": "metro",
    "notes": "notes",
    "text": "text",
}
"""Key on the wire → field of `AddressParts`."""
REQUISITES: Final = {
    "contragentType": "contragent_type",
    "legalName": "legal_name",
    "legalAddress": "legal_address",
    "INN": "inn",
    "KPP": "kpp",
    "OGRN": "ogrn",
    "OGRNIP": "ogrnip",
    "OKPO": "okpo",
    "BIK": "bik",
    "bank": "bank",
    "bankAddress": "bank_address",
    "corrAccount": "corr_account",
    "bankAccount": "bank_account",
    "certificateNumber": "certificate_number",
    "certificateDate": "certificate_date",
}
"""Key on the wire → field of `RequisitesParts`."""
_NAMES: Final = {"firstName": "first_name", "lastName": "last_name", "patronymic": "patronymic"}
_SPELLED: Final = ("index", "region", "city", "street", "building", "house", "flat")
_PURPOSES: Final = frozenset(one.value for one in PurposeCode)
_SEXES: Final = frozenset({"male", "female"})
MOST_PHONES: Final = 50


def parts_of(entity: Entity, names: dict[str, str]) -> dict[str, str]:
    """Texts of an object under our names; keys that are absent are left out."""
    return {ours: entity.text(key, LONGEST) for key, ours in names.items() if key in entity.raw}


def address_of(entity: Entity) -> dict[str, str]:
    """An address's parts; `text` is kept word for word, or put together where it is not given."""
    parts = parts_of(entity, ADDRESS)
    if parts and "text" not in parts:
        spelled = ", ".join(parts[name] for name in _SPELLED if parts.get(name))
        if spelled:
            parts["text"] = spelled
    return parts


def phones_of(entity: Entity) -> list[str]:
    """Numbers of `phones`: a list of objects, or of plain numbers."""
    raw: Any = entity.raw.get("phones")
    if isinstance(raw, list) and raw and not isinstance(raw[0], dict):
        wrapped = [{"number": one} for one in raw if isinstance(one, (str, int))]  # pyright: ignore[reportUnknownVariableType]
        entity = Entity({"phones": wrapped}, entity.zone, entity.path, entity.problems)
    numbers = [part.text("number") for part in entity.parts("phones")[:MOST_PHONES]]
    return list(dict.fromkeys(number for number in numbers if number))


def contacts_of(phones: Sequence[str], email: str) -> tuple[ContactDraft, ...]:
    """Contacts of a draft, e-mail first."""
    drafts = [ContactDraft(kind=ContactKind.EMAIL, value=Personal(email))] if email else []
    drafts += [ContactDraft(kind=ContactKind.PHONE, value=Personal(phone)) for phone in phones]
    return tuple(drafts)


def personal(text: str) -> Personal[str] | None:
    """A wrapped text; None for an empty one."""
    return Personal(text) if text else None


def _tags(entity: Entity, name: str) -> tuple[str, ...]:
    raw: Any = entity.raw.get(name)
    if not isinstance(raw, list):
        return ()
    names: list[str] = []
    for one in raw:  # pyright: ignore[reportUnknownVariableType]
        value: Any = one.get("name") if isinstance(one, dict) else one  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        if isinstance(value, str) and 0 < len(value.strip()) <= NAME:
            names.append(value.strip())
    return tuple(dict.fromkeys(names))


def _consents(entity: Entity) -> tuple[ConsentGiven, ...]:
    """Consents that the shop took, as an addition of ours to the entity.

    `consents: [{purpose, textCode, textVersion, givenAt, channel, evidence}]`; an unknown text is
    refused by the action, so that nothing passes for consent that cannot be shown.
    """
    found: list[ConsentGiven] = []
    for part in entity.parts("consents"):
        purpose = part.text("purpose") or PurposeCode.MAILING.value
        if purpose not in _PURPOSES:
            part.refuse("purpose", "code_unknown")
            continue
        evidence = part.text("evidence", LONGEST)
        found.append(
            ConsentGiven(
                purpose=PurposeCode(purpose),
                text_code=part.text("textCode"),
                text_version=part.integer("textVersion") or 1,
                given_at=part.moment("givenAt") or datetime.now(UTC),
                channel=part.text("channel"),
                evidence=personal(evidence),
            )
        )
    return tuple(found)


def _purposes(consents: Sequence[ConsentGiven], shop: str, since: datetime) -> tuple[Purpose, ...]:
    """Why the shop's client may be kept.

    A consent that came along is the basis of its own purpose. Without one the client stands at
    the beginning of a contract: he opened an account to buy (152-FZ, article 6, part 1, item 5).
    """
    source = f"api:{shop}"
    given = tuple(
        Purpose(code=one.purpose, basis=LegalBasis.CONSENT, source=source, since=one.given_at)
        for one in consents
    )
    if given:
        return given
    contract = Purpose(
        code=PurposeCode.ORDER, basis=LegalBasis.CONTRACT, source=source, since=since
    )
    return (contract,)


def _birthday(entity: Entity) -> Any:
    found = entity.day("birthday")
    return None if found is None else Personal(found)


def _sex(entity: Entity) -> str:
    sex = entity.text("sex")
    return sex if sex in _SEXES else ""


def read_draft(raw: dict[str, Any], shop: str, zone: ZoneInfo) -> CustomerDraft:
    """A client to add.

    Raises:
        Invalid: `entity_unreadable` with its fields.
    """
    entity = Entity(raw, zone)
    consents = _consents(entity)
    address = address_of(entity.part("address"))
    requisites = parts_of(entity.part("contragent"), REQUISITES)
    created_at = entity.moment("createdAt")
    draft = CustomerDraft(
        shop=shop,
        external_id=entity.text_or_none("externalId"),
        first_name=personal(entity.text("firstName")),
        last_name=personal(entity.text("lastName")),
        patronymic=personal(entity.text("patronymic")),
        birthday=_birthday(entity),
        sex=_sex(entity),
        comment=personal(entity.text("commentary", LONGEST)),
        contacts=contacts_of(phones_of(entity), entity.text("email")),
        address=Personal(msgspec.convert(address, AddressParts)) if address else None,
        requisites=requisites_of(requisites),
        purposes=_purposes(consents, shop, created_at or datetime.now(UTC)),
        consents=consents,
        tags=tuple(dict.fromkeys((*_tags(entity, "tags"), *_tags(entity, "addTags")))),
        manager_number=entity.integer("managerId"),
        vip=entity.flag("vip") is True,
        bad=entity.flag("bad") is True,
        created_at=created_at,
        custom=given_values(entity),
    )
    entity.check()
    return draft


def requisites_of(parts: dict[str, str]) -> Personal[RequisitesParts] | None:
    """The legal side, where it says more than that this is a plain person."""
    if not any(value for name, value in parts.items() if name != "contragent_type") and (
        parts.get("contragent_type", "individual") in {"", "individual"}
    ):
        return None
    return Personal(msgspec.convert(parts, RequisitesParts))


def read_change(raw: dict[str, Any], zone: ZoneInfo) -> CustomerChange:
    """An edit: absent keys stay as they are, `null` and `""` clear.

    Raises:
        Invalid: `entity_unreadable` with its fields.
    """
    entity = Entity(raw, zone)
    values: dict[str, Any] = {
        ours: personal(entity.text(key)) for key, ours in _NAMES.items() if key in entity
    }
    if "commentary" in entity:
        values["comment"] = personal(entity.text("commentary", LONGEST))
    if "birthday" in entity:
        values["birthday"] = _birthday(entity)
    if "sex" in entity:
        values["sex"] = _sex(entity)
    if "externalId" in entity and raw["externalId"]:
        values["external_id"] = entity.text_or_none("externalId")
    if "managerId" in entity:
        values["manager_number"] = entity.integer("managerId")
    kinds = [
        kind
        for key, kind in (("phones", ContactKind.PHONE), ("email", ContactKind.EMAIL))
        if key in entity
    ]
    change = CustomerChange(
        **values,
        contacts=contacts_of(phones_of(entity), entity.text("email")),
        replaces=tuple(kinds),
        address=_map(address_of(entity.part("address"))),
        requisites=_map(parts_of(entity.part("contragent"), REQUISITES)),
        add_tags=(*_tags(entity, "tags"), *_tags(entity, "addTags")),
        remove_tags=_tags(entity, "removeTags"),
        vip=_flag(entity, "vip"),
        bad=_flag(entity, "bad"),
        custom=given_values(entity),
    )
    entity.check()
    return change


def _map(parts: dict[str, str]) -> Personal[Any] | None:
    return Personal(parts) if parts else None


def _flag(entity: Entity, name: str) -> bool | Unset:
    return entity.flag(name) if name in entity else UNSET
