"""Clients in groups: the figures of each from one bounded statement."""

from appliance.domain.client_lists import NOT_GIVEN, ClientGroup, ClientList
from appliance.storage import client_filters
from appliance.storage.references import Lists
from appliance.storage.statements import fetch
from appliance.storage.tx import Tx
from appliance.storage.visible import visible_client

MOST_COUNTED = 10_000
"""Newest clients whose figures are added up."""
KEYS = {"manager": "COALESCE(u.number, 0)", "region": "p.region"}


async def figures(
    tx: Tx, lists: Lists, asked: ClientList, by: str
) -> tuple[list[ClientGroup], bool]:
    """Figures of each group, the largest first, and whether they are of all clients.

    Args:
        tx: of the actor.
        lists: definitions of fields.
        asked: the filter.
        by: `manager` or `region`.
    """
    condition, values = client_filters.whole(tx, lists, asked)
    scope, args = visible_client(tx)
    rows = await fetch(
        f"SELECT {KEYS[by]}, COUNT(*), SUM(p.orders_total), SUM(p.owed_total) FROM ("
        "SELECT c.owner_id, c.region, c.orders_total, c.owed_total FROM customer c "
        f"WHERE {condition} AND {scope} ORDER BY c.number DESC LIMIT {{}}) p "
        f"LEFT JOIN users u ON u.id = p.owner_id GROUP BY {KEYS[by]}",
        *values,
        *args,
        MOST_COUNTED,
    )
    groups = [
        ClientGroup(
            key=str(key) or NOT_GIVEN,
            clients=int(count),
            total=int(total or 0),
            owed=int(owed or 0),
        )
        for key, count, total, owed in rows
    ]
    groups.sort(key=lambda one: (-one.clients, one.key))
    return groups, sum(one.clients for one in groups) < MOST_COUNTED
