"""Assembly orders in: what is new, what was made lately, and where each open one stands.

WB tells of an order in one call and of its status in another, and has no word for "changed
since": so every round asks for the statuses of all that are not over, 1 000 at a time, and gives
the box only those that changed.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from appliance.plugin_api import marketplaces
from appliance.plugin_api.core import Core
from appliance.plugin_api.marketplaces import CLOCK, for_each
from appliance.plugin_api.postings import MarketOfferIn, PostingIn, PostingLine
from plugins.marketplace_wildberries import catalogue, kept, mapping
from plugins.marketplace_wildberries.accounts import MARKET, WAYS, Account
from plugins.marketplace_wildberries.answers import Refusal
from plugins.marketplace_wildberries.catalogue import Size
from plugins.marketplace_wildberries.client import MANY, PAGE
from plugins.marketplace_wildberries.kept import Pack, Task
from plugins.marketplace_wildberries.shapes import Order, Status

OVERLAP: Final = timedelta(minutes=15)
"""WB lists an order some time after it was made: look so far back each time."""
WINDOW: Final = timedelta(days=30)
"""Longest stretch of one list."""
FIRST: Final = timedelta(days=90)
"""How far WB lists at all; what is older is over or archived."""
WHOLE: Final = timedelta(days=3)
WHOLE_EVERY: Final = timedelta(hours=24)


async def poll(core: Core) -> None:
    """Bring in what changed in every account; one that is down does not stop the next."""

    async def one(account: Account) -> None:
        opened = await core.markets.open(account.code, MARKET, account.title)
        await _poll(core, account, opened.opened_at)

    await for_each(WAYS.of(core), one)


async def _poll(core: Core, account: Account, opened: datetime | None) -> None:
    at = CLOCK.now()
    since, whole = await marketplaces.marks(core, account.code)
    is_whole = whole is None or at - whole >= WHOLE_EVERY
    begin = at - FIRST if whole is None else min(since or at, at) - OVERLAP
    if is_whole and whole is not None:
        begin = min(begin, at - WHOLE)
    found = {one.id: one for one in await account.wb.fresh(core)}
    named = frozenset(found)
    async for page in _listed(core, account, begin, at):
        for one in page:
            found.setdefault(one.id, one)
    again = await account.wb.again(core)
    round_ = Round(core, account, at, again, opened)
    await round_.take(found, named)
    await round_.follow(everything=is_whole)
    if is_whole:
        await kept.prune(core, account.code, at)
    await marketplaces.mark(core, account.code, at, at if whole is None or is_whole else whole)


async def _listed(core: Core, account: Account, begin: datetime, until: datetime):
    while begin < until:
        end = min(begin + WINDOW, until)
        async for page in account.wb.listed(core, begin, end):
            yield page
        begin = end


class Round:
    """One look at an account.

    Attributes:
        at: when it began: what is read in it is as old as that.
        again: orders that are to be brought once more.
        opened: when the box began to work for the account.
    """

    def __init__(
        self,
        core: Core,
        account: Account,
        at: datetime,
        again: Collection[int] = frozenset(),
        opened: datetime | None = None,
    ) -> None:
        self._core = core
        self._account = account
        self._at = at
        self._again = again
        self._opened = opened

    async def take(self, found: dict[int, Order], named: Collection[int]) -> None:
        """Orders the plugin has not met yet.

        Args:
            found: by id.
            named: of them those that came with the codes they need.
        """
        known = await kept.tasks(self._core, self._account.code, [str(one) for one in found])
        unknown = [one for one in found.values() if one.id and str(one.id) not in known]
        for start in range(0, len(unknown), PAGE):
            await self._take(unknown[start : start + PAGE], named)

    async def _take(self, given: Sequence[Order], named: Collection[int]) -> None:
        core, account = self._core, self._account
        statuses = await self._statuses(one.id for one in given)
        # What was over before the box began here is no work of it.
        orders = [one for one in given if one.id in statuses and not self._past(one, statuses)]
        tasks = {one.id: kept.task_of(one, account.hours) for one in orders}
        bare = [
            one.id
            for one in orders
            if one.id not in named
            and statuses[one.id].supplier_status in (mapping.NEW, mapping.CONFIRM)
        ]
        for start in range(0, len(bare), MANY):
            details = await account.wb.metas(core, bare[start : start + MANY])
            tasks |= {one: kept.with_codes(tasks[one], found) for one, found in details.items()
                      if one in tasks}  # fmt: skip
        sizes = await catalogue.sizes(core, account, orders)
        await core.markets.offers_put(account.code, _offers(orders, sizes))
        lines = {
            one.id: mapping.line_of(one, *sizes[one.id], tuple(tasks[one.id].takes.split()))
            for one in orders
        }
        await self._give([tasks[one.id] for one in orders], statuses, {}, lines)

    def _past(self, one: Order, statuses: dict[int, Status]) -> bool:
        if self._opened is None or one.created_at is None or one.created_at >= self._opened:
            return False
        return mapping.state_of(statuses[one.id]) in mapping.OVER

    async def follow(self, *, everything: bool = False) -> None:
        """Where each order stands that the box holds for not over."""
        after = ""
        code = self._account.code
        while ids := await self._core.markets.open_ids(code, after, PAGE):
            after = ids[-1]
            await self.look(ids, everything=everything)

    async def look(self, ids: Sequence[str], *, everything: bool = True) -> dict[int, Status]:
        """Read orders again, at most 1 000, and give the box those that changed, or all."""
        code = self._account.code
        tasks = await kept.tasks(self._core, code, ids)
        statuses = await self._statuses(one.id for one in tasks.values())
        changed = [
            one
            for one in tasks.values()
            if one.id in statuses and (everything or one.status != self._word(statuses[one.id]))
        ]
        packs = await kept.packs(self._core, code, [one.posting for one in changed])
        await self._give(changed, statuses, packs, {})
        return statuses

    async def _statuses(self, ids: Iterable[int]) -> dict[int, Status]:
        listed = list(ids)
        if not listed:
            return {}
        return {one.id: one for one in await self._account.wb.statuses(self._core, listed)}

    def _word(self, one: Status) -> str:
        cancel = "cancellable" if one.is_cancellable else ""
        again = "again" if one.id in self._again else ""
        return " ".join((one.supplier_status, one.wb_status, cancel, again)).strip()

    async def _give(
        self,
        tasks: Sequence[Task],
        statuses: dict[int, Status],
        packs: dict[str, Pack],
        lines: dict[int, PostingLine],
    ) -> None:
        if not tasks:
            return
        given = [
            self._posting(one, statuses[one.id], packs.get(one.posting, Pack()), lines.get(one.id))
            for one in tasks
        ]
        await marketplaces.give(self._core, self._account.code, given)
        # Only now: what is lost between the two is given once more and found to be the same.
        told = [msgspec.structs.replace(one, status=self._word(statuses[one.id])) for one in tasks]
        await kept.keep(self._core, self._account.code, told)

    def _posting(
        self, task: Task, status: Status, pack: Pack, line: PostingLine | None
    ) -> PostingIn:
        again = status.id in self._again
        return PostingIn(
            id=task.posting,
            state=mapping.state_of(status, packed=pack.packed, again=again),
            raw_status=status.supplier_status,
            raw_substatus=status.wb_status,
            read_at=self._at,
            group=task.basket,
            created_at=task.made,
            deadline=task.due,
            lines=() if line is None else (line,),
            method=task.method,
            reason=mapping.REASONS.get(status.wb_status, ""),
            actions=mapping.actions_of(
                status, takes_codes=bool(task.takes), packed=pack.packed, again=again
            ),
        )


def _offers(orders: Sequence[Order], sizes: dict[int, Size]) -> list[MarketOfferIn]:
    """Offers that orders name, with WB's ids: the catalogue may be read later, or never."""
    found = {
        sizes[one.id].article: MarketOfferIn(
            article=sizes[one.id].article,
            barcode=one.skus[0] if one.skus else "",
            ids={"chrt": str(one.chrt_id), "nm": str(one.nm_id)},
        )
        for one in orders
    }
    return list(found.values())


async def look(core: Core, account: Account, posting: str) -> Status | None:
    """Read one order again and give it to the box; None: WB does not know it."""
    try:
        again = await account.wb.again(core)
        found = await Round(core, account, CLOCK.now(), again).look([posting])
    except Refusal:
        found = {}
    if int(posting) not in found:
        await core.journal("posting_gone", direction="in", state="warn", posting=posting)
        return None
    return found[int(posting)]
