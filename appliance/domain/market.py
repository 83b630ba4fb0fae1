"""Postings of marketplaces: their life in the box's words, and where their orders go with it.

The marketplace is the source of truth for a posting; stock and price are the box's own.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from appliance.domain.references import Status

CLIENT_PREFIX: Final = "market:"
"""External ids of the nameless buyers that stand for marketplaces begin so."""
MARKETS: Final[Mapping[str, str]] = {
    "ozon": "Ozon",
    "wildberries": "Wildberries",
    "yandex": "Яндекс Маркет",
}
"""Marketplaces by code; a plugin may bring another, which is called as its account is."""
BOXED: Final = frozenset({"ozon", "yandex"})
"""Marketplaces that are told how many boxes a posting is packed into."""
URGENT: Final = timedelta(hours=4)
"""A deadline this near is drawn in red."""


class PostingState(StrEnum):
    """Where a posting stands, whatever its marketplace calls it."""

    NEW = "new"
    CONFIRMED = "confirmed"
    ASSEMBLING = "assembling"
    PACKED = "packed"
    HANDED_OVER = "handed_over"
    IN_TRANSIT = "in_transit"
    READY_FOR_PICKUP = "ready_for_pickup"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    PROBLEM = "problem"
    RETURNING = "returning"
    RETURNED = "returned"


FORWARD: Final = (
    PostingState.NEW,
    PostingState.CONFIRMED,
    PostingState.ASSEMBLING,
    PostingState.PACKED,
    PostingState.HANDED_OVER,
    PostingState.IN_TRANSIT,
    PostingState.READY_FOR_PICKUP,
    PostingState.DELIVERED,
)
"""The road of a posting; what is not on it is a side way."""

ENDED: Final = frozenset(
    {PostingState.DELIVERED, PostingState.CANCELLED, PostingState.RETURNED, PostingState.RETURNING}
)
"""Nothing is to be picked or packed any more."""

BEFORE_HAND_OVER: Final = frozenset(FORWARD[:4])

_WAYS: Final[Mapping[PostingState, tuple[tuple[str, ...], str]]] = {
    PostingState.NEW: (("new",), "new"),
    PostingState.CONFIRMED: (("client-confirmed",), "approval"),
    PostingState.ASSEMBLING: (("send-to-assembling", "assembling"), "assembling"),
    PostingState.PACKED: (("assembling-complete",), "assembling"),
    PostingState.HANDED_OVER: (("send-to-delivery",), "delivery"),
    PostingState.IN_TRANSIT: (("delivering", "send-to-delivery"), "delivery"),
    PostingState.READY_FOR_PICKUP: (("delivering", "send-to-delivery"), "delivery"),
    PostingState.DELIVERED: (("complete",), "complete"),
    PostingState.CANCELLED: (("cancel-other",), "cancel"),
    PostingState.RETURNED: (("goods-returned",), "cancel"),
}
"""State → codes of statuses that mean it, the best first, else the first status of the group.
A problem and a parcel on its way back leave the order where it is: somebody must look."""


def status_for(state: PostingState, statuses: Mapping[str, Status]) -> str:
    """The order's status for a posting's state; empty: it stays where it is."""
    way = _WAYS.get(state)
    if way is None:
        return ""
    codes, group = way
    for code in codes:
        if code in statuses and statuses[code].active:
            return code
    return next((one.code for one in statuses.values() if one.group == group and one.active), "")


def goes_to(state: PostingState, current: str, statuses: Mapping[str, Status]) -> str:
    """Where a posting's order moves; empty where it stays.

    It moves forward only: a colleague may be ahead of the marketplace, and a late answer of the
    marketplace must not put an order back. An order that was given up in the box is left alone.

    Args:
        state: of the posting now.
        current: code of the order's status.
        statuses: in their order: groups as an order walks through them.
    """
    wanted = status_for(state, statuses)
    here = statuses.get(current)
    if not wanted or here is None:
        return wanted
    if here.group == "cancel":
        return ""
    places = {code: place for place, code in enumerate(statuses)}
    return wanted if places[wanted] > places[current] else ""


class OfferView(msgspec.Struct, frozen=True, kw_only=True):
    """An offer of a marketplace and the variant it is, if one.

    Attributes:
        postings: how many still wait for it to be matched.
        free_milli, buffer_milli: thousandths; `own_buffer` says that it has one of its own.
    """

    id: UUID
    account_number: int
    article: str
    name: str
    variant_number: int | None = None
    variant_name: str = ""
    variant_sku: str = ""
    product_number: int | None = None
    postings: int = 0
    free_milli: int = 0
    buffer_milli: int = 0
    own_buffer: bool = False
    stock: int | None = None
    stock_at: datetime | None = None
    stock_error: str = ""
    price: int | None = None
    price_error: str = ""


class AccountView(msgspec.Struct, frozen=True, kw_only=True):
    """A shop of ours on a marketplace, as the box keeps it."""

    number: int
    plugin: str
    code: str
    market: str
    title: str
    shop: str
    warehouse: str = ""
    price_type: str = "base"
    buffer_milli: int = 0
    sends_stock: bool = True
    sends_price: bool = False
    unmatched: int = 0
    offers: int = 0
    refused: int = 0


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a posting; `requires` are kinds of codes the marketplace wants of it.

    `returned`: so many pieces are with the seller again.
    """

    position: int
    article: str
    vendor_id: str
    name: str
    quantity: int
    price: int
    matched: bool
    requires: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    returned: int = 0


class PostingView(msgspec.Struct, frozen=True, kw_only=True):
    """A posting on the card of its order.

    Attributes:
        siblings: (number of the order, number of the posting) of the same basket.
        actions: what may be asked of the marketplace now.
        wish, wish_error: what was asked last, and the code of a refusal.
        short: goods for it could not be set aside.
        files: (name, number of the file) that came from the marketplace.
    """

    id: UUID
    posting: str
    market: str
    account: str
    plugin: str
    state: PostingState
    raw_status: str
    raw_substatus: str
    group_key: str = ""
    parent: str = ""
    order_id: UUID
    order_number: int
    deadline: datetime | None = None
    method: str = ""
    express: bool = False
    reason: str = ""
    short: bool = False
    unmatched: int = 0
    actions: tuple[str, ...] = ()
    wish: str = ""
    wish_at: datetime | None = None
    wish_error: str = ""
    lines: tuple[LineView, ...] = ()
    siblings: tuple[tuple[int, str], ...] = ()


class MarketScreen(msgspec.Struct, frozen=True, kw_only=True):
    """The page of marketplaces.

    Attributes:
        warehouses, price_types: (code, name) to choose from.
        after: cursor of the next page; None on the last.
    """

    accounts: tuple[AccountView, ...]
    warehouses: tuple[tuple[str, str], ...]
    price_types: tuple[tuple[str, str], ...]
    offers: tuple[OfferView, ...] = ()
    after: UUID | None = None


DEEDS: Final = ("confirm", "pack", "codes", "label", "act", "cancel")
"""What may be wished of a posting, in the order of the buttons."""
CODE_LENGTH: Final = 200
MOST_CODES: Final = 500
