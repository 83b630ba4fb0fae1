"""Stock and prices out: what is free now, never what was free a while ago."""

from collections.abc import Sequence
from typing import Any, Final

from appliance.plugin_api.core import Core
from appliance.plugin_api.marketplaces import (
    LATER,
    for_each,
    ids_of,
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
from plugins.marketplace_ozon import client, mapping
from plugins.marketplace_ozon.accounts import MARKET, WAYS, Account
from plugins.marketplace_ozon.shapes import Updated

PAIR_SECONDS: Final = 31
"""One offer at one warehouse is told at most every 30 s."""
PRICE_SECONDS: Final = 400
"""At most ten updates of one price an hour."""
TOO_MANY: Final = "too_many_requests"


async def send(core: Core) -> None:
    """Tell every account what it may sell, as long as there is something to tell."""
    await for_each(WAYS.of(core), lambda account: _send(core, account))


async def _send(core: Core, account: Account) -> None:
    wants = await core.markets.open(account.code, MARKET, account.title)
    if not (wants.sends_stock and account.warehouse.isdigit()):
        return

    async def turn() -> None:
        await client.STOCK_PACE.take(account.ozon.client_id)

    async def put(due: Sequence[StockDue]) -> list[StockSent]:
        known = [one for one in due if ids_of(one, "product")]
        answers = [sent(one, "not_in_catalogue", LATER) for one in due if one not in known]
        if known:
            rows = [_row(account, one) for one in known]
            answers += _answers(known, (await account.ozon.stocks(core, rows)).result)
        return answers

    await send_stock(core, account.code, client.STOCKS, turn, put, {TOO_MANY})


def _row(account: Account, one: StockDue) -> dict[str, Any]:
    return {
        "offer_id": one.article,
        "product_id": int(one.ids["product"]),
        "stock": one.quantity,
        "warehouse_id": int(account.warehouse),
    }


def _answers(due: Sequence[StockDue], said: Sequence[Updated]) -> list[StockSent]:
    """What became of each; a row that the answer is silent about was not taken."""
    by_article = {one.offer_id: one for one in said}
    answers: list[StockSent] = []
    for one in due:
        code = _code(by_article.get(one.article))
        again = PAIR_SECONDS if code in ("", TOO_MANY) else LATER
        answers.append(sent(one, code, again))
    return answers


def _code(answer: Updated | None) -> str:
    if answer is None:
        return "no_answer"
    if answer.updated and not answer.errors:
        return ""
    return (answer.errors[0].code if answer.errors else "not_updated").lower()[:60]


async def prices(core: Core) -> None:
    """Tell every account its prices; one of zero never goes."""
    await for_each(WAYS.of(core), lambda account: _prices(core, account))


async def _prices(core: Core, account: Account) -> None:
    wants = await core.markets.open(account.code, MARKET, account.title)
    if wants.sends_price:
        await _send_prices(core, account)


async def _send_prices(core: Core, account: Account) -> None:
    async def put(due: Sequence[PriceDue]) -> list[PriceSent]:
        rows = [_price_row(one) for one in due]
        said = {one.offer_id: one for one in (await account.ozon.prices(core, rows)).result}
        return [_price(one, _code(said.get(one.article))) for one in due]

    await send_prices(core, account.code, client.PRICES, put)


def _price_row(one: PriceDue) -> dict[str, Any]:
    return {
        "offer_id": one.article,
        "price": mapping.roubles(one.price),
        "currency_code": "RUB",
        "auto_action_enabled": "UNKNOWN",
    }


def _price(one: PriceDue, code: str) -> PriceSent:
    return priced(one, code, LATER if code else PRICE_SECONDS)


async def catalogue(core: Core) -> None:
    """Learn Ozon's own ids of our offers, and show those that the box does not know."""
    await for_each(WAYS.of(core), lambda account: _learn(core, account))


async def _learn(core: Core, account: Account) -> None:
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
