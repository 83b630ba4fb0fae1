"""Ozon: FBS postings in, stock and prices out."""

from datetime import timedelta
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
from plugins.marketplace_ozon import deeds, orders, stock
from plugins.marketplace_ozon.accounts import WAYS, Account
from plugins.marketplace_ozon.pushes import pushed

WARN: Final = timedelta(days=14)
"""Before a key of access ends."""


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
    tried = [one for one in WAYS.of(core) if account in ("", one.code)]
    return [finding for one in tried for finding in await _test(core, one)]


async def push(request: RouteRequest, core: Core) -> RouteReply:
    """Take a hint of Ozon's."""
    return await pushed(request, core)


async def _test(core: Core, account: Account) -> list[Finding]:
    """Ask by the key what it may do, and until when."""
    ends = await account.ozon.expires_at(core)
    if ends is None:
        return [Finding(code="connected", is_good=True)]
    left = ends - orders.CLOCK.now()
    return [Finding(code="key_days", is_good=left > WARN, numbers={"days": max(left.days, 0)})]


async def keys(core: Core) -> None:
    """Say that a key of access ends soon, two weeks before."""
    for account in WAYS.of(core):
        for one in await _test(core, account):
            if not one.is_good:
                days = one.numbers["days"]
                await core.journal("key_ends", state="warn", account=account.code, days=days)
