"""What can be done with deals."""

from uuid import UUID

import msgspec

from appliance.actions import _deal_making, _deal_steps
from appliance.actions._gate import action
from appliance.domain.deals import (
    DealChange,
    DealDraft,
    DealMoved,
    DealState,
    Funnels,
    StageKind,
)
from appliance.errors import Conflict, Invalid
from appliance.roles import Permission
from appliance.storage import deals, pipelines
from appliance.storage.deals import Deal
from appliance.storage.tx import Tx


class DealMade(msgspec.Struct, frozen=True, kw_only=True):
    """A new deal."""

    id: UUID
    number: int


@action(Permission.DEAL_CREATE)
async def create(tx: Tx, draft: DealDraft) -> DealMade:
    """Make a deal of a client.

    Raises:
        NotFound: `customer_not_found`: absent, or out of the actor's reach.
        Invalid: `pipeline_unknown`, `stage_unknown`, `deal_incomplete` (a later stage asks for
            more), `deal_title_missing` and the like, by field; `manager_unknown`.
        Denied: names another colleague without the right to assign.
    """
    deal = await _deal_making.make(tx, draft)
    tx.about("deal", deal.id)
    return DealMade(id=deal.id, number=deal.number)


@action(Permission.DEAL_EDIT)
async def edit(tx: Tx, number: int, change: DealChange, version: int | None = None) -> int:
    """Change a deal and give its new version; an edit that changes nothing leaves no trace.

    Raises:
        NotFound: `deal_not_found`.
        Conflict: `deal_changed` since `version`; `deal_goods_ordered`.
        Invalid: what is wrong, by field.
    """
    deal = await deals.get(tx, number)
    deals.check_version(deal, version)
    return (await _deal_steps.edit(tx, deal, change)).version


@action(Permission.DEAL_EDIT)
async def move(
    tx: Tx,
    number: int,
    stage: int,
    version: int | None = None,
    fill: DealChange | None = None,
    reason: int = 0,
) -> DealMoved:
    """Move a deal to a stage; to where it stands already is no move and no error.

    Args:
        tx: of the actor.
        number: of the deal.
        stage: number of the stage.
        version: what the actor saw.
        fill: what the gate asked for, written in the same transaction.
        reason: number of a loss's reason.

    Raises:
        NotFound: `deal_not_found`.
        Conflict: `deal_changed`.
        Invalid: `stage_unknown`, `stage_skipped`, `deal_incomplete` with the missing fields,
            `loss_reason_missing`, `deal_order_open`, `deal_order_done`.
    """
    known = await pipelines.funnels()
    deal = await deals.get(tx, number)
    wanted = _deal_steps.stage_of(known, deal, stage)
    if wanted.id == deal.stage_id:
        return _moved(known, deal, None)
    deals.check_version(deal, version)
    if fill is not None:
        deal = await _deal_steps.edit(tx, deal, fill)
    had = deal.order_id
    deal = await _deal_steps.go(tx, known, deal, wanted, reason)
    tx.payload = {"stage": wanted.number}
    return _moved(known, deal, deal.order_id if had is None else None)


def _moved(known: Funnels, deal: Deal, order: UUID | None) -> DealMoved:
    return DealMoved(
        number=deal.number,
        version=deal.version,
        stage=known.stage(deal.stage_id),
        order_id=order,
    )


@action(Permission.DEAL_EDIT)
async def undo_move(tx: Tx, number: int) -> DealMoved:
    """Take back the actor's own last move of a deal. An order that it made stays linked.

    Raises:
        NotFound: `deal_not_found`.
        Conflict: `nothing_to_undo`: it stands there by another's hand, or from its beginning.
        Invalid: `deal_order_done`: it was won by its order.
    """
    known = await pipelines.funnels()
    deal = await deals.get(tx, number)
    last = next(iter(await deals.moves(deal.id)), None)
    mine = last is not None and last.user_number == tx.actor.number != 0
    if last is None or not mine or last.from_stage is None or last.to_stage != deal.stage_id:
        raise Conflict("nothing_to_undo", f"deal {deal.number}", number=deal.number)
    if deal.order_id is not None and deal.state == DealState.WON.value:
        raise Invalid("deal_order_done")
    stage = known.stage(last.from_stage)
    reason = await deals.reason_before(deal.id) if stage.kind is StageKind.LOST else None
    became = await deals.move(tx, deal, stage, reason=reason)
    tx.payload = {"undone": stage.number}
    return _moved(known, became, None)


@action(Permission.DEAL_ASSIGN)
async def assign(tx: Tx, number: int, manager: int, version: int | None = None) -> int:
    """Make a colleague responsible (0: nobody) and give the deal's new version.

    Raises:
        NotFound: `deal_not_found`.
        Conflict: `deal_changed`.
        Invalid: `manager_unknown`.
    """
    deal = await deals.get(tx, number)
    deals.check_version(deal, version)
    fresh = await _deal_steps.colleague(manager)
    if fresh == deal.manager_id:
        return deal.version
    entry = await deals.manager_change(deal.manager_id, fresh)
    return (await deals.change(tx, deal, [entry], manager_id=fresh)).version
