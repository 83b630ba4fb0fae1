"""Day tallies of orders and payments: counted from the records themselves, kept until one changes.

One function counts a day, for keeping and for a report alike, so that both always say the same.
Whatever changes an order or a payment forgets the day (`report_marks`), in its own transaction;
the clock counts forgotten days anew when they are over (`report_keeping`).
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.access import NOBODY
from appliance.domain.orders import SourceMarks
from appliance.domain.references import ReferenceKind
from appliance.domain.reports import Day, Figures, Kept, plus
from appliance.storage.references import Lists
from appliance.storage.statements import any_of, fetch, fetch_one

CANCELLED: Final = "cancel"
CLOSED: Final = "complete"
"""Groups of statuses that say how an order ended."""

EVERYBODY: Final = ("1 = 1", ())
Fragment = tuple[str, tuple[object, ...]]


class Place(NamedTuple):
    """Where something is counted within a day."""

    kind: Kept
    manager: UUID
    shop: str
    key: str


Cells = dict[Place, Figures]


# --- counting a day ---


async def count(
    lists: Lists, day: Day, kinds: Iterable[Kept], scope: Fragment = EVERYBODY
) -> Cells:
    """What one day has, from the records.

    Args:
        lists: tell which statuses are ends, and which money is received.
        day: the day.
        kinds: what is wanted.
        scope: condition on `orders o`.
    """
    wanted = set(kinds)
    cells: dict[Place, Figures] = defaultdict(Figures)
    if wanted - {Kept.PRODUCT}:
        await _orders(cells, lists, day, wanted, scope)
        await _payments(cells, lists, day, wanted, scope)
    if Kept.PRODUCT in wanted:
        for key, figures in (await products(lists, day.since, day.until, scope)).items():
            cells[Place(Kept.PRODUCT, NOBODY, "", key)] = figures
    return dict(cells)


async def _orders(
    cells: dict[Place, Figures], lists: Lists, day: Day, wanted: set[Kept], scope: Fragment
) -> None:
    rows = await fetch(
        "SELECT o.manager_id, o.shop, o.order_method, o.source, o.status, COUNT(*), SUM(o.total), "
        "SUM(o.purchase_total + o.delivery_cost) FROM orders o "
        f"WHERE o.created_at >= {{}} AND o.created_at < {{}} AND {scope[0]} "
        "GROUP BY o.manager_id, o.shop, o.order_method, o.source, o.status",
        day.since,
        day.until,
        *scope[1],
    )
    for manager, shop, method, source, status, many, total, cost in rows:
        figures = ended(lists.group_of(status), int(many), int(total), int(cost))
        _put(cells, wanted, (manager, shop, method, source), figures)


def ended(group: str, many: int, total: int, cost: int) -> Figures:
    """What orders of one group of statuses count as."""
    if group == CANCELLED:
        return Figures(placed=many, placed_total=total, cancelled=many, cancelled_total=total)
    found = Figures(placed=many, placed_total=total, cost=cost)
    return found._replace(closed=many, closed_total=total) if group == CLOSED else found


async def _payments(
    cells: dict[Place, Figures], lists: Lists, day: Day, wanted: set[Kept], scope: Fragment
) -> None:
    rows = await fetch(
        "SELECT o.manager_id, o.shop, o.order_method, o.source, COUNT(*), SUM(p.amount) "
        "FROM payment p JOIN orders o ON o.id = p.order_id "
        f"WHERE p.paid_at >= {{}} AND p.paid_at < {{}} AND p.status IN {{}} AND {scope[0]} "
        "GROUP BY o.manager_id, o.shop, o.order_method, o.source",
        day.since,
        day.until,
        any_of(settled(lists)),
        *scope[1],
    )
    for manager, shop, method, source, many, amount in rows:
        figures = Figures(payments=int(many), paid=int(amount))
        _put(cells, wanted, (manager, shop, method, source), figures)


def settled(lists: Lists) -> list[str]:
    """States in which money counts as received or given back."""
    known = lists.of(ReferenceKind.PAYMENT_STATUS)
    return [code for code in known if lists.settles(code)]


def _put(
    cells: dict[Place, Figures],
    wanted: set[Kept],
    marks: tuple[UUID | None, str, str, str],
    figures: Figures,
) -> None:
    manager, shop, method, source = marks
    for kind, key in ((Kept.SUM, ""), (Kept.METHOD, method), (Kept.SOURCE, source)):
        if kind in wanted:
            name = source_of(key) if kind is Kept.SOURCE else key
            place = Place(kind, manager or NOBODY, shop, name)
            cells[place] = plus(cells[place], figures)


_marks = msgspec.json.Decoder(SourceMarks)


def source_of(text: str) -> str:
    """The source in an order's marks; empty where there is none."""
    try:
        return _marks.decode(text).source[:255]
    except msgspec.DecodeError:
        return ""


def gone(lists: Lists) -> object:
    """Statuses of orders that were cancelled, for `IN {}`."""
    return any_of([one.code for one in lists.statuses.values() if one.group == CANCELLED])


def sold(scope: Fragment) -> str:
    """Where lines of a stretch come from: its two moments, `gone`, then what `scope` takes."""
    # The order's own day decides, so the lines are looked up from the orders and never scanned.
    return (
        "FROM orders o CROSS JOIN order_line l "
        "LEFT JOIN variant v ON v.id = l.variant_id LEFT JOIN product pr ON pr.id = v.product_id "
        "WHERE o.created_at >= {} AND o.created_at < {} AND l.order_id = o.id "
        f"AND o.status NOT IN {{}} AND {scope[0]}"
    )


async def products(
    lists: Lists, since: datetime, until: datetime, scope: Fragment = EVERYBODY
) -> dict[str, Figures]:
    """What was sold of each product: lines of orders that were not cancelled; "" has no card."""
    rows = await fetch(
        "SELECT pr.number, COUNT(DISTINCT o.id), SUM(l.total), "
        "SUM(l.purchase_price * l.quantity_milli / 1000), SUM(l.quantity_milli) "
        + sold(scope)
        + " GROUP BY pr.number",
        since,
        until,
        gone(lists),
        *scope[1],
    )
    return {
        "" if number is None else str(number): Figures(
            placed=int(many), placed_total=int(total), cost=int(cost), quantity=int(quantity)
        )
        for number, many, total, cost, quantity in rows
    }


# --- what is kept ---


async def kept(zone: str, first: date, last: date) -> set[date]:
    """Days of a stretch whose tallies hold."""
    rows = await fetch(
        "SELECT day FROM report_day WHERE day >= {} AND day <= {} AND zone = {}", first, last, zone
    )
    return {row[0] for row in rows}


async def oldest() -> datetime | None:
    """When the first order was placed or the first money moved; None for an empty box."""
    found: list[datetime] = []
    for sql in (
        "SELECT created_at FROM orders ORDER BY created_at LIMIT 1",
        "SELECT paid_at FROM payment WHERE paid_at IS NOT NULL ORDER BY paid_at LIMIT 1",
    ):
        row = await fetch_one(sql)
        if row is not None:
            found.append(row[0])
    return min(found, default=None)


_SUMS: Final = ", ".join(f"SUM(c.{name})" for name in Figures._fields)


async def sums(
    kind: Kept,
    by: str,
    stretch: tuple[date, date, str],
    scope: Fragment,
) -> list[tuple[str | date | UUID, Figures]]:
    """Kept tallies added up by a column of `report_cell c`, over the days that hold.

    Args:
        kind: which tallies.
        by: the column, a constant of the caller's code.
        stretch: first day, last day, zone.
        scope: condition on `report_cell c`.
    """
    rows = await fetch(
        f"SELECT c.{by}, {_SUMS} FROM report_cell c JOIN report_day d ON d.day = c.day "
        "WHERE c.kind = {} AND c.day >= {} AND c.day <= {} AND d.zone = {} "
        f"AND {scope[0]} GROUP BY c.{by}",
        kind.value,
        *stretch,
        *scope[1],
    )
    return [(row[0], Figures(*(int(one) for one in row[1:]))) for row in rows]
