"""Sums of an order: lines, discounts, delivery, payments. Everything adds up to the kopeck.

Money is integer kopecks, quantity integer thousandths, a percentage integer thousandths of a
percent (10 % is 10 000).
"""

from collections.abc import Sequence
from typing import NamedTuple

WHOLE_MILLI = 1000
_HUNDRED_PERCENT_MILLI = 100_000


class LineInput(NamedTuple):
    """What a line's sum is made of; price and discounts are per unit."""

    quantity_milli: int
    price: int
    discount_amount: int = 0
    discount_percent_milli: int = 0
    purchase_price: int = 0


class LineSum(NamedTuple):
    """A line's sums.

    Attributes:
        goods: price times quantity, before any discount.
        own_discount: the line's own discount, whole line.
        order_share: the line's share of the order's discount, whole line.
        total: goods - own_discount - order_share, never below zero.
        unit_order_discount, unit_discount: the same per unit, rounded: for showing only.
    """

    goods: int
    own_discount: int
    order_share: int
    total: int
    unit_order_discount: int
    unit_discount: int


class OrderSum(NamedTuple):
    """An order's sums; total = goods_total - discount_total + delivery."""

    lines: tuple[LineSum, ...]
    goods_total: int
    discount_total: int
    purchase_total: int
    total: int


def part_of(amount: int, numerator: int, denominator: int) -> int:
    """`amount × numerator / denominator`, rounded half away from zero.

    >>> part_of(999, 500, 1000), part_of(-999, 500, 1000)
    (500, -500)
    """
    product = amount * numerator
    rounded = (2 * abs(product) + denominator) // (2 * denominator)
    return rounded if product >= 0 else -rounded


def spread(amount: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Divide a non-negative amount in proportion to weights; the parts add up exactly.

    What rounding down leaves goes, kopeck by kopeck, to the largest remainders, the earlier
    of equals first. No part exceeds its weight as long as `amount` does not exceed their sum.

    >>> spread(100, [1, 1, 1])
    (34, 33, 33)
    """
    whole = sum(weights)
    if whole <= 0:
        return (0,) * len(weights)
    parts = [amount * weight // whole for weight in weights]
    left = amount - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda at: (-(amount * weights[at] % whole), at))
    for at in by_remainder[:left]:
        parts[at] += 1
    return tuple(parts)


def _own_discount(line: LineInput) -> int:
    """A line's own discount, whole line; a discount above the price is taken as the price."""
    unit = line.discount_amount + part_of(
        line.price, line.discount_percent_milli, _HUNDRED_PERCENT_MILLI
    )
    return part_of(min(max(unit, 0), line.price), line.quantity_milli, WHOLE_MILLI)


def _per_unit(amount: int, quantity_milli: int) -> int:
    return part_of(amount, WHOLE_MILLI, quantity_milli) if quantity_milli else 0


def add_up(
    lines: Sequence[LineInput],
    *,
    discount_amount: int = 0,
    discount_percent_milli: int = 0,
    delivery_cost: int = 0,
) -> OrderSum:
    """Sums of an order.

    The order's own discount is taken from what the lines cost after theirs, is never more than
    that, and is spread over the lines in proportion to it.
    """
    goods = [part_of(line.price, line.quantity_milli, WHOLE_MILLI) for line in lines]
    own = [_own_discount(line) for line in lines]
    left = [first - second for first, second in zip(goods, own, strict=True)]
    base = sum(left)
    wanted = discount_amount + part_of(base, discount_percent_milli, _HUNDRED_PERCENT_MILLI)
    shares = spread(min(max(wanted, 0), base), left)
    sums = tuple(
        LineSum(
            goods=goods[at],
            own_discount=own[at],
            order_share=shares[at],
            total=left[at] - shares[at],
            unit_order_discount=_per_unit(shares[at], line.quantity_milli),
            unit_discount=_per_unit(own[at] + shares[at], line.quantity_milli),
        )
        for at, line in enumerate(lines)
    )
    discount_total = sum(own) + sum(shares)
    return OrderSum(
        lines=sums,
        goods_total=sum(goods),
        discount_total=discount_total,
        purchase_total=sum(
            part_of(line.purchase_price, line.quantity_milli, WHOLE_MILLI) for line in lines
        ),
        total=sum(goods) - discount_total + delivery_cost,
    )


def unit_prices(total: int, quantity_milli: int) -> tuple[tuple[int, int], ...]:
    """Resulting unit prices of a line as (price, quantity in thousandths).

    Whole quantities give prices that add up to `total` exactly, in one or two entries; of a
    fractional quantity there is one rounded price.

    >>> unit_prices(100, 3000)
    ((33, 2000), (34, 1000))
    """
    if quantity_milli <= 0:
        return ()
    pieces, fraction = divmod(quantity_milli, WHOLE_MILLI)
    if fraction:
        return ((part_of(total, WHOLE_MILLI, quantity_milli), quantity_milli),)
    low, dearer = divmod(total, pieces)
    if not dearer:
        return ((low, quantity_milli),)
    return ((low, (pieces - dearer) * WHOLE_MILLI), (low + 1, dearer * WHOLE_MILLI))


def paid(payments: Sequence[tuple[int, bool]]) -> int:
    """Sum of the settled among (amount, settled); a refund is a negative amount."""
    return sum(amount for amount, settled in payments if settled)


def payment_state(total: int, paid_total: int) -> str:
    """How far an order is paid: `unpaid`, `partly` or `paid`; nothing to pay is paid."""
    if paid_total >= total:
        return "paid"
    return "partly" if paid_total > 0 else "unpaid"
