"""Editing a client: only what changed is written, and every changed field leaves an entry."""

from collections.abc import Mapping
from datetime import date
from typing import Any, cast
from uuid import UUID

import msgspec

from appliance.domain.customers import (
    ContactKind,
    CustomerChange,
    Person,
    RequisitesParts,
)
from appliance.domain.personal import Personal
from appliance.errors import Conflict, Damaged, Invalid
from appliance.storage import (
    addresses,
    client_dates,
    contacts,
    customers,
    feed,
    fields,
    references,
    staff,
)
from appliance.storage.customers import Known
from appliance.storage.feed import Change
from appliance.storage.statements import execute, fetch_one
from appliance.storage.tx import Tx

_PERSON_FIELDS = {
    "first_name": "first_name",
    "last_name": "last_name",
    "patronymic": "patronymic",
    "company_name": "nick_name",
    "birthday": "birthday",
    "sex": "sex",
    "comment": "commentary",
    "fleet": "fleet",
    "culture": "culture",
    "software": "software",
}
_WISHES = ("channel", "delivery_type", "payment_type", "note", "sizes", "brands")
_ADDRESS_HISTORY = {"country_iso": "country"}


def history_field(name: str) -> str:
    """How the history calls a field of the record of who it is."""
    return _PERSON_FIELDS[name]


def _plain(value: object) -> Any:
    if isinstance(value, Personal):
        return cast("Personal[object]", value).reveal()
    return value


def _text(value: str | date | None) -> str | None:
    return value.isoformat() if isinstance(value, date) else value or None


async def open_person(tx: Tx, known: Known) -> Person:
    """Open the record of who it is, for writing."""
    row = await fetch_one("SELECT person FROM customer WHERE id = {}", known.id)
    if row is None or row[0] is None:
        raise Damaged("record_missing", f"customer {known.number} has no record")
    return tx.open("customer", "person", known.id, known.subject_id, row[0], Person, "name")


async def apply(tx: Tx, known: Known, change: CustomerChange) -> list[Change]:
    """Make the change; return the entries of what really changed (none: nothing was written).

    Raises:
        Conflict: `version_conflict` when somebody was faster; `external_id_taken`.
        Invalid: `manager_unknown`; `invalid` with custom fields that cannot be read.
    """
    if change.version is not None and change.version != known.version:
        raise Conflict("version_conflict", was=known.version)
    entries = [
        *await _edit_person(tx, known, change),
        *await _edit_contacts(tx, known, change),
        *await _add_and_drop(tx, known, change),
        *await _edit_address(tx, known, change.address),
        *await _edit_requisites(tx, known, change.requisites),
        *await _edit_plain(known, change),
        *await _edit_kept(known, change),
        *await _edit_wishes(tx, known, change),
        *await _edit_tags(known, change),
        *await _edit_custom(tx, known, change),
    ]
    if entries:
        await touch(tx, known, entries)
    return entries


async def differs(known: Known, change: CustomerChange) -> bool:
    """Whether a change of marks, manager or party would change anything; nothing is written."""
    row = await fetch_one(
        "SELECT vip, bad, party, (SELECT number FROM users WHERE id = customer.owner_id) "
        "FROM customer WHERE id = {}",
        known.id,
    )
    vip, bad, party, owner = row or (False, False, "client", None)
    have = await customers.tags_of(known.id)
    return (
        (change.vip is not msgspec.UNSET and change.vip != bool(vip))
        or (change.bad is not msgspec.UNSET and change.bad != bool(bad))
        or (change.party is not msgspec.UNSET and change.party != party)
        or (change.manager_number is not msgspec.UNSET and change.manager_number != owner)
        or not have.issuperset(change.add_tags)
        or not have.isdisjoint(change.remove_tags)
    )


async def touch(tx: Tx, known: Known, entries: list[Change]) -> None:
    """Make the next version of a client, with its trace."""
    await execute(
        "UPDATE customer SET version = version + 1, updated_at = {} WHERE id = {}",
        tx.now,
        known.id,
    )
    await feed.record(tx, "customer", known.id, known.number, known.shop, known.subject_id, entries)
    await feed.reindex([known.id])


async def _edit_person(tx: Tx, known: Known, change: CustomerChange) -> list[Change]:
    given = {
        name: _plain(value)
        for name in _PERSON_FIELDS
        if (value := getattr(change, name)) is not msgspec.UNSET
    }
    if not given:
        return []
    person = await open_person(tx, known)
    entries: list[Change] = []
    for name, value in given.items():
        new = value if name == "birthday" else value or ""
        old = getattr(person, name)
        if old != new:
            setattr(person, name, new)
            entries.append(
                Change(field=_PERSON_FIELDS[name], old=_text(old), new=_text(new), personal=True)
            )
    if entries:
        cell = tx.seal("customer", "person", known.id, known.subject_id, person, "name")
        await execute("UPDATE customer SET person = {} WHERE id = {}", cell, known.id)
        if any(one.field == "birthday" for one in entries):
            await client_dates.follow_birthday(tx, known, person.birthday)
    return entries


async def _edit_contacts(tx: Tx, known: Known, change: CustomerChange) -> list[Change]:
    entries: list[Change] = []
    for kind in change.replaces:
        country = await contacts.country_of(known.shop)
        wanted = contacts.read_all([one for one in change.contacts if one.kind is kind], country)
        have = await contacts.stored(tx, known.id, known.subject_id, [kind])
        kept = {contact.typed for _, contact in have} & {contact.typed for contact in wanted}
        gone = [(row_id, contact) for row_id, contact in have if contact.typed not in kept]
        new = [contact for contact in wanted if contact.typed not in kept]
        if gone:
            await contacts.remove([row_id for row_id, _ in gone])
        await contacts.add(tx, known.id, known.subject_id, new, start=len(have))
        field = "phones" if kind is ContactKind.PHONE else kind.value
        entries += [Change(field=field, old=contact.typed, personal=True) for _, contact in gone]
        entries += [Change(field=field, new=contact.typed, personal=True) for contact in new]
    return entries


async def _add_and_drop(tx: Tx, known: Known, change: CustomerChange) -> list[Change]:
    """Contacts one by one: whoever edits may see them masked, and leaves the others alone."""
    if not change.add_contacts and not change.drop_contacts:
        return []
    have = await contacts.stored(tx, known.id, known.subject_id, tuple(ContactKind))
    gone = [(row_id, one) for row_id, one in have if row_id in change.drop_contacts]
    stay = {
        (one.kind, one.normal or one.typed)
        for row_id, one in have
        if row_id not in change.drop_contacts
    }
    new = [
        one
        for one in contacts.read_all(change.add_contacts, await contacts.country_of(known.shop))
        if (one.kind, one.normal or one.typed) not in stay
    ]
    if gone:
        await contacts.remove([row_id for row_id, _ in gone])
    await contacts.add(tx, known.id, known.subject_id, new, start=len(have))
    names = {ContactKind.PHONE: "phones"}
    return [
        *(
            Change(field=names.get(o.kind, o.kind.value), old=o.typed, personal=True)
            for _, o in gone
        ),
        *(Change(field=names.get(o.kind, o.kind.value), new=o.typed, personal=True) for o in new),
    ]


async def _edit_kept(known: Known, change: CustomerChange) -> list[Change]:
    """Plain columns that stand on the card: what somebody is to us, region, last source."""
    row = await fetch_one("SELECT party, region, source_last FROM customer WHERE id = {}", known.id)
    party, region, source = row or ("client", "", customers.NOTHING)
    entries: list[Change] = []
    if change.party is not msgspec.UNSET and change.party != party:
        await execute("UPDATE customer SET party = {} WHERE id = {}", change.party.value, known.id)
        entries.append(Change(field="party", old=party, new=change.party.value))
    if change.region is not msgspec.UNSET and change.region != region:
        await execute("UPDATE customer SET region = {} WHERE id = {}", change.region, known.id)
        entries.append(Change(field="region", old=region or None, new=change.region or None))
    if change.source is not msgspec.UNSET and customers.marks(change.source) != source:
        await customers.note_source(known.id, change.source)
        entries.append(Change(field="source", old=None, new=change.source.source or None))
    return entries


async def _edit_wishes(tx: Tx, known: Known, change: CustomerChange) -> list[Change]:
    if change.wishes is msgspec.UNSET:
        return []
    old, new = await customers.wishes_of(tx, known.id), change.wishes.reveal()
    names = [name for name in _WISHES if getattr(old, name) != getattr(new, name)]
    if not names:
        return []
    await customers.set_wishes(tx, known, change.wishes)
    return [
        Change(
            field=f"wishes.{name}",
            old=getattr(old, name) or None,
            new=getattr(new, name) or None,
            personal=True,
        )
        for name in names
    ]


async def _edit_address(
    tx: Tx, known: Known, given: Personal[Mapping[str, str]] | None
) -> list[Change]:
    if given is None:
        return []
    changed = await addresses.merge_address(
        tx, known.id, known.subject_id, "customer", given.reveal()
    )
    return [
        Change(
            field=f"address.{_ADDRESS_HISTORY.get(name, name)}",
            old=old or None,
            new=new or None,
            personal=True,
        )
        for name, old, new in changed
    ]


async def _edit_requisites(
    tx: Tx, known: Known, given: Personal[Mapping[str, str]] | None
) -> list[Change]:
    if given is None:
        return []
    stored = await customers.requisites(tx, known.id)
    parts = stored or RequisitesParts()
    names = set(RequisitesParts.__struct_fields__) - {"v"}
    changed = {
        name: value
        for name, value in given.reveal().items()
        if name in names and getattr(parts, name) != value
    }
    if not changed:
        return []
    new = msgspec.structs.replace(parts, **changed)
    await customers.set_requisites(tx, known.id, known.subject_id, Personal(new))
    return [
        Change(
            field=f"contragent.{name}",
            old=getattr(parts, name) or None,
            new=value or None,
            personal=True,
        )
        for name, value in changed.items()
    ]


async def _edit_tags(known: Known, change: CustomerChange) -> list[Change]:
    """Put marks on and take them off; one entry each, of what really changed."""
    if not change.add_tags and not change.remove_tags:
        return []
    have = await customers.tags_of(known.id)
    gone = [name for name in dict.fromkeys(change.remove_tags) if name in have]
    left = have - set(gone)
    fresh = [name for name in dict.fromkeys(change.add_tags) if name not in left]
    await customers.remove_tags(known.id, gone)
    await customers.add_tags(known.id, fresh)
    return [
        *(Change(field="tags", old=name) for name in gone),
        *(Change(field="tags", new=name) for name in fresh),
    ]


async def _edit_custom(tx: Tx, known: Known, change: CustomerChange) -> list[Change]:
    if change.custom is None:
        return []
    record = fields.Record(fields.owner_of(known.kind), known.id, known.subject_id)
    return await fields.change(tx, await references.lists(), record, change.custom)


async def _edit_plain(known: Known, change: CustomerChange) -> list[Change]:
    entries: list[Change] = []
    if change.external_id is not msgspec.UNSET and change.external_id != known.external_id:
        await set_external_id(known, change.external_id)
        entries.append(Change(field="external_id", old=known.external_id, new=change.external_id))
    row = await fetch_one(
        "SELECT vip, bad, owner_id, (SELECT number FROM users WHERE id = customer.owner_id) "
        "FROM customer WHERE id = {}",
        known.id,
    )
    vip, bad, _, owner_number = row or (False, False, None, None)
    for name, old, new in (("vip", bool(vip), change.vip), ("bad", bool(bad), change.bad)):
        if new is not msgspec.UNSET and new != old:
            await execute(f"UPDATE customer SET {name} = {{}} WHERE id = {{}}", new, known.id)
            entries.append(Change(field=name, old=old, new=new))
    if change.manager_number is not msgspec.UNSET and change.manager_number != owner_number:
        await set_owner(known.id, change.manager_number)
        entries.append(
            Change(field="manager", old=_user(owner_number), new=_user(change.manager_number))
        )
    return entries


def _user(number: int | None) -> dict[str, int] | None:
    return None if number is None else {"id": number}


async def set_owner(customer_id: UUID, number: int | None) -> None:
    """Hand a client to an active user, or to nobody.

    Raises:
        Invalid: `manager_unknown`.
    """
    owner_id = None if number is None else await staff.id_of(number)
    if number is not None and owner_id is None:
        raise Invalid("manager_unknown", fields={"managerId": "manager_unknown"})
    await execute("UPDATE customer SET owner_id = {} WHERE id = {}", owner_id, customer_id)


async def set_external_id(known: Known, external_id: str | None) -> None:
    """Give a client the shop's id.

    Raises:
        Conflict: `external_id_taken` by another client of the shop.
    """
    if external_id is not None:
        other = await customers.find_by_external_id(known.shop, external_id)
        if other is not None and other.id != known.id:
            raise Conflict("external_id_taken", number=other.number)
    await execute("UPDATE customer SET external_id = {} WHERE id = {}", external_id, known.id)
