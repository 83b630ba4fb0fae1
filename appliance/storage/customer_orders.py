"""A client's orders, as his card lists them."""

from datetime import datetime
from uuid import UUID

import msgspec

from appliance.storage.statements import fetch
from appliance.storage.tx import Tx

MOST = 50
"""Orders on a card; the rest is one press away in the list of orders."""


class ClientOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One order of a client; sums in kopecks."""

    id: UUID
    number: int
    shown_number: str
    status: str
    summary: str
    lines_count: int
    total: int
    paid_total: int
    created_at: datetime


async def of_customer(tx: Tx, customer_id: UUID) -> tuple[ClientOrder, ...]:
    """The newest orders of a client whose card the actor may open."""
    rows = await fetch(
        "SELECT id, number, shown_number, status, summary, lines_count, total, paid_total, "
        "created_at FROM orders WHERE customer_id = {} ORDER BY number DESC LIMIT {}",
        customer_id,
        MOST,
    )
    return tuple(
        ClientOrder(
            id=row[0],
            number=row[1],
            shown_number=row[2],
            status=row[3],
            summary=row[4],
            lines_count=row[5],
            total=row[6],
            paid_total=row[7],
            created_at=row[8],
        )
        for row in rows
    )
