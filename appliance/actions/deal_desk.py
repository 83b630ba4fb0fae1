"""Whole screens of deals, each read in one action."""

import msgspec

from appliance.actions._gate import action
from appliance.domain.customers import ContactView, CustomerBrief
from appliance.domain.deal_screens import BoardScreen, DealScreen, DealsScreen
from appliance.domain.deals import (
    DealColumn,
    DealFilter,
    DealLineView,
    DealRow,
    DealState,
    DealTally,
    DealView,
    Funnels,
    Pipeline,
)
from appliance.domain.desk import Codes, Figures
from appliance.domain.grants import Scope
from appliance.domain.orders import OrderCounts, OrderFilter, OrderRow, SourceMarks
from appliance.domain.personal import Personal
from appliance.errors import Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import (
    budgets,
    contacts,
    customer_views,
    customers,
    deal_lists,
    deal_tally,
    deals,
    desk,
    order_lists,
    pipelines,
    references,
    tally,
    timeline_views,
)
from appliance.storage.deals import Deal
from appliance.storage.order_views import subject_of
from appliance.storage.orders import user_number
from appliance.storage.tx import Tx

COLUMN = 50
PAGE = 50
NONE = OrderCounts(statuses={}, mine=0, nobody=0)


def _line(known: Funnels, code: str) -> Pipeline:
    """The pipeline asked for; a code that nobody knows shows the first."""
    found = known.pipeline(code) or known.pipeline()
    if found is None:
        raise NotFound("pipeline_not_found")
    return found


async def _counts(tx: Tx) -> OrderCounts:
    """For the side bar; the grant of deals must not widen what one sees of orders."""
    lists = await references.lists()
    grant = tx.actor.grants.get(Permission.ORDER_VIEW.value)
    if grant is None or grant.scope is not tx.grant.scope:
        return NONE
    return await tally.counts(tx, lists.in_process())


async def _mine(tx: Tx, line: Pipeline) -> int:
    stages = [one.id for one in line.open_stages]
    kept = await deal_tally.kept(tx, stages, (tx.actor.id,))
    return sum(one.deals for one in kept.values())


@action(Permission.DEAL_VIEW, reads=True)
async def board(tx: Tx, asked: DealFilter, limit: int = COLUMN) -> BoardScreen:
    """A pipeline as columns, each with kept figures and its first cards."""
    known = await pipelines.funnels()
    line = _line(known, asked.pipeline)
    asked = msgspec.structs.replace(asked, states=(DealState.OPEN.value,), stages=())
    wanted = await deal_lists.prepare(tx, asked, known, line)
    ends = [one for one in line.stages if one.state is not DealState.OPEN]
    closed = await deal_lists.tallies(tx, wanted._replace(stages=tuple(ends)))
    return BoardScreen(
        line=line,
        columns=await deal_lists.columns(tx, wanted, limit),
        ends={one.number: closed.get(one.id, DealTally()) for one in ends},
        mine=await _mine(tx, line),
        funnels=known,
        codes=await desk.codes(tx, await references.lists()),
        counts=await _counts(tx),
    )


class More(msgspec.Struct, frozen=True, kw_only=True):
    """The next cards of one column."""

    line: Pipeline
    column: DealColumn
    funnels: Funnels
    codes: Codes


@action(Permission.DEAL_VIEW, reads=True)
async def column(tx: Tx, asked: DealFilter, stage: int, after: str, limit: int = COLUMN) -> More:
    """The cards of a column that come after a cursor.

    Raises:
        Invalid: `cursor_unreadable`, `stage_unknown`.
    """
    known = await pipelines.funnels()
    line = _line(known, asked.pipeline)
    found = next((one for one in line.stages if one.number == stage), None)
    if found is None:
        raise Invalid("stage_unknown")
    wanted = await deal_lists.prepare(tx, asked, known, line)
    return More(
        line=line,
        column=await deal_lists.more(tx, wanted, found, after, limit),
        funnels=known,
        codes=await desk.codes(tx, await references.lists()),
    )


@action(Permission.DEAL_VIEW, reads=True)
async def page(
    tx: Tx, asked: DealFilter, after: int | None = None, limit: int = PAGE
) -> DealsScreen:
    """A pipeline as a list, the newest first."""
    known = await pipelines.funnels()
    line = _line(known, asked.pipeline)
    wanted = await deal_lists.prepare(tx, asked, known, line)
    rows, following = await deal_lists.page(tx, wanted, after, limit)
    figures = await deal_lists.tallies(tx, wanted)
    return DealsScreen(
        line=line,
        rows=await deal_lists.with_fields(tx, rows),
        after=following,
        tally=DealTally(
            deals=sum(one.deals for one in figures.values()),
            amount=sum(one.amount for one in figures.values()),
        ),
        mine=await _mine(tx, line),
        funnels=known,
        codes=await desk.codes(tx, await references.lists()),
        counts=await _counts(tx),
    )


@action(Permission.DEAL_VIEW, reads=True)
async def card(tx: Tx, number: int) -> DealScreen:
    """A deal's card, by the number for people.

    Raises:
        NotFound: `deal_not_found`: absent, or not for this actor.
    """
    known = await pipelines.funnels()
    deal = await deals.get(tx, number)
    row = await deal_lists.row(tx, number)
    if row is None or row.customer is None:
        raise NotFound("deal_not_found")
    client = row.customer
    reach = await desk.reaches_client(tx, client.id, client.owner_number)
    shown: tuple[ContactView, ...] = ()
    figures: Figures | None = None
    if reach and not client.destroyed:
        shown = await contacts.contact_views(tx, client.id, await subject_of(client.id))
    if reach:
        figures = await desk.figures(client.id)
    reveals = reach and Permission.CUSTOMER_REVEAL in tx.actor.grants
    lists = await references.lists()
    return DealScreen(
        deal=await _view(tx, known, deal, row),
        funnels=known,
        codes=await desk.codes(tx, lists),
        stream=await timeline_views.page(tx, lists, timeline_views.of_deal(deal.id)),
        counts=await _counts(tx),
        order=await _order(tx, row.order_number),
        figures=figures,
        contacts=shown,
        budget_left=await budgets.left(tx, "reveal") if reveals else None,
        may_open_client=reach,
    )


async def _view(tx: Tx, known: Funnels, deal: Deal, row: DealRow) -> DealView:
    texts = deals.open_texts(tx, deal.id, deal.subject_id, deal.texts)
    company = None
    if deal.company_id is not None:
        found = await customer_views.rows_by_ids(tx, [deal.company_id])
        company = next((customer_views.brief(tx, *one) for one in found.values()), None)
    return DealView(
        row=row,
        pipeline=known.of(deal.pipeline_id),
        stage=known.stage(deal.stage_id),
        company=company,
        note=None if texts is None else Personal(texts.note),
        source=msgspec.json.decode(deal.source, type=SourceMarks),
        lines=tuple(
            DealLineView(
                name=one.name,
                sku=one.sku,
                quantity_milli=one.quantity_milli,
                price=one.price,
                total=one.total,
            )
            for one in await deals.lines_of(deal.id)
        ),
        moves=tuple(await deals.moves(deal.id)),
        updated_at=deal.updated_at,
        closed_at=deal.closed_at,
    )


async def _order(tx: Tx, number: int | None) -> OrderRow | None:
    """The order a deal led to; one that the actor's grant for orders hides stays hidden."""
    grant = tx.actor.grants.get(Permission.ORDER_VIEW.value)
    if number is None or grant is None or grant.scope is Scope.NONE:
        return None
    if grant.scope < tx.grant.scope:
        return None
    wanted = await order_lists.prepare(tx, OrderFilter(numbers=(number,)), await references.lists())
    found = await order_lists.rows(tx, wanted, after=None, before=None, limit=1)
    page = order_lists.page_of(tx, found, after=None, before=None, limit=1, known=None)
    return page.rows[0] if page.rows else None


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Deals found for the palette."""

    rows: tuple[DealRow, ...]
    funnels: Funnels
    codes: Codes


@action(Permission.DEAL_VIEW, reads=True, quiet=True)
async def numbered(tx: Tx, number: int) -> Found | None:
    """The deal with this number, if the actor may see it; absent ones leave no trace."""
    row = await deal_lists.row(tx, number)
    if row is None:
        return None
    codes = await desk.codes(tx, await references.lists())
    return Found(rows=(row,), funnels=await pipelines.funnels(), codes=codes)


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """What forms of deals choose from; `client` where one was named and is within reach."""

    funnels: Funnels
    codes: Codes
    client: CustomerBrief | None = None


@action(Permission.DEAL_VIEW, reads=True, quiet=True)
async def form(tx: Tx, client: int = 0) -> Form:
    """Pipelines, stages, reasons, and the client that a form is about, by his number."""
    found: CustomerBrief | None = None
    known = await customers.find_by_number(client) if client else None
    if known is not None and await desk.reaches_client(
        tx, known.id, await user_number(known.owner_id)
    ):
        rows = await customer_views.rows_by_ids(tx, [known.id])
        found = next((customer_views.brief(tx, *one) for one in rows.values()), None)
    codes = await desk.codes(tx, await references.lists())
    return Form(funnels=await pipelines.funnels(), codes=codes, client=found)
