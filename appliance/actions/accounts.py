"""Internal accounts of clients: topping up, and what became of the money."""

from collections.abc import Sequence

import msgspec

from appliance.actions._gate import action
from appliance.domain.money import Entry
from appliance.errors import Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import accounts, customers
from appliance.storage.accounts import Moved
from appliance.storage.customers import Known
from appliance.storage.tx import Tx


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """A client's internal account, kopecks; the newest entries first."""

    balance: int
    entries: Sequence[Moved]


async def _known(tx: Tx, number: int) -> Known:
    known = await customers.find_by_number(number)
    if known is None or known.state != "live" or not await customers.is_visible(tx, known.id):
        raise NotFound("customer_not_found")
    tx.about("customer", known.id)
    return known


@action(Permission.ORDER_PAY)
async def top_up(tx: Tx, customer_number: int, amount: int) -> int:
    """Put money on a client's account and give the balance.

    Raises:
        NotFound: `customer_not_found`: absent, or not for this actor.
        Invalid: `amount_out_of_range`.
    """
    if not 0 < amount <= 10**13:
        raise Invalid(fields={"amount": "amount_out_of_range"})
    known = await _known(tx, customer_number)
    return await accounts.move(tx, known.id, Entry.TOP_UP, amount)


@action(Permission.ORDER_PAY, reads=True)
async def ledger(tx: Tx, customer_number: int) -> Ledger:
    """A client's account with its newest entries.

    Raises:
        NotFound: `customer_not_found`.
    """
    known = await _known(tx, customer_number)
    return Ledger(
        balance=await accounts.balance(known.id), entries=await accounts.entries(known.id)
    )
