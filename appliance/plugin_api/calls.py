"""What a plugin may ask of the box: one line of `CALLS` per question, both sides of the wire.

Messages are msgpack. Values about people travel as `Personal`, so that neither side prints them.
Money is kopecks, quantities thousandths, times aware UTC. Messages of one subject lie in a file of
theirs; those of orders and clients are had from here too, as plugins have always had them.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, NamedTuple, cast, get_args, get_origin
from uuid import UUID

import msgspec

from appliance.domain.personal import Personal
from appliance.plugin_api import (
    bookkeeping,
    client_messages,
    fulfilments,
    goods,
    parcels,
    pays,
    postings,
)
from appliance.plugin_api.files import FileGiven, FileKept
from appliance.plugin_api.orders import (
    Change,
    Changes,
    ChangesAsked,
    Customer,
    Customers,
    CustomersAsked,
    Line,
    NewLine,
    NewOrder,
    Order,
    OrderPlaced,
    Orders,
    OrdersAsked,
    Paid,
    Phone,
    PhoneAsked,
    StatusMoved,
    StatusWanted,
)
from appliance.plugin_api.standing import KeyUntil

MOST_ROWS: Final = 1000
"""Of one batch of own rows, and of one page of changes."""
MOST_ORDERS: Final = 100
"""Orders, or clients, in one question."""

PERSONAL_FIELDS: Final = (
    "customer.name",
    "customer.phone",
    "customer.email",
    "customer.address",
    "customer.comment",
    "customer.tax_id",
    "customer.birthday",
)
"""What a manifest may ask to be handed; without the prefix they are a grant's personal fields."""

PURPOSES: Final[Mapping[str, str]] = {
    "order": "order",
    "delivery": "order",
    "notify": "order",
    "payment": "order",
    "callback": "callback",
    "mailing": "mailing",
    "accounting": "accounting",
}
"""Purpose a manifest may name → purpose by which the box holds the person's data
(`domain.privacy.PurposeCode`). A person who has none of the second is not handed over."""

PERMISSIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "orders.read": ("order.view", "feed.read"),
    "orders.place": ("order.create",),
    "orders.edit": ("order.edit", "order.status", "order.pay"),
    "orders.ship": ("order.ship",),
    "customers.read": ("customer.view",),
    "tasks.write": ("task.edit",),
    "files.write": ("order.view",),
    "goods.read": ("product.view", "reference.view"),
    "goods.write": ("product.edit", "stock.edit"),
    "typed.read": (),
    "parcels.write": ("parcel.carry",),
    "postings.write": ("order.create",),
    "fulfilment.write": ("fulfilment.report",),
    "payments.write": ("payment.carry",),
    "messages.write": ("message.carry",),
}
"""Permission of a manifest → permissions of the box that stand behind it."""

Tone = Literal["grey", "info", "accent", "ok", "warn", "bad", "mark"]
Direction = Literal["in", "out", "here"]
Standing = Literal["ok", "warn", "bad"]
Value = str | int | bool | None
"""Of a column of an own table; a time is its ISO text in UTC."""


class _Message(msgspec.Struct, frozen=True):
    """Unknown fields are ignored: a newer box may say more."""


class Nothing(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """An answer that says only that it was done."""


# --- words to people ---


class Note(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """A line of the plugin's journal.

    Attributes:
        code: of the plugin's own catalogue (`texts/ru.toml`).
        data: numbers and short codes for the sentence; never a word about a person.
        kind, object_number: the record it is about, to find the line by.
        delivery: of the event that is being handled, so that the exchange can be repeated.
    """

    code: str
    direction: Direction = "here"
    state: Standing = "ok"
    data: dict[str, int | str] = {}
    kind: str = ""
    object_number: int = 0
    delivery: UUID | None = None


class Noted(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """The reference number that people quote."""

    number: int


class TaskWanted(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """A task for whoever leads the order, else the client, else for an administrator.

    Attributes:
        key: a task of the same key that is open already is left as it is.
        hours: until it is due.
    """

    key: str
    title: Personal[str]
    text: Personal[str] = Personal("")
    order_id: UUID | None = None
    customer_id: UUID | None = None
    hours: int = 24


class TaskSet(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Whether a task was set now."""

    created: bool


class BadgeWanted(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """A word on an order's card and in the list; empty text takes it away."""

    order_id: UUID
    text: str = ""
    tone: Tone = "grey"


# --- own tables ---


class Row(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """A row of an own table.

    Attributes:
        values: column → value; key columns must be there.
        personal: columns of kind `personal`; None where they were not asked for or are gone.
        customer_id: whose they are; needed with `personal`.
    """

    values: dict[str, Value]
    customer_id: UUID | None = None
    personal: Personal[dict[str, str]] | None = None


class RowsAsked(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Rows by key: values of the key columns, in the order of the manifest."""

    table: str
    keys: tuple[tuple[Value, ...], ...]
    personal: bool = False


class ScanAsked(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Rows by a range of keys, ascending; a key may be cut short: its first columns.

    Attributes:
        after: rows behind this key, not it.
        within: rows whose key begins so.
    """

    table: str
    after: tuple[Value, ...] = ()
    within: tuple[Value, ...] = ()
    limit: int = 100
    personal: bool = False


class Rows(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Rows found."""

    rows: tuple[Row, ...]


class RowsGiven(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Rows to write: each replaces the one of its key."""

    table: str
    rows: tuple[Row, ...]


class RowsUnwanted(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Keys of rows to delete."""

    table: str
    keys: tuple[tuple[Value, ...], ...]


class Counted(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """How many rows were written or deleted."""

    rows: int


class Call(NamedTuple):
    """One question.

    Attributes:
        asks, answers: messages.
        permission: of the manifest; empty: every plugin that runs may.
    """

    asks: type[msgspec.Struct]
    answers: type[msgspec.Struct]
    permission: str = ""


KEPT: Final = (Change, Customer, Line, NewLine, Order, Paid)
"""Parts of messages that plugins have always had from here, wherever they lie."""

CALLS: Final[Mapping[str, Call]] = {
    "orders": Call(OrdersAsked, Orders, "orders.read"),
    "orders_since": Call(ChangesAsked, Changes, "orders.read"),
    "customers": Call(CustomersAsked, Customers, "customers.read"),
    "phone_for": Call(PhoneAsked, Phone, "customers.read"),
    "set_order_status": Call(StatusWanted, StatusMoved, "orders.edit"),
    "place_order": Call(NewOrder, OrderPlaced, "orders.place"),
    "task": Call(TaskWanted, TaskSet, "tasks.write"),
    "journal": Call(Note, Noted),
    "key_until": Call(KeyUntil, Nothing),
    "badge": Call(BadgeWanted, Nothing, "orders.read"),
    "rows_get": Call(RowsAsked, Rows),
    "rows_scan": Call(ScanAsked, Rows),
    "rows_put": Call(RowsGiven, Counted),
    "rows_delete": Call(RowsUnwanted, Counted),
    "file_put": Call(FileGiven, FileKept, "files.write"),
    "lists": Call(goods.ListsAsked, goods.Lists, "goods.read"),
    "groups_put": Call(goods.GroupsGiven, goods.Numbers, "goods.write"),
    "price_types_put": Call(goods.NamesGiven, goods.Codes, "goods.write"),
    "warehouses_put": Call(goods.NamesGiven, goods.Codes, "goods.write"),
    "goods_put": Call(goods.GoodsGiven, goods.Outcomes, "goods.write"),
    "pictures_put": Call(goods.PicturesGiven, goods.PicturesKept, "goods.write"),
    "offers_put": Call(goods.OffersGiven, goods.Outcomes, "goods.write"),
    "books_money": Call(bookkeeping.MoneySaid, bookkeeping.Entered, "orders.edit"),
    "books_lines": Call(bookkeeping.LinesSaid, bookkeeping.Entered, "orders.edit"),
    "books_goods": Call(bookkeeping.GoodsSaid, bookkeeping.Entered, "orders.ship"),
    "pays_payment": Call(pays.IdAsked, pays.Found, "payments.write"),
    "pays_refund": Call(pays.IdAsked, pays.Found, "payments.write"),
    "pays_receipt": Call(pays.IdAsked, pays.Found, "payments.write"),
    "pays_open": Call(pays.OpenAsked, pays.Found, "payments.write"),
    "pays_report": Call(pays.PaymentReport, pays.Done, "payments.write"),
    "pays_report_refund": Call(pays.RefundReport, pays.Done, "payments.write"),
    "pays_report_receipt": Call(pays.ReceiptReport, pays.Done, "payments.write"),
    "messages_take": Call(client_messages.TakeAsked, client_messages.Found, "messages.write"),
    "messages_look": Call(client_messages.LookAsked, client_messages.Found, "messages.write"),
    "messages_open": Call(client_messages.OpenAsked, client_messages.Found, "messages.write"),
    "messages_report": Call(client_messages.Report, client_messages.Done, "messages.write"),
    "messages_balance": Call(client_messages.BalanceSaid, client_messages.Done, "messages.write"),
    "parcels_get": Call(parcels.ParcelAsked, parcels.Found, "parcels.write"),
    "parcels_open": Call(parcels.OpenAsked, parcels.Found, "parcels.write"),
    "parcels_report": Call(parcels.Report, parcels.Done, "parcels.write"),
    "parcels_steps": Call(parcels.Steps, parcels.Stepped, "parcels.write"),
    "parcels_label": Call(parcels.Label, parcels.Done, "parcels.write"),
    **{
        name: Call(asks, answers, postings.PERMISSION)
        for name, (asks, answers) in postings.CALLS.items()
    },
    "fulfilment": Call(fulfilments.FulfilmentAsked, fulfilments.Fulfilment, "fulfilment.write"),
    "fulfilment_label": Call(
        fulfilments.FulfilmentAsked, fulfilments.FulfilmentLabel, "fulfilment.write"
    ),
    "fulfilments_open": Call(
        fulfilments.FulfilmentsAsked, fulfilments.FulfilmentsFound, "fulfilment.write"
    ),
    "fulfilment_report": Call(
        fulfilments.FulfilmentReport, fulfilments.FulfilmentTaken, "fulfilment.write"
    ),
    "stock_put": Call(fulfilments.StockGiven, fulfilments.StockTaken, "fulfilment.write"),
}
"""Name of a question → what it is. Whoever adds one writes its action and its line in
`docs/plugins.md`; tests ask for both."""


_ahead: list[timedelta] = []


def move_clock(seconds: int) -> None:
    """Have `utc_now` go ahead of the machine's clock: the box's own is moved (development)."""
    _ahead[:] = [timedelta(seconds=seconds)]


def utc_now() -> datetime:
    """The moment, by the box's clock."""
    return datetime.now(UTC) + sum(_ahead, timedelta())


def _out(value: object) -> object:
    if isinstance(value, Personal):
        return cast("Personal[object]", value).reveal()
    raise NotImplementedError


def _in(kind: Any, value: Any) -> Any:
    if get_origin(kind) is Personal:
        inside: type[object] = get_args(kind)[0]
        known: object = msgspec.convert(value, inside)
        return Personal(known)
    raise NotImplementedError


_encoder = msgspec.msgpack.Encoder(enc_hook=_out)
_decoders: dict[type[msgspec.Struct], msgspec.msgpack.Decoder[Any]] = {}


def pack(message: msgspec.Struct) -> bytes:
    """A message as it goes over the wire."""
    return _encoder.encode(message)


def unpack(body: bytes, kind: type[msgspec.Struct]) -> Any:
    """A message from the wire.

    Raises:
        msgspec.DecodeError: it is none, or not of this kind.
    """
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.msgpack.Decoder(kind, dec_hook=_in)
    return decoder.decode(body)
