"""Rows of new clients, table by table, as `customers.add` would leave them one by one."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from appliance.domain import taxids
from appliance.domain.customers import ContactValue, CustomerDraft
from appliance.domain.ids import uuid7
from appliance.domain.personal import reveal_or_none
from appliance.domain.timeline import Entry, Kind
from appliance.storage import contacts, counters, customers, fields, timeline
from appliance.storage.contacts import Read
from appliance.storage.customers import Known
from appliance.storage.fields import Record
from appliance.storage.references import Lists
from appliance.storage.statements import bulk
from appliance.storage.tables import (
    AddressRow,
    ChangeEntryRow,
    ContactRow,
    CustomerRow,
    PurposeRow,
    RequisitesRow,
    SearchChangeRow,
    TagRow,
    TimelineEntryRow,
)
from appliance.storage.tx import Tx
from appliance.vault.blind import BlindField

Token = tuple[str, bytes | str]
"""By what a person is known again: kind (email, phone, inn, code) and blind index or code."""


class Meant(NamedTuple):
    """A row as it was read, with what it is known by, the surest first."""

    draft: CustomerDraft
    reach: list[Read]
    tokens: tuple[Token, ...]


class Filled:
    """New clients of one chunk."""

    def __init__(self, tx: Tx, owners: Mapping[int, UUID], lists: Lists) -> None:
        self.tx, self.owners, self.lists = tx, owners, lists
        self.tables: dict[Any, list[dict[str, Any]]] = {}
        self._known: list[Known] = []
        self._drafts: list[CustomerDraft] = []

    def add(self, row: Meant, known: Known) -> None:
        """Seal all that is known of one client."""
        draft = row.draft
        self._known.append(known)
        self._drafts.append(draft)
        self._put(CustomerRow, self._customer(draft, known))
        for place, contact in enumerate(row.reach):
            self._put(ContactRow, self._contact(contact, known, place))
        address = reveal_or_none(draft.address)
        if address is not None:
            cell_id = uuid7()
            cell = self.tx.seal("address", "parts", cell_id, known.subject_id, address, "address")
            self._put(
                AddressRow,
                {
                    "id": cell_id,
                    "owner_id": known.id,
                    "subject_id": known.subject_id,
                    "kind": "customer",
                    "parts": cell,
                },
            )
        self._legal(draft, known)
        for one in draft.purposes:
            self._put(
                PurposeRow,
                {
                    "id": uuid7(),
                    "customer_id": known.id,
                    "code": one.code.value,
                    "basis": one.basis.value,
                    "source": one.source,
                    "since": one.since,
                    "until": one.until,
                    "document_id": one.document,
                },
            )
        record = Record(fields.owner_of(draft.kind.value), known.id, known.subject_id)
        for table, rows in fields.new_rows(self.tx, self.lists, record, draft.custom).items():
            for one in rows:
                self._put(table, one)
        for tag in draft.tags:
            self._put(TagRow, {"id": uuid7(), "customer_id": known.id, "name": tag})

    def _put(self, table: Any, row: dict[str, Any]) -> None:
        self.tables.setdefault(table, []).append(row)

    def _customer(self, draft: CustomerDraft, known: Known) -> dict[str, Any]:
        person = customers.person_of(draft)
        source = customers.marks(draft.source)
        return {
            "id": known.id,
            "number": known.number,
            "subject_id": known.subject_id,
            "kind": draft.kind.value,
            "state": "live",
            "version": 1,
            "shop": draft.shop,
            "external_id": draft.external_id,
            "owner_id": self.owners.get(draft.manager_number or 0),
            "person": self.tx.seal(
                "customer", "person", known.id, known.subject_id, person, "name"
            ),
            "party": draft.party.value,
            "wishes": None,
            "region": customers.region_of(draft),
            "source_first": source,
            "source_last": source,
            "vip": draft.vip,
            "bad": draft.bad,
            "orders_count": 0,
            "orders_total": 0,
            "paid_total": 0,
            "returned_total": 0,
            "owed_total": 0,
            "paid_orders": 0,
            "paid_wait": 0,
            "pay_days": 0,
            "stop": False,
            "created_at": draft.created_at or self.tx.now,
            "updated_at": self.tx.now,
        }

    def _contact(self, contact: Read, known: Known, place: int) -> dict[str, Any]:
        row_id = uuid7()
        value = ContactValue(typed=contact.typed, normal=contact.normal)
        kind = contact.kind.value
        return {
            "id": row_id,
            "customer_id": known.id,
            "subject_id": known.subject_id,
            "kind": kind,
            "position": place,
            "readable": contact.readable,
            "value": self.tx.seal("contact", "value", row_id, known.subject_id, value, kind),
            "value_index": contacts.index_of(self.tx.vault, contact),
            "tail_index": contacts.tail_of(self.tx.vault, contact),
        }

    def _legal(self, draft: CustomerDraft, known: Known) -> None:
        parts = reveal_or_none(draft.requisites)
        if parts is None:
            return
        row_id, inn = uuid7(), taxids.normalise_inn(parts.inn)
        self._put(
            RequisitesRow,
            {
                "id": row_id,
                "customer_id": known.id,
                "subject_id": known.subject_id,
                "parts": self.tx.seal(
                    "requisites", "parts", row_id, known.subject_id, parts, "tax_id"
                ),
                "inn_index": self.tx.vault.blind(BlindField.TAX_ID, inn) if inn else None,
            },
        )

    async def store(self) -> None:
        """Write all tables, and what the feed, the stream and the search index hear of it."""
        shops: dict[str, int] = {}
        for known in self._known:
            shops[known.shop] = shops.get(known.shop, 0) + 1
        for shop, many in shops.items():
            await counters.draw(f"customers@{shop}", many)
        for table, rows in self.tables.items():
            await _write(table, rows)
        await self._tell()

    async def _tell(self) -> None:
        """Last of all: the feed's counter stays locked until the commit."""
        many = len(self._known)
        feed = await counters.draw(counters.FEED, 2 * many)
        changes: list[dict[str, Any]] = []
        stream: list[dict[str, Any]] = []
        for place, (known, draft) in enumerate(zip(self._known, self._drafts, strict=True)):
            at = min(draft.created_at or self.tx.now, self.tx.now)
            changes.append(self._created(feed + place, known))
            entry = Entry(
                kind=Kind.CREATED,
                at=at,
                customer_id=known.id,
                data={"first": feed + place, "count": 1},
            )
            told = timeline.bulk_row(entry)
            stream.append(told | {"source": "user", "author_number": self.tx.actor.number})
        await _write(ChangeEntryRow, changes)
        await _write(TimelineEntryRow, stream)
        await _write(
            SearchChangeRow,
            [
                {"number": feed + many + place, "customer_id": known.id}
                for place, known in enumerate(self._known)
            ],
        )

    def _created(self, number: int, known: Known) -> dict[str, Any]:
        return {
            "number": number,
            "id": uuid7(),
            "entity": "customer",
            "entity_id": known.id,
            "entity_number": known.number,
            "shop": known.shop,
            "kind": "create",
            "field": "id",
            "new_value": str(known.number),
            "source": "user",
            "user_number": self.tx.actor.number,
            "at": self.tx.now,
        }


async def _write(table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        await bulk(table, tuple(rows[0]), [tuple(row.values()) for row in rows])
