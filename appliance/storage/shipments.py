"""Shipments: what leaves a warehouse, for which lines, and what that does to the stock.

`create` sets nothing aside: the order did. `dispatch` takes goods off the stock, `cancel` brings a
dispatched shipment's goods back. The order's own row is the caller's: `actions._fulfilment`.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.domain.shipments import ShipmentLine, ShipmentView, State
from appliance.errors import Conflict, Invalid, NotFound
from appliance.storage import counters, order_lines, stock
from appliance.storage.order_lines import Line
from appliance.storage.orders import Order
from appliance.storage.references import Lists
from appliance.storage.statements import (
    any_of,
    execute,
    fetch,
    fetch_one,
    insert,
    insert_many,
    update_row,
)
from appliance.storage.tables import ShipmentLineRow, ShipmentRow
from appliance.storage.tx import Tx


class Shipment(NamedTuple):
    """A shipment as stored; kopecks."""

    id: UUID
    number: int
    order_id: UUID
    warehouse_id: UUID | None
    state: str
    delivery_type: str
    cost: int
    planned_for: date | None
    track_number: str
    user_number: int
    dispatched_at: datetime | None
    delivered_at: datetime | None
    created_at: datetime


ON_THE_WAY = frozenset({State.DRAFT.value, State.DISPATCHED.value})
"""States in which goods of an order are not with its buyer yet."""
_COLUMNS = ", ".join(Shipment._fields)


async def create(
    tx: Tx,
    order: Order,
    wanted: Mapping[int, int] | None,
    *,
    warehouse: UUID | None,
    delivery_type: str,
    cost: int = 0,
    planned_for: date | None = None,
    track_number: str = "",
) -> Shipment:
    """Make a shipment of an order's lines; nothing moves yet.

    Args:
        tx: the action.
        order: whose goods.
        wanted: number of a line → thousandths; None: all that has not gone and is not in another
            shipment that waits.
        warehouse: where the goods lie; None: where the order's were set aside.
        delivery_type: code of the way they go.
        cost: kopecks.
        planned_for: day it should leave.
        track_number: of the parcel.

    Raises:
        Invalid: `shipment_empty`, `shipment_line_unknown`, `shipment_too_much`.
    """
    lines = await order_lines.of_order(order.id)
    rest = await left(order.id, lines)
    taken = rest if wanted is None else dict(wanted)
    _check(taken, rest)
    by_number = {line.number: line for line in lines}
    if warehouse is None:
        places = (by_number[number].reserved_at for number in taken)
        warehouse = next((place for place in places if place is not None), None)
    made = Shipment(
        id=uuid7(),
        number=await counters.draw("shipment"),
        order_id=order.id,
        warehouse_id=warehouse,
        state=State.DRAFT.value,
        delivery_type=delivery_type,
        cost=cost,
        planned_for=planned_for,
        track_number=track_number,
        user_number=tx.actor.number,
        dispatched_at=None,
        delivered_at=None,
        created_at=tx.now,
    )
    await insert(ShipmentRow, **made._asdict())
    await insert_many(
        ShipmentLineRow,
        [
            {"shipment_id": made.id, "line_id": by_number[number].id, "quantity_milli": milli}
            for number, milli in taken.items()
        ],
    )
    return made


async def left(order_id: UUID, lines: Sequence[Line]) -> dict[int, int]:
    """Number of a line → what neither went nor waits in another shipment; nothing below one."""
    waiting: dict[UUID, int] = {}
    for line_id, milli in await fetch(
        "SELECT l.line_id, l.quantity_milli FROM shipment_line l "
        "JOIN shipment s ON s.id = l.shipment_id WHERE s.order_id = {} AND s.state = {}",
        order_id,
        State.DRAFT.value,
    ):
        waiting[line_id] = waiting.get(line_id, 0) + milli
    rest = {line.number: line.left_milli - waiting.get(line.id, 0) for line in lines}
    return {number: milli for number, milli in rest.items() if milli > 0}


def _check(taken: Mapping[int, int], left: Mapping[int, int]) -> None:
    fields: dict[str, str] = {}
    for number, milli in taken.items():
        if number not in left:
            fields[f"line-{number}"] = "shipment_line_unknown"
        elif not 0 < milli <= left[number]:
            fields[f"line-{number}"] = "shipment_too_much"
    if fields:
        raise Invalid(next(iter(fields.values())), fields=fields)
    if not taken:
        raise Invalid("shipment_empty")


async def get(number: int) -> Shipment:
    """By the number for people; whether its order is for the actor is the caller's to ask.

    Raises:
        NotFound: `shipment_not_found`.
    """
    row = await fetch_one(f"SELECT {_COLUMNS} FROM shipment WHERE number = {{}}", number)
    if row is None:
        raise NotFound("shipment_not_found")
    return Shipment(*row)


async def of_order(order_id: UUID) -> list[Shipment]:
    """All shipments of an order, oldest first."""
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM shipment WHERE order_id = {{}} ORDER BY number", order_id
    )
    return [Shipment(*row) for row in rows]


async def change(shipment: Shipment, **values: Any) -> Shipment:
    """Change columns of a shipment that say nothing about where it stands."""
    if values:
        await update_row(ShipmentRow, shipment.id, **values)
    return shipment._replace(**values)


async def _turn(tx: Tx, shipment: Shipment, state: State, **columns: Any) -> Shipment:
    """Move a shipment on, once: whoever comes second finds it moved.

    Raises:
        Conflict: `shipment_changed`.
    """
    values: dict[str, Any] = {"state": state.value, **columns}
    marks = ", ".join(f"{name} = {{}}" for name in values)
    changed = await execute(
        f"UPDATE shipment SET {marks} WHERE id = {{}} AND state = {{}}",
        *values.values(),
        shipment.id,
        shipment.state,
    )
    if not changed:
        raise Conflict("shipment_changed", number=shipment.number)
    return shipment._replace(**values)


async def _taken(shipment: Shipment, lines: Sequence[Line]) -> list[tuple[Line, int]]:
    by_id = {line.id: line for line in lines}
    rows = await fetch(
        "SELECT line_id, quantity_milli FROM shipment_line WHERE shipment_id = {}", shipment.id
    )
    return [(by_id[line_id], milli) for line_id, milli in rows if line_id in by_id]


async def dispatch(
    tx: Tx, shipment: Shipment, counted: frozenset[UUID] = frozenset()
) -> tuple[Shipment, bool]:
    """Send a shipment off: its goods leave the stock. Tells whether nothing of the order is left.

    Of `counted` variants the stock was counted after they had gone: only what was set aside for
    them is let go.

    Raises:
        Conflict: `shipment_changed`: it was sent off or cancelled already.
        Invalid: `stock_short` with the line's name: the goods are not there.
    """
    if shipment.state != State.DRAFT.value:
        raise Conflict("shipment_changed", number=shipment.number)
    became = await _turn(tx, shipment, State.DISPATCHED, dispatched_at=tx.now)
    lines = await order_lines.of_order(shipment.order_id)
    left = {line.id: line.left_milli for line in lines}
    for line, milli in await _taken(shipment, lines):
        if milli > left[line.id]:
            raise Invalid("shipment_too_much", fields={f"line-{line.number}": "shipment_too_much"})
        left[line.id] -= milli
        await _leave(tx, became, line, milli, is_counted=line.variant_id in counted)
        await order_lines.ship(line, milli)
    return became, not any(left.values())


async def _leave(tx: Tx, shipment: Shipment, line: Line, milli: int, *, is_counted: bool) -> None:
    """Take a line's goods off the stock: what was set aside for it, else what is free."""
    place = shipment.warehouse_id or line.reserved_at
    if line.variant_id is None or place is None:
        return
    cause = ("shipment", shipment.id)
    if line.reserved_at == place:
        gone = 0 if is_counted else -milli
        await stock.shift(tx, [stock.Shift(line.variant_id, place, gone, -milli)], *cause)
        return
    if line.reserved_at is not None:
        await stock.shift(tx, [stock.Shift(line.variant_id, line.reserved_at, 0, -milli)], *cause)
    if is_counted:
        return
    taken = stock.Shift(line.variant_id, place, -milli, 0)
    if not await stock.take(tx, taken, *cause, known_only=False):
        raise Invalid(
            "stock_short",
            fields={f"line-{line.number}": "stock_short"},
            name=line.name,
        )


async def deliver(tx: Tx, shipment: Shipment) -> Shipment:
    """Note that the buyer has it.

    Raises:
        Conflict: `shipment_changed`: it was not on its way.
    """
    if shipment.state != State.DISPATCHED.value:
        raise Conflict("shipment_changed", number=shipment.number)
    return await _turn(tx, shipment, State.DELIVERED, delivered_at=tx.now)


async def cancel(tx: Tx, shipment: Shipment, counted: frozenset[UUID] = frozenset()) -> Shipment:
    """Take a shipment back; goods that had left return to where they were, set aside again.

    No more comes back than had left and did not come back by a document, and nothing of `counted`
    variants: whoever counts the stock has counted them, or will.

    Raises:
        Conflict: `shipment_changed`: the buyer has it, or it was cancelled already.
    """
    if shipment.state not in {State.DRAFT.value, State.DISPATCHED.value}:
        raise Conflict("shipment_changed", number=shipment.number)
    became = await _turn(tx, shipment, State.CANCELLED)
    if shipment.state == State.DRAFT.value:
        return became
    lines = await order_lines.of_order(shipment.order_id)
    left = await _left_stock(shipment)
    for variant, milli in (await _came_back(shipment.order_id, lines)).items():
        left[variant] = min(left.get(variant, 0), milli)
    for line, milli in await _taken(shipment, lines):
        await order_lines.ship(line, -milli)
        place = shipment.warehouse_id or line.reserved_at
        if line.variant_id is None or place is None:
            continue
        back = 0 if line.variant_id in counted else min(milli, left.get(line.variant_id, 0))
        left[line.variant_id] = left.get(line.variant_id, 0) - back
        shifts = [stock.Shift(line.variant_id, place, back, 0)]
        if line.reserved_at is not None:
            shifts.append(stock.Shift(line.variant_id, line.reserved_at, 0, milli))
        await stock.shift(tx, shifts, "shipment", shipment.id)
    return became


async def _left_stock(shipment: Shipment) -> dict[UUID, int]:
    """Variant → thousandths that left the stock with a shipment."""
    rows = await fetch(
        "SELECT variant_id, on_hand_milli FROM stock_movement WHERE cause_id = {} "
        "AND cause = 'shipment'",
        shipment.id,
    )
    found: dict[UUID, int] = {}
    for variant, milli in rows:
        found[variant] = found.get(variant, 0) - milli
    return found


async def _came_back(order_id: UUID, lines: Sequence[Line]) -> dict[UUID, int]:
    """Variants of which documents took some back → what of them is still with the buyer."""
    back = await order_lines.returned(order_id)
    for line in lines if back else ():
        if line.variant_id is not None and line.variant_id in back:
            back[line.variant_id] -= line.shipped_milli
    return {variant: max(0, -milli) for variant, milli in back.items()}


async def counted_since(lines: Sequence[Line], since: datetime) -> frozenset[UUID]:
    """Variants of lines whose stock an upload changed after a moment: whoever counts it knew."""
    variants = [line.variant_id for line in lines if line.variant_id is not None]
    if not variants:
        return frozenset()
    rows = await fetch(
        "SELECT DISTINCT variant_id FROM stock_movement WHERE variant_id IN {} AND at > {} "
        "AND cause = 'upload'",
        any_of(variants),
        since,
    )
    return frozenset(row[0] for row in rows)


async def parts(shipment: Shipment) -> dict[int, int]:
    """Number of a line → thousandths of it in a shipment."""
    lines = await order_lines.of_order(shipment.order_id)
    return {line.number: milli for line, milli in await _taken(shipment, lines)}


async def views(lists: Lists, orders: Mapping[UUID, int]) -> dict[UUID, list[ShipmentView]]:
    """Shipments of orders (id → number) for cards, oldest first, in two statements."""
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM shipment WHERE order_id IN {{}} ORDER BY number",
        any_of(list(orders)),
    )
    if not rows:
        return {}
    lines: dict[UUID, list[ShipmentLine]] = {}
    for shipment_id, number, name, milli in await fetch(
        "SELECT s.shipment_id, l.number, l.name, s.quantity_milli FROM shipment_line s "
        "JOIN order_line l ON l.id = s.line_id WHERE s.shipment_id IN {} ORDER BY l.position",
        any_of([row[0] for row in rows]),
    ):
        lines.setdefault(shipment_id, []).append(
            ShipmentLine(line=number, name=name, quantity_milli=milli)
        )
    found: dict[UUID, list[ShipmentView]] = {}
    for one in (Shipment(*row) for row in rows):
        found.setdefault(one.order_id, []).append(_view(lists, one, orders, lines.get(one.id, [])))
    return found


def _view(
    lists: Lists, one: Shipment, orders: Mapping[UUID, int], lines: Sequence[ShipmentLine]
) -> ShipmentView:
    codes = {found: code for code, found in lists.warehouse_ids.items()}
    warehouse = codes.get(one.warehouse_id, "") if one.warehouse_id else ""
    kind = lists.delivery(one.delivery_type)
    return ShipmentView(
        id=one.id,
        number=one.number,
        order_number=orders[one.order_id],
        state=State(one.state),
        warehouse=warehouse,
        warehouse_name=lists.warehouses[warehouse].name if warehouse else "",
        delivery_type=one.delivery_type,
        delivery_name=one.delivery_type if kind is None else kind.name,
        cost=one.cost,
        planned_for=one.planned_for,
        track_number=one.track_number,
        created_at=one.created_at,
        dispatched_at=one.dispatched_at,
        delivered_at=one.delivered_at,
        lines=tuple(lines),
    )
