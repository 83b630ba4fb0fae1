"""Stock and prices out: what is free now, never what was free a while ago."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from appliance.plugin_api.core import Core
from appliance.plugin_api.postings import (
    MarketOfferIn,
    PriceDue,
    PriceSent,
    StockDue,
    StockSent,
)
from plugins.marketplace_ozon import client, mapping
from plugins.marketplace_ozon.accounts import MARKET, WAYS, Account
from plugins.marketplace_ozon.orders import CLOCK
from plugins.marketplace_ozon.shapes import Updated

PAIR_SECONDS: Final = 31
"""One offer at one warehouse is told at most every 30 s."""
PRICE_SECONDS: Final = 400
"""At most ten updates of one price an hour."""
LATER: Final = 3600
"""What is refused for good is tried again when somebody may have mended it."""
ROUND: Final = timedelta(seconds=50)
"""A round of sending ends before the next begins."""
TOO_MANY: Final = "TOO_MANY_REQUESTS"


async def send(core: Core) -> None:
    """Tell every account what it may sell, as long as there is something to tell."""
    for account in WAYS.of(core):
        wants = await core.markets.open(account.code, MARKET, account.title)
        if wants.sends_stock and account.warehouse.isdigit():
            await _send(core, account)


async def _send(core: Core, account: Account) -> None:
    until = CLOCK.now() + ROUND
    while CLOCK.now() < until:
        # First our turn, then the figures: they are read at the moment they go.
        await client.STOCK_PACE.take(account.ozon.client_id)
        due = await core.markets.stock_due(account.code, client.STOCKS)
        if not due:
            return
        known = [one for one in due if one.ids.get("product", "").isdigit()]
        strangers = [one for one in due if one not in known]
        sent = [_stock(one, "not_in_catalogue", LATER) for one in strangers]
        if known:
            rows = [_row(account, one) for one in known]
            sent += _answers(known, (await account.ozon.stocks(core, rows)).result)
        await core.markets.stock_sent(account.code, sent)
        await _say_refused(core, sent)


def _row(account: Account, one: StockDue) -> dict[str, Any]:
    return {
        "offer_id": one.article,
        "product_id": int(one.ids["product"]),
        "stock": one.quantity,
        "warehouse_id": int(account.warehouse),
    }


def _stock(one: StockDue, code: str, again: int) -> StockSent:
    return StockSent(
        article=one.article, quantity=one.quantity, mark=one.mark, code=code, again_after=again
    )


def _answers(due: Sequence[StockDue], said: Sequence[Updated]) -> list[StockSent]:
    """What became of each; a row that the answer is silent about was not taken."""
    by_article = {one.offer_id: one for one in said}
    sent: list[StockSent] = []
    for one in due:
        answer = by_article.get(one.article)
        code = _code(answer)
        if not code:
            sent.append(_stock(one, "", PAIR_SECONDS))
        else:
            again = PAIR_SECONDS if code == TOO_MANY.lower() else LATER
            sent.append(_stock(one, code, again))
    return sent


def _code(answer: Updated | None) -> str:
    if answer is None:
        return "no_answer"
    if answer.updated and not answer.errors:
        return ""
    return (answer.errors[0].code if answer.errors else "not_updated").lower()[:60]


async def _say_refused(core: Core, sent: Sequence[StockSent]) -> None:
    refused = [one for one in sent if one.code and one.code != TOO_MANY.lower()]
    if refused:
        await core.journal(
            "stock_refused", direction="out", state="warn", rows=len(refused),
            why=refused[0].code, article=refused[0].article[:100],
        )  # fmt: skip


async def prices(core: Core) -> None:
    """Tell every account its prices; one of zero never goes."""
    for account in WAYS.of(core):
        wants = await core.markets.open(account.code, MARKET, account.title)
        if not wants.sends_price:
            continue
        while True:
            found = await core.markets.prices_due(account.code, client.PRICES)
            if found.zero:
                await core.journal("price_zero", state="warn", rows=found.zero)
            if not found.due:
                break
            rows = [_price_row(one) for one in found.due]
            said = {one.offer_id: one for one in (await account.ozon.prices(core, rows)).result}
            sent = [_price(one, _code(said.get(one.article))) for one in found.due]
            await core.markets.prices_sent(account.code, sent)
            bad = [one for one in sent if one.code]
            if bad:
                await core.journal(
                    "price_refused", direction="out", state="warn", rows=len(bad),
                    why=bad[0].code, article=bad[0].article[:100],
                )  # fmt: skip


def _price_row(one: PriceDue) -> dict[str, Any]:
    return {
        "offer_id": one.article,
        "price": mapping.roubles(one.price),
        "currency_code": "RUB",
        "auto_action_enabled": "UNKNOWN",
    }


def _price(one: PriceDue, code: str) -> PriceSent:
    again = LATER if code else PRICE_SECONDS
    return PriceSent(article=one.article, price=one.price, code=code, again_after=again)


async def catalogue(core: Core) -> None:
    """Learn Ozon's own ids of our offers, and show those that the box does not know."""
    for account in WAYS.of(core):
        await core.markets.open(account.code, MARKET, account.title)
        async for page in account.ozon.goods(core):
            offers = [
                MarketOfferIn(
                    article=one.offer_id,
                    ids={"product": str(one.product_id), "sku": str(one.sku)},
                )
                for one in page
                if one.offer_id and not one.archived
            ]
            await core.markets.offers_put(account.code, offers)
