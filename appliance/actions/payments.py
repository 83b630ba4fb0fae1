"""What can be done with payments of orders."""

from typing import Any

import msgspec

from appliance.actions import _intake, _order_checks, _paying
from appliance.actions._changing import Edit
from appliance.actions._gate import action
from appliance.actions._paying import Paid, settle
from appliance.domain.ids import uuid7
from appliance.domain.orders import UNSET, OrderSelector, PaymentDraft, Unset
from appliance.domain.personal import Personal
from appliance.domain.references import ReferenceKind
from appliance.errors import Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import feed, orders, payments, references
from appliance.storage.orders import Order
from appliance.storage.payments import Payment, part_of
from appliance.storage.references import Lists
from appliance.storage.tx import Tx


class PaymentSelector(msgspec.Struct, frozen=True, kw_only=True):
    """Which payment: by number, else by the shop's external id."""

    number: int | None = None
    external_id: str | None = None
    shop: str = ""


@action(Permission.ORDER_PAY)
async def create(tx: Tx, selector: OrderSelector, draft: PaymentDraft) -> Paid:
    """Add a payment to an order; without an amount it is for what the order costs.

    Raises:
        NotFound: `order_not_found`.
        Invalid: `code_unknown`; `payment_external_id_taken`.
    """
    lists = await references.lists()
    order = await orders.get(tx, selector)
    _check(draft, lists)
    await _check_external_id(order.shop, draft.external_id, None)
    payment_id = uuid7()
    bare = Payment(
        id=payment_id,
        number=0,
        order_id=order.id,
        shop=order.shop,
        external_id=draft.external_id,
        kind=_intake.given(draft.type, lists.default(ReferenceKind.PAYMENT_TYPE)),
        status=_intake.given(draft.status, lists.default(ReferenceKind.PAYMENT_STATUS)),
        amount=_intake.given(draft.amount, order.total),
        paid_at=_intake.given(draft.paid_at, None),
        comment=_intake.remark(tx, "payment", payment_id, order.subject_id, draft.comment),
        created_at=tx.now,
    )
    payment = (await payments.add([_dated(tx, lists, bare)]))[0]
    change = Edit(order)
    change.note(
        feed.Change(
            field="payments",
            new={"id": payment.number, "type": payment.kind},
            part=part_of(payment),
        )
    )
    return await settle(tx, lists, change, payment)


@action(Permission.ORDER_PAY)
async def edit(tx: Tx, selector: PaymentSelector, draft: PaymentDraft) -> Paid:
    """Change a payment; what the draft leaves out stays.

    Raises:
        NotFound: `payment_not_found`: absent, or of an order that is not for this actor.
        Invalid: `code_unknown`; `payment_external_id_taken`.
    """
    lists = await references.lists()
    payment, order = await _get(tx, selector)
    _check(draft, lists)
    if draft.external_id is not None:
        await _check_external_id(order.shop, draft.external_id, payment)
    became = _dated(tx, lists, _merged(tx, order, payment, draft))
    return await _paying.amend(tx, lists, order, payment, became)


@action(Permission.ORDER_PAY)
async def delete(tx: Tx, selector: PaymentSelector) -> Paid:
    """Take a payment off its order.

    Raises:
        NotFound: `payment_not_found`.
    """
    lists = await references.lists()
    payment, order = await _get(tx, selector)
    await payments.remove(payment)
    change = Edit(order)
    change.note(
        feed.Change(
            field="payments",
            old={"id": payment.number, "type": payment.kind},
            part=part_of(payment),
        )
    )
    return await settle(tx, lists, change, payment)


@action(Permission.ORDER_PAY)
async def receive(
    tx: Tx,
    order_number: int,
    draft: PaymentDraft,
    *,
    payer: Personal[dict[str, str]] | None = None,
    version: int | None = None,
) -> Paid:
    """«Оплачено»: money that came. A payment that waits for it is settled, else one is made.

    Args:
        tx: of the actor.
        order_number: which order.
        draft: way and amount; without an amount it is all that is left to pay.
        payer: who really paid: `payer_name`, `payer_inn`, `payer_card` (a mask is kept of it).
        version: of the order as the actor saw it.

    Raises:
        NotFound: `order_not_found`.
        Conflict: `order_changed`.
        Invalid: `code_unknown`, `nothing_to_pay`, `inn_wrong`, `account_short`.
    """
    lists = await references.lists()
    order = await orders.get(tx, OrderSelector(number=order_number))
    orders.check_version(order, version)
    _check(draft, lists)
    amount = _intake.given(draft.amount, order.total - order.paid_total)
    if amount <= 0:
        raise Invalid("nothing_to_pay", fields={"amount": "nothing_to_pay"})
    kind = _intake.given(draft.type, lists.default(ReferenceKind.PAYMENT_TYPE))
    return await _paying.take_in(tx, lists, order, kind, amount, payer)


@action(Permission.ORDER_PAY)
async def refund(
    tx: Tx, payment_number: int, *, amount: int | Unset = UNSET, to_account: bool = False
) -> Paid:
    """Give money of a payment back, whole or in part; to the buyer's internal account if asked.

    Raises:
        NotFound: `payment_not_found`.
        Invalid: `refund_too_much`: more than is left of it; `refund_unpaid`.
    """
    lists = await references.lists()
    payment, order = await _get(tx, PaymentSelector(number=payment_number))
    if not lists.settles(payment.status) or payment.amount <= 0:
        raise Invalid("refund_unpaid", fields={"payment": "refund_unpaid"})
    left = payment.amount + await payments.refunds_of(payment.id)
    wanted = _intake.given(amount, left)
    if not 0 < wanted <= left:
        raise Invalid("refund_too_much", fields={"amount": "refund_too_much"})
    return await _paying.give_back(tx, lists, order, payment, wanted, to_account=to_account)


async def _get(tx: Tx, selector: PaymentSelector) -> tuple[Payment, Order]:
    found: Payment | None = None
    if selector.number is not None:
        found = await payments.find_by_number(selector.number)
    if found is None and selector.external_id is not None:
        shop = selector.shop or tx.actor.shop
        found = await payments.find_by_external_id(shop, selector.external_id)
    if found is None:
        raise NotFound("payment_not_found")
    try:
        return found, await orders.get(tx, OrderSelector(id=found.order_id))
    except NotFound:
        raise NotFound("payment_not_found") from None


def _check(draft: PaymentDraft, lists: Lists) -> None:
    fields: dict[str, str] = {}
    _order_checks.check_payment(draft, lists, fields)
    _order_checks.refuse(fields)


async def _check_external_id(shop: str, external_id: str | None, mine: Payment | None) -> None:
    if external_id is None:
        return
    known = await payments.find_by_external_id(shop, external_id)
    if known is not None and (mine is None or known.id != mine.id):
        fields = {"externalId": "payment_external_id_taken"}
        raise Invalid("payment_external_id_taken", fields=fields)


def _merged(tx: Tx, order: Order, payment: Payment, draft: PaymentDraft) -> Payment:
    given: dict[str, Any] = {
        column: value
        for column, value in (
            ("kind", draft.type),
            ("status", draft.status),
            ("amount", draft.amount),
            ("paid_at", draft.paid_at),
        )
        if value is not UNSET
    }
    if draft.external_id is not None:
        given["external_id"] = draft.external_id
    if draft.comment is not UNSET:
        text = draft.comment.reveal()
        old = orders.remark_of(tx, "payment", payment.id, order.subject_id, payment.comment)
        if text != old:
            given["comment"] = _intake.remark(
                tx, "payment", payment.id, order.subject_id, draft.comment
            )
    return payment._replace(**given)


def _dated(tx: Tx, lists: Lists, payment: Payment) -> Payment:
    """Settled money has a day: now, unless the shop says another."""
    if payment.paid_at is None and lists.settles(payment.status):
        return payment._replace(paid_at=tx.now)
    return payment
