"""What a client prefers, as the orders tell it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

SHOWN: Final = 3
"""Sizes and brands on a card: the fourth is no preference."""
SIZES: Final = frozenset({"size", "размер", "razmer"})
"""Codes and names of a line's property that shops use for a size."""


class Counted(msgspec.Struct, frozen=True):
    """A value, and in how many orders it was."""

    value: str
    orders: int


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """What the newest orders have in common.

    Attributes:
        orders: how many were looked at.
        method, delivery_type, payment_type: the code of most of them; None where none names any.
        brands, sizes: those of most orders first.
    """

    orders: int = 0
    method: Counted | None = None
    delivery_type: Counted | None = None
    payment_type: Counted | None = None
    brands: tuple[Counted, ...] = ()
    sizes: tuple[Counted, ...] = ()


def most(values: Iterable[tuple[str, int]]) -> Counted | None:
    """The value of most orders; blank ones say nothing, of equals the first in the alphabet.

    >>> most([("courier", 2), ("", 9), ("courier", 1), ("self", 2)])
    Counted(value='courier', orders=3)
    >>> most([("", 4)]) is None
    True
    """
    sums: Counter[str] = Counter()
    for value, orders in values:
        sums[value] += orders if value else 0
    best = min(((-many, value) for value, many in sums.items() if many), default=None)
    return None if best is None else Counted(best[1], -best[0])


def sizes_of(orders: Iterable[Sequence[tuple[str, str, str]]]) -> tuple[Counted, ...]:
    """Sizes of the goods, each once an order; an order is its lines' (code, name, value).

    >>> sizes_of([[("size", "", "42"), ("size", "", "42")], [("x", "Размер", "42")]])
    (Counted(value='42', orders=2),)
    """
    sums: Counter[str] = Counter()
    for order in orders:
        sums.update(
            {
                value.strip()
                for code, name, value in order
                if value.strip() and SIZES & {code.casefold(), name.strip().casefold()}
            }
        )
    found = sorted(sums.items(), key=lambda one: (-one[1], one[0]))
    return tuple(Counted(value, many) for value, many in found[:SHOWN])
