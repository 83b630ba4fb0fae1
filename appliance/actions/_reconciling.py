"""Money of a bank put to an order, and taken off it again: steps of colleagues and of the house."""

from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from appliance.actions import _changing, _paying
from appliance.actions._changing import Edit
from appliance.domain import formats, money, taxids
from appliance.domain.money import Scheme
from appliance.domain.orders import OrderSelector
from appliance.domain.personal import Personal
from appliance.domain.reconciling import (
    BY_HAND_DAYS,
    BankWords,
    Basis,
    DocumentState,
)
from appliance.domain.references import ReferenceKind
from appliance.domain.statuses import CANCEL_GROUP
from appliance.domain.tasks import TaskDraft
from appliance.errors import Conflict
from appliance.storage import bank_statements, feed, orders, payments, tasks
from appliance.storage.bank_statements import Document
from appliance.storage.orders import Order
from appliance.storage.payments import Payment, part_of
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

BY_BANK: Final = ("bank-transfer", "invoice")
"""Codes of ways to pay that a bank's statement settles, the usual one first."""
_DUE: Final = timedelta(days=1)
_NOON: Final = time(12)


async def put(
    tx: Tx, lists: Lists, one: Document, order: Order, basis: Basis, zone: ZoneInfo
) -> None:
    """Write a receipt down as a payment of an order; what does not fit becomes a task.

    A payment that a colleague wrote down by hand before the statement came is the same money: it
    gets the payer's requisites and is not counted twice.

    Raises:
        Conflict: `bank_document_settled`; `order_changed`.
    """
    if one.state == DocumentState.SETTLED:
        raise Conflict("bank_document_settled")
    words = bank_statements.open_words(tx, one) or BankWords()
    known = await _by_hand(lists, order, one)
    noted: dict[str, Any] = {"made": known is None}
    if known is not None:
        cell = _paying.seal_payer(tx, order, known.id, _payer(words))
        await payments.change(known._replace(payer=cell))
        number = known.number
    else:
        kind = await _way(lists, order)
        waited = await _paying.promise(lists, order, kind)
        if waited is not None:
            noted |= {
                "was_kind": waited.kind,
                "was_status": waited.status,
                "was_amount": waited.amount,
            }
        came = datetime.combine(one.day, _NOON, zone).astimezone(UTC)
        paid = await _paying.take_in(
            tx, lists, order, kind, one.amount, _said(words), at=min(came, tx.now)
        )
        number = paid.number
        await _tell(tx, lists, order, paid.paid_total)
    payment = await payments.find_by_number(number)
    await bank_statements.set_document(
        one.id,
        words=None,
        state=DocumentState.SETTLED.value,
        basis=basis.value,
        order_id=order.id,
        payment_id=None if payment is None else payment.id,
        settled_at=tx.now,
        settled_by=tx.actor.number,
        **noted,
    )


async def _by_hand(lists: Lists, order: Order, one: Document) -> Payment | None:
    """The same money, written down by a colleague before the bank's file came."""
    bound = await bank_statements.bound_payments(order.id)
    for payment in await payments.of_order(order.id):
        near = payment.paid_at is not None and abs(payment.paid_at.date() - one.day) <= timedelta(
            days=BY_HAND_DAYS
        )
        if (
            near
            and payment.amount == one.amount
            and payment.kind in BY_BANK
            and payment.id not in bound
            and lists.settles(payment.status)
        ):
            return payment
    return None


async def _way(lists: Lists, order: Order) -> str:
    """The way that the money is written down by: that of a payment which waits, else the usual."""
    for kind in BY_BANK:
        if await _paying.promise(lists, order, kind) is not None:
            return kind
    known = lists.of(ReferenceKind.PAYMENT_TYPE)
    usual = next((code for code in BY_BANK if code in known and known[code].active), "")
    return usual or lists.default(ReferenceKind.PAYMENT_TYPE)


def _payer(words: BankWords) -> money.Payer:
    return money.Payer(
        name=words.payer,
        inn=taxids.normalise_inn(words.inn) or "",
        account=words.account,
        reference=words.number,
        purpose=words.purpose,
    )


def _said(words: BankWords) -> Personal[dict[str, str]]:
    payer = _payer(words)
    return Personal(
        {
            "payer_name": payer.name,
            "payer_inn": payer.inn,
            "payer_account": payer.account,
            "payer_reference": payer.reference,
            "payer_purpose": payer.purpose,
        }
    )


async def _tell(tx: Tx, lists: Lists, order: Order, paid_total: int) -> None:
    """A task where the money does not fit; a part is no surprise where parts were agreed."""
    number = order.shown_number or str(order.number)
    left = order.total - paid_total
    if lists.group_of(order.status) == CANCEL_GROUP:
        title = f"Деньги по отменённому заказу № {number}: вернуть или возобновить заказ"
    elif left < 0:
        over = formats.money(-left)
        title = f"Переплата по заказу № {number}, {over}: вернуть или зачесть"
    elif left > 0 and order.payment_scheme != Scheme.PART:
        title = f"Заказ № {number} оплачен не полностью, осталось {formats.money(left)}"
    else:
        return
    await tasks.add(
        tx,
        TaskDraft(
            title=Personal(title),
            performer_id=order.manager_id or tx.actor.id,
            due_at=tx.now + _DUE,
            customer_id=order.customer_id,
            order_id=order.id,
        ),
    )


async def take_back(tx: Tx, lists: Lists, one: Document) -> bool:
    """Take a receipt off its order; False where its payment was changed or given back since.

    A payment made by it is gone, one that waited waits again, one written by hand only loses the
    requisites that the bank told.
    """
    payment = None if one.payment_id is None else await payments.find_by_id(one.payment_id)
    words = BankWords()
    if payment is not None:
        order = await orders.get(tx, OrderSelector(id=payment.order_id))
        if one.made and (
            payment.amount != one.amount
            or not lists.settles(payment.status)
            or await payments.refunds_of(payment.id)
        ):
            return False
        words = _words(tx, order, payment)
        await _undo(tx, lists, order, payment, one)
    await bank_statements.set_document(
        one.id,
        words=bank_statements.seal_words(tx, one.id, words),
        state=DocumentState.OPEN.value,
        basis="",
        order_id=None,
        payment_id=None,
        made=False,
        was_kind="",
        was_status="",
        was_amount=0,
        settled_at=None,
        settled_by=0,
    )
    return True


async def _undo(tx: Tx, lists: Lists, order: Order, payment: Payment, one: Document) -> None:
    edit = Edit(order)
    if not one.made:
        await payments.change(payment._replace(payer=None))
        return
    if one.was_status:
        became = payment._replace(
            kind=one.was_kind,
            status=one.was_status,
            amount=one.was_amount,
            paid_at=None,
            payer=None,
        )
        await payments.change(became)
        edit.note(
            feed.Change(
                field="payments.status",
                old=_changing.as_code(payment.status),
                new=_changing.as_code(became.status),
                part=part_of(became),
            )
        )
    else:
        became = payment
        await payments.remove(payment)
        old = {"id": payment.number, "type": payment.kind}
        edit.note(feed.Change(field="payments", old=old, part=part_of(payment)))
    await _paying.settle(tx, lists, edit, became)


def _words(tx: Tx, order: Order, payment: Payment) -> BankWords:
    """What the bank said, out of the payment that has it."""
    if payment.payer is None:
        return BankWords()
    said = tx.open(
        "payment", "payer", payment.id, order.subject_id, payment.payer, money.Payer, "name"
    )
    return BankWords(
        number=said.reference,
        payer=said.name,
        inn=said.inn,
        account=said.account,
        purpose=said.purpose,
    )


async def order_of(tx: Tx, order_id: UUID) -> Order:
    """The order, as far as the actor's grant reaches.

    Raises:
        NotFound: `order_not_found`.
    """
    return await orders.get(tx, OrderSelector(id=order_id))
