"""What the base that keeps the books says of an order: money, goods that went, its lines.

A document is known by its key for ever: said again it does nothing, said otherwise it is changed,
said to be withdrawn it is taken back. Money in kopecks, quantities in thousandths, times aware.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

Booked = Literal["made", "bound", "changed", "same", "withdrawn", "disputed"]
"""`bound`: what the document says was here already, and it stands for that. `disputed`: it
contradicts what people did here, nothing was changed, and a person is to decide."""


class Shipped(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A shipment of an order, as `Order.shipments` has it.

    Attributes:
        state: draft, dispatched, delivered, cancelled.
        lines: number of a line and thousandths of it.
    """

    number: int
    state: str
    dispatched_at: datetime | None = None
    track_number: str = ""
    lines: tuple[tuple[int, int], ...] = ()


class CameBack(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Goods of an order that a document of stock took back in.

    Attributes:
        lines: number of a line and thousandths of it.
    """

    number: int
    at: datetime | None = None
    lines: tuple[tuple[int, int], ...] = ()


class MoneySaid(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A document of money for an order.

    Attributes:
        key: of the document in its base, constant; a plugin with several accounts puts theirs in.
        amount: kopecks, negative where it was given back; None: all that is left to pay.
        type: code of the way of payment; empty: the usual one.
        at: when it came; None: now.
        withdrawn: the base took the document back.
    """

    order_id: UUID
    key: str
    amount: int | None = None
    type: str = ""
    at: datetime | None = None
    withdrawn: bool = False


class GoneLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of which line how much went: the line by its number (`Line.number`)."""

    number: int
    quantity_milli: int


class GoodsSaid(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A document of goods that left the warehouse, or came back to it.

    Attributes:
        lines: None: all that has not gone yet.
        at: when they left; stock that the base counted after it has this in it already.
        withdrawn: the base took the document back.
        back: they came back from the buyer: a shipment on its way that has just these lines is
            taken back; else a document of stock takes them in, as far as the buyer has them. More
            than he has is disputed. `lines` None then: the only shipment on its way, else all
            that the buyer has.
        number: of the paper, for people to find it by.
    """

    order_id: UUID
    key: str
    lines: tuple[GoneLine, ...] | None = None
    at: datetime | None = None
    track: str = ""
    withdrawn: bool = False
    back: bool = False
    number: str = ""


class LineSaid(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line as the base has it.

    Attributes:
        number: of the line here; 0: it is new, and its goods are found by `offer`, the id of the
            base, else by `article`; unknown ones are made by `name` and marked to be checked.
        total: kopecks, what the line costs after everything taken off.
    """

    number: int = 0
    offer: str = ""
    article: str = ""
    name: str = ""
    quantity_milli: int
    total: int


class LinesSaid(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All lines of an order, as the base that leads them has them.

    Attributes:
        version: of the order as it was compared; a change since is refused.
        delivery_cost: kopecks; None leaves it.
    """

    order_id: UUID
    lines: tuple[LineSaid, ...]
    version: int | None = None
    delivery_cost: int | None = None


class Entered(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a document.

    Attributes:
        number: of the payment, shipment or document of stock; 0: it stands for none.
        code: why it is disputed.
        is_return: the number is that of a document of stock which took goods back in.
    """

    outcome: Booked
    number: int = 0
    code: str = ""
    is_return: bool = False


class Books:
    """`core.books`: questions of this subject."""

    def __init__(self, call: Callable[[str, msgspec.Struct], Awaitable[Any]]) -> None:
        self._call = call

    async def money(self, said: MoneySaid) -> Entered:
        """Money that came or was given back becomes a payment of the order, once."""
        return await self._call("books_money", said)

    async def goods(self, said: GoodsSaid) -> Entered:
        """Goods that went or came back become a shipment or a return, once; stock moves once."""
        return await self._call("books_goods", said)

    async def lines(self, said: LinesSaid) -> Entered:
        """The order gets the lines of the base, with its trace in the order's history."""
        return await self._call("books_lines", said)
