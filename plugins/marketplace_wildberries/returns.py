"""What came back to the seller: WB tells it by a report, apart from the orders."""

from collections.abc import Sequence
from typing import Final

import msgspec

from appliance.plugin_api import marketplaces
from appliance.plugin_api.core import Core
from appliance.plugin_api.marketplaces import CLOCK, for_each
from appliance.plugin_api.postings import PostingIn
from plugins.marketplace_wildberries import kept, mapping
from plugins.marketplace_wildberries.accounts import MARKET, WAYS, Account
from plugins.marketplace_wildberries.answers import Refusal
from plugins.marketplace_wildberries.client import PAGE
from plugins.marketplace_wildberries.kept import Task
from plugins.marketplace_wildberries.shapes import Return

PAGES: Final = 3
"""Pages of one round: WB gives one a minute."""

_offsets: Final[dict[str, int]] = {}
"""Account → where the next round reads on: the report is long, and begins anew at its end."""
_closed: Final[set[str]] = set()
"""Tokens of which the journal says that they may not read the report."""


def forget() -> None:
    """Begin anew; tests do so."""
    _offsets.clear()
    _closed.clear()


async def read(core: Core) -> None:
    """Mark orders whose piece is with the seller again, where the token lets the report be read."""

    async def one(account: Account) -> None:
        await core.markets.open(account.code, MARKET, account.title)
        await _returns(core, account)

    await for_each(WAYS.of(core), one)


async def _returns(core: Core, account: Account) -> None:
    coming = {
        one.rid: one async for one in kept.every(core, account.code) if one.rid and _may_return(one)
    }
    if not coming:
        return
    back: list[Task] = []
    for _ in range(PAGES):
        page = await _page(core, account)
        back += [coming.pop(one.srid) for one in page if one.srid in coming]
        if len(page) < PAGE or not coming:
            break
    await _returned(core, account, back)


async def _page(core: Core, account: Account) -> tuple[Return, ...]:
    offset = _offsets.get(account.code, 0)
    try:
        page = await account.wb.came_back(core, offset)
    except Refusal:
        if account.wb.token not in _closed:
            _closed.add(account.wb.token)
            await core.journal("returns_closed", direction="in", state="warn", account=account.code)
        return ()
    _offsets[account.code] = offset + PAGE if len(page) == PAGE else 0
    return page


def _may_return(one: Task) -> bool:
    words = one.status.split()
    return len(words) > 1 and words[1] in ("canceled_by_client", "sold", "defect")


async def _returned(core: Core, account: Account, back: Sequence[Task]) -> None:
    """Say that these came back; the words stay as WB has them."""
    given = [
        PostingIn(
            id=one.posting,
            state="returned",
            raw_status=one.status.split()[0],
            raw_substatus=one.status.split()[1],
            read_at=CLOCK.now(),
            group=one.basket,
            created_at=one.made,
            deadline=one.due,
            method=one.method,
            reason=mapping.REASONS.get(one.status.split()[1], ""),
        )
        for one in back
    ]
    if given:
        await marketplaces.give(core, account.code, given)
        told = [msgspec.structs.replace(one, status="back") for one in back]
        await kept.keep(core, account.code, told)
