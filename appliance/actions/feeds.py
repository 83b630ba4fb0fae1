"""Feeds of changes for programs, beside `orders.history`."""

from appliance.actions._gate import action
from appliance.actions._order_checks import also_needs
from appliance.domain.customer_feed import CustomerFeedFilter, CustomerFeedPage
from appliance.roles import Permission
from appliance.storage import customer_history
from appliance.storage.tx import Tx


@action(Permission.FEED_READ, reads=True)
async def customers(tx: Tx, wanted: CustomerFeedFilter) -> CustomerFeedPage:
    """Changes of clients after a number, ascending.

    Raises:
        Denied: a key that may read orders but not clients.
    """
    also_needs(tx, Permission.CUSTOMER_VIEW)
    return await customer_history.page(tx, wanted)
