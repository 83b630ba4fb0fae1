"""Orders at fulfilment operators: handing over, what was told, what lies there for them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from appliance.domain.fulfilments import HELD_THERE, OVER, RANKS, Stage, Want
from appliance.domain.ids import uuid7
from appliance.storage.order_lines import Line
from appliance.storage.orders import Order
from appliance.storage.statements import (
    any_of,
    execute,
    fetch,
    fetch_one,
    fetch_value,
    insert,
    insert_many,
    update_row,
)
from appliance.storage.tables import (
    FulfilmentLineRow,
    FulfilmentRow,
    FulfilmentStepRow,
)
from appliance.storage.tx import Tx

MOST_CODES = 500
"""Marking codes of one report."""


class Kept(NamedTuple):
    """An order at an operator, as stored."""

    id: UUID
    order_id: UUID
    operator_id: UUID
    order_no: str
    stage: str
    own_state: str
    want: str
    trouble: str
    reason: str
    remote_id: str
    tracking: str
    carrier: str
    revision: int
    seq: int
    accepted_at: datetime | None
    created_at: datetime
    updated_at: datetime


class KeptLine(NamedTuple):
    """A position of it; thousandths."""

    id: UUID
    line_id: UUID
    quantity_milli: int
    short_milli: int
    shipped_milli: int
    returned_milli: int


_COLUMNS = ", ".join(Kept._fields)
_LINE_COLUMNS = ", ".join(KeptLine._fields)
_CLOSED = tuple(one.value for one in OVER)
_HELD = tuple(one.value for one in HELD_THERE)


async def add(tx: Tx, order: Order, operator_id: UUID, lines: Sequence[Line]) -> Kept:
    """Note that an order is to go to an operator: what has not left yet of each position."""
    before = await fetch_value("SELECT count(*) FROM fulfilment WHERE order_id = {}", order.id)
    number = str(order.number) if not before else f"{order.number}-{before + 1}"
    made = Kept(
        id=uuid7(),
        order_id=order.id,
        operator_id=operator_id,
        order_no=number,
        stage=Stage.QUEUED.value,
        own_state="",
        want=Want.SEND.value,
        trouble="",
        reason="",
        remote_id="",
        tracking="",
        carrier="",
        revision=1,
        seq=0,
        accepted_at=None,
        created_at=tx.now,
        updated_at=tx.now,
    )
    await insert(FulfilmentRow, **made._asdict())
    await put_lines(made.id, lines)
    return made


async def put_lines(fulfilment_id: UUID, lines: Sequence[Line]) -> None:
    """Take over what is to be there: positions of the order as they are now."""
    await execute("DELETE FROM fulfilment_line WHERE fulfilment_id = {}", fulfilment_id)
    await insert_many(
        FulfilmentLineRow,
        [
            {
                "id": uuid7(),
                "fulfilment_id": fulfilment_id,
                "line_id": line.id,
                "quantity_milli": line.left_milli,
            }
            for line in lines
            if line.left_milli > 0
        ],
    )


async def last_of(order_id: UUID) -> Kept | None:
    """The last handing over of an order."""
    row = await fetch_one(
        f"SELECT {_COLUMNS} FROM fulfilment WHERE order_id = {{}} ORDER BY id DESC LIMIT 1",
        order_id,
    )
    return None if row is None else Kept(*row)


def is_live(kept: Kept | None) -> bool:
    """Whether an operator has something to do with it still."""
    return kept is not None and kept.stage not in _CLOSED


async def get(fulfilment_id: UUID) -> Kept | None:
    """By id."""
    row = await fetch_one(f"SELECT {_COLUMNS} FROM fulfilment WHERE id = {{}}", fulfilment_id)
    return None if row is None else Kept(*row)


async def numbered(operator_id: UUID, order_no: str) -> Kept | None:
    """By the number it goes by at the operator."""
    row = await fetch_one(
        f"SELECT {_COLUMNS} FROM fulfilment WHERE operator_id = {{}} AND order_no = {{}}",
        operator_id,
        order_no,
    )
    return None if row is None else Kept(*row)


async def under_way(operator_id: UUID, after: UUID | None, limit: int) -> list[Kept]:
    """Those an operator still works on, oldest first, behind an id."""
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM fulfilment WHERE operator_id = {{}} AND id > {{}} "
        f"AND stage NOT IN ('delivered', 'returned', 'cancelled', 'refused') "
        "ORDER BY id LIMIT {}",
        operator_id,
        after or UUID(int=0),
        limit,
    )
    return [Kept(*row) for row in rows]


async def lines_of(fulfilment_ids: Sequence[UUID]) -> dict[UUID, list[KeptLine]]:
    """Positions by the handing over they are of."""
    found: dict[UUID, list[KeptLine]] = {one: [] for one in fulfilment_ids}
    rows = await fetch(
        f"SELECT fulfilment_id, {_LINE_COLUMNS} FROM fulfilment_line "
        "WHERE fulfilment_id IN {} ORDER BY id",
        any_of(fulfilment_ids),
    )
    for owner, *row in rows:
        found[owner].append(KeptLine(*row))
    return found


async def change(tx: Tx, kept: Kept, **values: Any) -> Kept:
    """Change columns."""
    fresh = {name: value for name, value in values.items() if getattr(kept, name) != value}
    if not fresh:
        return kept
    fresh["updated_at"] = tx.now
    await update_row(FulfilmentRow, kept.id, **fresh)
    return kept._replace(**fresh)


async def change_line(line: KeptLine, **values: int) -> None:
    """Change figures of a position."""
    await update_row(FulfilmentLineRow, line.id, **values)


async def is_told(fulfilment_id: UUID, mark: str) -> bool:
    """Whether a report of this name was taken before."""
    sql = "SELECT 1 FROM fulfilment_step WHERE fulfilment_id = {} AND mark = {}"
    return await fetch_value(sql, fulfilment_id, mark) is not None


async def note_step(kept: Kept, mark: str, stage: str, own_state: str, at: datetime) -> None:
    """Note a report, once for each `mark`."""
    await insert(
        FulfilmentStepRow,
        id=uuid7(),
        fulfilment_id=kept.id,
        mark=mark,
        stage=stage,
        own_state=own_state,
        at=at,
    )


async def steps_of(fulfilment_id: UUID, most: int = 50) -> list[tuple[str, str, datetime]]:
    """Stage, the operator's own status, when; oldest first."""
    rows = await fetch(
        "SELECT stage, own_state, at FROM fulfilment_step WHERE fulfilment_id = {} "
        "ORDER BY at, id LIMIT {}",
        fulfilment_id,
        most,
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def add_codes(fulfilment_id: UUID, codes: Sequence[tuple[UUID, str]]) -> None:
    """Keep marking codes (line, raw code), each once."""
    for line_id, code in codes[:MOST_CODES]:
        await execute(
            "INSERT INTO fulfilment_code (id, fulfilment_id, line_id, code) "
            "VALUES ({}, {}, {}, {}) ON CONFLICT DO NOTHING",
            uuid7(),
            fulfilment_id,
            line_id,
            code,
        )


async def codes_of(order_id: UUID) -> dict[UUID, list[str]]:
    """Marking codes of an order's positions, raw, by the position's id."""
    found: dict[UUID, list[str]] = {}
    for line_id, code in await fetch(
        "SELECT c.line_id, c.code FROM fulfilment_code c JOIN fulfilment f "
        "ON f.id = c.fulfilment_id WHERE f.order_id = {} ORDER BY c.id",
        order_id,
    ):
        found.setdefault(line_id, []).append(code)
    return found


async def codes_by_number(order_id: UUID) -> dict[int, list[str]]:
    """The same by the position's number."""
    codes = await codes_of(order_id)
    if not codes:
        return {}
    rows = await fetch("SELECT id, number FROM order_line WHERE id IN {}", any_of(list(codes)))
    return {row[1]: codes[row[0]] for row in rows}


async def held_there(
    operator_id: UUID, warehouse: UUID, as_of: datetime, statuses: Sequence[str]
) -> Mapping[UUID, int]:
    """What is set aside in a warehouse for orders that its operator had taken by then.

    Args:
        operator_id: whose orders.
        warehouse: where.
        as_of: orders taken later are not in the operator's figures yet.
        statuses: codes of the statuses in which goods of an order are set aside.

    Returns:
        variant → thousandths.
    """
    rows = await fetch(
        "SELECT l.variant_id, l.quantity_milli - l.shipped_milli FROM fulfilment f "
        "JOIN fulfilment_line fl ON fl.fulfilment_id = f.id "
        "JOIN order_line l ON l.id = fl.line_id JOIN orders o ON o.id = f.order_id "
        "WHERE f.operator_id = {} AND f.stage IN {} AND f.accepted_at <= {} "
        "AND l.reserved_at = {} AND o.status IN {}",
        operator_id,
        any_of(_HELD),
        as_of,
        warehouse,
        any_of(statuses),
    )
    found: dict[UUID, int] = {}
    for variant, milli in rows:
        if variant is not None:
            found[variant] = found.get(variant, 0) + milli
    return found


async def variants(skus: Sequence[str]) -> dict[str, list[UUID]]:
    """Variants by article; an article may belong to several."""
    found: dict[str, list[UUID]] = {}
    for sku, variant in await fetch(
        "SELECT sku, id FROM variant WHERE sku IN {} ORDER BY number", any_of(skus)
    ):
        found.setdefault(sku, []).append(variant)
    return found


def conditions(asked: str) -> tuple[str, ...]:
    """Conditions on `orders o` for a list: `there` at an operator now, or in `trouble`."""
    where = {
        "there": "f.stage NOT IN ('delivered', 'returned', 'cancelled', 'refused')",
        "trouble": "f.trouble <> ''",
    }.get(asked)
    if where is None:
        return ()
    return (f"EXISTS (SELECT 1 FROM fulfilment f WHERE f.order_id = o.id AND {where})",)


async def trouble_count() -> int:
    """Orders at operators that need people, up to a thousand."""
    rows = await fetch("SELECT 1 FROM fulfilment WHERE trouble <> '' LIMIT 1000")
    return len(rows)


def has_left(kept: Kept) -> bool:
    """Whether all of it has left the operator's warehouse."""
    return RANKS.get(Stage(kept.stage), 0) >= RANKS[Stage.SHIPPED]
