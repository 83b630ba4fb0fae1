"""Which records a list's filter chooses for a change of many: their numbers, by key."""

from collections.abc import Sequence

from appliance.domain.client_lists import ClientList
from appliance.domain.orders import OrderFilter
from appliance.domain.tasks import TaskFilter
from appliance.storage import client_filters, order_lists, references, task_lists
from appliance.storage.statements import fetch, fetch_value
from appliance.storage.tx import Tx
from appliance.storage.visible import visible_client


async def orders(tx: Tx, asked: OrderFilter, after: int | None, limit: int) -> list[int]:
    """Numbers of orders after a number, newest first."""
    wanted = await order_lists.prepare(tx, asked, await references.lists())
    return await order_lists.numbers(tx, wanted, after, limit)


async def count_orders(tx: Tx, asked: OrderFilter) -> int:
    """How many there are, up to a bound."""
    wanted = await order_lists.prepare(tx, asked, await references.lists())
    return await order_lists.counted(tx, wanted)


async def clients(tx: Tx, asked: ClientList, after: int | None, limit: int) -> list[int]:
    """Numbers of clients after a number, newest first."""
    text, values = await _clients(tx, asked, after)
    rows = await fetch(
        f"SELECT c.number FROM customer c WHERE {text} ORDER BY c.number DESC LIMIT {{}}",
        *values,
        limit,
    )
    return [row[0] for row in rows]


async def count_clients(tx: Tx, asked: ClientList, most: int) -> int:
    """How many there are, up to `most`."""
    text, values = await _clients(tx, asked, None)
    return await fetch_value(
        f"SELECT COUNT(*) FROM (SELECT 1 FROM customer c WHERE {text} LIMIT {{}}) counted",
        *values,
        most,
    )


async def _clients(tx: Tx, asked: ClientList, after: int | None) -> tuple[str, Sequence[object]]:
    condition, values = client_filters.whole(tx, await references.lists(), asked)
    scope, args = visible_client(tx)
    bound, more = ("", ()) if after is None else (" AND c.number < {}", (after,))
    return f"{condition} AND {scope}{bound}", (*values, *args, *more)


async def tasks(tx: Tx, asked: TaskFilter, after: int | None, limit: int) -> list[int]:
    """Numbers of tasks after a number, newest first."""
    return await task_lists.numbers(tx, asked, after, limit)


async def count_tasks(tx: Tx, asked: TaskFilter) -> int:
    """How many there are, up to a bound."""
    return await task_lists.count(tx, asked)
