"""Marketplaces as plugins speak of them: postings in, stock and prices out.

A plugin says what the other side told it; the box keeps it beside its own state, makes an order
of it once, and never moves an order back. Money is kopecks, quantities of a posting are pieces.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

MOST: Final = 1000
"""Entries of one call."""

State = Literal[
    "new",
    "confirmed",
    "assembling",
    "packed",
    "handed_over",
    "in_transit",
    "ready_for_pickup",
    "delivered",
    "cancelled",
    "problem",
    "returning",
    "returned",
    "unknown",
]
"""`unknown`: the other side said a word that is new to the plugin; the state stays as it was."""

Deed = Literal["confirm", "pack", "cancel", "label", "act", "codes"]
"""What may be wished of a posting; a plugin names in `actions` those that are possible now."""

Fate = Literal["created", "changed", "same", "stale", "refused"]
"""What became of a posting. `same` too: it was over before the account was connected. `stale`:
something read later is known already. `refused`: it has no lines an order can be made of."""


class _Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Unknown fields are ignored: a newer plugin may say more."""


class Nothing(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """An answer that says only that it was done."""


class PostingLine(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """A line.

    Attributes:
        article: the seller's own: `offer_id` of Ozon and Yandex, `article` of Wildberries.
        vendor_id: what the other side wants to be told when it is packed: the SKU, the item's id.
        price: kopecks per piece.
        requires: kinds of codes that are due: `mark`, `gtd`, `uin`, `imei`, `country`, `rnpt`…
    """

    article: str
    vendor_id: str = ""
    name: str = ""
    quantity: int = 1
    price: int = 0
    requires: tuple[str, ...] = ()


class PiecesBack(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """Pieces of a line that are with the seller again.

    Attributes:
        article, vendor_id: as the line has them; the second where it is known.
        quantity: in all so far, not since the last time: telling it again changes nothing.
    """

    article: str
    vendor_id: str = ""
    quantity: int


class PostingIn(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """A posting as the other side has it now.

    Attributes:
        id: key within the account; an order of the box is made of it once.
        group: of the basket it belongs to.
        parent: posting it was split off.
        read_at: when the plugin asked: what was asked earlier never replaces what was asked later.
        raw_status, raw_substatus: the other side's words, kept as they are.
        deadline: hand it over before.
        reason: why it was cancelled, in the other side's words.
        actions: what may be wished of it now.
        back: what of it came back; all of it makes the posting a returned one, a part is
            written down at its lines, and somebody is asked to take it in.
    """

    id: str
    state: State
    raw_status: str
    read_at: datetime
    raw_substatus: str = ""
    group: str = ""
    parent: str = ""
    created_at: datetime | None = None
    deadline: datetime | None = None
    lines: tuple[PostingLine, ...] = ()
    track: str = ""
    method: str = ""
    express: bool = False
    reason: str = ""
    actions: tuple[Deed, ...] = ()
    back: tuple[PiecesBack, ...] = ()


class AccountIn(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """An account to work for: its shop in the box is made when it is named for the first time."""

    account: str
    market: str
    title: str = ""


class AccountOut(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """What the box wants of an account."""

    shop: str
    sends_stock: bool = True
    sends_price: bool = False
    opened_at: datetime | None = None


class PostingsGiven(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """Postings of one account; parents may come before or after their children."""

    account: str
    postings: tuple[PostingIn, ...]


class Fates(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """What became of each, in order; `unmatched` articles were new and mean no variant."""

    fates: tuple[Fate, ...]
    unmatched: int = 0
    short: int = 0


class PostingAsked(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """A posting by the box's id: a wish names it so."""

    id: UUID


class LineOut(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """A line as the box keeps it; `codes` were scanned for it."""

    article: str
    vendor_id: str = ""
    quantity: int = 1
    requires: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


class Posting(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """A posting of the plugin's own.

    Attributes:
        wish: what is wished of it now; empty: nothing any more.
        data: of the wish: `reason` (code of a cancellation), `message`.
    """

    id: UUID
    posting: str
    account: str
    order_id: UUID
    order_number: int
    state: str
    raw_status: str
    wish: str = ""
    data: dict[str, str] = {}
    lines: tuple[LineOut, ...] = ()


class WishDone(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """How a wish ended; `code` of the plugin's catalogue, empty: well."""

    id: UUID
    deed: Deed
    code: str = ""


class OpenAsked(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """Postings that are not over, by their own ids, ascending; for a full reconciliation."""

    account: str
    after: str = ""
    limit: int = 500


class OpenPostings(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """Ids of the other side."""

    ids: tuple[str, ...]


class MarketOfferIn(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """An offer of the catalogue on the other side; `ids` are its own (`sku`, `nm`, `chrt`)."""

    article: str
    name: str = ""
    barcode: str = ""
    ids: dict[str, str] = {}


class MarketOffersGiven(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """Offers of one account."""

    account: str
    offers: tuple[MarketOfferIn, ...]


class Matched(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """How many are known now, and how many of the given mean no variant."""

    unmatched: int = 0


class DueAsked(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """What is to be sent, at most so many."""

    account: str
    limit: int = 100


class StockDue(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """How many pieces may be sold there: read a moment ago, so send it at once.

    Attributes:
        mark: give it back with `stock_sent`: what changed meanwhile stays due.
    """

    article: str
    ids: dict[str, str] = {}
    quantity: int = 0
    mark: int = 0


class StocksDue(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """The longest waiting first; one entry per offer, however often its stock changed."""

    due: tuple[StockDue, ...]


class StockSent(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """What the other side said to a figure.

    Attributes:
        code: of a refusal; empty: it took it.
        again_after: seconds before it may be sent again; a refusal for good names many.
    """

    article: str
    quantity: int
    mark: int
    code: str = ""
    again_after: int = 0


class StocksSent(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """Figures of one account."""

    account: str
    sent: tuple[StockSent, ...]


class PriceDue(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """A price in kopecks, above zero."""

    article: str
    ids: dict[str, str] = {}
    price: int


class PricesDue(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """Prices that differ from what was sent; `zero` is how many were found without one."""

    due: tuple[PriceDue, ...]
    zero: int = 0


class PriceSent(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """What the other side said to a price; as `StockSent`."""

    article: str
    price: int
    code: str = ""
    again_after: int = 0


class PricesSent(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """Prices of one account."""

    account: str
    sent: tuple[PriceSent, ...]


class ReasonsAsked(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """Why may this posting be cancelled? `posting` is the other side's id."""

    account: str
    posting: str


class Reason(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """One reason; `needs_words`: the other side wants to be told more."""

    code: str
    title: str
    needs_words: bool = False


class Reasons(_Entry, frozen=True, kw_only=True, omit_defaults=True):
    """Reasons of the other side, as it names them."""

    reasons: tuple[Reason, ...]


Call = Callable[[str, msgspec.Struct], Awaitable[Any]]


class Markets:
    """Marketplaces, as `core.markets`; every question raises `Refused` with a code."""

    def __init__(self, call: Call) -> None:
        self._call = call

    async def open(self, account: str, market: str, title: str = "") -> AccountOut:
        """Name an account before anything else is said of it; what the box wants of it."""
        asked = AccountIn(account=account, market=market, title=title)
        return await self._call("markets_open", asked)

    async def put(self, account: str, postings: Sequence[PostingIn]) -> Fates:
        """Tell of postings, at most 1 000; repeating is safe: each is known by its id."""
        given = PostingsGiven(account=account, postings=tuple(postings))
        return await self._call("markets_put", given)

    async def posting(self, posting_id: UUID) -> Posting:
        """The posting that a wish names, with what is wished."""
        return await self._call("markets_posting", PostingAsked(id=posting_id))

    async def done(self, posting_id: UUID, deed: Deed, code: str = "") -> None:
        """A wish was fulfilled, or refused with a code of the plugin's catalogue."""
        await self._call("markets_done", WishDone(id=posting_id, deed=deed, code=code))

    async def open_ids(self, account: str, after: str = "", limit: int = 500) -> tuple[str, ...]:
        """Postings the box holds for not over, a page by id."""
        asked = OpenAsked(account=account, after=after, limit=limit)
        found: OpenPostings = await self._call("markets_open_ids", asked)
        return found.ids

    async def offers_put(self, account: str, offers: Sequence[MarketOfferIn]) -> int:
        """Tell of the catalogue there, at most 1 000; how many mean no variant of the box."""
        given = MarketOffersGiven(account=account, offers=tuple(offers))
        done: Matched = await self._call("markets_offers_put", given)
        return done.unmatched

    async def stock_due(self, account: str, limit: int = 100) -> tuple[StockDue, ...]:
        """Figures to send now; ask right before each request, when the limits let it go."""
        found: StocksDue = await self._call(
            "markets_stock_due", DueAsked(account=account, limit=limit)
        )
        return found.due

    async def stock_sent(self, account: str, sent: Sequence[StockSent]) -> None:
        """What the other side said to each."""
        await self._call("markets_stock_sent", StocksSent(account=account, sent=tuple(sent)))

    async def prices_due(self, account: str, limit: int = 100) -> PricesDue:
        """Prices to send."""
        return await self._call("markets_prices_due", DueAsked(account=account, limit=limit))

    async def prices_sent(self, account: str, sent: Sequence[PriceSent]) -> None:
        """What the other side said to each."""
        await self._call("markets_prices_sent", PricesSent(account=account, sent=tuple(sent)))


CALLS: Final[dict[str, tuple[type[msgspec.Struct], type[msgspec.Struct]]]] = {
    "markets_open": (AccountIn, AccountOut),
    "markets_put": (PostingsGiven, Fates),
    "markets_posting": (PostingAsked, Posting),
    "markets_done": (WishDone, Nothing),
    "markets_open_ids": (OpenAsked, OpenPostings),
    "markets_offers_put": (MarketOffersGiven, Matched),
    "markets_stock_due": (DueAsked, StocksDue),
    "markets_stock_sent": (StocksSent, Nothing),
    "markets_prices_due": (DueAsked, PricesDue),
    "markets_prices_sent": (PricesSent, Nothing),
}
"""Question → what is asked and what is answered; all of them need `postings.write`."""
PERMISSION: Final = "postings.write"
