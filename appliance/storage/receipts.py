"""Fiscal receipts of payments."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from appliance.domain.health import BareMoney
from appliance.domain.ids import uuid7
from appliance.domain.receipts import Bare, ReceiptKind, ReceiptLine, ReceiptState, ReceiptView
from appliance.errors import NotFound
from appliance.storage.statements import any_of, fetch, fetch_one, fetch_value, insert, update_row
from appliance.storage.tables import ReceiptRow
from appliance.storage.tx import Tx

SETTING: Final = "receipts"
LOOKED_BACK: Final = timedelta(days=30)
GRACE: Final = timedelta(hours=1)
"""A till's receipt is typed in, or comes from the acquirer, within so long."""
MOST_LOOKED: Final = 2000
"""Payments that a look at the box's health goes through; the list itself shows all."""
_COLUMNS: Final = (
    "id, order_id, payment_id, kind, state, total, told, plugin, reason, made_by, at, vendor_id"
)
_lines = msgspec.json.Decoder(tuple[ReceiptLine, ...])


class ReceiptRules(msgspec.Struct, frozen=True, kw_only=True):
    """Setting: which money needs a receipt, and since when that is looked at.

    Attributes:
        since: None: nobody asked for the list yet.
        kinds: codes of ways to pay.
    """

    since: datetime | None = None
    kinds: tuple[str, ...] = ("cash", "bank-card", "sbp", "e-money")


def _view(row: tuple[Any, ...]) -> ReceiptView:
    return ReceiptView(
        id=row[0],
        order_id=row[1],
        payment_id=row[2],
        kind=ReceiptKind(row[3]),
        state=ReceiptState(row[4]),
        total=row[5],
        told=row[6],
        plugin=row[7],
        reason=row[8],
        made_by=row[9],
        at=row[10],
        vendor_id=row[11],
    )


async def add(
    tx: Tx,
    order_id: UUID,
    kind: ReceiptKind,
    lines: Sequence[ReceiptLine],
    total: int,
    **columns: Any,
) -> UUID:
    """Write a receipt down."""
    row_id = uuid7()
    await insert(
        ReceiptRow,
        id=row_id,
        order_id=order_id,
        kind=kind.value,
        lines=msgspec.json.encode(tuple(lines)).decode(),
        total=total,
        made_by=tx.actor.number,
        at=tx.now,
        **columns,
    )
    return row_id


async def change(receipt_id: UUID, **columns: Any) -> None:
    """Change a receipt."""
    await update_row(ReceiptRow, receipt_id, **columns)


async def get(receipt_id: UUID) -> ReceiptView:
    """One receipt.

    Raises:
        NotFound: `receipt_not_found`.
    """
    row = await fetch_one(f"SELECT {_COLUMNS} FROM receipt WHERE id = {{}}", receipt_id)
    if row is None:
        raise NotFound("receipt_not_found")
    return _view(row)


async def lines_of(receipt_id: UUID) -> tuple[ReceiptLine, ...]:
    """Lines of a receipt."""
    text = await fetch_value("SELECT lines FROM receipt WHERE id = {}", receipt_id)
    return () if text is None else _lines.decode(text)


async def attempt_of(receipt_id: UUID) -> UUID | None:
    """The attempt whose money a receipt is of."""
    return await fetch_value("SELECT attempt_id FROM receipt WHERE id = {}", receipt_id)


async def of_attempt(attempt_id: UUID) -> list[ReceiptView]:
    """Receipts of an attempt, the oldest first."""
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM receipt WHERE attempt_id = {{}} ORDER BY id", attempt_id
    )
    return [_view(row) for row in rows]


async def of_order(order_id: UUID) -> list[ReceiptView]:
    """Receipts of an order, the oldest first."""
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM receipt WHERE order_id = {{}} ORDER BY id", order_id
    )
    return [_view(row) for row in rows]


async def waiting(plugin: str, limit: int) -> list[ReceiptView]:
    """Receipts of hand-over that a plugin has still to make or to hear of."""
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM receipt WHERE plugin = {{}} AND state = 'waiting' "
        "ORDER BY id LIMIT {}",
        plugin,
        limit,
    )
    return [_view(row) for row in rows]


async def to_hand_over(limit: int) -> list[tuple[UUID, UUID]]:
    """Second receipts that are due: what was prepaid under a receipt is handed over.

    Returns:
        Attempt and order of each.
    """
    rows = await fetch(
        "SELECT r.attempt_id, r.order_id FROM receipt r JOIN orders o ON o.id = r.order_id "
        "WHERE r.kind = 'payment' AND r.state = 'done' AND r.attempt_id IS NOT NULL "
        "AND o.delivered_at IS NOT NULL AND o.delivered_at > r.at AND NOT EXISTS ("
        "SELECT 1 FROM receipt s WHERE s.attempt_id = r.attempt_id AND s.kind = 'hand_over') "
        "ORDER BY r.id LIMIT {}",
        limit,
    )
    return [(row[0], row[1]) for row in rows]


async def missing(rules: ReceiptRules, settled: Sequence[str], now: datetime) -> BareMoney:
    """How many of the newest payments need a receipt and have none for an hour."""
    if rules.since is None:
        return BareMoney()
    row = await fetch_one(
        'SELECT COUNT(*), MIN(p.paid_at) AS "oldest [TIMESTAMPTZ]" FROM (SELECT id, kind, status, '
        "amount, paid_at FROM payment WHERE paid_at >= {} AND paid_at < {} "
        "ORDER BY paid_at DESC LIMIT {}) p WHERE p.kind IN {} AND p.status IN {} "
        "AND p.amount <> 0 AND NOT EXISTS (SELECT 1 FROM receipt r WHERE r.payment_id = p.id "
        "AND r.state <> 'failed')",
        max(rules.since, now - LOOKED_BACK),
        now - GRACE,
        MOST_LOOKED,
        any_of(list(rules.kinds)),
        any_of(list(settled)),
    )
    count, oldest = row or (0, None)
    return BareMoney(count=int(count), oldest=oldest)


async def without(
    rules: ReceiptRules, settled: Sequence[str], before: int | None, limit: int
) -> list[Bare]:
    """Payments that need a receipt and have none that is made or on its way, the newest first."""
    if rules.since is None:
        return []
    rows = await fetch(
        "SELECT p.id, p.number, o.id, o.number, o.shown_number, p.kind, p.amount, p.paid_at, "
        "(SELECT COUNT(*) FROM receipt f WHERE f.payment_id = p.id AND f.state = 'failed') "
        "FROM payment p JOIN orders o ON o.id = p.order_id "
        "WHERE p.paid_at >= {} AND p.kind IN {} AND p.status IN {} AND p.amount <> 0 "
        "AND p.number < {} AND NOT EXISTS (SELECT 1 FROM receipt r WHERE r.payment_id = p.id "
        "AND r.state <> 'failed') ORDER BY p.number DESC LIMIT {}",
        rules.since,
        any_of(list(rules.kinds)),
        any_of(list(settled)),
        before or 2**62,
        limit,
    )
    return [Bare(*row)._replace(failed=bool(row[8])) for row in rows]
