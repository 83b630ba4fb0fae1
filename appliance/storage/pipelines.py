"""Pipelines, their stages and the reasons of losses."""

from uuid import UUID

import msgspec

from appliance.domain.deals import (
    DealField,
    Funnels,
    LossReason,
    OrderMakesDeal,
    Pipeline,
    Stage,
    StageKind,
)
from appliance.domain.ids import uuid7
from appliance.storage import counters, settings
from appliance.storage.statements import fetch, fetch_value, insert, update_row
from appliance.storage.tables import LossReasonRow, PipelineRow, StageRow

STEP = 10
ORDER_MAKES = "deals.from_order"
"""Setting: whether a new order makes a deal, and in which pipeline."""

_required = msgspec.json.Decoder(tuple[DealField, ...])


async def funnels() -> Funnels:
    """Everything, in three small statements; what is out of use is there too."""
    stages: dict[UUID, list[Stage]] = {}
    for row in await fetch(
        "SELECT id, number, pipeline_id, name, kind, position, required, skippable, active "
        "FROM stage ORDER BY position, number"
    ):
        one = Stage(
            id=row[0],
            number=row[1],
            pipeline_id=row[2],
            name=row[3],
            kind=StageKind(row[4]),
            position=row[5],
            required=_required.decode(row[6]),
            skippable=bool(row[7]),
            active=bool(row[8]),
        )
        stages.setdefault(one.pipeline_id, []).append(one)
    lines = await fetch(
        "SELECT id, number, code, name, position, active FROM pipeline ORDER BY position, number"
    )
    reasons = await fetch(
        "SELECT id, number, name, position, active FROM loss_reason ORDER BY position, number"
    )
    return Funnels(
        pipelines=tuple(
            Pipeline(
                id=row[0],
                number=row[1],
                code=row[2],
                name=row[3],
                position=row[4],
                active=bool(row[5]),
                stages=tuple(stages.get(row[0], ())),
            )
            for row in lines
        ),
        reasons=tuple(
            LossReason(id=row[0], number=row[1], name=row[2], position=row[3], active=bool(row[4]))
            for row in reasons
        ),
    )


async def add_pipeline(code: str, name: str, position: int) -> UUID:
    """Store a new pipeline, without stages yet."""
    pipeline_id = uuid7()
    number = await counters.draw("pipeline")
    await insert(
        PipelineRow,
        id=pipeline_id,
        number=number,
        code=code or f"p{number}",
        name=name,
        position=position,
    )
    return pipeline_id


async def change_pipeline(pipeline_id: UUID, **values: object) -> None:
    """Change columns of a pipeline."""
    await update_row(PipelineRow, pipeline_id, **values)


async def add_stage(pipeline_id: UUID, name: str, kind: StageKind, position: int) -> int:
    """Store a new stage and give its number."""
    number = await counters.draw("stage")
    await insert(
        StageRow,
        number=number,
        pipeline_id=pipeline_id,
        name=name,
        kind=kind.value,
        position=position,
    )
    return number


async def change_stage(stage: Stage) -> None:
    """Store a stage as it is now."""
    await update_row(
        StageRow,
        stage.id,
        name=stage.name,
        kind=stage.kind.value,
        position=stage.position,
        required=msgspec.json.encode(stage.required).decode(),
        skippable=stage.skippable,
        active=stage.active,
    )


async def has_deals(stage_id: UUID) -> bool:
    """Whether any deal stands at a stage."""
    found = await fetch_value("SELECT 1 FROM deal WHERE stage_id = {} LIMIT 1", stage_id)
    return found is not None


async def add_reason(name: str, position: int) -> None:
    """Store a new reason of a loss."""
    number = await counters.draw("loss_reason")
    await insert(LossReasonRow, number=number, name=name, position=position)


async def change_reason(reason: LossReason) -> None:
    """Store a reason as it is now."""
    await update_row(
        LossReasonRow, reason.id, name=reason.name, position=reason.position, active=reason.active
    )


async def order_makes() -> OrderMakesDeal:
    """Whether a new order makes a deal."""
    return await settings.get(ORDER_MAKES, OrderMakesDeal)


async def set_order_makes(wanted: OrderMakesDeal) -> None:
    """Say whether a new order makes a deal."""
    await settings.put(ORDER_MAKES, wanted)
