"""What pages show of marketplaces: a posting on its card, deadlines in lists, offers to match."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from appliance.domain.market import OfferView, PostingState, PostingView
from appliance.domain.orders import OrderPage
from appliance.storage import market_accounts, market_postings
from appliance.storage.market_accounts import Account
from appliance.storage.statements import any_of, fetch, fetch_one, fetch_value

PAGE: Final = 50
_OPEN: Final = ("new", "confirmed", "assembling", "packed", "problem")
"""A posting in these states has yet to be handed over."""
_OFFERS: Final = (
    "SELECT o.id, a.number, o.article, o.name, v.number, v.name, v.sku, p.number, "
    "(SELECT COUNT(*) FROM posting_line l JOIN posting q ON q.id = l.posting_id "
    "WHERE l.offer_id = o.id AND q.state IN {}), "
    "COALESCE((SELECT SUM(s.on_hand_milli - s.reserved_milli) FROM stock s "
    "WHERE s.variant_id = o.variant_id), 0), "
    "COALESCE(o.buffer_milli, a.buffer_milli), o.buffer_milli, "
    "o.stock, o.stock_at, o.stock_error, o.price, o.price_error "
    "FROM market_offer o JOIN market_account a ON a.id = o.account_id "
    "LEFT JOIN variant v ON v.id = o.variant_id LEFT JOIN product p ON p.id = v.product_id "
)
_WHICH: Final = {
    "unmatched": "o.variant_id IS NULL",
    "refused": "(o.stock_error <> '' OR o.price_error <> '')",
    "all": "o.variant_id IS NOT NULL",
}


async def on_card(order_id: UUID) -> PostingView | None:
    """The posting an order was made of."""
    found = await market_postings.of_order(order_id)
    if found is None:
        return None
    account = (await market_accounts.every())[found.account_id]
    lines = await market_postings.with_codes(found)
    return PostingView(
        id=found.id,
        posting=found.posting,
        market=account.market,
        account=account.title,
        plugin=account.plugin,
        state=PostingState(found.state),
        raw_status=found.raw_status,
        raw_substatus=found.raw_substatus,
        group_key=found.group_key,
        parent=found.parent,
        order_id=found.order_id,
        order_number=found.order_number,
        deadline=found.deadline,
        method=found.method,
        express=found.express,
        reason=found.reason,
        short=found.short,
        unmatched=found.unmatched,
        actions=found.words,
        wish=found.wish,
        wish_at=found.wish_at,
        wish_error=found.wish_error,
        lines=tuple(market_postings.line_view(one) for one in lines),
        siblings=await market_postings.siblings(found),
    )


async def deadlines(order_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Until when orders of marketplaces must be handed over; of the others nothing."""
    if not order_ids:
        return {}
    rows = await fetch(
        "SELECT order_id, deadline FROM posting WHERE order_id IN {} AND state IN {} "
        "AND deadline IS NOT NULL",
        any_of(order_ids),
        any_of(_OPEN),
    )
    return {row[0]: row[1] for row in rows}


async def with_deadlines(page: OrderPage) -> OrderPage:
    """A page of orders with the hours that marketplaces gave them."""
    until = await deadlines([row.id for row in page.rows])
    if not until:
        return page
    rows = tuple(
        msgspec.structs.replace(row, deadline=until[row.id]) if row.id in until else row
        for row in page.rows
    )
    return msgspec.structs.replace(page, rows=rows)


async def offers(
    which: str, account: Account | None, after: UUID | None, limit: int = PAGE
) -> tuple[list[OfferView], UUID | None]:
    """A page of offers by their id, and where the next one begins; None: this is the last."""
    conditions, args = [_WHICH[which]], list[Any]([any_of(_OPEN)])
    if account is not None:
        conditions.append("o.account_id = {}")
        args.append(account.id)
    if after is not None:
        conditions.append("o.id > {}")
        args.append(after)
    sql = _OFFERS + "WHERE " + " AND ".join(conditions) + " ORDER BY o.id LIMIT {}"
    rows = await fetch(sql, *args, limit + 1)
    views = [_offer(row) for row in rows[:limit]]
    return views, views[-1].id if len(rows) > limit else None


def _offer(row: tuple[Any, ...]) -> OfferView:
    return OfferView(
        id=row[0],
        account_number=row[1],
        article=row[2],
        name=row[3],
        variant_number=row[4],
        variant_name=row[5] or "",
        variant_sku=row[6] or "",
        product_number=row[7],
        postings=row[8],
        free_milli=row[9],
        buffer_milli=row[10],
        own_buffer=row[11] is not None,
        stock=row[12],
        stock_at=row[13],
        stock_error=row[14],
        price=row[15],
        price_error=row[16],
    )


async def offer(offer_id: UUID) -> OfferView | None:
    """One offer."""
    row = await fetch_one(_OFFERS + "WHERE o.id = {}", any_of(_OPEN), offer_id)
    return None if row is None else _offer(row)


async def variant_of(number: int) -> UUID | None:
    """A variant by its number."""
    return await fetch_value("SELECT id FROM variant WHERE number = {}", number)
