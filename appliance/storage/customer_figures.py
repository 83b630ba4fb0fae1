"""What a client brought and owes: kept by the deeds that change it, never added up per view."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from appliance.domain.client_money import Bought, Breach, breach_of
from appliance.domain.references import ReferenceKind
from appliance.domain.statuses import CANCEL_GROUP
from appliance.roles import Permission
from appliance.storage import references
from appliance.storage.orders import Order
from appliance.storage.references import Lists
from appliance.storage.statements import any_of, execute, fetch, fetch_one, fetch_value
from appliance.storage.tx import Tx
from appliance.storage.visible import visible_client_under

RECENT_ORDERS = 200
"""What is bought most is told from these; a wholesale client's ten thousandth order changes it
no more."""
SHOWN_GROUPS = 5


class _Part(NamedTuple):
    """What one order adds to its client's figures; kopecks."""

    orders: int = 0
    total: int = 0
    paid: int = 0
    owed: int = 0
    settled: int = 0

    def less(self, other: "_Part") -> "_Part":
        return _Part(*(mine - theirs for mine, theirs in zip(self, other, strict=True)))


def _part(lists: Lists, order: Order) -> _Part:
    stands = lists.group_of(order.status) != CANCEL_GROUP
    return _Part(
        orders=1,
        total=order.total,
        paid=order.paid_total,
        owed=max(order.total - order.paid_total, 0) if stands else 0,
        settled=int(0 < order.total <= order.paid_total),
    )


async def follow(tx: Tx, was: Order | None, became: Order | None) -> None:
    """Bring the figures of an order's client up to date; both clients' when it changed hands."""
    lists = await references.lists()
    if was is not None and became is not None and was.customer_id == became.customer_id:
        moved = _part(lists, became).less(_part(lists, was))
        await _add(tx, became, moved, None)
        if moved.paid:
            await _count_returns(became.customer_id, lists)
        return
    for order, away in ((was, True), (became, False)):
        if order is None:
            continue
        part = _part(lists, order)
        await _add(tx, order, _Part().less(part) if away else part, None if away else order)
        if was is not None:
            await _count_returns(order.customer_id, lists)


async def _add(tx: Tx, order: Order, part: _Part, placed: Order | None) -> None:
    if part == _Part() and placed is None:
        return
    at = None if placed is None else placed.created_at
    waited = max(int((tx.now - order.created_at).total_seconds()), 0)
    await execute(
        "UPDATE customer SET orders_count = orders_count + {}, orders_total = orders_total + {}, "
        "paid_total = paid_total + {}, owed_total = owed_total + {}, "
        # A payment taken back takes a mean wait with it: whose wait it was is not kept.
        "paid_wait = CASE WHEN {} > 0 THEN paid_wait + {} WHEN {} < 0 AND paid_orders > 0 "
        "THEN paid_wait - paid_wait / paid_orders ELSE paid_wait END, "
        "paid_orders = paid_orders + {}, first_order_at = COALESCE(first_order_at, {}), "
        "last_order_at = COALESCE({}, last_order_at), contacted_at = COALESCE({}, contacted_at) "
        "WHERE id = {}",
        part.orders,
        part.total,
        part.paid,
        part.owed,
        part.settled,
        waited,
        part.settled,
        part.settled,
        at,
        at,
        at,
        order.customer_id,
    )


async def _count_returns(customer_id: UUID, lists: Lists) -> None:
    every = lists.of(ReferenceKind.PAYMENT_STATUS)
    settled = [code for code in every if lists.settles(code)]
    await execute(
        "UPDATE customer SET returned_total = COALESCE((SELECT SUM(-p.amount) FROM payment p "
        "JOIN orders o ON o.id = p.order_id WHERE o.customer_id = {} AND p.amount < 0 "
        "AND p.status IN {}), 0) WHERE id = {}",
        customer_id,
        any_of(settled or [""]),
        customer_id,
    )


async def recount(customer_id: UUID) -> None:
    """Add up what is owed and returned anew, after a client's orders changed hands as a whole."""
    lists = await references.lists()
    gone = [one.code for one in lists.statuses.values() if one.group == CANCEL_GROUP]
    row = await fetch_one(
        "SELECT COALESCE(SUM(CASE WHEN status IN {} OR total < paid_total THEN 0 "
        "ELSE total - paid_total END), 0), "
        "COALESCE(SUM(CASE WHEN total > 0 AND paid_total >= total THEN 1 ELSE 0 END), 0) "
        "FROM orders WHERE customer_id = {}",
        any_of(gone or [""]),
        customer_id,
    )
    owed, settled = row or (0, 0)
    await execute(
        "UPDATE customer SET owed_total = {}, paid_orders = {}, "
        "paid_wait = CASE WHEN paid_orders > 0 THEN paid_wait / paid_orders * {} ELSE 0 END "
        "WHERE id = {}",
        int(owed),
        int(settled),
        int(settled),
        customer_id,
    )
    await _count_returns(customer_id, lists)


async def overdue_of(customer_id: UUID, pay_days: int, now: datetime) -> int:
    """What should have been paid by now, kopecks; nothing is overdue without a deferral."""
    if pay_days <= 0:
        return 0
    lists = await references.lists()
    gone = [one.code for one in lists.statuses.values() if one.group == CANCEL_GROUP]
    return int(
        await fetch_value(
            "SELECT COALESCE(SUM(total - paid_total), 0) FROM orders WHERE customer_id = {} "
            "AND total > paid_total AND created_at < {} AND status NOT IN {}",
            customer_id,
            now - timedelta(days=pay_days),
            any_of(gone or [""]),
        )
    )


async def limit_breach(tx: Tx, customer_id: UUID, new_total: int) -> Breach | None:
    """Why a further order of `new_total` kopecks should not be sold on credit; None: nothing."""
    row = await fetch_one(
        "SELECT credit_limit, owed_total, pay_days, stop FROM customer WHERE id = {}", customer_id
    )
    if row is None:
        return None
    limit, owed, pay_days, stop = row
    overdue = await overdue_of(customer_id, pay_days, tx.now)
    return breach_of(limit=limit, owed=owed, overdue=overdue, stop=bool(stop), new_total=new_total)


async def breach_by_number(tx: Tx, number: int, new_total: int) -> Breach | None:
    """The same by the client's number; nothing is told of one out of the actor's reach."""
    reach, args = visible_client_under(tx, Permission.CUSTOMER_VIEW)
    found = await fetch_value(
        "SELECT c.id FROM customer c WHERE c.number = {} AND " + reach, number, *args
    )
    return None if found is None else await limit_breach(tx, found, new_total)


async def bought_most(customer_id: UUID) -> tuple[Bought, ...]:
    """Groups of goods in the client's latest orders, those of most orders first."""
    rows = await fetch(
        "SELECT p.product_group, COUNT(DISTINCT o.id) AS many FROM ("
        "SELECT id FROM orders WHERE customer_id = {} ORDER BY number DESC LIMIT {}) o "
        "JOIN order_line l ON l.order_id = o.id JOIN variant v ON v.id = l.variant_id "
        "JOIN product p ON p.id = v.product_id WHERE p.product_group <> '' "
        "GROUP BY p.product_group ORDER BY many DESC, p.product_group LIMIT {}",
        customer_id,
        RECENT_ORDERS,
        SHOWN_GROUPS,
    )
    return tuple(Bought(group=group, orders=many) for group, many in rows)
