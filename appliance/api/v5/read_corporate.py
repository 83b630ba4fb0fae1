"""Companies as shops send them, with addresses, legal entities and people."""

from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from appliance.api.v5.entity import NAME, Entity
from appliance.api.v5.read_customers import (
    REQUISITES,
    address_of,
    parts_of,
    personal,
    read_change,
    read_draft,
)
from appliance.domain.corporate import CorporateDraft, PartDraft, PartKind, SentCompany
from appliance.domain.customers import CustomerChange, CustomerKind
from appliance.domain.orders import UNSET, CustomerRef
from appliance.domain.personal import Personal

MOST_INLINE: Final = 100
"""Addresses, legal entities or people that may come along with a new company."""
_NICK: Final = "nickName"


def ref_of(entity: Entity) -> CustomerRef | None:
    """Whom an object with `id` or `externalId` names; None for nobody."""
    number, external_id = entity.integer("id"), entity.text_or_none("externalId")
    if number is None and external_id is None:
        return None
    return CustomerRef(number=number, external_id=None if number is not None else external_id)


def read_part(entity: Entity, kind: PartKind) -> PartDraft:
    """An address or a legal entity; problems are noted at the entity."""
    if kind is PartKind.ADDRESS:
        fields = address_of(entity)
        address = None
    else:
        fields = parts_of(entity.part("contragent"), REQUISITES)
        address = ref_of(entity.part("address"))
    main = entity.flag("isMain")
    return PartDraft(
        external_id=entity.text_or_none("externalId"),
        is_main=None if main is UNSET else main,
        name=Personal(entity.text("name", NAME)) if "name" in entity else UNSET,
        brand=Personal(entity.text("brand", NAME)) if "brand" in entity else UNSET,
        fields=Personal(fields),
        address=address,
    )


def read_sent(raw: dict[str, Any], shop: str, zone: ZoneInfo) -> SentCompany:
    """A row of a batch; one of a company that is known may leave out its name.

    Raises:
        Invalid: `entity_unreadable`.
    """
    draft = read_company(raw, shop, zone, nameless=True)
    return SentCompany(draft=draft, change=read_company_change(raw, zone))


def read_company(
    raw: dict[str, Any], shop: str, zone: ZoneInfo, *, nameless: bool = False
) -> CorporateDraft:
    """A company to add.

    Raises:
        Invalid: `entity_unreadable`; `nickName` is asked for.
    """
    entity = Entity(raw, zone)
    client = read_draft(raw, shop, zone)
    nick = entity.text(_NICK)
    companies = entity.parts("companies")[:MOST_INLINE]
    if not nick and not nameless:
        entity.refuse(_NICK, "name_empty")
    draft = CorporateDraft(
        client=msgspec.structs.replace(
            client, kind=CustomerKind.COMPANY, company_name=personal(nick) if nick else None
        ),
        addresses=tuple(
            read_part(one, PartKind.ADDRESS) for one in entity.parts("addresses")[:MOST_INLINE]
        ),
        companies=tuple(read_part(one, PartKind.COMPANY) for one in companies),
        people=tuple(
            (ref, one.flag("isMain") is True)
            for one in entity.parts("customerContacts")[:MOST_INLINE]
            if (ref := ref_of(one.part("customer"))) is not None
        ),
    )
    entity.check()
    return draft


def read_company_change(raw: dict[str, Any], zone: ZoneInfo) -> CustomerChange:
    """An edit of a company; its parts and people have calls of their own."""
    entity = Entity(raw, zone)
    change = read_change(raw, zone)
    if _NICK in entity:
        nick = personal(entity.text(_NICK))
        change = msgspec.structs.replace(change, company_name=nick)
    entity.check()
    return change
