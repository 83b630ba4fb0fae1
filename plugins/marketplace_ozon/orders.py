"""Postings in: what changed lately, once a day everything, returns, and hints of pushes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from appliance.plugin_api import marketplaces
from appliance.plugin_api.core import Core
from appliance.plugin_api.marketplaces import CLOCK
from plugins.marketplace_ozon import mapping
from plugins.marketplace_ozon.accounts import MARKET, WAYS, Account
from plugins.marketplace_ozon.client import Refusal
from plugins.marketplace_ozon.shapes import Posting

OVERLAP: Final = timedelta(minutes=15)
"""Ozon counts a change by its own clock and shows it late: look so far back each time."""
BACK: Final = timedelta(days=30)
AHEAD: Final = timedelta(days=60)
"""Deadlines that are asked for: within a year in all."""
WHOLE_EVERY: Final = timedelta(hours=24)


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
    changed = (since or at) - OVERLAP
    ozon = account.ozon
    async for page in ozon.unfulfilled(core, at - BACK, at + AHEAD, changed, at):
        await give(core, account, page, at)
    async for page in ozon.listed(core, at - BACK * 3, at, changed):
        await give(core, account, page, at)
    await marketplaces.mark(core, account.code, at, whole)


async def reconcile(core: Core, account: Account, at: datetime) -> None:
    """Take everything that waits, and look after each posting that the box holds for not over."""
    seen: set[str] = set()
    ozon = account.ozon
    async for page in ozon.unfulfilled(core, at - BACK, at + AHEAD, None, at):
        await give(core, account, page, at)
        seen.update(one.posting_number for one in page)
    after = ""
    while ids := await core.markets.open_ids(account.code, after):
        after = ids[-1]
        for number in ids:
            if number not in seen:
                await look(core, account, number)


async def look(core: Core, account: Account, number: str) -> Posting | None:
    """Read one posting again and give it to the box; None: Ozon does not know it."""
    at = CLOCK.now()
    try:
        found = await account.ozon.posting(core, number)
    except Refusal:
        await core.journal("posting_gone", direction="in", state="warn", posting=number[:64])
        return None
    await give(core, account, [found], at)
    return found


async def give(core: Core, account: Account, page: Sequence[Posting], at: datetime) -> None:
    """Give a page to the box."""
    given = [mapping.posting_of(one, at) for one in page if one.posting_number]
    await marketplaces.give(core, account.code, given)


async def returns(core: Core) -> None:
    """Mark postings whose goods came back to the seller."""
    await marketplaces.for_each(WAYS.of(core), lambda account: _returns(core, account))


async def _returns(core: Core, account: Account) -> None:
    await core.markets.open(account.code, MARKET, account.title)
    at = CLOCK.now()
    found = await account.ozon.returns(core, at - timedelta(days=7), at)
    ends = {one.posting_number: one.visual.status.sys_name for one in found}
    for number in sorted(ends):
        if ends[number] in mapping.RETURNED:
            await _returned(core, account, number, at)
    lost = [number for number in ends if ends[number] in mapping.NEVER_BACK]
    await marketplaces.say_once(core, account.code, "return_lost", lost)


async def _returned(core: Core, account: Account, number: str, at: datetime) -> None:
    try:
        found = await account.ozon.posting(core, number)
    except Refusal:
        return
    await core.markets.put(account.code, [mapping.posting_of(found, at, "returned")])


# --- hints of pushes: told there, read here ---


async def _hinted(core: Core, code: str, number: str) -> None:
    account = WAYS.one(core, code)
    if account is not None:
        await core.markets.open(account.code, MARKET, account.title)
        await look(core, account, number)


async def hinted(core: Core) -> None:
    """Read the postings that pushes spoke of."""
    await marketplaces.hinted(core, _hinted)
