"""What a client prefers, counted from the newest orders when the card is opened."""

from uuid import UUID

from appliance.domain.habits import SHOWN, Counted, Habits, most, sizes_of
from appliance.storage.order_lines import properties_of
from appliance.storage.statements import fetch

RECENT = 50
"""Orders that are looked at: habits of years ago are no preference of today."""
_RECENT = (
    "(SELECT id, order_method, delivery_type FROM orders WHERE customer_id = {} "
    "ORDER BY number DESC LIMIT {}) o"
)


async def of_customer(customer_id: UUID) -> Habits:
    """What the newest orders of a client have in common; four statements, whatever their number."""
    ways = await fetch(
        f"SELECT o.order_method, o.delivery_type, COUNT(*) FROM {_RECENT} "
        "GROUP BY o.order_method, o.delivery_type",
        customer_id,
        RECENT,
    )
    orders = sum(row[2] for row in ways)
    if not orders:
        return Habits()
    paid = await fetch(
        f"SELECT p.kind, COUNT(DISTINCT o.id) FROM {_RECENT} JOIN payment p ON p.order_id = o.id "
        "WHERE p.amount > 0 GROUP BY p.kind",
        customer_id,
        RECENT,
    )
    brands = await fetch(
        f"SELECT p.manufacturer, COUNT(DISTINCT o.id) AS many FROM {_RECENT} "
        "JOIN order_line l ON l.order_id = o.id JOIN variant v ON v.id = l.variant_id "
        "JOIN product p ON p.id = v.product_id WHERE p.manufacturer <> '' "
        "GROUP BY p.manufacturer ORDER BY many DESC, p.manufacturer LIMIT {}",
        customer_id,
        RECENT,
        SHOWN,
    )
    return Habits(
        orders=orders,
        method=most((row[0], row[2]) for row in ways),
        delivery_type=most((row[1], row[2]) for row in ways),
        payment_type=most((row[0], row[1]) for row in paid),
        brands=tuple(Counted(name, many) for name, many in brands),
        sizes=sizes_of((await _properties(customer_id)).values()),
    )


async def _properties(customer_id: UUID) -> dict[UUID, list[tuple[str, str, str]]]:
    """Order → code, name and value of what its lines are marked with."""
    found: dict[UUID, list[tuple[str, str, str]]] = {}
    for order_id, text in await fetch(
        f"SELECT o.id, l.properties FROM {_RECENT} JOIN order_line l ON l.order_id = o.id "
        "WHERE l.properties <> '[]'",
        customer_id,
        RECENT,
    ):
        marks = found.setdefault(order_id, [])
        marks.extend((one.code, one.name, one.value) for one in properties_of(text))
    return found
