"""Ozon: FBS postings in, stock and prices out."""

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
from appliance.plugin_api.marketplaces import key_found, warn_key
from plugins.marketplace_ozon import deeds, orders, stock
from plugins.marketplace_ozon.accounts import WAYS
from plugins.marketplace_ozon.pushes import pushed


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
    every("keys", keys)


@hookimpl
def register_routes(route: Routes) -> None:
    route("push", push)


@hookimpl
async def diagnose(core: Core, account: str) -> list[Finding]:
    """Ask by each key what it may do, and until when."""
    tried = [one for one in WAYS.of(core) if account in ("", one.code)]
    return [await key_found(core, one.code, await one.ozon.expires_at(core)) for one in tried]


async def push(request: RouteRequest, core: Core) -> RouteReply:
    """Take a hint of Ozon's."""
    return await pushed(request, core)


async def keys(core: Core) -> None:
    """Say that a key of access ends soon, two weeks before."""
    for account in WAYS.of(core):
        await warn_key(core, account.code, await account.ozon.expires_at(core))
