"""Deals: finding, adding, changing, moving. Boards and lists are in `deal_lists`."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from appliance.domain.deals import DealMove, DealState, DealTexts, Stage
from appliance.domain.grants import Access
from appliance.domain.ids import uuid7
from appliance.errors import Conflict, Damaged, Destroyed, NotFound
from appliance.storage import deal_tally, feed, orders
from appliance.storage.deal_tally import DealPlace
from appliance.storage.statements import execute, fetch, fetch_one, fetch_value, insert, insert_many
from appliance.storage.tables import DealLineRow, DealMoveRow, DealRow
from appliance.storage.tx import Tx
from appliance.storage.visible import visible_deal


class Deal(NamedTuple):
    """A deal as stored, with its cell still closed."""

    id: UUID
    number: int
    version: int
    shop: str
    customer_id: UUID
    company_id: UUID | None
    subject_id: UUID
    manager_id: UUID | None
    pipeline_id: UUID
    stage_id: UUID
    state: str
    texts: bytes | None
    has_note: bool
    lines_count: int
    amount: int
    expected_on: date | None
    reason_id: UUID | None
    order_id: UUID | None
    source: str
    stage_at: datetime
    closed_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def place(self) -> DealPlace:
        """Where it is counted."""
        return DealPlace(self.stage_id, self.manager_id, self.amount, self.stage_at)


class DealLine(NamedTuple):
    """Goods wanted, as stored."""

    id: UUID
    position: int
    variant_number: int | None
    sku: str
    name: str
    quantity_milli: int
    price: int

    @property
    def total(self) -> int:
        """Kopecks for all of it."""
        return (self.price * self.quantity_milli + 500) // 1000


_SELECT = f"SELECT {', '.join(f'd.{name}' for name in Deal._fields)} FROM deal d WHERE "
_LINE = ", ".join(DealLine._fields)


async def get(tx: Tx, number: int) -> Deal:
    """One deal that the grant lets through.

    Raises:
        NotFound: `deal_not_found`: absent, or not for this actor: the same answer.
    """
    scope, args = visible_deal(tx)
    row = await fetch_one(f"{_SELECT}d.number = {{}} AND {scope}", number, *args)
    if row is None:
        raise NotFound("deal_not_found")
    deal = Deal(*row)
    tx.about("deal", deal.id)
    return deal


async def of_order(order_id: UUID) -> Deal | None:
    """The deal an order belongs to, whoever leads it: for the order's own transaction."""
    row = await fetch_one(f"{_SELECT}d.order_id = {{}}", order_id)
    return None if row is None else Deal(*row)


def check_version(deal: Deal, seen: int | None) -> None:
    """Refuse to change what the caller has not seen; None does not ask.

    Raises:
        Conflict: `deal_changed`.
    """
    if seen is not None and seen != deal.version:
        raise _stale(deal)


def _stale(deal: Deal) -> Conflict:
    return Conflict("deal_changed", f"deal {deal.number}", number=deal.number, version=deal.version)


def seal_texts(tx: Tx, deal_id: UUID, subject_id: UUID, texts: DealTexts) -> bytes:
    """The cell of a deal's title and note."""
    return tx.seal("deal", "texts", deal_id, subject_id, texts, "comment")


def open_texts(tx: Tx, deal_id: UUID, subject_id: UUID, cell: bytes | None) -> DealTexts | None:
    """Title and note as the actor may see them: None when hidden, damaged or destroyed."""
    if cell is None or tx.may("comment") is not Access.VISIBLE:
        return None
    with suppress(Damaged, Destroyed):
        return tx.open("deal", "texts", deal_id, subject_id, cell, DealTexts, "comment")
    return None


async def add(tx: Tx, deal: Deal, lines: Sequence[DealLine]) -> None:
    """Store a new deal, count it and write down that it began."""
    await insert(DealRow, **deal._asdict())
    await _add_lines(deal.id, lines)
    await deal_tally.move(None, deal.place)
    await _note_move(tx, None, deal)
    await record(
        tx, deal, [feed.Change(field="stage", new=await _stage_name(deal.stage_id), kind="create")]
    )


async def change(tx: Tx, deal: Deal, changes: Sequence[feed.Change], **values: Any) -> Deal:
    """Change columns of a deal that was read in this action, with counters and trace.

    Raises:
        Conflict: `deal_changed`: somebody was faster.
    """
    columns = {**values, "version": deal.version + 1, "updated_at": tx.now}
    assignments = ", ".join(f"{name} = {{}}" for name in columns)
    changed = await execute(
        f"UPDATE deal SET {assignments} WHERE id = {{}} AND version = {{}}",
        *columns.values(),
        deal.id,
        deal.version,
    )
    if not changed:
        raise _stale(deal)
    became = deal._replace(**columns)
    await deal_tally.move(deal.place, became.place)
    await record(tx, became, changes)
    return became


async def move(
    tx: Tx, deal: Deal, stage: Stage, *, reason: UUID | None = None, **more: Any
) -> Deal:
    """Put a deal at a stage of its pipeline and keep the fact; the caller has checked the move."""
    closed = None if stage.state is DealState.OPEN else tx.now
    was = feed.Change(field="stage", old=await _stage_name(deal.stage_id), new=stage.name)
    became = await change(
        tx,
        deal,
        [was],
        stage_id=stage.id,
        state=stage.state.value,
        stage_at=tx.now,
        closed_at=closed,
        reason_id=reason,
        **more,
    )
    await _note_move(tx, deal, became)
    return became


async def _stage_name(stage_id: UUID) -> str:
    return await fetch_value("SELECT name FROM stage WHERE id = {}", stage_id) or ""


async def _note_move(tx: Tx, was: Deal | None, became: Deal) -> None:
    stayed = 0 if was is None else max(int((tx.now - was.stage_at).total_seconds()), 0)
    await insert(
        DealMoveRow,
        deal_id=became.id,
        pipeline_id=became.pipeline_id,
        from_stage=None if was is None else was.stage_id,
        to_stage=became.stage_id,
        stayed=stayed,
        amount=became.amount,
        manager_id=became.manager_id,
        reason_id=became.reason_id,
        user_number=tx.actor.number if tx.actor.kind.value == "user" else 0,
        at=tx.now,
    )


async def moves(deal_id: UUID) -> list[DealMove]:
    """The way of a deal so far, newest first."""
    rows = await fetch(
        "SELECT at, from_stage, to_stage, stayed, user_number FROM deal_move "
        "WHERE deal_id = {} ORDER BY at DESC, id DESC",
        deal_id,
    )
    return [
        DealMove(at=row[0], from_stage=row[1], to_stage=row[2], stayed=row[3], user_number=row[4])
        for row in rows
    ]


async def reason_before(deal_id: UUID) -> UUID | None:
    """The reason of a deal's last loss."""
    return await fetch_value(
        "SELECT reason_id FROM deal_move WHERE deal_id = {} AND reason_id IS NOT NULL "
        "ORDER BY at DESC, id DESC LIMIT 1",
        deal_id,
    )


async def lines_of(deal_id: UUID) -> list[DealLine]:
    """Goods wanted, in their order."""
    rows = await fetch(
        f"SELECT {_LINE} FROM deal_line WHERE deal_id = {{}} ORDER BY position", deal_id
    )
    return [DealLine(*row) for row in rows]


async def replace_lines(deal_id: UUID, lines: Sequence[DealLine]) -> None:
    """Store goods in place of those there were."""
    await execute("DELETE FROM deal_line WHERE deal_id = {}", deal_id)
    await _add_lines(deal_id, lines)


async def _add_lines(deal_id: UUID, lines: Sequence[DealLine]) -> None:
    await insert_many(DealLineRow, [{**line._asdict(), "deal_id": deal_id} for line in lines])


def new_line(position: int, name: str, quantity_milli: int, price: int, **known: Any) -> DealLine:
    """A line of goods that is not stored yet."""
    return DealLine(
        id=uuid7(),
        position=position,
        variant_number=known.get("variant_number"),
        sku=known.get("sku", ""),
        name=name,
        quantity_milli=quantity_milli,
        price=price,
    )


async def record(tx: Tx, deal: Deal, changes: Sequence[feed.Change]) -> None:
    """Write change entries of a deal."""
    await feed.record(tx, "deal", deal.id, deal.number, deal.shop, deal.subject_id, list(changes))


async def manager_change(was: UUID | None, became: UUID | None) -> feed.Change:
    """The entry of a change of hands."""
    old, new = await orders.user_number(was), await orders.user_number(became)
    return feed.Change(
        field="manager", old={"id": old} if old else None, new={"id": new} if new else None
    )
