"""Writing down a new order with everything that hangs on it."""

from collections.abc import Sequence
from typing import Any

import msgspec

from appliance.actions import _discounts, _intake, _operators, _order_checks, _shortage
from appliance.domain.access import PROGRAMS
from appliance.domain.assignment import Assigned
from appliance.domain.customers import AddressParts
from appliance.domain.events import OrderPlaced
from appliance.domain.fields import Owner
from appliance.domain.ids import uuid7
from appliance.domain.notices import NoticeKind
from appliance.domain.order_sums import OrderSum
from appliance.domain.orders import OrderDraft, Placed
from appliance.domain.references import ReferenceKind
from appliance.domain.statuses import Goods, goods_of
from appliance.storage import (
    addresses,
    counters,
    customer_figures,
    deals_close,
    feed,
    fields,
    notices,
    offers,
    order_lines,
    orders,
    payments,
    shop_links,
    tally,
)
from appliance.storage.customers import Known
from appliance.storage.order_lines import Line
from appliance.storage.orders import Order
from appliance.storage.payments import Payment
from appliance.storage.references import Lists
from appliance.storage.tx import Tx


async def place(
    tx: Tx,
    draft: OrderDraft,
    lists: Lists,
    *,
    of_deal: bool = False,
    goods: Sequence[offers.Offer | None] | None = None,
) -> Placed:
    """Store an order that was checked and is not known yet.

    Args:
        tx: of the actor.
        draft: the order.
        lists: what its codes were checked against.
        of_deal: a deal makes it, so it makes none itself.
        goods: variants of the lines, where the caller knows them better than their articles say.

    Raises:
        Invalid: `offer_unknown`, `manager_unknown`, `payment_external_id_taken`.
        Denied: `shop_foreign`.
    """
    _order_checks.check_shop(tx, draft.shop)
    order_id = uuid7()
    client, assigned = await _intake.client_of(tx, draft, order_id, lists)
    draft = await _intake.with_wishes(tx, draft, client, lists)
    lines = await _intake.new_lines(
        tx,
        client.subject_id,
        draft.lines,
        await offers.resolve(tx, draft.shop, draft.lines) if goods is None else goods,
        range(len(draft.lines)),
    )
    columns = _intake.delivery_columns(draft.delivery)
    coupon, coupon_discount = "", 0
    if draft.coupon:
        coupon = await _discounts.take_coupon(tx, draft.coupon, order_id, client.id, lines)
        coupon_discount = await _discounts.worth_of(coupon, lines)
    lines, sums = _intake.with_sums(
        lines,
        discount_amount=draft.discount_amount + coupon_discount,
        discount_percent_milli=draft.discount_percent_milli,
        delivery_cost=int(str(columns["delivery_cost"])),
    )
    if sums.discount_total > coupon_discount:
        reason = draft.contact.reveal().discount_reason
        await _discounts.check_manual(tx, sums, coupon_discount, reason)
    money = await _intake.payments_of(tx, draft, order_id, client.subject_id, lists, sums.total)
    order = Order(
        id=order_id,
        number=await counters.draw("order"),
        **_heads(tx, draft, lists, client, assigned),
        **_figures(lines, sums, money.paid),
        **columns,
        coupon=coupon,
        coupon_discount=coupon_discount,
        **orders.seal_contact(tx, order_id, client.subject_id, draft.contact.reveal()),
    )
    order = order._replace(shown_number=draft.number or str(order.number))
    lines = await _set_aside(tx, order, lists, lines)
    await orders.add(order)
    await order_lines.add(order_id, lines)
    if goods is None and goods_of(lists.group_of(order.status)) is not Goods.FREE:
        await _shortage.watch(tx, order, lines)
    await _keep_address(tx, draft, order)
    record = fields.Record(Owner.ORDER, order_id, client.subject_id)
    await fields.begin(tx, lists, record, draft.custom)
    await tally.move(None, order.place)
    await customer_figures.follow(tx, None, order)
    handed = await _operators.begin(tx, lists, order, lines)
    await _record(tx, order, assigned, lines, money.payments, handed)
    if not of_deal:
        await deals_close.begin(tx, order)
    await _tell(tx, lists, order)
    tx.about("order", order_id)
    tx.emit(OrderPlaced(order_id=order_id, customer_id=client.id, total=order.total))
    return Placed(order_id=order_id, number=order.number, created=True)


async def _tell(tx: Tx, lists: Lists, order: Order) -> None:
    """Tell the group of the shop's connection; not of what is written down after the fact."""
    group = _intake.link_of(lists, order.shop).notify
    if not group or not order.from_api or tx.now - order.created_at > _intake.LATE:
        return
    await notices.tell_all(
        tx,
        [
            notices.Told(one, NoticeKind.ORDER_NEW, "order", order.id, order.number)
            for one in await shop_links.people_of(group)
        ],
    )


def _heads(
    tx: Tx, draft: OrderDraft, lists: Lists, client: Known, assigned: Assigned
) -> dict[str, Any]:
    contact = draft.contact.reveal()
    given = _intake.given
    link = _intake.link_of(lists, draft.shop)
    created_at = draft.created_at or tx.now
    return {
        "shown_number": "",
        "version": 1,
        "shop": draft.shop,
        "external_id": draft.external_id,
        "customer_id": client.id,
        "subject_id": client.subject_id,
        "manager_id": assigned.manager,
        "assigned_by": assigned.reason.value,
        "status": given(draft.status, link.status or lists.default_status()),
        "status_at": created_at,
        "order_type": given(
            draft.order_type, link.order_type or lists.default(ReferenceKind.ORDER_TYPE)
        ),
        "order_method": given(
            draft.order_method, link.order_method or lists.default(ReferenceKind.ORDER_METHOD)
        ),
        "phone_readable": _intake.readable(contact.phone),
        "source": msgspec.json.encode(draft.source).decode(),
        "shipment_store": draft.shipment_store,
        "shipment_date": draft.shipment_date,
        "shipped": False,
        "call": draft.call,
        "from_api": tx.actor.kind in PROGRAMS,
        "discount_amount": draft.discount_amount,
        "discount_percent_milli": draft.discount_percent_milli,
        "created_at": created_at,
        "updated_at": tx.now,
    }


def _figures(lines: Sequence[Line], sums: OrderSum, paid: int) -> dict[str, Any]:
    return {**composition(lines, sums), "paid_total": paid}


def composition(lines: Sequence[Line], sums: OrderSum) -> dict[str, Any]:
    """Columns of an order that its lines decide."""
    return {
        "summary": lines[0].name if lines else "",
        "lines_count": len(lines),
        "goods_total": sums.goods_total,
        "discount_total": sums.discount_total,
        "total": sums.total,
        "purchase_total": sums.purchase_total,
    }


async def _set_aside(tx: Tx, order: Order, lists: Lists, lines: list[Line]) -> list[Line]:
    state = goods_of(lists.group_of(order.status))
    if state is Goods.FREE:
        return lines
    warehouse = _intake.warehouse_of(lists, order.shipment_store, order.shop)
    held = await order_lines.hold(tx, order.id, warehouse, lines)
    await order_lines.turn(tx, order.id, held, Goods.HELD, state)
    return held


async def _keep_address(tx: Tx, draft: OrderDraft, order: Order) -> None:
    given = None if draft.delivery is None else draft.delivery.address
    if given is None:
        return
    texts = {name: text for name, text in given.reveal().items() if name in addresses.NAMES}
    parts = msgspec.structs.replace(AddressParts(), **texts)
    await addresses.set_address(tx, order.id, order.subject_id, "delivery", parts)


def snapshot(lines: Sequence[Line], payments_made: Sequence[Payment]) -> dict[str, Any]:
    """What the order consisted of at its creation.

    A reader of the feed that starts anew must not be told today's lines first and their
    additions afterwards.
    """
    return {
        "lines": {str(line.number): [line.quantity_milli, line.price] for line in lines},
        "payments": [payments.part_of(one) for one in payments_made],
    }


async def _record(
    tx: Tx,
    order: Order,
    assigned: Assigned,
    lines: Sequence[Line],
    made: Sequence[Payment],
    more: Sequence[feed.Change],
) -> None:
    changes = [
        feed.Change(
            field="status",
            new={"code": order.status},
            kind="create",
            part=snapshot(lines, made),
        )
    ]
    if assigned.manager is not None:
        number = await orders.user_number(assigned.manager)
        changes.append(
            feed.Change(
                field="manager",
                new={"id": number},
                part={
                    "rule": assigned.reason.value,
                    **({"by": assigned.rule} if assigned.rule else {}),
                },
                source="code",
            )
        )
    await record(tx, order, [*changes, *more])


async def record(tx: Tx, order: Order, changes: list[feed.Change]) -> None:
    """Write change entries of an order."""
    await feed.record(tx, "order", order.id, order.number, order.shop, order.subject_id, changes)
