"""Suppliers to choose from where goods come in: clients of that kind."""

from typing import Any
from uuid import UUID

from appliance.domain.personal import Personal
from appliance.domain.stockroom import Supplier
from appliance.storage import customer_views
from appliance.storage.statements import fetch, fetch_value
from appliance.storage.tx import Tx
from appliance.storage.visible import visible_client

MOST = 300
"""A form with more would be no choice; the rest are written by hand."""


async def choice(tx: Tx) -> tuple[Supplier, ...]:
    """Live suppliers, the newest `MOST`, by name; a hidden name leaves the number."""
    scope, args = visible_client(tx)
    rows = await fetch(
        "SELECT c.id FROM customer c WHERE c.party = 'supplier' AND c.party <> 'client' "
        f"AND c.state = 'live' AND {scope} ORDER BY c.number DESC LIMIT {{}}",
        *args,
        MOST,
    )
    known = await customer_views.rows_by_ids(tx, [row[0] for row in rows])
    found = [_shown(tx, known[row[0]]) for row in rows if row[0] in known]
    return tuple(sorted(found, key=lambda one: (one.name.reveal().casefold(), one.number)))


async def id_of(tx: Tx, number: int) -> UUID | None:
    """A live supplier by his number."""
    scope, args = visible_client(tx)
    return await fetch_value(
        "SELECT c.id FROM customer c WHERE c.number = {} AND c.party = 'supplier' "
        f"AND c.state = 'live' AND {scope}",
        number,
        *args,
    )


async def one(tx: Tx, supplier_id: UUID) -> Supplier | None:
    """A supplier of a document; None when he is gone, or out of reach."""
    known = await customer_views.rows_by_ids(tx, [supplier_id])
    return _shown(tx, known[supplier_id]) if supplier_id in known else None


def _shown(tx: Tx, row: tuple[Any, ...]) -> Supplier:
    brief = customer_views.brief(tx, *row)
    return Supplier(number=brief.number, name=brief.name or Personal(""))


async def asked_price(supplier_id: UUID, variant_id: UUID) -> int | None:
    """What this supplier asks for an article now, kopecks."""
    return await fetch_value(
        "SELECT amount FROM supplier_price WHERE supplier_id = {} AND variant_id = {} "
        "ORDER BY since DESC LIMIT 1",
        supplier_id,
        variant_id,
    )
