"""Orders in: what changed lately, once a day everything, returns, and hints of notifications."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from appliance.plugin_api import marketplaces
from appliance.plugin_api.calls import Row, Value
from appliance.plugin_api.core import Core
from appliance.plugin_api.marketplaces import CLOCK
from plugins.marketplace_yandex import client, mapping
from plugins.marketplace_yandex.accounts import MARKET, WAYS, Account
from plugins.marketplace_yandex.client import Refusal
from plugins.marketplace_yandex.shapes import Order, Return

OVERLAP: Final = timedelta(minutes=15)
"""Yandex counts a change by its own clock and shows it late: look so far back each time."""
WHOLE_EVERY: Final = timedelta(hours=24)
RETURNS_BACK: Final = timedelta(days=7)
"""Yandex asks by the day of the last change: a week without us is looked through."""
ENDED: Final = frozenset({"DELIVERED", "RETURNED", "PARTIALLY_RETURNED"})


async def poll(core: Core) -> None:
    """Bring in what changed in every account."""
    await marketplaces.for_each(WAYS.of(core), lambda account: _poll(core, account))


async def _poll(core: Core, account: Account) -> None:
    await core.markets.open(account.code, MARKET, account.title)
    at = CLOCK.now()
    since, whole = await marketplaces.marks(core, account.code)
    if whole is None or at - whole >= WHOLE_EVERY:
        await reconcile(core, account, at)
        await marketplaces.mark(core, account.code, at, at)
        return
    changed = {"dates": {"updateDateFrom": client.iso((since or at) - OVERLAP)}}
    async for page in account.yandex.orders(core, changed, tests=account.tests):
        await give(core, account, page, at)
    await marketplaces.mark(core, account.code, at, whole)


async def reconcile(core: Core, account: Account, at: datetime) -> None:
    """Take everything that waits, and look after each order that the box holds for not over."""
    seen: set[str] = set()
    waiting = {"statuses": list(mapping.WAITING)}
    async for page in account.yandex.orders(core, waiting, tests=account.tests):
        await give(core, account, page, at)
        seen.update(one.number for one in page)
    after = ""
    while ids := await core.markets.open_ids(account.code, after):
        after = ids[-1]
        await look_after(core, account, [one for one in ids if one not in seen])


async def look_after(core: Core, account: Account, numbers: Sequence[str]) -> None:
    """Read orders again by their ids, fifty in a request."""
    for start in range(0, len(numbers), client.IDS):
        part = [one for one in numbers[start : start + client.IDS] if one.isdecimal()]
        at = CLOCK.now()
        found = await account.yandex.some(core, [int(one) for one in part]) if part else ()
        await give(core, account, found, at)
        for one in sorted(set(part) - {order.number for order in found}):
            await core.journal("posting_gone", direction="in", state="warn", posting=one)


async def look(core: Core, account: Account, number: str) -> Order | None:
    """Read one order again and give it to the box; None: Yandex does not know it."""
    at = CLOCK.now()
    try:
        found = await account.yandex.order(core, number)
    except Refusal:
        gone = number[: marketplaces.TEXT]
        await core.journal("posting_gone", direction="in", state="warn", posting=gone)
        return None
    await give(core, account, [found], at)
    return found


async def give(core: Core, account: Account, page: Iterable[Order], at: datetime) -> None:
    """Give a page to the box, and remember what is on its way."""
    page = [one for one in page if one.number]
    gone = await _gone(core, account, page)
    given = [mapping.posting_of(one, at, was_gone=one.number in gone) for one in page]
    await marketplaces.give(core, account.code, given)


async def _gone(core: Core, account: Account, page: Sequence[Order]) -> set[str]:
    """Which of those given up were seen on their way: Yandex does not say so itself."""
    leaving = [one.number for one in page if mapping.is_gone(one)]
    asked = [one.number for one in page if one.status == mapping.CANCELLED]
    keys: list[tuple[Value, ...]] = [(account.code, one) for one in (*leaving, *asked)]
    known: set[str] = set()
    if keys:
        known = {str(row.values["posting"]) for row in await core.rows_get("gone", keys)}
    fresh = [one for one in leaving if one not in known]
    if fresh:
        rows = [Row(values={"account": account.code, "posting": one}) for one in fresh]
        await core.rows_put("gone", rows)
    over: list[tuple[Value, ...]] = [
        (account.code, one.number) for one in page if one.status in ENDED
    ]
    if over:
        await core.rows_delete("gone", over)
    return known


# --- returns ---


async def returns(core: Core) -> None:
    """Mark orders whose goods came back to the seller."""
    await marketplaces.for_each(WAYS.of(core), lambda account: _returns(core, account))


async def _returns(core: Core, account: Account) -> None:
    await core.markets.open(account.code, MARKET, account.title)
    since = (CLOCK.now() - RETURNS_BACK).date()
    for campaign in await account.yandex.speaks_for(core):
        found = await account.yandex.returns(core, campaign, since=since)
        await came_back(core, account, found)


async def came_back(core: Core, account: Account, found: Sequence[Return]) -> None:
    """Take over what is at the seller's again, whole orders and parts; say what never will be."""
    numbers = sorted({one.order_id for one in found if one.shipment_status == mapping.BACK_AT_SHOP})
    for start in range(0, len(numbers), client.IDS):
        at = CLOCK.now()
        known = await account.yandex.some(core, numbers[start : start + client.IDS])
        whole = [one for one in known if one.status in mapping.SENT_BACK]
        given = [mapping.posting_of(one, at, state="returned") for one in whole]
        await marketplaces.give(core, account.code, given)
        for one in known:
            if one.status not in mapping.SENT_BACK:
                await _part_back(core, account, one, at)
    lost = {str(one.order_id) for one in found if one.shipment_status in mapping.NEVER_BACK}
    await marketplaces.say_once(core, account.code, "return_lost", lost)


async def _part_back(core: Core, account: Account, one: Order, at: datetime) -> None:
    """Tell the box which pieces of an order came back in all, however long ago the first did."""
    every = await account.yandex.returns(core, one.campaign_id, order=one.order_id)
    back = mapping.back_of(one.order_id, every)
    if not back:  # Yandex does not say of what: a person has to look
        await marketplaces.say_once(core, account.code, "returned_partly", [one.number])
        return
    given = msgspec.structs.replace(mapping.posting_of(one, at), back=back)
    await marketplaces.give(core, account.code, [given])


async def _hinted(core: Core, code: str, number: str) -> None:
    account = WAYS.one(core, code)
    if account is None:
        return
    await core.markets.open(account.code, MARKET, account.title)
    found = await look(core, account, number)
    if found is not None and found.status in mapping.MAY_BE_BACK:
        back = await account.yandex.returns(core, found.campaign_id, order=found.order_id)
        await came_back(core, account, back)


async def hinted(core: Core) -> None:
    """Read the orders that notifications spoke of."""
    await marketplaces.hinted(core, _hinted)
