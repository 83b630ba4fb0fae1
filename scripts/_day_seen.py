"""What the box says of a day, by its own API; and what is said of one thing on both sides."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from scripts._day_box import Day

PAGE: Final = 50
Json = dict[str, Any]


class Fact(NamedTuple):
    """One thing that both sides know.

    Attributes:
        kind: heading of the reconciliation.
        key: what both call it.
        there, here: what the service says, and the box; empty: it does not know it.
    """

    kind: str
    key: str
    there: str
    here: str


class Seen:
    """Every order with what services have of it, and all stock, read once.

    Attributes:
        orders: as `GET /orders/{number}` gives them, with `services` beside.
        by_name: order by (shop, external id).
        doubles: names that stand at more than one order.
        stock: (article, warehouse) → (on hand, set aside), pieces.
    """

    def __init__(self, day: Day) -> None:
        self.orders = [
            {**day.read(f"/orders/{number}"), "services": day.read(f"/orders/{number}/services")}
            for number in _numbers(day)
        ]
        named: defaultdict[tuple[str, str], list[Json]] = defaultdict(list)
        for one in self.orders:
            named[one["shop"], str(one["external_id"])].append(one)
        self.by_name = {name: some[0] for name, some in named.items()}
        self.doubles = [name for name, some in named.items() if len(some) > 1]
        self.stock: dict[tuple[str, str], tuple[int, int]] = {}
        page = day.read("/stock", limit=100)
        for variant in page["variants"]:
            for place in variant["stock"]:
                figures = (place["on_hand_milli"] // 1000, place["reserved_milli"] // 1000)
                self.stock[variant["sku"], place["warehouse"]] = figures

    def of_shop(self, shop: str) -> Iterator[Json]:
        """Orders of one shop."""
        return (one for one in self.orders if one["shop"] == shop)

    def free(self, article: str, warehouse: str = "main") -> int:
        """Pieces that may be sold."""
        on_hand, reserved = self.stock.get((article, warehouse), (0, 0))
        return on_hand - reserved


def _numbers(day: Day) -> Iterator[int]:
    cursor: str | None = None
    while True:
        query = {"cursor": cursor} if cursor else {}
        page = day.read("/orders", limit=PAGE, **query)
        yield from (one["number"] for one in page["rows"])
        cursor = page["next_cursor"]
        if not cursor:
            return


def pieces_of(order: Json) -> str:
    """Its lines as `A × 2, B × 1`."""
    lines = (f"{one['sku']} × {one['quantity_milli'] // 1000}" for one in order["lines"])
    return ", ".join(sorted(lines))
