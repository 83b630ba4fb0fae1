"""Ozon's words in the box's: a table of statuses, and a posting as the box takes it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from appliance.plugin_api.postings import Deed, PiecesBack, PostingIn, PostingLine, State
from plugins.marketplace_ozon.shapes import Money, Posting, Product, Requirements, Return

STATES: Final[Mapping[str, State]] = {
    "awaiting_registration": "new",
    "acceptance_in_progress": "new",
    "awaiting_approve": "new",
    "awaiting_verification": "new",
    "awaiting_packaging": "assembling",
    "awaiting_deliver": "packed",
    "arbitration": "problem",
    "client_arbitration": "problem",
    "not_accepted": "problem",
    "delivering": "in_transit",
    "driver_pickup": "handed_over",
    "delivered": "delivered",
    "cancelled": "cancelled",
    "cancelled_from_split_pending": "cancelled",
}
"""Status → state."""

SUBSTATES: Final[Mapping[tuple[str, str], State]] = {
    ("awaiting_deliver", "posting_in_carriage"): "handed_over",
    ("awaiting_deliver", "posting_transferring_to_delivery"): "handed_over",
    ("delivering", "posting_in_pickup_point"): "ready_for_pickup",
}
"""(status, substatus) → state, where the substatus says more."""

SHIP_FAILED: Final = "ship_failed"
PACKING: Final = "awaiting_packaging"
PACKED: Final = "awaiting_deliver"
CANCELLED: Final = "cancelled"

REQUIRED: Final[Mapping[str, str]] = {
    "products_requiring_mandatory_mark": "mark",
    "products_requiring_gtd": "gtd",
    "products_requiring_country": "country",
    "products_requiring_rnpt": "rnpt",
    "products_requiring_jw_uin": "uin",
    "products_requiring_imei": "imei",
    "products_requiring_weight": "weight",
}
"""Field of the requirements → kind of code."""

MARK_TYPES: Final[Mapping[str, str]] = {
    "mark": "mandatory_mark",
    "uin": "jw_uin",
    "imei": "imei",
}
"""Kind of code → how Ozon calls it among the marks of an exemplar."""

RETURNED: Final = frozenset({"Returned", "ReturnedToSeller"})
"""Where a return is when the seller has his goods again, and may sell them."""
NEVER_BACK: Final = frozenset({"ReturnedToOzon", "Utilized"})
"""Where it is when he never will."""

ACT_WAITS: Final = frozenset({"in_process", "forming", "created", ""})
"""The papers of a hand-over are being made."""
ACT_READY: Final = frozenset({"ready", "formed", "confirmed", "confirmed_with_mismatch"})

MOVED_ON: Final = frozenset(
    {"POSTING_ALREADY_CANCELLED", "POSTING_ALREADY_SHIPPED", "HAS_INCORRECT_STATUS",
     "TRANSITION_IS_NOT_POSSIBLE"}
)  # fmt: skip
"""Refusals that mean: the posting is elsewhere by now. It is read again and taken as it is."""


def state_of(one: Posting) -> State:
    """The box's state; `unknown` for a word nobody has told us of."""
    if one.status == CANCELLED and one.cancellation.cancelled_after_ship:
        return "returning"
    found = SUBSTATES.get((one.status, one.substatus)) or STATES.get(one.status)
    return found or "unknown"


def kopecks(price: str | Money | float | None) -> int:
    """A price in kopecks; what cannot be read is 0: an order is never lost for its price."""
    text = price.amount if isinstance(price, Money) else str(price or "0")
    try:
        amount = Decimal(text.replace(",", ".")) * 100
    except InvalidOperation:
        return 0
    return max(int(amount), 0) if amount.is_finite() else 0


def roubles(kopecks_: int) -> str:
    """A price as Ozon takes it: a string."""
    return f"{kopecks_ // 100}.{kopecks_ % 100:02d}"


def _requires(one: Requirements, sku: int) -> tuple[str, ...]:
    return tuple(kind for field, kind in REQUIRED.items() if sku in getattr(one, field))


def _line(one: Posting, line: Product) -> PostingLine:
    return PostingLine(
        article=line.offer_id or f"sku:{line.sku}",
        vendor_id=str(line.sku),
        name=line.name,
        quantity=line.quantity,
        price=kopecks(line.price),
        requires=_requires(one.requirements, line.sku),
    )


def back_of(number: str, found: Iterable[Return]) -> tuple[PiecesBack, ...]:
    """What of a posting is with the seller again, by article; empty: Ozon does not say of what."""
    pieces: Counter[tuple[str, str]] = Counter()
    for one in found:
        if one.posting_number != number or one.visual.status.sys_name not in RETURNED:
            continue
        product = one.product
        if product.quantity <= 0 or not (product.offer_id or product.sku):
            return ()
        article = product.offer_id or f"sku:{product.sku}"
        pieces[article, str(product.sku)] += product.quantity
    return tuple(
        PiecesBack(article=article, vendor_id=sku, quantity=quantity)
        for (article, sku), quantity in sorted(pieces.items())
    )


def actions_of(one: Posting) -> tuple[Deed, ...]:
    """What may be wished of it now."""
    state = state_of(one)
    deeds: list[Deed] = []
    if one.status == PACKING:
        deeds.append("pack")
        if any(_requires(one.requirements, line.sku) for line in one.products):
            deeds.append("codes")
    if one.status == PACKED:
        deeds.append("label")
        deeds.append("act")
    if state in ("assembling", "packed"):
        deeds.append("cancel")
    return tuple(deeds)


def posting_of(one: Posting, read_at: datetime, state: State | None = None) -> PostingIn:
    """A posting as the box takes it."""
    return PostingIn(
        id=one.posting_number,
        state=state or state_of(one),
        raw_status=one.status,
        raw_substatus=one.substatus,
        read_at=read_at,
        group=one.order_number,
        parent=one.parent_posting_number,
        created_at=one.in_process_at,
        deadline=one.shipment_date,
        lines=tuple(_line(one, line) for line in one.products),
        track=one.tracking_number,
        method=one.delivery_method.name,
        express=one.is_express,
        reason=one.cancellation.cancel_reason,
        actions=actions_of(one),
    )
