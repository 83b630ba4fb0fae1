"""The warehouse's board: pick, pack, hand over, on the way, delivered."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from appliance.actions import _changing, _fulfilment
from appliance.actions._gate import action
from appliance.domain.courier import COMES_AGAIN, Courier, RunState
from appliance.domain.dispatch import PickLine, Standing
from appliance.domain.notices import NoticeKind
from appliance.domain.orders import OrderSelector
from appliance.domain.personal import Personal
from appliance.domain.statuses import CANCEL_GROUP
from appliance.errors import Conflict, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import (
    courier_runs,
    customers,
    feed,
    notices,
    orders,
    parcels,
    picking,
    references,
    staff,
    stock_documents,
)
from appliance.storage.orders import Order
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

READY = "assembling-complete"
TAKEN = "assembling"
WAITING = "send-to-assembling"
CANCELLED = "cancel-other"
ONE = 1000
MOST_DIGITS = 11
MOST_STANDING = picking.MOST
"""Orders of one step that the board shows."""


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """The columns, the lines of the order in hand (`number`, 0: none), whom to hand orders to.

    Attributes:
        wishes: buyer → what he always asks for, of the orders still to be picked and handed over.
        labels: order → number of its parcel whose label the carrier has made.
    """

    columns: dict[str, tuple[Standing, ...]]
    number: int
    lines: tuple[PickLine, ...]
    couriers: tuple[Courier, ...] = ()
    wishes: dict[UUID, Personal[str]] = {}
    labels: dict[UUID, int] = {}


class Scanned(msgspec.Struct, frozen=True, kw_only=True):
    """What a scan did: the order in hand, the article, how much of it, and whether all is there."""

    number: int
    name: str = ""
    picked_milli: int = 0
    quantity_milli: int = 0
    whole: bool = False


@action(Permission.DISPATCH, reads=True)
async def board(tx: Tx, since: datetime, number: int = 0) -> Board:
    """The board, with the lines of the order in hand; what was brought `since` the day began."""
    lists = await references.lists()
    assembling = _of(lists, "assembling")
    # Apart: a long queue to pick must not hide what is picked already.
    to_pick = await picking.board(tx, [one for one in assembling if one != READY], number)
    ready = await picking.board(tx, [READY] if READY in assembling else [])
    found = [*to_pick, *ready]
    columns = {
        "pick": tuple(to_pick),
        "pack": tuple(one for one in ready if one.packed_at is None),
        "hand": tuple(one for one in ready if one.packed_at is not None),
        "way": tuple(
            one
            for one in await picking.board(tx, _of(lists, "delivery"))
            if one.run_state != RunState.REFUSED
        ),
        "done": tuple(await picking.brought(tx, since)),
    }
    current = next((one for one in to_pick if one.number == number), None)
    if current is None:
        current = next((one for one in to_pick if one.status == TAKEN), None)
    lines = () if current is None else tuple(await picking.lines_of(current.id))
    names = await staff.directory(tx)
    buyers = {one.buyer_id for one in found if one.buyer_id is not None}
    return Board(
        columns=columns,
        wishes={
            buyer: Personal(text)
            for buyer, text in (await customers.wish_notes(tx, list(buyers))).items()
            if text
        },
        labels=await parcels.labelled(
            [one.id for name in ("pack", "hand") for one in columns[name]]
        ),
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
    return await _put(tx, lists, order, line, line.picked_milli + ONE)


async def _put(tx: Tx, lists: Lists, order: Order, line: PickLine, milli: int) -> Scanned:
    """Have so much of a line in the box; with the last piece the order is picked."""
    picked = max(min(milli, line.quantity_milli), 0)
    await picking.mark(tx, order.id, line, picked)
    whole = all(one.picked_milli >= one.quantity_milli for one in await picking.lines_of(order.id))
    if whole:
        await _changing.moved(tx, lists, order, READY)
    elif order.status == READY:
        await _changing.moved(tx, lists, order, TAKEN)
    return Scanned(
        number=order.number,
        name=line.name,
        picked_milli=picked,
        quantity_milli=line.quantity_milli,
        whole=whole,
    )


async def _line(tx: Tx, number: int, line_id: UUID) -> tuple[Order, PickLine]:
    order = await orders.get(tx, OrderSelector(number=number))
    tx.about("order", order.id)
    line = next((one for one in await picking.lines_of(order.id) if one.id == line_id), None)
    if line is None or order.status not in {READY, TAKEN}:
        raise Conflict("order_changed", number=number)
    return order, line


@action(Permission.DISPATCH)
async def put(tx: Tx, number: int, line_id: UUID, pieces: int) -> Scanned:
    """Put pieces of a line into the box by hand, or take them out again (below zero).

    Raises:
        NotFound: `order_not_found`.
        Conflict: `order_changed`: nobody picks it now, or the line is gone.
        Invalid: `pick_enough` with the article's name.
    """
    order, line = await _line(tx, number, line_id)
    if pieces > 0 and line.picked_milli >= line.quantity_milli:
        raise Invalid("pick_enough", name=line.name)
    wanted = line.picked_milli + pieces * ONE
    return await _put(tx, await references.lists(), order, line, wanted)


@action(Permission.DISPATCH)
async def miss(tx: Tx, number: int, line_id: UUID, *, missing: bool) -> str:
    """«Нет на полке»: tell whoever leads the order; gives the article's name.

    Raises:
        NotFound: `order_not_found`.
        Conflict: `order_changed`.
    """
    order, line = await _line(tx, number, line_id)
    await picking.miss(tx, order.id, line, missing=missing)
    edit = _changing.Edit(order)
    edit.note(feed.Change(field="shelf", new=line.name if missing else ""))
    await _changing.finish(tx, edit)
    if missing and order.manager_id is not None:
        await notices.tell(
            tx,
            order.manager_id,
            NoticeKind.SHELF_EMPTY,
            entity="order",
            entity_id=order.id,
            entity_number=order.number,
        )
    return line.name


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
    await _fulfilment.hand_over(tx, lists, order)
    if courier:
        who = next((one for one in await _couriers() if one.number == courier), None)
        if who is None:
            raise Invalid("courier_unknown", fields={"courier": "courier_unknown"})
        await courier_runs.give(tx, order.id, who.id, today)


@action(Permission.DISPATCH)
async def brought(tx: Tx, number: int) -> None:
    """«Вручено»: the buyer came for it, or the carrier said that he has it.

    Raises:
        NotFound: `order_not_found`.
        Conflict: `order_changed`: it is not on its way; `run_given`: its courier marks that.
    """
    lists = await references.lists()
    order = await orders.get(tx, OrderSelector(number=number))
    if lists.group_of(order.status) != "delivery":
        raise Conflict("order_changed", number=number)
    if (await courier_runs.how_of(order.id))[0] == RunState.GIVEN:
        raise Conflict("run_given", number=number)
    tx.about("order", order.id)
    await _fulfilment.deliver_whole(tx, lists, order)


@action(Permission.DISPATCH)
async def back(tx: Tx, number: int) -> None:
    """One step back: out of the parcel, off the packing table, off the shelf's list.

    Raises:
        NotFound: `order_not_found`.
        Conflict: `order_changed`: there is no step to take back; the buyer has it.
    """
    lists = await references.lists()
    order = await orders.get(tx, OrderSelector(number=number))
    tx.about("order", order.id)
    if lists.group_of(order.status) == "delivery":
        await _fulfilment.bring_back(tx, lists, order, READY)
        await courier_runs.take_away(order.id)
        await picking.note(order.id, handed_at=None)
    elif order.status == READY and await picking.packed(order.id):
        await picking.note(order.id, packed_at=None)
    elif order.status == READY:
        await _changing.moved(tx, lists, order, TAKEN)
    elif order.status == TAKEN:
        await picking.note(order.id, taken_by=None, taken_at=None)
        await _changing.moved(tx, lists, order, WAITING)
    else:
        raise Conflict("order_changed", number=number)


@action(Permission.DISPATCH)
async def take_back(tx: Tx, number: int) -> bool:
    """«Принять возврат»: what the buyer refused is on the stock again.

    Who was not at home, or asked to come later, is driven to once more: his parcel waits packed.
    Every other refusal cancels the order.

    Returns:
        whether it is driven once more.

    Raises:
        NotFound: `order_not_found`.
        Conflict: `run_given`: its courier has not marked a refusal.
    """
    lists = await references.lists()
    order = await orders.get(tx, OrderSelector(number=number))
    state, reason = await courier_runs.how_of(order.id)
    if state != RunState.REFUSED:
        raise Conflict("run_given", number=number)
    tx.about("order", order.id)
    again = reason in COMES_AGAIN
    await _fulfilment.bring_back(tx, lists, order, READY if again else _cancelled(lists))
    if again:
        await courier_runs.take_away(order.id)
        await picking.note(order.id, handed_at=None)
    else:
        await courier_runs.turn(order.id, RunState.TAKEN_BACK)
    return again


def _cancelled(lists: Lists) -> str:
    """The plainest status of a cancelled order."""
    known = _of(lists, CANCEL_GROUP)
    return CANCELLED if CANCELLED in known else known[0]
