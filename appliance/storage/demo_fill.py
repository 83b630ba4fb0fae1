"""The bulk path: invented clients and orders with the rows, keys and indexes of real ones."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain import regions
from appliance.domain.customers import (
    AddressParts,
    ContactKind,
    ContactValue,
    CustomerKind,
    Person,
    RequisitesParts,
)
from appliance.domain.demo import DemoOrder, DemoPerson, DemoProduct
from appliance.domain.ids import uuid7
from appliance.domain.orders import OrderContact, SourceMarks
from appliance.domain.privacy import LegalBasis, PurposeCode
from appliance.domain.timeline import Entry, Kind
from appliance.storage import (
    categories,
    contacts,
    counters,
    goods_marks,
    orders,
    report_marks,
    tally,
    timeline,
)
from appliance.storage.contacts import Read
from appliance.storage.order_lines import Line
from appliance.storage.orders import Order
from appliance.storage.payments import Payment
from appliance.storage.statements import bulk, execute, fetch, fetch_value
from appliance.storage.tables import (
    AddressRow,
    ChangeEntryRow,
    ContactRow,
    CustomerRow,
    OrderLineRow,
    OrderRow,
    PaymentRow,
    PriceRow,
    ProductRow,
    PurposeRow,
    RequisitesRow,
    SearchChangeRow,
    StockMovementRow,
    StockRow,
    TimelineEntryRow,
    VariantRow,
)
from appliance.storage.tally import Place
from appliance.storage.tx import Tx
from appliance.vault.blind import BlindField

SHOP = "main"


class Client(NamedTuple):
    """A client that was filled in, as his orders need him."""

    id: UUID
    subject: UUID
    owner: UUID | None
    person: DemoPerson


class Article(NamedTuple):
    """An article that was filled in."""

    variant: UUID
    product: DemoProduct


async def _put(table: Any, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        columns = tuple(rows[0])
        await bulk(table, columns, [tuple(row.values()) for row in rows])


async def add_products(tx: Tx, invented: Sequence[DemoProduct]) -> list[Article]:
    """Fill in articles with price and stock at the first warehouse."""
    warehouse = await fetch_value("SELECT id FROM warehouse ORDER BY number LIMIT 1")
    first = await counters.draw("product", len(invented))
    first_variant = await counters.draw("variant", len(invented))
    made = [(uuid7(), uuid7(), product) for product in invented]
    names = sorted({p.group for p in invented if p.group})
    groups = {name: await categories.named(name) for name in names}
    await _put(
        ProductRow,
        [
            {
                "id": pid,
                "number": first + n,
                "shop": SHOP,
                "external_id": p.external_id,
                "name": p.name,
                "product_group": p.group,
                "category_id": groups.get(p.group),
                "description": "",
                "changed": 1,
                "manufacturer": "",
                "url": "",
                "image_url": "",
                "active": True,
                "to_check": False,
                "created_at": tx.now,
                "updated_at": tx.now,
            }
            for n, (pid, _, p) in enumerate(made)
        ],
    )
    await _put(
        VariantRow,
        [
            {
                "id": vid,
                "number": first_variant + n,
                "product_id": pid,
                "shop": SHOP,
                "external_id": p.external_id,
                "xml_id": p.sku,
                "sku": p.sku,
                "barcode": p.barcode,
                "name": p.name,
                "weight_grams": p.weight_grams,
                "vat_rate": "none",
                "unit": "pc",
                "purchase_price": p.purchase_price,
                "active": True,
                "low_milli": 5_000,
                "low_told": p.stock <= 5,
            }
            for n, (pid, vid, p) in enumerate(made)
        ],
    )
    await _put(
        PriceRow,
        [
            {
                "id": uuid7(),
                "variant_id": vid,
                "price_type": "base",
                "amount": p.price,
                "since": tx.now,
            }
            for _, vid, p in made
        ],
    )
    await _put(
        StockRow,
        [
            {
                "id": uuid7(),
                "variant_id": vid,
                "warehouse_id": warehouse,
                "on_hand_milli": p.stock * 1000,
                "reserved_milli": 0,
                "in_transit_milli": 0,
                "shelf": f"{'АБВГ'[n % 4]}-{n // 4 % 12 + 1:02}-{n % 9 + 1}",
                "changed": 1,
            }
            for n, (_, vid, p) in enumerate(made)
        ],
    )
    await goods_marks.touch()
    await _put(
        StockMovementRow,
        [
            {
                "id": uuid7(),
                "variant_id": vid,
                "warehouse_id": warehouse,
                "on_hand_milli": p.stock * 1000,
                "reserved_milli": 0,
                "in_transit_milli": 0,
                "cause": "upload",
                "cause_id": None,
                "at": tx.now,
            }
            for _, vid, p in made
        ],
    )
    return [Article(vid, p) for _, vid, p in made]


async def add_people(
    tx: Tx, invented: Sequence[DemoPerson], owners: Sequence[UUID]
) -> list[Client]:
    """Fill in clients, each with a key, contacts, an address and a purpose."""
    first = await counters.draw("customer", len(invented))
    await counters.draw(f"customers@{SHOP}", len(invented))
    feed = await counters.draw(counters.FEED, 2 * len(invented))
    made: list[Client] = []
    rows = _Rows()
    for place, person in enumerate(invented):
        owner = owners[(first + place) % len(owners)] if owners else None
        client = Client(uuid7(), tx.vault.new_subject(), owner, person)
        number = first + place
        made.append(client)
        rows.customers.append(_customer(tx, client, number))
        rows.contacts += _contacts(tx, client)
        rows.addresses.append(_address(tx, client))
        if person.inn:
            rows.requisites.append(_requisites(tx, client))
        rows.purposes.append(_purpose(client))
        rows.changes.append(
            _created(
                feed + place, "customer", client.id, number, "id", str(number), person.created_at
            )
        )
        rows.stream.append(_told(Kind.CREATED, client, person.created_at, feed + place))
        rows.searches.append({"number": feed + len(invented) + place, "customer_id": client.id})
    await rows.store()
    return made


class _Rows:
    """Rows of one slice of clients, by table."""

    def __init__(self) -> None:
        self.customers: list[dict[str, Any]] = []
        self.contacts: list[dict[str, Any]] = []
        self.addresses: list[dict[str, Any]] = []
        self.requisites: list[dict[str, Any]] = []
        self.purposes: list[dict[str, Any]] = []
        self.changes: list[dict[str, Any]] = []
        self.stream: list[dict[str, Any]] = []
        self.searches: list[dict[str, Any]] = []

    async def store(self) -> None:
        await _put(CustomerRow, self.customers)
        await _put(ContactRow, self.contacts)
        await _put(AddressRow, self.addresses)
        await _put(RequisitesRow, self.requisites)
        await _put(PurposeRow, self.purposes)
        await _put(ChangeEntryRow, self.changes)
        await _put(TimelineEntryRow, self.stream)
        await _put(SearchChangeRow, self.searches)


def _customer(tx: Tx, client: Client, number: int) -> dict[str, Any]:
    p = client.person
    kind = CustomerKind.COMPANY if p.company else CustomerKind.PERSON
    record = Person(
        first_name=p.first_name,
        last_name=p.last_name,
        patronymic=p.patronymic,
        company_name=p.company,
        sex=p.sex,
    )
    return {
        "id": client.id,
        "number": number,
        "subject_id": client.subject,
        "kind": kind.value,
        "state": "live",
        "version": 1,
        "shop": SHOP,
        "external_id": f"demo-{number}",
        "owner_id": client.owner,
        "person": tx.seal("customer", "person", client.id, client.subject, record, "name"),
        "vip": False,
        "bad": False,
        "party": "client",
        "wishes": None,
        "region": regions.of_address(AddressParts(city=p.city)),
        "source_first": "{}",
        "source_last": "{}",
        "orders_count": 0,
        "orders_total": 0,
        "paid_total": 0,
        "returned_total": 0,
        "owed_total": 0,
        "paid_orders": 0,
        "paid_wait": 0,
        "credit_limit": None,
        "pay_days": 0,
        "stop": False,
        "contacted_at": None,
        "first_order_at": None,
        "last_order_at": None,
        "created_at": p.created_at,
        "updated_at": p.created_at,
    }


def _contacts(tx: Tx, client: Client) -> list[dict[str, Any]]:
    p = client.person
    found = [Read(ContactKind.PHONE, p.phone, p.phone, p.phone[-10:])]
    if p.email:
        found.append(Read(ContactKind.EMAIL, p.email, p.email, ""))
    rows: list[dict[str, Any]] = []
    for contact in found:
        row = uuid7()
        value = ContactValue(typed=contact.typed, normal=contact.normal)
        rows.append(
            {
                "id": row,
                "customer_id": client.id,
                "subject_id": client.subject,
                "kind": contact.kind.value,
                "position": 0,
                "readable": True,
                "value": tx.seal("contact", "value", row, client.subject, value, contact.kind),
                "value_index": contacts.index_of(tx.vault, contact),
                "tail_index": contacts.tail_of(tx.vault, contact),
            }
        )
    return rows


def _parts(p: DemoPerson) -> AddressParts:
    return AddressParts(
        index=p.postcode,
        country_iso="RU",
        city=p.city,
        street=p.street,
        building=p.house,
        flat=p.flat,
        text=f"{p.postcode}, {p.city}, ул. {p.street}, д. {p.house}, кв. {p.flat}",
    )


def _address(
    tx: Tx, client: Client, owner: UUID | None = None, kind: str = "customer"
) -> dict[str, Any]:
    row = uuid7()
    parts = _parts(client.person)
    return {
        "id": row,
        "owner_id": owner or client.id,
        "subject_id": client.subject,
        "kind": kind,
        "parts": tx.seal("address", "parts", row, client.subject, parts, "address"),
    }


def _requisites(tx: Tx, client: Client) -> dict[str, Any]:
    row = uuid7()
    p = client.person
    parts = RequisitesParts(contragent_type="legal-entity", legal_name=p.company, inn=p.inn)
    return {
        "id": row,
        "customer_id": client.id,
        "subject_id": client.subject,
        "parts": tx.seal("requisites", "parts", row, client.subject, parts, "tax_id"),
        "inn_index": tx.vault.blind(BlindField.TAX_ID, p.inn),
    }


def _purpose(client: Client) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "customer_id": client.id,
        "code": PurposeCode.ORDER.value,
        "basis": LegalBasis.CONTRACT.value,
        "source": "import:demo",
        "since": client.person.created_at,
        "until": None,
        "document_id": None,
    }


def _created(
    number: int, entity: str, entity_id: UUID, shown: int, field: str, value: str, at: datetime
) -> dict[str, Any]:
    return {
        "number": number,
        "id": uuid7(),
        "entity": entity,
        "entity_id": entity_id,
        "entity_number": shown,
        "shop": SHOP,
        "kind": "create",
        "field": field,
        "old_value": None,
        "new_value": value,
        "personal": None,
        "subject_id": None,
        "part": None,
        "source": "code",
        "user_number": 0,
        "key_id": None,
        "at": at,
    }


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
        addresses.append(_address(tx, client, record.id, "delivery"))
        status = msgspec.json.encode({"code": order.status}).decode()
        changes.append(
            _created(
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
        await _put(table, some)
    await _count(places)


def _told(kind: Kind, client: Client, at: datetime, first: int) -> dict[str, Any]:
    entry = Entry(kind=kind, at=at, customer_id=client.id, data={"first": first, "count": 1})
    return timeline.bulk_row(entry)


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
