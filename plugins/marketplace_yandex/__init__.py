"""Yandex Market: orders of FBS in, stock and prices out."""

from collections.abc import Sequence
from typing import Final

from appliance.domain.events import ServiceWished
from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import (
    Answers,
    Every,
    Finding,
    On,
    RouteReply,
    RouteRequest,
    Routes,
    hookimpl,
)
from plugins.marketplace_yandex import deeds, orders, stock
from plugins.marketplace_yandex.accounts import WAYS, Account
from plugins.marketplace_yandex.pushes import pushed

EVERYTHING: Final = "ALL_METHODS"
NEEDED: Final = ("INVENTORY_AND_ORDER_PROCESSING", "OFFERS_AND_CARDS_MANAGEMENT", "PRICING")
"""What a key must let us do, unless it lets us do everything."""
OPEN: Final = "AVAILABLE"


@hookimpl
def register_handlers(on: On) -> None:
    on(ServiceWished, deeds.wished)


@hookimpl
def register_answers(answer: Answers) -> None:
    answer("market.reasons", deeds.reasons)


@hookimpl
def register_jobs(every: Every) -> None:
    every("orders", orders.poll)
    every("hints", orders.hinted)
    every("stock", stock.send)
    every("prices", stock.prices)
    every("catalogue", stock.catalogue)
    every("returns", orders.returns)


@hookimpl
def register_routes(route: Routes) -> None:
    route("push", push)


@hookimpl
async def diagnose(core: Core, account: str) -> list[Finding]:
    """Ask which shops each key lets in, what it may do, and whether the warehouse is there."""
    tried = [one for one in WAYS.of(core) if account in ("", one.code)]
    return [finding for one in tried for finding in await _test(core, one)]


async def push(request: RouteRequest, core: Core) -> RouteReply:
    """Take a hint of Yandex's."""
    return await pushed(request, core)


async def _test(core: Core, account: Account) -> Sequence[Finding]:
    def finding(code: str, *, is_good: bool, **numbers: int) -> Finding:
        return Finding(code=code, is_good=is_good, numbers=numbers, account=account.code)

    shops = await account.yandex.shops(core)
    if not shops:
        return [finding("no_shops", is_good=False)]
    found = [finding("connected", is_good=True, shops=len(shops))]
    closed = [one for one in shops if one.api_availability not in ("", OPEN)]
    if closed:
        found.append(finding("shop_closed", is_good=False, shop=closed[0].id))
    scopes = await account.yandex.scopes(core)
    if EVERYTHING not in scopes and not set(NEEDED) <= set(scopes):
        found.append(finding("scopes_missing", is_good=False))
    if account.warehouse and not await account.yandex.has_warehouse(core, account.warehouse):
        found.append(finding("warehouse_unknown", is_good=False, warehouse=account.warehouse))
    return found
