"""Changing an order: columns, trace, counters and goods move together. Steps of many actions."""

from collections.abc import Callable, Sequence
from typing import Any

from appliance.actions import _carrying, _intake, _operators, _placing
from appliance.domain.access import PROGRAMS
from appliance.domain.events import OrderChanged, OrderStatusChanged
from appliance.domain.orders import StatusMoved
from appliance.domain.statuses import (
    Goods,
    Standing,
    allowed_moves,
    goods_of,
    may_move,
    missing,
    rule_target,
)
from appliance.errors import Invalid
from appliance.storage import (
    addresses,
    customer_figures,
    deals_close,
    feed,
    order_lines,
    orders,
    references,
    tally,
)
from appliance.storage.order_lines import Line
from appliance.storage.orders import Order
from appliance.storage.references import Lists
from appliance.storage.tx import Tx


def as_it_is(value: Any) -> Any:
    """A scalar of the feed."""
    return value


def as_code(value: Any) -> Any:
    """A reference of the feed."""
    return {"code": value} if value else None


def as_text(value: Any) -> Any:
    """A day or a time of the feed."""
    return None if value is None else str(value)


class Edit:
    """Collects what changes on one order, and writes it at once.

    Attributes:
        columns: what the order's row gets.
        changes: entries for the feed.
        carried: the deed sees to the carrier's request itself.
    """

    def __init__(self, order: Order) -> None:
        self.order = order
        self.columns: dict[str, Any] = {}
        self.changes: list[feed.Change] = []
        self.carried = False

    def set(
        self, column: str, value: Any, field: str, form: Callable[[Any], Any] = as_it_is
    ) -> None:
        """Change a column that is not personal, if it differs."""
        old = getattr(self.order, column)
        if old == value:
            return
        self.columns[column] = value
        self.note(feed.Change(field=field, old=form(old), new=form(value)))

    def quietly(self, **columns: Any) -> None:
        """Change columns that have no entry of their own in the feed."""
        for column, value in columns.items():
            if getattr(self.order, column) != value:
                self.columns[column] = value

    def note(self, change: feed.Change) -> None:
        """Add an entry for the feed."""
        self.changes.append(change)

    def value(self, column: str) -> Any:
        """A column as it will be."""
        return self.columns.get(column, getattr(self.order, column))


async def finish(tx: Tx, edit: Edit) -> Order:
    """Write the order, its counters and its trace; an edit that changes nothing writes nothing.

    Raises:
        Conflict: `order_changed`.
    """
    was = edit.order
    if not edit.columns and not edit.changes:
        return was
    await _follow_parcel(tx, edit)
    handed = await _operators.follow(tx, was, edit.value("status"), edit.changes)
    if handed is not None:
        edit.note(handed)
    became = await orders.change(tx, was, **edit.columns)
    await tally.move(was.place, became.place)
    await customer_figures.follow(tx, was, became)
    await _placing.record(tx, became, edit.changes)
    if {"status", "paid_total", "total"} & edit.columns.keys():
        await deals_close.settle(tx, became.id)
    fields = tuple(dict.fromkeys(change.field for change in edit.changes))
    tx.emit(OrderChanged(order_id=became.id, fields=fields))
    if was.status != became.status:
        tx.emit(OrderStatusChanged(order_id=became.id, was=was.status, became=became.status))
    return became


async def _follow_parcel(tx: Tx, edit: Edit) -> None:
    """A request made of a carrier for another way, or for an order that is off, is out of date."""
    order = edit.order
    if edit.carried or order.delivery_request != _carrying.MADE:
        return
    lists = await references.lists()
    fields = [one.field for one in edit.changes]
    if _carrying.differs(lists, fields, edit.value("status")):
        edit.set("delivery_request", _carrying.STALE, "delivery_request")
        await _carrying.outdate(tx, order)


async def check_move(tx: Tx, lists: Lists, order: Order, wanted: str) -> None:
    """Refuse a move that the matrix does not know. Programs answer for their own order of things.

    Raises:
        Invalid: `status_unknown`; `status_move_refused` with the codes that are `allowed`;
            `status_needs` with the needs that are `missing`.
    """
    if wanted not in lists.statuses:
        raise Invalid("status_unknown", fields={"status": "code_unknown"})
    if tx.actor.kind in PROGRAMS or wanted == order.status:
        return
    if not may_move(lists.statuses, order.status, wanted):
        allowed = ",".join(one.code for one in allowed_moves(lists.statuses, order.status))
        raise Invalid(
            "status_move_refused",
            f"order {order.number}: {order.status} to {wanted}",
            fields={"status": "status_move_refused"},
            status=order.status,
            wanted=wanted,
            allowed=allowed,
        )
    needs = lists.statuses[wanted].needs
    lacks = missing(needs, await standing(order)) if needs else ()
    if lacks:
        codes = ",".join(lacks)
        raise Invalid("status_needs", fields={"status": "status_needs"}, missing=codes)


async def standing(order: Order) -> Standing:
    """What an order has, for the needs of a status."""
    lines = await order_lines.of_order(order.id)
    goods = [line for line in lines if line.variant_id is not None]
    return Standing(
        lines=bool(lines),
        delivery=bool(order.delivery_type),
        address=await addresses.has_any(order.id),
        manager=order.manager_id is not None,
        stock=all(line.reserved_at is not None or not line.left_milli for line in goods),
        paid=order.paid_total >= order.total,
        shipped=order.shipped,
    )


async def follow_rules(tx: Tx, lists: Lists, edit: Edit, *, gone: bool = False) -> None:
    """Move an order that has become paid, dispatched or done: the author is the rule."""
    target = rule_target(
        lists.rules,
        edit.value("status"),
        paid=edit.value("total") > 0 and edit.value("paid_total") >= edit.value("total"),
        delivered=edit.value("delivered_at") is not None,
        gone=gone,
    )
    if not target or target not in lists.statuses:
        return
    await move_goods(tx, lists, edit.order, target)
    edit.quietly(status=target, status_at=tx.now)
    edit.note(
        feed.Change(
            field="status",
            old=as_code(edit.order.status),
            new=as_code(target),
            source="rule",
        )
    )


async def move_goods(tx: Tx, lists: Lists, order: Order, wanted: str) -> None:
    """Let go, set aside or hand over the goods of an order that moves to another status."""
    was, became = (goods_of(lists.group_of(code)) for code in (order.status, wanted))
    if was is became:
        return
    lines = await order_lines.of_order(order.id)
    if became is Goods.FREE:
        await order_lines.turn(tx, order.id, lines, was, became)
        await order_lines.forget_places(lines)
    elif was is Goods.FREE:
        await hold(tx, lists, order, lines, became)
    else:
        await order_lines.turn(tx, order.id, lines, was, became)


async def hold(
    tx: Tx, lists: Lists, order: Order, lines: Sequence[Line], state: Goods
) -> list[Line]:
    """Set goods aside for stored lines that have none, and note on them where."""
    warehouse = _intake.warehouse_of(lists, order.shipment_store, order.shop)
    held = await order_lines.hold(tx, order.id, warehouse, lines)
    fresh = [new for new, old in zip(held, lines, strict=True) if new != old]
    await order_lines.keep_places(fresh)
    await order_lines.turn(tx, order.id, fresh, Goods.HELD, state)
    return held


async def set_status(tx: Tx, lists: Lists, edit: Edit, wanted: str) -> None:
    """Move an order, goods and all; the caller has checked the move."""
    if wanted == edit.order.status:
        return
    await move_goods(tx, lists, edit.order, wanted)
    edit.set("status", wanted, "status", as_code)
    edit.quietly(status_at=tx.now)


async def moved(tx: Tx, lists: Lists, order: Order, wanted: str) -> StatusMoved:
    """Move an order and answer what is needed to redraw it."""
    edit = Edit(order)
    await set_status(tx, lists, edit, wanted)
    became = await finish(tx, edit)
    return StatusMoved(
        order_id=became.id,
        number=became.number,
        version=became.version,
        was=order.status,
        status=became.status,
    )
