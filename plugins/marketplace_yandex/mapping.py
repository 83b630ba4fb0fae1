"""Yandex's words in the box's: statuses, reasons, kinds of codes, an order as the box takes it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Final

from appliance.plugin_api.postings import Deed, PiecesBack, PostingIn, PostingLine, State
from plugins.marketplace_yandex.shapes import Item, Order, Prices, Return

PROCESSING: Final = "PROCESSING"
READY: Final = "READY_TO_SHIP"
SHIPPED: Final = "SHIPPED"
CANCELLED: Final = "CANCELLED"
SHOP_FAILED: Final = "SHOP_FAILED"
EXPRESS: Final = "EXPRESS"

STATES: Final[Mapping[str, State]] = {
    "PLACING": "new",
    "RESERVED": "new",
    "UNPAID": "new",
    "PENDING": "new",
    "PROCESSING": "assembling",
    "DELIVERY": "in_transit",
    "PICKUP": "ready_for_pickup",
    "DELIVERED": "delivered",
    "CANCELLED": "cancelled",
    "PARTIALLY_RETURNED": "delivered",
    "RETURNED": "returning",
}
"""Status → state; `UNKNOWN` and what is not here leave an order where it is.

What is given back is on its way until the list of returns says that the seller has it: before that
it may not be sold again. A part that was given back leaves the rest delivered."""

SUBSTATES: Final[Mapping[tuple[str, str], State]] = {
    (PROCESSING, READY): "packed",
    (PROCESSING, SHIPPED): "handed_over",
}
"""(status, substatus) → state, where the substatus says more."""

WAITING: Final = ("PLACING", "RESERVED", "UNPAID", "PENDING", "PROCESSING")
"""Statuses in which goods are still with the seller."""
GONE: Final = frozenset({"DELIVERY", "PICKUP"})
"""Statuses in which goods are on their way."""

SENT_BACK: Final = frozenset({"CANCELLED", "RETURNED"})
"""Statuses of orders that come back as a whole."""
MAY_BE_BACK: Final = SENT_BACK | {"DELIVERED", "PARTIALLY_RETURNED"}
"""Statuses of orders of which something may come back."""

CAME_BACK: Final = frozenset(
    {"PICKUP_EXPIRED", "USER_REFUSED_DELIVERY", "USER_REFUSED_PRODUCT", "USER_REFUSED_QUALITY",
     "FULL_NOT_RANSOM", "DELIVERY_SERVICE_UNDELIVERED", "COURIER_RETURNS_ORDER",
     "COURIER_RETURNED_ORDER", "USER_IDENTIFICATION_MISMATCH"}
)  # fmt: skip
"""Reasons of a cancellation that are only given to orders on their way."""

REASONS: Final[Mapping[str, str]] = {
    "RESERVATION_EXPIRED": "Покупатель не завершил оформление",
    "USER_NOT_PAID": "Покупатель не оплатил заказ",
    "USER_UNREACHABLE": "Не удалось связаться с покупателем",
    "USER_CHANGED_MIND": "Покупатель передумал",
    "USER_REFUSED_DELIVERY": "Покупателя не устроили условия доставки",
    "USER_REFUSED_PRODUCT": "Покупателю не подошёл товар",
    "USER_REFUSED_QUALITY": "Покупателя не устроило качество",
    "USER_IDENTIFICATION_MISMATCH": "Документ покупателя не совпал с данными заказа",
    "SHOP_FAILED": "Магазин не может выполнить заказ",
    "REPLACING_ORDER": "Покупатель заменил товар другим",
    "PICKUP_EXPIRED": "Закончился срок хранения в пункте выдачи",
    "TOO_MANY_DELIVERY_DATE_CHANGES": "Доставку переносили слишком много раз",
    "TOO_LONG_DELIVERY": "Заказ доставлялся слишком долго",
    "INCORRECT_PERSONAL_DATA": "Неверные данные получателя",
    "TECHNICAL_ERROR": "Техническая ошибка Маркета",
}
"""Substatus of a cancellation → Yandex's own words for it."""

KINDS: Final[Mapping[str, str]] = {"CIS": "mark", "UIN": "uin", "RNPT": "rnpt", "GTD": "gtd"}
"""What Yandex wants of a piece → kind of code. `CIS_OPTIONAL` is not wanted yet."""
FIELDS: Final[Mapping[str, str]] = {"mark": "cis", "uin": "uin", "rnpt": "rnpt", "gtd": "gtd"}
"""Kind of code → field of a piece."""

CHECK_OVER: Final = frozenset({"OK", "NOT_ON_VALIDATION"})
CHECK_FAILED: Final = frozenset({"FAILED", "INVALID"})

BACK_AT_SHOP: Final = "PICKED"
"""Where a return is when the seller has its goods again."""
NEVER_BACK: Final = frozenset(
    {"LOST", "UTILIZED", "PREPARED_FOR_UTILIZATION", "READY_FOR_EXPROPRIATION",
     "RECEIVED_FOR_EXPROPRIATION", "NOT_IN_DEMAND"}
)  # fmt: skip
"""Where a return is when he never will: lost, destroyed, sold by others."""

MOSCOW: Final = timezone(timedelta(hours=3))
"""Days and times of hand-overs are Moscow's; it has no summer time."""


def is_gone(one: Order) -> bool:
    """Whether its goods are on their way: whoever gives up now sends them back."""
    return one.status in GONE or (one.status, one.substatus) == (PROCESSING, SHIPPED)


def state_of(one: Order, *, was_gone: bool = False) -> State:
    """The box's state; `unknown` for a word nobody has told us of.

    Args:
        one: the order.
        was_gone: it was seen on its way before: given up now, its goods travel back.
    """
    if one.status == CANCELLED and (was_gone or one.substatus in CAME_BACK):
        return "returning"
    found = SUBSTATES.get((one.status, one.substatus)) or STATES.get(one.status)
    return found or "unknown"


def each(prices: Prices, count: int) -> int:
    """Kopecks per piece, of amounts that are for all pieces; what makes no sense is 0.

    >>> from plugins.marketplace_yandex.shapes import Money
    >>> each(Prices(payment=Money(99.0), cashback=Money(1.0)), 3)
    3333
    """
    try:
        whole = Decimal(str(prices.payment.value)) + Decimal(str(prices.cashback.value))
    except InvalidOperation:
        return 0
    if not whole.is_finite() or count < 1:
        return 0
    return max(int(whole * 100) // count, 0)


def _requires(line: Item) -> tuple[str, ...]:
    return tuple(KINDS[one] for one in line.required_instance_types if one in KINDS)


def _line(line: Item) -> PostingLine:
    return PostingLine(
        article=line.offer_id or f"id:{line.id}",
        vendor_id=str(line.id),
        name=line.offer_name,
        quantity=line.count,
        price=each(line.prices, line.count),
        requires=_requires(line),
    )


def wants_codes(lines: Iterable[Item]) -> bool:
    """Whether something has to be told of the pieces."""
    return any(_requires(line) for line in lines)


def actions_of(one: Order) -> tuple[Deed, ...]:
    """What may be wished of it now."""
    if one.status != PROCESSING:
        return ()
    deeds: list[Deed] = []
    if one.substatus == READY:
        deeds.append("label")
    if one.substatus in (READY, SHIPPED) and one.program_type != EXPRESS:
        deeds.append("act")
    if state_of(one) == "assembling":
        deeds.append("pack")
        if wants_codes(one.items):
            deeds.append("codes")
    if state_of(one) in ("assembling", "packed"):
        deeds.append("cancel")
    return tuple(deeds)


def deadline_of(day: date | None, at: str | None) -> datetime | None:
    """When it must be handed over: that minute, else the end of the day, in Moscow."""
    if day is None:
        return None
    try:
        moment = time.fromisoformat(at) if at else time(23, 59)
    except ValueError:
        moment = time(23, 59)
    return datetime.combine(day, moment.replace(tzinfo=None), MOSCOW).astimezone(UTC)


def back_of(order_id: int, found: Iterable[Return]) -> tuple[PiecesBack, ...]:
    """What of an order is with the seller again, by article."""
    pieces: Counter[str] = Counter()
    for one in found:
        if one.order_id == order_id and one.shipment_status == BACK_AT_SHOP:
            for item in one.items:
                pieces[item.shop_sku] += max(item.count, 0)
    return tuple(
        PiecesBack(article=article, quantity=quantity)
        for article, quantity in sorted(pieces.items())
        if article and quantity
    )


def posting_of(
    one: Order, read_at: datetime, *, was_gone: bool = False, state: State | None = None
) -> PostingIn:
    """An order as the box takes it."""
    shipment = one.delivery.shipment
    reason = one.substatus if one.status == CANCELLED else ""
    return PostingIn(
        id=one.number,
        state=state or state_of(one, was_gone=was_gone),
        raw_status=one.status,
        raw_substatus=one.substatus,
        read_at=read_at,
        created_at=one.creation_date,
        deadline=deadline_of(shipment.shipment_date, shipment.shipment_time),
        lines=tuple(_line(line) for line in one.items),
        method=one.delivery.service_name,
        express=one.program_type == EXPRESS,
        reason=REASONS.get(reason, reason),
        actions=actions_of(one),
    )
