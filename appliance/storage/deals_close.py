"""Where deals and orders meet: an order makes a deal, a settled order wins one, a return reopens.

Plain steps of the order's own transaction: whoever may change the order need not see the deal.
"""

from uuid import UUID

from appliance.domain import funnel
from appliance.domain.deals import DealState, DealTexts, Funnels, Stage, StageKind
from appliance.domain.ids import uuid7
from appliance.domain.statuses import Goods, goods_of
from appliance.storage import counters, deals, feed, order_lines, pipelines, references
from appliance.storage.deals import Deal, DealLine
from appliance.storage.orders import Order
from appliance.storage.statements import fetch_one
from appliance.storage.tx import Tx


async def settle(tx: Tx, order_id: UUID) -> None:
    """Close the order's deal as won once money and goods are both there; reopen it when not.

    The deal's amount follows its order too. An order that is settled wins a deal that
    was given up, too.
    """
    deal = await deals.of_order(order_id)
    if deal is None:
        return
    row = await fetch_one("SELECT total, paid_total, status FROM orders WHERE id = {}", order_id)
    if row is None:
        return
    total, paid, status = row
    group = (await references.lists()).group_of(status)
    done = funnel.settled(total=total, paid=paid, delivered=goods_of(group) is Goods.ISSUED)
    if deal.amount != total:
        entry = feed.Change(field="amount", old=deal.amount, new=total)
        deal = await deals.change(tx, deal, [entry], amount=total)
    if done == (deal.state == DealState.WON.value):
        return
    known = await pipelines.funnels()
    await deals.move(tx, deal, _won(known, deal) if done else await _before(known, deal))


def _won(known: Funnels, deal: Deal) -> Stage:
    return known.of(deal.pipeline_id).end(StageKind.WON)


async def _before(known: Funnels, deal: Deal) -> Stage:
    """Where a deal stood before it was won; else the last stage of its pipeline."""
    stages = known.of(deal.pipeline_id).open_stages
    for one in await deals.moves(deal.id):
        if one.to_stage == deal.stage_id and one.from_stage is not None:
            stage = known.stage(one.from_stage)
            if stage.active and stage.state is DealState.OPEN:
                return stage
    return stages[-1]


async def begin(tx: Tx, order: Order) -> None:
    """Make the deal of a new order, where the setting names a pipeline."""
    shop = (await references.lists()).shops.get(order.shop)
    wanted = "" if shop is None else shop.link.pipeline
    wanted = wanted or (await pipelines.order_makes()).pipeline
    if not wanted:
        return
    line = (await pipelines.funnels()).pipeline(wanted)
    if line is None or not line.active:
        return
    deal_id = uuid7()
    goods = [
        _wanted(place, one) for place, one in enumerate(await order_lines.of_order(order.id), 1)
    ]
    stage = line.open_stages[0]
    deal = Deal(
        id=deal_id,
        number=await counters.draw("deal"),
        version=1,
        shop=order.shop,
        customer_id=order.customer_id,
        company_id=None,
        subject_id=order.subject_id,
        manager_id=order.manager_id,
        pipeline_id=line.id,
        stage_id=stage.id,
        state=stage.state.value,
        texts=deals.seal_texts(tx, deal_id, order.subject_id, DealTexts(title=order.summary)),
        has_note=False,
        lines_count=len(goods),
        amount=order.total,
        expected_on=order.delivery_date,
        reason_id=None,
        order_id=order.id,
        source=order.source,
        stage_at=tx.now,
        closed_at=None,
        created_at=tx.now,
        updated_at=tx.now,
    )
    await deals.add(tx, deal, goods)
    await settle(tx, order.id)


def _wanted(place: int, line: order_lines.Line) -> DealLine:
    return deals.new_line(place, line.name, line.quantity_milli, line.price, sku=line.sku)
