"""Taking back orders, deals and tasks that an import added: what nobody worked with goes.

A record goes with all that came with it, and counters, stock and figures of the client are as
before. Its number stays used, and the change feed says that it is gone.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from appliance.domain.access import NOBODY
from appliance.domain.statuses import Goods, goods_of
from appliance.storage import (
    customer_figures,
    deal_tally,
    deals,
    feed,
    order_lines,
    references,
    report_marks,
    tally,
)
from appliance.storage.deals import Deal
from appliance.storage.orders import Order
from appliance.storage.statements import any_of, execute, fetch
from appliance.storage.tx import Tx

_BEGINNING: Final = "('created', 'order', 'deal', 'change')"
"""Kinds of lines of a stream that come with a record itself."""

_FREE_TASK: Final = "t.version = 1 AND t.state = 'open'"
_WORK: Final = (
    "AND NOT EXISTS (SELECT 1 FROM task t WHERE t.{column} = x.id "
    f"AND NOT ({_FREE_TASK} AND t.setter_id = {{}})) "
    "AND NOT EXISTS (SELECT 1 FROM letter l WHERE l.{column} = x.id) "
    "AND NOT EXISTS (SELECT 1 FROM timeline_entry e WHERE e.{column} = x.id "
    f"AND e.kind NOT IN {_BEGINNING})"
)
"""Nobody worked with `x`; tasks that the house itself set and nobody touched are no work."""

_FREE_ORDERS: Final = (
    f"SELECT {', '.join(f'x.{name}' for name in Order._fields)} FROM orders x "
    "WHERE x.id IN {} AND x.version = 1 "
    "AND NOT EXISTS (SELECT 1 FROM shipment s WHERE s.order_id = x.id) "
    "AND NOT EXISTS (SELECT 1 FROM paper p WHERE p.order_id = x.id) "
    "AND NOT EXISTS (SELECT 1 FROM status_link l WHERE l.order_id = x.id) "
    "AND NOT EXISTS (SELECT 1 FROM call c WHERE c.order_id = x.id) "
    "AND NOT EXISTS (SELECT 1 FROM deal d WHERE d.order_id = x.id) "
    "AND NOT EXISTS (SELECT 1 FROM account_entry a WHERE a.order_id = x.id) "
    "AND NOT EXISTS (SELECT 1 FROM stock_document d WHERE d.order_id = x.id) "
    "AND NOT EXISTS (SELECT 1 FROM picking k WHERE k.order_id = x.id) "
    "AND NOT EXISTS (SELECT 1 FROM courier_run r WHERE r.order_id = x.id) "
    + _WORK.replace("{column}", "order_id")
)
_FREE_DEALS: Final = (
    f"SELECT {', '.join(f'x.{name}' for name in Deal._fields)} FROM deal x "
    "WHERE x.id IN {} AND x.version = 1 AND x.order_id IS NULL "
    + _WORK.replace("{column}", "deal_id")
)
_OF_ORDERS: Final = (
    "DELETE FROM order_line WHERE order_id IN {}",
    "DELETE FROM payment WHERE order_id IN {}",
    "DELETE FROM coupon_use WHERE order_id IN {}",
    "DELETE FROM order_alarm WHERE order_id IN {}",
    "DELETE FROM snooze WHERE order_id IN {}",
    "DELETE FROM address WHERE owner_id IN {}",
    "DELETE FROM purpose WHERE document_id IN {}",
    "DELETE FROM timeline_entry WHERE order_id IN {}",
    "DELETE FROM orders WHERE id IN {}",
)
_OF_DEALS: Final = (
    "DELETE FROM deal_line WHERE deal_id IN {}",
    "DELETE FROM deal_move WHERE deal_id IN {}",
    "DELETE FROM timeline_entry WHERE deal_id IN {}",
    "DELETE FROM deal WHERE id IN {}",
)
_OF_TASKS: Final = (
    "DELETE FROM task_member WHERE task_id IN {}",
    "DELETE FROM task WHERE id IN {}",
)
_OF_ANY: Final = (
    "DELETE FROM notice WHERE entity_id IN {}",
    "DELETE FROM custom_value WHERE entity_id IN {}",
    "DELETE FROM custom_cell WHERE entity_id IN {}",
    "DELETE FROM custom_token WHERE entity_id IN {}",
    "UPDATE change_entry SET personal = NULL WHERE entity_id IN {} AND personal IS NOT NULL",
)


async def _forget(ids: Sequence[UUID], own: Sequence[str]) -> None:
    for sql in (*own, *_OF_ANY):
        await execute(sql, any_of(ids))


def _gone(field: str, old: Any) -> list[feed.Change]:
    return [feed.Change(field=field, old=old, kind="delete")]


async def remove_tasks(tx: Tx, ids: Sequence[UUID]) -> frozenset[UUID]:
    """Take tasks away that are open and that nobody changed; those who are gone."""
    if not ids:
        return frozenset()
    rows = await fetch(
        f"SELECT t.id, t.number, t.subject_id FROM task t WHERE t.id IN {{}} AND {_FREE_TASK} "
        "AND NOT EXISTS (SELECT 1 FROM timeline_entry e WHERE e.ref_id = t.id)",
        any_of(ids),
    )
    if not rows:
        return frozenset()
    await _forget([row[0] for row in rows], _OF_TASKS)
    for task_id, number, subject_id in rows:
        await feed.record(
            tx, "task", task_id, number, "", subject_id or NOBODY, _gone("task", None)
        )
    return frozenset(row[0] for row in rows)


async def _set_by_house(tx: Tx, column: str, ids: Sequence[UUID]) -> None:
    rows = await fetch(
        f"SELECT id FROM task WHERE {column} IN {{}} AND setter_id = {{}}", any_of(ids), NOBODY
    )
    await remove_tasks(tx, [row[0] for row in rows])


async def remove_deals(tx: Tx, ids: Sequence[UUID]) -> tuple[frozenset[UUID], frozenset[UUID]]:
    """Take deals away that nobody worked with.

    Returns:
        the deals that are gone, and the clients whose they were.
    """
    rows = await fetch(_FREE_DEALS, any_of(ids), NOBODY) if ids else []
    found = [Deal(*row) for row in rows]
    if not found:
        return frozenset(), frozenset()
    gone = [one.id for one in found]
    await _set_by_house(tx, "deal_id", gone)
    await _forget(gone, _OF_DEALS)
    for one in found:
        await deal_tally.move(one.place, None)
        await deals.record(tx, one, _gone("stage", None))
    return frozenset(gone), frozenset(one.customer_id for one in found)


async def remove_orders(tx: Tx, ids: Sequence[UUID]) -> tuple[frozenset[UUID], frozenset[UUID]]:
    """Take orders away that nobody worked with; goods set aside for them are free again.

    Returns:
        the orders that are gone, and the clients whose they were.
    """
    rows = await fetch(_FREE_ORDERS, any_of(ids), NOBODY) if ids else []
    found = [Order(*row) for row in rows]
    if not found:
        return frozenset(), frozenset()
    lists = await references.lists()
    for one in found:
        lines = await order_lines.of_order(one.id)
        held = goods_of(lists.group_of(one.status))
        if held is not Goods.FREE:
            await order_lines.turn(tx, one.id, lines, held, Goods.FREE)
        await report_marks.forget_order(one.id, one.created_at)
    gone = [one.id for one in found]
    await _set_by_house(tx, "order_id", gone)
    await _forget(gone, _OF_ORDERS)
    for one in found:
        await tally.move(one.place, None)
        await customer_figures.follow(tx, one, None)
        code = {"code": one.status}
        await feed.record(
            tx, "order", one.id, one.number, one.shop, one.subject_id, _gone("status", code)
        )
    clients = frozenset(one.customer_id for one in found)
    await _first_and_last(clients)
    return frozenset(gone), clients


async def _first_and_last(clients: Iterable[UUID]) -> None:
    await execute(
        "UPDATE customer SET first_order_at = (SELECT MIN(o.created_at) FROM orders o "
        "WHERE o.customer_id = customer.id), last_order_at = (SELECT MAX(o.created_at) "
        "FROM orders o WHERE o.customer_id = customer.id) WHERE id IN {}",
        any_of(list(clients)),
    )


async def added_with(clients: Iterable[UUID], own: Sequence[tuple[int, int]]) -> list[UUID]:
    """Of these clients those whom the import itself added.

    Args:
        clients: any.
        own: numbers of change entries that the import wrote.
    """
    wanted = list(clients)
    if not wanted:
        return []
    rows = await fetch(
        "SELECT entity_id, number FROM change_entry WHERE entity_id IN {} "
        "AND entity = 'customer' AND kind = 'create'",
        any_of(wanted),
    )
    return [
        customer_id
        for customer_id, number in rows
        if any(first <= number <= last for first, last in own)
    ]
