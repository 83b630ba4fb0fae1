"""Payment by link: asked for on an order's card, captured, given back."""

from typing import Final
from uuid import UUID

import msgspec

from appliance.actions import _acquiring, _changing
from appliance.actions._changing import Edit
from appliance.actions._gate import action
from appliance.domain.grants import Scope
from appliance.domain.orders import OrderSelector
from appliance.domain.paying import (
    SETTLED,
    AttemptState,
    AttemptView,
    Deed,
    RefundState,
    RefundView,
)
from appliance.domain.receipts import ReceiptView
from appliance.errors import Conflict, Invalid
from appliance.roles import Permission
from appliance.storage import orders, pay_attempts, receipts
from appliance.storage.orders import Order
from appliance.storage.tx import Tx

LEAST: Final = 100
"""Kopecks; acquirers take no less than a rouble."""


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """Attempts of an order, with what went back and the receipts.

    Attributes:
        due: kopecks that are left to pay.
        may: whether the reader may ask for a link.
    """

    order_id: UUID
    number: int
    due: int
    attempts: tuple[AttemptView, ...]
    refunds: dict[UUID, tuple[RefundView, ...]]
    receipts: tuple[ReceiptView, ...]
    may: bool


@action(Permission.ORDER_VIEW, reads=True, quiet=True)
async def of_order(tx: Tx, number: int) -> Links:
    """Attempts of an order, the newest first.

    Raises:
        NotFound: `order_not_found`.
    """
    order = await orders.get(tx, OrderSelector(number=number))
    found = await pay_attempts.of_order(order.id)
    back = await pay_attempts.refunds_of([one.id for one in found])
    grant = tx.actor.grants.get(Permission.ORDER_PAY.value)
    return Links(
        order_id=order.id,
        number=order.number,
        due=order.total - order.paid_total,
        attempts=tuple(found),
        refunds={key: tuple(every) for key, every in back.items()},
        receipts=tuple(await receipts.of_order(order.id)),
        may=grant is not None and grant.scope is not Scope.NONE,
    )


@action(Permission.ORDER_PAY)
async def ask(
    tx: Tx,
    number: int,
    plugin: str,
    amount: int | None = None,
    *,
    two_stage: bool = False,
    version: int | None = None,
) -> UUID:
    """Have an acquirer make a link; its id. An order has one link that works at most.

    Args:
        tx: of the actor.
        number: of the order.
        plugin: that speaks with the acquirer.
        amount: kopecks; None: all that is left to pay.
        two_stage: the money is held, and taken when the order is packed.
        version: of the order as the actor saw it.

    Raises:
        NotFound: `order_not_found`.
        Conflict: `order_changed`; `link_active`: another one still works.
        Invalid: `nothing_to_pay`; `link_amount` at `amount`.
    """
    order = await orders.get(tx, OrderSelector(number=number))
    orders.check_version(order, version)
    due = order.total - order.paid_total
    if due <= 0:
        raise Invalid("nothing_to_pay", fields={"amount": "nothing_to_pay"})
    wanted = due if amount is None else amount
    if not LEAST <= wanted <= due:
        raise Invalid("link_amount", fields={"amount": "link_amount"})
    if await pay_attempts.active_of(order.id) is not None:
        raise Conflict("link_active")
    made = await pay_attempts.add(tx, order.id, plugin, wanted, two_stage=two_stage)
    _acquiring.wish(tx, plugin, "payment", made, Deed.CREATE.value, order.id)
    if order.invoiced_at is None:
        edit = Edit(order)
        edit.quietly(invoiced_at=tx.now)
        await _changing.finish(tx, edit)
    tx.concern("order", order.id)
    return made


async def _mine(tx: Tx, attempt_id: UUID) -> tuple[AttemptView, Order]:
    """An attempt of an order that the actor may see."""
    attempt = await pay_attempts.get(attempt_id)
    order = await orders.get(tx, OrderSelector(id=attempt.order_id))
    tx.concern("order", order.id)
    return attempt, order


@action(Permission.ORDER_PAY)
async def take_back(tx: Tx, attempt_id: UUID) -> None:
    """Have a link work no more, or held money go back to its payer.

    A link that the payer has open may be paid all the same: such money becomes a task.

    Raises:
        NotFound: `attempt_not_found`, `order_not_found`.
        Conflict: `link_done`: it is paid, or at its end already.
    """
    attempt, order = await _mine(tx, attempt_id)
    if attempt.state is AttemptState.AUTHORIZED:
        await pay_attempts.change(tx, attempt.id, wished=Deed.CANCEL.value)
        _acquiring.wish(tx, attempt.plugin, "payment", attempt.id, Deed.CANCEL.value, order.id)
    elif attempt.state in (AttemptState.CREATED, AttemptState.PENDING):
        await pay_attempts.change(
            tx, attempt.id, state=AttemptState.CANCELLED.value, wished="", reason="taken_back"
        )
    else:
        raise Conflict("link_done")


@action(Permission.ORDER_PAY)
async def capture(tx: Tx, attempt_id: UUID) -> None:
    """Take held money now.

    Raises:
        NotFound: `attempt_not_found`, `order_not_found`.
        Conflict: `link_not_held`.
    """
    attempt, order = await _mine(tx, attempt_id)
    if attempt.state is not AttemptState.AUTHORIZED:
        raise Conflict("link_not_held")
    await pay_attempts.change(tx, attempt.id, wished=Deed.CAPTURE.value)
    _acquiring.wish(tx, attempt.plugin, "payment", attempt.id, Deed.CAPTURE.value, order.id)


@action(Permission.ORDER_PAY)
async def refund(tx: Tx, attempt_id: UUID, amount: int | None = None) -> UUID:
    """Give money of a link back through its acquirer; the refund's id.

    Raises:
        NotFound: `attempt_not_found`, `order_not_found`.
        Invalid: `refund_unpaid`; `refund_too_much` at `amount`.
    """
    attempt, order = await _mine(tx, attempt_id)
    if attempt.state not in SETTLED:
        raise Invalid("refund_unpaid", fields={"payment": "refund_unpaid"})
    going = (await pay_attempts.refunds_of([attempt.id])).get(attempt.id, [])
    pending = sum(
        one.amount for one in going if one.state in (RefundState.CREATED, RefundState.PENDING)
    )
    left = _acquiring.left_of(attempt) - pending
    wanted = left if amount is None else amount
    if not 0 < wanted <= left:
        raise Invalid("refund_too_much", fields={"amount": "refund_too_much"})
    made = await pay_attempts.add_refund(tx, attempt, wanted)
    _acquiring.wish(tx, attempt.plugin, "refund", made, "create", order.id)
    return made
