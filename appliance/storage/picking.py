"""How far the warehouse is with orders: the board, marks per line, packing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from appliance.domain.courier import RunState
from appliance.domain.dispatch import PickLine, Standing
from appliance.storage.statements import any_of, fetch, fetch_one, upsert
from appliance.storage.tables import PickingRow, PickMarkRow
from appliance.storage.tx import Tx
from appliance.storage.visible import visible_order

MOST = 60
"""Orders of one column; who has more works them off first."""


_STANDING = (
    "SELECT o.id, o.number, o.status, o.delivery_type, o.delivery_date, o.delivery_to, o.summary, "
    "o.lines_count, o.status_at, k.packed_at, u.number, COALESCE(r.state, ''), "
    "COALESCE(r.reason, '')"
)
_ASIDE = (
    "LEFT JOIN picking k ON k.order_id = o.id LEFT JOIN courier_run r ON r.order_id = o.id "
    "LEFT JOIN users u ON u.id = r.courier_id"
)


async def board(tx: Tx, statuses: Sequence[str], in_hand: int = 0) -> list[Standing]:
    """Orders in these statuses, the longest wait first; the one in hand however many wait before.

    Args:
        tx: of the action.
        statuses: their codes.
        in_hand: number of the order that is worked on, 0 for none.
    """
    if not statuses:
        return []
    scope, args = visible_order(tx)
    rows = await fetch(
        f"{_STANDING}, NULL, o.customer_id FROM orders o {_ASIDE} "
        f"WHERE {scope} AND o.status IN {{}} "
        "ORDER BY o.status_at, o.number LIMIT {}",
        *args,
        any_of(statuses),
        MOST,
    )
    found = [Standing(*row) for row in rows]
    if not in_hand or len(found) < MOST or any(one.number == in_hand for one in found):
        return found
    rows = await fetch(
        f"{_STANDING}, NULL, o.customer_id FROM orders o {_ASIDE} "
        f"WHERE {scope} AND o.number = {{}} AND o.status IN {{}}",
        *args,
        in_hand,
        any_of(statuses),
    )
    return [*(Standing(*row) for row in rows), *found]


async def brought(tx: Tx, since: datetime) -> list[Standing]:
    """What came back and waits to be taken in, then what buyers got since then, newest first."""
    scope, args = visible_order(tx)
    back = await fetch(
        f"{_STANDING}, r.done_at, o.customer_id FROM orders o {_ASIDE} "
        f"WHERE {scope} AND r.state = {{}} ORDER BY r.done_at LIMIT {{}}",
        *args,
        RunState.REFUSED.value,
        MOST,
    )
    got = await fetch(
        f"{_STANDING}, h.delivered_at, o.customer_id FROM shipment h "
        f"JOIN orders o ON o.id = h.order_id {_ASIDE} WHERE {scope} AND h.delivered_at >= {{}} "
        "ORDER BY h.delivered_at DESC LIMIT {}",
        *args,
        since,
        MOST,
    )
    found: dict[UUID, Standing] = {}
    for row in (*back, *got):
        found.setdefault(row[0], Standing(*row))
    return list(found.values())


async def lines_of(order_id: UUID) -> list[PickLine]:
    """What an order needs and what lies in its box already."""
    rows = await fetch(
        "SELECT l.id, l.variant_id, l.name, l.sku, l.quantity_milli, "
        "COALESCE(m.picked_milli, 0), COALESCE(s.shelf, ''), m.missing FROM order_line l "
        "LEFT JOIN pick_mark m ON m.line_id = l.id "
        "LEFT JOIN stock s ON s.variant_id = l.variant_id AND s.warehouse_id = l.reserved_at "
        "WHERE l.order_id = {} ORDER BY l.position",
        order_id,
    )
    return [PickLine(*row[:-1], missing=bool(row[-1])) for row in rows]


async def mark(tx: Tx, order_id: UUID, line: PickLine, picked_milli: int) -> None:
    """Note how much of a line is picked; what lies in the box was on the shelf."""
    await upsert(
        PickMarkRow,
        ("line_id",),
        line_id=line.id,
        order_id=order_id,
        picked_milli=picked_milli,
        missing=False,
        at=tx.now,
    )


async def miss(tx: Tx, order_id: UUID, line: PickLine, *, missing: bool) -> None:
    """Note that a line's goods are not where they should be, or are after all."""
    await upsert(
        PickMarkRow,
        ("line_id",),
        line_id=line.id,
        order_id=order_id,
        missing=missing,
        at=tx.now,
    )


async def note(order_id: UUID, **columns: Any) -> None:
    """Note a step of the warehouse."""
    await upsert(PickingRow, ("order_id",), order_id=order_id, **columns)


async def packed(order_id: UUID) -> bool:
    """Whether an order is packed."""
    row = await fetch_one("SELECT packed_at FROM picking WHERE order_id = {}", order_id)
    return row is not None and row[0] is not None


async def handed_at(order_ids: Sequence[UUID], at: datetime) -> list[UUID]:
    """Which of these orders the board handed over at that very moment."""
    rows = await fetch(
        "SELECT order_id FROM picking WHERE order_id IN {} AND handed_at = {} ORDER BY order_id",
        any_of(list(order_ids)),
        at,
    )
    return [row[0] for row in rows]
