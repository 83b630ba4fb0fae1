"""Hears of orders."""

from appliance.domain.events import OrderPlaced
from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import On, hookimpl


@hookimpl
def register_handlers(on: On) -> None:
    on(OrderPlaced, hear)


async def hear(event: OrderPlaced, core: Core) -> None:
    """Nothing is to be done."""
