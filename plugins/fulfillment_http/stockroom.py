"""Goods, orders and the log of events of the fake operator; quantities are thousandths inside."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import NAMESPACE_URL, uuid5

import msgspec

from plugins.fulfillment_http import contract as c

AFTER: Final[dict[str, tuple[str, ...]]] = {
    "reserve": ("accepted", "shortage"),
    "shortage": ("accepted", "reserved", "picking"),
    "pick": ("accepted", "reserved", "shortage"),
    "pack": ("picking",),
    "ship": ("packed", "shipped"),
    "deliver": ("shipped",),
    "return_arrive": ("shipped", "delivered"),
    "return_check": ("return_arrived",),
}
"""Deed → statuses it may be done in."""
BECOMES: Final[dict[str, c.Status]] = {
    "reserve": "reserved",
    "shortage": "shortage",
    "pick": "picking",
    "pack": "packed",
    "ship": "shipped",
    "deliver": "delivered",
    "return_arrive": "return_arrived",
    "return_check": "return_checked",
}


class Refusal(Exception):
    """An answer that refuses."""

    def __init__(self, status: int, trouble: c.Trouble) -> None:
        super().__init__(trouble.code)
        self.status, self.trouble = status, trouble


@dataclass
class Place:
    """A good in a warehouse."""

    on_hand: int = 0
    reserved: int = 0
    quarantine: int = 0
    at: datetime | None = None


@dataclass
class Order:
    """An order as the operator keeps it; figures are by the shop's number of a line."""

    id: str
    given: c.OrderGiven
    at: datetime
    status: c.Status = "accepted"
    reason: str = ""
    tracking: str = ""
    carrier: str = ""
    held: dict[int, int] = field(default_factory=dict[int, int])
    short: dict[int, int] = field(default_factory=dict[int, int])
    shipped: dict[int, int] = field(default_factory=dict[int, int])
    returned: dict[int, int] = field(default_factory=dict[int, int])
    codes: dict[int, tuple[str, ...]] = field(default_factory=dict[int, tuple[str, ...]])

    def told(self) -> c.OrderTold:
        """As an answer gives it."""
        return c.OrderTold(
            id=self.id,
            order_no=self.given.order_no,
            status=self.status,
            updated_at=self.at,
            reason=self.reason,
            tracking=self.tracking,
            carrier=self.carrier,
            lines=tuple(
                c.LineTold(
                    line=one.line,
                    sku=one.sku,
                    quantity=one.quantity,
                    short=c.quantity(self.short.get(one.line, 0)),
                    shipped=c.quantity(self.shipped.get(one.line, 0)),
                    returned=c.quantity(self.returned.get(one.line, 0)),
                    codes=self.codes.get(one.line, ()),
                )
                for one in self.given.lines
            ),
        )


class Stockroom:
    """What lies, what is ordered, what happened."""

    def __init__(self, clock: Callable[[], datetime], happened: Callable[[c.Event], None]) -> None:
        """Args: happened: is told of every event that goes into the log."""
        self._clock = clock
        self._happened = happened
        self.places: dict[tuple[str, str], Place] = {}
        self.orders: dict[str, Order] = {}
        self.events: list[c.Event] = []

    def count(self, warehouse: str, sku: str, milli: int) -> None:
        """A good was counted."""
        self._place(warehouse, sku).on_hand = milli

    def _place(self, warehouse: str, sku: str) -> Place:
        place = self.places.setdefault((warehouse, sku), Place())
        place.at = self._clock()
        return place

    def order(self, number: str) -> Order:
        """By the shop's number; a refusal with 404 where there is none."""
        found = self.orders.get(number)
        if found is None:
            raise Refusal(404, c.Trouble(code="not_found"))
        return found

    def take(self, given: c.OrderGiven, ident: str) -> Order:
        """A new order: what is free is set aside at once."""
        order = self.orders[given.order_no] = Order(ident, given, self._clock())
        self._hold(order)
        self.note(order, tuple(_line(one, one.quantity) for one in given.lines))
        return order

    def change(self, order: Order, change: c.OrderChange) -> None:
        """Take over new lines, recipient, delivery, notes; set goods aside anew."""
        told = msgspec.structs.asdict(change)
        self._let_go(order)
        order.given = msgspec.structs.replace(
            order.given, **{name: value for name, value in told.items() if value is not None}
        )
        order.at = self._clock()
        self._hold(order)

    def _hold(self, order: Order) -> None:
        for line in order.given.lines:
            place = self._place(order.given.warehouse, line.sku)
            free = max(place.on_hand - place.reserved - place.quarantine, 0)
            order.held[line.line] = min(free, c.milli(line.quantity))
            place.reserved += order.held[line.line]

    def _let_go(self, order: Order) -> None:
        for line in order.given.lines:
            held = order.held.pop(line.line, 0)
            self._place(order.given.warehouse, line.sku).reserved -= held

    def cancel(self, order: Order) -> bool:
        """Cancel unless it is packed or further; whether it was."""
        if order.status not in {"accepted", "reserved", "shortage", "picking"}:
            return False
        self._let_go(order)
        order.status = "cancelled"
        self.note(order)
        return True

    def move(self, order: Order, deed: str, said: c.SandboxDeed) -> None:
        """Move an order on by a deed; all of its lines where none are named."""
        if deed not in AFTER:
            raise Refusal(404, c.Trouble(code="not_found"))
        if order.status not in AFTER[deed]:
            raise Refusal(409, c.Trouble(code="too_late", status=order.status))
        named = said.lines or self._rest(order, deed)
        order.status = BECOMES[deed]
        order.reason = said.reason
        order.tracking = said.tracking or order.tracking
        order.carrier = said.carrier or order.carrier
        for line in named:
            self._line(order, deed, line)
        self.note(order, named)

    def _rest(self, order: Order, deed: str) -> tuple[c.LineTold, ...]:
        done = order.shipped if deed == "ship" else {}
        return tuple(
            _line(one, c.quantity(left))
            for one in order.given.lines
            if (left := c.milli(one.quantity) - done.get(one.line, 0)) > 0
        )

    def _line(self, order: Order, deed: str, told: c.LineTold) -> None:
        place = self._place(order.given.warehouse, told.sku)
        milli = c.milli(told.quantity)
        if told.codes:
            order.codes[told.line] = told.codes
        if deed == "shortage":
            order.short[told.line] = c.milli(told.short)
        elif deed == "ship":
            held = min(order.held.get(told.line, 0), milli)
            order.held[told.line] = order.held.get(told.line, 0) - held
            order.shipped[told.line] = order.shipped.get(told.line, 0) + milli
            place.reserved -= held
            place.on_hand -= milli
        elif deed == "return_check":
            order.returned[told.line] = order.returned.get(told.line, 0) + milli
            place.on_hand += milli
            place.quarantine += 0 if told.condition in {None, "good"} else milli

    def note(self, order: Order, lines: tuple[c.LineTold, ...] = ()) -> None:
        """Put where an order stands into the log."""
        order.at = self._clock()
        seq = len(self.events) + 1
        event = c.Event(
            event_id=str(uuid5(NAMESPACE_URL, f"fulfilment/{order.id}/{seq}")),
            seq=seq,
            occurred_at=order.at,
            order_no=order.given.order_no,
            status=order.status,
            reason=order.reason,
            lines=lines,
            tracking=order.tracking,
            carrier=order.carrier,
        )
        self.events.append(event)
        self._happened(event)

    def changed(self, since: datetime | None) -> list[Order]:
        """Orders, oldest change first."""
        found = [one for one in self.orders.values() if since is None or one.at >= since]
        return sorted(found, key=lambda one: one.at)

    def stock(self, since: datetime | None) -> list[c.StockRow]:
        """Stock by warehouse and good."""
        return [
            c.StockRow(
                sku=sku,
                warehouse=warehouse,
                on_hand=c.quantity(one.on_hand),
                reserved=c.quantity(one.reserved),
                available=c.quantity(one.on_hand - one.reserved - one.quarantine),
                quarantine=c.quantity(one.quarantine),
            )
            for (warehouse, sku), one in sorted(self.places.items())
            if since is None or (one.at is not None and one.at >= since)
        ]


def _line(given: c.LineGiven, quantity: float) -> c.LineTold:
    return c.LineTold(line=given.line, sku=given.sku, quantity=quantity)
