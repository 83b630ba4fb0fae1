"""Payments through an acquirer: wishes, what money of theirs does to an order, receipts. Steps."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from appliance.actions._papers import percent_on
from appliance.domain import formats
from appliance.domain.events import ServiceWished, WishKind
from appliance.domain.orders import OrderView
from appliance.domain.papers import VAT_BY_GOODS, OwnEntity
from appliance.domain.paying import AttemptView
from appliance.domain.personal import Personal
from appliance.domain.receipts import (
    Mode,
    ReceiptLine,
    Sold,
    Subject,
    lines_for,
)
from appliance.domain.statuses import CANCEL_GROUP
from appliance.domain.tasks import TaskDraft
from appliance.errors import NotFound
from appliance.storage import (
    fulfilments,
    legal_entities,
    order_views,
    references,
    staff,
    tasks,
    vat,
)
from appliance.storage.orders import Order
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

_WHOLE: Final = 1000


def wish(tx: Tx, plugin: str, kind: WishKind, record: UUID, deed: str, order_id: UUID) -> None:
    """Ask the acquirer's plugin for a deed, in this transaction."""
    tx.emit(ServiceWished(plugin=plugin, kind=kind, record_id=record, deed=deed, order_id=order_id))


async def sold_in(tx: Tx, order_id: UUID) -> tuple[OrderView, list[Sold]]:
    """An order with its lines as a receipt needs them: sums after discounts, VAT of the day.

    Raises:
        NotFound: `order_not_found`.
    """
    lists = await references.lists()
    views = await order_views.load(tx, lists, "o.id = {}", [order_id], 1)
    if not views:
        raise NotFound("order_not_found")
    view = views[0]
    entity = legal_entities.chosen(await legal_entities.list_all(tx), [f"shop:{view.shop}"])
    rates, day = await vat.rates(), tx.now.date()
    marks = await fulfilments.codes_by_number(order_id)

    def rate(code: str) -> int | None:
        return percent_on(_regime(entity, code), day, rates)

    sold = [
        Sold(
            name=one.name,
            quantity_milli=one.quantity_milli,
            total=one.total,
            vat=rate(one.vat_rate),
            marks=tuple(marks.get(one.id, ())),
        )
        for one in view.lines
    ]
    if view.delivery.cost:
        sold.append(
            Sold(
                name="Доставка",
                quantity_milli=_WHOLE,
                total=view.delivery.cost,
                vat=rate(view.delivery.vat_rate),
                subject=Subject.SERVICE,
            )
        )
    return view, sold


def _regime(entity: OwnEntity | None, code: str) -> str:
    return code if entity is None or entity.vat == VAT_BY_GOODS else entity.vat


async def receipt_lines(tx: Tx, order_id: UUID, amount: int, mode: Mode) -> tuple[ReceiptLine, ...]:
    """Lines of a receipt over so much of an order."""
    _, sold = await sold_in(tx, order_id)
    return lines_for(sold, amount, mode)


async def whom(tx: Tx, order: Order) -> UUID:
    """Who gets a task about an order's money: its manager, else a head, else who acts."""
    if order.manager_id is not None:
        return order.manager_id
    heads = await staff.active_with_role("head")
    return heads[0].id if heads else tx.actor.id


async def tell(tx: Tx, order: Order, title: str, *, hours: int = 24) -> None:
    """Set a task about an order's money."""
    await tasks.add(
        tx,
        TaskDraft(
            title=Personal(title),
            performer_id=await whom(tx, order),
            due_at=tx.now + timedelta(hours=hours),
            customer_id=order.customer_id,
            order_id=order.id,
        ),
    )


def shown(order: Order) -> str:
    """An order's number as people know it."""
    return order.shown_number or str(order.number)


async def judge(tx: Tx, lists: Lists, order: Order, paid_total: int) -> None:
    """A task where money came that the order has no use for."""
    over = paid_total - order.total
    if lists.group_of(order.status) == CANCEL_GROUP:
        await tell(
            tx, order, f"Деньги по отменённому заказу № {shown(order)}: вернуть или возобновить"
        )
    elif over > 0:
        await tell(
            tx,
            order,
            f"Переплата по заказу № {shown(order)}, {formats.money(over)}: вернуть или зачесть",
        )


def left_of(attempt: AttemptView) -> int:
    """How much of an attempt can still be given back, kopecks."""
    return attempt.paid - attempt.refunded
