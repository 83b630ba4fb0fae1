"""What a person typed of a client, checked field by field before anything is written.

Programs send what their own forms let through and are taken at their word; people get a sentence at
the right field and keep what they typed.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from appliance.domain import regions, requisites
from appliance.domain.customers import (
    AddressParts,
    ContactDraft,
    ContactKind,
    CustomerChange,
    CustomerDraft,
    CustomerKind,
    RequisitesParts,
    Wishes,
)
from appliance.domain.personal import Personal
from appliance.domain.references import ReferenceKind
from appliance.errors import Invalid, NotFound
from appliance.storage import contacts, customers
from appliance.storage.customers import Known
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

EARLIEST = date(1900, 1, 1)
LONGEST_TAG = 100
SEXES = ("", "male", "female")
CHANNELS = ("", "phone", "email", "messenger")
_SPELLED = ("index", "city", "street", "building", "flat")
_UNREADABLE = {ContactKind.PHONE: "phone_unreadable", ContactKind.EMAIL: "email_unreadable"}


async def reached(tx: Tx, number: int) -> Known:
    """A live client within the grant's reach.

    Raises:
        NotFound: `customer_not_found`.
    """
    known = await customers.find_by_number(number)
    if known is None or known.state != "live" or not await customers.is_visible(tx, known.id):
        raise NotFound("customer_not_found")
    tx.about("customer", known.id)
    return known


def refuse(fields: dict[str, str]) -> None:
    """Stop here if a field is wrong.

    Raises:
        Invalid: `invalid` with field → code.
    """
    if fields:
        raise Invalid("invalid", fields=fields)


def check_draft(draft: CustomerDraft, today: date, lists: Lists) -> CustomerDraft:
    """A new client with his numbers in their one spelling.

    Raises:
        Invalid: with every wrong field at once.
    """
    fields = _check_contacts(draft.contacts)
    company = draft.kind is CustomerKind.COMPANY
    names = (draft.company_name,) if company else (draft.last_name, draft.first_name)
    if not any(names) and not draft.contacts:
        fields["company_name" if company else "last_name"] = "client_nameless"
    fields |= _check_day(draft.birthday, today)
    fields |= _check_codes(draft.sex, draft.region, draft.wishes, lists)
    fields |= _check_tags(draft.tags)
    if not draft.purposes:
        fields["purpose"] = "purpose_missing"
    parts = draft.requisites
    if parts is not None:
        right, wrong = requisites.checked(parts.reveal())
        fields |= wrong
        parts = Personal(right)
    refuse(fields)
    return msgspec.structs.replace(draft, requisites=parts)


def check_change(
    change: CustomerChange, today: date, lists: Lists, known: RequisitesParts
) -> CustomerChange:
    """An edit with its numbers in their one spelling.

    Args:
        change: as typed.
        today: in the box's zone.
        lists: of codes.
        known: the requisites as they stand: an account is checked against the bank that stays.

    Raises:
        Invalid: with every wrong field at once.
    """
    fields = _check_contacts(change.add_contacts)
    fields |= _check_day(None if change.birthday is msgspec.UNSET else change.birthday, today)
    fields |= _check_codes(
        "" if change.sex is msgspec.UNSET else change.sex,
        "" if change.region is msgspec.UNSET else change.region,
        None if change.wishes is msgspec.UNSET else change.wishes,
        lists,
    )
    fields |= _check_tags(change.add_tags)
    given = None if change.requisites is None else dict(change.requisites.reveal())
    if given is not None:
        right, wrong = requisites.checked(msgspec.structs.replace(known, **given))
        fields |= {name: code for name, code in wrong.items() if name in given}
        change = msgspec.structs.replace(
            change, requisites=Personal({name: getattr(right, name) for name in given})
        )
    refuse(fields)
    return change


def whole_address(
    given: Mapping[str, str], stored: AddressParts | None
) -> Personal[Mapping[str, str]] | None:
    """What to store of an address as typed; None where there is nothing to store.

    The line is put together of the parts, unless it was typed itself or only the line is known.
    """
    old = stored or AddressParts()
    changed = {name for name, text in given.items() if getattr(old, name) != text}
    if not changed:
        return None
    parts = dict(given)
    if "text" not in changed and changed & set(_SPELLED):
        parts["text"] = ", ".join(parts[name] for name in _SPELLED if parts.get(name))
    return Personal(parts)


def region_after(
    wanted: CustomerChange, address: Personal[Mapping[str, str]] | None
) -> CustomerChange:
    """An edit that leaves the region open takes it from the new address or a new phone."""
    if wanted.region != "":
        return wanted
    parts = None if address is None else msgspec.convert(dict(address.reveal()), AddressParts)
    phones = [one.value.reveal() for one in wanted.add_contacts if one.kind is ContactKind.PHONE]
    found = regions.guess(parts, tuple(phones))
    return msgspec.structs.replace(wanted, region=found) if found else wanted


def _check_contacts(drafts: Sequence[ContactDraft]) -> dict[str, str]:
    """Fault by `phone.0`, counted among those of a kind that were typed."""
    fields: dict[str, str] = {}
    counted: dict[ContactKind, int] = {}
    for draft in drafts:
        place = counted.get(draft.kind, 0)
        counted[draft.kind] = place + 1
        if draft.kind in _UNREADABLE and not contacts.read(draft).readable:
            fields[f"{draft.kind.value}.{place}"] = _UNREADABLE[draft.kind]
    return fields


def _check_day(day: Personal[date] | None, today: date) -> dict[str, str]:
    if day is None or EARLIEST <= day.reveal() <= today:
        return {}
    return {"birthday": "birthday_impossible"}


def _check_codes(
    sex: str, region: str, wishes: Personal[Wishes] | None, lists: Lists
) -> dict[str, str]:
    wanted = Wishes() if wishes is None else wishes.reveal()
    deliveries = lists.of(ReferenceKind.DELIVERY_TYPE)
    payments = lists.of(ReferenceKind.PAYMENT_TYPE)
    wrong = {
        "sex": sex not in SEXES,
        "region": region != "" and region not in regions.REGIONS,
        "channel": wanted.channel not in CHANNELS,
        "delivery_type": wanted.delivery_type != "" and wanted.delivery_type not in deliveries,
        "payment_type": wanted.payment_type != "" and wanted.payment_type not in payments,
    }
    return {name: "code_unknown" for name, bad in wrong.items() if bad}


def _check_tags(tags: Sequence[str]) -> dict[str, str]:
    return {"tags": "tag_long"} if any(len(tag) > LONGEST_TAG for tag in tags) else {}
