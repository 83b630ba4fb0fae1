"""Handing orders to fulfilment operators, as a part of changing them: steps of many actions.

Nothing here changes the order itself: `_changing.finish` calls `follow`, so it must not be called.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from appliance.actions._intake import LATE
from appliance.domain.events import ServiceWished
from appliance.domain.fulfilments import CHANGEABLE, RANKS, Operator, Stage, Want
from appliance.domain.order_feed import ADDRESS_PREFIX
from appliance.domain.statuses import Goods, goods_of
from appliance.errors import Invalid
from appliance.storage import feed, fulfilments, order_lines, references, stock
from appliance.storage.fulfilments import Kept
from appliance.storage.order_lines import Line
from appliance.storage.orders import Order
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

KIND: Final = "fulfilment"
_LINES: Final = frozenset({"order_product", "order_product.quantity"})
_PARCEL: Final = frozenset(
    {"delivery_type", "delivery_service", "delivery_date", "phone", "email", "customer_comment"}
    | {"first_name", "last_name", "patronymic"}
)


def by_id(lists: Lists, operator_id: UUID) -> Operator | None:
    """A connection; None: it is gone."""
    return next((one for one in lists.operators if one.id == operator_id), None)


def ready(lists: Lists) -> list[Operator]:
    """Connections that orders can go out to."""
    return [one for one in lists.operators if one.active and one.warehouse in lists.warehouse_ids]


def matters(changes: Sequence[feed.Change]) -> bool:
    """Whether a change concerns what an operator packs, and for whom."""
    names = {one.field for one in changes}
    return bool(names & (_LINES | _PARCEL)) or any(
        name.startswith(ADDRESS_PREFIX) for name in names
    )


def wish(tx: Tx, operator: Operator, kept: Kept, deed: str) -> None:
    """Ask the plugin for a deed: `send`, `change`, `cancel`, `label`."""
    tx.emit(
        ServiceWished(
            plugin=operator.plugin,
            kind=KIND,
            record_id=kept.id,
            deed=deed,
            order_id=kept.order_id,
        )
    )


async def follow(
    tx: Tx, order: Order, status: str, changes: Sequence[feed.Change]
) -> feed.Change | None:
    """What a change of an order means for its operator; gives an entry for the order's trace.

    Args:
        tx: of the change.
        order: as it was.
        status: as it will be.
        changes: of the edit.
    """
    known = references.remembered()
    if known is not None and not known.operators:
        return None
    lists = await references.lists()
    moved = status != order.status
    operator = next((one for one in ready(lists) if moved and one.send_on == status), None)
    freed = moved and goods_of(lists.group_of(status)) is Goods.FREE
    changed = matters(changes)
    if operator is None and not freed and not changed:
        return None
    kept = await fulfilments.last_of(order.id)
    if kept is not None and fulfilments.is_live(kept):
        if freed:
            await call_off(tx, lists, kept)
        elif changed:
            await renew(tx, lists, kept)
        return None
    if operator is None or freed or order.shipped:
        return None
    lines = await order_lines.of_order(order.id)
    if not any(line.left_milli > 0 for line in lines):
        return None
    await hand_over(tx, lists, order, operator, lines)
    return entry(Stage.QUEUED)


async def begin(tx: Tx, lists: Lists, order: Order, lines: Sequence[Line]) -> list[feed.Change]:
    """What an order that is placed in an operator's status means; entries for its trace.

    Args:
        tx: of the placing.
        lists: of the box.
        order: as it was just written down.
        lines: its positions, with where they are set aside.
    """
    operator = next((one for one in ready(lists) if one.send_on == order.status), None)
    is_over = order.shipped or goods_of(lists.group_of(order.status)) is Goods.FREE
    # Written down after the fact: somebody has packed it long ago.
    if operator is None or is_over or tx.now - order.created_at > LATE:
        return []
    if not any(line.left_milli > 0 for line in lines):
        return []
    await hand_over(tx, lists, order, operator, lines)
    return [entry(Stage.QUEUED)]


def entry(stage: Stage, was: str = "") -> feed.Change:
    """A move at the operator, for the order's trace."""
    return feed.Change(field=KIND, old={"code": was} if was else None, new={"code": stage.value})


async def hand_over(
    tx: Tx, lists: Lists, order: Order, operator: Operator, lines: Sequence[Line]
) -> Kept:
    """Have an order sent: its goods are set aside in the operator's warehouse, as far as there are.

    Raises:
        Invalid: `fulfilment_empty`: nothing of it is left to send.
    """
    left = [line for line in lines if line.left_milli > 0]
    if not left:
        raise Invalid("fulfilment_empty", number=order.number)
    kept = await fulfilments.add(tx, order, operator.id, left)
    await set_aside(tx, order, left, lists.warehouse_ids[operator.warehouse])
    wish(tx, operator, kept, Want.SEND.value)
    return kept


async def set_aside(
    tx: Tx, order: Order, lines: Sequence[Line], place: UUID, *, whatever: bool = False
) -> None:
    """Set goods of positions aside in one warehouse, not where they were before.

    Args:
        tx: of the change.
        order: whose.
        lines: positions of which something is left.
        place: the operator's warehouse.
        whatever: even what is not there: the operator says that it has it.
    """
    away = [one for one in lines if one.reserved_at not in (None, place) and one.variant_id]
    await stock.shift(
        tx,
        [
            stock.Shift(one.variant_id, one.reserved_at, 0, -one.left_milli)
            for one in away
            if one.variant_id is not None and one.reserved_at is not None
        ],
        "order",
        order.id,
    )
    gone = {one.id for one in away}
    free = [one._replace(reserved_at=None) if one.id in gone else one for one in lines]
    held = [one for one in free if one.reserved_at is None]
    if whatever:
        wanted = [one for one in held if one.variant_id is not None]
        shifts = [
            stock.Shift(one.variant_id, place, 0, one.left_milli)
            for one in wanted
            if one.variant_id is not None
        ]
        await stock.shift(tx, shifts, "order", order.id)
        await order_lines.keep_places([one._replace(reserved_at=place) for one in wanted])
        return
    await order_lines.keep_places(await order_lines.hold(tx, order.id, place, held))


async def call_off(tx: Tx, lists: Lists, kept: Kept) -> None:
    """Have an order cancelled there; what has left already is for people."""
    operator = by_id(lists, kept.operator_id)
    if operator is None or RANKS[Stage(kept.stage)] >= RANKS[Stage.SHIPPED]:
        await fulfilments.change(tx, kept, trouble="too_late")
        return
    if kept.want != Want.CANCEL.value:
        await fulfilments.change(tx, kept, want=Want.CANCEL.value)
        wish(tx, operator, kept, Want.CANCEL.value)


async def renew(tx: Tx, lists: Lists, kept: Kept) -> None:
    """Have changed lines, recipient or delivery taken over there; too late is for people."""
    operator = by_id(lists, kept.operator_id)
    if operator is None or kept.want == Want.CANCEL.value:
        return
    if Stage(kept.stage) not in CHANGEABLE:
        await fulfilments.change(tx, kept, trouble="changed_late")
        return
    await fulfilments.put_lines(kept.id, await order_lines.of_order(kept.order_id))
    want = Want.SEND if kept.stage == Stage.QUEUED.value else Want.CHANGE
    await fulfilments.change(tx, kept, revision=kept.revision + 1, want=want.value)
    wish(tx, operator, kept, want.value)


async def labelled(tx: Tx, order_id: UUID) -> None:
    """A label of the order's parcel was made: whoever packs it has to have it."""
    known = references.remembered()
    if known is not None and not known.operators:
        return
    kept = await fulfilments.last_of(order_id)
    if kept is None or not fulfilments.is_live(kept) or fulfilments.has_left(kept):
        return
    operator = by_id(await references.lists(), kept.operator_id)
    if operator is not None:
        wish(tx, operator, kept, "label")
