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
from plugins.marketplace_wildberries.shapes import Card, Order

KEYS: Final = 1000
AGAIN: Final = timedelta(minutes=10)
"""An order of an unknown size has the catalogue read, but no sooner than this."""

_read: Final[dict[str, datetime]] = {}


def forget() -> None:
    """Forget when the catalogue was read; tests begin so."""
    _read.clear()


async def read(core: Core) -> None:
    """Learn WB's ids of our offers, and show those that the box does not know."""

    async def one(account: Account) -> None:
        await core.markets.open(account.code, MARKET, account.title)
        await _read_one(core, account)

    await for_each(WAYS.of(core), one)


async def _read_one(core: Core, account: Account) -> None:
    _read[account.code] = CLOCK.now()
    async for page in account.wb.cards(core):
        offers, rows = _of(account, page)
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
    wanted = {one.chrt_id for one in orders}
    known = await _known(core, account, wanted)
    last = _read.get(account.code)
    if wanted - known.keys() and (last is None or CLOCK.now() - last >= AGAIN):
        # No order waits for the catalogue: the token may not read it at all.
        with contextlib.suppress(Pause, Permanent, Retry, Refusal):
            await _read_one(core, account)
        known = await _known(core, account, wanted)
    return {one.id: known.get(one.chrt_id) or _bare(one) for one in orders}


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
