"""What each manager sold of each product on a day: packed, one row for a manager and shop.

A report of products for some of the managers adds these up; for everybody there are cells.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.access import NOBODY
from appliance.domain.reports import Figures
from appliance.storage.references import Lists
from appliance.storage.report_days import EVERYBODY, Fragment, gone, sold
from appliance.storage.statements import fetch

NO_CARD: Final = -1
"""In place of a product's number: the line stands for no card."""
_WIDTH: Final = 5
"""Numbers for each product: its own, orders, sum, cost, quantity."""

Sold = dict[str, Figures]


class Seller(NamedTuple):
    """Who sold, and in which shop; the zero id is nobody."""

    manager: UUID
    shop: str


_read = msgspec.msgpack.Decoder(list[int])
_write = msgspec.msgpack.Encoder()


def packed(goods: Sold) -> bytes:
    """Figures of products as one flat list of numbers."""
    flat: list[int] = []
    for key, one in goods.items():
        flat += (int(key or NO_CARD), one.placed, one.placed_total, one.cost, one.quantity)
    return _write.encode(flat)


def unpacked(rows: Iterable[bytes]) -> Sold:
    """Packed figures of many days, added up."""
    sums: dict[int, list[int]] = {}
    for row in rows:
        flat = _read.decode(row)
        for at in range(0, len(flat), _WIDTH):
            found = sums.get(flat[at])
            if found is None:
                sums[flat[at]] = flat[at + 1 : at + _WIDTH]
            else:
                found[0] += flat[at + 1]
                found[1] += flat[at + 2]
                found[2] += flat[at + 3]
                found[3] += flat[at + 4]
    return {
        "" if number == NO_CARD else str(number): Figures(
            placed=many, placed_total=total, cost=cost, quantity=quantity
        )
        for number, (many, total, cost, quantity) in sums.items()
    }


async def count(lists: Lists, since: datetime, until: datetime) -> dict[Seller, Sold]:
    """What everybody sold within a day, from the records."""
    rows = await fetch(
        "SELECT o.manager_id, o.shop, pr.number, COUNT(DISTINCT o.id), SUM(l.total), "
        "SUM(l.purchase_price * l.quantity_milli / 1000), SUM(l.quantity_milli) "
        + sold(EVERYBODY)
        + " GROUP BY o.manager_id, o.shop, pr.number",
        since,
        until,
        gone(lists),
    )
    found: dict[Seller, Sold] = defaultdict(dict)
    for manager, shop, number, many, total, cost, quantity in rows:
        found[Seller(manager or NOBODY, shop)]["" if number is None else str(number)] = Figures(
            placed=int(many), placed_total=int(total), cost=int(cost), quantity=int(quantity)
        )
    return dict(found)


async def sums(stretch: tuple[date, date, str], scope: Fragment) -> Sold:
    """Kept goods added up over the days that hold.

    Args:
        stretch: first day, last day, zone.
        scope: condition on `report_goods c`.
    """
    rows = await fetch(
        "SELECT c.goods FROM report_goods c JOIN report_day d ON d.day = c.day "
        f"WHERE c.day >= {{}} AND c.day <= {{}} AND d.zone = {{}} AND {scope[0]}",
        *stretch,
        *scope[1],
    )
    return unpacked(row[0] for row in rows)
