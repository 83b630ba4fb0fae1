"""Offers of marketplaces: which variant each means, and which figures wait to be sent."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.ids import uuid7
from appliance.storage.market_accounts import Account
from appliance.storage.statements import (
    any_of,
    chunked,
    execute,
    fetch,
    insert_many,
    update_many,
)
from appliance.storage.tables import MarketOfferRow
from appliance.storage.tx import Tx

PIECE: Final = 1000
"""Thousandths of a piece."""
MOST_STOCK: Final = 100_000
"""No marketplace takes a larger figure (Wildberries refuses it)."""
_BY_SKU: Final = "SELECT sku, id FROM variant WHERE sku IN {}"
_BY_EXTERNAL_ID: Final = "SELECT external_id, id FROM variant WHERE external_id IN {}"
_BY_BARCODE: Final = (
    "SELECT barcode, id FROM variant WHERE barcode IN {}",
    "SELECT value, variant_id FROM barcode WHERE value IN {}",
)
NEXT_DAY: Final = timedelta(days=1)
_ids = msgspec.json.Decoder(dict[str, str])


class Offer(NamedTuple):
    """An offer as lines of postings mean it."""

    id: UUID
    article: str
    variant_id: UUID | None


class Told(NamedTuple):
    """What a marketplace says of an offer."""

    article: str
    name: str
    ids: Mapping[str, str]
    barcode: str = ""


class Figure(NamedTuple):
    """A figure to send: pieces, or kopecks."""

    id: UUID
    article: str
    ids: dict[str, str]
    value: int
    mark: int = 0


class Answer(NamedTuple):
    """What the other side said to a figure; `wait` until it may be sent again."""

    article: str
    value: int
    mark: int
    code: str
    wait: datetime | None


async def known(account: Account, articles: Iterable[str]) -> dict[str, Offer]:
    """Offers by article."""
    found: dict[str, Offer] = {}
    for part in chunked(list(dict.fromkeys(articles))):
        rows = await fetch(
            "SELECT id, article, variant_id FROM market_offer "
            "WHERE account_id = {} AND article IN {}",
            account.id,
            any_of(part),
        )
        found.update((row[1], Offer(*row)) for row in rows)
    return found


async def meant(told: Sequence[Told]) -> dict[str, UUID]:
    """Which variant each offer means, by its article: two of one article or barcode are none.

    The variant's own article says it first, then its external id, then a barcode: Wildberries has
    one article for all sizes of a card, and only barcodes tell them apart.
    """
    articles = [one.article for one in told]
    found = await _sole((_BY_SKU,), articles)
    found = {**await _sole((_BY_EXTERNAL_ID,), articles), **found}
    barcodes = {one.barcode: one.article for one in told
                if one.barcode and one.article not in found}  # fmt: skip
    for barcode, variant in (await _sole(_BY_BARCODE, list(barcodes))).items():
        found.setdefault(barcodes[barcode], variant)
    return found


async def _sole(queries: Sequence[str], words: Sequence[str]) -> dict[str, UUID]:
    """Variants by a word that only one of them has."""
    found: dict[str, UUID] = {}
    for part in chunked(list(words)):
        seen: dict[str, set[UUID]] = {}
        for query in queries:
            for word, variant in await fetch(query, any_of(part)):
                seen.setdefault(word, set()).add(variant)
        found.update(
            (word, variants.pop()) for word, variants in seen.items() if len(variants) == 1
        )
    return found


async def take(tx: Tx, account: Account, told: Sequence[Told]) -> dict[str, Offer]:
    """Offers of these articles, made where they are not; unmatched ones are looked up again."""
    by_name = {one.article: one for one in told}
    offers = await known(account, by_name)
    bare = [one for one in by_name if one not in offers or offers[one].variant_id is None]
    variants = await meant([by_name[one] for one in bare]) if bare else {}
    fresh: list[dict[str, Any]] = []
    for article in bare:
        variant = variants.get(article)
        if article in offers:
            continue
        offers[article] = Offer(uuid7(), article, variant)
        one = by_name[article]
        fresh.append(
            {
                "id": offers[article].id,
                "account_id": account.id,
                "article": article,
                "name": one.name[:500],
                "vendor_ids": _json(one.ids),
                "variant_id": variant,
                "made_at": tx.now,
            }
        )
    await insert_many(MarketOfferRow, fresh)
    return offers


async def name_again(account: Account, told: Sequence[Told]) -> None:
    """Take over names and ids of offers that are known."""
    given = {one.article: one for one in told if one.name or one.ids}
    changed: list[tuple[str, str, UUID]] = []
    for part in chunked(list(given)):
        for row_id, article, name, ids in await fetch(
            "SELECT id, article, name, vendor_ids FROM market_offer "
            "WHERE account_id = {} AND article IN {}",
            account.id,
            any_of(part),
        ):
            one = given[article]
            wanted = (one.name[:500] or name, _json({**_ids.decode(ids), **one.ids}))
            if wanted != (name, ids):
                changed.append((*wanted, row_id))
    await update_many(MarketOfferRow, "id", ("name", "vendor_ids"), changed)


def _json(ids: Mapping[str, str]) -> str:
    return msgspec.json.encode(dict(ids)).decode()


async def unmatched(account: Account, told: Sequence[Told]) -> dict[UUID, UUID]:
    """Offers without a variant that mean one by now: offer → variant."""
    offers = await known(account, [one.article for one in told])
    bare = {one.article: one.id for one in offers.values() if one.variant_id is None}
    asked = [one for one in told if one.article in bare]
    variants = await meant(asked) if asked else {}
    return {bare[article]: variant for article, variant in variants.items()}


async def match(offer_id: UUID, variant: UUID | None, *, by_hand: bool) -> None:
    """Say which variant an offer means; its stock is due at once."""
    await execute(
        "UPDATE market_offer SET variant_id = {}, by_hand = {}, changed = changed + 1, "
        "stock_wait = {}, stock_error = '', price = {}, price_error = '' WHERE id = {}",
        variant,
        by_hand,
        None,
        None,
        offer_id,
    )


async def mark(variants: Collection[UUID]) -> None:
    """Stock of these variants changed: their offers wait to be told, each once."""
    if variants:
        await execute(
            "UPDATE market_offer SET changed = changed + 1 WHERE variant_id IN {}",
            any_of(variants),
        )


async def mark_hidden(account: Account) -> None:
    """Goods that were taken off sale since their last figure: the marketplace is told zero."""
    await execute(
        "UPDATE market_offer SET changed = changed + 1 WHERE account_id = {} AND changed = sent "
        "AND stock > 0 AND variant_id IN (SELECT id FROM variant WHERE active = {})",
        account.id,
        False,
    )


async def mark_account(account: Account) -> None:
    """Everything of an account is due: its buffer or its warehouse changed."""
    await execute("UPDATE market_offer SET changed = changed + 1 WHERE account_id = {}", account.id)


def pieces(free_milli: int, buffer_milli: int) -> int:
    """How many whole pieces a marketplace may sell.

    >>> pieces(5500, 1000), pieces(500, 0), pieces(-3000, 0)
    (4, 0, 0)
    """
    return min(max((free_milli - buffer_milli) // PIECE, 0), MOST_STOCK)


async def stock_due(tx: Tx, account: Account, warehouse: UUID, limit: int) -> list[Figure]:
    """Figures as they are now; those that were sent already are settled on the way."""
    while True:
        rows = await fetch(
            "SELECT o.id, o.article, o.vendor_ids, o.changed, o.stock, o.stock_error, "
            "COALESCE(o.buffer_milli, {}), COALESCE(s.on_hand_milli - s.reserved_milli, 0), "
            "v.active FROM market_offer o JOIN variant v ON v.id = o.variant_id "
            "LEFT JOIN stock s ON s.variant_id = o.variant_id AND s.warehouse_id = {} "
            "WHERE o.account_id = {} AND o.changed > o.sent "
            "AND (o.stock_wait IS NULL OR o.stock_wait <= {}) ORDER BY o.id LIMIT {}",
            account.buffer_milli,
            warehouse,
            account.id,
            tx.now,
            limit,
        )
        due: list[Figure] = []
        same: list[tuple[int, UUID]] = []
        for row_id, article, ids, changed, stock, error, buffer, free, active in rows:
            value = pieces(free, buffer) if active else 0
            if value == stock and not error:
                same.append((changed, row_id))
            else:
                due.append(Figure(row_id, article, _ids.decode(ids), value, changed))
        await update_many(MarketOfferRow, "id", ("sent",), same)
        if due or len(rows) < limit:
            return due


async def stock_sent(tx: Tx, account: Account, answers: Sequence[Answer]) -> None:
    """Write down what was taken and what was refused; what changed meanwhile stays due."""
    offers = await known(account, [one.article for one in answers])
    taken = [one for one in answers if not one.code and one.article in offers]
    await update_many(
        MarketOfferRow,
        "id",
        ("stock", "stock_at", "sent", "stock_error", "stock_wait"),
        [(one.value, tx.now, one.mark, "", one.wait, offers[one.article].id) for one in taken],
    )
    refused = [one for one in answers if one.code and one.article in offers]
    await update_many(
        MarketOfferRow,
        "id",
        ("stock_error", "stock_wait"),
        [(one.code[:64], one.wait, offers[one.article].id) for one in refused],
    )


_PRICE: Final = (
    "SELECT o.id, o.article, o.vendor_ids, p.amount, o.price_error FROM market_offer o "
    "JOIN variant v ON v.id = o.variant_id "
    "JOIN price p ON p.variant_id = o.variant_id AND p.price_type = {} "
    "WHERE o.account_id = {} AND v.active = {} AND (o.price IS NULL OR o.price <> p.amount) "
    "AND (o.price_wait IS NULL OR o.price_wait <= {}) "
    "AND NOT EXISTS (SELECT 1 FROM price q WHERE q.variant_id = p.variant_id "
    "AND q.price_type = p.price_type AND q.since > p.since) ORDER BY o.id LIMIT {}"
)


async def prices_due(tx: Tx, account: Account, limit: int) -> tuple[list[Figure], int]:
    """Prices that differ from what was sent, and how many offers were found without one.

    A price of zero is never sent: it is noted on the offer, and told once.
    """
    rows = await fetch(_PRICE, account.price_type, account.id, True, tx.now, limit)
    due = [Figure(row[0], row[1], _ids.decode(row[2]), row[3]) for row in rows if row[3] > 0]
    zero = [row[0] for row in rows if row[3] <= 0]
    if zero:
        await execute(
            "UPDATE market_offer SET price_error = 'price_zero', price_wait = {} WHERE id IN {}",
            tx.now + NEXT_DAY,
            any_of(zero),
        )
    return due, sum(1 for row in rows if row[3] <= 0 and row[4] != "price_zero")


async def prices_sent(account: Account, answers: Sequence[Answer]) -> None:
    """Write down what was taken and what was refused."""
    offers = await known(account, [one.article for one in answers])
    mine = [one for one in answers if one.article in offers]
    await update_many(
        MarketOfferRow,
        "id",
        ("price", "price_error", "price_wait"),
        [(one.value, "", one.wait, offers[one.article].id) for one in mine if not one.code],
    )
    await update_many(
        MarketOfferRow,
        "id",
        ("price_error", "price_wait"),
        [(one.code[:64], one.wait, offers[one.article].id) for one in mine if one.code],
    )


async def set_buffer(offer_id: UUID, milli: int | None) -> None:
    """Keep so much of one offer back; None: as much as of every offer of its account."""
    await execute(
        "UPDATE market_offer SET buffer_milli = {}, changed = changed + 1 WHERE id = {}",
        milli,
        offer_id,
    )


async def try_again(account: Account) -> int:
    """Let everything that was refused be sent again at once; how many offers."""
    return await execute(
        "UPDATE market_offer SET changed = changed + 1, stock_wait = {}, price_wait = {} "
        "WHERE account_id = {} AND (stock_error <> '' OR price_error <> '')",
        None,
        None,
        account.id,
    )
