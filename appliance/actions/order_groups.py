"""The list of orders in groups: figures of each, and the first rows of the first ones."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from appliance.actions._gate import action
from appliance.domain.desk import Codes, OrderGroup, OrderGroupsScreen
from appliance.domain.orders import OrderFilter, OrderPage, Tally
from appliance.errors import Invalid
from appliance.roles import Permission
from appliance.storage import desk, order_groups, order_lists, references, searching, tally
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

FIRST = 10
"""Rows that an open group shows at first."""
OPEN = 50
"""Rows that are opened for one page; further groups wait to be unfolded."""
MOST_GROUPS = 60


def narrowed(asked: OrderFilter, by: str, key: str, zone: ZoneInfo) -> OrderFilter:
    """The filter of one group of a filter.

    Raises:
        Invalid: `code_unknown`: no group has such a key.
    """
    try:
        return _narrowed(asked, by, key, zone)
    except (ValueError, OverflowError):
        raise Invalid(fields={"key": "code_unknown"}) from None


def _narrowed(asked: OrderFilter, by: str, key: str, zone: ZoneInfo) -> OrderFilter:
    replace = msgspec.structs.replace
    match by:
        case "status":
            return replace(asked, statuses=(key,), groups=())
        case "manager":
            return replace(asked, managers=(int(key),), mine=False)
        case "shop":
            return replace(asked, shops=(key,))
        case "delivery":
            return replace(asked, delivery_types=(key,))
        case _:
            first = datetime.combine(date.fromisoformat(key), time(), zone)
            last = first + timedelta(days=1) - timedelta(microseconds=1)
            return replace(asked, created_from=first, created_to=last)


def _ordered(by: str, found: Mapping[str, Tally], codes: Codes) -> list[str]:
    """Keys as people read them: statuses by their place, days newest first, the rest by name."""
    if by == "day":
        return sorted(found, reverse=True)
    if by == "status":
        places = {code: place for place, code in enumerate(codes.statuses)}
        return sorted(found, key=lambda code: places.get(code, len(places)))
    if by == "manager":
        return sorted(found, key=lambda key: (key != "0", codes.name_of(int(key))))
    names = codes.shops if by == "shop" else codes.deliveries
    return sorted(found, key=lambda key: (key == "", names.get(key, key)))


@action(Permission.ORDER_VIEW, reads=True)
async def screen(tx: Tx, asked: OrderFilter, by: str, zone: ZoneInfo) -> OrderGroupsScreen:
    """The groups of a filter with their figures; the first ones with their newest orders.

    Args:
        tx: of the actor.
        asked: the filter.
        by: `status`, `manager`, `shop`, `delivery` or `day`.
        zone: in which days begin.
    """
    lists = await references.lists()
    codes = await desk.codes(tx, lists)
    if asked.text:
        tx.payload = {"query": searching.query_token(tx, asked.text)}
    wanted = await order_lists.prepare(tx, asked, lists)
    found = await order_groups.figures(tx, wanted, by, zone)
    groups: list[OrderGroup] = []
    left = OPEN
    for key in _ordered(by, found.groups, codes)[:MOST_GROUPS]:
        page = None
        if left > 0:
            page = await _page(tx, lists, narrowed(asked, by, key, zone), None, min(FIRST, left))
            left -= len(page.rows)
        groups.append(OrderGroup(key=key, tally=found.groups[key], page=page))
    return OrderGroupsScreen(
        groups=tuple(groups),
        whole=found.whole,
        counts=await tally.counts(tx, lists.in_process()),
        codes=codes,
    )


@action(Permission.ORDER_VIEW, reads=True)
async def more(
    tx: Tx, asked: OrderFilter, by: str, key: str, zone: ZoneInfo, after: int | None = None
) -> tuple[OrderPage, Codes]:
    """The next orders of one group, by key."""
    lists = await references.lists()
    page = await _page(tx, lists, narrowed(asked, by, key, zone), after, FIRST * 2)
    return page, await desk.codes(tx, lists)


async def _page(
    tx: Tx, lists: Lists, asked: OrderFilter, after: int | None, limit: int
) -> OrderPage:
    wanted = await order_lists.prepare(tx, asked, lists)
    found = await order_lists.rows(tx, wanted, after=after, before=None, limit=limit)
    return order_lists.page_of(tx, found, after=after, before=None, limit=limit, known=None)
