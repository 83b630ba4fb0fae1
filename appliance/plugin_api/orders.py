"""Orders and clients as plugins see them: what they ask for, place and move.

Personal values travel as `Personal`, and only where a granted purpose names their fields. Money is
kopecks, quantities thousandths, times aware UTC.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from appliance.domain.personal import Personal
from appliance.plugin_api import bookkeeping


class _Message(msgspec.Struct, frozen=True):
    """Unknown fields are ignored: a newer box may say more."""


class OrdersAsked(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Orders by id. Personal fields come only where they are named, for a granted purpose."""

    ids: tuple[UUID, ...]
    fields: tuple[str, ...] = ()
    purpose: str = ""


class Line(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """One position; amounts per unit but `total`."""

    number: int
    offer_external_id: str = ""
    offer_xml_id: str = ""
    sku: str = ""
    name: str
    quantity_milli: int
    price: int
    discount: int = 0
    total: int
    vat_rate: str = ""


class Paid(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """One payment of an order; a refund's amount is negative."""

    number: int
    external_id: str = ""
    type: str
    status: str
    amount: int
    paid_at: datetime | None = None


class Order(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """An order.

    Attributes:
        returns: what documents of stock took back in.
        withheld: personal fields were asked for, and the buyer is blocked, destroyed, or gives no
            ground for the purpose: they are None.
        address: one line.
    """

    id: UUID
    number: int
    shown_number: str
    version: int
    shop: str
    external_id: str | None = None
    status: str
    status_group: str
    created_at: datetime
    updated_at: datetime
    total: int
    paid_total: int
    delivery_type: str = ""
    delivery_service: str = ""
    delivery_cost: int = 0
    track_number: str = ""
    lines: tuple[Line, ...] = ()
    payments: tuple[Paid, ...] = ()
    shipments: tuple[bookkeeping.Shipped, ...] = ()
    returns: tuple[bookkeeping.CameBack, ...] = ()
    customer_id: UUID | None = None
    customer_number: int | None = None
    withheld: bool = False
    name: Personal[str] | None = None
    phone: Personal[str] | None = None
    email: Personal[str] | None = None
    address: Personal[str] | None = None
    comment: Personal[str] | None = None


class Orders(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Those that were found, in the order asked for."""

    orders: tuple[Order, ...]


class ChangesAsked(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Changes of orders after a number, ascending."""

    since: int = 0
    limit: int = 100


class Change(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """One changed field; what it became is read from the order.

    Attributes:
        own: this plugin made it: a loop is stopped here.
        kind: create, change or delete.
    """

    number: int
    at: datetime
    order_id: UUID
    order_number: int
    kind: str
    field: str
    own: bool = False


class Changes(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """A page; ask again from `last` until it is empty."""

    changes: tuple[Change, ...]
    last: int


class CustomersAsked(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Clients by id; as `OrdersAsked`."""

    ids: tuple[UUID, ...]
    fields: tuple[str, ...] = ()
    purpose: str = ""


class Customer(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """A client. `withheld` as in `Order`."""

    id: UUID
    number: int
    kind: str
    external_id: str | None = None
    created_at: datetime
    updated_at: datetime
    orders_count: int = 0
    withheld: bool = False
    name: Personal[str] | None = None
    phone: Personal[str] | None = None
    email: Personal[str] | None = None
    address: Personal[str] | None = None
    comment: Personal[str] | None = None
    tax_id: Personal[str] | None = None
    birthday: Personal[str] | None = None


class Customers(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Those that were found, in the order asked for."""

    customers: tuple[Customer, ...]


class PhoneAsked(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """A client's phone for one purpose."""

    customer_id: UUID
    purpose: str


class Phone(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """E.164, or as it was typed where it cannot be read; None: there is none."""

    phone: Personal[str] | None = None


class StatusWanted(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Move an order; `version` refuses if it was changed since."""

    order_id: UUID
    status: str
    version: int | None = None


class StatusMoved(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """How it stands now."""

    version: int
    was: str
    status: str


class NewLine(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """A position of an order to place; goods are found by the first id that is given."""

    offer_external_id: str | None = None
    offer_xml_id: str | None = None
    sku: str | None = None
    name: str = ""
    quantity_milli: int = 1000
    price: int = 0


class NewOrder(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """An order from elsewhere, accepted once per (shop, external id)."""

    shop: str
    external_id: str
    number: str | None = None
    created_at: datetime | None = None
    status: str | None = None
    first_name: Personal[str] | None = None
    last_name: Personal[str] | None = None
    phone: Personal[str] | None = None
    email: Personal[str] | None = None
    address: Personal[str] | None = None
    comment: Personal[str] | None = None
    delivery_type: str | None = None
    delivery_cost: int | None = None
    lines: tuple[NewLine, ...] = ()


class OrderPlaced(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Its id and number; `created` is False when it was known already."""

    order_id: UUID
    number: int
    created: bool
