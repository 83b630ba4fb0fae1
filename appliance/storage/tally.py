"""Kept counts and sums of orders: what lists and tabs show instead of COUNT."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from appliance.domain.access import NOBODY
from appliance.domain.ids import uuid7
from appliance.domain.orders import OrderCounts, Tally
from appliance.storage.statements import any_of, execute, fetch, fetch_one
from appliance.storage.tx import Tx
from appliance.storage.visible import in_shop, visible_tally


class Place(NamedTuple):
    """Where an order is counted."""

    status: str
    manager: UUID | None
    shop: str
    total: int


async def _add(place: Place, orders: int, total: int) -> None:
    await execute(
        "INSERT INTO order_tally (id, status, manager_id, shop, orders, total) "
        "VALUES ({}, {}, {}, {}, {}, {}) ON CONFLICT (status, manager_id, shop) DO UPDATE "
        "SET orders = order_tally.orders + excluded.orders, "
        "total = order_tally.total + excluded.total",
        uuid7(),
        place.status,
        place.manager or NOBODY,
        place.shop,
        orders,
        total,
    )


async def add(place: Place, orders: int) -> None:
    """Count many orders of one place at once; its `total` is their sum."""
    await _add(place, orders, place.total)


async def move(was: Place | None, became: Place | None) -> None:
    """Count an order where it stands now and no more where it stood; None is nowhere."""
    if was is not None and became is not None and was[:3] == became[:3]:
        if was.total != became.total:
            await _add(became, 0, became.total - was.total)
        return
    if was is not None:
        await _add(was, -1, -was.total)
    if became is not None:
        await _add(became, 1, became.total)


async def counts(tx: Tx, in_process: Sequence[str]) -> OrderCounts:
    """Counts for tabs and side bar, of the orders that the grant lets through."""
    scope, args = visible_tally(tx)
    shop, shop_args = in_shop(tx, "t.shop")
    rows = await fetch(
        "SELECT t.status, t.manager_id, t.orders, t.total FROM order_tally t "
        f"WHERE {scope} AND {shop}",
        *args,
        *shop_args,
    )
    statuses: dict[str, tuple[int, int]] = {}
    waiting: dict[UUID, int] = {}
    for status, manager, orders, total in rows:
        known = statuses.get(status, (0, 0))
        statuses[status] = known[0] + orders, known[1] + total
        if status in in_process:
            waiting[manager] = waiting.get(manager, 0) + orders
    return OrderCounts(
        statuses={code: Tally(orders=found[0], total=found[1]) for code, found in statuses.items()},
        mine=waiting.get(tx.actor.id, 0),
        nobody=waiting.get(NOBODY, 0),
    )


async def kept(
    tx: Tx, statuses: Sequence[str], managers: Sequence[UUID], shops: Sequence[str]
) -> Tally:
    """Count and sum of a filter that names nothing but statuses, managers and shops."""
    scope, args = visible_tally(tx)
    own_shop, shop_args = in_shop(tx, "t.shop")
    conditions, values = [scope, own_shop], [*args, *shop_args]
    for column, wanted in (("status", statuses), ("manager_id", managers), ("shop", shops)):
        if wanted:
            conditions.append(f"t.{column} IN {{}}")
            values.append(any_of(wanted))
    row = await fetch_one(
        "SELECT COALESCE(SUM(t.orders), 0), COALESCE(SUM(t.total), 0) FROM order_tally t WHERE "
        + " AND ".join(conditions),
        *values,
    )
    return Tally() if row is None else Tally(orders=int(row[0]), total=int(row[1]))


async def load_of(managers: Sequence[UUID], in_process: Sequence[str]) -> dict[UUID, int]:
    """How many orders wait for each of these managers."""
    rows = await fetch(
        "SELECT t.manager_id, t.orders FROM order_tally t "
        "WHERE t.manager_id IN {} AND t.status IN {}",
        any_of(managers),
        any_of(in_process),
    )
    found: dict[UUID, int] = {}
    for manager, orders in rows:
        found[manager] = found.get(manager, 0) + orders
    return found
