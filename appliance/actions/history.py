"""Histories of records, and records as of a day."""

from datetime import datetime
from typing import Final

from appliance.actions._gate import action
from appliance.domain.history import HistoryPage, Since
from appliance.domain.orders import OrderSelector
from appliance.errors import NotFound
from appliance.roles import Permission
from appliance.storage import customer_views, desk, history, order_views, orders, references
from appliance.storage.tx import Tx

PAGE: Final = 100


@action(Permission.CUSTOMER_VIEW, reads=True)
async def client(
    tx: Tx, number: int, at: datetime | None = None, before: int | None = None
) -> HistoryPage:
    """What happened to a client, newest first, and what his card said at a moment.

    Raises:
        NotFound: `customer_not_found`: absent, or not for this actor.
    """
    row = await customer_views.find_visible(tx, "c.number = {}", number)
    tx.about("customer", row[0])
    view = await customer_views.view_of(tx, row)
    ids = await history.with_merged(view.id)
    found = await history.lines(tx, "customer", ids, before, PAGE + 1)
    return HistoryPage(
        entity="customer",
        number=number,
        lines=tuple(found[:PAGE]),
        after=found[PAGE - 1].entry if len(found) > PAGE else None,
        past=None if at is None else await history.client_then(tx, view, at),
    )


@action(Permission.ORDER_VIEW, reads=True)
async def order(
    tx: Tx, number: int, at: datetime | None = None, before: int | None = None
) -> HistoryPage:
    """What happened to an order, newest first, and what it said at a moment.

    Raises:
        NotFound: `order_not_found`: absent, or not for this actor.
    """
    views = await order_views.load(tx, await references.lists(), "o.number = {}", [number], 1)
    if not views:
        raise NotFound("order_not_found")
    view = views[0]
    tx.about("order", view.id)
    found = await history.lines(tx, "order", [view.id], before, PAGE + 1)
    return HistoryPage(
        entity="order",
        number=number,
        lines=tuple(found[:PAGE]),
        after=found[PAGE - 1].entry if len(found) > PAGE else None,
        past=None if at is None else await history.order_then(tx, view, at),
    )


@action(Permission.ORDER_VIEW, reads=True, quiet=True)
async def order_since(tx: Tx, number: int, version: int) -> Since:
    """What others saved of an order since it was opened with `version`.

    Raises:
        NotFound: `order_not_found`.
    """
    known = await orders.get(tx, OrderSelector(number=number))
    saved = await history.since(tx, "order", known.id, known.version - version)
    codes = await desk.codes(tx, await references.lists())
    return Since(version=known.version, lines=saved, codes=codes)
