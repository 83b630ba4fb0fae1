"""Orders in groups: the figures of each from kept counters, or from one bounded statement."""

from collections.abc import Iterable
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from appliance.domain.orders import Tally
from appliance.storage import order_lists
from appliance.storage.order_lists import Wanted
from appliance.storage.statements import any_of, fetch
from appliance.storage.tx import Tx
from appliance.storage.visible import in_shop, visible

MOST_COUNTED = 10_000
"""Newest orders whose figures are added up where no counters are kept for the filter."""
MOST_DAYS_OF = 3_000
"""The same for days: they are told apart here, in the zone of the box."""
KEPT = {"status": "t.status", "manager": "t.manager_id", "shop": "t.shop"}
_KEYS = {
    "status": "o.status",
    "manager": "leader.number",
    "shop": "o.shop",
    "delivery": "o.delivery_type",
}


class Figures(NamedTuple):
    """Figures by key; `whole` is False where only the newest orders were added up."""

    groups: dict[str, Tally]
    whole: bool


async def figures(tx: Tx, wanted: Wanted, by: str, zone: ZoneInfo) -> Figures:
    """Count and sum of each group of a filter.

    Args:
        tx: of the actor.
        wanted: the filter.
        by: `status`, `manager`, `shop`, `delivery` or `day`; the key of a manager is his number
            (`0` for nobody), of a day its ISO date.
        zone: in which days begin.
    """
    if wanted.kept and by in KEPT:
        return Figures(await _kept(tx, wanted, by), whole=True)
    if by == "day":
        return await _days(tx, wanted, zone)
    return await _counted(tx, wanted, by)


async def _kept(tx: Tx, wanted: Wanted, by: str) -> dict[str, Tally]:
    scope, args = visible(tx, "t.manager_id")
    own_shop, shop_args = in_shop(tx, "t.shop")
    conditions, values = [scope, own_shop, "t.orders > 0"], [*args, *shop_args]
    for column, chosen in (
        ("status", wanted.statuses),
        ("manager_id", wanted.managers),
        ("shop", wanted.shops),
    ):
        if chosen:
            conditions.append(f"t.{column} IN {{}}")
            values.append(any_of(chosen))
    key = "COALESCE(u.number, 0)" if by == "manager" else KEPT[by]
    join = "LEFT JOIN users u ON u.id = t.manager_id " if by == "manager" else ""
    rows = await fetch(
        f"SELECT {key}, SUM(t.orders), SUM(t.total) FROM order_tally t {join}"
        f"WHERE {' AND '.join(conditions)} GROUP BY {key}",
        *values,
    )
    return _added((row[0], row[1], row[2]) for row in rows)


async def _counted(tx: Tx, wanted: Wanted, by: str) -> Figures:
    picked = order_lists.newest(tx, wanted, MOST_COUNTED)
    key = f"COALESCE({_KEYS[by]}, 0)" if by == "manager" else _KEYS[by]
    rows = await fetch(
        f"SELECT {key}, COUNT(*), SUM(o.total) FROM ({picked.text}) p "
        "JOIN orders o ON o.id = p.id LEFT JOIN users leader ON leader.id = o.manager_id "
        f"GROUP BY {key}",
        *picked.values,
    )
    found = _added((row[0], row[1], row[2]) for row in rows)
    return Figures(found, sum(one.orders for one in found.values()) < MOST_COUNTED)


async def _days(tx: Tx, wanted: Wanted, zone: ZoneInfo) -> Figures:
    picked = order_lists.newest(tx, wanted, MOST_DAYS_OF)
    rows = await fetch(
        f"SELECT o.created_at, o.total FROM ({picked.text}) p JOIN orders o ON o.id = p.id",
        *picked.values,
    )
    found = _added((row[0].astimezone(zone).date().isoformat(), 1, row[1]) for row in rows)
    whole = len(rows) < MOST_DAYS_OF
    if not whole and len(found) > 1:
        del found[min(found)]  # its figures would be those of a part of the day
    return Figures(found, whole)


def _added(rows: Iterable[tuple[Any, Any, Any]]) -> dict[str, Tally]:
    found: dict[str, Tally] = {}
    for key, orders, total in rows:
        known = found.get(str(key), Tally())
        found[str(key)] = Tally(
            orders=known.orders + int(orders), total=known.total + int(total or 0)
        )
    return found
