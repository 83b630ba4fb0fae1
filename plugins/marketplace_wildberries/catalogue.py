"""The catalogue at WB: which article of the box each size is.

A card has one article of the seller's and several sizes, each with an id and barcodes of its own;
stock is told by size. An offer of the box is a size: its article is the card's, with the size
behind it where the card has several, and its barcode says which variant it is.
"""

import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from appliance.plugin_api.calls import Row, Value
from appliance.plugin_api.core import Core
from appliance.plugin_api.marketplaces import CLOCK, for_each
from appliance.plugin_api.outcomes import Pause, Permanent, Retry
from appliance.plugin_api.postings import MarketOfferIn
from plugins.marketplace_wildberries import mapping
from plugins.marketplace_wildberries.accounts import MARKET, WAYS, Account
from plugins.marketplace_wildberries.answers import Refusal
from plugins.marketplace_wildberries.client import MANY
from plugins.marketplace_wildberries.shapes import Card, Cursor, Order

KEYS: Final = 1000
RUN: Final = timedelta(seconds=150)
"""A run ends before the host ends it; the next goes on from there."""
WHOLE_EVERY: Final = timedelta(hours=6)
"""So often everything is told again: what the box did not know then it may know by now."""
SEARCHED: Final = 40
"""Cards that orders name and that are asked for one by one; more are read as they come."""


class Pass(NamedTuple):
    """How far the catalogue is read.

    Attributes:
        after: where the last page ended; None: nothing is read yet.
        is_whole: the end was reached: from there on come cards that are new or changed.
    """

    began: datetime
    after: Cursor | None = None
    is_whole: bool = False


_passes: Final[dict[str, Pass]] = {}


def forget() -> None:
    """Forget how far it is read; tests begin so."""
    _passes.clear()


async def read(core: Core) -> None:
    """Learn WB's ids of our offers, and show those that the box does not know."""

    async def one(account: Account) -> None:
        await core.markets.open(account.code, MARKET, account.title)
        await _read_on(core, account)

    await for_each(WAYS.of(core), one)


async def _read_on(core: Core, account: Account) -> None:
    """Read from where the last run ended; from the beginning, when that was long ago."""
    at = CLOCK.now()
    last = _passes.get(account.code)
    if last is None or (last.is_whole and at - last.began >= WHOLE_EVERY):
        last = Pass(at)
    while CLOCK.now() - at < RUN:
        page = await account.wb.cards(core, last.after)
        await _keep(core, account, page.cards)
        if page.cards:
            last = last._replace(after=page.cursor)
        is_last = len(page.cards) < MANY
        last = last._replace(is_whole=last.is_whole or is_last)
        _passes[account.code] = last
        if is_last:
            return


async def _keep(core: Core, account: Account, cards: Sequence[Card]) -> None:
    offers, rows = _of(account, cards)
    for start in range(0, len(rows), KEYS):
        await core.rows_put("sizes", rows[start : start + KEYS])
        await core.markets.offers_put(account.code, offers[start : start + KEYS])


def _of(account: Account, page: Sequence[Card]) -> tuple[list[MarketOfferIn], list[Row]]:
    offers: list[MarketOfferIn] = []
    rows: list[Row] = []
    for card in page:
        for size in card.sizes:
            article = mapping.article_of(card.vendor_code, size.tech_size, len(card.sizes))
            if not article or not size.chrt_id:
                continue
            named = f"{card.title}, {size.tech_size}" if len(card.sizes) > 1 else card.title
            offers.append(
                MarketOfferIn(
                    article=article,
                    name=named,
                    barcode=size.skus[0] if size.skus else "",
                    ids={"chrt": str(size.chrt_id), "nm": str(card.nm_id)},
                )
            )
            values: dict[str, Value] = {
                "account": account.code,
                "chrt": size.chrt_id,
                "nm": card.nm_id,
                "article": article,
                "name": named,
            }
            rows.append(Row(values=values))
    return offers, rows


class Size(NamedTuple):
    """What the box calls an order's size."""

    article: str
    name: str


async def sizes(core: Core, account: Account, orders: Sequence[Order]) -> dict[int, Size]:
    """The box's article of each order; where the catalogue does not tell, the card's own."""
    wanted = {one.chrt_id: one.nm_id for one in orders}
    known = await _known(core, account, set(wanted))
    unknown = {nm for chrt, nm in wanted.items() if chrt not in known}
    if unknown:
        # No order waits for the catalogue: the token may not read it at all.
        with contextlib.suppress(Pause, Permanent, Retry, Refusal):
            await _look_up(core, account, unknown)
        known = await _known(core, account, set(wanted))
    return {one.id: known.get(one.chrt_id) or _bare(one) for one in orders}


async def _look_up(core: Core, account: Account, cards: set[int]) -> None:
    if len(cards) > SEARCHED:
        await _read_on(core, account)
        return
    for nm in sorted(cards):
        page = await account.wb.cards(core, search=str(nm))
        await _keep(core, account, [one for one in page.cards if one.nm_id == nm])


def _bare(one: Order) -> Size:
    article = one.article or f"nm:{one.nm_id}"
    return Size(article, article)


async def _known(core: Core, account: Account, wanted: set[int]) -> dict[int, Size]:
    found: dict[int, Size] = {}
    listed = sorted(wanted)
    for start in range(0, len(listed), KEYS):
        keys: list[tuple[Value, ...]] = [
            (account.code, one) for one in listed[start : start + KEYS]
        ]
        for row in await core.rows_get("sizes", keys):
            size = Size(str(row.values["article"]), str(row.values["name"] or ""))
            found[int(row.values["chrt"] or 0)] = size
    return found
