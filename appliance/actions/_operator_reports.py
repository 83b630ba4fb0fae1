"""What an operator told, taken over: its stage, the order's status, shipments, codes."""

from typing import Any, Final

from appliance.actions import _changing, _fulfilment, _operators
from appliance.actions._changing import Edit
from appliance.domain.fulfilments import Operator, Stage, Want, follows
from appliance.domain.statuses import CANCEL_GROUP, COMPLETE_GROUP, Goods, goods_of
from appliance.plugin_api import fulfilments as wire
from appliance.storage import fulfilments, order_lines, shipments
from appliance.storage.fulfilments import Kept
from appliance.storage.order_lines import Line
from appliance.storage.orders import Order
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

SHIPS: Final = frozenset({Stage.SHIPPED, Stage.PART_SHIPPED})
STAGES: Final = {one.value: one for one in Stage}
LASTING: Final = frozenset(
    {"too_late", "changed_late", "returned", "differs", "shipped_closed", "cancelled_there"}
)
"""Troubles that a further stage does not mend."""


async def take(
    tx: Tx,
    lists: Lists,
    operator: Operator,
    kept: Kept,
    order: Order,
    told: wire.FulfilmentReport,
) -> Kept:
    """Take a report that is new; the order moves with it."""
    stage = _stage(operator, kept, told)
    became: dict[str, Any] = {
        "seq": max(told.seq, kept.seq),
        "own_state": (told.raw or told.own or kept.own_state)[:120],
        "reason": told.reason[:120],
        "remote_id": told.remote_id[:120] or kept.remote_id,
        "tracking": told.tracking[:64] or kept.tracking,
        "carrier": told.carrier[:64] or kept.carrier,
    }
    if kept.accepted_at is None and stage not in (None, Stage.REFUSED, Stage.CANCELLED):
        became["accepted_at"] = told.at or tx.now
    became |= _answered(kept, stage, told)
    lines = await order_lines.of_order(order.id)
    await _note_lines(kept, lines, stage, told)
    trouble = "" if stage is not None and kept.trouble not in LASTING else kept.trouble
    if stage in SHIPS:
        order, snag = await _ship(tx, lists, operator, order, lines, told)
        trouble = snag or trouble
        stage = await _shipped_so_far(kept)
    trouble = _trouble(kept, stage, told) or trouble
    was = kept.stage
    if stage is not None:
        became["stage"] = stage.value
    kept = await fulfilments.change(tx, kept, **became, trouble=trouble)
    shown = (stage or Stage(was)).value
    await fulfilments.note_step(kept, told.ref, shown, became["own_state"], told.at or tx.now)
    if stage is not None:
        await _follow(tx, lists, operator, order, stage, was)
    return kept


def _stage(operator: Operator, kept: Kept, told: wire.FulfilmentReport) -> Stage | None:
    """The stage a report moves to; None where it moves nothing."""
    code = told.stage or operator.stages.get(told.own, "")
    was = Stage(kept.stage)
    became = STAGES.get(code)
    if became is None:
        return None
    again = became in SHIPS and was is Stage.PART_SHIPPED  # one more part of it
    return became if again or follows(was, became) else None


def _answered(kept: Kept, stage: Stage | None, told: wire.FulfilmentReport) -> dict[str, str]:
    """What the operator was asked for, once it has answered."""
    if stage in (Stage.CANCELLED, Stage.REFUSED):
        return {"want": Want.NOTHING.value}
    cancelled = kept.want == Want.CANCEL.value
    if told.snag == "too_late" and cancelled:
        return {"want": Want.NOTHING.value}
    has_it = stage is not None and kept.want == Want.SEND.value
    settled = has_it or told.snag == "changed_late" or told.revision >= kept.revision
    return {"want": Want.NOTHING.value} if settled and not cancelled else {}


def _trouble(kept: Kept, stage: Stage | None, told: wire.FulfilmentReport) -> str:
    if told.snag:
        return told.snag
    if stage is Stage.CANCELLED and kept.want != Want.CANCEL.value:
        return "cancelled_there"
    words = {Stage.SHORTAGE: "shortage", Stage.REFUSED: "refused", Stage.RETURNED: "returned"}
    return "" if stage is None else words.get(stage, "")


async def _note_lines(
    kept: Kept, lines: list[Line], stage: Stage | None, told: wire.FulfilmentReport
) -> None:
    """Figures of the operator's lines, and marking codes: these whatever the stage."""
    if not told.lines and stage not in {*SHIPS, Stage.RETURNED}:
        return
    ids = {line.number: line for line in lines}
    stored = {one.line_id: one for one in (await fulfilments.lines_of([kept.id]))[kept.id]}
    codes = [
        (ids[part.line].id, code)
        for part in told.lines
        if part.line in ids
        for code in part.codes
        if 0 < len(code) <= 255
    ]
    await fulfilments.add_codes(kept.id, codes)
    moved = {part.line: part for part in told.lines}
    for number, line in ids.items():
        one, part = stored.get(line.id), moved.get(number)
        if one is None or (told.lines and part is None):
            continue
        quantity = one.quantity_milli - one.shipped_milli if part is None else part.quantity_milli
        if stage is Stage.SHORTAGE and part is not None:
            await fulfilments.change_line(one, short_milli=part.short_milli)
        elif stage in SHIPS:
            await fulfilments.change_line(one, shipped_milli=one.shipped_milli + quantity)
        elif stage is Stage.RETURNED:
            back = one.shipped_milli if part is None else part.quantity_milli
            await fulfilments.change_line(one, returned_milli=one.returned_milli + back)


async def _shipped_so_far(kept: Kept) -> Stage:
    """Whether all of it has left."""
    lines = (await fulfilments.lines_of([kept.id]))[kept.id]
    whole = all(one.shipped_milli >= one.quantity_milli for one in lines)
    return Stage.SHIPPED if whole else Stage.PART_SHIPPED


async def _ship(
    tx: Tx,
    lists: Lists,
    operator: Operator,
    order: Order,
    lines: list[Line],
    told: wire.FulfilmentReport,
) -> tuple[Order, str]:
    """Make and send off a shipment of what left; the order after it, and a trouble.

    What the operator says has left has left: goods that were not set aside in its warehouse are
    taken as if they had been, and the next reading of its stock puts the figure right.
    """
    if goods_of(lists.group_of(order.status)) is not Goods.HELD:
        return order, "shipped_closed"
    left = await shipments.left(order.id, lines)
    asked = {one.line: one.quantity_milli for one in told.lines} or left
    taken = {one: min(milli, left[one]) for one, milli in asked.items() if left.get(one, 0) > 0}
    taken = {one: milli for one, milli in taken.items() if milli > 0}
    trouble = "" if taken == asked else "differs"
    if not taken:
        return order, trouble
    place = lists.warehouse_ids.get(operator.warehouse)
    if place is not None:
        going = [one for one in lines if one.number in taken and one.reserved_at != place]
        await _operators.set_aside(tx, order, going, place, whatever=True)
    made = await shipments.create(
        tx,
        order,
        taken,
        warehouse=place,
        delivery_type=order.delivery_type,
        track_number=told.tracking[:64],
    )
    edit = Edit(order)
    _fulfilment.note(edit, None, made)
    order = await _changing.finish(tx, edit)
    return await _fulfilment.dispatch(tx, lists, order, made), trouble


async def _follow(
    tx: Tx, lists: Lists, operator: Operator, order: Order, stage: Stage, was: str
) -> None:
    """Move the order as its stage says, and leave a trace."""
    edit = Edit(order)
    if was != stage.value:
        edit.note(_operators.entry(stage, was))
    target = _target(lists, operator, order, stage)
    if target:
        await _changing.set_status(tx, lists, edit, target)
    order = await _changing.finish(tx, edit)
    if stage is Stage.DELIVERED and goods_of(lists.group_of(order.status)) is not Goods.FREE:
        await _fulfilment.deliver_whole(tx, lists, order)


def _target(lists: Lists, operator: Operator, order: Order, stage: Stage) -> str:
    """Status that a stage moves the order to; empty: it stays. Never backwards."""
    wanted = operator.statuses.get(stage.value, "")
    group = lists.group_of(wanted)
    here = lists.group_of(order.status)
    if wanted not in lists.statuses or here == CANCEL_GROUP:
        return ""
    if group == CANCEL_GROUP:
        return wanted
    places = list(lists.statuses)
    forward = here != COMPLETE_GROUP and places.index(wanted) > places.index(order.status)
    return wanted if forward else ""
