"""Supplies: orders travel to WB in them, all of one warehouse and one kind of freight.

Making one is not idempotent at WB, so its name is written down before it is asked for: a supply
whose answer was lost is found again by that name.
"""

from uuid import uuid4

from appliance.plugin_api.calls import Row, Value
from appliance.plugin_api.core import Core
from appliance.plugin_api.marketplaces import CLOCK
from plugins.marketplace_wildberries.accounts import Account
from plugins.marketplace_wildberries.answers import Refusal
from plugins.marketplace_wildberries.shapes import Supply

GONE = (404, 409)
"""The supply is not there any more, was handed over meanwhile, or does not take this order."""


async def put_in(core: Core, account: Account, kind: str, order: int) -> str:
    """Put an order into the open supply of its kind, made if there is none; its id.

    Raises:
        Refusal: WB takes the order into no supply.
    """
    supply = await _open(core, account, kind)
    try:
        await account.wb.add(core, supply, [order])
    except Refusal as refusal:
        if refusal.status not in GONE:
            raise
        # It may have been handed over in WB's cabinet; a new one takes whatever may be taken.
        supply = await _made(core, account, kind)
        await account.wb.add(core, supply, [order])
    return supply


async def _open(core: Core, account: Account, kind: str) -> str:
    rows = await core.rows_get("supplies", [(account.code, kind)])
    if not rows:
        return await _made(core, account, kind)
    name, supply = str(rows[0].values["name"]), str(rows[0].values["supply"] or "")
    if not supply:
        supply = await account.wb.supply_named(core, name)
        if not supply:
            return await _made(core, account, kind)
        await _keep(core, account, kind, name, supply)
        return supply
    found = await account.wb.supply(core, supply)
    return await _made(core, account, kind) if found is None or found.done else supply


async def _made(core: Core, account: Account, kind: str) -> str:
    name = f"Korobka {CLOCK.now():%d.%m.%Y} {kind} {uuid4().hex[:6]}"
    await _keep(core, account, kind, name, "")
    supply = await account.wb.make_supply(core, name)
    await _keep(core, account, kind, name, supply)
    return supply


async def _keep(core: Core, account: Account, kind: str, name: str, supply: str) -> None:
    values: dict[str, Value] = {
        "account": account.code,
        "kind": kind,
        "name": name,
        "supply": supply,
    }
    await core.rows_put("supplies", [Row(values=values)])


async def found(core: Core, account: Account, order: int, known: str) -> Supply | None:
    """The supply an order is in, if it is known and still is there."""
    if not known:
        return None
    supply = await account.wb.supply(core, known)
    if supply is None or order not in await account.wb.orders_of(core, known):
        return None
    return supply
