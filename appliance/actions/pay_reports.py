"""What acquirers' plugins ask about payments, and what they report of them."""

from typing import Any
from uuid import UUID

from appliance.actions import _acquiring, _paying, _plugin_asking
from appliance.actions._gate import action
from appliance.domain.orders import OrderSelector
from appliance.domain.paying import (
    DEAD,
    SETTLED,
    AttemptState,
    AttemptView,
    Deed,
    RefundState,
    RefundView,
    goes_on,
)
from appliance.domain.personal import Personal
from appliance.domain.receipts import ReceiptKind, ReceiptState, ReceiptView, mode_of
from appliance.domain.references import ReferenceKind
from appliance.errors import NotFound
from appliance.plugin_api import pays as api
from appliance.roles import Permission
from appliance.storage import orders, pay_attempts, payments, receipts, references
from appliance.storage.orders import Order
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

DEFAULT_WAY = "bank-card"


async def _own(tx: Tx, asked: UUID | None, vendor_id: str = "") -> AttemptView | None:
    """An attempt of the plugin that asks."""
    plugin = _plugin_asking.plugin_of(tx)
    if asked is None:
        return await pay_attempts.by_vendor(plugin, vendor_id) if vendor_id else None
    try:
        found = await pay_attempts.get(asked)
    except NotFound:
        return None
    return found if found.plugin == plugin else None


async def _found(tx: Tx, asked: UUID | None) -> AttemptView:
    found = await _own(tx, asked)
    if found is None:
        raise NotFound("attempt_not_found")
    return found


async def _payment(tx: Tx, one: AttemptView, *, lines: bool = True) -> api.Payment:
    order = await orders.get(tx, OrderSelector(id=one.order_id))
    mode = mode_of(whole=one.amount >= order.total, delivered=order.delivered_at is not None)
    made = await _acquiring.receipt_lines(tx, order.id, one.amount, mode) if lines else ()
    return api.Payment(
        id=one.id,
        number=one.number,
        order_id=order.id,
        order_number=_acquiring.shown(order),
        customer_id=order.customer_id,
        shop=order.shop,
        account=one.account,
        state=one.state.value,
        wished=one.wished,
        amount=one.amount,
        paid=one.paid,
        refunded=one.refunded,
        two_stage=one.two_stage,
        vendor_id=one.vendor_id,
        lines=made,
    )


@action(Permission.PAYMENT_CARRY, reads=True, quiet=True)
async def get(tx: Tx, asked: api.IdAsked) -> api.Found:
    """An attempt as it is wanted now."""
    _plugin_asking.close_fields(tx)
    one = await _own(tx, asked.id, asked.vendor_id)
    return api.Found() if one is None else api.Found(payments=(await _payment(tx, one),))


@action(Permission.PAYMENT_CARRY, reads=True, quiet=True)
async def get_refund(tx: Tx, asked: api.IdAsked) -> api.Found:
    """A refund as it is wanted now."""
    _plugin_asking.close_fields(tx)
    try:
        one = await pay_attempts.get_refund(asked.id or UUID(int=0))
    except NotFound:
        return api.Found()
    attempt = await _own(tx, one.attempt_id)
    if attempt is None:
        return api.Found()
    return api.Found(refunds=(await _refund(tx, one, attempt),))


async def _refund(tx: Tx, one: RefundView, attempt: AttemptView) -> api.Refund:
    order = await orders.get(tx, OrderSelector(id=attempt.order_id))
    mode = mode_of(whole=True, delivered=order.delivered_at is not None)
    return api.Refund(
        id=one.id,
        state=one.state.value,
        amount=one.amount,
        vendor_id=one.vendor_id,
        lines=await _acquiring.receipt_lines(tx, order.id, one.amount, mode),
        payment=await _payment(tx, attempt, lines=False),
    )


@action(Permission.PAYMENT_CARRY, reads=True, quiet=True)
async def get_receipt(tx: Tx, asked: api.IdAsked) -> api.Found:
    """A receipt of hand-over."""
    _plugin_asking.close_fields(tx)
    wanted = asked.id or UUID(int=0)
    attempt = await _own(tx, await receipts.attempt_of(wanted))
    if attempt is None:
        return api.Found()
    return api.Found(receipts=(await _receipt(tx, await receipts.get(wanted), attempt),))


async def _receipt(tx: Tx, one: ReceiptView, attempt: AttemptView) -> api.Receipt:
    return api.Receipt(
        id=one.id,
        state=one.state.value,
        total=one.total,
        vendor_id=one.vendor_id,
        lines=await receipts.lines_of(one.id),
        payment=await _payment(tx, attempt, lines=False),
    )


@action(Permission.PAYMENT_CARRY, reads=True, quiet=True)
async def open_ones(tx: Tx, asked: api.OpenAsked) -> api.Found:
    """What is not at its end: attempts behind a number; refunds and receipts with the first."""
    plugin, limit = _plugin_asking.plugin_of(tx), max(1, min(asked.limit, api.MOST_OPEN))
    _plugin_asking.close_fields(tx)
    found = await pay_attempts.open_ones(plugin, asked.after, limit)
    attempts = [await _payment(tx, one, lines=False) for one in found]
    back: list[api.Refund] = []
    second: list[api.Receipt] = []
    if not asked.after:
        for one in await pay_attempts.open_refunds(plugin, limit):
            back.append(await _refund(tx, one, await pay_attempts.get(one.attempt_id)))
        for receipt in await receipts.waiting(plugin, limit):
            attempt = await _own(tx, await receipts.attempt_of(receipt.id))
            if attempt is not None and receipt.kind is ReceiptKind.HAND_OVER:
                second.append(await _receipt(tx, receipt, attempt))
    return api.Found(payments=tuple(attempts), refunds=tuple(back), receipts=tuple(second))


@action(Permission.PAYMENT_CARRY)
async def report(tx: Tx, said: api.PaymentReport) -> api.Done:
    """Take over how a payment stands: money that came is written down in this transaction.

    A report that comes again, late, or after a later one changes nothing.

    Raises:
        NotFound: `attempt_not_found`.
    """
    was = await _found(tx, said.id)
    order = await orders.get(tx, OrderSelector(id=was.order_id))
    columns = _told(was, said)
    told = None if said.state is None else AttemptState(said.state)
    moves = told is not None and goes_on(was.state, told)
    if moves and told is not None:
        columns["state"] = told.value
        if told in DEAD or told in SETTLED:
            columns["wished"] = ""
    await pay_attempts.change(tx, was.id, **columns)
    if moves and told is not None:
        await _follow(tx, was, order, told, said)
    if said.refunded:
        await _elsewhere(tx, was.id, said.refunded)
    await _note_receipt(tx, was.id, said.receipt)
    tx.concern("order", order.id)
    return api.Done()


async def _elsewhere(tx: Tx, attempt_id: UUID, refunded: int) -> None:
    """Write down what went back by the acquirer's own cabinet, past the box.

    While a refund of the box's own is on its way, what is told may be that one: it is looked at
    again when that has come to its end.
    """
    attempt = await pay_attempts.get(attempt_id)
    going = (await pay_attempts.refunds_of([attempt_id])).get(attempt_id, [])
    if any(one.state in (RefundState.CREATED, RefundState.PENDING) for one in going):
        return
    extra = min(refunded, attempt.paid) - attempt.refunded
    if extra <= 0 or attempt.payment_id is None:
        return
    order = await orders.get(tx, OrderSelector(id=attempt.order_id))
    made = await pay_attempts.add_refund(tx, attempt, extra)
    was = await pay_attempts.get_refund(made)
    told = api.RefundReport(id=made, state="done")
    payment_id = await _went_back(tx, attempt, order, was, told)
    await pay_attempts.change_refund(made, state=RefundState.DONE.value, payment_id=payment_id)


def _told(was: AttemptView, said: api.PaymentReport) -> dict[str, Any]:
    """Columns that a report changes besides the state."""
    columns: dict[str, Any] = {"raw_state": said.raw[:64]} if said.raw else {}
    for name, longest in (("account", 64), ("vendor_id", 64), ("reason", 64)):
        if text := getattr(said, name):
            columns[name] = text[:longest]
    if said.url is not None and said.url.startswith("https://"):
        columns["url"] = said.url[:2000]
    for name in ("expires_at", "capture_by"):
        if getattr(said, name) is not None:
            columns[name] = getattr(said, name)
    if said.test:
        columns["test"] = True
    if said.done and was.wished == said.done:
        columns["wished"] = ""
    return columns


async def _follow(
    tx: Tx, was: AttemptView, order: Order, told: AttemptState, said: api.PaymentReport
) -> None:
    """What a move means: money for the order, or a word to whoever has to act."""
    lists = await references.lists()
    if told in SETTLED and was.payment_id is None:
        await _money_came(tx, lists, was, order, said)
    elif (
        told in DEAD
        and was.state is AttemptState.AUTHORIZED
        and Deed.CANCEL.value not in (said.done, was.wished)
    ):
        title = f"Удержанные деньги по заказу № {_acquiring.shown(order)} вернулись покупателю"
        await _acquiring.tell(tx, order, title)


async def _money_came(
    tx: Tx, lists: Lists, was: AttemptView, order: Order, said: api.PaymentReport
) -> None:
    amount = was.amount if said.paid is None else said.paid
    known = lists.of(ReferenceKind.PAYMENT_TYPE)
    way = next((one for one in (said.way, DEFAULT_WAY) if one in known), "")
    payer = {"payer_reference": said.vendor_id or was.vendor_id}
    if said.payer is not None:
        payer |= said.payer.reveal()
    paid = await _paying.take_in(
        tx, lists, order, way or lists.default(ReferenceKind.PAYMENT_TYPE), amount,
        Personal(payer),
    )  # fmt: skip
    payment = await payments.find_by_number(paid.number)
    await pay_attempts.change(
        tx, was.id, paid=amount, payment_id=None if payment is None else payment.id
    )
    await _acquiring.judge(tx, lists, order, paid.paid_total)
    if said.receipt:
        mode = mode_of(whole=amount >= order.total, delivered=order.delivered_at is not None)
        lines = await _acquiring.receipt_lines(tx, order.id, amount, mode)
        await receipts.add(
            tx, order.id, ReceiptKind.PAYMENT, lines, amount, state=ReceiptState.WAITING.value,
            plugin=was.plugin, attempt_id=was.id,
            payment_id=None if payment is None else payment.id,
        )  # fmt: skip


async def _note_receipt(tx: Tx, attempt_id: UUID, said: str) -> None:
    """How the payment's own receipt stands; a refused one is an alarm with legal weight."""
    if said not in set(ReceiptState):
        return
    for one in await receipts.of_attempt(attempt_id):
        if one.kind is ReceiptKind.PAYMENT and one.state is ReceiptState.WAITING:
            await _settle_receipt(tx, one, ReceiptState(said))


async def _settle_receipt(
    tx: Tx, one: ReceiptView, state: ReceiptState, *, told: str = "", reason: str = ""
) -> None:
    columns: dict[str, Any] = {"told": told[:64]} if told else {}
    await receipts.change(one.id, state=state.value, reason=reason[:64], **columns)
    if state is ReceiptState.FAILED and one.state is not ReceiptState.FAILED:
        order = await orders.get(tx, OrderSelector(id=one.order_id))
        title = f"Чек по заказу № {_acquiring.shown(order)} не зарегистрирован: пробейте вручную"
        await _acquiring.tell(tx, order, title, hours=4)


@action(Permission.PAYMENT_CARRY)
async def report_refund(tx: Tx, said: api.RefundReport) -> api.Done:
    """Take over how a refund stands: money that went back is written down.

    Raises:
        NotFound: `refund_not_found`, `attempt_not_found`.
    """
    was = await pay_attempts.get_refund(said.id)
    attempt = await _found(tx, was.attempt_id)
    state = RefundState(said.state)
    if was.state in (RefundState.DONE, RefundState.FAILED):
        return api.Done()
    order = await orders.get(tx, OrderSelector(id=attempt.order_id))
    columns: dict[str, Any] = {"state": state.value, "reason": said.reason[:64]}
    if said.vendor_id:
        columns["vendor_id"] = said.vendor_id[:64]
    if state is RefundState.DONE:
        columns["payment_id"] = await _went_back(tx, attempt, order, was, said)
    elif state is RefundState.FAILED:
        title = f"Возврат по заказу № {_acquiring.shown(order)} не прошёл: верните иначе"
        await _acquiring.tell(tx, order, title)
    await pay_attempts.change_refund(was.id, **columns)
    tx.concern("order", order.id)
    return api.Done()


async def _went_back(
    tx: Tx, attempt: AttemptView, order: Order, was: RefundView, said: api.RefundReport
) -> UUID | None:
    lists = await references.lists()
    refunded = attempt.refunded + was.amount
    state = AttemptState.REFUNDED if refunded >= attempt.paid else AttemptState.PARTLY_REFUNDED
    await pay_attempts.change(tx, attempt.id, refunded=refunded, state=state.value)
    paid = None if attempt.payment_id is None else await payments.find_by_id(attempt.payment_id)
    if paid is None:
        return None
    made = await _paying.give_back(tx, lists, order, paid, was.amount)
    back = await payments.find_by_number(made.number)
    if said.receipt and back is not None:
        mode = mode_of(whole=True, delivered=order.delivered_at is not None)
        lines = await _acquiring.receipt_lines(tx, order.id, was.amount, mode)
        state_of = said.receipt if said.receipt in set(ReceiptState) else ReceiptState.WAITING.value
        await receipts.add(
            tx, order.id, ReceiptKind.REFUND, lines, was.amount, state=state_of,
            plugin=attempt.plugin, attempt_id=attempt.id, refund_id=was.id, payment_id=back.id,
        )  # fmt: skip
    return None if back is None else back.id


@action(Permission.PAYMENT_CARRY)
async def report_receipt(tx: Tx, said: api.ReceiptReport) -> api.Done:
    """Take over how a receipt of hand-over stands.

    Raises:
        NotFound: `receipt_not_found`, `attempt_not_found`.
    """
    one = await receipts.get(said.id)
    await _found(tx, await receipts.attempt_of(one.id))
    if one.state is not ReceiptState.WAITING:
        return api.Done()
    if said.vendor_id:
        await receipts.change(one.id, vendor_id=said.vendor_id[:64])
    await _settle_receipt(tx, one, ReceiptState(said.state), told=said.told, reason=said.reason)
    return api.Done()
