"""Orders: what comes in, what a card and a list show. Money is kopecks, quantity thousandths."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from appliance.domain.customers import AddressParts, ContactView, CustomerBrief, CustomerDraft
from appliance.domain.fields import FieldValue, Given
from appliance.domain.money import Payer, Stage
from appliance.domain.personal import Personal
from appliance.domain.shipments import ShipmentView
from appliance.domain.sources import SourceMarks

UNSET = msgspec.UNSET
Unset = msgspec.UnsetType


class OrderContact(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The buyer as this order wrote him down, and the texts about him; see the blobs below."""

    first_name: str = ""
    last_name: str = ""
    patronymic: str = ""
    phone: str = ""
    additional_phone: str = ""
    email: str = ""
    customer_comment: str = ""
    manager_comment: str = ""
    status_comment: str = ""
    discount_reason: str = ""


class OrderName(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Blob of `orders.contact`."""

    v: int = 1
    first_name: str = ""
    last_name: str = ""
    patronymic: str = ""


class OrderReach(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Blob of `orders.reach`: apart from the name, as a picker sees the one and not the other."""

    v: int = 1
    phone: str = ""
    additional_phone: str = ""
    email: str = ""


class OrderComments(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Blob of `orders.comments`."""

    v: int = 1
    customer_comment: str = ""
    manager_comment: str = ""
    status_comment: str = ""
    discount_reason: str = ""


class Remark(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Blob of a line's or a payment's `comment`: people write names into it."""

    v: int = 1
    text: str = ""


class ExternalId(msgspec.Struct, frozen=True):
    """A line's id in the shop: kept word for word, in the order given."""

    code: str
    value: str


class LineProperty(msgspec.Struct, frozen=True, kw_only=True):
    """A property of a line as the shop names it (size, colour)."""

    code: str
    name: str
    value: str


class LineDraft(msgspec.Struct, frozen=True, kw_only=True):
    """One position coming in. Amounts of discount are per unit.

    Attributes:
        id: number of an existing line (edit only).
        offer_id: number of a variant; unknown is refused (`offer_unknown`).
        offer_external_id, offer_xml_id, sku: unknown ones make a product marked «проверить».
    """

    id: int | None = None
    external_ids: tuple[ExternalId, ...] | Unset = UNSET
    external_id: str | None = None
    offer_id: int | None = None
    offer_external_id: str | None = None
    offer_xml_id: str | None = None
    sku: str | None = None
    product_name: str | Unset = UNSET
    quantity_milli: int | Unset = UNSET
    price: int | Unset = UNSET
    purchase_price: int | Unset = UNSET
    discount_amount: int | Unset = UNSET
    discount_percent_milli: int | Unset = UNSET
    price_type: str | Unset = UNSET
    vat_rate: str | Unset = UNSET
    status: str | Unset = UNSET
    comment: Personal[str] | Unset = UNSET
    properties: tuple[LineProperty, ...] | Unset = UNSET
    created_at: datetime | None = None


class PaymentDraft(msgspec.Struct, frozen=True, kw_only=True):
    """One payment coming in; amount in kopecks, may be absent (then the order's total)."""

    external_id: str | None = None
    type: str | Unset = UNSET
    status: str | Unset = UNSET
    amount: int | Unset = UNSET
    paid_at: datetime | Unset | None = UNSET
    comment: Personal[str] | Unset = UNSET


class DeliveryDraft(msgspec.Struct, frozen=True, kw_only=True):
    """How the goods go; costs in kopecks, times `HH:MM`."""

    type: str | Unset = UNSET
    service: str | Unset = UNSET
    cost: int | Unset = UNSET
    net_cost: int | Unset = UNSET
    vat_rate: str | Unset = UNSET
    date: "date | Unset | None" = UNSET
    time_from: str | Unset = UNSET
    time_to: str | Unset = UNSET
    address: Personal[dict[str, str]] | None = None
    track_number: str | Unset = UNSET


class CustomerRef(msgspec.Struct, frozen=True, kw_only=True):
    """Which client an order names: by number, else by external id within the shop."""

    number: int | None = None
    external_id: str | None = None


class OrderDraft(msgspec.Struct, frozen=True, kw_only=True):
    """An order to accept. `customer` is used when `customer_ref` finds nobody.

    Attributes:
        external_id: the shop's id; the pair (shop, external_id) is accepted once.
        speaker_ref: who speaks for the buyer, where that is a company.
        customer: contact fields of the order as a client draft with its purposes.
        status: code; UNSET means the default of the box.
        strict: a known (shop, external_id) is `Conflict` instead of the known answer.
    """

    shop: str
    external_id: str | None = None
    number: str | None = None
    customer_ref: CustomerRef | None = None
    speaker_ref: CustomerRef | None = None
    customer: CustomerDraft
    contact: Personal[OrderContact]
    order_type: str | Unset = UNSET
    order_method: str | Unset = UNSET
    status: str | Unset = UNSET
    created_at: datetime | None = None
    lines: tuple[LineDraft, ...] = ()
    payments: tuple[PaymentDraft, ...] = ()
    delivery: DeliveryDraft | None = None
    discount_amount: int = 0
    discount_percent_milli: int = 0
    coupon: str = ""
    source: SourceMarks = SourceMarks()
    manager_number: int | None = None
    shipment_store: str | None = None
    shipment_date: date | None = None
    call: bool = False
    custom: Personal[Given] | None = None
    strict: bool = False


class OrderSelector(msgspec.Struct, frozen=True, kw_only=True):
    """Which order: by id, else by number, else by the shop's external id."""

    id: UUID | None = None
    number: int | None = None
    external_id: str | None = None
    shop: str = ""


class OrderChange(msgspec.Struct, frozen=True, kw_only=True):
    """An edit: UNSET leaves alone. `lines` given = the complete new composition.

    Attributes:
        requisites: the buyer's legal side, part by part; it is kept with him.
    """

    external_id: str | Unset | None = UNSET
    contact: Personal[dict[str, str]] | None = None
    order_type: str | Unset = UNSET
    order_method: str | Unset = UNSET
    status: str | Unset = UNSET
    lines: tuple[LineDraft, ...] | Unset = UNSET
    delivery: DeliveryDraft | None = None
    discount_amount: int | Unset = UNSET
    discount_percent_milli: int | Unset = UNSET
    coupon: str | Unset = UNSET
    manager_number: int | Unset | None = UNSET
    customer_ref: CustomerRef | None = None
    shipment_store: str | Unset | None = UNSET
    shipment_date: date | Unset | None = UNSET
    shipped: bool | Unset = UNSET
    call: bool | Unset = UNSET
    source: SourceMarks | Unset = UNSET
    custom: Personal[Given] | None = None
    requisites: Personal[Mapping[str, str]] | None = None
    version: int | None = None


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """What accepting an order answered. `created` is False when it was known already."""

    order_id: UUID
    number: int
    created: bool


class Technique(StrEnum):
    """How quantities of goods that two orders share are put together."""

    OURS = "ours"  # of the order that stays
    SUM = "summ"
    THEIRS = "theirs"  # of the order that is taken in
    MERGE = "merge"  # every position stays one of its own


# --- shown ---


class LinkView(msgspec.Struct, frozen=True, kw_only=True):
    """Another order that belongs to this one; `comment` is None where it may not be read."""

    number: int
    shown_number: str
    external_id: str | None
    shop: str
    comment: Personal[str] | None
    created_at: datetime


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    """One position of a card; amounts per unit in kopecks but `total` (line, after discounts).

    Attributes:
        free_milli: free stock over all warehouses, None for a line with no variant.
        order_discount: this unit's share of the order-level discount.
        purchase_price: None where the role may not see it.
    """

    id: int
    position: int
    external_ids: tuple[ExternalId, ...]
    variant_number: int | None
    offer_external_id: str | None
    offer_xml_id: str | None
    sku: str
    name: str
    quantity_milli: int
    price: int
    purchase_price: int | None
    discount_amount: int
    discount_percent_milli: int
    order_discount: int
    discount_total: int
    total: int
    price_type: str
    vat_rate: str
    status: str
    comment: Personal[str] | None
    properties: tuple[LineProperty, ...]
    created_at: datetime
    unit: str = "pc"
    barcode: str = ""
    free_milli: int | None = None
    reserved_milli: int | None = None
    to_check: bool = False
    shipped_milli: int = 0
    weight_grams: int = 0


class PaymentView(msgspec.Struct, frozen=True, kw_only=True):
    """One payment of a card.

    Attributes:
        refund_of: number of the payment that it gives back; 0 for a payment.
        refunded: kopecks given back of it.
        payer: who really paid, where it is known and the role may see it.
    """

    id: int
    external_id: str | None
    type: str
    type_name: str
    status: str
    status_name: str
    amount: int
    paid_at: datetime | None
    comment: Personal[str] | None
    complete: bool
    refund_of: int = 0
    refunded: int = 0
    stage: Stage = Stage.WAITING
    payer: Personal[Payer] | None = None


class DeliveryView(msgspec.Struct, frozen=True, kw_only=True):
    """How the goods go; `address` is None when hidden by role, empty parts when not given."""

    type: str
    type_name: str
    service: str
    service_name: str
    cost: int
    net_cost: int
    vat_rate: str
    date: "date | None"
    time_from: str
    time_to: str
    address: Personal[AddressParts] | None
    track_number: str


class StatusView(msgspec.Struct, frozen=True, kw_only=True):
    """A status with its look.

    Attributes:
        tone: grey, info, accent, warn, ok, bad or mark.
        shape: ring, half, dot, check or cross.
    """

    code: str
    name: str
    group: str
    group_name: str
    tone: str
    shape: str
    position: int = 0


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One change for a card's event line; values are shown text, personal ones hidden by role."""

    at: datetime
    field: str
    old: Personal[str] | str | None
    new: Personal[str] | str | None
    actor_kind: str
    actor_name: str
    note: str = ""  # why a rule did it: a code of domain.assignment.Reason


class StatusMoved(msgspec.Struct, frozen=True, kw_only=True):
    """What a status move answered: enough to redraw the row and offer an undo."""

    order_id: UUID
    number: int
    version: int
    was: str
    status: str


class OrderStanding(msgspec.Struct, frozen=True, kw_only=True):
    """Where one order stands, for programs that ask for many at once."""

    number: int
    external_id: str | None
    status: str
    group: str


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """How many orders, and their sum in kopecks."""

    orders: int = 0
    total: int = 0


class OrderCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Kept counts for tabs and the side bar; nothing is counted to give them.

    Attributes:
        statuses: code → all orders the actor may see.
        mine: orders still worked on whose manager is the actor.
        nobody: orders still worked on that wait for a manager.
    """

    statuses: dict[str, Tally]
    mine: int
    nobody: int


class Mark(msgspec.Struct, frozen=True):
    """A word that a plugin put on an order.

    Attributes:
        tone: grey, info, accent, ok, warn, bad or mark.
    """

    plugin: str
    text: str
    tone: str


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """An order's card as the actor may see it. `number` is for people: digits."""

    id: UUID
    number: int
    shown_number: str
    version: int
    shop: str
    shop_name: str
    external_id: str | None
    order_type: str
    order_method: str
    status: StatusView
    status_since: datetime
    next_statuses: tuple[StatusView, ...]
    created_at: datetime
    updated_at: datetime
    customer: CustomerBrief | None
    customer_number: int | None
    customer_external_id: str | None
    contact: Personal[OrderContact] | None
    contacts: tuple[ContactView, ...]
    lines: tuple[LineView, ...]
    payments: tuple[PaymentView, ...]
    delivery: DeliveryView
    goods_total: int
    discount_amount: int
    discount_percent_milli: int
    discount_total: int
    total: int
    paid_total: int
    purchase_total: int | None
    source: SourceMarks
    manager_number: int | None
    manager_name: str
    assigned_by: str
    shipment_store: str | None
    shipment_date: date | None
    shipped: bool
    call: bool
    from_api: bool
    payment_scheme: str = ""
    coupon: str = ""
    coupon_discount: int = 0
    delivery_request: str = ""
    invoiced_at: datetime | None = None
    delivered_at: datetime | None = None
    payer_id: UUID | None = None
    payer: CustomerBrief | None = None
    shipments: tuple[ShipmentView, ...] = ()
    history: tuple[HistoryEntry, ...] = ()
    damaged: bool = False
    marks: tuple[Mark, ...] = ()
    phone_unreadable: bool = False
    custom: tuple[FieldValue, ...] = ()


class OrderRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the order list, ready to be drawn."""

    id: UUID
    number: int
    shown_number: str
    status: str
    customer: CustomerBrief | None
    summary: str
    lines_count: int
    total: int
    paid_total: int
    delivery_type: str
    manager_number: int | None
    created_at: datetime
    status_since: datetime
    shop: str
    marks: tuple[Mark, ...] = ()
    has_comment: bool = False
    custom: tuple[FieldValue, ...] = ()
    deadline: datetime | None = None


class OrderFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a list asks for; empty means everything the grant allows.

    Attributes:
        text: a number, or a fragment of the buyer; resolved through the index.
        statuses: codes; groups: codes of groups; managers: user numbers (0 = nobody).
        payment: "" | unpaid | partly | paid | invoiced (an invoice is out, the goods are not).
        shown_numbers: as shops number their orders.
        sources: advertising sources; "" is an order without one.
        product: number of a product that a line holds; 0 is a line without a card.
        operator: "" | there (a fulfilment operator has it) | trouble (people have to decide).
        custom: (code, value as typed) of fields that an administrator made; never personal ones.
    """

    text: str = ""
    statuses: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    managers: tuple[int, ...] = ()
    shops: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    shown_numbers: tuple[str, ...] = ()
    external_ids: tuple[str, ...] = ()
    customer_number: int | None = None
    customer_external_id: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    min_total: int | None = None
    max_total: int | None = None
    delivery_types: tuple[str, ...] = ()
    order_types: tuple[str, ...] = ()
    order_methods: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    product: int | None = None
    payment: str = ""
    operator: str = ""
    mine: bool = False
    custom: tuple[tuple[str, str], ...] = ()


class OrderPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page by key: `after`/`before` are opaque cursors of the neighbours, None at the ends.

    Attributes:
        page_total: sum of the orders shown, kopecks.
        kept_count, kept_total: of the whole filter, where counters are kept for it; else None.
    """

    rows: tuple[OrderRow, ...]
    after: str | None
    before: str | None
    page_total: int
    kept_count: int | None = None
    kept_total: int | None = None


class OrderBook(msgspec.Struct, frozen=True, kw_only=True):
    """Whole orders for programs that page by number of page.

    Attributes:
        total_count: of the filter; kept where counters are, else counted up to a bound.
    """

    orders: tuple[OrderView, ...]
    total_count: int
