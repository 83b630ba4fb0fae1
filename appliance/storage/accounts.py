"""Internal accounts of clients: a ledger that is only added to, and its kept balance."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.domain.money import Entry
from appliance.errors import Invalid
from appliance.storage import counters
from appliance.storage.statements import execute, fetch, fetch_value, insert, upsert
from appliance.storage.tables import AccountEntryRow, AccountRow
from appliance.storage.tx import Tx

MOST_SHOWN = 50


class Moved(NamedTuple):
    """A line of the ledger; kopecks."""

    number: int
    kind: str
    amount: int
    balance: int
    order_number: int | None
    at: datetime


async def balance(customer_id: UUID) -> int:
    """What lies there, kopecks."""
    found = await fetch_value("SELECT balance FROM account WHERE customer_id = {}", customer_id)
    return int(found or 0)


async def move(
    tx: Tx,
    customer_id: UUID,
    kind: Entry,
    amount: int,
    *,
    order_id: UUID | None = None,
    payment_id: UUID | None = None,
) -> int:
    """Put money on an account or take it off (negative), and give the balance after it.

    Raises:
        Invalid: `account_short`: there is not that much.
    """
    await upsert(AccountRow, ["customer_id"], customer_id=customer_id)
    # The guard is in the statement: two orders cannot spend the same rouble.
    changed = await execute(
        "UPDATE account SET balance = balance + {} WHERE customer_id = {} AND balance + {} >= 0",
        amount,
        customer_id,
        amount,
    )
    if not changed:
        raise Invalid("account_short", fields={"amount": "account_short"})
    after = await balance(customer_id)
    await insert(
        AccountEntryRow,
        id=uuid7(),
        number=await counters.draw("account_entry"),
        customer_id=customer_id,
        kind=kind.value,
        amount=amount,
        balance=after,
        order_id=order_id,
        payment_id=payment_id,
        user_number=tx.actor.number,
        at=tx.now,
    )
    return after


async def entries(customer_id: UUID) -> list[Moved]:
    """The newest lines of a client's ledger."""
    rows = await fetch(
        "SELECT e.number, e.kind, e.amount, e.balance, o.number, e.at FROM account_entry e "
        "LEFT JOIN orders o ON o.id = e.order_id WHERE e.customer_id = {} "
        "ORDER BY e.number DESC LIMIT {}",
        customer_id,
        MOST_SHOWN,
    )
    return [Moved(*row) for row in rows]
