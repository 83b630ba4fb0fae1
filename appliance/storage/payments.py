"""Payments of orders: promises and movements of money."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from appliance.storage import counters, report_marks
from appliance.storage.statements import (
    execute,
    fetch,
    fetch_one,
    fetch_value,
    insert_many,
    update_row,
)
from appliance.storage.tables import PaymentRow


class Payment(NamedTuple):
    """A payment as stored; kopecks, a refund is negative."""

    id: UUID
    number: int
    order_id: UUID
    shop: str
    external_id: str | None
    kind: str
    status: str
    amount: int
    paid_at: Any
    comment: bytes | None
    created_at: Any
    refund_of: UUID | None = None
    payer: bytes | None = None


_COLUMNS = ", ".join(Payment._fields)


def part_of(payment: Payment) -> dict[str, Any]:
    """The payment as the change feed keeps it, without its comment."""
    return {
        "id": payment.number,
        "type": payment.kind,
        "status": payment.status,
        "amount": payment.amount,
        "external_id": payment.external_id,
    }


async def add(payments: Sequence[Payment]) -> list[Payment]:
    """Store new payments and give them with their numbers."""
    if not payments:
        return []
    first = await counters.draw("payment", len(payments))
    numbered = [payment._replace(number=first + place) for place, payment in enumerate(payments)]
    await insert_many(PaymentRow, [payment._asdict() for payment in numbered])
    await report_marks.forget(*(payment.paid_at for payment in numbered))
    return numbered


async def find_by_number(number: int) -> Payment | None:
    """By the number that programs know it by."""
    row = await fetch_one(f"SELECT {_COLUMNS} FROM payment WHERE number = {{}}", number)
    return None if row is None else Payment(*row)


async def find_by_id(payment_id: UUID) -> Payment | None:
    """By its own id."""
    row = await fetch_one(f"SELECT {_COLUMNS} FROM payment WHERE id = {{}}", payment_id)
    return None if row is None else Payment(*row)


async def find_by_external_id(shop: str, external_id: str) -> Payment | None:
    """By the shop's own id."""
    row = await fetch_one(
        f"SELECT {_COLUMNS} FROM payment WHERE shop = {{}} AND external_id = {{}}",
        shop,
        external_id,
    )
    return None if row is None else Payment(*row)


async def change(payment: Payment) -> None:
    """Store a payment as it is now."""
    values = payment._asdict()
    del values["id"]
    before = await fetch_value("SELECT paid_at FROM payment WHERE id = {}", payment.id)
    await report_marks.forget(before, payment.paid_at)
    await update_row(PaymentRow, payment.id, **values)


async def remove(payment: Payment) -> None:
    """Delete a payment."""
    await execute("DELETE FROM payment WHERE id = {}", payment.id)
    await report_marks.forget(payment.paid_at)


async def amounts(order_id: UUID) -> list[tuple[int, str]]:
    """Amount and status of every payment of an order."""
    rows = await fetch("SELECT amount, status FROM payment WHERE order_id = {}", order_id)
    return [(row[0], row[1]) for row in rows]


async def of_order(order_id: UUID) -> list[Payment]:
    """All payments of an order, oldest first."""
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM payment WHERE order_id = {{}} ORDER BY number", order_id
    )
    return [Payment(*row) for row in rows]


async def refunds_of(payment_id: UUID) -> int:
    """Sum of what was given back of a payment, kopecks, negative."""
    return int(
        await fetch_value(
            "SELECT COALESCE(SUM(amount), 0) FROM payment WHERE refund_of = {}", payment_id
        )
    )
