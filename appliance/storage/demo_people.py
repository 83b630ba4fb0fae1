"""The bulk path of clients: each with a key, contacts, an address and a purpose."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from appliance.domain import regions
from appliance.domain.customers import (
    AddressParts,
    ContactKind,
    ContactValue,
    CustomerKind,
    Person,
    RequisitesParts,
)
from appliance.domain.demo import DemoPerson
from appliance.domain.ids import uuid7
from appliance.domain.privacy import LegalBasis, PurposeCode
from appliance.domain.timeline import Kind
from appliance.storage import (
    contacts,
    counters,
)
from appliance.storage.contacts import Read
from appliance.storage.demo_rows import SHOP, Client, address, created, put, told
from appliance.storage.tables import (
    AddressRow,
    ChangeEntryRow,
    ContactRow,
    CustomerRow,
    PurposeRow,
    RequisitesRow,
    SearchChangeRow,
    TimelineEntryRow,
)
from appliance.storage.tx import Tx
from appliance.vault.blind import BlindField


async def add_people(
    tx: Tx, invented: Sequence[DemoPerson], owners: Sequence[UUID]
) -> list[Client]:
    """Fill in clients, each with a key, contacts, an address and a purpose."""
    first = await counters.draw("customer", len(invented))
    await counters.draw(f"customers@{SHOP}", len(invented))
    feed = await counters.draw(counters.FEED, 2 * len(invented))
    made: list[Client] = []
    rows = _Rows()
    for place, person in enumerate(invented):
        owner = owners[(first + place) % len(owners)] if owners else None
        client = Client(uuid7(), tx.vault.new_subject(), owner, person)
        number = first + place
        made.append(client)
        rows.customers.append(_customer(tx, client, number))
        rows.contacts += _contacts(tx, client)
        rows.addresses.append(address(tx, client))
        if person.inn:
            rows.requisites.append(_requisites(tx, client))
        rows.purposes.append(_purpose(client))
        rows.changes.append(
            created(
                feed + place, "customer", client.id, number, "id", str(number), person.created_at
            )
        )
        rows.stream.append(told(Kind.CREATED, client, person.created_at, feed + place))
        rows.searches.append({"number": feed + len(invented) + place, "customer_id": client.id})
    await rows.store()
    return made


class _Rows:
    """Rows of one slice of clients, by table."""

    def __init__(self) -> None:
        self.customers: list[dict[str, Any]] = []
        self.contacts: list[dict[str, Any]] = []
        self.addresses: list[dict[str, Any]] = []
        self.requisites: list[dict[str, Any]] = []
        self.purposes: list[dict[str, Any]] = []
        self.changes: list[dict[str, Any]] = []
        self.stream: list[dict[str, Any]] = []
        self.searches: list[dict[str, Any]] = []

    async def store(self) -> None:
        await put(CustomerRow, self.customers)
        await put(ContactRow, self.contacts)
        await put(AddressRow, self.addresses)
        await put(RequisitesRow, self.requisites)
        await put(PurposeRow, self.purposes)
        await put(ChangeEntryRow, self.changes)
        await put(TimelineEntryRow, self.stream)
        await put(SearchChangeRow, self.searches)


def _customer(tx: Tx, client: Client, number: int) -> dict[str, Any]:
    p = client.person
    kind = CustomerKind.COMPANY if p.company else CustomerKind.PERSON
    record = Person(
        first_name=p.first_name,
        last_name=p.last_name,
        patronymic=p.patronymic,
        company_name=p.company,
        sex=p.sex,
    )
    return {
        "id": client.id,
        "number": number,
        "subject_id": client.subject,
        "kind": kind.value,
        "state": "live",
        "version": 1,
        "shop": SHOP,
        "external_id": f"demo-{number}",
        "owner_id": client.owner,
        "person": tx.seal("customer", "person", client.id, client.subject, record, "name"),
        "vip": False,
        "bad": False,
        "party": "client",
        "wishes": None,
        "region": regions.of_address(AddressParts(city=p.city)),
        "source_first": "{}",
        "source_last": "{}",
        "orders_count": 0,
        "orders_total": 0,
        "paid_total": 0,
        "returned_total": 0,
        "owed_total": 0,
        "paid_orders": 0,
        "paid_wait": 0,
        "credit_limit": None,
        "pay_days": 0,
        "stop": False,
        "contacted_at": None,
        "first_order_at": None,
        "last_order_at": None,
        "created_at": p.created_at,
        "updated_at": p.created_at,
    }


def _contacts(tx: Tx, client: Client) -> list[dict[str, Any]]:
    p = client.person
    found = [Read(ContactKind.PHONE, p.phone, p.phone, p.phone[-10:])]
    if p.email:
        found.append(Read(ContactKind.EMAIL, p.email, p.email, ""))
    rows: list[dict[str, Any]] = []
    for contact in found:
        row = uuid7()
        value = ContactValue(typed=contact.typed, normal=contact.normal)
        rows.append(
            {
                "id": row,
                "customer_id": client.id,
                "subject_id": client.subject,
                "kind": contact.kind.value,
                "position": 0,
                "readable": True,
                "value": tx.seal("contact", "value", row, client.subject, value, contact.kind),
                "value_index": contacts.index_of(tx.vault, contact),
                "tail_index": contacts.tail_of(tx.vault, contact),
            }
        )
    return rows


def _requisites(tx: Tx, client: Client) -> dict[str, Any]:
    row = uuid7()
    p = client.person
    parts = RequisitesParts(contragent_type="legal-entity", legal_name=p.company, inn=p.inn)
    return {
        "id": row,
        "customer_id": client.id,
        "subject_id": client.subject,
        "parts": tx.seal("requisites", "parts", row, client.subject, parts, "tax_id"),
        "inn_index": tx.vault.blind(BlindField.TAX_ID, p.inn),
    }


def _purpose(client: Client) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "customer_id": client.id,
        "code": PurposeCode.ORDER.value,
        "basis": LegalBasis.CONTRACT.value,
        "source": "import:demo",
        "since": client.person.created_at,
        "until": None,
        "document_id": None,
    }
