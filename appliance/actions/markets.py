"""What plugins of marketplaces tell and ask: postings, offers, stock and prices."""

from datetime import datetime, timedelta

from appliance.actions import _market_orders, _plugin_asking
from appliance.actions._gate import action
from appliance.actions._intake import warehouse_of
from appliance.domain.events import OrderChanged
from appliance.errors import NotFound
from appliance.plugin_api import postings as wire
from appliance.roles import Permission
from appliance.storage import market_accounts, market_offers, market_postings, references
from appliance.storage.market_accounts import Account
from appliance.storage.market_offers import Answer, Told
from appliance.storage.tx import Tx

LONGEST_WAIT = 24 * 3600
"""Seconds a figure may be put off."""


@action(Permission.ORDER_CREATE, quiet=True)
async def account(tx: Tx, asked: wire.AccountIn) -> wire.AccountOut:
    """What the box wants of an account; it is made when it is named for the first time."""
    plugin = _plugin_asking.plugin_of(tx)
    found = await market_accounts.find(plugin, asked.account)
    if found is None:
        found = await market_accounts.add(
            tx, plugin, asked.account[:64], asked.market[:16], asked.title
        )
    return wire.AccountOut(
        shop=found.shop,
        sends_stock=found.sends_stock,
        sends_price=found.sends_price,
        opened_at=found.made_at,
    )


async def _mine(tx: Tx, code: str) -> Account:
    return await market_accounts.of(_plugin_asking.plugin_of(tx), code)


@action(Permission.ORDER_CREATE)
async def take(tx: Tx, given: wire.PostingsGiven) -> wire.Fates:
    """Take postings in: each becomes an order once, and its order follows it forward.

    Raises:
        Invalid: `batch_too_long`.
        NotFound: `market_account_unknown`.
    """
    found = await _mine(tx, given.account)
    _plugin_asking.not_too_many(given.postings, wire.MOST)
    lists = await references.lists()
    taken = await _market_orders.take(tx, lists, found, given.postings)
    short = await _market_orders.flag_short(tx, taken.touched)
    tx.about("order", None)
    tx.payload = {"fates": {one: taken.fates.count(one) for one in sorted(set(taken.fates))}}
    return wire.Fates(fates=tuple(taken.fates), short=short)


@action(Permission.ORDER_CREATE, quiet=True)
async def posting(tx: Tx, asked: wire.PostingAsked) -> wire.Posting:
    """A posting of the plugin's own, with what is wished of it.

    Raises:
        NotFound: `posting_unknown`.
    """
    found, of = await _own(tx, asked)
    lines = await market_postings.with_codes(found)
    return wire.Posting(
        id=found.id,
        posting=found.posting,
        account=of.code,
        order_id=found.order_id,
        order_number=found.order_number,
        state=found.state,
        raw_status=found.raw_status,
        wish=found.wish,
        data=found.data,
        lines=tuple(
            wire.LineOut(
                article=line.article,
                vendor_id=line.vendor_id,
                quantity=line.quantity,
                requires=market_postings.words_of(line.requires),
                codes=market_postings.words_of(line.codes),
            )
            for line in lines
        ),
    )


async def _own(
    tx: Tx, asked: wire.PostingAsked | wire.WishDone
) -> tuple[market_postings.Posting, Account]:
    plugin = _plugin_asking.plugin_of(tx)
    found = await market_postings.get(asked.id)
    of = (await market_accounts.every()).get(found.account_id)
    if of is None or of.plugin != plugin:
        raise NotFound("posting_unknown")
    return found, of


@action(Permission.ORDER_CREATE)
async def done(tx: Tx, told: wire.WishDone) -> wire.Nothing:
    """A wish was fulfilled or refused; one that was replaced meanwhile stays.

    Raises:
        NotFound: `posting_unknown`.
    """
    found, _ = await _own(tx, told)
    tx.about("order", found.order_id)
    if found.wish == told.deed:
        wish = told.deed if told.code else ""
        await market_postings.change(found.id, wish=wish, wish_error=told.code[:64])
        tx.emit(OrderChanged(order_id=found.order_id, fields=("posting",)))
    return wire.Nothing()


@action(Permission.ORDER_CREATE, quiet=True)
async def open_ones(tx: Tx, asked: wire.OpenAsked) -> wire.OpenPostings:
    """Postings of an account that are not over.

    Raises:
        NotFound: `market_account_unknown`.
    """
    found = await _mine(tx, asked.account)
    limit = min(max(asked.limit, 1), wire.MOST)
    return wire.OpenPostings(ids=await market_postings.open_ids(found, asked.after, limit))


@action(Permission.ORDER_CREATE, quiet=True)
async def offers(tx: Tx, given: wire.MarketOffersGiven) -> wire.Matched:
    """The catalogue on the other side; open orders follow what is matched by it.

    Raises:
        Invalid: `batch_too_long`.
        NotFound: `market_account_unknown`.
    """
    found = await _mine(tx, given.account)
    _plugin_asking.not_too_many(given.offers, wire.MOST)
    told = [
        Told(one.article, one.name, one.ids, one.barcode) for one in given.offers if one.article
    ]
    await market_offers.take(tx, found, told)
    await market_offers.name_again(found, told)
    await market_offers.mark_hidden(found)
    fresh = await market_offers.unmatched(found, told)
    for offer_id, variant in fresh.items():
        await market_offers.match(offer_id, variant, by_hand=False)
    await _market_orders.follow_match(tx, list(fresh))
    left = await market_offers.known(found, [one.article for one in told])
    return wire.Matched(unmatched=sum(1 for one in left.values() if one.variant_id is None))


@action(Permission.ORDER_CREATE, quiet=True)
async def stock_due(tx: Tx, asked: wire.DueAsked) -> wire.StocksDue:
    """Figures to send: what is free now, less the buffer, never below zero.

    Raises:
        NotFound: `market_account_unknown`.
    """
    found = await _mine(tx, asked.account)
    warehouse = warehouse_of(await references.lists(), found.warehouse or None, found.shop)
    if not found.sends_stock or warehouse is None:
        return wire.StocksDue(due=())
    limit = min(max(asked.limit, 1), wire.MOST)
    due = await market_offers.stock_due(tx, found, warehouse, limit)
    return wire.StocksDue(
        due=tuple(
            wire.StockDue(article=one.article, ids=one.ids, quantity=one.value, mark=one.mark)
            for one in due
        )
    )


@action(Permission.ORDER_CREATE, quiet=True)
async def stock_sent(tx: Tx, told: wire.StocksSent) -> wire.Nothing:
    """What the other side said to figures of stock.

    Raises:
        Invalid: `batch_too_long`.
        NotFound: `market_account_unknown`.
    """
    found = await _mine(tx, told.account)
    _plugin_asking.not_too_many(told.sent, wire.MOST)
    await market_offers.stock_sent(
        tx,
        found,
        [
            Answer(one.article, one.quantity, one.mark, one.code, _until(tx, one.again_after))
            for one in told.sent
        ],
    )
    return wire.Nothing()


def _until(tx: Tx, seconds: int) -> datetime | None:
    return tx.now + timedelta(seconds=min(seconds, LONGEST_WAIT)) if seconds > 0 else None


@action(Permission.ORDER_CREATE, quiet=True)
async def prices_due(tx: Tx, asked: wire.DueAsked) -> wire.PricesDue:
    """Prices that differ from what was sent.

    Raises:
        NotFound: `market_account_unknown`.
    """
    found = await _mine(tx, asked.account)
    if not found.sends_price:
        return wire.PricesDue(due=())
    limit = min(max(asked.limit, 1), wire.MOST)
    due, zero = await market_offers.prices_due(tx, found, limit)
    return wire.PricesDue(
        due=tuple(wire.PriceDue(article=one.article, ids=one.ids, price=one.value) for one in due),
        zero=zero,
    )


@action(Permission.ORDER_CREATE, quiet=True)
async def prices_sent(tx: Tx, told: wire.PricesSent) -> wire.Nothing:
    """What the other side said to prices.

    Raises:
        Invalid: `batch_too_long`.
        NotFound: `market_account_unknown`.
    """
    found = await _mine(tx, told.account)
    _plugin_asking.not_too_many(told.sent, wire.MOST)
    answers = [
        Answer(one.article, one.price, 0, one.code, _until(tx, one.again_after))
        for one in told.sent
    ]
    await market_offers.prices_sent(found, answers)
    return wire.Nothing()
