"""The warehouse's board: pick, pack, hand over, on the way, delivered."""

from datetime import date

import msgspec

from appliance.actions import _changing, _fulfilment
from appliance.actions._gate import action
from appliance.domain.courier import Courier
from appliance.domain.dispatch import PickLine, Standing
from appliance.domain.orders import OrderSelector
from appliance.errors import Conflict, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import (
    courier_runs,
    orders,
    picking,
    references,
    shipments,
    staff,
    stock_documents,
)
from appliance.storage.orders import Order
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

READY = "assembling-complete"
TAKEN = "assembling"
ONE = 1000
MOST_DIGITS = 11


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """The columns, the lines of the order in hand (`number`, 0: none), whom to hand orders to."""

    columns: dict[str, tuple[Standing, ...]]
    number: int
    lines: tuple[PickLine, ...]
    couriers: tuple[Courier, ...] = ()


class Scanned(msgspec.Struct, frozen=True, kw_only=True):
    """What a scan did: the order in hand, the article, how much of it, and whether all is there."""

    number: int
    name: str = ""
    picked_milli: int = 0
    quantity_milli: int = 0
    whole: bool = False


@action(Permission.DISPATCH, reads=True)
async def board(tx: Tx, number: int = 0) -> Board:
    """The board; with the lines of the order in hand."""
    lists = await references.lists()
    found = await picking.board(tx, _of(lists, "assembling"))
    to_pick = tuple(one for one in found if one.status != READY)
    ready = [one for one in found if one.status == READY]
    columns = {
        "pick": to_pick,
        "pack": tuple(one for one in ready if one.packed_at is None),
        "hand": tuple(one for one in ready if one.packed_at is not None),
        "way": tuple(await picking.board(tx, _of(lists, "delivery"))),
    }
    current = next((one for one in to_pick if one.number == number), None)
    if current is None:
        current = next((one for one in to_pick if one.status == TAKEN), None)
    lines = () if current is None else tuple(await picking.lines_of(current.id))
    names = await staff.directory(tx)
    return Board(
        columns=columns,
        number=0 if current is None else current.number,
        lines=lines,
        couriers=tuple(
            Courier(one.number, names[one.number].name if one.number in names else "")
            for one in await _couriers()
        ),
    )


async def _couriers() -> list[staff.Colleague]:
    """Whoever drives: a head may look at runs, and drives none."""
    return await staff.active_with_own(Permission.COURIER_RUN)


def _of(lists: Lists, group: str) -> list[str]:
    return [one.code for one in lists.statuses.values() if one.group == group]


@action(Permission.DISPATCH)
async def scan(tx: Tx, code: str, number: int = 0) -> Scanned:
    """Take an order in hand by its number, or put one piece into the box of the order in hand.

    Raises:
        Invalid: `barcode_unknown`; `pick_no_order`; `pick_wrong` (not in this order) and
            `pick_enough` (all of it is there) with the article's name.
    """
    lists = await references.lists()
    plain = code.strip().replace("-", "") if len(code) <= MOST_DIGITS + 2 else ""
    if plain.isascii() and plain.isdigit() and len(plain) <= MOST_DIGITS:
        order = await _order(tx, int(plain))
        if order is not None and order.status in _of(lists, "assembling"):
            await _take(tx, lists, order)
            return Scanned(number=order.number)
    variant = await stock_documents.by_code(code.strip()) if code.strip() else None
    if variant is None:
        raise Invalid("barcode_unknown", fields={"code": "barcode_unknown"})
    order = await _order(tx, number) if number else None
    if order is None:
        raise Invalid("pick_no_order")
    lines = [one for one in await picking.lines_of(order.id) if one.variant_id == variant]
    if not lines:
        raise Invalid("pick_wrong", number=order.number)
    line = next((one for one in lines if one.picked_milli < one.quantity_milli), None)
    if line is None:
        raise Invalid("pick_enough", name=lines[0].name)
    picked = min(line.picked_milli + ONE, line.quantity_milli)
    await picking.mark(tx, order.id, line, picked)
    whole = all(one.picked_milli >= one.quantity_milli for one in await picking.lines_of(order.id))
    if whole:
        await _changing.moved(tx, lists, order, READY)
    return Scanned(
        number=order.number,
        name=line.name,
        picked_milli=picked,
        quantity_milli=line.quantity_milli,
        whole=whole,
    )


async def _order(tx: Tx, number: int) -> Order | None:
    try:
        return await orders.get(tx, OrderSelector(number=number))
    except NotFound:
        return None


async def _take(tx: Tx, lists: Lists, order: Order) -> None:
    await picking.note(order.id, taken_by=tx.actor.id, taken_at=tx.now)
    if order.status not in {READY, TAKEN}:
        await _changing.check_move(tx, lists, order, TAKEN)
        await _changing.moved(tx, lists, order, TAKEN)


@action(Permission.DISPATCH)
async def take(tx: Tx, number: int) -> None:
    """Take an order in hand to pick it.

    Raises:
        NotFound: `order_not_found`.
        Invalid: `status_move_refused`.
    """
    order = await orders.get(tx, OrderSelector(number=number))
    tx.about("order", order.id)
    await _take(tx, await references.lists(), order)


@action(Permission.DISPATCH)
async def pick_all(tx: Tx, number: int) -> None:
    """Note without a scanner that everything of an order lies in its box.

    Raises:
        NotFound: `order_not_found`.
        Invalid: `status_move_refused`.
    """
    lists = await references.lists()
    order = await orders.get(tx, OrderSelector(number=number))
    tx.about("order", order.id)
    for line in await picking.lines_of(order.id):
        await picking.mark(tx, order.id, line, line.quantity_milli)
    await _changing.check_move(tx, lists, order, READY)
    await _changing.moved(tx, lists, order, READY)


@action(Permission.DISPATCH)
async def pack(tx: Tx, number: int) -> None:
    """Note that an order is packed.

    Raises:
        NotFound: `order_not_found`.
        Conflict: `order_changed`: it is not picked.
    """
    order = await orders.get(tx, OrderSelector(number=number))
    if order.status != READY:
        raise Conflict("order_changed", number=number)
    tx.about("order", order.id)
    await picking.note(order.id, packed_at=tx.now)


@action(Permission.DISPATCH)
async def hand_over(tx: Tx, number: int, today: date, courier: int = 0) -> None:
    """Hand a packed order over («Отгружено»): its goods leave the stock, the order is on its way.

    Args:
        tx: of the warehouse.
        number: which order.
        today: the box's day, on which the courier carries it.
        courier: number of the colleague who does; 0: somebody from outside, or the buyer himself.

    Raises:
        NotFound: `order_not_found`.
        Conflict: `order_changed`: it is not packed, or was handed over already.
        Invalid: `stock_short`, `order_closed`; `courier_unknown`.
    """
    lists = await references.lists()
    order = await orders.get(tx, OrderSelector(number=number))
    if order.status != READY or not await picking.packed(order.id):
        raise Conflict("order_changed", number=number)
    tx.about("order", order.id)
    made = await shipments.create(
        tx, order, None, warehouse=None, delivery_type=order.delivery_type
    )
    await _fulfilment.dispatch(tx, lists, order, made)
    await picking.note(order.id, handed_at=tx.now)
    if courier:
        who = next((one for one in await _couriers() if one.number == courier), None)
        if who is None:
            raise Invalid("courier_unknown", fields={"courier": "courier_unknown"})
        await courier_runs.give(tx, order.id, who.id, today)
