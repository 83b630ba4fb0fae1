"""Kept counts, sums and ages of deals by stage and manager."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from appliance.domain.access import NOBODY
from appliance.domain.deals import DealTally
from appliance.domain.ids import uuid7
from appliance.storage.statements import any_of, execute, fetch
from appliance.storage.tx import Tx
from appliance.storage.visible import visible


class DealPlace(NamedTuple):
    """Where a deal is counted."""

    stage: UUID
    manager: UUID | None
    amount: int
    since: datetime


async def add(stage: UUID, manager: UUID | None, deals: int, amount: int, since: int) -> None:
    """Count deals of one stage and manager; `since` is the sum of their seconds of the epoch."""
    await execute(
        "INSERT INTO deal_tally (id, stage_id, manager_id, deals, amount, since_sum) "
        "VALUES ({}, {}, {}, {}, {}, {}) ON CONFLICT (stage_id, manager_id) DO UPDATE "
        "SET deals = deal_tally.deals + excluded.deals, "
        "amount = deal_tally.amount + excluded.amount, "
        "since_sum = deal_tally.since_sum + excluded.since_sum",
        uuid7(),
        stage,
        manager or NOBODY,
        deals,
        amount,
        since,
    )


async def move(was: DealPlace | None, became: DealPlace | None) -> None:
    """Count a deal where it stands now and no more where it stood; None is nowhere."""
    if was == became:
        return
    for place, sign in ((was, -1), (became, 1)):
        if place is not None:
            since = int(place.since.timestamp())
            await add(place.stage, place.manager, sign, sign * place.amount, sign * since)


async def kept(tx: Tx, stages: Sequence[UUID], managers: Sequence[UUID]) -> dict[UUID, DealTally]:
    """Figures of stages, of the deals that the grant lets through; no managers means anybody."""
    scope, args = visible(tx, "t.manager_id")
    whose, values = ("", ()) if not managers else ("AND t.manager_id IN {} ", (any_of(managers),))
    rows = await fetch(
        "SELECT t.stage_id, SUM(t.deals), SUM(t.amount), SUM(t.since_sum) FROM deal_tally t "
        f"WHERE t.stage_id IN {{}} AND {scope} {whose}GROUP BY t.stage_id",
        any_of(stages),
        *args,
        *values,
    )
    return {row[0]: figure(tx.now, int(row[1]), int(row[2]), int(row[3])) for row in rows}


def figure(now: datetime, deals: int, amount: int, since: int) -> DealTally:
    """Figures of one stage."""
    mean = int(now.timestamp()) - since // deals if deals else 0
    return DealTally(deals=deals, amount=amount, mean_age=max(mean, 0))
