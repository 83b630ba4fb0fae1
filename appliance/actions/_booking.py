"""Documents of a base that keeps the books, and payments and shipments of ours.

What the base says is often what we told it: a document is first held against what is here, and
stands for that; only what is not here is made. What people did here it never undoes.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from appliance.actions import _changing, _fulfilment, _paying, _plugin_asking
from appliance.actions._changing import Edit
from appliance.domain import money
from appliance.domain.orders import UNSET, DeliveryDraft, LineDraft, OrderChange
from appliance.domain.references import ReferenceKind
from appliance.domain.shipments import State
from appliance.domain.statuses import Goods, goods_of
from appliance.errors import Invalid
from appliance.plugin_api.bookkeeping import Entered, GoodsSaid, LineSaid, LinesSaid, MoneySaid
from appliance.storage import book_entries, order_lines, payments, shipments
from appliance.storage.book_entries import DISPUTED, GOODS, MONEY, WITHDRAWN, BookEntry
from appliance.storage.order_lines import Line
from appliance.storage.orders import Order
from appliance.storage.payments import Payment
from appliance.storage.references import Lists
from appliance.storage.shipments import Shipment
from appliance.storage.tx import Tx

MOST = 10**15
"""Kopecks of one document: more is a mistake of its base."""


SHORT = 64
"""Letters of what a document said, as it is kept."""


class _Made(NamedTuple):
    """Number of what a document stands for, and whether the document made it."""

    number: int
    made: bool


async def money_in(
    tx: Tx, lists: Lists, order: Order, said: MoneySaid, known: BookEntry | None
) -> Entered:
    """A document of money that is new here."""
    if said.type and said.type not in lists.of(ReferenceKind.PAYMENT_TYPE):
        raise Invalid("code_unknown", fields={"type": "code_unknown"})
    amount = order.total - order.paid_total if said.amount is None else said.amount
    if abs(amount) > MOST:
        raise Invalid("amount_out_of_range", fields={"amount": "amount_out_of_range"})
    found = await _money_here(lists, order, said)
    if found is None and amount > 0:
        made = _Made(await _take(tx, lists, order, said, amount), True)
    elif found is None and amount < 0:
        made = _Made(await _give(tx, lists, order, said, -amount), True)
    else:
        made = _Made(0 if found is None else found.number, False)
    await _keep(tx, known, order, said.key, MONEY, made, _sum(said))
    return Entered(outcome="made" if made.made else "bound", number=made.number)


def _sum(said: MoneySaid) -> str:
    return "rest" if said.amount is None else str(said.amount)


async def _keep(
    tx: Tx, known: BookEntry | None, order: Order, key: str, kind: str, made: _Made, said: str
) -> None:
    await book_entries.keep(
        tx,
        known,
        plugin=_plugin_asking.plugin_of(tx),
        key=key,
        order_id=order.id,
        kind=kind,
        number=made.number,
        made=made.made,
        said=said,
    )


async def _money_here(lists: Lists, order: Order, said: MoneySaid) -> Payment | None:
    """Settled money of the same sum that no other document stands for."""
    if said.amount is None:
        return None
    taken = await book_entries.taken(order.id, MONEY)
    for one in await payments.of_order(order.id):
        if one.amount == said.amount and one.number not in taken and lists.settles(one.status):
            return one
    return None


async def _take(tx: Tx, lists: Lists, order: Order, said: MoneySaid, amount: int) -> int:
    kind = said.type or lists.default(ReferenceKind.PAYMENT_TYPE)
    if kind == money.INTERNAL:  # a base knows nothing of what lies on a client's account here
        raise Invalid("code_unknown", fields={"type": "code_unknown"})
    return (await _paying.take_in(tx, lists, order, kind, amount, at=said.at)).number


async def _give(tx: Tx, lists: Lists, order: Order, said: MoneySaid, amount: int) -> int:
    """Money given back: of the payment that has so much left, the latest first."""
    for one in reversed(await payments.of_order(order.id)):
        if one.amount <= 0 or not lists.settles(one.status):
            continue
        if one.amount + await payments.refunds_of(one.id) >= amount:
            return (await _paying.give_back(tx, lists, order, one, amount, at=said.at)).number
    raise Invalid("refund_too_much", fields={"amount": "refund_too_much"})


async def money_again(
    tx: Tx, lists: Lists, order: Order, said: MoneySaid, known: BookEntry
) -> Entered:
    """A document of money that was heard before."""
    if said.amount is None or known.said == _sum(said):
        return Entered(outcome="same", number=known.object_number)
    payment = await payments.find_by_number(known.object_number) if known.made else None
    is_ours = payment is not None and payment.order_id == order.id
    if payment is None or not is_ours or await payments.refunds_of(payment.id):
        await book_entries.turn(tx, known, DISPUTED, _sum(said))
        return Entered(outcome="disputed", number=known.object_number, code="book_money_differs")
    became = payment._replace(amount=said.amount, paid_at=said.at or payment.paid_at)
    await _paying.amend(tx, lists, order, payment, became)
    await book_entries.turn(tx, known, known.state, _sum(said))
    return Entered(outcome="changed", number=payment.number)


async def money_back(tx: Tx, lists: Lists, order: Order, known: BookEntry) -> Entered:
    """A document of money that its base took back: what it made is given back."""
    payment = await payments.find_by_number(known.object_number) if known.object_number else None
    await book_entries.turn(tx, known, WITHDRAWN)
    if payment is None:
        return Entered(outcome="withdrawn")
    left = payment.amount + await payments.refunds_of(payment.id)
    if not known.made or left < 0:
        return Entered(outcome="disputed", number=payment.number, code="book_money_ours")
    if left:
        await _paying.give_back(tx, lists, order, payment, left)
    return Entered(outcome="withdrawn", number=payment.number)


async def goods_out(
    tx: Tx, lists: Lists, order: Order, said: GoodsSaid, known: BookEntry | None
) -> Entered:
    """A document of goods that is new here."""
    state = goods_of(lists.group_of(order.status))
    if state is Goods.FREE:
        raise Invalid("order_closed", number=order.number)
    made = _Made(0, False) if state is Goods.ISSUED else await _ship(tx, lists, order, said)
    await _keep(tx, known, order, said.key, GOODS, made, lines_in_short(said))
    return Entered(outcome="made" if made.made else "bound", number=made.number)


def lines_in_short(said: GoodsSaid) -> str:
    """What went, in a short form."""
    if said.lines is None:
        return "rest"
    told = ",".join(f"{number}:{milli}" for number, milli in sorted(wanted(said).items()))
    return told if len(told) <= SHORT else hashlib.sha256(told.encode()).hexdigest()


async def _ship(tx: Tx, lists: Lists, order: Order, said: GoodsSaid) -> _Made:
    """Send off what went and has not gone yet; a shipment that waits or went stands for it."""
    stored = await order_lines.of_order(order.id)
    told = None if said.lines is None else wanted(said)
    taken = await book_entries.taken(order.id, GOODS)
    for one in await shipments.of_order(order.id):
        if one.number in taken or one.state == State.CANCELLED.value:
            continue
        if told is None or await shipments.parts(one) == told:
            if one.state == State.DRAFT.value:
                await _dispatch(tx, lists, order, said, one)
            return _Made(one.number, False)
    left = {line.number: line.left_milli for line in stored if line.left_milli > 0}
    if told is not None:
        left = {number: min(milli, told[number]) for number, milli in left.items()
                if number in told}  # fmt: skip
    if not left:
        return _Made(0, False)
    made = await shipments.create(
        tx,
        order,
        left,
        warehouse=None,
        delivery_type=order.delivery_type,
        track_number=said.track[:64],
    )
    edit = Edit(order)
    _fulfilment.note(edit, None, made)
    await _dispatch(tx, lists, await _changing.finish(tx, edit), said, made)
    return _Made(made.number, True)


def wanted(said: GoodsSaid) -> dict[int, int]:
    found: dict[int, int] = {}
    for one in said.lines or ():
        if one.quantity_milli > 0:
            found[one.number] = found.get(one.number, 0) + one.quantity_milli
    return found


async def _dispatch(
    tx: Tx, lists: Lists, order: Order, said: GoodsSaid, shipment: Shipment
) -> None:
    """Send off; stock that the base counted after the goods had gone is right already."""
    stored = await order_lines.of_order(order.id)
    counted: frozenset[UUID] = frozenset()
    if said.at is not None:
        counted = await shipments.counted_since(stored, said.at)
    await _fulfilment.dispatch(tx, lists, order, shipment, counted)


async def goods_again(
    tx: Tx, lists: Lists, order: Order, said: GoodsSaid, known: BookEntry
) -> Entered:
    """A document of goods that was heard before; one that says otherwise is sent off anew."""
    if said.lines is None or known.said == lines_in_short(said):
        return Entered(outcome="same", number=known.object_number)
    former = await _made_by(order, known)
    if former is None or former.state != State.DISPATCHED.value:
        await book_entries.turn(tx, known, DISPUTED, lines_in_short(said))
        return Entered(outcome="disputed", number=known.object_number, code="book_goods_differ")
    order = await _fulfilment.cancel(tx, order, former, await _counted(former))
    await book_entries.turn(tx, known, WITHDRAWN)
    made = await goods_out(tx, lists, order, said, known)
    return Entered(outcome="changed", number=made.number)


async def _made_by(order: Order, known: BookEntry) -> Shipment | None:
    if not known.made:
        return None
    every = await shipments.of_order(order.id)
    return next((one for one in every if one.number == known.object_number), None)


async def _counted(shipment: Shipment) -> frozenset[UUID]:
    lines = await order_lines.of_order(shipment.order_id)
    if shipment.dispatched_at is None:
        return frozenset()
    return await shipments.counted_since(lines, shipment.dispatched_at)


async def goods_back(tx: Tx, order: Order, known: BookEntry) -> Entered:
    """A document of goods that its base took back: its shipment is cancelled."""
    shipment = await _made_by(order, known)
    await book_entries.turn(tx, known, WITHDRAWN)
    if shipment is None:
        if not known.object_number:
            return Entered(outcome="withdrawn")
        return Entered(outcome="disputed", number=known.object_number, code="book_goods_ours")
    if shipment.state not in shipments.ON_THE_WAY:
        return Entered(outcome="disputed", number=shipment.number, code="book_goods_ours")
    await _fulfilment.cancel(tx, order, shipment, await _counted(shipment))
    return Entered(outcome="withdrawn", number=shipment.number)


def composed(order: Order, stored: Sequence[Line], said: LinesSaid) -> OrderChange:
    """The change that gives an order the lines of its base.

    A line that is not said to differ keeps its discounts, unless the order as a whole has some
    off: the base's sums have that in them.
    """
    every = bool(order.discount_amount or order.discount_percent_milli)
    known = {line.number: line for line in stored}
    drafts = [_composed(known.get(one.number), one, every=every) for one in said.lines]
    return OrderChange(
        lines=tuple(drafts),
        discount_amount=0 if every else UNSET,
        discount_percent_milli=0 if every else UNSET,
        delivery=None if said.delivery_cost is None else DeliveryDraft(cost=said.delivery_cost),
    )


def _composed(line: Line | None, said: LineSaid, *, every: bool) -> LineDraft:
    milli = said.quantity_milli
    if line is not None and not every and (line.quantity_milli, line.total) == (milli, said.total):
        return LineDraft(id=line.number)
    # What one costs after everything taken off; halves of a kopeck go up.
    price = (said.total * 2000 + milli) // (2 * milli) if milli > 0 else 0
    if line is not None:
        return LineDraft(
            id=line.number,
            quantity_milli=milli,
            price=price,
            discount_amount=0,
            discount_percent_milli=0,
        )
    return LineDraft(
        quantity_milli=milli,
        price=price,
        offer_xml_id=said.offer or None,
        sku=said.article or None,
        product_name=said.name[:250] or said.article or said.offer,
    )
