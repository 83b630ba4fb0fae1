"""What can be done with pipelines: stages, what they ask for, reasons of losses."""

from collections.abc import Sequence

import msgspec

from appliance.actions._gate import action
from appliance.domain.access import NOBODY
from appliance.domain.deal_screens import PipelinesScreen
from appliance.domain.deals import (
    DealField,
    DealState,
    Funnels,
    OrderMakesDeal,
    Pipeline,
    Stage,
    StageKind,
)
from appliance.errors import Conflict, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import deal_tally, desk, pipelines, references
from appliance.storage.pipelines import STEP
from appliance.storage.tx import Tx

NAME_LIMIT = 80
FIRST_STAGE = "Новая"
ENDS = ((StageKind.WON, "Выиграна"), (StageKind.LOST, "Проиграна"))
"""Stages that a new pipeline has; they may be renamed."""


@action(Permission.PIPELINE_EDIT, reads=True)
async def editor(tx: Tx) -> PipelinesScreen:
    """Everything that is set about pipelines, and how many deals stand where."""
    known = await pipelines.funnels()
    stages = [one for line in known.pipelines for one in line.stages]
    kept = await deal_tally.kept(tx, [one.id for one in stages], ())
    return PipelinesScreen(
        funnels=known,
        standing={one.number: kept[one.id].deals if one.id in kept else 0 for one in stages},
        order_makes=await pipelines.order_makes(),
        codes=await desk.codes(tx, await references.lists()),
    )


@action(Permission.PIPELINE_EDIT)
async def add_pipeline(tx: Tx, name: str) -> str:
    """Add a pipeline with one stage and its two ends; give its code.

    Raises:
        Invalid: `name_missing`, `pipeline_name_long`.
    """
    name = _name(name)
    known = await pipelines.funnels()
    position = max((one.position for one in known.pipelines), default=0) + STEP
    made = await pipelines.add_pipeline("", name, position)
    await pipelines.add_stage(made, FIRST_STAGE, StageKind.OPEN, STEP)
    for place, (kind, word) in enumerate(ENDS):
        await pipelines.add_stage(made, word, kind, 1_000_000 + place)
    tx.about("pipeline", made)
    return (await pipelines.funnels()).of(made).code


@action(Permission.PIPELINE_EDIT)
async def edit_pipeline(tx: Tx, code: str, name: str, *, active: bool) -> None:
    """Rename a pipeline, put it out of use or take it back.

    Raises:
        NotFound: `pipeline_not_found`.
        Conflict: `pipeline_last`: another one must stay in use; `pipeline_takes_orders`.
        Invalid: `name_missing`, `pipeline_name_long`.
    """
    name = _name(name)
    known = await pipelines.funnels()
    line = _line(known, code)
    if not active:
        if not any(one.active for one in known.pipelines if one.id != line.id):
            raise Conflict("pipeline_last")
        if (await pipelines.order_makes()).pipeline == code:
            raise Conflict("pipeline_takes_orders")
    tx.about("pipeline", line.id)
    tx.payload = {"name": name, "active": active}
    await pipelines.change_pipeline(line.id, name=name, active=active)


@action(Permission.PIPELINE_EDIT)
async def add_stage(tx: Tx, code: str, name: str) -> int:
    """Add a stage after the others of its pipeline; give its number.

    Raises:
        NotFound: `pipeline_not_found`.
        Invalid: `name_missing`, `pipeline_name_long`.
    """
    name = _name(name)
    line = _line(await pipelines.funnels(), code)
    position = max((one.position for one in _open(line)), default=0) + STEP
    tx.about("pipeline", line.id)
    return await pipelines.add_stage(line.id, name, StageKind.OPEN, position)


@action(Permission.PIPELINE_EDIT)
async def edit_stage(
    tx: Tx,
    number: int,
    name: str,
    *,
    makes_order: bool = False,
    skippable: bool = False,
    required: Sequence[DealField] = (),
) -> None:
    """Rename a stage and say what it asks for. Of an end of a pipeline only the name changes.

    Raises:
        NotFound: `stage_not_found`.
        Invalid: `name_missing`, `pipeline_name_long`.
    """
    name = _name(name)
    line, stage = _stage(await pipelines.funnels(), number)
    fresh = msgspec.structs.replace(stage, name=name)
    if stage.state is DealState.OPEN:
        fresh = msgspec.structs.replace(
            fresh,
            kind=StageKind.INVOICE if makes_order else StageKind.OPEN,
            skippable=skippable,
            required=tuple(one for one in DealField if one in required),
        )
    tx.about("pipeline", line.id)
    tx.payload = {"stage": number, "name": name, "required": [one.value for one in fresh.required]}
    await pipelines.change_stage(fresh)


@action(Permission.PIPELINE_EDIT)
async def shift_stage(tx: Tx, number: int, step: int) -> None:
    """Put a stage one place earlier (-1) or later (1); the ends stay where they are.

    Raises:
        NotFound: `stage_not_found`.
    """
    line, stage = _stage(await pipelines.funnels(), number)
    stages = _open(line)
    if stage not in stages:
        return
    at = stages.index(stage)
    to = min(max(at + step, 0), len(stages) - 1)
    stages.insert(to, stages.pop(at))
    tx.about("pipeline", line.id)
    for place, one in enumerate(stages, 1):
        if one.position != place * STEP:
            await pipelines.change_stage(msgspec.structs.replace(one, position=place * STEP))


@action(Permission.PIPELINE_EDIT)
async def remove_stage(tx: Tx, number: int) -> None:
    """Put a stage out of use; facts and history keep its name.

    Raises:
        NotFound: `stage_not_found`.
        Conflict: `stage_in_use`: deals stand there; `stage_needed`: an end, or the last one.
    """
    line, stage = _stage(await pipelines.funnels(), number)
    rest = [one for one in line.open_stages if one.id != stage.id]
    if stage.state is not DealState.OPEN or not any(one.kind is StageKind.OPEN for one in rest):
        raise Conflict("stage_needed")
    if await pipelines.has_deals(stage.id):
        raise Conflict("stage_in_use")
    tx.about("pipeline", line.id)
    tx.payload = {"stage": number}
    await pipelines.change_stage(msgspec.structs.replace(stage, active=False))


@action(Permission.PIPELINE_EDIT)
async def add_reason(tx: Tx, name: str) -> None:
    """Add a reason of losses.

    Raises:
        Invalid: `name_missing`, `pipeline_name_long`.
    """
    known = await pipelines.funnels()
    position = max((one.position for one in known.reasons), default=0) + STEP
    await pipelines.add_reason(_name(name), position)


@action(Permission.PIPELINE_EDIT)
async def edit_reason(tx: Tx, number: int, name: str, *, active: bool) -> None:
    """Rename a reason, put it out of use or take it back.

    Raises:
        NotFound: `loss_reason_not_found`.
        Invalid: `name_missing`, `pipeline_name_long`.
    """
    name = _name(name)
    known = await pipelines.funnels()
    found = next((one for one in known.reasons if one.number == number), None)
    if found is None:
        raise NotFound("loss_reason_not_found")
    await pipelines.change_reason(msgspec.structs.replace(found, name=name, active=active))


@action(Permission.PIPELINE_EDIT)
async def set_order_makes(tx: Tx, code: str) -> None:
    """Say in which pipeline a new order makes a deal; empty: in none.

    Raises:
        NotFound: `pipeline_not_found`, also for one that is out of use.
    """
    if code and not _line(await pipelines.funnels(), code).active:
        raise NotFound("pipeline_not_found")
    tx.about("setting", NOBODY)
    tx.payload = {"pipeline": code}
    await pipelines.set_order_makes(OrderMakesDeal(pipeline=code))


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Invalid("name_missing", fields={"name": "name_missing"})
    if len(name) > NAME_LIMIT:
        raise Invalid("pipeline_name_long", fields={"name": "pipeline_name_long"})
    return name


def _line(known: Funnels, code: str) -> Pipeline:
    found = known.pipeline(code) if code else None
    if found is None:
        raise NotFound("pipeline_not_found")
    return found


def _stage(known: Funnels, number: int) -> tuple[Pipeline, Stage]:
    found = known.numbered(number)
    if found is None or not found.active:
        raise NotFound("stage_not_found")
    return known.of(found.pipeline_id), found


def _open(line: Pipeline) -> list[Stage]:
    return list(line.open_stages)
