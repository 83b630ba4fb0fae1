"""Orders: finding, adding, changing. Cards are in `order_views`, lists in `order_lists`."""

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from appliance.domain.access import NOBODY
from appliance.domain.grants import Access
from appliance.domain.orders import (
    OrderComments,
    OrderContact,
    OrderName,
    OrderReach,
    OrderSelector,
    Remark,
)
from appliance.domain.personal import Personal
from appliance.errors import Conflict, Damaged, Destroyed, NotFound
from appliance.storage import report_marks
from appliance.storage.statements import execute, fetch_one, fetch_value, insert
from appliance.storage.tables import OrderRow
from appliance.storage.tally import Place
from appliance.storage.tx import Tx
from appliance.storage.visible import in_shop, visible_order


class Order(NamedTuple):
    """An order as stored, without its lines and with its cells still closed."""

    id: UUID
    number: int
    shown_number: str
    version: int
    shop: str
    external_id: str | None
    customer_id: UUID
    subject_id: UUID
    manager_id: UUID | None
    assigned_by: str
    status: str
    status_at: datetime
    order_type: str
    order_method: str
    contact: bytes | None
    reach: bytes | None
    comments: bytes | None
    phone_readable: bool
    has_comment: bool
    summary: str
    lines_count: int
    goods_total: int
    discount_amount: int
    discount_percent_milli: int
    discount_total: int
    total: int
    paid_total: int
    purchase_total: int
    delivery_type: str
    delivery_service: str
    delivery_cost: int
    delivery_net_cost: int
    delivery_vat_rate: str
    delivery_date: date | None
    delivery_from: str
    delivery_to: str
    track_number: str
    source: str
    shipment_store: str | None
    shipment_date: date | None
    shipped: bool
    call: bool
    from_api: bool
    created_at: datetime
    updated_at: datetime
    payer_id: UUID | None = None
    payment_scheme: str = ""
    coupon: str = ""
    coupon_discount: int = 0
    delivery_request: str = ""
    invoiced_at: datetime | None = None
    delivered_at: datetime | None = None

    @property
    def place(self) -> Place:
        """Where it is counted."""
        return Place(self.status, self.manager_id, self.shop, self.total)


COLUMNS = ", ".join(f"o.{name}" for name in Order._fields)
_SELECT = f"SELECT {COLUMNS} FROM orders o WHERE "


class KnownOrder(NamedTuple):
    """What a repeated create answers."""

    id: UUID
    number: int


async def find_by_external_id(shop: str, external_id: str) -> KnownOrder | None:
    """The order that a shop has sent under its own id before."""
    row = await fetch_one(
        "SELECT id, number FROM orders WHERE shop = {} AND external_id = {}", shop, external_id
    )
    return None if row is None else KnownOrder(*row)


def _which(selector: OrderSelector) -> tuple[str, tuple[object, ...]]:
    if selector.id is not None:
        return "o.id = {}", (selector.id,)
    if selector.number is not None:
        return "o.number = {}", (selector.number,)
    return "o.shop = {} AND o.external_id = {}", (selector.shop, selector.external_id or "")


async def get(tx: Tx, selector: OrderSelector) -> Order:
    """One order that the grant lets through.

    Raises:
        NotFound: `order_not_found`: absent, or not for this actor: the same answer.
    """
    which, which_args = _which(selector)
    scope, scope_args = visible_order(tx)
    shop, shop_args = in_shop(tx, "o.shop")
    row = await fetch_one(
        f"{_SELECT}{which} AND {scope} AND {shop}", *which_args, *scope_args, *shop_args
    )
    if row is None:
        raise NotFound("order_not_found")
    order = Order(*row)
    tx.about("order", order.id)
    return order


async def add(order: Order) -> None:
    """Store a new order."""
    await insert(OrderRow, **order._asdict())
    await report_marks.forget(order.created_at)


async def change(tx: Tx, order: Order, **values: Any) -> Order:
    """Change columns of an order that was read in this action; give it as it is now.

    Raises:
        Conflict: `order_changed`: somebody was faster.
    """
    columns = {**values, "version": order.version + 1, "updated_at": tx.now}
    assignments = ", ".join(f"{name} = {{}}" for name in columns)
    changed = await execute(
        f"UPDATE orders SET {assignments} WHERE id = {{}} AND version = {{}}",
        *columns.values(),
        order.id,
        order.version,
    )
    if not changed:
        raise stale(order)
    if columns.keys() & _TOLD_OF_PAYMENTS:
        await report_marks.forget_order(order.id, order.created_at)
    await report_marks.forget(order.created_at, values.get("created_at"))
    return order._replace(**columns)


_TOLD_OF_PAYMENTS = {"manager_id", "shop", "order_method", "source"}
"""What reports say of an order's money besides its day."""


def stale(order: Order) -> Conflict:
    """The caller saw an older version than there is."""
    return Conflict(
        "order_changed", f"order {order.number}", number=order.number, version=order.version
    )


def check_version(order: Order, seen: int | None) -> None:
    """Refuse to change what the caller has not seen; None does not ask.

    Raises:
        Conflict: `order_changed`.
    """
    if seen is not None and seen != order.version:
        raise stale(order)


async def user_number(user: UUID | None) -> int:
    """A colleague's number; 0 for nobody."""
    if user is None or user == NOBODY:
        return 0
    return await fetch_value("SELECT number FROM users WHERE id = {}", user) or 0


def seal_contact(tx: Tx, order_id: UUID, subject_id: UUID, contact: OrderContact) -> dict[str, Any]:
    """The cells of who ordered; parts with nothing in them are not sealed at all."""
    name = OrderName(
        first_name=contact.first_name,
        last_name=contact.last_name,
        patronymic=contact.patronymic,
    )
    reach = OrderReach(
        phone=contact.phone, additional_phone=contact.additional_phone, email=contact.email
    )
    comments = OrderComments(
        customer_comment=contact.customer_comment,
        manager_comment=contact.manager_comment,
        status_comment=contact.status_comment,
        discount_reason=contact.discount_reason,
    )

    def cell(column: str, record: Any, empty: Any, *fields: str) -> bytes | None:
        if record == empty:
            return None
        return tx.seal("orders", column, order_id, subject_id, record, *fields)

    return {
        "contact": cell("contact", name, OrderName(), "name"),
        "reach": cell("reach", reach, OrderReach(), "phone", "email"),
        "comments": cell("comments", comments, OrderComments(), "comment"),
        "has_comment": bool(comments.customer_comment or comments.manager_comment),
    }


def open_contact(tx: Tx, order: Order, *, name: bool, reach: bool, comments: bool) -> OrderContact:
    """Open the parts asked for; the others stay closed and come out empty.

    Raises:
        Damaged, Destroyed, Sealed: see `Tx.open`.
    """
    found = OrderContact()
    if name and order.contact is not None:
        who = tx.open(
            "orders", "contact", order.id, order.subject_id, order.contact, OrderName, "name"
        )
        found.first_name, found.last_name = who.first_name, who.last_name
        found.patronymic = who.patronymic
    if reach and order.reach is not None:
        way = tx.open(
            "orders", "reach", order.id, order.subject_id, order.reach, OrderReach, "phone", "email"
        )
        found.phone, found.additional_phone, found.email = (
            way.phone,
            way.additional_phone,
            way.email,
        )
    if comments and order.comments is not None:
        said = tx.open(
            "orders",
            "comments",
            order.id,
            order.subject_id,
            order.comments,
            OrderComments,
            "comment",
        )
        found.customer_comment = said.customer_comment
        found.manager_comment = said.manager_comment
        found.status_comment = said.status_comment
        found.discount_reason = said.discount_reason
    return found


def seal_remark(tx: Tx, table: str, row: UUID, subject_id: UUID, text: str) -> bytes | None:
    """The cell of a line's or payment's comment; None for an empty one."""
    if not text:
        return None
    return tx.seal(table, "comment", row, subject_id, Remark(text=text), "comment")


def open_remark(
    tx: Tx, table: str, row: UUID, subject_id: UUID, cell: bytes | None
) -> Personal[str] | None:
    """A comment as the actor may see it: None when hidden, damaged or destroyed."""
    if tx.may("comment") is not Access.VISIBLE:
        return None
    if cell is None:
        return Personal("")
    try:
        return Personal(tx.open(table, "comment", row, subject_id, cell, Remark, "comment").text)
    except (Damaged, Destroyed):
        return None


def remark_of(tx: Tx, table: str, row: UUID, subject_id: UUID, cell: bytes | None) -> str:
    """A comment whatever the grant, for writing only; empty where it cannot be opened."""
    if cell is None:
        return ""
    try:
        return tx.open(table, "comment", row, subject_id, cell, Remark, "comment").text
    except (Damaged, Destroyed):
        return ""
