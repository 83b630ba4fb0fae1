"""Companies as shops read them. Their own data leaves the house here."""

from typing import Any
from zoneinfo import ZoneInfo

from appliance.api.v5 import write_customers
from appliance.api.v5.scalars import shown
from appliance.domain.corporate import Corporate, Part, PersonTie
from appliance.domain.customers import RequisitesParts
from appliance.domain.personal import Personal


def corporate(one: Corporate, zone: ZoneInfo) -> dict[str, Any]:
    """A company, whole."""
    answer = write_customers.customer(one.view, zone)
    answer["type"] = "customer_corporate"
    answer.setdefault("nickName", "")
    for key, parts in (("mainAddress", one.addresses), ("mainCompany", one.companies)):
        main = next((part for part in parts if part.is_main), None)
        if main is not None:
            answer[key] = named(main)
    speaker = next((tie for tie in one.people if tie.is_main), None)
    if speaker is not None:
        answer["mainCustomerContact"] = {"id": speaker.number, "customer": _person(speaker)}
    return answer


def named(part: Part) -> dict[str, Any]:
    """A part as others name it."""
    answer: dict[str, Any] = {"id": part.number, "name": part.content.reveal().name}
    if part.external_id is not None:
        answer["externalId"] = part.external_id
    return answer


def address(part: Part) -> dict[str, Any]:
    """One address."""
    parts = part.content.reveal().address
    shape = write_customers.address(None if parts is None else Personal(parts))
    return shape | named(part) | {"isMain": part.is_main}


def company(part: Part, one: Corporate, zone: ZoneInfo) -> dict[str, Any]:
    """One legal entity."""
    content = part.content.reveal()
    legal = content.requisites or RequisitesParts(contragent_type="legal-entity")
    answer: dict[str, Any] = named(part) | {
        "isMain": part.is_main,
        "active": True,
        "brand": content.brand,
        "site": one.view.shop,
        "contragent": write_customers.contragent(Personal(legal)),
        "customFields": [],
    }
    if part.stored is not None:
        answer["createdAt"] = shown(part.created_at, zone)
    place = next((got for got in one.addresses if got.number == content.address_number), None)
    if place is not None:
        answer["address"] = named(place)
    return answer


def contact(tie: PersonTie) -> dict[str, Any]:
    """Somebody who speaks for a company."""
    return {
        "id": tie.number,
        "isMain": tie.is_main,
        "customer": _person(tie),
        "companies": [],
    }


def _person(tie: PersonTie) -> dict[str, Any]:
    return write_customers.short(tie.number, tie.external_id, tie.shop)
