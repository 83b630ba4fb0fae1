"""Postings becoming orders: new ones are placed, known ones move forward. Steps of `markets`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from appliance.actions import (
    _changing,
    _line_edits,
    _order_checks,
    _pieces_back,
    _placing,
    _shortage,
)
from appliance.domain.customers import CustomerDraft
from appliance.domain.events import OrderChanged
from appliance.domain.ids import uuid7
from appliance.domain.market import (
    BEFORE_HAND_OVER,
    CLIENT_PREFIX,
    MARKETS,
    PostingState,
    goes_to,
    status_for,
)
from appliance.domain.orders import (
    CustomerRef,
    LineDraft,
    OrderContact,
    OrderDraft,
    OrderSelector,
)
from appliance.domain.personal import Personal
from appliance.domain.sources import SourceMarks
from appliance.plugin_api.postings import Fate, PostingIn, PostingLine
from appliance.storage import (
    market_offers,
    market_postings,
    offers,
    order_lines,
    orders,
    references,
)
from appliance.storage.market_accounts import Account
from appliance.storage.market_offers import Offer, Told
from appliance.storage.market_postings import Posting
from appliance.storage.orders import Order
from appliance.storage.references import Lists
from appliance.storage.statements import any_of, fetch
from appliance.storage.tx import Tx

PIECE: Final = 1000
UNKNOWN: Final = "unknown"
_OFFER: Final = (
    "SELECT id, number, external_id, xml_id, sku, name, purchase_price, vat_rate, shop "
    "FROM variant WHERE id IN {}"
)


class Taken(NamedTuple):
    """What became of a batch.

    Attributes:
        touched: orders whose goods may have been set aside or let go.
    """

    fates: list[Fate]
    touched: list[UUID]


async def take(tx: Tx, lists: Lists, account: Account, given: Sequence[PostingIn]) -> Taken:
    """Take a batch in: what is known first, so that a split parent lets go before its children."""
    known = await market_postings.known(account, [one.id for one in given])
    articles = [
        Told(line.article, line.name, {"id": line.vendor_id} if line.vendor_id else {})
        for one in given
        for line in one.lines
        if line.article
    ]
    found = await market_offers.take(tx, account, articles)
    goods = await _goods(found)
    fates: dict[int, Fate] = {}
    touched: list[UUID] = []
    for place, one in enumerate(given):
        row = known.get(one.id)
        if row is not None:
            fates[place] = await _follow(tx, lists, row, one)
            if fates[place] == "changed":
                touched.append(row.order_id)
    rows: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    seen: set[str] = set()
    for place, one in enumerate(given):
        if place in fates:
            continue
        past = one.created_at is not None and one.created_at < account.made_at
        if one.id in seen or (past and market_postings.is_over(_state_of(one).value)):
            fates[place] = "same"  # over before the account was connected: no work of this box
            continue
        if not _takeable(one):
            fates[place] = "refused"
            continue
        seen.add(one.id)
        row_of, lines_of = await _place(tx, lists, account, one, found, goods)
        rows.append(row_of)
        lines += lines_of
        touched.append(row_of["order_id"])
        fates[place] = "created"
    await market_postings.add(rows, lines)
    await _follow_back(tx, lists, account, seen, given)
    return Taken([fates[place] for place in range(len(given))], touched)


def _takeable(one: PostingIn) -> bool:
    """Whether an order can be made of it: it has an id and lines with articles."""
    return (
        bool(one.id)
        and bool(one.lines)
        and all(line.article and line.quantity > 0 and line.price >= 0 for line in one.lines)
    )


async def _goods(found: Mapping[str, Offer]) -> dict[UUID, offers.Offer]:
    wanted = {one.variant_id for one in found.values() if one.variant_id is not None}
    if not wanted:
        return {}
    rows = await fetch(_OFFER, any_of(wanted))
    return {row[0]: offers.Offer(*row) for row in rows}


def _state_of(one: PostingIn) -> PostingState:
    """Its state; a word that is new to the plugin begins as a new posting does."""
    return PostingState.NEW if one.state == UNKNOWN else PostingState(one.state)


async def _place(
    tx: Tx,
    lists: Lists,
    account: Account,
    one: PostingIn,
    found: Mapping[str, Offer],
    goods: Mapping[UUID, offers.Offer],
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    variants = [found[line.article].variant_id for line in one.lines]
    offers_of = [None if variant is None else goods.get(variant) for variant in variants]
    if _left_before(account, one):
        offers_of = [None] * len(offers_of)
    draft = _draft(account, lists, one)
    _order_checks.check_draft(draft, lists)
    placed = await _placing.place(tx, draft, lists, goods=offers_of)
    stored = await order_lines.of_order(placed.order_id)
    row = market_postings.row_of(
        tx,
        account,
        posting=one.id,
        group_key=one.group[:64],
        parent=one.parent[:64],
        order_id=placed.order_id,
        order_number=placed.number,
        state=_state_of(one).value,
        unmatched=sum(1 for variant in variants if variant is None),
        **_columns(one),
    )
    lines = [
        {
            "id": uuid7(),
            "posting_id": row["id"],
            "position": place,
            "offer_id": found[line.article].id,
            "vendor_id": line.vendor_id[:64],
            "name": line.name,
            "quantity": line.quantity,
            "price": line.price,
            "requires": market_postings.json_of(line.requires),
            "line_id": stored[place].id,
        }
        for place, line in enumerate(one.lines)
    ]
    return row, lines


def _left_before(account: Account, one: PostingIn) -> bool:
    """Whether its goods were off the shelf before this box counted them."""
    past = one.created_at is not None and one.created_at < account.made_at
    return past and _state_of(one) not in BEFORE_HAND_OVER


def _columns(one: PostingIn) -> dict[str, Any]:
    return {
        "raw_status": one.raw_status[:64],
        "raw_substatus": one.raw_substatus[:64],
        "deadline": one.deadline,
        "track": one.track[:64],
        "method": one.method[:200],
        "express": one.express,
        "reason": one.reason[:200],
        "actions": market_postings.json_of(one.actions),
        "read_at": one.read_at,
    }


def _draft(account: Account, lists: Lists, one: PostingIn) -> OrderDraft:
    """The order of a posting.

    Its buyer is the marketplace: one nameless client per account. What marketplaces give of
    buyers is substituted, so nothing of it is kept, and no real person is ever found by it.
    """
    name = f"Покупатель {MARKETS.get(account.market, account.title)}"
    status = status_for(_state_of(one), lists.statuses) or lists.default_status()
    return OrderDraft(
        shop=account.shop,
        external_id=one.id,
        number=one.id[:32],
        customer_ref=CustomerRef(external_id=client_id(account)),
        customer=CustomerDraft(shop=account.shop, first_name=Personal(name)),
        contact=Personal(OrderContact()),
        status=status,
        created_at=one.created_at,
        lines=tuple(_line(line) for line in one.lines),
        source=SourceMarks(source=account.market, medium="marketplace"),
        shipment_store=account.warehouse or None,
    )


def client_id(account: Account) -> str:
    """External id of the client that stands for an account's buyers."""
    return f"{CLIENT_PREFIX}{account.plugin}:{account.code}"


def _line(line: PostingLine) -> LineDraft:
    return LineDraft(
        sku=line.article,
        product_name=line.name or line.article,
        quantity_milli=line.quantity * PIECE,
        price=line.price,
    )


async def _follow(tx: Tx, lists: Lists, row: Posting, one: PostingIn) -> Fate:
    """Bring a known posting and its order up to date."""
    if one.read_at < row.read_at:
        return "stale"
    stored = (await market_postings.lines_of([row.id]))[row.id] if one.lines or one.back else []
    back = _pieces_back.fresh(one.back, stored)
    goes, state = _states(row, one, back, stored)
    values = {**_columns(one), "state": state}
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    left = _pieces_back.by_line(one.lines, stored) if one.lines else {}
    fewer = any(left[line.id] < line.quantity for line in stored if left)
    if set(changed) <= {"read_at"} and not fewer and not back:
        await market_postings.change(row.id, read_at=one.read_at)
        return "same"
    if "state" in changed or "track" in changed or fewer:
        order = await orders.get(tx, OrderSelector(id=row.order_id))
        await _move(tx, lists, order, goes, one, left if fewer else {}, stored)
    if back:
        await _pieces_back.note(tx, lists, row.order_id, back, stored)
    if _settled(row.wish, state):
        changed |= {"wish": "", "wish_error": ""}
    await market_postings.change(row.id, **{**changed, "read_at": one.read_at})
    tx.emit(OrderChanged(order_id=row.order_id, fields=("posting",)))
    return "changed"


async def _follow_back(
    tx: Tx, lists: Lists, account: Account, fresh: set[str], given: Sequence[PostingIn]
) -> None:
    """Follow postings that are new here, and of which something is back already."""
    back = {one.id: one for one in given if one.back and one.id in fresh}
    for row in (await market_postings.known(account, back)).values() if back else ():
        await _follow(tx, lists, row, back[row.posting])


def _states(
    row: Posting,
    one: PostingIn,
    back: Mapping[UUID, int],
    stored: Sequence[market_postings.Line],
) -> tuple[str, str]:
    """The state its order follows, and its own.

    What came back in parts is taken in by documents: the order's status moves none of it.
    """
    told = row.state if one.state == UNKNOWN else one.state
    if row.state == PostingState.RETURNED:
        told = row.state  # what came back is over, whatever the list of postings still says
    if not back or not _pieces_back.is_over(back, stored):
        return told, told
    returned = PostingState.RETURNED.value
    return (returned if _pieces_back.is_at_once(back, stored) else told), returned


def _settled(wish: str, state: str) -> bool:
    """Whether the state says by itself that what was wished is done."""
    done = {
        "confirm": {"confirmed", "assembling", "packed"},
        "pack": {"packed", "handed_over"},
        "cancel": {"cancelled", "returning"},
    }
    return state in done.get(wish, ())


async def _move(
    tx: Tx,
    lists: Lists,
    order: Order,
    state: str,
    one: PostingIn,
    left: dict[UUID, int],
    stored: Sequence[market_postings.Line],
) -> None:
    edit = _changing.Edit(order)
    if left:
        await _shrink(tx, lists, edit, left, stored)
    if one.track and one.track != order.track_number:
        edit.set("track_number", one.track, "integration_delivery_data.track_number")
    wanted = goes_to(PostingState(state), order.status, lists.statuses)
    if wanted:
        await _changing.set_status(tx, lists, edit, wanted)
    await _changing.finish(tx, edit)


async def _shrink(
    tx: Tx,
    lists: Lists,
    edit: _changing.Edit,
    left: dict[UUID, int],
    stored: Sequence[market_postings.Line],
) -> None:
    """A part of the posting became another one: its goods are let go here."""
    by_line = {line.line_id: line for line in stored}
    drafts: list[LineDraft] = []
    for line in await order_lines.of_order(edit.order.id):
        mine = by_line.get(line.id)
        pieces = None if mine is None else left[mine.id]
        if pieces is None:
            drafts.append(LineDraft(id=line.number))
        elif pieces:
            drafts.append(LineDraft(id=line.number, quantity_milli=pieces * PIECE))
    if drafts:
        await _line_edits.change_lines(tx, lists, edit, drafts)
    await market_postings.keep_quantities(left)


async def flag_short(tx: Tx, touched: Sequence[UUID]) -> int:
    """Flag orders whose goods are not there, and ask a colleague to see to each; how many."""
    if not touched:
        return 0
    lacks = await market_postings.lacking(touched)
    fresh = await market_postings.set_short(touched, [one.order_id for one in lacks])
    for one in lacks:
        if one.order_id in fresh:
            await _shortage.ask(tx, one)
    return len(lacks)


async def set_aside(tx: Tx, lists: Lists, waiting: Sequence[market_postings.Waiting]) -> int:
    """Give lines of open orders the variants that their offers mean now; how many orders."""
    by_order: dict[UUID, set[UUID]] = {}
    for one in waiting:
        by_order.setdefault(one.order_id, set()).add(one.line_id)
    variants = await market_postings.variants_of([one.line_id for one in waiting])
    goods = {row[0]: offers.Offer(*row) for row in await fetch(_OFFER, any_of(variants.values()))}
    for order_id, wanted in by_order.items():
        order = await orders.get(tx, OrderSelector(id=order_id))
        edit = _changing.Edit(order)
        await _line_edits.give_goods(
            tx, lists, edit, {line: goods[variants[line]] for line in wanted if line in variants}
        )
        await _changing.finish(tx, edit)
    return len(by_order)


async def follow_match(tx: Tx, offer_ids: Sequence[UUID]) -> int:
    """Let open orders follow what offers mean now, reservation too; how many orders."""
    if not offer_ids:
        return 0
    waiting = await market_postings.waiting_for(offer_ids)
    if not waiting:
        return 0
    done = await set_aside(tx, await references.lists(), waiting)
    await market_postings.count_unmatched({one.posting_id for one in waiting})
    await flag_short(tx, list({one.order_id for one in waiting}))
    return done
