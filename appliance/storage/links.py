"""Records that another record is bound to: found by number, where the actor may see them."""

from uuid import UUID

from appliance.roles import Permission
from appliance.storage.statements import fetch_value
from appliance.storage.tx import Tx
from appliance.storage.visible import in_shop, visible_client_under, visible_order_under


async def order_id(tx: Tx, number: int) -> UUID | None:
    """An order the actor may see; None where there is none for him."""
    scope, args = visible_order_under(tx, Permission.ORDER_VIEW)
    shop, shop_args = in_shop(tx, "o.shop")
    return await fetch_value(
        f"SELECT o.id FROM orders o WHERE o.number = {{}} AND {scope} AND {shop}",
        number,
        *args,
        *shop_args,
    )


async def customer_id(tx: Tx, number: int) -> UUID | None:
    """A client the actor may see; None where there is none for him."""
    scope, args = visible_client_under(tx, Permission.CUSTOMER_VIEW)
    return await fetch_value(
        f"SELECT c.id FROM customer c WHERE c.number = {{}} AND {scope}", number, *args
    )
