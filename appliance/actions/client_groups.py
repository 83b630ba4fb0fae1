"""The list of clients in groups: figures of each, and the newest clients of the first ones."""

from typing import Final

import msgspec

from appliance.actions._gate import action
from appliance.domain.client_lists import ClientList
from appliance.domain.desk import ClientGroupRows, ClientGroupsScreen
from appliance.roles import Permission
from appliance.storage import client_filters, client_groups, customer_views, desk, references
from appliance.storage.tx import Tx

FIRST: Final = 10
"""Clients that a group shows; the rest stand behind its name."""
OPEN: Final = 50
"""Clients that are opened for one page; further groups are only named."""
MOST_GROUPS: Final = 90


def narrowed(asked: ClientList, by: str, key: str) -> ClientList:
    """The filter of one group of a filter."""
    if by == "manager":
        return msgspec.structs.replace(asked, manager=int(key))
    return msgspec.structs.replace(asked, region=key)


@action(Permission.CUSTOMER_VIEW, reads=True)
async def screen(tx: Tx, asked: ClientList, by: str) -> ClientGroupsScreen:
    """The groups of a filter with their figures; the first ones with their newest clients.

    Args:
        tx: of the actor.
        asked: the filter.
        by: `manager` or `region`.
    """
    lists = await references.lists()
    found, whole = await client_groups.figures(tx, lists, asked, by)
    groups: list[ClientGroupRows] = []
    left = OPEN
    for one in found[:MOST_GROUPS]:
        rows = ()
        if left > 0:
            text, values = client_filters.whole(tx, lists, narrowed(asked, by, one.key))
            page = await customer_views.list_visible(tx, text, values, min(FIRST, left))
            rows = await customer_views.views_of(tx, page)
            left -= len(rows)
        groups.append(ClientGroupRows(figures=one, rows=rows))
    return ClientGroupsScreen(groups=tuple(groups), whole=whole, codes=await desk.codes(tx, lists))
