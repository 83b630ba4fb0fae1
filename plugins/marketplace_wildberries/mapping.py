"""Wildberries' words in the box's: tables of statuses, codes and refusals, an order's line."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from appliance.plugin_api.postings import Deed, PostingLine, State
from plugins.marketplace_wildberries.shapes import MetaDetail, Order, Status

NEW: Final = "new"
CONFIRM: Final = "confirm"
COMPLETE: Final = "complete"
WAITING: Final = "waiting"

BY_SELLER: Final[Mapping[str, State]] = {
    NEW: "new",
    CONFIRM: "assembling",
    COMPLETE: "handed_over",
    "cancel": "cancelled",
    "cancel_carrier": "problem",
}
"""The seller's word → state, as long as WB's own says `waiting`."""

BY_WB: Final[Mapping[str, State]] = {
    "sorted": "in_transit",
    "accepted_by_carrier": "in_transit",
    "sent_to_carrier": "in_transit",
    "postponed_delivery": "in_transit",
    "ready_for_pickup": "ready_for_pickup",
    "sold": "delivered",
    "canceled": "cancelled",
    "declined_by_client": "cancelled",
    "canceled_by_client": "returning",
    "defect": "problem",
    "canceled_by_carrier": "problem",
    "cancel_carrier": "problem",
}
"""WB's word → state, whatever the seller's says."""

REASONS: Final[Mapping[str, str]] = {
    "canceled": "Отменено продавцом или по сроку",
    "declined_by_client": "Покупатель отменил в первый час",
    "canceled_by_client": "Покупатель отказался при получении",
    "defect": "Брак",
    "canceled_by_carrier": "Отменено перевозчиком",
    "cancel_carrier": "Отменено перевозчиком",
}
"""WB's word → why there will be no sale; WB names reasons by its statuses alone."""

OVER: Final = frozenset({"delivered", "cancelled", "returning", "returned"})


class Code(NamedTuple):
    """A kind of code as WB takes it.

    Attributes:
        kind: as the box calls it.
        path: where it is told; `{order}` stands for the order.
        field: of the body.
        is_list: whether the body holds several.
    """

    kind: str
    path: str
    field: str
    is_list: bool = False


CODES: Final[Mapping[str, Code]] = {
    "sgtin": Code("mark", "/api/v3/orders/{order}/meta/sgtin", "sgtins", is_list=True),
    "uin": Code("uin", "/api/v3/orders/{order}/meta/uin", "uin"),
    "imei": Code("imei", "/api/v3/orders/{order}/meta/imei", "imei"),
    "gtin": Code("gtin", "/api/v3/orders/{order}/meta/gtin", "gtin"),
    "expiration": Code("expiration", "/api/v3/orders/{order}/meta/expiration", "expiration"),
    "customsDeclaration": Code(
        "gtd", "/api/marketplace/v3/orders/{order}/meta/customs-declaration", "customsDeclaration"
    ),
}
"""Key of WB's metadata → how it is told."""
EXPIRES: Final = "expiration"
"""The one that can be changed and never dropped."""

GOOD_CHECKS: Final = frozenset(
    {"filled", "optional", "deadlineExceeded", "imeiMaySell", "imeiSoldB2B", "uinMaySell",
     "sgtinIntroduced", "sgtinSoldB2B"}
)  # fmt: skip
"""Verdicts on a code with which a supply may be handed over."""
LACKS: Final = "required"
PENDING: Final = "pending"

STOCK_REFUSALS: Final[Mapping[str, str]] = {
    "NotFound": "sku_stock_not_found",
    "UploadDataLimit": "stock_too_much",
    "StoreIsProcessing": "store_processing",
    "WarehouseStocksUpdateBlock": "store_processing",
    "StatusNotAcceptable": "stock_blocked",
    "ProductPropertyConflict": "not_for_fbs",
    "DeliveryTypeRestriction": "not_for_fbs",
}
WRONG_HOUSE: Final = "CargoWarehouseRestriction"
"""So begin refusals of goods that are too large or too small for the warehouse."""

MOSCOW_EVENING: Final = timedelta(hours=21)
"""From midnight UTC to the end of the same day in Moscow."""
ROUBLE: Final = 643
"""ISO 4217."""
SIZES: Final[Mapping[int, str]] = {1: "", 2: "СГТ", 3: "КГТ+"}
"""Kinds of freight that stand in a posting's method."""


def state_of(one: Status, *, packed: bool = False, again: bool = False) -> State:
    """The box's state; `unknown` for a word nobody has told us of.

    Args:
        one: both words.
        packed: somebody packed it here: WB has no word for that.
        again: it was not found in its supply and is to be brought once more.
    """
    if one.wb_status in BY_WB:
        return BY_WB[one.wb_status]
    if one.wb_status != WAITING:
        return "unknown"
    state: State = BY_SELLER.get(one.supplier_status, "unknown")
    if one.supplier_status == COMPLETE and again:
        state = "assembling"
    return "packed" if packed and state == "assembling" else state


def actions_of(
    one: Status, *, takes_codes: bool, packed: bool = False, again: bool = False
) -> tuple[Deed, ...]:
    """What may be wished of it now."""
    if one.wb_status != WAITING:
        return ()
    is_open = one.supplier_status in (NEW, CONFIRM)
    has_label = one.supplier_status in (CONFIRM, COMPLETE)
    may: tuple[tuple[Deed, bool], ...] = (
        ("confirm", one.supplier_status == NEW or again),
        ("pack", is_open and not packed),
        ("codes", is_open and takes_codes),
        ("label", has_label),
        ("act", has_label and not again),
        ("cancel", one.is_cancellable or one.supplier_status == NEW),
    )
    return tuple(deed for deed, is_possible in may if is_possible)


def price_of(one: Order) -> int:
    """Kopecks: in roubles as sold, or as WB converts it; 0 where neither is in roubles."""
    if one.currency_code == ROUBLE:
        return max(one.price, 0)
    return max(one.converted_price, 0) if one.converted_currency_code == ROUBLE else 0


def kinds_of(names: tuple[str, ...]) -> tuple[str, ...]:
    """Kinds of codes as the box calls them; one that is new to the plugin keeps its name."""
    return tuple(CODES[one].kind if one in CODES else one for one in names)


def needs_of(details: tuple[MetaDetail, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(needed, possible) names of codes, for an order that came without saying."""
    needed = tuple(one.key for one in details if one.decision not in GOOD_CHECKS)
    return needed, tuple(one.key for one in details if one.key not in needed)


def line_of(one: Order, article: str, name: str, takes: tuple[str, ...]) -> PostingLine:
    """The one piece of an order; codes that may be told can be typed too, and stop nothing."""
    return PostingLine(
        article=article,
        vendor_id=str(one.chrt_id),
        name=name,
        price=price_of(one),
        requires=kinds_of(takes),
    )


def due_of(one: Order, hours: int) -> datetime | None:
    """When it must be handed over: as WB says for large goods, else as the shop says itself."""
    for text in (one.seller_date, one.ddate):
        try:
            day = datetime.strptime(text, "%d.%m.%Y").replace(tzinfo=UTC)
            return day + MOSCOW_EVENING
        except ValueError:
            continue
    if one.created_at is None or hours <= 0:
        return None
    return one.created_at + timedelta(hours=hours)


def method_of(one: Order) -> str:
    """How it goes, for the card."""
    parts = ["FBS", SIZES.get(one.cargo_type, ""), one.offices[0] if one.offices else ""]
    return ", ".join(part for part in parts if part)


def kind_of(one: Order) -> str:
    """What all orders of one supply have in common: warehouse, freight, border."""
    return f"{one.warehouse_id}-{one.cargo_type}-{one.cross_border_type}"


def article_of(vendor_code: str, size: str, sizes: int) -> str:
    """The box's article of a size: the card's own, with the size where it has several.

    >>> article_of("TS-1", "0", 1), article_of("TS-1", "XL", 3)
    ('TS-1', 'TS-1-XL')
    """
    return vendor_code if sizes <= 1 else f"{vendor_code}-{size}"


def roubles(kopecks: int) -> int:
    """A price as WB takes it: whole roubles, never less than ours.

    >>> roubles(50_000), roubles(50_001)
    (500, 501)
    """
    return -(-kopecks // 100)


def refusal_of(word: str) -> str:
    """Our code of a refusal of stock."""
    if word.startswith(WRONG_HOUSE):
        return "stock_wrong_warehouse"
    return STOCK_REFUSALS.get(word, word.lower()[:60] or "wb_refused")
