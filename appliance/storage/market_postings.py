"""Postings as stored: their lines, what is wished of them, what the card and lists show."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.ids import uuid7
from appliance.domain.market import ENDED, LineView, PostingState
from appliance.errors import NotFound
from appliance.storage import fulfilments
from appliance.storage.market_accounts import Account
from appliance.storage.statements import (
    any_of,
    chunked,
    execute,
    fetch,
    fetch_one,
    insert_many,
    update_many,
    update_row,
)
from appliance.storage.tables import PostingLineRow, PostingRow
from appliance.storage.tx import Tx

_words = msgspec.json.Decoder(tuple[str, ...])
_data = msgspec.json.Decoder(dict[str, str])


class Posting(NamedTuple):
    """A posting as stored."""

    id: UUID
    account_id: UUID
    posting: str
    group_key: str
    parent: str
    order_id: UUID
    order_number: int
    state: str
    raw_status: str
    raw_substatus: str
    deadline: datetime | None
    track: str
    method: str
    express: bool
    reason: str
    actions: str
    short: bool
    unmatched: int
    wish: str
    wish_at: datetime | None
    wish_error: str
    wish_data: str
    read_at: datetime

    @property
    def words(self) -> tuple[str, ...]:
        """What may be wished."""
        return words_of(self.actions)

    @property
    def data(self) -> dict[str, str]:
        """Of the wish."""
        return _data.decode(self.wish_data)


class Line(NamedTuple):
    """A line of a posting, with the offer and the order's line."""

    id: UUID
    posting_id: UUID
    position: int
    offer_id: UUID
    vendor_id: str
    name: str
    quantity: int
    price: int
    requires: str
    codes: str
    line_id: UUID
    returned: int
    article: str
    variant_id: UUID | None


_COLUMNS: Final = ", ".join(f"p.{name}" for name in Posting._fields)
_SELECT: Final = f"SELECT {_COLUMNS} FROM posting p "
_LINES: Final = (
    "SELECT l.id, l.posting_id, l.position, l.offer_id, l.vendor_id, l.name, l.quantity, l.price, "
    "l.requires, l.codes, l.line_id, l.returned, o.article, o.variant_id FROM posting_line l "
    "JOIN market_offer o ON o.id = l.offer_id "
)
MARK: Final = "mark"
"""The kind of codes that stand on labels: those of the state's marking."""
_OVER: Final = tuple(one.value for one in ENDED)


def words_of(text: str) -> tuple[str, ...]:
    """A list of words as a row keeps it."""
    return _words.decode(text)


def json_of(words: Sequence[str] | Mapping[str, str]) -> str:
    """Words, or codes by name, as a row keeps them."""
    return msgspec.json.encode(words).decode()


async def known(account: Account, ids: Collection[str]) -> dict[str, Posting]:
    """Postings of an account by the other side's ids."""
    found: dict[str, Posting] = {}
    for part in chunked(list(ids)):
        rows = await fetch(
            _SELECT + "WHERE p.account_id = {} AND p.posting IN {}", account.id, any_of(part)
        )
        found.update((row[2], Posting(*row)) for row in rows)
    return found


async def add(rows: Sequence[dict[str, Any]], lines: Sequence[dict[str, Any]]) -> None:
    """Store new postings and their lines."""
    await insert_many(PostingRow, rows)
    await insert_many(PostingLineRow, lines)


async def change(posting_id: UUID, **values: Any) -> None:
    """Change columns of a posting."""
    await update_row(PostingRow, posting_id, **values)


async def get(posting_id: UUID) -> Posting:
    """One posting; raises: NotFound: `posting_unknown`."""
    row = await fetch_one(_SELECT + "WHERE p.id = {}", posting_id)
    if row is None:
        raise NotFound("posting_unknown")
    return Posting(*row)


async def of_order(order_id: UUID) -> Posting | None:
    """The posting an order was made of."""
    row = await fetch_one(_SELECT + "WHERE p.order_id = {}", order_id)
    return None if row is None else Posting(*row)


async def lines_of(ids: Collection[UUID]) -> dict[UUID, list[Line]]:
    """Lines of postings, in their order."""
    found: dict[UUID, list[Line]] = {one: [] for one in ids}
    for part in chunked(list(ids)):
        rows = await fetch(
            _LINES + "WHERE l.posting_id IN {} ORDER BY l.posting_id, l.position", any_of(part)
        )
        for row in rows:
            found[row[1]].append(Line(*row))
    return found


async def with_codes(one: Posting) -> list[Line]:
    """Lines of a posting; codes that its packing operator told stand for those not scanned."""
    lines = (await lines_of([one.id]))[one.id]
    if not any(MARK in words_of(line.requires) for line in lines):
        return lines
    known = await fulfilments.codes_of(one.order_id)
    return [_filled(line, known.get(line.line_id, ())) for line in lines]


def _filled(line: Line, codes: Sequence[str]) -> Line:
    held = words_of(line.codes)
    if MARK not in words_of(line.requires) or not codes:
        return line
    lacks = line.quantity - sum(one.startswith(f"{MARK}:") for one in held)
    told = [named for one in codes if (named := f"{MARK}:{one}") not in held]
    return line._replace(codes=json_of([*held, *told[: max(0, lacks)]]))


def line_view(line: Line) -> LineView:
    """A line for the card."""
    return LineView(
        position=line.position,
        article=line.article,
        vendor_id=line.vendor_id,
        name=line.name,
        quantity=line.quantity,
        price=line.price,
        matched=line.variant_id is not None,
        requires=words_of(line.requires),
        codes=words_of(line.codes),
        returned=line.returned,
    )


async def siblings(one: Posting) -> tuple[tuple[int, str], ...]:
    """Other postings of the same basket: (number of the order, posting)."""
    if not one.group_key:
        return ()
    rows = await fetch(
        "SELECT order_number, posting FROM posting WHERE account_id = {} AND group_key = {} "
        "AND id <> {} ORDER BY posting LIMIT 20",
        one.account_id,
        one.group_key,
        one.id,
    )
    return tuple((row[0], row[1]) for row in rows)


async def open_ids(account: Account, after: str, limit: int) -> tuple[str, ...]:
    """Postings that are not over, a page by the other side's id."""
    rows = await fetch(
        "SELECT posting FROM posting WHERE account_id = {} AND posting > {} "
        "AND state NOT IN {} ORDER BY posting LIMIT {}",
        account.id,
        after,
        any_of(_OVER),
        limit,
    )
    return tuple(row[0] for row in rows)


class Waiting(NamedTuple):
    """A line of an open posting whose article means no variant yet."""

    posting_id: UUID
    order_id: UUID
    line_id: UUID
    article: str


async def waiting_for(offer_ids: Collection[UUID]) -> list[Waiting]:
    """Lines of postings that are not over, of these offers."""
    rows = await fetch(
        "SELECT l.posting_id, p.order_id, l.line_id, o.article FROM posting_line l "
        "JOIN posting p ON p.id = l.posting_id JOIN market_offer o ON o.id = l.offer_id "
        "WHERE l.offer_id IN {} AND p.state NOT IN {}",
        any_of(offer_ids),
        any_of(_OVER),
    )
    return [Waiting(*row) for row in rows]


async def count_unmatched(ids: Collection[UUID]) -> None:
    """Count again how many lines of these postings mean no variant."""
    await execute(
        "UPDATE posting SET unmatched = (SELECT COUNT(*) FROM posting_line l "
        "JOIN market_offer o ON o.id = l.offer_id WHERE l.posting_id = posting.id "
        "AND o.variant_id IS NULL) WHERE id IN {}",
        any_of(ids),
    )


class Lack(NamedTuple):
    """An order whose goods could not all be set aside."""

    order_id: UUID
    order_number: int
    manager_id: UUID | None


async def lacking(order_ids: Collection[UUID]) -> list[Lack]:
    """Those of the orders with a line whose stock is kept here and was not set aside."""
    rows = await fetch(
        "SELECT DISTINCT o.id, o.number, o.manager_id FROM orders o "
        "JOIN order_line l ON l.order_id = o.id WHERE o.id IN {} AND l.reserved_at IS NULL "
        "AND l.variant_id IS NOT NULL AND l.shipped_milli < l.quantity_milli "
        "AND EXISTS (SELECT 1 FROM stock s WHERE s.variant_id = l.variant_id) ORDER BY o.number",
        any_of(order_ids),
    )
    return [Lack(*row) for row in rows]


async def raced_for(variants: Collection[UUID]) -> bool:
    """Whether one of these is offered on a marketplace and its stock is kept here."""
    rows = await fetch(
        "SELECT 1 FROM market_offer o JOIN stock s ON s.variant_id = o.variant_id "
        "WHERE o.variant_id IN {} LIMIT 1",
        any_of(variants),
    )
    return bool(rows)


async def set_short(order_ids: Collection[UUID], lacking_ids: Collection[UUID]) -> set[UUID]:
    """Flag postings of orders that lack goods; which of these were not flagged before."""
    fresh: set[UUID] = set()
    for short, ids in (
        (True, set(lacking_ids)),
        (False, set(order_ids) - set(lacking_ids)),
    ):
        if not ids:
            continue
        rows = await fetch(
            "SELECT order_id FROM posting WHERE order_id IN {} AND short <> {}", any_of(ids), short
        )
        changed = [row[0] for row in rows]
        if changed:
            await execute(
                "UPDATE posting SET short = {} WHERE order_id IN {}", short, any_of(changed)
            )
        if short:
            fresh.update(changed)
    return fresh


async def keep_quantities(pieces: Mapping[UUID, int]) -> None:
    """Write down what is left of lines; what is gone to another posting goes from here."""
    gone = [line for line, quantity in pieces.items() if quantity <= 0]
    if gone:
        await execute("DELETE FROM posting_line WHERE id IN {}", any_of(gone))
    kept = [(quantity, line) for line, quantity in pieces.items() if quantity > 0]
    await update_many(PostingLineRow, "id", ("quantity",), kept)


async def keep_returned(pieces: Mapping[UUID, int]) -> None:
    """Write down how many pieces of lines came back."""
    kept = [(quantity, line) for line, quantity in pieces.items()]
    await update_many(PostingLineRow, "id", ("returned",), kept)


async def keep_codes(line_id: UUID, codes: Sequence[str]) -> None:
    """Write down the codes of a line, a kind before each."""
    await update_row(PostingLineRow, line_id, codes=json_of(codes))


async def variants_of(line_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Variants that lines of orders mean by their offers: line of the order → variant."""
    rows = await fetch(
        "SELECT l.line_id, o.variant_id FROM posting_line l "
        "JOIN market_offer o ON o.id = l.offer_id "
        "WHERE l.line_id IN {} AND o.variant_id IS NOT NULL",
        any_of(line_ids),
    )
    return {row[0]: row[1] for row in rows}


def row_of(tx: Tx, account: Account, **values: Any) -> dict[str, Any]:
    """A row of a new posting."""
    return {"id": uuid7(), "account_id": account.id, "made_at": tx.now, **values}


def is_over(state: str) -> bool:
    """Whether nothing is to be packed any more."""
    return PostingState(state) in ENDED
