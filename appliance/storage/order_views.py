"""Orders as the actor may see them, whole: a fixed number of statements for any number of them."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain import masks, phones
from appliance.domain.customers import AddressParts, CustomerBrief
from appliance.domain.fields import FieldValue, Owner
from appliance.domain.grants import Access
from appliance.domain.money import Payer, stage_of
from appliance.domain.orders import (
    DeliveryView,
    LineView,
    OrderContact,
    OrderSelector,
    OrderStanding,
    OrderView,
    PaymentView,
    SourceMarks,
    StatusView,
)
from appliance.domain.personal import Personal
from appliance.domain.references import ReferenceKind, Status
from appliance.errors import Damaged, Destroyed
from appliance.roles import Permission
from appliance.storage import fields, staff
from appliance.storage.customer_views import brief
from appliance.storage.order_lines import Line, line_of
from appliance.storage.orders import COLUMNS, Order, open_contact, open_remark
from appliance.storage.references import Lists
from appliance.storage.statements import any_of, fetch, fetch_value
from appliance.storage.tx import Tx
from appliance.storage.visible import in_shop, visible_order

_ORDER_WIDTH = len(Order._fields)
_SELECT = (
    f"SELECT {COLUMNS}, c.number, c.kind, c.state, c.subject_id, c.person, c.external_id, "
    "owner.number, leader.number FROM orders o "
    "JOIN customer c ON c.id = o.customer_id "
    "LEFT JOIN users owner ON owner.id = c.owner_id "
    "LEFT JOIN users leader ON leader.id = o.manager_id WHERE "
)
_LINE_COLUMNS = ", ".join(f"l.{name}" for name in Line._fields)
_LINE_WIDTH = len(Line._fields)
_LINES = (
    f"SELECT {_LINE_COLUMNS}, l.order_id, o.subject_id, v.number, v.unit, v.barcode, "
    "v.weight_grams, p.to_check "
    "FROM order_line l JOIN orders o ON o.id = l.order_id "
    "LEFT JOIN variant v ON v.id = l.variant_id "
    "LEFT JOIN product p ON p.id = v.product_id WHERE l.order_id IN {} "
    "ORDER BY l.order_id, l.position"
)
_FREE = "SELECT variant_id, on_hand_milli - reserved_milli FROM stock WHERE variant_id IN {}"
_PAYMENTS = (
    "SELECT y.order_id, o.subject_id, y.id, y.number, y.external_id, y.kind, y.status, y.amount, "
    "y.paid_at, y.comment, y.refund_of, y.payer FROM payment y JOIN orders o ON o.id = y.order_id "
    "WHERE y.order_id IN {} ORDER BY y.number"
)
_ADDRESSES = "SELECT owner_id, id, parts FROM address WHERE owner_id IN {} AND parts IS NOT NULL"

COSTS = Permission.ORDER_MARGIN
"""Who sees what goods cost us and what is left of a sale; no program does."""


class _Parts(NamedTuple):
    """What hangs on the orders of one page, by the order's id."""

    lines: dict[UUID, list[LineView]]
    payments: dict[UUID, list[PaymentView]]
    addresses: dict[UUID, tuple[UUID, bytes]]
    custom: dict[UUID, tuple[FieldValue, ...]]


async def load(
    tx: Tx, lists: Lists, condition: str, values: Sequence[object], limit: int
) -> list[OrderView]:
    """Visible orders by a condition on `orders o`, newest first, without history."""
    scope, scope_args = visible_order(tx)
    shop, shop_args = in_shop(tx, "o.shop")
    rows = await fetch(
        f"{_SELECT}{condition} AND {scope} AND {shop} ORDER BY o.number DESC LIMIT {{}}",
        *values,
        *scope_args,
        *shop_args,
        limit,
    )
    if not rows:
        return []
    orders = [Order(*row[:_ORDER_WIDTH]) for row in rows]
    tx.vault.preload({order.subject_id for order in orders})
    ids = any_of([order.id for order in orders])
    parts = _Parts(
        lines=await _lines(tx, ids),
        payments=await _payments(tx, ids, lists),
        addresses=await _addresses(tx, ids),
        custom=await fields.of_records(tx, lists, Owner.ORDER, [order.id for order in orders]),
    )
    names = await staff.directory(tx)
    return [
        _view(tx, lists, order, row[_ORDER_WIDTH:], parts, names)
        for order, row in zip(orders, rows, strict=True)
    ]


async def _lines(tx: Tx, ids: Any) -> dict[UUID, list[LineView]]:
    rows = await fetch(_LINES, ids)
    free: dict[UUID, int] = {}
    variants = {row[3] for row in rows if row[3] is not None}
    if variants:
        for variant, milli in await fetch(_FREE, any_of(variants)):
            free[variant] = free.get(variant, 0) + milli
    costs = COSTS in tx.actor.grants
    found: dict[UUID, list[LineView]] = {}
    for row in rows:
        line = line_of(row[:_LINE_WIDTH])
        order_id, subject_id, number, unit, barcode, weight, to_check = row[_LINE_WIDTH:]
        found.setdefault(order_id, []).append(
            LineView(
                id=line.number,
                position=line.position,
                external_ids=line.external_ids,
                variant_number=number,
                offer_external_id=line.offer_external_id,
                offer_xml_id=line.offer_xml_id,
                sku=line.sku,
                name=line.name,
                quantity_milli=line.quantity_milli,
                price=line.price,
                purchase_price=line.purchase_price if costs else None,
                discount_amount=line.discount_amount,
                discount_percent_milli=line.discount_percent_milli,
                order_discount=line.order_discount,
                discount_total=line.discount_total,
                total=line.total,
                price_type=line.price_type,
                vat_rate=line.vat_rate,
                status=line.status,
                comment=open_remark(tx, "order_line", line.id, subject_id, line.comment),
                properties=line.properties,
                created_at=line.created_at,
                unit=unit or "pc",
                barcode=barcode or "",
                free_milli=None if line.variant_id is None else free.get(line.variant_id),
                reserved_milli=line.left_milli if line.reserved_at is not None else None,
                shipped_milli=line.shipped_milli,
                weight_grams=weight or 0,
                to_check=bool(to_check),
            )
        )
    return found


async def _payments(tx: Tx, ids: Any, lists: Lists) -> dict[UUID, list[PaymentView]]:
    types = lists.of(ReferenceKind.PAYMENT_TYPE)
    states = lists.of(ReferenceKind.PAYMENT_STATUS)
    rows = await fetch(_PAYMENTS, ids)
    numbers = {row[2]: row[3] for row in rows}
    back: dict[UUID, int] = {}
    for row in rows:
        if row[10] is not None and lists.settles(row[6]):
            back[row[10]] = back.get(row[10], 0) - row[7]
    found: dict[UUID, list[PaymentView]] = {}
    for row in rows:
        order_id, subject_id, row_id, number, external_id, kind, status, amount, paid_at = row[:9]
        found.setdefault(order_id, []).append(
            PaymentView(
                id=number,
                external_id=external_id,
                type=kind,
                type_name=types[kind].name if kind in types else kind,
                status=status,
                status_name=states[status].name if status in states else status,
                amount=amount,
                paid_at=paid_at,
                comment=open_remark(tx, "payment", row_id, subject_id, row[9]),
                complete=lists.settles(status),
                refund_of=numbers.get(row[10], 0),
                refunded=back.get(row_id, 0),
                stage=stage_of(status, amount, back.get(row_id, 0), complete=lists.settles(status)),
                payer=_payer(tx, row_id, subject_id, row[11]),
            )
        )
    return found


def _payer(tx: Tx, row_id: UUID, subject_id: UUID, cell: bytes | None) -> Personal[Payer] | None:
    """Who really paid; None where nobody knows or the role may not see names."""
    if cell is None or tx.may("name") is not Access.VISIBLE:
        return None
    try:
        payer = tx.open("payment", "payer", row_id, subject_id, cell, Payer, "name", "tax_id")
    except (Damaged, Destroyed):
        return None
    if tx.may("tax_id") is not Access.VISIBLE:
        payer.inn = masks.mask_tax_id(payer.inn) if payer.inn else ""
    return Personal(payer)


async def _addresses(tx: Tx, ids: Any) -> dict[UUID, tuple[UUID, bytes]]:
    if tx.may("address") is not Access.VISIBLE:
        return {}
    return {row[0]: (row[1], row[2]) for row in await fetch(_ADDRESSES, ids)}


def status_view(lists: Lists, code: str) -> StatusView:
    """A status with its look; one that is gone keeps its code for a name."""
    found = lists.statuses.get(code) or Status(code=code, name=code, group="")
    group = lists.groups.get(found.group)
    return StatusView(
        code=found.code,
        name=found.name,
        group=found.group,
        group_name=found.group if group is None else group.name,
        tone=found.tone,
        shape=found.shape,
        position=found.position,
    )


def _view(
    tx: Tx,
    lists: Lists,
    order: Order,
    joined: Sequence[Any],
    parts: _Parts,
    names: dict[int, staff.Colleague],
) -> OrderView:
    number, kind, state, subject_id, person, external_id, owner_number, leader_number = joined
    customer = brief(tx, order.customer_id, number, kind, state, subject_id, person, owner_number)
    contact, damaged = _contact(tx, order)
    address, address_damaged = _address(tx, order, parts.addresses.get(order.id))
    shop = lists.shops.get(order.shop)
    leader = names.get(leader_number or 0)
    costs = COSTS in tx.actor.grants
    return OrderView(
        **{name: getattr(order, name) for name in OrderView.__struct_fields__ if name in _SAME},
        shop_name=order.shop if shop is None else shop.name,
        status=status_view(lists, order.status),
        status_since=order.status_at,
        next_statuses=(),
        customer=customer,
        customer_number=number,
        customer_external_id=external_id,
        contact=contact,
        contacts=(),
        lines=tuple(parts.lines.get(order.id, ())),
        payments=tuple(parts.payments.get(order.id, ())),
        delivery=_delivery(lists, order, address),
        purchase_total=order.purchase_total if costs else None,
        source=msgspec.json.decode(order.source, type=SourceMarks),
        manager_number=leader_number,
        manager_name="" if leader is None else leader.name,
        custom=parts.custom.get(order.id, ()),
        phone_unreadable=not order.phone_readable,
        damaged=damaged or address_damaged or _is_damaged(customer),
    )


_SAME = frozenset(OrderView.__struct_fields__) & frozenset(Order._fields) - {
    "status",
    "contact",
    "purchase_total",
    "source",
}


def _is_damaged(customer: CustomerBrief) -> bool:
    return customer.damaged


def _contact(tx: Tx, order: Order) -> tuple[Personal[OrderContact] | None, bool]:
    """Who ordered, as far as the grant goes: hidden parts stay closed, masked ones come masked."""
    phone, email = tx.may("phone"), tx.may("email")
    name = tx.may("name") is not Access.HIDDEN
    comments = tx.may("comment") is Access.VISIBLE
    if not name and not comments and phone is Access.HIDDEN and email is Access.HIDDEN:
        return None, False
    try:
        contact = open_contact(
            tx,
            order,
            name=name,
            reach=phone is not Access.HIDDEN or email is not Access.HIDDEN,
            comments=comments,
        )
    except Destroyed:
        return None, False
    except Damaged:
        return None, True
    contact.phone = _shown_phone(contact.phone, phone)
    contact.additional_phone = _shown_phone(contact.additional_phone, phone)
    if contact.email and email is not Access.VISIBLE:
        contact.email = masks.mask_email(contact.email) if email is Access.MASKED else ""
    return Personal(contact), False


def _shown_phone(typed: str, access: Access) -> str:
    if not typed or access is Access.VISIBLE:
        return typed
    if access is Access.HIDDEN:
        return ""
    read = phones.normalise(typed)
    return masks.mask_phone(typed, "" if read is None else read.e164)


def _address(
    tx: Tx, order: Order, cell: tuple[UUID, bytes] | None
) -> tuple[Personal[AddressParts] | None, bool]:
    if tx.may("address") is not Access.VISIBLE:
        return None, False
    if cell is None:
        return Personal(AddressParts()), False
    try:
        parts = tx.open(
            "address", "parts", cell[0], order.subject_id, cell[1], AddressParts, "address"
        )
    except Destroyed:
        return None, False
    except Damaged:
        return None, True
    return Personal(parts), False


def _delivery(lists: Lists, order: Order, address: Personal[AddressParts] | None) -> DeliveryView:
    types = lists.of(ReferenceKind.DELIVERY_TYPE)
    services = lists.of(ReferenceKind.DELIVERY_SERVICE)
    kind, service = order.delivery_type, order.delivery_service
    return DeliveryView(
        type=kind,
        type_name=types[kind].name if kind in types else kind,
        service=service,
        service_name=services[service].name if service in services else service,
        cost=order.delivery_cost,
        net_cost=order.delivery_net_cost,
        vat_rate=order.delivery_vat_rate,
        date=order.delivery_date,
        time_from=order.delivery_from,
        time_to=order.delivery_to,
        address=address,
        track_number=order.track_number,
    )


def in_order(ids: Iterable[UUID], views: Sequence[OrderView]) -> list[OrderView]:
    """Views in the order of ids; absent ones are left out."""
    by_id = {view.id: view for view in views}
    return [by_id[one] for one in ids if one in by_id]


async def subject_of(customer_id: UUID) -> UUID:
    """Whose key a client's records are under."""
    return await fetch_value("SELECT subject_id FROM customer WHERE id = {}", customer_id)


async def ids_of(tx: Tx, selectors: Sequence[OrderSelector]) -> list[UUID]:
    """Ids of the orders that selectors name, in their order; unknown and foreign ones left out."""
    shop, shop_args = in_shop(tx, "o.shop")
    rows = await fetch(
        "SELECT o.id, o.number, o.shop, o.external_id FROM orders o "
        f"WHERE (o.id IN {{}} OR o.number IN {{}} "
        f"OR (o.shop IN {{}} AND o.external_id IN {{}})) AND {shop}",
        any_of([one.id for one in selectors if one.id is not None]),
        any_of([one.number for one in selectors if one.number is not None]),
        any_of({one.shop or tx.actor.shop for one in selectors}),
        any_of([one.external_id for one in selectors if one.external_id is not None]),
        *shop_args,
    )
    known = {row[0]: row[0] for row in rows}
    numbers = {row[1]: row[0] for row in rows}
    names = {(row[2], row[3]): row[0] for row in rows}
    found: dict[UUID, None] = {}
    for one in selectors:
        hit = known.get(one.id) if one.id is not None else numbers.get(one.number or 0)
        if hit is None and one.external_id is not None:
            hit = names.get((one.shop or tx.actor.shop, one.external_id))
        if hit is not None:
            found[hit] = None
    return list(found)


async def standings(
    tx: Tx, lists: Lists, numbers: Sequence[int], external_ids: Sequence[str], shop: str
) -> tuple[OrderStanding, ...]:
    """Where orders stand, without opening anybody."""
    scope, scope_args = visible_order(tx)
    own, own_args = in_shop(tx, "o.shop")
    rows = await fetch(
        "SELECT o.number, o.external_id, o.status FROM orders o "
        "WHERE (o.number IN {} OR (o.shop = {} AND o.external_id IN {})) "
        f"AND {scope} AND {own} ORDER BY o.number",
        any_of(numbers),
        shop,
        any_of(external_ids),
        *scope_args,
        *own_args,
    )
    return tuple(
        OrderStanding(
            number=row[0], external_id=row[1], status=row[2], group=lists.group_of(row[2])
        )
        for row in rows
    )
