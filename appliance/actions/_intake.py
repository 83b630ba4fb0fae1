"""Accepting an order: its client, its manager, its lines, its money. Steps of `orders.place`."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple, TypeVar
from uuid import UUID

import msgspec

from appliance.actions import _assigning, _companies
from appliance.domain import phones
from appliance.domain.access import PROGRAMS
from appliance.domain.assignment import Assigned
from appliance.domain.customers import CustomerDraft, CustomerKind
from appliance.domain.events import CustomerChanged
from appliance.domain.ids import uuid7
from appliance.domain.order_sums import OrderSum, add_up
from appliance.domain.orders import UNSET, CustomerRef, DeliveryDraft, LineDraft, OrderDraft, Unset
from appliance.domain.personal import Personal
from appliance.domain.privacy import LegalBasis, Purpose, PurposeCode
from appliance.domain.references import ReferenceKind
from appliance.domain.shops import ShopLink
from appliance.domain.wishes import starting_with
from appliance.errors import Invalid
from appliance.storage import (
    contacts,
    customers,
    offers,
    order_lines,
    orders,
    payments,
)
from appliance.storage.customers import Known
from appliance.storage.order_lines import Line
from appliance.storage.orders import Order
from appliance.storage.payments import Payment
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

V = TypeVar("V")
BASE_PRICE = "base"
LATE = timedelta(days=1)
"""Older orders are written down after the fact."""


def given(value: V | Unset, default: V) -> V:
    """The value, or what stands for one that was not given."""
    return default if value is UNSET else value


def link_of(lists: Lists, shop: str) -> ShopLink:
    """What a shop's connection is set to; of a shop that is none, nothing."""
    known = lists.shops.get(shop)
    return ShopLink() if known is None else known.link


def remark(
    tx: Tx, table: str, row: UUID, subject_id: UUID, text: Personal[str] | Unset
) -> bytes | None:
    """The cell of a comment that came in, if one did."""
    return orders.seal_remark(tx, table, row, subject_id, "" if text is UNSET else text.reveal())


def contract_of(tx: Tx, order_id: UUID, shop: str) -> Purpose:
    """Why an order's buyer may be kept: the contract he asked for, with the order as its proof."""
    source = f"api:{shop}" if tx.actor.kind in PROGRAMS else f"staff:{shop}"
    return Purpose(
        code=PurposeCode.ORDER,
        basis=LegalBasis.CONTRACT,
        source=source,
        since=tx.now,
        document=order_id,
    )


async def _find_client(tx: Tx, draft: OrderDraft) -> Known | None:
    """By the number the shop gives, else by its own id, else by e-mail or phone."""
    ref = draft.customer_ref or CustomerRef()
    external_id = ref.external_id or draft.customer.external_id
    known: Known | None = None
    if ref.number is not None:
        known = await customers.find_by_ref(tx, draft.shop, CustomerRef(number=ref.number))
    if known is None and external_id is not None:
        known = await customers.find_by_ref(tx, draft.shop, CustomerRef(external_id=external_id))
    if draft.customer.kind is CustomerKind.COMPANY and (
        known is None or known.kind != CustomerKind.COMPANY
    ):
        # A shop's own id may be of the person who speaks for a company: the INN decides.
        return await _companies.of_inn(tx, draft.customer)
    if known is None and draft.customer.contacts:
        country = await contacts.country_of(draft.shop)
        known = await customers.find_by_contacts(tx, draft.customer.contacts, country)
    return known


async def client_of(
    tx: Tx, draft: OrderDraft, order_id: UUID, lists: Lists
) -> tuple[Known, Assigned]:
    """The buyer and who leads the order; a buyer whom nobody knows is added.

    Found by the reference the shop gives, else by e-mail, else by the last digits of a phone. An
    unknown reference never loses an order: it becomes the new client's external id.
    """
    purpose = contract_of(tx, order_id, draft.shop)
    known = await _find_client(tx, draft)
    if known is not None and known.state == "live":
        assigned = await _assigning.assign(tx, lists, draft, known)
        await customers.ensure_purpose(tx, known, [*draft.customer.purposes, purpose])
        await customers.note_source(known.id, draft.source)
        await _companies.keep_speaker(tx, draft, known, _speaker(draft, purpose))
        return known, assigned
    assigned = await _assigning.assign(tx, lists, draft, None)
    ref = draft.customer_ref
    external_id = draft.customer.external_id or (None if ref is None else ref.external_id)
    if draft.customer.kind is CustomerKind.COMPANY and external_id is not None:
        taken = await customers.find_by_external_id(draft.shop, external_id)
        external_id = None if taken is not None else external_id
    if known is not None:
        external_id = None  # belongs to the record of a person who is blocked or destroyed
    fresh = msgspec.structs.replace(
        _companies.without_speaker(draft.customer),
        shop=draft.shop,
        external_id=external_id,
        source=draft.source,
        purposes=(*draft.customer.purposes, purpose),
    )
    added = await customers.add(tx, fresh, owner_id=assigned.manager)
    tx.emit(CustomerChanged(customer_id=added.id, created=True))
    await _companies.keep_speaker(tx, draft, added, _speaker(draft, purpose))
    return added, assigned


def _speaker(draft: OrderDraft, purpose: Purpose) -> CustomerDraft:
    """The person of a company's order."""
    given = draft.customer
    return CustomerDraft(
        shop=draft.shop,
        first_name=given.first_name,
        last_name=given.last_name,
        patronymic=given.patronymic,
        contacts=given.contacts,
        purposes=(*given.purposes, purpose),
        source=draft.source,
    )


async def with_wishes(tx: Tx, draft: OrderDraft, client: Known, lists: Lists) -> OrderDraft:
    """The draft with what its buyer always wishes, where it says nothing of its own.

    An order of the past that is written down late (an import, a shop that was cut off) stays as
    it was: what its buyer wishes today says nothing about it.
    """
    if draft.created_at is not None and tx.now - draft.created_at > LATE:
        return draft
    wanted = await customers.wishes_of(tx, client.id)
    for name, kind in (
        ("delivery_type", ReferenceKind.DELIVERY_TYPE),
        ("payment_type", ReferenceKind.PAYMENT_TYPE),
    ):
        known = lists.of(kind).get(getattr(wanted, name))
        if known is None or not known.active:
            wanted = msgspec.structs.replace(wanted, **{name: ""})
    return starting_with(draft, wanted)


async def new_lines(
    tx: Tx,
    subject_id: UUID,
    drafts: Sequence[LineDraft],
    found: Sequence[offers.Offer | None],
    positions: Sequence[int],
) -> list[Line]:
    """New positions from what came in and the goods it means; with numbers, without sums."""
    first = await order_lines.draw_numbers(len(drafts))
    return [
        _line(tx, subject_id, draft, offer, first + place, position)
        for place, (draft, offer, position) in enumerate(zip(drafts, found, positions, strict=True))
    ]


def _line(
    tx: Tx,
    subject_id: UUID,
    draft: LineDraft,
    offer: offers.Offer | None,
    number: int,
    position: int,
) -> Line:
    name = offers.name_of(draft) or ("" if offer is None else offer.name)
    line_id = uuid7()
    return Line(
        id=line_id,
        number=number,
        position=position,
        variant_id=None if offer is None else offer.id,
        external_ids=given(draft.external_ids, ()),
        offer_external_id=draft.offer_external_id or (offer and offer.external_id),
        offer_xml_id=draft.offer_xml_id or (offer and offer.xml_id),
        sku=draft.sku or ("" if offer is None else offer.sku),
        name=name,
        quantity_milli=given(draft.quantity_milli, 1000),
        price=given(draft.price, 0),
        purchase_price=given(draft.purchase_price, 0 if offer is None else offer.purchase_price),
        discount_amount=given(draft.discount_amount, 0),
        discount_percent_milli=given(draft.discount_percent_milli, 0),
        price_type=given(draft.price_type, BASE_PRICE),
        vat_rate=given(draft.vat_rate, "none" if offer is None else offer.vat_rate),
        status=given(draft.status, "new"),
        comment=remark(tx, "order_line", line_id, subject_id, draft.comment),
        properties=given(draft.properties, ()),
        reserved_at=None,
        created_at=draft.created_at or tx.now,
    )


def with_sums(
    lines: Sequence[Line], *, discount_amount: int, discount_percent_milli: int, delivery_cost: int
) -> tuple[list[Line], OrderSum]:
    """The positions with their sums, and the order's."""
    sums = add_up(
        [line.input() for line in lines],
        discount_amount=discount_amount,
        discount_percent_milli=discount_percent_milli,
        delivery_cost=delivery_cost,
    )
    return [line.with_sum(one) for line, one in zip(lines, sums.lines, strict=True)], sums


class Money(NamedTuple):
    """Payments that came along, and how much of them is settled."""

    payments: list[Payment]
    paid: int


async def payments_of(
    tx: Tx, draft: OrderDraft, order_id: UUID, subject_id: UUID, lists: Lists, total: int
) -> Money:
    """Store the payments of a new order; one without an amount is for the whole order.

    Raises:
        Invalid: `payment_external_id_taken`.
    """
    rows: list[Payment] = []
    for place, one in enumerate(draft.payments):
        if one.external_id is not None and await payments.find_by_external_id(
            draft.shop, one.external_id
        ):
            field = f"payments[{place}].externalId"
            raise Invalid("payment_external_id_taken", fields={field: "payment_external_id_taken"})
        status = given(one.status, lists.default(ReferenceKind.PAYMENT_STATUS))
        paid_at = given(one.paid_at, None)
        if paid_at is None and lists.settles(status):
            paid_at = tx.now
        payment_id = uuid7()
        rows.append(
            Payment(
                id=payment_id,
                number=0,
                order_id=order_id,
                shop=draft.shop,
                external_id=one.external_id,
                kind=given(one.type, lists.default(ReferenceKind.PAYMENT_TYPE)),
                status=status,
                amount=given(one.amount, total),
                paid_at=paid_at,
                comment=remark(tx, "payment", payment_id, subject_id, one.comment),
                created_at=tx.now,
            )
        )
    stored = await payments.add(rows)
    return Money(stored, sum(one.amount for one in stored if lists.settles(one.status)))


def warehouse_of(lists: Lists, shipment_store: str | None, shop: str = "") -> UUID | None:
    """Where goods are set aside: the order's own store, else the first active one of its branch."""
    if shipment_store:
        return lists.warehouse_ids.get(shipment_store)
    if shop in lists.branch_places:
        return lists.branch_places[shop]
    return next(
        (lists.warehouse_ids[one.code] for one in lists.warehouses.values() if one.active), None
    )


def readable(phone: str) -> bool:
    """Whether a phone could be read; none at all is no trouble."""
    return not phone.strip() or phones.normalise(phone) is not None


def delivery_columns(
    delivery: DeliveryDraft | None, known: Order | None = None
) -> dict[str, object]:
    """Columns that a delivery sets; what it leaves out keeps what `known` has, or is empty."""
    names = {
        "delivery_type": "type",
        "delivery_service": "service",
        "delivery_cost": "cost",
        "delivery_net_cost": "net_cost",
        "delivery_vat_rate": "vat_rate",
        "delivery_date": "date",
        "delivery_from": "time_from",
        "delivery_to": "time_to",
        "track_number": "track_number",
    }
    empty = {
        "delivery_cost": 0,
        "delivery_net_cost": 0,
        "delivery_vat_rate": "none",
        "delivery_date": None,
    }
    columns: dict[str, object] = {}
    for column, field in names.items():
        value = UNSET if delivery is None else getattr(delivery, field)
        if value is UNSET:
            value = empty.get(column, "") if known is None else getattr(known, column)
        columns[column] = value
    return columns
