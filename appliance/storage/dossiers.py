"""What is known of a client in a period, as one record for a dispute."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from appliance.domain.grants import Access
from appliance.errors import Damaged, Destroyed
from appliance.storage import timeline
from appliance.storage.statements import any_of, fetch
from appliance.storage.tx import Tx

MOST_ROWS = 20_000
"""Of each kind; a longer period is cut into several dossiers."""


async def orders(customer_id: UUID, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """Orders placed in the period with their payments; kopecks."""
    rows = await fetch(
        "SELECT id, number, status, total, paid_total, created_at, summary FROM orders "
        "WHERE customer_id = {} AND created_at >= {} AND created_at < {} "
        "ORDER BY number LIMIT {}",
        customer_id,
        start,
        end,
        MOST_ROWS,
    )
    paid = await _payments([row[0] for row in rows])
    return [
        {
            "number": number,
            "status": status,
            "total": total,
            "paid": paid_total,
            "placed_at": at.isoformat(),
            "goods": summary,
            "payments": paid.get(order_id, []),
        }
        for order_id, number, status, total, paid_total, at, summary in rows
    ]


async def _payments(ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = {}
    if not ids:
        return found
    for order_id, number, kind, status, amount, at in await fetch(
        "SELECT order_id, number, kind, status, amount, paid_at FROM payment "
        "WHERE order_id IN {} ORDER BY number",
        any_of(ids),
    ):
        found.setdefault(order_id, []).append(
            {
                "number": number,
                "kind": kind,
                "status": status,
                "amount": amount,
                "paid_at": None if at is None else at.isoformat(),
            }
        )
    return found


async def entries(
    tx: Tx, customer_id: UUID, start: datetime, end: datetime
) -> list[dict[str, Any]]:
    """The stream of the period, files by name; private entries and those taken back stay out."""
    rows = await fetch(
        "SELECT id, at, kind, author_number, source, subject_id, text FROM timeline_entry "
        "WHERE customer_id = {} AND at >= {} AND at < {} AND deleted_at IS NULL "
        "AND private = {} ORDER BY at, id LIMIT {}",
        customer_id,
        start,
        end,
        False,
        MOST_ROWS,
    )
    return [
        {
            "at": at.isoformat(),
            "kind": kind,
            "author": author,
            "source": source,
            **_said(tx, row_id, subject, cell),
        }
        for row_id, at, kind, author, source, subject, cell in rows
    ]


def _said(tx: Tx, row_id: UUID, subject: UUID | None, cell: bytes | None) -> dict[str, str]:
    if cell is None or subject is None or tx.may("comment") is not Access.VISIBLE:
        return {}
    try:
        said = timeline.open_(tx, row_id, subject, cell)
    except (Damaged, Destroyed):
        return {"text": "?"}
    return {name: text for name, text in (("title", said.title), ("text", said.text)) if text}
