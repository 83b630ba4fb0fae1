"""Marketplaces as people work with them: deeds of a posting, offers to match, what goes out."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from appliance.actions import _market_orders
from appliance.actions._gate import action
from appliance.domain.events import OrderChanged, ServiceWished
from appliance.domain.market import (
    BOXED,
    CODE_LENGTH,
    DEEDS,
    MOST_CODES,
    MarketScreen,
    OfferView,
    PostingView,
)
from appliance.domain.orders import OrderSelector
from appliance.domain.references import ReferenceKind
from appliance.errors import Conflict, Invalid, NotFound
from appliance.plugin_api.postings import ReasonsAsked
from appliance.roles import Permission
from appliance.storage import (
    market_accounts,
    market_offers,
    market_postings,
    market_views,
    orders,
    references,
)
from appliance.storage.market_postings import Posting
from appliance.storage.tx import Tx

WHICH: Final = ("unmatched", "refused", "all")
MOST_BUFFER: Final = 10**9
"""Thousandths: a million pieces."""
LONGEST_WORDS: Final = 500


async def _posting(tx: Tx, number: int) -> Posting:
    order = await orders.get(tx, OrderSelector(number=number))
    found = await market_postings.of_order(order.id)
    if found is None:
        raise NotFound("posting_unknown")
    return found


@action(Permission.ORDER_STATUS)
async def wish(
    tx: Tx, number: int, deed: str, reason: str = "", message: str = "", boxes: int = 1
) -> str:
    """Wish a deed of the marketplace; the plugin does it and reports.

    Args:
        tx: of the actor.
        number: of the order.
        deed: of `DEEDS`.
        reason: code of a cancellation's reason, as the marketplace names it.
        message: words for it; they go to the marketplace, so no names belong there.
        boxes: into how many it is packed, where the marketplace is told that.

    Returns:
        the marketplace's number of the posting.

    Raises:
        NotFound: `order_not_found`, `posting_unknown`.
        Conflict: `posting_deed_not_now`: it is not possible, or no more.
        Invalid: `posting_reason_missing`, `posting_boxes_wrong`.
    """
    found = await _posting(tx, number)
    if deed not in DEEDS or deed not in found.words:
        raise Conflict("posting_deed_not_now", deed)
    if deed == "cancel" and not reason:
        raise Invalid("posting_reason_missing", fields={"reason": "posting_reason_missing"})
    account = (await market_accounts.every())[found.account_id]
    data = {"reason": reason[:64], "message": message[:LONGEST_WORDS]} if reason else {}
    if deed == "pack" and boxes != 1:
        lines = (await market_postings.lines_of([found.id]))[found.id]
        pieces = sum(line.quantity for line in lines) if account.market in BOXED else 1
        if not 1 <= boxes <= pieces:
            raise Invalid("posting_boxes_wrong", fields={"boxes": "posting_boxes_wrong"})
        data = {"boxes": str(boxes)}
    await market_postings.change(
        found.id,
        wish=deed,
        wish_at=tx.now,
        wish_error="",
        wish_data=market_postings.json_of(data),
    )
    tx.payload = {"deed": deed}
    tx.emit(
        ServiceWished(
            plugin=account.plugin,
            kind="posting",
            record_id=found.id,
            deed=deed,
            order_id=found.order_id,
        )
    )
    tx.emit(OrderChanged(order_id=found.order_id, fields=("posting",)))
    return found.posting


@action(Permission.ORDER_STATUS)
async def put_codes(tx: Tx, number: int, codes: Mapping[int, Sequence[str]]) -> None:
    """Keep the codes of the pieces of a posting: position → codes as scanned.

    Codes of a line that wants one kind get its name in front; a `kind:code` is kept as it is.

    Raises:
        NotFound: `order_not_found`, `posting_unknown`.
        Invalid: `posting_codes` at `codes-<position>`: too many, too long, or one twice.
    """
    found = await _posting(tx, number)
    lines = {one.position: one for one in (await market_postings.lines_of([found.id]))[found.id]}
    fields: dict[str, str] = {}
    seen: set[str] = set()
    for position, given in codes.items():
        line = lines.get(position)
        kinds = () if line is None else market_postings.words_of(line.requires)
        named = [_named(one, kinds) for one in given]
        twice = len(set(named)) != len(named) or seen & set(named)
        most = 0 if line is None else min(line.quantity * max(len(kinds), 1), MOST_CODES)
        if line is None or twice or len(named) > most or any(len(x) > CODE_LENGTH for x in named):
            fields[f"codes-{position}"] = "posting_codes"
            continue
        seen.update(named)
        await market_postings.keep_codes(line.id, named)
    if fields:
        raise Invalid("posting_codes", fields=fields)
    tx.emit(OrderChanged(order_id=found.order_id, fields=("posting",)))


def _named(code: str, kinds: Sequence[str]) -> str:
    kind, colon, _ = code.partition(":")
    if colon and kind in kinds:
        return code
    return f"{kinds[0]}:{code}" if kinds else code


@action(Permission.ORDER_STATUS, reads=True, quiet=True)
async def asking(tx: Tx, number: int) -> tuple[str, ReasonsAsked, PostingView]:
    """Whom to ask why a posting may be cancelled, and what.

    Raises:
        NotFound: `order_not_found`, `posting_unknown`.
    """
    found = await _posting(tx, number)
    account = (await market_accounts.every())[found.account_id]
    shown = await market_views.on_card(found.order_id)
    if shown is None:
        raise NotFound("posting_unknown")
    return account.plugin, ReasonsAsked(account=account.code, posting=found.posting), shown


@action(Permission.STOCK_EDIT, reads=True, quiet=True)
async def screen(
    tx: Tx, which: str = "unmatched", account: int = 0, after: UUID | None = None
) -> MarketScreen:
    """Accounts and a page of offers: those without a variant, refused ones, or all that have one.

    Raises:
        NotFound: `market_account_unknown`.
    """
    del tx
    lists = await references.lists()
    known = None if not account else await market_accounts.by_number(account)
    found, further = await market_views.offers(
        which if which in WHICH else "unmatched", known, after
    )
    kinds = lists.of(ReferenceKind.PRICE_TYPE).values()
    return MarketScreen(
        accounts=await market_accounts.views(),
        warehouses=tuple((one.code, one.name) for one in lists.warehouses.values() if one.active),
        price_types=tuple((one.code, one.name) for one in kinds if one.active),
        offers=tuple(found),
        after=further,
    )


@action(Permission.STOCK_EDIT)
async def match(tx: Tx, offer_id: UUID, variant: int) -> int:
    """Say which variant an offer means; open orders follow, with their goods.

    Args:
        tx: of the actor.
        offer_id: of the offer.
        variant: its number; 0 takes the match back for what comes later.

    Returns:
        how many orders followed.

    Raises:
        NotFound: `market_offer_unknown`; `offer_unknown`: no such variant.
    """
    if await market_views.offer(offer_id) is None:
        raise NotFound("market_offer_unknown")
    wanted = await market_views.variant_of(variant) if variant else None
    if variant and wanted is None:
        raise NotFound("offer_unknown", number=variant)
    await market_offers.match(offer_id, wanted, by_hand=True)
    return await _market_orders.follow_match(tx, [offer_id]) if wanted is not None else 0


@action(Permission.STOCK_EDIT)
async def set_buffer(tx: Tx, offer_id: UUID, milli: int | None) -> None:
    """Keep so much of one offer back from its marketplace; None: as the account does.

    Raises:
        NotFound: `market_offer_unknown`.
        Invalid: `amount_out_of_range` at `buffer`.
    """
    del tx
    if await market_views.offer(offer_id) is None:
        raise NotFound("market_offer_unknown")
    _check_buffer(milli or 0)
    await market_offers.set_buffer(offer_id, milli)


def _check_buffer(milli: int) -> None:
    if not 0 <= milli <= MOST_BUFFER:
        raise Invalid("amount_out_of_range", fields={"buffer": "amount_out_of_range"})


@action(Permission.STOCK_EDIT)
async def set_up(
    tx: Tx,
    number: int,
    *,
    warehouse: str,
    price_type: str,
    buffer_milli: int,
    sends_stock: bool,
    sends_price: bool,
) -> None:
    """Say what of our stock and prices an account is told; all of it is due again.

    Raises:
        NotFound: `market_account_unknown`.
        Invalid: `code_unknown`, `amount_out_of_range`.
    """
    del tx
    known = await market_accounts.by_number(number)
    lists = await references.lists()
    fields: dict[str, str] = {}
    if warehouse and warehouse not in lists.warehouses:
        fields["warehouse"] = "code_unknown"
    if price_type not in lists.of(ReferenceKind.PRICE_TYPE):
        fields["price_type"] = "code_unknown"
    if fields:
        raise Invalid("code_unknown", fields=fields)
    _check_buffer(buffer_milli)
    await market_accounts.change(
        known,
        warehouse=warehouse,
        price_type=price_type,
        buffer_milli=buffer_milli,
        sends_stock=sends_stock,
        sends_price=sends_price,
    )
    await market_offers.mark_account(known)


@action(Permission.STOCK_EDIT)
async def try_again(tx: Tx, number: int) -> int:
    """Have everything that a marketplace refused sent again; how many offers.

    Raises:
        NotFound: `market_account_unknown`.
    """
    del tx
    return await market_offers.try_again(await market_accounts.by_number(number))


@action(Permission.STOCK_EDIT, reads=True, quiet=True)
async def offer(tx: Tx, offer_id: UUID) -> OfferView:
    """One offer, for its row.

    Raises:
        NotFound: `market_offer_unknown`.
    """
    del tx
    found = await market_views.offer(offer_id)
    if found is None:
        raise NotFound("market_offer_unknown")
    return found
