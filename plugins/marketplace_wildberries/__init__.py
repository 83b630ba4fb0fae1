"""Wildberries: FBS assembly orders in, supplies and stickers, stock and prices out."""

from typing import Final

from appliance.domain.events import ServiceWished
from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import Answers, Every, Finding, On, hookimpl
from appliance.plugin_api.marketplaces import key_found, warn_key
from plugins.marketplace_wildberries import catalogue, deeds, orders, prices, returns, stock, tokens
from plugins.marketplace_wildberries.accounts import WAYS, Account

FBS: Final = 1


@hookimpl
def register_handlers(on: On) -> None:
    on(ServiceWished, deeds.wished)


@hookimpl
def register_answers(answer: Answers) -> None:
    answer("market.reasons", deeds.reasons)


@hookimpl
def register_jobs(every: Every) -> None:
    every("orders", orders.poll)
    every("stock", stock.send)
    every("prices", prices.send)
    every("catalogue", catalogue.read)
    every("returns", returns.read)
    every("keys", keys)


@hookimpl
async def diagnose(core: Core, account: str) -> list[Finding]:
    """Ask each host whether it takes the token, and the token when it ends."""
    found: list[Finding] = []
    for one in WAYS.of(core):
        if account in ("", one.code):
            await one.wb.ping(core)
            if one.warehouse and not await _is_there(core, one):
                found.append(Finding(code="warehouse_wrong", is_good=False, account=one.code))
            found.append(await key_found(core, one.code, tokens.ends_at(one.wb.token)))
    return found


async def _is_there(core: Core, account: Account) -> bool:
    """Whether the warehouse of the settings is one of the seller's for FBS."""
    houses = await account.wb.houses(core)
    return any(str(x.id) == account.warehouse and x.delivery_type == FBS for x in houses)


async def keys(core: Core) -> None:
    """Say that a token ends soon; WB is not asked: it forbids its test by a timetable."""
    for account in WAYS.of(core):
        await warn_key(core, account.code, tokens.ends_at(account.wb.token))
