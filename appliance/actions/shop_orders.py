"""Orders as shop modules ask for them: with their buyers, in one action and one line of the log."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from appliance.actions import _changing, _editing, _order_checks, _placing, _uploads
from appliance.actions._gate import action
from appliance.domain.access import NOBODY
from appliance.domain.corporate import Corporate, PartKind
from appliance.domain.customers import CustomerKind, CustomerView
from appliance.domain.order_feed import FeedFilter, FeedPage
from appliance.domain.orders import (
    LinkView,
    OrderChange,
    OrderDraft,
    OrderFilter,
    OrderSelector,
    OrderView,
)
from appliance.domain.shops import RefusedRow
from appliance.errors import (
    Conflict,
    Damaged,
    Denied,
    HouseError,
    NotFound,
    Sealed,
    Unavailable,
)
from appliance.roles import Permission
from appliance.storage import (
    corporate,
    customer_views,
    customers,
    order_history,
    order_links,
    order_lists,
    order_views,
    orders,
    references,
    shop_uploads,
)
from appliance.storage.attempts import attempt
from appliance.storage.references import Lists
from appliance.storage.statements import any_of
from appliance.storage.tx import Tx


class ShopOrders(msgspec.Struct, frozen=True, kw_only=True):
    """Whole orders and their buyers.

    Attributes:
        clients: number of a client → card.
        links: id of an order → others that belong to it.
        firms: number of a client that is a company → with its parts and people.
        total_count: of the filter, where a page was asked for.
    """

    orders: tuple[OrderView, ...]
    clients: Mapping[int, CustomerView]
    total_count: int = 0
    links: Mapping[UUID, tuple[LinkView, ...]] = {}
    firms: Mapping[int, Corporate] = {}


class ShopFeed(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the feed and the buyers of the orders created in it."""

    page: FeedPage
    clients: Mapping[int, CustomerView]
    firms: Mapping[int, Corporate] = {}


async def _firms(tx: Tx, clients: Mapping[int, CustomerView]) -> dict[int, Corporate]:
    """Those of the buyers that are companies, whole; no statement where there are none."""
    views = [one for one in clients.values() if one.kind is CustomerKind.COMPANY]
    if not views:
        return {}
    known = [customers.Known(one.id, one.number, NOBODY, None, one.shop, None) for one in views]
    parts = await corporate.parts_of(tx, known)
    people = await corporate.people_of([one.id for one in views])
    return {
        one.number: Corporate(
            view=one,
            companies=tuple(p for p in parts[one.id] if p.kind is PartKind.COMPANY),
            people=people.get(one.id, ()),
        )
        for one in views
    }


async def _clients(tx: Tx, views: Sequence[OrderView]) -> dict[int, CustomerView]:
    ids = {view.customer.id for view in views if view.customer is not None}
    if not ids:
        return {}
    rows = await customer_views.list_visible(tx, "c.id IN {}", [any_of(ids)], len(ids))
    return {view.number: view for view in await customer_views.views_of(tx, rows)}


async def _whole(tx: Tx, lists: references.Lists, condition: str, value: object) -> OrderView:
    views = await order_views.load(tx, lists, condition, [value], 1)
    if not views:
        raise NotFound("order_not_found")
    return views[0]


@action(Permission.ORDER_CREATE)
async def accept(tx: Tx, draft: OrderDraft) -> ShopOrders:
    """Accept an order and give it as it was stored, with its buyer.

    Raises:
        Conflict: `order_exists` with its number.
        Invalid: as `orders.place`.
    """
    lists = await references.lists()
    _order_checks.check_shop(tx, draft.shop)
    if draft.external_id is not None:
        known = await orders.find_by_external_id(draft.shop, draft.external_id)
        if known is not None:
            tx.about("order", known.id)
            raise Conflict("order_exists", f"order {known.number}", number=known.number)
    _order_checks.check_draft(draft, lists)
    placed = await _placing.place(tx, draft, lists)
    view = await _whole(tx, lists, "o.id = {}", placed.order_id)
    clients = await _clients(tx, [view])
    return ShopOrders(orders=(view,), clients=clients, firms=await _firms(tx, clients))


class SentOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a batch: the order to accept, and what it changes where it is known already."""

    draft: OrderDraft
    change: OrderChange


@action(Permission.ORDER_CREATE)
async def upload(
    tx: Tx, shop: str, rows: Sequence[SentOrder], unread: Sequence[RefusedRow] = ()
) -> tuple[int | HouseError, ...]:
    """Accept a batch in one commit; known orders are brought up to date.

    Args:
        tx: of the shop's key.
        shop: whose rows these are.
        rows: that could be read.
        unread: those that could not, for the report.

    Returns:
        by row: the order's number, or why the row was refused; the others stay.

    Raises:
        Denied: the key may not do this at all, or is of another shop.
        Unavailable, Sealed: the box cannot write; nothing was stored.
    """
    lists = await references.lists()
    done: list[int | HouseError] = []
    before = await shop_uploads.last_number("order")
    for row in rows:
        try:
            async with attempt(tx):
                done.append(await _take(tx, lists, row))
        except (Denied, Unavailable, Sealed, Damaged):
            raise
        except HouseError as refusal:
            done.append(refusal)
    ids = [row.draft.external_id or "" for row in rows]
    await _uploads.note(tx, shop, "orders", ids, done, before, unread)
    tx.about("order", None)
    tx.payload = {
        "orders": [one for one in done if isinstance(one, int)],
        "refused": [one.code for one in done if isinstance(one, HouseError)],
    }
    return tuple(done)


async def _take(tx: Tx, lists: Lists, row: SentOrder) -> int:
    draft = row.draft
    _order_checks.check_shop(tx, draft.shop)
    known = None
    if draft.external_id is not None:
        known = await orders.find_by_external_id(draft.shop, draft.external_id)
    if known is None:
        _order_checks.check_draft(draft, lists)
        return (await _placing.place(tx, draft, lists)).number
    was = tx.grant
    tx.under(Permission.ORDER_EDIT)
    try:
        order = await orders.get(tx, OrderSelector(number=known.number))
        _order_checks.check_change(row.change, lists)
        wanted = _changing.Edit(order)
        await _editing.apply(tx, lists, wanted, row.change)
        await _changing.finish(tx, wanted)
    finally:
        tx.grant = was
    return known.number


@action(Permission.ORDER_EDIT)
async def revise(tx: Tx, selector: OrderSelector, change: OrderChange) -> ShopOrders:
    """Change an order and give it with its buyer. Raises as `orders.edit`."""
    lists = await references.lists()
    order = await orders.get(tx, selector)
    _order_checks.check_change(change, lists)
    wanted = _changing.Edit(order)
    await _editing.apply(tx, lists, wanted, change)
    await _changing.finish(tx, wanted)
    view = await _whole(tx, lists, "o.id = {}", order.id)
    clients = await _clients(tx, [view])
    return ShopOrders(
        orders=(view,),
        clients=clients,
        firms=await _firms(tx, clients),
        links=await order_links.of_orders(tx, [order.id]),
    )


@action(Permission.ORDER_VIEW, reads=True)
async def find(tx: Tx, selectors: Sequence[OrderSelector]) -> ShopOrders:
    """Orders by what shops know them by, in that order; unknown ones are left out."""
    lists = await references.lists()
    ids = await order_views.ids_of(tx, selectors)
    views = await order_views.load(tx, lists, "o.id IN {}", [any_of(ids)], len(ids))
    if len(ids) == 1:
        tx.about("order", ids[0])
    found = tuple(order_views.in_order(ids, views))
    clients = await _clients(tx, found)
    return ShopOrders(
        orders=found,
        clients=clients,
        firms=await _firms(tx, clients),
        total_count=len(found),
        links=await order_links.of_orders(tx, ids),
    )


@action(Permission.ORDER_VIEW, reads=True)
async def browse(tx: Tx, asked: OrderFilter, page: int, limit: int) -> ShopOrders:
    """A page by its number, newest first; a list of exact ids is answered whole."""
    lists = await references.lists()
    wanted = await order_lists.prepare(tx, asked, lists)
    limit = max(limit, len(asked.numbers), len(asked.external_ids))
    total = await order_lists.counted(tx, wanted)
    ids = await order_lists.ids_of_page(tx, wanted, skipped=(page - 1) * limit, limit=limit)
    views = await order_views.load(tx, lists, "o.id IN {}", [any_of(ids)], limit)
    found = tuple(order_views.in_order(ids, views))
    clients = await _clients(tx, found)
    return ShopOrders(
        orders=found,
        clients=clients,
        firms=await _firms(tx, clients),
        total_count=total,
        links=await order_links.of_orders(tx, ids),
    )


@action(Permission.FEED_READ, reads=True)
async def history(tx: Tx, wanted: FeedFilter) -> ShopFeed:
    """The feed of orders after a number, ascending."""
    _order_checks.also_needs(tx, Permission.ORDER_VIEW)
    page = await order_history.page(tx, wanted, await references.lists())
    created = [entry.order for entry in page.entries if entry.order is not None]
    clients = await _clients(tx, created)
    return ShopFeed(page=page, clients=clients, firms=await _firms(tx, clients))
