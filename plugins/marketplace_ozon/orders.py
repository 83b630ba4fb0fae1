"""Postings in: what changed lately, once a day everything, returns, and hints of pushes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from appliance.plugin_api import marketplaces
from appliance.plugin_api.core import Core
from appliance.plugin_api.marketplaces import CLOCK
from appliance.plugin_api.postings import PiecesBack
from plugins.marketplace_ozon import mapping
from plugins.marketplace_ozon.accounts import MARKET, WAYS, Account
from plugins.marketplace_ozon.client import Refusal
from plugins.marketplace_ozon.shapes import Posting, Return

OVERLAP: Final = timedelta(minutes=15)
"""Ozon counts a change by its own clock and shows it late: look so far back each time."""
BACK: Final = timedelta(days=30)
AHEAD: Final = timedelta(days=60)
"""Deadlines that are asked for: within a year in all."""
WHOLE_EVERY: Final = timedelta(hours=24)
MOST_ASKED: Final = 50
"""Postings of one question about returns."""


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
    back = sorted({x.posting_number for x in found if _is_back(x)})
    for start in range(0, len(back), MOST_ASKED):
        numbers = back[start : start + MOST_ASKED]
        every = await account.ozon.returns_of(core, numbers)
        for number in numbers:
            await _returned(core, account, number, at, mapping.back_of(number, every))
    lost = {x.posting_number for x in found if x.visual.status.sys_name in mapping.NEVER_BACK}
    await marketplaces.say_once(core, account.code, "return_lost", lost)


def _is_back(one: Return) -> bool:
    return bool(one.posting_number) and one.visual.status.sys_name in mapping.RETURNED


async def _returned(
    core: Core, account: Account, number: str, at: datetime, back: tuple[PiecesBack, ...]
) -> None:
    """Tell the box which pieces came back; where Ozon names none, it is the whole posting."""
    try:
        found = await account.ozon.posting(core, number)
    except Refusal:
        return
    given = mapping.posting_of(found, at, None if back else "returned")
    await marketplaces.give(core, account.code, [msgspec.structs.replace(given, back=back)])


# --- hints of pushes: told there, read here ---


async def _hinted(core: Core, code: str, number: str) -> None:
    account = WAYS.one(core, code)
    if account is not None:
        await core.markets.open(account.code, MARKET, account.title)
        await look(core, account, number)


async def hinted(core: Core) -> None:
    """Read the postings that pushes spoke of."""
    await marketplaces.hinted(core, _hinted)
