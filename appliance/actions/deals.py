"""What can be done with deals."""

from uuid import UUID

import msgspec

from appliance.actions import _deal_steps, _order_checks
from appliance.actions._gate import action
from appliance.domain.access import ActorKind
from appliance.domain.deals import (
    DealChange,
    DealDraft,
    DealMoved,
    DealState,
    DealTexts,
    Funnels,
    Stage,
    StageKind,
)
from appliance.domain.ids import uuid7
from appliance.errors import Conflict, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import counters, customers, deals, desk, pipelines
from appliance.storage.customers import Known
from appliance.storage.deals import Deal
from appliance.storage.orders import user_number
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
    known = await pipelines.funnels()
    stage = _first_stage(known, draft)
    client = await _client(tx, draft.customer_number, "customer")
    company = await _client(tx, draft.company_number, "company") if draft.company_number else None
    lines = await _deal_steps.goods(draft.lines)
    title, note = draft.title.reveal(), draft.note.reveal() if draft.note else ""
    _deal_steps.refuse(_deal_steps.check_texts(title, note, draft.amount))
    deal_id = uuid7()
    texts = DealTexts(title=title.strip(), note=note.strip())
    amount = draft.amount
    deal = Deal(
        id=deal_id,
        number=await counters.draw("deal"),
        version=1,
        shop="",
        customer_id=client.id,
        company_id=None if company is None else company.id,
        subject_id=client.subject_id,
        manager_id=await _manager(tx, draft.manager_number, client),
        pipeline_id=stage.pipeline_id,
        stage_id=stage.id,
        state=stage.state.value,
        texts=deals.seal_texts(tx, deal_id, client.subject_id, texts),
        has_note=bool(texts.note),
        lines_count=len(lines),
        amount=sum(one.total for one in lines) if amount is None else amount,
        expected_on=draft.expected_on,
        reason_id=None,
        order_id=None,
        source=msgspec.json.encode(draft.source).decode(),
        stage_at=tx.now,
        closed_at=None,
        created_at=tx.now,
        updated_at=tx.now,
    )
    _deal_steps.check_gate(known, deal, None, stage)
    await deals.add(tx, deal, lines)
    tx.about("deal", deal_id)
    return DealMade(id=deal_id, number=deal.number)


def _first_stage(known: Funnels, draft: DealDraft) -> Stage:
    """Where a new deal stands: the stage named, else the first of its pipeline."""
    if draft.stage:
        found = known.numbered(draft.stage)
        usual = found is not None and found.active and found.kind is StageKind.OPEN
        if found is None or not usual or not known.of(found.pipeline_id).active:
            raise Invalid("stage_unknown", fields={"stage": "stage_unknown"})
        return found
    line = known.pipeline(draft.pipeline)
    if line is None or not line.active:
        raise Invalid("pipeline_unknown", fields={"stage": "pipeline_unknown"})
    return line.open_stages[0]


async def _client(tx: Tx, number: int, field: str) -> Known:
    known = await customers.find_by_number(number)
    owner = None if known is None else await user_number(known.owner_id)
    if known is None or not await desk.reaches_client(tx, known.id, owner):
        raise NotFound("customer_not_found")
    if known.state != "live":
        raise Invalid("customer_not_live", fields={field: "customer_not_live"})
    return known


async def _manager(tx: Tx, number: int | None, client: Known) -> UUID | None:
    """Who leads it: the one named, else whoever makes it, else the client's own manager."""
    if number is not None and number != tx.actor.number:
        _order_checks.also_needs(tx, Permission.DEAL_ASSIGN)
        return await _deal_steps.colleague(number)
    return tx.actor.id if tx.actor.kind is ActorKind.USER else client.owner_id


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
