"""The way of deals through a pipeline, from the facts of their moves."""

from datetime import datetime
from uuid import UUID

from appliance.domain.deals import StageKind
from appliance.domain.reports import DealLine, Funnel, StageFlow
from appliance.storage.statements import fetch, fetch_value
from appliance.storage.tx import Tx
from appliance.storage.visible import visible

MOST_DEALS = 200
Stretch = tuple[datetime, datetime]


async def funnel(tx: Tx, pipeline: int, stretch: Stretch, stage: int) -> Funnel:
    """What happened in a pipeline (0: the first one), and the deals that came to a stage."""
    known = await fetch("SELECT id, number, name FROM pipeline ORDER BY position, number")
    line = next((row for row in known if row[1] == pipeline), known[0] if known else None)
    if line is None:
        return Funnel(pipeline=0, pipelines=(), stages=(), reasons=())
    pipeline_id: UUID = line[0]
    return Funnel(
        pipeline=line[1],
        pipelines=tuple((row[1], row[2]) for row in known),
        stages=await _stages(tx, pipeline_id, stretch),
        reasons=await _reasons(tx, pipeline_id, stretch),
        deals=await _deals(tx, pipeline_id, stretch, stage) if stage else (),
    )


async def _stages(tx: Tx, pipeline_id: UUID, stretch: Stretch) -> tuple[StageFlow, ...]:
    scope, values = visible(tx, "m.manager_id")
    came = await fetch(
        "SELECT f.to_stage, COUNT(*), SUM(f.amount) FROM (SELECT m.to_stage, m.deal_id, "
        "MAX(m.amount) AS amount FROM deal_move m "
        f"WHERE m.pipeline_id = {{}} AND m.at >= {{}} AND m.at < {{}} AND {scope} "
        "GROUP BY m.to_stage, m.deal_id) f GROUP BY f.to_stage",
        pipeline_id,
        *stretch,
        *values,
    )
    went = await fetch(
        "SELECT m.from_stage, COUNT(*), SUM(m.stayed), "
        "SUM(CASE WHEN s.kind = {} THEN 1 ELSE 0 END) "
        "FROM deal_move m JOIN stage s ON s.id = m.to_stage "
        "WHERE m.from_stage IS NOT NULL AND m.pipeline_id = {} AND m.at >= {} AND m.at < {} "
        f"AND {scope} GROUP BY m.from_stage",
        StageKind.LOST.value,
        pipeline_id,
        *stretch,
        *values,
    )
    entered = {row[0]: (int(row[1]), int(row[2])) for row in came}
    left = {row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in went}
    rows = await fetch(
        "SELECT id, number, name, kind FROM stage WHERE pipeline_id = {} ORDER BY position, number",
        pipeline_id,
    )
    found: list[StageFlow] = []
    for stage_id, number, name, kind in rows:
        many, amount = entered.get(stage_id, (0, 0))
        gone, stayed, lost = left.get(stage_id, (0, 0, 0))
        found.append(
            StageFlow(
                name=name,
                number=number,
                kind=kind,
                entered=many,
                amount=amount,
                left=gone,
                lost=lost,
                stayed=stayed // gone if gone else None,
            )
        )
    return tuple(found)


async def _reasons(tx: Tx, pipeline_id: UUID, stretch: Stretch) -> tuple[tuple[str, int, int], ...]:
    scope, values = visible(tx, "m.manager_id")
    rows = await fetch(
        "SELECT r.name, COUNT(*), SUM(m.amount) FROM deal_move m "
        "JOIN stage s ON s.id = m.to_stage LEFT JOIN loss_reason r ON r.id = m.reason_id "
        "WHERE m.pipeline_id = {} AND m.at >= {} AND m.at < {} AND s.kind = {} "
        f"AND {scope} GROUP BY r.name ORDER BY 2 DESC, 1",
        pipeline_id,
        *stretch,
        StageKind.LOST.value,
        *values,
    )
    return tuple((row[0] or "", int(row[1]), int(row[2])) for row in rows)


async def _deals(tx: Tx, pipeline_id: UUID, stretch: Stretch, number: int) -> tuple[DealLine, ...]:
    stage_id = await fetch_value("SELECT id FROM stage WHERE number = {}", number)
    if stage_id is None:
        return ()
    scope, values = visible(tx, "m.manager_id")
    rows = await fetch(
        "SELECT d.number, m.at, m.amount, u.number, d.state FROM deal_move m "
        "JOIN deal d ON d.id = m.deal_id LEFT JOIN users u ON u.id = m.manager_id "
        f"WHERE m.pipeline_id = {{}} AND m.at >= {{}} AND m.at < {{}} AND m.to_stage = {{}} "
        f"AND {scope} ORDER BY m.at DESC LIMIT {{}}",
        pipeline_id,
        *stretch,
        stage_id,
        *values,
        MOST_DEALS,
    )
    return tuple(
        DealLine(number=row[0], at=row[1], amount=int(row[2]), manager=row[3], state=row[4])
        for row in rows
    )
