"""What Wildberries answers, as far as the box reads it; everything else is passed over."""

from datetime import datetime

import msgspec


class Order(msgspec.Struct, frozen=True, rename="camel"):
    """An assembly order: one piece of one size. Money is an integer × 100."""

    id: int = 0
    rid: str = ""
    order_uid: str = ""
    article: str = ""
    nm_id: int = 0
    chrt_id: int = 0
    skus: tuple[str, ...] = ()
    warehouse_id: int = 0
    offices: tuple[str, ...] = ()
    cargo_type: int = 0
    cross_border_type: int = 0
    created_at: datetime | None = None
    supply_id: str = ""
    ddate: str = ""
    seller_date: str = ""
    price: int = 0
    converted_price: int = 0
    currency_code: int = 0
    converted_currency_code: int = 0
    required_meta: tuple[str, ...] = ()
    optional_meta: tuple[str, ...] = ()
    is_zero_order: bool = False


class Orders(msgspec.Struct, frozen=True, rename="camel"):
    """A page; `next` is where the following begins."""

    orders: tuple[Order, ...] = ()
    next: int = 0


class Status(msgspec.Struct, frozen=True, rename="camel"):
    """Where an order stands: the seller's word and WB's."""

    id: int = 0
    supplier_status: str = ""
    wb_status: str = ""
    is_cancellable: bool = False


class Statuses(msgspec.Struct, frozen=True, rename="camel"):
    """The same of several."""

    orders: tuple[Status, ...] = ()


class MetaDetail(msgspec.Struct, frozen=True, rename="camel"):
    """A code of a piece and how its check went."""

    key: str = ""
    value: str = ""
    decision: str = ""


class Meta(msgspec.Struct, frozen=True, rename="camel"):
    """Codes of one order."""

    id: int = 0
    meta_details: tuple[MetaDetail, ...] = ()


class Metas(msgspec.Struct, frozen=True, rename="camel"):
    """The same of several."""

    orders: tuple[Meta, ...] = ()


class Sticker(msgspec.Struct, frozen=True, rename="camel"):
    """A label; `file` is base64."""

    order_id: int = 0
    file: str = ""


class Stickers(msgspec.Struct, frozen=True, rename="camel"):
    """Labels."""

    stickers: tuple[Sticker, ...] = ()


class Made(msgspec.Struct, frozen=True, rename="camel"):
    """A supply that was made."""

    id: str = ""


class Supply(msgspec.Struct, frozen=True, rename="camel"):
    """A supply; `done` once it was handed over."""

    id: str = ""
    name: str = ""
    done: bool = False


class Supplies(msgspec.Struct, frozen=True, rename="camel"):
    """A page of supplies."""

    supplies: tuple[Supply, ...] = ()
    next: int = 0


class SupplyOrders(msgspec.Struct, frozen=True, rename="camel"):
    """Orders of a supply."""

    order_ids: tuple[int, ...] = ()


class Barcode(msgspec.Struct, frozen=True, rename="camel"):
    """QR code of a supply; `file` is base64."""

    file: str = ""


class Again(msgspec.Struct, frozen=True, rename="camel"):
    """An order that has to be brought once more."""

    order_id: int = msgspec.field(name="orderID", default=0)


class Reshipment(msgspec.Struct, frozen=True, rename="camel"):
    """All of them."""

    orders: tuple[Again, ...] = ()


class Amount(msgspec.Struct, frozen=True, rename="camel"):
    """Stock of one size."""

    chrt_id: int = 0
    amount: int = 0


class Amounts(msgspec.Struct, frozen=True, rename="camel"):
    """Stock of several."""

    stocks: tuple[Amount, ...] = ()


class StockError(msgspec.Struct, frozen=True, rename="camel"):
    """Why figures were refused, and whose."""

    code: str = ""
    data: tuple[Amount, ...] = ()


class Problem(msgspec.Struct, frozen=True, rename="camel"):
    """A refusal."""

    code: str = ""


class Size(msgspec.Struct, frozen=True, rename="camel"):
    """A size of a card; `skus` are its barcodes."""

    chrt_id: int = msgspec.field(name="chrtID", default=0)
    tech_size: str = ""
    skus: tuple[str, ...] = ()


class Card(msgspec.Struct, frozen=True, rename="camel"):
    """A card of the catalogue."""

    nm_id: int = msgspec.field(name="nmID", default=0)
    vendor_code: str = ""
    title: str = ""
    sizes: tuple[Size, ...] = ()


class Cursor(msgspec.Struct, frozen=True, rename="camel"):
    """Where the next page of cards begins; `total` is how many this one has."""

    updated_at: str = ""
    nm_id: int = msgspec.field(name="nmID", default=0)
    total: int = 0


class Cards(msgspec.Struct, frozen=True, rename="camel"):
    """A page of cards."""

    cards: tuple[Card, ...] = ()
    cursor: Cursor = Cursor()


class TaskId(msgspec.Struct, frozen=True, rename="camel"):
    """Number of an upload of prices."""

    id: int = 0


class Uploaded(msgspec.Struct, frozen=True, rename="camel"):
    """An upload that was taken to be worked at."""

    data: TaskId = TaskId()


class TaskState(msgspec.Struct, frozen=True, rename="camel"):
    """How far an upload is: 3 done, 4 cancelled, 5 done in part, 6 all refused."""

    upload_id: int = msgspec.field(name="uploadID", default=0)
    status: int = 0


class TaskStateOf(msgspec.Struct, frozen=True, rename="camel"):
    """The same; nothing: it is not done yet."""

    data: TaskState | None = None


class GoodState(msgspec.Struct, frozen=True, rename="camel"):
    """What became of one card's price: 2 taken, 3 refused."""

    nm_id: int = msgspec.field(name="nmID", default=0)
    status: int = 0
    error_text: str = ""


class GoodStates(msgspec.Struct, frozen=True, rename="camel"):
    """Of an upload's cards."""

    history_goods: tuple[GoodState, ...] = ()


class GoodStatesOf(msgspec.Struct, frozen=True, rename="camel"):
    """The same, wrapped."""

    data: GoodStates = GoodStates()


class Warehouse(msgspec.Struct, frozen=True, rename="camel"):
    """A warehouse of the seller's; 1: for FBS."""

    id: int = 0
    delivery_type: int = 0


class Pong(msgspec.Struct, frozen=True, rename="camel"):
    """An answer to the test of the connection."""

    status: str = msgspec.field(name="Status", default="")


class Return(msgspec.Struct, frozen=True, rename="camel"):
    """A piece that came back; `srid` is the order's `rid`."""

    srid: str = ""


class Returns(msgspec.Struct, frozen=True, rename="camel"):
    """A page of the report on returns."""

    report: tuple[Return, ...] = ()
