"""The bulk path of deals: rows, facts, figures and stream as the real actions leave them."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from appliance.domain.deals import DealState, DealTexts, Funnels, Pipeline, Stage, StageKind
from appliance.domain.demo_deals import DemoDeal
from appliance.domain.ids import uuid7
from appliance.domain.orders import SourceMarks
from appliance.domain.timeline import Entry, Kind
from appliance.storage import counters, deal_tally, deals, pipelines, timeline
from appliance.storage.deals import Deal, DealLine
from appliance.storage.demo_rows import Article, Client
from appliance.storage.statements import any_of, bulk, fetch
from appliance.storage.tables import (
    ChangeEntryRow,
    DealLineRow,
    DealMoveRow,
    DealRow,
    TimelineEntryRow,
)
from appliance.storage.tx import Tx


async def add_deals(
    tx: Tx, invented: Sequence[DemoDeal], clients: Sequence[Client], articles: Sequence[Article]
) -> None:
    """Fill in deals with goods, their way so far, and count them where they stand."""
    known = await pipelines.funnels()
    numbers = await _variant_numbers(articles)
    first = await counters.draw("deal", len(invented))
    feed = await counters.draw(counters.FEED, len(invented))
    tables: dict[Any, list[dict[str, Any]]] = {
        DealRow: [], DealLineRow: [], DealMoveRow: [], ChangeEntryRow: [], TimelineEntryRow: [],
    }  # fmt: skip
    made: list[Deal] = []
    for place, one in enumerate(invented):
        lines = _lines(one, articles, numbers)
        way = _way(known.pipelines[one.line], one)
        deal = _deal(tx, one, clients[one.customer], first + place, way, lines, known)
        made.append(deal)
        tables[DealRow].append(deal._asdict())
        tables[DealLineRow] += [{**line._asdict(), "deal_id": deal.id} for line in lines]
        tables[DealMoveRow] += _moves(one, deal, way)
        tables[ChangeEntryRow].append(_created(deal, way[0], feed + place))
        tables[TimelineEntryRow].append(_told(deal, feed + place))
    for table, rows in tables.items():
        if rows:
            await bulk(table, tuple(rows[0]), [tuple(row.values()) for row in rows])
    await _count(made)


async def _variant_numbers(articles: Sequence[Article]) -> dict[UUID, int]:
    rows = await fetch(
        "SELECT id, number FROM variant WHERE id IN {}", any_of([one.variant for one in articles])
    )
    return {row[0]: row[1] for row in rows}


def _lines(one: DemoDeal, articles: Sequence[Article], numbers: dict[UUID, int]) -> list[DealLine]:
    made: list[DealLine] = []
    for place, wanted in enumerate(one.lines, 1):
        article = articles[wanted.product]
        made.append(
            deals.new_line(
                place,
                article.product.name,
                wanted.quantity * 1000,
                article.product.price,
                variant_number=numbers[article.variant],
                sku=article.product.sku,
            )
        )
    return made


def _way(line: Pipeline, one: DemoDeal) -> list[Stage]:
    """Stages a deal has stood at, the last one is where it stands.

    No order is invented here, so no deal stands at a stage that makes one.
    """
    usual = [stage for stage in line.open_stages if stage.kind is StageKind.OPEN]
    way = usual[: min(one.reach, len(usual) - 1) + 1]
    return [*way, line.end(StageKind(one.end))] if one.end else way


def _times(one: DemoDeal, way: Sequence[Stage]) -> list[datetime]:
    """When it came to each stage of its way."""
    at, times = one.created_at, [one.created_at]
    for stayed in one.stayed[: len(way) - 1]:
        at += timedelta(seconds=stayed)
        times.append(at)
    return [*times, *[at] * (len(way) - len(times))]


def _deal(
    tx: Tx,
    one: DemoDeal,
    client: Client,
    number: int,
    way: Sequence[Stage],
    lines: Sequence[DealLine],
    known: Funnels,
) -> Deal:
    deal_id, at = uuid7(), _times(one, way)[-1]
    stage = way[-1]
    closed = stage.state is not DealState.OPEN
    due = None if one.due is None else tx.now.date() + timedelta(days=one.due)
    lost = stage.kind is StageKind.LOST and known.reasons
    return Deal(
        id=deal_id,
        number=number,
        version=len(way),
        shop="",
        customer_id=client.id,
        company_id=None,
        subject_id=client.subject,
        manager_id=client.owner,
        pipeline_id=stage.pipeline_id,
        stage_id=stage.id,
        state=stage.state.value,
        texts=deals.seal_texts(tx, deal_id, client.subject, DealTexts(title=one.title)),
        has_note=False,
        lines_count=len(lines),
        amount=sum(line.total for line in lines),
        expected_on=due,
        reason_id=known.reasons[one.reason % len(known.reasons)].id if lost else None,
        order_id=None,
        source=msgspec.json.encode(SourceMarks(source=one.source)).decode(),
        stage_at=at,
        closed_at=at if closed else None,
        created_at=one.created_at,
        updated_at=at,
    )


def _moves(one: DemoDeal, deal: Deal, way: Sequence[Stage]) -> list[dict[str, Any]]:
    times = _times(one, way)
    return [
        {
            "id": uuid7(),
            "deal_id": deal.id,
            "pipeline_id": deal.pipeline_id,
            "from_stage": way[place - 1].id if place else None,
            "to_stage": stage.id,
            "stayed": int((at - times[place - 1]).total_seconds()) if place else 0,
            "amount": deal.amount,
            "manager_id": deal.manager_id,
            "reason_id": deal.reason_id if stage.kind is StageKind.LOST else None,
            "user_number": 0,
            "at": at,
        }
        for place, (stage, at) in enumerate(zip(way, times, strict=True))
    ]


def _created(deal: Deal, stage: Stage, number: int) -> dict[str, Any]:
    return {
        "number": number,
        "id": uuid7(),
        "entity": "deal",
        "entity_id": deal.id,
        "entity_number": deal.number,
        "shop": "",
        "kind": "create",
        "field": "stage",
        "old_value": None,
        "new_value": msgspec.json.encode(stage.name).decode(),
        "personal": None,
        "subject_id": None,
        "part": None,
        "source": "code",
        "user_number": 0,
        "key_id": None,
        "at": deal.created_at,
    }


def _told(deal: Deal, first: int) -> dict[str, Any]:
    return timeline.bulk_row(
        Entry(
            kind=Kind.DEAL,
            at=deal.created_at,
            customer_id=deal.customer_id,
            deal_id=deal.id,
            data={"first": first, "count": 1},
        )
    )


async def _count(made: Sequence[Deal]) -> None:
    counted: Counter[tuple[UUID, UUID | None]] = Counter()
    sums: Counter[tuple[UUID, UUID | None]] = Counter()
    since: Counter[tuple[UUID, UUID | None]] = Counter()
    for deal in made:
        key = (deal.stage_id, deal.manager_id)
        counted[key] += 1
        sums[key] += deal.amount
        since[key] += int(deal.stage_at.timestamp())
    for (stage, manager), many in counted.items():
        key = (stage, manager)
        await deal_tally.add(stage, manager, many, sums[key], since[key])
