"""What can be done with orders."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from appliance.actions import _changing, _editing, _order_checks, _placing
from appliance.actions._gate import action
from appliance.domain.order_feed import FeedFilter, FeedPage
from appliance.domain.orders import (
    OrderBook,
    OrderChange,
    OrderCounts,
    OrderDraft,
    OrderFilter,
    OrderPage,
    OrderSelector,
    OrderStanding,
    OrderView,
    Placed,
    StatusMoved,
)
from appliance.domain.statuses import allowed_moves
from appliance.errors import Conflict, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import (
    contacts,
    order_history,
    order_lists,
    order_views,
    orders,
    references,
    shipments,
    tally,
)
from appliance.storage.statements import any_of
from appliance.storage.tx import Tx

PAGE = 50
MOST_ON_A_PAGE = 250


@action(Permission.ORDER_CREATE)
async def place(tx: Tx, draft: OrderDraft) -> Placed:
    """Accept an order, once per (shop, external id). Repeating is safe: the answer is the same.

    Raises:
        Conflict: `order_exists` with its number, where the draft is strict.
        Invalid: `code_unknown` (status, delivery, payment… in `fields`), `offer_unknown`,
            `manager_unknown`, `payment_external_id_taken`.
        Denied: `shop_foreign`: the key is of another shop.
        NotFound: `customer_not_found`: the client named is out of a colleague's reach.
    """
    lists = await references.lists()
    _order_checks.check_shop(tx, draft.shop)
    if draft.external_id is not None:
        known = await orders.find_by_external_id(draft.shop, draft.external_id)
        if known is not None:
            tx.about("order", known.id)
            if draft.strict:
                raise Conflict("order_exists", f"order {known.number}", number=known.number)
            return Placed(order_id=known.id, number=known.number, created=False)
    _order_checks.check_draft(draft, lists)
    if draft.customer_ref is not None and draft.customer_ref.number is not None:
        await _order_checks.check_reach(tx, draft.customer_ref.number)
    return await _placing.place(tx, draft, lists)


@action(Permission.ORDER_EDIT)
async def edit(tx: Tx, selector: OrderSelector, change: OrderChange) -> OrderView:
    """Change an order and give it as it is now; an edit that changes nothing leaves no trace.

    Raises:
        NotFound: `order_not_found`.
        Conflict: `order_changed` since `change.version`; `external_id_taken`.
        Invalid: `code_unknown`, `offer_unknown`, `status_move_refused`, `manager_unknown`,
            `customer_not_live`.
        Denied: the actor may edit but not assign, and the edit names a manager.
    """
    lists = await references.lists()
    order = await orders.get(tx, selector)
    orders.check_version(order, change.version)
    _order_checks.check_change(change, lists)
    wanted = _changing.Edit(order)
    await _editing.apply(tx, lists, wanted, change)
    await _changing.finish(tx, wanted)
    return await _view(tx, lists, order.id)


@action(Permission.ORDER_STATUS)
async def set_status(
    tx: Tx, order_id: UUID, status: str, version: int | None = None
) -> StatusMoved:
    """Move an order along its matrix; to where it stands already is no move and no error.

    Raises:
        NotFound: `order_not_found`.
        Conflict: `order_changed` since `version`.
        Invalid: `status_unknown`; `status_move_refused`, whose params say what is `allowed`.
    """
    lists = await references.lists()
    order = await orders.get(tx, OrderSelector(id=order_id))
    orders.check_version(order, version)
    await _changing.check_move(tx, lists, order, status)
    return await _changing.moved(tx, lists, order, status)


@action(Permission.ORDER_STATUS)
async def undo_status(tx: Tx, order_id: UUID) -> StatusMoved:
    """Take back the actor's own status move, as long as nothing has been done to the order since.

    Raises:
        NotFound: `order_not_found`.
        Conflict: `nothing_to_undo`: the last change was another one, or another's.
    """
    lists = await references.lists()
    order = await orders.get(tx, OrderSelector(id=order_id))
    last = await order_history.last_change(order.id)
    mine = last is not None and last.field == "status" and last.user_number == tx.actor.number
    if last is None or not mine or last.was not in lists.statuses:
        raise Conflict("nothing_to_undo", f"order {order.number}", number=order.number)
    return await _changing.moved(tx, lists, order, last.was)


@action(Permission.ORDER_ASSIGN)
async def assign(tx: Tx, order_id: UUID, manager_number: int, version: int | None = None) -> int:
    """Make a colleague responsible (0: nobody) and give the order's new version.

    Raises:
        NotFound: `order_not_found`.
        Conflict: `order_changed` since `version`.
        Invalid: `manager_unknown`.
    """
    order = await orders.get(tx, OrderSelector(id=order_id))
    orders.check_version(order, version)
    wanted = _changing.Edit(order)
    await _editing.set_manager(wanted, manager_number)
    return (await _changing.finish(tx, wanted)).version


async def _view(tx: Tx, lists: references.Lists, order_id: UUID) -> OrderView:
    views = await order_views.load(tx, lists, "o.id = {}", [order_id], 1)
    if not views:
        raise NotFound("order_not_found")
    return views[0]


@action(Permission.ORDER_VIEW, reads=True)
async def open_card(tx: Tx, order_id: UUID) -> OrderView:
    """Everything an order's page shows, in one action.

    Raises:
        NotFound: `order_not_found`: absent, or not for this actor.
    """
    lists = await references.lists()
    tx.about("order", order_id)
    view = await _view(tx, lists, order_id)
    client = view.customer
    shown = ()
    if client is not None and not client.destroyed:
        subject = await order_views.subject_of(client.id)
        shown = await contacts.contact_views(tx, client.id, subject)
    moves = allowed_moves(lists.statuses, view.status.code)
    return msgspec.structs.replace(
        view,
        next_statuses=tuple(order_views.status_view(lists, one.code) for one in moves),
        contacts=shown,
        history=await order_history.of_card(tx, lists, order_id),
    )


@action(Permission.ORDER_VIEW, reads=True)
async def list_page(
    tx: Tx,
    asked: OrderFilter,
    after: str | None = None,
    before: str | None = None,
    limit: int = PAGE,
) -> OrderPage:
    """One page of the list, newest first; cursors are those an earlier page gave.

    Raises:
        Invalid: `cursor_unreadable`.
    """
    lists = await references.lists()
    wanted = await order_lists.prepare(tx, asked, lists)
    ends = {"after": _cursor(after), "before": _cursor(before)}
    limit = min(max(limit, 1), MOST_ON_A_PAGE)
    found = await order_lists.rows(tx, wanted, **ends, limit=limit)
    known = await order_lists.kept(tx, wanted)
    return order_lists.page_of(tx, found, **ends, limit=limit, known=known)


def _cursor(text: str | None) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Invalid("cursor_unreadable")
    return int(text)


@action(Permission.ORDER_VIEW, reads=True, quiet=True)
async def counts(tx: Tx) -> OrderCounts:
    """Kept counts for tabs and side bar."""
    return await tally.counts(tx, (await references.lists()).in_process())


@action(Permission.ORDER_VIEW, reads=True)
async def find_by(tx: Tx, selectors: Sequence[OrderSelector]) -> tuple[OrderView, ...]:
    """Whole orders by what programs know them by, in that order; unknown ones are left out."""
    lists = await references.lists()
    ids = await order_views.ids_of(tx, selectors)
    views = await order_views.load(tx, lists, "o.id IN {}", [any_of(ids)], len(ids))
    went = await shipments.views(lists, {view.id: view.number for view in views})
    views = [
        msgspec.structs.replace(view, shipments=tuple(went.get(view.id, ()))) for view in views
    ]
    if len(ids) == 1:
        tx.about("order", ids[0])
    return tuple(order_views.in_order(ids, views))


@action(Permission.ORDER_VIEW, reads=True)
async def browse(tx: Tx, asked: OrderFilter, page: int = 1, limit: int = 20) -> OrderBook:
    """Whole orders of a page by its number, for programs. A page past the end is empty.

    A list of exact numbers or external ids longer than the page is answered whole.
    """
    lists = await references.lists()
    wanted = await order_lists.prepare(tx, asked, lists)
    limit = max(limit, len(asked.numbers), len(asked.external_ids))
    total = await order_lists.counted(tx, wanted)
    ids = await order_lists.ids_of_page(tx, wanted, skipped=(page - 1) * limit, limit=limit)
    views = await order_views.load(tx, lists, "o.id IN {}", [any_of(ids)], limit)
    return OrderBook(orders=tuple(order_views.in_order(ids, views)), total_count=total)


@action(Permission.ORDER_VIEW, reads=True, quiet=True)
async def statuses_of(
    tx: Tx, numbers: Sequence[int], external_ids: Sequence[str], shop: str = ""
) -> tuple[OrderStanding, ...]:
    """Where these orders stand; unknown ones are left out."""
    return await order_views.standings(
        tx, await references.lists(), numbers, external_ids, shop or tx.actor.shop
    )


@action(Permission.ORDER_EDIT)
async def fix_external_ids(tx: Tx, wanted: Mapping[int, str]) -> int:
    """Give orders (by number) the shop's ids; unknown orders are passed over; how many were.

    Raises:
        Conflict: `external_id_taken` by another order.
    """
    fixed = 0
    for number, external_id in wanted.items():
        try:
            order = await orders.get(tx, OrderSelector(number=number))
        except NotFound:
            continue
        change = _changing.Edit(order)
        await _editing.set_external_id(change, external_id)
        await _changing.finish(tx, change)
        fixed += 1
    return fixed


@action(Permission.FEED_READ, reads=True)
async def history(tx: Tx, wanted: FeedFilter) -> FeedPage:
    """The feed of changes after a number, ascending.

    Raises:
        Denied: a key that may read clients but not orders.
    """
    _order_checks.also_needs(tx, Permission.ORDER_VIEW)
    return await order_history.page(tx, wanted, await references.lists())
