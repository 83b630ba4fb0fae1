"""Stock and prices out: what is free now, never what was free a while ago."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from appliance.plugin_api.calls import Row, Value
from appliance.plugin_api.core import Core
from appliance.plugin_api.marketplaces import (
    CLOCK,
    LATER,
    for_each,
    priced,
    send_prices,
    send_stock,
    sent,
)
from appliance.plugin_api.postings import (
    MarketOfferIn,
    PriceDue,
    PriceSent,
    StockDue,
    StockSent,
)
from plugins.marketplace_yandex import client, limits
from plugins.marketplace_yandex.accounts import MARKET, WAYS, Account
from plugins.marketplace_yandex.client import Refusal

HELD: Final = "price_held"
MOST_ROWS: Final = 1000
Told = tuple[str, int]

_seen: Final[dict[str, frozenset[str]]] = {}
"""Account → articles held back when its prices were last gone through, if none went since."""


def forget() -> None:
    """Forget what was gone through; tests begin so."""
    _seen.clear()


async def send(core: Core) -> None:
    """Tell every account what it may sell, as long as there is something to tell."""
    await for_each(WAYS.of(core), lambda account: _send(core, account))


async def _send(core: Core, account: Account) -> None:
    wants = await core.markets.open(account.code, MARKET, account.title)
    if not (wants.sends_stock and (account.by_shop or account.warehouse)):
        return
    what = limits.GROUP_STOCKS if account.by_shop else limits.STOCKS
    cost = client.STOCKS if what.goods else 1
    shops = await account.yandex.speaks_for(core) if account.by_shop else ()

    async def turn() -> None:
        for _ in shops or (0,):
            await account.yandex.turn(what, cost)

    async def tell(rows: Sequence[Told]) -> None:
        at = CLOCK.now()
        if not account.by_shop:
            await account.yandex.stocks(core, account.warehouse, rows, at)
        for shop in shops:
            await account.yandex.group_stocks(core, shop, rows, at)

    async def put(due: Sequence[StockDue]) -> list[StockSent]:
        bad = await refused([(one.article, one.quantity) for one in due], tell)
        return [sent(one, bad.get(one.article, ""), _again(bad, one.article)) for one in due]

    await send_stock(core, account.code, client.STOCKS, turn, put)


def _again(bad: dict[str, str], article: str) -> int:
    return LATER if article in bad else 0


async def refused(
    rows: Sequence[Told], tell: Callable[[Sequence[Told]], Awaitable[None]]
) -> dict[str, str]:
    """Tell rows; article → code of those that Yandex does not take.

    Yandex refuses a request as a whole and does not name the row: its halves are told, until the
    rows that it refuses stand alone.
    """
    try:
        await tell(rows)
    except Refusal as refusal:
        code = refusal.word.lower() or "yandex_refused"
        if len(rows) == 1 or refusal.status != client.BAD_REQUEST:
            return {article: code for article, _ in rows}
    else:
        return {}
    middle = len(rows) // 2
    return {**await refused(rows[:middle], tell), **await refused(rows[middle:], tell)}


async def prices(core: Core) -> None:
    """Tell every account its prices; one of zero never goes."""
    await for_each(WAYS.of(core), lambda account: _prices(core, account))


async def _prices(core: Core, account: Account) -> None:
    wants = await core.markets.open(account.code, MARKET, account.title)
    if wants.sends_price:
        await _send_prices(core, account)
        await _held(core, account)


async def _send_prices(core: Core, account: Account) -> None:
    async def tell(rows: Sequence[Told]) -> None:
        await account.yandex.prices(core, rows)

    async def put(due: Sequence[PriceDue]) -> list[PriceSent]:
        bad = await refused([(one.article, one.price) for one in due], tell)
        fine = [one for one in due if one.article not in bad]
        await _remember(core, account, [(one.article, one.price) for one in fine])
        return [priced(one, bad.get(one.article, ""), _again(bad, one.article)) for one in due]

    await send_prices(core, account.code, client.PRICES, put)


async def _remember(core: Core, account: Account, rows: Sequence[Told]) -> None:
    """Keep what was told: Yandex says only the articles of prices that it holds back."""
    kept = [
        Row(values={"account": account.code, "article": article, "price": price, "held": False})
        for article, price in rows
    ]
    if kept:
        _seen.pop(account.code, None)
        await core.rows_put("prices", kept)


async def _held(core: Core, account: Account) -> None:
    """Say which prices Yandex finds odd and does not show, and which it shows by now."""
    held = await account.yandex.held_prices(core)
    if _seen.get(account.code) == held:
        return
    after: tuple[Value, ...] = ()
    fresh: list[PriceSent] = []
    while rows := await core.rows_scan(
        "prices", within=(account.code,), after=after, limit=MOST_ROWS
    ):
        after = (account.code, rows[-1].values["article"])
        changed = [
            one for one in rows if bool(one.values["held"]) != (one.values["article"] in held)
        ]
        if changed:
            told = [_told(one, held) for one in changed]
            await core.markets.prices_sent(account.code, told)
            await core.rows_put("prices", [_turned(one) for one in changed])
            fresh += [one for one in told if one.code]
    _seen[account.code] = held
    if fresh:
        await core.journal(
            "price_held", direction="in", state="warn", rows=len(fresh),
            article=fresh[0].article[:100],
        )  # fmt: skip


def _told(row: Row, held: frozenset[str]) -> PriceSent:
    article, price = str(row.values["article"]), int(row.values["price"] or 0)
    is_held = article in held
    return PriceSent(
        article=article,
        price=price,
        code=HELD if is_held else "",
        again_after=LATER if is_held else 0,
    )


def _turned(row: Row) -> Row:
    return Row(values={**row.values, "held": not row.values["held"]})


async def catalogue(core: Core) -> None:
    """Learn Yandex's own ids of our offers, and show those that the box does not know."""
    await for_each(WAYS.of(core), lambda account: _learn(core, account))


async def _learn(core: Core, account: Account) -> None:
    await core.markets.open(account.code, MARKET, account.title)
    async for page in account.yandex.offers(core):
        offers = [
            MarketOfferIn(
                article=one.offer.offer_id,
                name=one.offer.name,
                barcode=next(iter(one.offer.barcodes), ""),
                ids={"market": str(one.mapping.market_sku)} if one.mapping.market_sku else {},
            )
            for one in page
            if one.offer.offer_id
        ]
        await core.markets.offers_put(account.code, offers)
