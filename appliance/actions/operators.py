"""Fulfilment operators as people use them: handing an order over, taking it back, setting up."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from appliance.actions import _changing, _frame, _operators
from appliance.actions._changing import Edit
from appliance.actions._gate import action
from appliance.domain.desk import Frame
from appliance.domain.fulfilments import MAPPED, USUAL, Operator, Stage
from appliance.domain.orders import OrderSelector
from appliance.domain.statuses import Goods, goods_of
from appliance.errors import Conflict, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import fulfilments, operators, order_lines, orders, references
from appliance.storage.fulfilments import Kept
from appliance.storage.orders import Order
from appliance.storage.tx import Tx


class OperatorsScreen(msgspec.Struct, frozen=True, kw_only=True):
    """What the screen of operators shows.

    Attributes:
        operators: connections that were set up.
        usual: stage → status, as a connection begins.
        troubles: orders that need people.
    """

    frame: Frame
    operators: Sequence[Operator]
    warehouses: tuple[tuple[str, str], ...]
    usual: dict[str, str]
    troubles: int = 0


@action(Permission.ORDER_SHIP)
async def send(tx: Tx, order_number: int, operator_id: UUID) -> None:
    """Hand an order over to an operator («Передать на склад»).

    Raises:
        NotFound: `order_not_found`, `operator_not_found`.
        Invalid: `order_closed`; `fulfilment_empty`: nothing of it is left to send.
        Conflict: `fulfilment_under_way`: an operator has it already.
    """
    lists = await references.lists()
    order = await orders.get(tx, OrderSelector(number=order_number))
    operator = next((one for one in _operators.ready(lists) if one.id == operator_id), None)
    if operator is None:
        raise NotFound("operator_not_found")
    if goods_of(lists.group_of(order.status)) is not Goods.HELD:
        raise Invalid("order_closed", number=order.number)
    if fulfilments.is_live(await fulfilments.last_of(order.id)):
        raise Conflict("fulfilment_under_way", number=order.number)
    lines = await order_lines.of_order(order.id)
    await _operators.hand_over(tx, lists, order, operator, lines)
    edit = Edit(order)
    edit.note(_operators.entry(Stage.QUEUED))
    await _changing.finish(tx, edit)


@action(Permission.ORDER_SHIP)
async def call_off(tx: Tx, order_number: int) -> None:
    """Ask the operator to cancel; the order itself stays as it is.

    Raises:
        NotFound: `order_not_found`, `fulfilment_not_found`.
        Conflict: `fulfilment_over`: it has left, or was cancelled already.
    """
    _, kept = await _kept(tx, order_number)
    if not fulfilments.is_live(kept) or fulfilments.has_left(kept):
        raise Conflict("fulfilment_over", number=order_number)
    await _operators.call_off(tx, await references.lists(), kept)


@action(Permission.ORDER_SHIP)
async def settle(tx: Tx, order_number: int) -> None:
    """Say that what needed people is done.

    Raises:
        NotFound: `order_not_found`, `fulfilment_not_found`.
    """
    _, kept = await _kept(tx, order_number)
    await fulfilments.change(tx, kept, trouble="")


async def _kept(tx: Tx, order_number: int) -> tuple[Order, Kept]:
    order = await orders.get(tx, OrderSelector(number=order_number))
    tx.about("order", order.id)
    kept = await fulfilments.last_of(order.id)
    if kept is None:
        raise NotFound("fulfilment_not_found")
    return order, kept


@action(Permission.REFERENCE_EDIT, reads=True, quiet=True)
async def screen(tx: Tx) -> OperatorsScreen:
    """Connections, warehouses, statuses."""
    lists = await references.lists()
    return OperatorsScreen(
        frame=await _frame.frame_of(tx),
        operators=lists.operators,
        warehouses=tuple((one.code, one.name) for one in lists.warehouses.values() if one.active),
        usual={stage.value: code for stage, code in USUAL.items() if code in lists.statuses},
        troubles=await fulfilments.trouble_count(),
    )


@action(Permission.REFERENCE_EDIT)
async def keep(tx: Tx, wanted: Operator) -> None:
    """Set a connection up, by its plugin and account; the first time it is made.

    Raises:
        Invalid: `code_unknown` at `warehouse`, `send_on`, `status-…`, `stage-…`;
            `warehouse_taken` at `warehouse`: another operator's stock is kept there.
    """
    del tx
    lists = await references.lists()
    known = operators.find(lists.operators, wanted.plugin, wanted.account)
    others = [one for one in lists.operators if one != known]
    stages = {one.value for one in Stage}
    fields = {
        f"status-{stage}": "code_unknown"
        for stage, code in wanted.statuses.items()
        if stage not in MAPPED or code not in lists.statuses
    }
    fields |= {
        f"stage-{own}": "code_unknown"
        for own, stage in wanted.stages.items()
        if stage not in stages
    }
    if wanted.send_on and wanted.send_on not in lists.statuses:
        fields["send_on"] = "code_unknown"
    if wanted.warehouse and wanted.warehouse not in lists.warehouse_ids:
        fields["warehouse"] = "code_unknown"
    elif any(one.warehouse == wanted.warehouse != "" for one in others):
        fields["warehouse"] = "warehouse_taken"
    if fields:
        raise Invalid(next(iter(fields.values())), fields=fields)
    await operators.keep(known, wanted, lists.warehouse_ids.get(wanted.warehouse))
    await references.touch()
