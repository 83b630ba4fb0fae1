"""What bulk-made rows have in common: clients and articles filled in, addresses, first changes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from appliance.domain.customers import (
    AddressParts,
)
from appliance.domain.demo import DemoPerson, DemoProduct
from appliance.domain.ids import uuid7
from appliance.domain.timeline import Entry, Kind
from appliance.storage import (
    timeline,
)
from appliance.storage.statements import bulk
from appliance.storage.tx import Tx

SHOP = "main"


class Client(NamedTuple):
    """A client that was filled in, as his orders need him."""

    id: UUID
    subject: UUID
    owner: UUID | None
    person: DemoPerson


class Article(NamedTuple):
    """An article that was filled in."""

    variant: UUID
    product: DemoProduct


async def put(table: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that all have the same columns."""
    if rows:
        columns = tuple(rows[0])
        await bulk(table, columns, [tuple(row.values()) for row in rows])


def _parts(p: DemoPerson) -> AddressParts:
    return AddressParts(
        index=p.postcode,
        country_iso="RU",
        city=p.city,
        street=p.street,
        building=p.house,
        flat=p.flat,
        text=f"{p.postcode}, {p.city}, ул. {p.street}, д. {p.house}, кв. {p.flat}",
    )


def address(
    tx: Tx, client: Client, owner: UUID | None = None, kind: str = "customer"
) -> dict[str, Any]:
    """Where a client lives, or where an order (`owner`) goes."""
    row = uuid7()
    parts = _parts(client.person)
    return {
        "id": row,
        "owner_id": owner or client.id,
        "subject_id": client.subject,
        "kind": kind,
        "parts": tx.seal("address", "parts", row, client.subject, parts, "address"),
    }


def created(
    number: int, entity: str, entity_id: UUID, shown: int, field: str, value: str, at: datetime
) -> dict[str, Any]:
    """A record's first line of the feed."""
    return {
        "number": number,
        "id": uuid7(),
        "entity": entity,
        "entity_id": entity_id,
        "entity_number": shown,
        "shop": SHOP,
        "kind": "create",
        "field": field,
        "old_value": None,
        "new_value": value,
        "personal": None,
        "subject_id": None,
        "part": None,
        "source": "code",
        "user_number": 0,
        "key_id": None,
        "at": at,
    }


def told(kind: Kind, client: Client, at: datetime, first: int) -> dict[str, Any]:
    """A client's first line of the stream."""
    entry = Entry(kind=kind, at=at, customer_id=client.id, data={"first": first, "count": 1})
    return timeline.bulk_row(entry)
