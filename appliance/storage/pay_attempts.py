"""Attempts to be paid through an acquirer, and refunds on their way back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.domain.paying import (
    ACTIVE,
    AttemptState,
    AttemptView,
    Deed,
    RefundState,
    RefundView,
)
from appliance.errors import NotFound
from appliance.storage import counters
from appliance.storage.statements import any_of, fetch, fetch_one, insert, update_row
from appliance.storage.tables import PayAttemptRow, PayRefundRow
from appliance.storage.tx import Tx

_FIELDS: Final = (
    "id", "number", "order_id", "plugin", "account", "state", "amount", "paid", "refunded",
    "two_stage", "wished", "url", "vendor_id", "expires_at", "capture_by", "reason", "test",
    "payment_id", "made_by", "created_at",
)  # fmt: skip
_COLUMNS: Final = ", ".join(f"a.{name}" for name in _FIELDS)
_REFUND: Final = "id, attempt_id, state, amount, vendor_id, reason, created_at"
MOST_SHOWN: Final = 20


def _view(row: tuple[Any, ...]) -> AttemptView:
    values: dict[str, Any] = dict(zip(_FIELDS, row, strict=True))
    values["state"] = AttemptState(values["state"])
    for name in ("two_stage", "test"):
        values[name] = bool(values[name])
    return AttemptView(**values)


def _refund(row: tuple[Any, ...]) -> RefundView:
    return RefundView(
        id=row[0],
        attempt_id=row[1],
        state=RefundState(row[2]),
        amount=row[3],
        vendor_id=row[4],
        reason=row[5],
        created_at=row[6],
    )


async def add(tx: Tx, order_id: UUID, plugin: str, amount: int, *, two_stage: bool) -> UUID:
    """Begin an attempt; its id goes to the acquirer as the key under which it is made once."""
    row_id = uuid7()
    await insert(
        PayAttemptRow,
        id=row_id,
        number=await counters.draw("pay_attempt"),
        order_id=order_id,
        plugin=plugin,
        state=AttemptState.CREATED.value,
        wished=Deed.CREATE.value,
        amount=amount,
        two_stage=two_stage,
        made_by=tx.actor.number,
        created_at=tx.now,
        changed_at=tx.now,
    )
    return row_id


async def change(tx: Tx, attempt_id: UUID, **columns: Any) -> None:
    """Change an attempt."""
    await update_row(PayAttemptRow, attempt_id, changed_at=tx.now, **columns)


async def get(attempt_id: UUID) -> AttemptView:
    """One attempt.

    Raises:
        NotFound: `attempt_not_found`.
    """
    row = await fetch_one(f"SELECT {_COLUMNS} FROM pay_attempt a WHERE a.id = {{}}", attempt_id)
    if row is None:
        raise NotFound("attempt_not_found")
    return _view(row)


async def by_vendor(plugin: str, vendor_id: str) -> AttemptView | None:
    """An attempt by the acquirer's own id."""
    row = await fetch_one(
        f"SELECT {_COLUMNS} FROM pay_attempt a WHERE a.plugin = {{}} AND a.vendor_id = {{}}",
        plugin,
        vendor_id,
    )
    return None if row is None else _view(row)


async def of_order(order_id: UUID) -> list[AttemptView]:
    """Attempts of an order, the newest first."""
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM pay_attempt a WHERE a.order_id = {{}} "
        "ORDER BY a.number DESC LIMIT {}",
        order_id,
        MOST_SHOWN,
    )
    return [_view(row) for row in rows]


async def active_of(order_id: UUID) -> AttemptView | None:
    """The one attempt of an order that may still be paid."""
    row = await fetch_one(
        f"SELECT {_COLUMNS} FROM pay_attempt a WHERE a.order_id = {{}} AND a.state IN {{}} "
        "ORDER BY a.number DESC LIMIT 1",
        order_id,
        any_of([one.value for one in ACTIVE]),
    )
    return None if row is None else _view(row)


async def open_ones(plugin: str, after: int, limit: int) -> list[AttemptView]:
    """Attempts that the acquirer still has to do with, by number, ascending."""
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM pay_attempt a WHERE a.plugin = {{}} AND a.state IN {{}} "
        "AND a.number > {} ORDER BY a.number LIMIT {}",
        plugin,
        any_of([one.value for one in ACTIVE]),
        after,
        limit,
    )
    return [_view(row) for row in rows]


async def to_capture(statuses: Sequence[str], limit: int) -> list[AttemptView]:
    """Held money of orders that are packed or gone, whose capture nobody wished yet."""
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM pay_attempt a JOIN orders o ON o.id = a.order_id "
        "WHERE a.state = 'authorized' AND a.wished = '' AND (o.shipped = {} OR o.status IN {}) "
        "ORDER BY a.number LIMIT {}",
        True,
        any_of(list(statuses)),
        limit,
    )
    return [_view(row) for row in rows]


async def ending(until: datetime, limit: int) -> list[AttemptView]:
    """Held money that goes back before this moment, of which nobody was told."""
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM pay_attempt a WHERE a.state = 'authorized' "
        "AND a.warned = {} AND a.capture_by IS NOT NULL AND a.capture_by < {} "
        "ORDER BY a.number LIMIT {}",
        False,
        until,
        limit,
    )
    return [_view(row) for row in rows]


async def add_refund(tx: Tx, attempt: AttemptView, amount: int) -> UUID:
    """Begin a refund."""
    row_id = uuid7()
    await insert(
        PayRefundRow,
        id=row_id,
        attempt_id=attempt.id,
        order_id=attempt.order_id,
        state=RefundState.CREATED.value,
        amount=amount,
        made_by=tx.actor.number,
        created_at=tx.now,
    )
    return row_id


async def change_refund(refund_id: UUID, **columns: Any) -> None:
    """Change a refund."""
    await update_row(PayRefundRow, refund_id, **columns)


async def get_refund(refund_id: UUID) -> RefundView:
    """One refund.

    Raises:
        NotFound: `refund_not_found`.
    """
    row = await fetch_one(f"SELECT {_REFUND} FROM pay_refund WHERE id = {{}}", refund_id)
    if row is None:
        raise NotFound("refund_not_found")
    return _refund(row)


async def refunds_of(attempts: Sequence[UUID]) -> dict[UUID, list[RefundView]]:
    """Refunds by attempt, the oldest first."""
    found: dict[UUID, list[RefundView]] = {}
    rows = await fetch(
        f"SELECT {_REFUND} FROM pay_refund WHERE attempt_id IN {{}} ORDER BY id",
        any_of(list(attempts)),
    )
    for row in rows:
        found.setdefault(row[1], []).append(_refund(row))
    return found


async def open_refunds(plugin: str, limit: int) -> list[RefundView]:
    """Refunds that the acquirer thinks about: there is no push of a refund that it refuses."""
    rows = await fetch(
        "SELECT r.id, r.attempt_id, r.state, r.amount, r.vendor_id, r.reason, r.created_at "
        "FROM pay_refund r JOIN pay_attempt a ON a.id = r.attempt_id "
        "WHERE a.plugin = {} AND r.state IN ('created', 'pending') ORDER BY r.id LIMIT {}",
        plugin,
        limit,
    )
    return [_refund(row) for row in rows]
