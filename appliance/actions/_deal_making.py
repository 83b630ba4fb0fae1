"""Making a deal. Steps of `deals.create` and of imports."""

from uuid import UUID

import msgspec

from appliance.actions import _deal_steps, _order_checks
from appliance.domain.access import ActorKind
from appliance.domain.deals import DealDraft, DealTexts, Funnels, Stage, StageKind
from appliance.domain.ids import uuid7
from appliance.errors import Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import counters, customers, deals, desk, pipelines
from appliance.storage.customers import Known
from appliance.storage.deals import Deal
from appliance.storage.orders import user_number
from appliance.storage.tx import Tx


async def make(tx: Tx, draft: DealDraft) -> Deal:
    """Store a new deal; errors as `deals.create`."""
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
    return deal


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
