"""Figures of a stretch of days: kept tallies where they hold, the rest counted now."""

from collections import defaultdict
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from appliance.domain.access import NOBODY
from appliance.domain.deals import StageKind
from appliance.domain.grants import Scope
from appliance.domain.reports import (
    KEPT_FOR,
    MOST_CLIENTS,
    Asked,
    Cut,
    Day,
    Figures,
    Kept,
    Span,
    StockValue,
    begins,
    days_of,
    plus,
)
from appliance.storage import report_days, report_goods
from appliance.storage.references import Lists
from appliance.storage.report_days import CANCELLED, CLOSED, Place
from appliance.storage.statements import any_of, fetch
from appliance.storage.tx import Tx
from appliance.storage.visible import in_shop, visible

Sums = dict[str | date | UUID, Figures]


class Narrow(NamedTuple):
    """A filter with the colleagues' ids; empty means no narrowing."""

    managers: tuple[UUID, ...] = ()
    shops: tuple[str, ...] = ()


def _scope(tx: Tx, table: str, narrow: Narrow) -> report_days.Fragment:
    """Whose orders (`o`) or cells (`c`) count; in orders nobody is NULL, in cells the zero id."""
    # A plain column would lead SQLite to all orders that a manager ever had; the day is narrower.
    manager = "COALESCE(o.manager_id, NULL)" if table == "o" else "c.manager_id"
    own, own_args = visible(tx, manager)
    shop, shop_args = in_shop(tx, f"{table}.shop")
    texts, values = [own, shop], [*own_args, *shop_args]
    if narrow.managers:
        nobody = " OR o.manager_id IS NULL" if table == "o" and NOBODY in narrow.managers else ""
        texts.append(f"({manager} IN {{}}{nobody})")
        values.append(any_of(narrow.managers))
    if narrow.shops:
        texts.append(f"{table}.shop IN {{}}")
        values.append(any_of(narrow.shops))
    return " AND ".join(texts), tuple(values)


_COLUMN = {
    Cut.DAY: "day",
    Cut.MANAGER: "manager_id",
    Cut.DEPARTMENT: "manager_id",
    Cut.SHOP: "shop",
    Cut.METHOD: "key",
    Cut.SOURCE: "key",
    Cut.PRODUCT: "key",
}


async def sums(tx: Tx, lists: Lists, asked: Asked, span: Span, narrow: Narrow) -> tuple[Sums, int]:
    """Figures by what the rows are, and how many days were read from tallies."""
    kind, column = KEPT_FOR[asked.cut], _COLUMN[asked.cut]
    found: Sums = defaultdict(Figures)
    stretch = (span.first, span.last, asked.zone)
    if kind is Kept.PRODUCT and not _whole(tx, narrow):
        found |= await report_goods.sums(stretch, _scope(tx, "c", narrow))
    else:
        cells = _scope(tx, "c", narrow) if kind is not Kept.PRODUCT else report_days.EVERYBODY
        found |= dict(await report_days.sums(kind, column, stretch, cells))
    held = await report_days.kept(asked.zone, span.first, span.last)
    scope = _scope(tx, "o", narrow)
    for day in await _open_days(tx, asked, span, held):
        for place, figures in (await report_days.count(lists, day, [kind], scope)).items():
            key = _key(asked.cut, day, place)
            found[key] = plus(found[key], figures)
    return dict(found), len(held)


def _whole(tx: Tx, narrow: Narrow) -> bool:
    """Whether everything is asked for: that is kept in cells, the rest in goods."""
    return tx.grant.scope is Scope.ALL and not any(narrow) and not tx.actor.shop


def _key(cut: Cut, day: Day, place: Place) -> str | date | UUID:
    match cut:
        case Cut.DAY:
            return day.day
        case Cut.MANAGER | Cut.DEPARTMENT:
            return place.manager
        case Cut.SHOP:
            return place.shop
        case _:
            return place.key


async def _open_days(tx: Tx, asked: Asked, span: Span, held: set[date]) -> list[Day]:
    """Days that are to be counted now: not kept, and neither before the first record nor ahead."""
    zone = ZoneInfo(asked.zone)
    days = [one for one in days_of(span, zone) if one.day not in held]
    if not days:
        return []
    first = await report_days.oldest()
    if first is None:
        return []
    return [one for one in days if one.until > first and one.since <= tx.now]


async def by_region(tx: Tx, lists: Lists, asked: Asked, span: Span, narrow: Narrow) -> Sums:
    """Figures by the region of the buyer; of a stretch, read off the records."""
    zone = ZoneInfo(asked.zone)
    begin = begins(span.first, zone)
    end = days_of(Span(span.last, span.last), zone)[0].until
    scope, values = _scope(tx, "o", narrow)
    found: Sums = defaultdict(Figures)
    rows = await fetch(
        "SELECT c.region, o.status, COUNT(*), SUM(o.total), "
        "SUM(o.purchase_total + o.delivery_cost) FROM orders o "
        "JOIN customer c ON c.id = o.customer_id "
        f"WHERE o.created_at >= {{}} AND o.created_at < {{}} AND {scope} "
        "GROUP BY c.region, o.status",
        begin, end, *values,
    )  # fmt: skip
    for region, status, many, total, cost in rows:
        group = lists.group_of(status)
        figures = report_days.ended(group, int(many), int(total), int(cost))
        found[region] = plus(found[region], figures)
    rows = await fetch(
        "SELECT c.region, COUNT(*), SUM(p.amount) FROM payment p "
        "JOIN orders o ON o.id = p.order_id JOIN customer c ON c.id = o.customer_id "
        f"WHERE p.paid_at >= {{}} AND p.paid_at < {{}} AND p.status IN {{}} AND {scope} "
        "GROUP BY c.region",
        begin, end, any_of(report_days.settled(lists)), *values,
    )  # fmt: skip
    for region, many, amount in rows:
        found[region] = plus(found[region], Figures(payments=int(many), paid=int(amount)))
    return dict(found)


async def by_client(
    tx: Tx, lists: Lists, asked: Asked, span: Span, narrow: Narrow
) -> tuple[dict[UUID, Figures], int]:
    """Figures of the clients who bought most, and how many clients there are."""
    last = days_of(Span(span.last, span.last), ZoneInfo(asked.zone))[0]
    scope, values = _scope(tx, "o", narrow)
    gone = [one.code for one in lists.statuses.values() if one.group == CANCELLED]
    done = [one.code for one in lists.statuses.values() if one.group == CLOSED]
    begin = begins(span.first, ZoneInfo(asked.zone))
    gone = report_days.gone(lists)
    # Who bought most is read off an index alone; the hundred are then looked up by themselves.
    most = await fetch(
        "SELECT g.*, COUNT(*) OVER () FROM (SELECT o.customer_id, "
        "SUM(CASE WHEN o.status IN {} THEN 0 ELSE o.total END) AS sold "
        f"FROM orders o WHERE o.created_at >= {{}} AND o.created_at < {{}} AND {scope} "
        "GROUP BY o.customer_id) g ORDER BY g.sold DESC, g.customer_id LIMIT {}",
        gone, begin, last.until, *values, MOST_CLIENTS,
    )  # fmt: skip
    if not most:
        return {}, 0
    done = any_of([one.code for one in lists.statuses.values() if one.group == CLOSED])
    rows = await fetch(
        "SELECT o.customer_id, COUNT(*), SUM(o.total), "
        "SUM(CASE WHEN o.status IN {} THEN 1 ELSE 0 END), "
        "SUM(CASE WHEN o.status IN {} THEN o.total ELSE 0 END), "
        "SUM(CASE WHEN o.status IN {} THEN 1 ELSE 0 END), "
        "SUM(CASE WHEN o.status IN {} THEN o.total ELSE 0 END), "
        "SUM(CASE WHEN o.status IN {} THEN 0 ELSE o.purchase_total + o.delivery_cost END) "
        "FROM orders o WHERE o.customer_id IN {} AND COALESCE(o.created_at, NULL) >= {} "
        f"AND COALESCE(o.created_at, NULL) < {{}} AND {scope} GROUP BY o.customer_id",
        gone, gone, done, done, gone, any_of([row[0] for row in most]), begin, last.until, *values,
    )  # fmt: skip
    found = {row[0]: Figures(*(int(one) for one in row[1:])) for row in rows}
    return {row[0]: found[row[0]] for row in most}, int(most[0][2])


class DealFact(NamedTuple):
    """A deal began, was won or was lost; `kind` is of the stage, or `begun`."""

    at: datetime
    manager: UUID | None
    kind: str


async def deals(tx: Tx, since: datetime, until: datetime, narrow: Narrow) -> list[DealFact]:
    """Deals begun, won and lost within a stretch."""
    scope, values = visible(tx, "m.manager_id")
    whose, who = "", ()
    if narrow.managers:
        whose, who = "AND m.manager_id IN {} ", (any_of(narrow.managers),)
    rows = await fetch(
        "SELECT m.at, m.manager_id, m.from_stage, s.kind FROM pipeline p "
        "JOIN deal_move m ON m.pipeline_id = p.id JOIN stage s ON s.id = m.to_stage "
        f"WHERE m.at >= {{}} AND m.at < {{}} AND {scope} {whose}"
        "AND (m.from_stage IS NULL OR s.kind IN ({}, {}))",
        since,
        until,
        *values,
        *who,
        StageKind.WON.value,
        StageKind.LOST.value,
    )
    return [DealFact(at, who_, "begun" if came is None else kind) for at, who_, came, kind in rows]


async def stock_value() -> list[StockValue]:
    """What lies at every warehouse, at purchase prices of today."""
    rows = await fetch(
        "SELECT w.name, w.code, COUNT(*), SUM(s.on_hand_milli), SUM(s.reserved_milli), "
        "SUM(s.on_hand_milli * v.purchase_price / 1000), "
        "SUM(CASE WHEN v.purchase_price = 0 THEN 1 ELSE 0 END) FROM stock s "
        "JOIN warehouse w ON w.id = s.warehouse_id JOIN variant v ON v.id = s.variant_id "
        "WHERE s.on_hand_milli <> 0 OR s.reserved_milli <> 0 GROUP BY w.name, w.code "
        "ORDER BY w.name"
    )
    return [StockValue(name=row[0], code=row[1], articles=int(row[2]), quantity=int(row[3]),
                       reserved=int(row[4]), value=int(row[5]), unpriced=int(row[6]))
            for row in rows]  # fmt: skip


async def product_names(numbers: list[int]) -> dict[str, str]:
    """Names of products by number."""
    rows = await fetch("SELECT number, name FROM product WHERE number IN {}", any_of(numbers))
    return {str(row[0]): row[1] for row in rows}
