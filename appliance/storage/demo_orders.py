"""The bulk path of orders: with the rows, keys and counters of real ones."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from appliance.domain.demo import DemoOrder
from appliance.domain.ids import uuid7
from appliance.domain.orders import OrderContact, SourceMarks
from appliance.domain.timeline import Entry, Kind
from appliance.storage import (
    counters,
    orders,
    report_marks,
    tally,
    timeline,
)
from appliance.storage.demo_rows import SHOP, Article, Client, address, created, put
from appliance.storage.order_lines import Line
from appliance.storage.orders import Order
from appliance.storage.payments import Payment
from appliance.storage.statements import execute, fetch
from appliance.storage.tables import (
    AddressRow,
    ChangeEntryRow,
    OrderLineRow,
    OrderRow,
    PaymentRow,
    TimelineEntryRow,
)
from appliance.storage.tally import Place
from appliance.storage.tx import Tx


async def add_orders(
    tx: Tx,
    invented: Sequence[DemoOrder],
    clients: Sequence[Client],
    articles: Sequence[Article],
) -> None:
    """Fill in orders with lines, payments and delivery, and count them where they stand."""
    first = await counters.draw("order", len(invented))
    line_number = await counters.draw("order_line", sum(len(o.lines) for o in invented))
    payment_number = await counters.draw("payment", len(invented))
    feed = await counters.draw(counters.FEED, len(invented))
    rows: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    payments: list[dict[str, Any]] = []
    addresses: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    stream: list[dict[str, Any]] = []
    places: list[Place] = []
    for place, order in enumerate(invented):
        client = clients[order.customer]
        made = _lines(order, articles, line_number)
        line_number += len(made)
        record = _order(tx, order, client, first + place, made)
        rows.append(record._asdict())
        lines += [_line_row(line, record.id) for line in made]
        payments.append(_payment(order, record, payment_number + place)._asdict())
        addresses.append(address(tx, client, record.id, "delivery"))
        status = msgspec.json.encode({"code": order.status}).decode()
        changes.append(
            created(
                feed + place, "order", record.id, record.number, "status", status, order.created_at
            )
        )
        stream += _order_told(client, record, feed + place)
        places.append(record.place)
    for table, some in (
        (OrderRow, rows),
        (OrderLineRow, lines),
        (PaymentRow, payments),
        (AddressRow, addresses),
        (ChangeEntryRow, changes),
        (TimelineEntryRow, stream),
    ):
        await put(table, some)
    await _count(places)


def _order_told(client: Client, order: Order, first: int) -> list[dict[str, Any]]:
    """The lines of an order in its client's stream: placed, and paid where it is."""
    placed = Entry(
        kind=Kind.ORDER,
        at=order.created_at,
        customer_id=client.id,
        order_id=order.id,
        data={"first": first, "count": 1},
    )
    if not order.paid_total:
        return [timeline.bulk_row(placed)]
    paid = Entry(
        kind=Kind.PAYMENT,
        at=order.created_at,
        customer_id=client.id,
        order_id=order.id,
        data={"amount": order.paid_total, "state": "paid"},
    )
    return [timeline.bulk_row(placed), timeline.bulk_row(paid)]


def _lines(order: DemoOrder, articles: Sequence[Article], number: int) -> list[Line]:
    made: list[Line] = []
    for place, wanted in enumerate(order.lines):
        article = articles[wanted.product]
        p = article.product
        made.append(
            Line(
                id=uuid7(), number=number + place, position=place + 1, variant_id=article.variant,
                external_ids=(), offer_external_id=p.external_id, offer_xml_id=p.sku, sku=p.sku,
                name=p.name, quantity_milli=wanted.quantity * 1000, price=p.price,
                purchase_price=p.purchase_price, discount_amount=0, discount_percent_milli=0,
                price_type="base", vat_rate="none", status="new", comment=None, properties=(),
                reserved_at=None, created_at=order.created_at, total=p.price * wanted.quantity,
            )
        )  # fmt: skip
    return made


def _line_row(line: Line, order_id: UUID) -> dict[str, Any]:
    return {**line._asdict(), "external_ids": "[]", "properties": "[]", "order_id": order_id}


def _order(tx: Tx, order: DemoOrder, client: Client, number: int, lines: Sequence[Line]) -> Order:
    p = client.person
    order_id = uuid7()
    goods = sum(line.total for line in lines)
    contact = OrderContact(
        first_name=p.first_name,
        last_name=p.last_name,
        patronymic=p.patronymic,
        phone=p.phone,
        email=p.email,
        customer_comment=order.comment,
    )
    total = goods + order.delivery_cost
    return Order(
        id=order_id, number=number, shown_number=str(number), version=1, shop=SHOP,
        external_id=f"demo-{number}", customer_id=client.id, subject_id=client.subject,
        manager_id=client.owner, assigned_by="owner" if client.owner else "nobody",
        status=order.status, status_at=order.created_at,
        order_type="eshop-individual", order_method="shopping-cart", phone_readable=True,
        **orders.seal_contact(tx, order_id, client.subject, contact),
        summary=lines[0].name, lines_count=len(lines), goods_total=goods, discount_amount=0,
        discount_percent_milli=0, discount_total=0, total=total,
        paid_total=total if order.paid else 0,
        purchase_total=sum(line.purchase_price * line.quantity_milli // 1000 for line in lines),
        delivery_type=order.delivery, delivery_service="", delivery_cost=order.delivery_cost,
        delivery_net_cost=0, delivery_vat_rate="none", delivery_date=None, delivery_from="",
        delivery_to="", track_number="",
        source=msgspec.json.encode(SourceMarks(source=order.source)).decode(),
        shipment_store=None, shipment_date=None, shipped=False, call=False, from_api=True,
        created_at=order.created_at, updated_at=order.created_at,
    )  # fmt: skip


def _payment(order: DemoOrder, record: Order, number: int) -> Payment:
    return Payment(
        id=uuid7(),
        number=number,
        order_id=record.id,
        shop=SHOP,
        external_id=None,
        kind=order.payment,
        status="paid" if order.paid else "not-paid",
        amount=record.total,
        paid_at=order.created_at if order.paid else None,
        comment=None,
        created_at=order.created_at,
    )


async def _count(places: Iterable[Place]) -> None:
    counted: Counter[tuple[str, UUID | None, str]] = Counter()
    sums: Counter[tuple[str, UUID | None, str]] = Counter()
    for place in places:
        counted[place[:3]] += 1
        sums[place[:3]] += place.total
    for key, many in counted.items():
        await tally.add(Place(*key, sums[key]), many)


async def settle_figures() -> None:
    """Count every client's orders, once all of them are in."""
    await report_marks.forget_all()
    await execute(
        "UPDATE customer SET orders_count = t.many, orders_total = t.total, "
        "paid_total = t.paid, first_order_at = t.first, last_order_at = t.last, "
        "contacted_at = t.last, owed_total = t.owed, paid_orders = t.settled, "
        "source_first = (SELECT source FROM orders f WHERE f.customer_id = customer.id "
        "ORDER BY f.number LIMIT 1), source_last = (SELECT source FROM orders l "
        "WHERE l.customer_id = customer.id ORDER BY l.number DESC LIMIT 1) FROM ("
        "SELECT o.customer_id, COUNT(*) AS many, SUM(o.total) AS total, SUM(o.paid_total) AS paid, "
        "SUM(CASE WHEN s.status_group = 'cancel' OR o.total < o.paid_total THEN 0 "
        "ELSE o.total - o.paid_total END) AS owed, "
        "SUM(CASE WHEN o.paid_total >= o.total THEN 1 ELSE 0 END) AS settled, "
        "MIN(o.created_at) AS first, MAX(o.created_at) AS last FROM orders o "
        "LEFT JOIN order_status s ON s.code = o.status GROUP BY o.customer_id) t "
        "WHERE t.customer_id = customer.id"
    )


async def sellers() -> list[UUID]:
    """Active users who lead clients of their own, by number."""
    rows = await fetch(
        "SELECT id FROM users WHERE active = {} AND roles LIKE '%seller%' ORDER BY number", True
    )
    return [row[0] for row in rows]
