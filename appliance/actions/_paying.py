"""Money that comes for an order: steps of whoever takes it, at the desk or at the door."""

from datetime import datetime
from uuid import UUID

import msgspec

from appliance.actions import _changing
from appliance.actions._changing import Edit
from appliance.domain import money, taxids
from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from appliance.errors import Invalid
from appliance.storage import accounts, feed, payments
from appliance.storage.orders import Order
from appliance.storage.payments import Payment, part_of
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

"""Code of the way to pay that is a client's own account with us."""
REFUNDED = "refunded"
INVOICED = "invoice"
"""Code of the state «выставлен счёт»; the first one an order gets is kept on the order."""


class Paid(msgspec.Struct, frozen=True, kw_only=True):
    """A payment as stored, and how much of its order is paid now, kopecks."""

    number: int
    order_number: int
    paid_total: int


async def take_in(
    tx: Tx,
    lists: Lists,
    order: Order,
    kind: str,
    amount: int,
    payer: Personal[dict[str, str]] | None = None,
    at: datetime | None = None,
) -> Paid:
    """Settle a payment that waits for this money, or make one; `payer` as `payments.receive`.

    The money came `at`, now where it is not said.

    Raises:
        Conflict: `order_changed`.
        Invalid: `inn_wrong`, `account_short`.
    """
    change = Edit(order)
    waiting = await promise(lists, order, kind)
    payment = waiting or Payment(
        id=uuid7(),
        number=0,
        order_id=order.id,
        shop=order.shop,
        external_id=None,
        kind=kind,
        status="",
        amount=amount,
        paid_at=None,
        comment=None,
        created_at=tx.now,
    )
    became = payment._replace(
        kind=kind,
        status=lists.settled_status(),
        amount=amount,
        paid_at=at or tx.now,
        payer=_payer(tx, order, payment.id, payer),
    )
    if kind == money.INTERNAL:
        entry = money.Entry.SPEND
        ids = {"order_id": order.id, "payment_id": payment.id}
        await accounts.move(tx, order.customer_id, entry, -amount, **ids)
    if waiting is None:
        became = (await payments.add([became]))[0]
        old: object = None
    else:
        await payments.change(became)
        old = {"code": waiting.status}
    change.note(
        feed.Change(
            field="payments" if old is None else "payments.status",
            old=old,
            new={"id": became.number, "type": kind} if old is None else {"code": became.status},
            part=part_of(became),
        )
    )
    return await settle(tx, lists, change, became)


async def promise(lists: Lists, order: Order, kind: str) -> Payment | None:
    """A promise of this way that money has not come for yet."""
    for one in await payments.of_order(order.id):
        if one.kind == kind and one.amount > 0 and not lists.settles(one.status):
            return one
    return None


def _payer(
    tx: Tx, order: Order, payment_id: UUID, given: Personal[dict[str, str]] | None
) -> bytes | None:
    said = {} if given is None else given.reveal()
    inn = said.get("payer_inn", "")
    if inn and taxids.normalise_inn(inn) is None:
        raise Invalid("inn_wrong", fields={"payer_inn": "inn_wrong"})
    return seal_payer(
        tx,
        order,
        payment_id,
        money.Payer(
            name=said.get("payer_name", ""),
            inn=inn,
            card=money.card_mask(said.get("payer_card", "")),
            account=said.get("payer_account", ""),
            reference=said.get("payer_reference", ""),
            purpose=said.get("payer_purpose", ""),
        ),
    )


def seal_payer(tx: Tx, order: Order, payment_id: UUID, payer: money.Payer) -> bytes | None:
    """The cell of who really paid; None for nobody."""
    if payer == money.Payer():
        return None
    return tx.seal("payment", "payer", payment_id, order.subject_id, payer, "name", "tax_id")


async def give_back(
    tx: Tx,
    lists: Lists,
    order: Order,
    payment: Payment,
    amount: int,
    *,
    to_account: bool = False,
    at: datetime | None = None,
) -> Paid:
    """Give money of a settled payment back; `amount` kopecks, no more than is left of it."""
    to_account = to_account or payment.kind == money.INTERNAL
    back = Payment(
        id=uuid7(),
        number=0,
        order_id=order.id,
        shop=order.shop,
        external_id=None,
        kind=money.INTERNAL if to_account else payment.kind,
        status=REFUNDED if lists.settles(REFUNDED) else lists.settled_status(),
        amount=-amount,
        paid_at=at or tx.now,
        comment=None,
        created_at=tx.now,
        refund_of=payment.id,
    )
    stored = (await payments.add([back]))[0]
    if to_account:
        ids = {"order_id": order.id, "payment_id": stored.id}
        await accounts.move(tx, order.customer_id, money.Entry.REFUND, amount, **ids)
    change = Edit(order)
    entry_of = {"id": stored.number, "type": stored.kind}
    change.note(feed.Change(field="payments", new=entry_of, part=part_of(stored)))
    return await settle(tx, lists, change, stored)


async def amend(tx: Tx, lists: Lists, order: Order, payment: Payment, became: Payment) -> Paid:
    """Store a payment as it is now, with its trace."""
    change = Edit(order)
    for column, field, form in (
        ("kind", "payments.type", _changing.as_code),
        ("status", "payments.status", _changing.as_code),
        ("amount", "payments.amount", _changing.as_it_is),
        ("paid_at", "payments.paid_at", _changing.as_text),
        ("external_id", "payments.external_id", _changing.as_it_is),
    ):
        old, new = getattr(payment, column), getattr(became, column)
        if old != new:
            entry = feed.Change(field=field, old=form(old), new=form(new), part=part_of(became))
            change.note(entry)
    if became != payment:
        await payments.change(became)
    return await settle(tx, lists, change, became)


async def settle(tx: Tx, lists: Lists, change: Edit, payment: Payment) -> Paid:
    """Add up what is paid anew, and write the order with its trace."""
    amounts = await payments.amounts(change.order.id)
    change.quietly(paid_total=sum(amount for amount, status in amounts if lists.settles(status)))
    if change.order.invoiced_at is None and any(status == INVOICED for _, status in amounts):
        change.quietly(invoiced_at=tx.now)
    if change.value("paid_total") > change.order.paid_total:
        await _changing.follow_rules(tx, lists, change)
    order = await _changing.finish(tx, change)
    return Paid(number=payment.number, order_number=order.number, paid_total=order.paid_total)
