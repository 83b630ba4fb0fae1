"""Deeds on many chosen orders at once: one transaction, one line in the log, one undo."""

from collections.abc import Sequence

import msgspec

from appliance.actions import _changing
from appliance.actions._gate import action
from appliance.domain.orders import OrderSelector
from appliance.domain.statuses import usual_move
from appliance.errors import Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import order_history, orders, references
from appliance.storage.tx import Tx


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers of the orders that moved, and of those that may not move there."""

    moved: tuple[int, ...]
    refused: tuple[int, ...]


@action(Permission.ORDER_STATUS)
async def move(tx: Tx, numbers: Sequence[int], status: str) -> Moved:
    """Move orders to a status. One that may not go there stays; absent ones are passed over.

    Raises:
        Invalid: `status_unknown`.
    """
    lists = await references.lists()
    if status not in lists.statuses:
        raise Invalid("status_unknown", fields={"status": "code_unknown"})
    moved: list[int] = []
    refused: list[int] = []
    for number in numbers:
        try:
            order = await orders.get(tx, OrderSelector(number=number))
            await _changing.check_move(tx, lists, order, status)
        except NotFound:
            continue
        except Invalid:
            refused.append(number)
            continue
        if order.status != status:
            await _changing.moved(tx, lists, order, status)
            moved.append(number)
    tx.payload = {"status": status, "orders": moved}
    return Moved(moved=tuple(moved), refused=tuple(refused))


@action(Permission.ORDER_STATUS)
async def advance(tx: Tx, number: int) -> str:
    """Move an order to where it usually goes next; the name of that status.

    Raises:
        NotFound: `order_not_found`.
        Invalid: `order_at_end`; `status_needs` with what is missing.
    """
    lists = await references.lists()
    order = await orders.get(tx, OrderSelector(number=number))
    usual = usual_move(lists.statuses, order.status)
    if usual is None:
        raise Invalid("order_at_end", fields={"status": "order_at_end"})
    await _changing.check_move(tx, lists, order, usual.code)
    await _changing.moved(tx, lists, order, usual.code)
    return usual.name


@action(Permission.ORDER_STATUS)
async def undo(tx: Tx, numbers: Sequence[int]) -> Moved:
    """Take back the actor's own last moves; an order that was changed since stays as it is."""
    lists = await references.lists()
    moved: list[int] = []
    refused: list[int] = []
    for number in numbers:
        try:
            order = await orders.get(tx, OrderSelector(number=number))
        except NotFound:
            continue
        last = await order_history.last_change(order.id)
        mine = last is not None and last.field == "status" and last.user_number == tx.actor.number
        if last is None or not mine or last.was not in lists.statuses:
            refused.append(number)
            continue
        await _changing.moved(tx, lists, order, last.was)
        moved.append(number)
    tx.payload = {"undone": moved}
    return Moved(moved=tuple(moved), refused=tuple(refused))
