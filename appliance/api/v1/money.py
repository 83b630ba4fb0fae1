"""Which integers of the domain are money: on the wire their names say the unit."""

from typing import Final

KOPECKS: Final = "_kopecks"

_NAMES: Final = frozenset(
    {
        "amount", "balance", "cancelled_total", "closed_total", "cost", "coupon_discount",
        "delivery_cost", "discount_amount", "discount_total", "goods_total", "kept_total",
        "least_total", "max_amount", "max_total", "min_amount", "min_total", "net_cost",
        "order_discount", "order_share", "orders_total", "owed", "own_discount", "page_total",
        "paid_total", "placed_total", "price", "prices", "purchase_price", "purchase_total",
        "refunded", "total", "unit_discount", "unit_order_discount",
    }
)  # fmt: skip
_ONLY_OF: Final = frozenset(
    {("ClientMoney", "limit"), ("Credit", "limit"), ("Figures", "paid"), ("StockValue", "value")}
)
_COUNTS: Final = frozenset(
    {
        ("BulkView", "total"),
        ("ImportView", "total"),
        ("Looked", "total"),
        ("TaskPages", "total"),
        ("Turning", "total"),
    }
)
"""Totals that count things."""


def wire_name(owner: str, field: str, *, numeric: bool) -> str:
    """The name of a field on the wire: an amount in kopecks is called so.

    Args:
        owner: name of the type, or of the action for its own parameters.
        field: name in the domain.
        numeric: the field holds integers; a flag or text of the same name is no money.
    """
    pair = (owner, field)
    is_money = numeric and pair not in _COUNTS and (field in _NAMES or pair in _ONLY_OF)
    return f"{field}{KOPECKS}" if is_money else field
