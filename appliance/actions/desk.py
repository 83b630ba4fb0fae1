"""Pages of the staff, each read in one action: one snapshot, one line in the log."""

from uuid import UUID

import msgspec

from appliance.actions import _changing, _editing, _receipts
from appliance.actions._gate import action, house
from appliance.domain.card_tabs import Card
from appliance.domain.client_lists import BARE as EVERY_CLIENT
from appliance.domain.client_lists import ClientList
from appliance.domain.customers import CustomerBrief, CustomerKind, CustomerView, Party
from appliance.domain.desk import (
    ClientDeal,
    ClientOrderLine,
    ClientScreen,
    ClientsScreen,
    Codes,
    Health,
    OrderScreen,
    OrdersScreen,
    PutOff,
    Queue,
    TodayScreen,
)
from appliance.domain.grants import Scope
from appliance.domain.orders import OrderFilter, OrderPage, OrderSelector, OrderView, Tally
from appliance.domain.references import ReferenceKind
from appliance.domain.statuses import Goods, allowed_moves, goods_of
from appliance.domain.supplier_prices import SupplierPrice
from appliance.domain.timeline import StreamPage
from appliance.errors import Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import (
    accounts,
    budgets,
    client_dates,
    client_filters,
    companies,
    contacts,
    copy_runs,
    custom_finds,
    customer_figures,
    customer_habits,
    customer_orders,
    customer_views,
    deal_lists,
    desk,
    field_definitions,
    fulfilment_views,
    market_views,
    order_lists,
    order_views,
    owner_requests,
    papers,
    parcels,
    pay_attempts,
    plugin_journal,
    plugin_standing,
    references,
    searching,
    service_files,
    shipments,
    snoozes,
    staff,
    supplier_prices,
    tally,
    timeline_views,
)
from appliance.storage import orders as stored
from appliance.storage.references import Lists
from appliance.storage.statements import any_of
from appliance.storage.tx import Tx

PAGE = 50
DEEPEST = 500
"""Clients one may page through: ten pages of fifty; who needs more, searches."""


@action(Permission.ORDER_VIEW, reads=True)
async def orders(
    tx: Tx,
    asked: OrderFilter,
    after: int | None = None,
    before: int | None = None,
    limit: int = PAGE,
) -> OrdersScreen:
    """The list of orders: a page, its tabs, and names for the codes in it."""
    lists = await references.lists()
    if asked.text:
        tx.payload = {"query": searching.query_token(tx, asked.text)}
    return OrdersScreen(
        page=await _page(tx, lists, asked, after=after, before=before, limit=limit),
        counts=await tally.counts(tx, lists.in_process()),
        codes=await desk.codes(tx, lists),
    )


@action(Permission.ORDER_VIEW, reads=True, quiet=True)
async def numbered(tx: Tx, number: int) -> tuple[OrderPage, Codes] | None:
    """The order with this number, if the actor may see it.

    Asked for every digits typed into the palette: where there is none, nobody was opened and
    nothing is written down.
    """
    lists = await references.lists()
    page = await _page(tx, lists, OrderFilter(numbers=(number,)), limit=1)
    return (page, await desk.codes(tx, lists)) if page.rows else None


@action(Permission.REFERENCE_VIEW, reads=True, quiet=True)
async def names(tx: Tx) -> Codes:
    """Names and looks behind codes, to read what somebody typed."""
    return await desk.codes(tx, await references.lists())


async def _page(
    tx: Tx,
    lists: Lists,
    asked: OrderFilter,
    *,
    after: int | None = None,
    before: int | None = None,
    limit: int = PAGE,
) -> OrderPage:
    wanted = await order_lists.prepare(tx, asked, lists)
    found = await order_lists.rows(tx, wanted, after=after, before=before, limit=limit)
    page = order_lists.page_of(
        tx,
        found,
        after=after,
        before=before,
        limit=limit,
        known=await order_lists.kept(tx, wanted),
    )
    page = await plugin_journal.with_badges(page)
    page = await market_views.with_deadlines(page)
    return await custom_finds.with_fields(tx, lists, page)


@action(Permission.ORDER_VIEW, reads=True)
async def order(tx: Tx, number: int, asked: OrderFilter | None = None) -> OrderScreen:
    """An order's card, by the number for people.

    Args:
        tx: of the actor.
        number: of the order.
        asked: the filter it was opened from, for its neighbours; None leaves them out.

    Raises:
        NotFound: `order_not_found`: absent, or not for this actor.
    """
    lists = await references.lists()
    views = await order_views.load(tx, lists, "o.number = {}", [number], 1)
    if not views:
        raise NotFound("order_not_found")
    view = await _whole(tx, lists, views[0])
    client = view.customer
    reach = client is not None and await desk.reaches_client(tx, client.id, client.owner_number)
    newer, older = (None, None) if asked is None else await _neighbours(tx, lists, asked, number)
    reveals = Permission.CUSTOMER_REVEAL in tx.actor.grants
    sheets = await papers.on_card(tx, view.id)
    return OrderScreen(
        order=view,
        counts=await tally.counts(tx, lists.in_process()),
        codes=await desk.codes(tx, lists),
        stream=await timeline_views.page(tx, lists, timeline_views.of_order(view.id)),
        newer=newer,
        older=older,
        figures=await desk.figures(client.id) if client is not None and reach else None,
        budget_left=await budgets.left(tx, "reveal") if reveals and reach else None,
        may_open_client=reach,
        breach=await customer_figures.limit_breach(tx, client.id, 0)
        if client is not None and reach and view.paid_total < view.total
        else None,
        papers=sheets,
        service_files=() if sheets is None else await service_files.of_order(view.id),
        posting=await market_views.on_card(view.id),
        tabs=await field_definitions.tabs_for(tx, lists.tabs, Card.ORDER),
        account=await accounts.balance(client.id)
        if client is not None and reach and Permission.ORDER_PAY in tx.actor.grants
        else None,
        parcels=(await parcels.views([view.id])).get(view.id, ()),
        pays=tuple(await pay_attempts.of_order(view.id)),
        operator=await fulfilment_views.on_card(
            lists,
            view.id,
            open_=goods_of(view.status.group) is Goods.HELD and not view.shipped,
            may=Permission.ORDER_SHIP in tx.actor.grants,
        ),
    )


async def _whole(tx: Tx, lists: Lists, view: OrderView) -> OrderView:
    """A card with contacts and next moves."""
    tx.about("order", view.id)
    client = view.customer
    shown = ()
    if client is not None and not client.destroyed:
        shown = await contacts.contact_views(tx, client.id, await order_views.subject_of(client.id))
    moves = allowed_moves(lists.statuses, view.status.code)
    return msgspec.structs.replace(
        view,
        next_statuses=tuple(order_views.status_view(lists, one.code) for one in moves),
        contacts=shown,
        payer=await _payer(tx, view),
        marks=(await plugin_journal.badges_of([view.id])).get(view.id, ()),
        shipments=tuple((await shipments.views(lists, {view.id: view.number})).get(view.id, ())),
    )


async def _payer(tx: Tx, view: OrderView) -> CustomerBrief | None:
    """Who pays, where it is not the buyer and the actor may see him."""
    if view.payer_id is None:
        return None
    row = (await customer_views.rows_by_ids(tx, [view.payer_id])).get(view.payer_id)
    return None if row is None else customer_views.brief(tx, *row)


async def _neighbours(
    tx: Tx, lists: Lists, asked: OrderFilter, number: int
) -> tuple[int | None, int | None]:
    wanted = await order_lists.prepare(tx, asked, lists)
    newer = await order_lists.next_number(tx, wanted, before=number)
    return newer, await order_lists.next_number(tx, wanted, after=number)


@action(Permission.ORDER_VIEW, reads=True)
async def today(tx: Tx) -> TodayScreen:
    """What waits for the actor among the orders he may see, longest wait first."""
    lists = await references.lists()
    counts = await tally.counts(tx, lists.in_process())
    heaps = _heaps(tx, lists)
    queues = [await _queue(tx, lists, kind, asked) for kind, asked in heaps]
    return TodayScreen(
        queues=tuple(one for one in queues if one.rows),
        counts=counts,
        codes=await desk.codes(tx, lists),
        put_off=await _put_off(tx, lists),
    )


async def _put_off(tx: Tx, lists: Lists) -> tuple[PutOff, ...]:
    """Orders the actor wants back later, the next first."""
    known = await snoozes.mine(tx)
    if not known:
        return ()
    page = await _page(tx, lists, OrderFilter(numbers=tuple(known)), limit=len(known))
    rows = {one.number: one for one in page.rows}
    return tuple(
        PutOff(row=rows[number], until=until) for number, until in known.items() if number in rows
    )


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """An order after its move: enough to say so and to offer an undo."""

    number: int
    status_name: str


@action(Permission.ORDER_STATUS)
async def move(tx: Tx, number: int, status: str, version: int | None = None) -> Moved:
    """Move one order, by the number for people.

    Raises:
        NotFound: `order_not_found`.
        Conflict: `order_changed` since `version`.
        Invalid: `status_unknown`, `status_move_refused`.
    """
    lists = await references.lists()
    order = await stored.get(tx, OrderSelector(number=number))
    stored.check_version(order, version)
    await _changing.check_move(tx, lists, order, status)
    await _changing.moved(tx, lists, order, status)
    return Moved(number=number, status_name=lists.statuses[status].name)


@action(Permission.ORDER_ASSIGN)
async def assign(tx: Tx, number: int, manager: int, version: int | None = None) -> None:
    """Make a colleague responsible (0: nobody), by the order's number for people.

    Raises:
        NotFound: `order_not_found`.
        Conflict: `order_changed` since `version`.
        Invalid: `manager_unknown`.
    """
    order = await stored.get(tx, OrderSelector(number=number))
    stored.check_version(order, version)
    wanted = _changing.Edit(order)
    await _editing.set_manager(wanted, manager)
    await _changing.finish(tx, wanted)


MOST_IN_A_QUEUE = 12
MOST_DEALS = 8


def _heaps(tx: Tx, lists: Lists) -> list[tuple[str, OrderFilter]]:
    """What waits for whom: sellers sell, the accountant looks for money, the others carry."""
    if Permission.ORDER_EDIT in tx.actor.grants:
        return _selling(tx, lists)
    if Permission.ORDER_PAY in tx.actor.grants:
        return [("unpaid", OrderFilter(statuses=_waiting(lists)))]
    return _picking(lists) if Permission.ORDER_STATUS in tx.actor.grants else []


def _selling(tx: Tx, lists: Lists) -> list[tuple[str, OrderFilter]]:
    """New orders, unpaid ones that were agreed on, and those nobody leads."""
    mine = tx.grant.scope is not Scope.ALL
    heaps = [
        ("new", OrderFilter(groups=("new",), mine=mine)),
        ("unpaid", OrderFilter(statuses=_waiting(lists), mine=mine)),
        ("agree", OrderFilter(statuses=_agreeing(lists), mine=mine)),
    ]
    if tx.grant.scope is not Scope.OWN:
        open_groups = tuple(group.code for group in lists.groups.values() if group.process)
        heaps.insert(0, ("nobody", OrderFilter(groups=open_groups, managers=(0,))))
    return heaps


def _waiting(lists: Lists) -> tuple[str, ...]:
    return tuple(code for code in ("wait-payment",) if code in lists.statuses)


def _agreeing(lists: Lists) -> tuple[str, ...]:
    paid = set(_waiting(lists))
    return tuple(
        one.code
        for one in lists.statuses.values()
        if one.group == "approval" and one.code not in paid
    )


def _picking(lists: Lists) -> list[tuple[str, OrderFilter]]:
    ready = tuple(one.code for one in lists.statuses.values() if one.group == "assembling")
    return [
        ("assemble", OrderFilter(statuses=ready)),
        ("deliver", OrderFilter(groups=("delivery",))),
    ]


async def _queue(tx: Tx, lists: Lists, kind: str, asked: OrderFilter) -> Queue:
    if not (asked.statuses or asked.groups):
        return Queue(kind=kind, rows=(), count=0, more=False, asked=asked)
    wanted = await order_lists.prepare(tx, asked, lists)
    awake = order_lists.Condition(*snoozes.awake(tx))
    awake_ones = wanted._replace(rest=(*wanted.rest, awake))
    found = await order_lists.oldest(tx, awake_ones, MOST_IN_A_QUEUE)
    page = order_lists.page_of(
        tx, found, after=None, before=None, limit=MOST_IN_A_QUEUE, known=None
    )
    known = await order_lists.kept(tx, wanted) or Tally(orders=len(page.rows))
    return Queue(
        kind=kind,
        rows=page.rows,
        count=known.orders,
        more=known.orders > len(page.rows),
        asked=asked,
    )


@action(Permission.CUSTOMER_VIEW, reads=True)
async def client(tx: Tx, number: int) -> ClientScreen:
    """A client's card, by the number for people.

    Raises:
        NotFound: `customer_not_found`: absent, or not for this actor.
    """
    lists = await references.lists()
    row = await customer_views.find_visible(tx, "c.number = {}", number, blocked=True)
    tx.about("customer", row[0])
    view = await customer_views.view_of(tx, row, owner_name=await staff.name_of(tx, row[11]))
    if view.state == "blocked":  # the page says so, and nothing else
        codes = await desk.codes(tx, lists)
        return ClientScreen(client=view, orders=(), stream=_NOTHING, codes=codes, budget_left=None)
    reveals = Permission.CUSTOMER_REVEAL in tx.actor.grants
    return ClientScreen(
        client=view,
        orders=tuple(_order_line(one) for one in await customer_orders.of_customer(tx, row[0])),
        stream=await timeline_views.page(
            tx, lists, await timeline_views.of_client(tx, row[0], row[2])
        ),
        codes=await desk.codes(tx, lists),
        budget_left=await budgets.left(tx, "reveal") if reveals else None,
        payments={code: one.name for code, one in lists.of(ReferenceKind.PAYMENT_TYPE).items()},
        deals=await _deals(tx, row[0]),
        overdue=await customer_figures.overdue_of(view.id, view.money.pay_days, tx.now),
        breach=await customer_figures.limit_breach(tx, view.id, 0),
        bought=await customer_figures.bought_most(view.id),
        habits=await customer_habits.of_customer(view.id),
        ties=await companies.ties(tx, view.id, company=view.kind is CustomerKind.COMPANY),
        requests=await owner_requests.waiting(tx, view.id),
        tabs=await field_definitions.tabs_for(tx, lists.tabs, Card.CLIENT),
        dates=await client_dates.of_client(tx, view.id, tx.now.date()),
        prices=await _prices(tx, view),
        survivor=await desk.survivor_of(tx, view.id) if view.state == "merged" else 0,
    )


_NOTHING = StreamPage(tasks=(), planned=(), entries=(), after=None, may_write=False)


async def _prices(tx: Tx, view: CustomerView) -> tuple[SupplierPrice, ...]:
    """What a supplier asks, for those who may see what goods cost."""
    if view.party is not Party.SUPPLIER or Permission.PRODUCT_COST not in tx.actor.grants:
        return ()
    return await supplier_prices.of_supplier(view.id)


async def _deals(tx: Tx, customer_id: UUID) -> tuple[ClientDeal, ...]:
    """A client's newest deals; none where the actor's grant for deals is narrower."""
    grant = tx.actor.grants.get(Permission.DEAL_VIEW.value)
    if grant is None or grant.scope < tx.grant.scope:
        return ()
    return await deal_lists.brief_of(tx, customer_id, MOST_DEALS)


def _order_line(one: customer_orders.ClientOrder) -> ClientOrderLine:
    return ClientOrderLine(
        **{name: getattr(one, name) for name in ClientOrderLine.__struct_fields__}
    )


@action(Permission.CUSTOMER_VIEW, reads=True)
async def clients(
    tx: Tx,
    text: str = "",
    after: int | None = None,
    seen: int = 0,
    asked: ClientList = EVERY_CLIENT,
) -> ClientsScreen:
    """A page of clients, newest first, or those a fragment finds.

    Args:
        tx: of the actor.
        asked: what the list is narrowed to; suppliers and partners only where asked for.
        text: a fragment of a name, phone, e-mail or number.
        after: cursor of the page before.
        seen: clients on the pages before; past `DEEPEST` there is no further page.

    Raises:
        Invalid: `page_too_deep`.
    """
    if seen >= DEEPEST:
        raise Invalid("page_too_deep")
    lists = await references.lists()
    condition, values = client_filters.whole(tx, lists, asked)
    if text:
        tx.payload = {"query": searching.query_token(tx, text)}
        found = await searching.by_fragment(tx, text, PAGE + 1)
        ids = [*(one.id for one in found), *await custom_finds.clients(tx, lists, text)]
        condition, values = "c.id IN {}", [any_of(dict.fromkeys(ids))]
    elif after is not None:
        condition, values = f"{condition} AND c.number < {{}}", [*values, after]
    rows = await customer_views.list_visible(tx, condition, values, PAGE + 1)
    more = len(rows) > PAGE and not text
    rows = rows[:PAGE]
    deep = more and seen + PAGE >= DEEPEST
    return ClientsScreen(
        rows=await customer_views.views_of(tx, rows),
        after=rows[-1][1] if more and not deep else None,
        codes=await desk.codes(tx, lists),
        deep=deep,
    )


@action(Permission.BOX_MANAGE, reads=True, quiet=True)
async def health(tx: Tx) -> Health:
    """How the box is."""
    return Health(
        engine="sqlite" if "Sqlite" in type(house().database).__name__ else "postgres",
        unsealed=await desk.count_of("unsealed"),
        dead=await desk.count_of("dead"),
        staff=await desk.count_of("staff"),
        sessions=await desk.count_of("sessions"),
        keys=await desk.count_of("keys"),
        chores=await desk.chores(),
        copies=await copy_runs.health(),
        services=await plugin_standing.health(tx.now),
        bare=await _receipts.missing(tx),
    )
