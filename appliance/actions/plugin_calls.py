"""What plugins ask about orders and clients, and do to orders."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from appliance.actions import _changing, _order_checks, _placing, _plugin_asking
from appliance.actions._gate import action
from appliance.actions._papers import address_line
from appliance.domain.customers import (
    AddressParts,
    ContactDraft,
    ContactKind,
    CustomerDraft,
    CustomerView,
)
from appliance.domain.orders import (
    UNSET,
    DeliveryDraft,
    LineDraft,
    OrderContact,
    OrderDraft,
    OrderSelector,
    OrderView,
)
from appliance.domain.personal import Personal, reveal_or_none
from appliance.domain.privacy import LegalBasis
from appliance.errors import Denied, Invalid, NotFound
from appliance.plugin_api import bookkeeping, calls
from appliance.roles import Permission
from appliance.storage import (
    contacts,
    customer_views,
    order_views,
    orders,
    plugin_feed,
    references,
    shipments,
    stock_documents,
)
from appliance.storage.statements import any_of
from appliance.storage.stock_documents import CameBack
from appliance.storage.tx import Tx


@action(Permission.ORDER_VIEW, reads=True, quiet=True)
async def orders_plain(tx: Tx, asked: calls.OrdersAsked) -> calls.Orders:
    """Orders without a word about anybody."""
    _plugin_asking.plugin_of(tx)
    _plugin_asking.not_too_many(asked.ids)
    _plugin_asking.close_fields(tx)
    views = await _loaded(tx, asked.ids)
    back = await stock_documents.returns_of(list(views))
    found = (_order(one, back=back.get(one.id, ())) for one in _sorted(asked.ids, views))
    return calls.Orders(orders=tuple(found))


@action(Permission.ORDER_VIEW)
async def orders_with_people(tx: Tx, asked: calls.OrdersAsked) -> calls.Orders:
    """Orders with their buyers' granted fields; each buyer handed out is written down.

    Raises:
        Denied: `field_not_granted`.
        Throttled: `plugin_budget_spent`.
    """
    _plugin_asking.not_too_many(asked.ids)
    fields = _plugin_asking.open_fields(tx, asked.fields, asked.purpose)
    buyers = await plugin_feed.buyers(tx, asked.ids)
    ground = await _plugin_asking.grounds(tx, buyers.values(), asked.purpose)
    open_ids = [one for one in asked.ids if buyers.get(one) in ground]
    views = await _loaded(tx, open_ids)
    back = await stock_documents.returns_of(asked.ids)
    _plugin_asking.close_fields(tx)
    closed = await _loaded(tx, [one for one in asked.ids if one not in views])
    handed = [_order(one, fields, back=back.get(one.id, ())) for one in views.values()]
    out = [
        (one.customer_id, one.id, ground[one.customer_id])
        for one in handed
        if one.customer_id is not None and not one.withheld
    ]
    await _plugin_asking.hand_over(tx, out, fields, asked.purpose)
    found = {one.id: one for one in handed}
    found |= {
        key: _order(one, withheld=True, back=back.get(key, ())) for key, one in closed.items()
    }
    return calls.Orders(orders=tuple(found[one] for one in asked.ids if one in found))


async def _loaded(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, OrderView]:
    if not ids:
        return {}
    lists = await references.lists()
    views = await order_views.load(tx, lists, "o.id IN {}", [any_of(ids)], len(ids))
    went = await shipments.views(lists, {view.id: view.number for view in views})
    return {
        view.id: msgspec.structs.replace(view, shipments=tuple(went.get(view.id, ())))
        for view in views
    }


def _sorted(ids: Sequence[UUID], views: Mapping[UUID, OrderView]) -> list[OrderView]:
    return [views[one] for one in dict.fromkeys(ids) if one in views]


def _order(
    view: OrderView,
    fields: Sequence[str] = (),
    *,
    withheld: bool = False,
    back: Sequence[CameBack] = (),
) -> calls.Order:
    contact = None if view.contact is None else view.contact.reveal()
    given: dict[str, Personal[str] | None] = {}
    if contact is not None:
        name = " ".join(
            one for one in (contact.last_name, contact.first_name, contact.patronymic) if one
        )
        every = {
            "name": name,
            "phone": contact.phone,
            "email": contact.email,
            "comment": contact.customer_comment,
        }
        given = {one: Personal(every[one]) for one in fields if one in every}
    address = view.delivery.address
    if "address" in fields and address is not None:
        given["address"] = Personal(address_line(address.reveal()))
    return calls.Order(
        id=view.id,
        number=view.number,
        shown_number=view.shown_number,
        version=view.version,
        shop=view.shop,
        external_id=view.external_id,
        status=view.status.code,
        status_group=view.status.group,
        created_at=view.created_at,
        updated_at=view.updated_at,
        total=view.total,
        paid_total=view.paid_total,
        delivery_type=view.delivery.type,
        delivery_service=view.delivery.service,
        delivery_cost=view.delivery.cost,
        track_number=view.delivery.track_number,
        lines=_lines(view),
        payments=_payments(view),
        shipments=_shipments(view),
        returns=tuple(
            bookkeeping.CameBack(number=one.number, at=one.at, lines=one.lines) for one in back
        ),
        customer_id=None if view.customer is None else view.customer.id,
        customer_number=view.customer_number,
        withheld=withheld or bool(fields and not given),
        **given,
    )


def _lines(view: OrderView) -> tuple[calls.Line, ...]:
    return tuple(
        calls.Line(
            number=one.id,
            offer_external_id=one.offer_external_id or "",
            offer_xml_id=one.offer_xml_id or "",
            sku=one.sku,
            name=one.name,
            quantity_milli=one.quantity_milli,
            price=one.price,
            discount=one.discount_total,
            total=one.total,
            vat_rate=one.vat_rate,
        )
        for one in view.lines
    )


def _payments(view: OrderView) -> tuple[calls.Paid, ...]:
    return tuple(
        calls.Paid(
            number=one.id,
            external_id=one.external_id or "",
            type=one.type,
            status=one.status,
            amount=one.amount,
            paid_at=one.paid_at,
        )
        for one in view.payments
    )


def _shipments(view: OrderView) -> tuple[bookkeeping.Shipped, ...]:
    return tuple(
        bookkeeping.Shipped(
            number=one.number,
            state=one.state.value,
            dispatched_at=one.dispatched_at,
            track_number=one.track_number,
            lines=tuple((part.line, part.quantity_milli) for part in one.lines),
        )
        for one in view.shipments
    )


@action(Permission.FEED_READ, reads=True, quiet=True)
async def orders_since(tx: Tx, asked: calls.ChangesAsked) -> calls.Changes:
    """Changes of orders after a number: which field of which order, and whose change it was."""
    _plugin_asking.plugin_of(tx)
    _order_checks.also_needs(tx, Permission.ORDER_VIEW)
    return await plugin_feed.changes(tx, asked)


@action(Permission.CUSTOMER_VIEW, reads=True, quiet=True)
async def customers_plain(tx: Tx, asked: calls.CustomersAsked) -> calls.Customers:
    """Clients as numbers; who is blocked is not there."""
    _plugin_asking.plugin_of(tx)
    _plugin_asking.not_too_many(asked.ids)
    _plugin_asking.close_fields(tx)
    ids = await _today(asked.ids)
    views = await _clients(tx, ids)
    return calls.Customers(customers=tuple(_customer(views[one]) for one in ids if one in views))


@action(Permission.CUSTOMER_VIEW)
async def customers_with_people(tx: Tx, asked: calls.CustomersAsked) -> calls.Customers:
    """Clients with their granted fields; each one handed out is written down.

    Raises:
        Denied: `field_not_granted`.
        Throttled: `plugin_budget_spent`.
    """
    _plugin_asking.not_too_many(asked.ids)
    fields = _plugin_asking.open_fields(tx, asked.fields, asked.purpose)
    ids = await _today(asked.ids)
    ground = await _plugin_asking.grounds(tx, ids, asked.purpose)
    views = await _clients(tx, [one for one in ids if one in ground])
    _plugin_asking.close_fields(tx)
    closed = await _clients(tx, [one for one in ids if one not in ground])
    found = {key: _customer(one, fields) for key, one in views.items()}
    out = [(key, None, ground[key]) for key, one in found.items() if not one.withheld]
    await _plugin_asking.hand_over(tx, out, fields, asked.purpose)
    found |= {key: _customer(one, withheld=True) for key, one in closed.items()}
    return calls.Customers(customers=tuple(found[one] for one in ids if one in found))


async def _today(ids: Sequence[UUID]) -> tuple[UUID, ...]:
    """An event may name a client that was merged into another since."""
    return await plugin_feed.survivors(ids) if ids else ()


async def _clients(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, CustomerView]:
    if not ids:
        return {}
    rows = await customer_views.list_visible(tx, "c.id IN {}", [any_of(ids)], len(ids))
    return {view.id: view for view in await customer_views.views_of(tx, rows)}


def _customer(
    view: CustomerView, fields: Sequence[str] = (), *, withheld: bool = False
) -> calls.Customer:
    address = None if view.address is None else address_line(view.address.reveal())
    requisites = None if view.requisites is None else view.requisites.reveal().inn
    birthday = None if view.birthday is None else view.birthday.reveal().isoformat()
    every = {
        "name": reveal_or_none(view.name),
        "phone": _contact(view, ContactKind.PHONE),
        "email": _contact(view, ContactKind.EMAIL),
        "address": address,
        "comment": reveal_or_none(view.comment),
        "tax_id": requisites,
        "birthday": birthday,
    }
    given = {one: Personal(value) for one in fields if (value := every.get(one)) is not None}
    return calls.Customer(
        id=view.id,
        number=view.number,
        kind=view.kind.value,
        external_id=view.external_id,
        created_at=view.created_at,
        updated_at=view.updated_at,
        orders_count=view.orders_count,
        withheld=withheld or bool(fields and view.state != "live"),
        **given,
    )


def _contact(view: CustomerView, kind: ContactKind) -> str | None:
    shown = [one.shown for one in view.contacts if one.kind is kind and one.shown is not None]
    return shown[0].reveal() if shown else None


@action(Permission.CUSTOMER_VIEW)
async def phone_for(tx: Tx, asked: calls.PhoneAsked) -> calls.Phone:
    """A client's first phone, written down as handed out.

    Raises:
        NotFound: `customer_not_found`: absent, blocked or destroyed.
        Denied: `field_not_granted`, `purpose_refused`.
        Throttled: `plugin_budget_spent`.
    """
    fields = _plugin_asking.open_fields(tx, ("phone",), asked.purpose)
    customer_id = await plugin_feed.survivor(asked.customer_id)
    row = await customer_views.find_visible(tx, "c.id = {}", customer_id)
    tx.about("customer", row[0])
    if row[8] == "destroyed":
        raise NotFound("customer_not_found")
    ground = await _plugin_asking.grounds(tx, (customer_id,), asked.purpose)
    basis: LegalBasis | None = ground.get(customer_id)
    if basis is None:
        raise Denied("purpose_refused", asked.purpose)
    known = await contacts.contact_views(tx, customer_id, row[9])
    phones = [one for one in known if one.kind is ContactKind.PHONE and one.shown is not None]
    if not phones:
        return calls.Phone()
    await _plugin_asking.hand_over(tx, [(customer_id, None, basis)], fields, asked.purpose)
    return calls.Phone(phone=phones[0].shown)


@action(Permission.ORDER_STATUS)
async def set_order_status(tx: Tx, wanted: calls.StatusWanted) -> calls.StatusMoved:
    """Move an order; a plugin answers for its own order of things, as any program does.

    Raises:
        NotFound: `order_not_found`.
        Conflict: `order_changed`.
        Invalid: `status_unknown`.
    """
    _plugin_asking.plugin_of(tx)
    lists = await references.lists()
    order = await orders.get(tx, OrderSelector(id=wanted.order_id))
    orders.check_version(order, wanted.version)
    await _changing.check_move(tx, lists, order, wanted.status)
    moved = await _changing.moved(tx, lists, order, wanted.status)
    return calls.StatusMoved(version=moved.version, was=moved.was, status=moved.status)


@action(Permission.ORDER_CREATE)
async def place_order(tx: Tx, new: calls.NewOrder) -> calls.OrderPlaced:
    """Accept an order, once per (shop, external id).

    Raises:
        Invalid: as `orders.place`; `external_id_missing`.
    """
    _plugin_asking.plugin_of(tx)
    if not new.external_id:
        raise Invalid("external_id_missing", fields={"external_id": "external_id_missing"})
    known = await orders.find_by_external_id(new.shop, new.external_id)
    if known is not None:
        tx.about("order", known.id)
        return calls.OrderPlaced(order_id=known.id, number=known.number, created=False)
    lists = await references.lists()
    draft = _draft(new)
    _order_checks.check_draft(draft, lists)
    placed = await _placing.place(tx, draft, lists)
    return calls.OrderPlaced(order_id=placed.order_id, number=placed.number, created=True)


def _draft(new: calls.NewOrder) -> OrderDraft:
    contact = OrderContact(
        first_name=reveal_or_none(new.first_name) or "",
        last_name=reveal_or_none(new.last_name) or "",
        phone=reveal_or_none(new.phone) or "",
        email=reveal_or_none(new.email) or "",
        customer_comment=reveal_or_none(new.comment) or "",
    )
    typed = ((ContactKind.PHONE, new.phone), (ContactKind.EMAIL, new.email))
    address = reveal_or_none(new.address)
    delivery = DeliveryDraft(
        type=new.delivery_type or UNSET,
        cost=UNSET if new.delivery_cost is None else new.delivery_cost,
        address=Personal({"text": address}) if address else None,
    )
    return OrderDraft(
        shop=new.shop,
        external_id=new.external_id,
        number=new.number,
        customer=CustomerDraft(
            shop=new.shop,
            first_name=new.first_name,
            last_name=new.last_name,
            contacts=tuple(ContactDraft(kind=kind, value=one) for kind, one in typed if one),
            address=Personal(AddressParts(text=address)) if address else None,
        ),
        contact=Personal(contact),
        status=new.status or UNSET,
        created_at=new.created_at,
        lines=tuple(_line(one) for one in new.lines),
        delivery=delivery,
    )


def _line(one: calls.NewLine) -> LineDraft:
    return LineDraft(
        offer_external_id=one.offer_external_id,
        offer_xml_id=one.offer_xml_id,
        sku=one.sku,
        product_name=one.name or UNSET,
        quantity_milli=one.quantity_milli,
        price=one.price,
    )
