"""Rules that say who gets an order, alarms that were raised, and the queue."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from appliance.domain.access import NOBODY
from appliance.domain.assignment import Facts, Rule
from appliance.domain.ids import uuid7
from appliance.domain.orders import LineDraft
from appliance.errors import NotFound
from appliance.storage import counters, offers, staff
from appliance.storage.statements import any_of, execute, fetch, fetch_one, insert, update_row
from appliance.storage.tables import AssignmentRuleRow
from appliance.storage.tx import Tx

ALARMS = "orders.alarms"
"""Setting: `domain.assignment.Alarms`."""
AT_ONCE = 100
"""Orders of one kind told of in a step: each is a task and a notice, and the writer waits."""
_DEEPEST = 20


async def rules(*, active: bool = True) -> list[Rule]:
    """Rules in their order."""
    rows = await fetch(
        "SELECT number, position, active, body FROM assignment_rule ORDER BY position, number"
    )
    found = [
        msgspec.structs.replace(
            msgspec.json.decode(body, type=Rule), number=number, position=place, active=bool(on)
        )
        for number, place, on, body in rows
    ]
    return [one for one in found if one.active or not active]


async def put(rule: Rule) -> int:
    """Add a rule (number 0: as the last one), or change one; return its number.

    Raises:
        NotFound: `rule_not_found`.
    """
    body = msgspec.json.encode(rule).decode()
    if not rule.number:
        number = await counters.draw("assignment_rule")
        await insert(
            AssignmentRuleRow,
            id=uuid7(),
            number=number,
            position=number * 10,
            active=rule.active,
            body=body,
        )
        return number
    row_id = await _id_of(rule.number)
    await update_row(AssignmentRuleRow, row_id, active=rule.active, body=body)
    return rule.number


async def _id_of(number: int) -> UUID:
    row = await fetch_one("SELECT id FROM assignment_rule WHERE number = {}", number)
    if row is None:
        raise NotFound("rule_not_found")
    return row[0]


async def remove(number: int) -> None:
    """Forget a rule; one that is gone stays gone."""
    await execute("DELETE FROM assignment_rule WHERE number = {}", number)


async def set_order(numbers: Sequence[int]) -> None:
    """Put rules into this order."""
    for place, number in enumerate(numbers, 1):
        await execute(
            "UPDATE assignment_rule SET position = {} WHERE number = {}", place * 10, number
        )


async def pool(rule: Rule, shop: str) -> list[tuple[UUID, int]]:
    """Who may get an order of a shop by a rule: id and number of active colleagues."""
    if not rule.people and not rule.department:
        return [(one.id, one.number) for one in await staff.active_with_role("seller", shop)]
    rows = await fetch(
        "SELECT u.id, u.number, d.code FROM users u "
        "LEFT JOIN department d ON d.id = u.department_id WHERE u.active = {}",
        True,
    )
    return [
        (user_id, number)
        for user_id, number, department in rows
        if (number in rule.people if rule.people else department == rule.department)
    ]


async def branch_of(shop: str) -> str:
    """Code of a shop's branch; empty for none."""
    row = await fetch_one(
        "SELECT b.code FROM shop s JOIN branch b ON b.id = s.branch_id WHERE s.code = {}", shop
    )
    return "" if row is None else row[0]


async def client_facts(customer_id: UUID) -> tuple[bool, int]:
    """Whether a client is a VIP, and how often he has ordered."""
    row = await fetch_one("SELECT vip, orders_count FROM customer WHERE id = {}", customer_id)
    return (False, 0) if row is None else (bool(row[0]), int(row[1]))


async def categories_of(shop: str, lines: Sequence[LineDraft]) -> frozenset[int]:
    """Numbers of the groups that the goods of an order to come belong to."""
    return await _groups(await offers.known_ids(shop, lines))


async def _groups(variants: Sequence[UUID]) -> frozenset[int]:
    if not variants:
        return frozenset()
    tree = {
        row[0]: (row[1], row[2])
        for row in await fetch("SELECT id, number, parent_id FROM category")
    }
    rows = await fetch(
        "SELECT DISTINCT p.category_id FROM variant v JOIN product p ON p.id = v.product_id "
        "WHERE v.id IN {} AND p.category_id IS NOT NULL",
        any_of(variants),
    )
    found: set[int] = set()
    for (category,) in rows:
        here: UUID | None = category
        for _ in range(_DEEPEST):
            if here is None or here not in tree:
                break
            number, here = tree[here]
            found.add(number)
    return frozenset(found)


async def last_orders(count: int) -> list[tuple[int, UUID | None, UUID | None, Facts]]:
    """The newest orders as they would come in: number, manager, the client's owner, facts."""
    rows = await fetch(
        "SELECT o.id, o.number, o.manager_id, c.owner_id, o.shop, o.order_type, c.vip, "
        "c.orders_count, o.total, b.code FROM orders o JOIN customer c ON c.id = o.customer_id "
        "LEFT JOIN shop s ON s.code = o.shop LEFT JOIN branch b ON b.id = s.branch_id "
        "ORDER BY o.number DESC LIMIT {}",
        count,
    )
    goods: dict[UUID, list[UUID]] = {}
    for order_id, variant in await fetch(
        "SELECT order_id, variant_id FROM order_line "
        "WHERE order_id IN {} AND variant_id IS NOT NULL",
        any_of([row[0] for row in rows]),
    ):
        goods.setdefault(order_id, []).append(variant)
    found: list[tuple[int, UUID | None, UUID | None, Facts]] = []
    for order_id, number, manager, owner, shop, kind, vip, before, total, branch in rows:
        facts = Facts(
            shop=shop,
            order_type=kind,
            vip=bool(vip),
            orders_before=max(int(before) - 1, 0),
            total=total,
            categories=await _groups(goods.get(order_id, [])),
            branch=branch or "",
        )
        found.append((number, manager, owner, facts))
    return found


# --- the queue ---


async def first_waiting(tx: Tx, statuses: Sequence[str]) -> int | None:
    """Number of the order that has waited longest for somebody to take it.

    Orders of a branch's shop wait for the branch's people alone.
    """
    row = await fetch_one(
        "SELECT o.number FROM orders o WHERE o.manager_id IS NULL AND o.status IN {} "
        "AND NOT EXISTS (SELECT 1 FROM shop s WHERE s.code = o.shop AND s.branch_id IS NOT NULL "
        "AND s.branch_id NOT IN (SELECT d.branch_id FROM department d "
        "WHERE d.id = {} AND d.branch_id IS NOT NULL)) ORDER BY o.created_at, o.number LIMIT 1",
        any_of(statuses),
        tx.actor.department or NOBODY,
    )
    return None if row is None else int(row[0])


# --- alarms ---


async def untouched(
    statuses: Sequence[str], after: datetime, before: datetime
) -> list[tuple[Any, ...]]:
    """Orders still as they came in: (id, number, manager, customer, since), the oldest first."""
    return await fetch(
        "SELECT o.id, o.number, o.manager_id, o.customer_id, o.created_at FROM orders o "
        "WHERE o.status IN {} AND o.version = 1 AND o.created_at <= {} AND o.created_at > {} "
        "AND NOT EXISTS (SELECT 1 FROM order_alarm a "
        "WHERE a.order_id = o.id AND a.kind = 'untouched') "
        "ORDER BY o.created_at LIMIT {}",
        any_of(statuses),
        before,
        after,
        AT_ONCE,
    )


async def unpaid(
    statuses: Sequence[str], after: datetime, before: datetime
) -> list[tuple[Any, ...]]:
    """Confirmed orders with money owing: (id, number, manager, customer, since)."""
    return await fetch(
        "SELECT o.id, o.number, o.manager_id, o.customer_id, o.status_at FROM orders o "
        "WHERE o.status IN {} AND o.paid_total < o.total "
        "AND o.status_at <= {} AND o.status_at > {} "
        "AND NOT EXISTS (SELECT 1 FROM order_alarm a "
        "WHERE a.order_id = o.id AND a.kind = 'unpaid') "
        "ORDER BY o.status_at LIMIT {}",
        any_of(statuses),
        before,
        after,
        AT_ONCE,
    )


async def raise_once(tx: Tx, order_id: UUID, kind: str) -> bool:
    """Note an alarm; False where it was raised before."""
    return bool(
        await execute(
            "INSERT INTO order_alarm (id, order_id, kind, at) VALUES ({}, {}, {}, {}) "
            "ON CONFLICT (order_id, kind) DO NOTHING",
            uuid7(),
            order_id,
            kind,
            tx.now,
        )
    )
