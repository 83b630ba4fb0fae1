"""Fiscal receipts of an own till, and payments that have none."""

from datetime import timedelta
from typing import Final

import msgspec

from appliance.actions import _acquiring, _receipts
from appliance.actions._gate import action
from appliance.domain.health import BareMoney
from appliance.domain.orders import OrderSelector
from appliance.domain.receipts import Bare, ReceiptKind, ReceiptState, mode_of
from appliance.domain.references import ReferenceKind
from appliance.errors import Conflict, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import orders, payments, receipts, references, settings
from appliance.storage.receipts import SETTING, ReceiptRules
from appliance.storage.tx import Tx

ROWS: Final = 50
LONGEST: Final = 64
BACK: Final = timedelta(days=30)
"""How far back the list looks when it is switched on."""


class BarePage(msgspec.Struct, frozen=True, kw_only=True):
    """Payments without a receipt, the newest first.

    Attributes:
        ways: code → name of the ways to pay.
        after: number of the last payment shown; None at the end.
    """

    rules: ReceiptRules
    rows: tuple[Bare, ...]
    ways: dict[str, str]
    after: int | None


@action(Permission.PAYMENT_RECONCILE, reads=True, quiet=True)
async def without(tx: Tx, before: int | None = None) -> BarePage:
    """Payments that need a receipt and have none."""
    del tx
    lists = await references.lists()
    rules = await settings.get(SETTING, ReceiptRules)
    known = lists.of(ReferenceKind.PAYMENT_TYPE)
    settled = [code for code in lists.of(ReferenceKind.PAYMENT_STATUS) if lists.settles(code)]
    found = await receipts.without(rules, settled, before, ROWS + 1)
    here = found[:ROWS]
    return BarePage(
        rules=rules,
        rows=tuple(here),
        ways={code: one.name for code, one in known.items()},
        after=here[-1].number if len(found) > ROWS else None,
    )


@action(Permission.PAYMENT_RECONCILE, reads=True, quiet=True)
async def missing(tx: Tx) -> BareMoney:
    """How many payments have had no receipt for an hour."""
    return await _receipts.missing(tx)


@action(Permission.PAYMENT_RECONCILE)
async def set_rules(tx: Tx, kinds: tuple[str, ...], *, on: bool) -> None:
    """Say which ways to pay need a receipt; `on` begins to look, thirty days back.

    Raises:
        Invalid: `code_unknown` at `kinds`.
    """
    lists = await references.lists()
    if set(kinds) - set(lists.of(ReferenceKind.PAYMENT_TYPE)):
        raise Invalid("code_unknown", fields={"kinds": "code_unknown"})
    was = await settings.get(SETTING, ReceiptRules)
    since = (was.since or tx.now - BACK) if on else None
    await settings.put(SETTING, ReceiptRules(since=since, kinds=kinds))
    tx.object_type = "receipt"


@action(Permission.ORDER_PAY)
async def typed(tx: Tx, payment_number: int, told: str) -> None:
    """Write down the receipt that an own till made of a payment: its number as it stands there.

    Raises:
        NotFound: `payment_not_found`.
        Invalid: `receipt_number` at `told`; `refund_unpaid`: no money came.
        Conflict: `receipt_there`: it has one.
    """
    number = " ".join(told.split())
    if not number or len(number) > LONGEST:
        raise Invalid("receipt_number", fields={"told": "receipt_number"})
    payment = await payments.find_by_number(payment_number)
    if payment is None:
        raise NotFound("payment_not_found")
    try:
        order = await orders.get(tx, OrderSelector(id=payment.order_id))
    except NotFound:
        raise NotFound("payment_not_found") from None
    lists = await references.lists()
    if not lists.settles(payment.status):
        raise Invalid("refund_unpaid", fields={"payment": "refund_unpaid"})
    known = [one for one in await receipts.of_order(order.id) if one.payment_id == payment.id]
    if any(one.state is not ReceiptState.FAILED for one in known):
        raise Conflict("receipt_there")
    mode = mode_of(whole=payment.amount >= order.total, delivered=order.delivered_at is not None)
    lines = await _acquiring.receipt_lines(tx, order.id, abs(payment.amount), mode)
    kind = ReceiptKind.PAYMENT if payment.amount > 0 else ReceiptKind.REFUND
    await receipts.add(
        tx, order.id, kind, lines, abs(payment.amount), state=ReceiptState.DONE.value,
        payment_id=payment.id, told=number,
    )  # fmt: skip
    tx.concern("order", order.id)
