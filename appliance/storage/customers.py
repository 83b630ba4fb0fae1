"""Clients: finding, adding, editing. Views are in `customer_views`."""

from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple
from uuid import UUID

import msgspec

from appliance.domain import regions, taxids
from appliance.domain.customers import (
    ContactDraft,
    ContactKind,
    CustomerDraft,
    Person,
    RequisitesParts,
    Wishes,
)
from appliance.domain.grants import Access
from appliance.domain.ids import uuid7
from appliance.domain.orders import CustomerRef
from appliance.domain.personal import Personal, reveal_or_none
from appliance.domain.privacy import Purpose
from appliance.domain.sources import SourceMarks
from appliance.errors import Conflict, Damaged, Destroyed
from appliance.storage import addresses, contacts, counters, feed, fields, purposes, references
from appliance.storage.statements import any_of, execute, fetch, fetch_one, insert, insert_many
from appliance.storage.tables import CustomerRow, RequisitesRow, TagRow
from appliance.storage.tx import Tx
from appliance.storage.visible import visible_client
from appliance.vault.blind import BlindField

NOTHING = "{}"
NO_MARKS = SourceMarks()


class Known(NamedTuple):
    """A stored client, without anything personal."""

    id: UUID
    number: int
    subject_id: UUID
    owner_id: UUID | None
    shop: str
    external_id: str | None
    state: str = "live"
    version: int = 1
    kind: str = "person"


_KNOWN = (
    "SELECT c.id, c.number, c.subject_id, c.owner_id, c.shop, c.external_id, c.state, c.version, "
    "c.kind FROM customer c "
)


async def find_by_number(number: int) -> Known | None:
    """By the number for people."""
    row = await fetch_one(_KNOWN + "WHERE c.number = {}", number)
    return None if row is None else Known(*row)


async def find_by_id(customer_id: UUID) -> Known | None:
    """By id."""
    row = await fetch_one(_KNOWN + "WHERE c.id = {}", customer_id)
    return None if row is None else Known(*row)


async def find_by_external_id(shop: str, external_id: str) -> Known | None:
    """By the shop's own id."""
    row = await fetch_one(_KNOWN + "WHERE c.shop = {} AND c.external_id = {}", shop, external_id)
    return None if row is None else Known(*row)


async def follow(known: Known | None) -> Known | None:
    """The client who lives on where this one was merged into another, and so on."""
    while known is not None and known.state == "merged":
        row = await fetch_one(
            _KNOWN + "WHERE c.id = (SELECT merged_into FROM customer WHERE id = {})", known.id
        )
        known = None if row is None else Known(*row)
    return known


async def find_by_ref(tx: Tx, shop: str, ref: CustomerRef) -> Known | None:
    """Which client a shop names: by number, else by external id within the shop.

    A number is easily guessed, so a shop's key finds by it only whom the shop may know. Who was
    merged into another is that other: a shop goes on naming him as it always did.
    """
    if ref.number is not None:
        known = await follow(await find_by_number(ref.number))
        if known is None or not tx.actor.shop or known.shop in {tx.actor.shop, ""}:
            return known
        return known if await is_visible(tx, known.id) else None
    if ref.external_id is not None:
        return await follow(await find_by_external_id(shop, ref.external_id))
    return None


async def find_by_contacts(
    tx: Tx, drafts: Sequence[ContactDraft], country: str = "RU"
) -> Known | None:
    """The live client who has one of these contacts: e-mail first, then phone.

    Two phones that could be read are the same only when they are equal. The last ten digits decide
    where one of them could not: `098 123-45-67` and `380981234567` meet, +1 and +7 do not.
    """
    for contact in sorted(
        contacts.read_all(drafts, country), key=lambda c: c.kind is not ContactKind.EMAIL
    ):
        whole, tail = contacts.indexes_of(tx.vault, contact), contacts.tails_of(tx.vault, contact)
        if contact.kind is ContactKind.EMAIL or not tail:
            condition, values = "k.value_index IN {}", (whole,)
        elif not whole:
            condition, values = "k.tail_index IN {}", (tail,)
        else:
            condition = "k.tail_index IN {} AND (k.value_index IN {} OR k.value_index IS NULL)"
            values = (tail, whole)
        if not values[0]:
            continue
        row = await fetch_one(
            _KNOWN + f"JOIN contact k ON k.customer_id = c.id WHERE {condition} "
            "AND k.kind = {} AND c.state = 'live' ORDER BY c.number LIMIT 1",
            *map(any_of, values),
            contact.kind.value,
        )
        if row is not None:
            return Known(*row)
    return None


async def find_by_inn(tx: Tx, inn: str) -> Known | None:
    """The live client with this INN: the one that was there first."""
    row = await fetch_one(
        _KNOWN + "JOIN requisites k ON k.customer_id = c.id "
        "WHERE k.inn_index IN {} AND c.state = 'live' ORDER BY c.number LIMIT 1",
        any_of(tx.vault.blinds(BlindField.TAX_ID, inn)),
    )
    return None if row is None else Known(*row)


def person_of(draft: CustomerDraft) -> Person:
    """The sealed record of who it is."""
    return Person(
        first_name=reveal_or_none(draft.first_name) or "",
        last_name=reveal_or_none(draft.last_name) or "",
        patronymic=reveal_or_none(draft.patronymic) or "",
        company_name=reveal_or_none(draft.company_name) or "",
        birthday=reveal_or_none(draft.birthday),
        sex=draft.sex,
        comment=reveal_or_none(draft.comment) or "",
        fleet=reveal_or_none(draft.fleet) or "",
        culture=reveal_or_none(draft.culture) or "",
        software=reveal_or_none(draft.software) or "",
    )


def region_of(draft: CustomerDraft) -> str:
    """The region given, else the one that the address or a phone tells."""
    phones = [one.value.reveal() for one in draft.contacts if one.kind is ContactKind.PHONE]
    return draft.region or regions.guess(reveal_or_none(draft.address), tuple(phones))


def marks(source: SourceMarks) -> str:
    """A source as its column keeps it."""
    return NOTHING if source == NO_MARKS else msgspec.json.encode(source).decode()


async def add(tx: Tx, draft: CustomerDraft, *, owner_id: UUID | None) -> Known:
    """Add a client with a key of his own.

    Raises:
        Conflict: `customer_exists`: the shop has given this external id before.
        Invalid: `purpose_missing`, `consent_text_unknown`.
    """
    if draft.external_id is not None and await find_by_external_id(draft.shop, draft.external_id):
        raise Conflict("customer_exists", field="externalId")
    customer_id, subject_id = uuid7(), tx.vault.new_subject()
    await purposes.add(customer_id, draft.purposes)
    number = await counters.draw("customer")
    await counters.draw(f"customers@{draft.shop}")
    person = person_of(draft)
    created_at = draft.created_at or tx.now
    await insert(
        CustomerRow,
        id=customer_id,
        number=number,
        subject_id=subject_id,
        kind=draft.kind.value,
        shop=draft.shop,
        external_id=draft.external_id,
        owner_id=owner_id,
        person=tx.seal("customer", "person", customer_id, subject_id, person, "name"),
        party=draft.party.value,
        wishes=_sealed_wishes(tx, customer_id, subject_id, draft.wishes),
        region=region_of(draft),
        source_first=marks(draft.source),
        source_last=marks(draft.source),
        vip=draft.vip,
        bad=draft.bad,
        created_at=created_at,
        updated_at=tx.now,
    )
    address = None if draft.address is None else draft.address.reveal()
    country = await contacts.country_of(draft.shop, address)
    await contacts.add(tx, customer_id, subject_id, contacts.read_all(draft.contacts, country))
    if draft.address is not None:
        await addresses.set_address(tx, customer_id, subject_id, "customer", draft.address.reveal())
    if draft.requisites is not None:
        await set_requisites(tx, customer_id, subject_id, draft.requisites)
    await purposes.add_consents(tx, customer_id, subject_id, draft.consents)
    await add_tags(customer_id, draft.tags)
    record = fields.Record(fields.owner_of(draft.kind.value), customer_id, subject_id)
    await fields.begin(tx, await references.lists(), record, draft.custom)
    known = Known(
        customer_id,
        number,
        subject_id,
        owner_id,
        draft.shop,
        draft.external_id,
        kind=draft.kind.value,
    )
    await feed.record(
        tx,
        "customer",
        customer_id,
        number,
        draft.shop,
        subject_id,
        [feed.Change(field="id", new=number, kind="create")],
    )
    await feed.reindex([customer_id])
    return known


def _sealed_wishes(
    tx: Tx, customer_id: UUID, subject_id: UUID, wishes: Personal[Wishes] | None
) -> bytes | None:
    if wishes is None or wishes.reveal() == Wishes():
        return None
    return tx.seal("customer", "wishes", customer_id, subject_id, wishes.reveal(), "comment")


async def set_wishes(tx: Tx, known: Known, wishes: Personal[Wishes]) -> None:
    """Keep what the client's next order starts with."""
    cell = _sealed_wishes(tx, known.id, known.subject_id, wishes)
    await execute("UPDATE customer SET wishes = {} WHERE id = {}", cell, known.id)


async def wishes_of(tx: Tx, customer_id: UUID) -> Wishes:
    """What the client's next order starts with; the caller has asked for the client."""
    row = await fetch_one("SELECT subject_id, wishes FROM customer WHERE id = {}", customer_id)
    if row is None or row[1] is None:
        return Wishes()
    return tx.open("customer", "wishes", customer_id, row[0], row[1], Wishes, "comment")


async def wish_notes(tx: Tx, customer_ids: Sequence[UUID]) -> dict[UUID, str]:
    """What buyers of a page always wish, in their words; nothing of those whose records are gone.

    The caller has asked for their orders; nothing is opened for a role that reads no notes.
    """
    if tx.may("comment") is not Access.VISIBLE:
        return {}
    rows = await fetch(
        "SELECT id, subject_id, wishes FROM customer WHERE id IN {} AND wishes IS NOT NULL",
        any_of(customer_ids),
    )
    tx.vault.preload([row[1] for row in rows])
    known: dict[UUID, str] = {}
    for customer, subject, cell in rows:
        with suppress(Damaged, Destroyed):
            said = tx.open("customer", "wishes", customer, subject, cell, Wishes, "comment")
            known[customer] = said.note
    return known


async def note_source(customer_id: UUID, source: SourceMarks) -> None:
    """Keep where the client came from this time; the first time is kept, too."""
    if source == NO_MARKS:
        return
    text = marks(source)
    await execute(
        "UPDATE customer SET source_last = {}, source_first = "
        "CASE WHEN source_first = {} THEN {} ELSE source_first END WHERE id = {}",
        text,
        NOTHING,
        text,
        customer_id,
    )


async def set_requisites(
    tx: Tx, customer_id: UUID, subject_id: UUID, parts: Personal[RequisitesParts]
) -> None:
    """Store the legal side of a client, in place of the one it had."""
    value = parts.reveal()
    await execute("DELETE FROM requisites WHERE customer_id = {}", customer_id)
    inn = taxids.normalise_inn(value.inn)
    row_id = uuid7()
    await insert(
        RequisitesRow,
        id=row_id,
        customer_id=customer_id,
        subject_id=subject_id,
        parts=tx.seal("requisites", "parts", row_id, subject_id, value, "tax_id"),
        inn_index=tx.vault.blind(BlindField.TAX_ID, inn) if inn else None,
    )


async def requisites(tx: Tx, customer_id: UUID) -> RequisitesParts | None:
    """Open the legal side of a client; the caller has asked the grant."""
    return (await requisites_of(tx, [customer_id])).get(customer_id)


async def requisites_of(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, RequisitesParts]:
    """Open the legal sides of many clients; damaged ones are left out."""
    found: dict[UUID, RequisitesParts] = {}
    for customer_id, row_id, subject_id, cell in await fetch(
        "SELECT customer_id, id, subject_id, parts FROM requisites "
        "WHERE customer_id IN {} AND parts IS NOT NULL",
        any_of(ids),
    ):
        with suppress(Damaged, Destroyed):
            found[customer_id] = tx.open(
                "requisites", "parts", row_id, subject_id, cell, RequisitesParts, "tax_id"
            )
    return found


async def tags_of(customer_id: UUID) -> set[str]:
    """Marks on a client."""
    rows = await fetch("SELECT name FROM tag WHERE customer_id = {}", customer_id)
    return {row[0] for row in rows}


async def add_tags(customer_id: UUID, names: Sequence[str]) -> None:
    """Put marks on a client; ones it has stay."""
    await remove_tags(customer_id, names)
    await insert_many(
        TagRow, [{"id": uuid7(), "customer_id": customer_id, "name": name} for name in names]
    )


async def remove_tags(customer_id: UUID, names: Sequence[str]) -> None:
    """Take marks off a client."""
    if names:
        await execute(
            "DELETE FROM tag WHERE customer_id = {} AND name IN {}", customer_id, any_of(names)
        )


async def ensure_purpose(tx: Tx, known: Known, wanted: Sequence[Purpose]) -> None:
    """Make sure a known person has these purposes too: an order brings its contract."""
    await purposes.ensure(known.id, wanted)


async def is_visible(tx: Tx, customer_id: UUID) -> bool:
    """Whether the actor's grant reaches this client."""
    condition, args = visible_client(tx)
    mine = await fetch_one(
        f"SELECT 1 FROM customer c WHERE c.id = {{}} AND {condition}", customer_id, *args
    )
    return mine is not None


async def known_subjects(subjects: Sequence[UUID]) -> set[UUID]:
    """Those of the subjects that a client belongs to."""
    rows = await fetch("SELECT subject_id FROM customer WHERE subject_id IN {}", any_of(subjects))
    return {row[0] for row in rows}
