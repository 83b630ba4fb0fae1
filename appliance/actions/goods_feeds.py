"""Feeds of goods: opening and closing them, and what a shop reads."""

import secrets
import zlib
from collections.abc import Sequence
from hashlib import sha256

import msgspec

from appliance.actions._actors import visitor
from appliance.actions._gate import action
from appliance.domain.access import Actor, Origin
from appliance.domain.personal import Personal
from appliance.domain.references import ReferenceKind
from appliance.errors import Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import goods_feed, pictures, references, vat
from appliance.storage.goods_feed import Feed, Part
from appliance.storage.tx import Tx

KINDS = frozenset({"icml", "yml"})
KEY_BYTES = 24
"""192 random bits in an address: nobody guesses it, and nothing slower than SHA-256 is needed."""


class NewFeed(msgspec.Struct, frozen=True, kw_only=True):
    """A feed just opened. The key is shown once: only its hash is kept."""

    number: int
    key: Personal[str]


class _Kept(msgspec.Struct):
    base: str
    parts: dict[int, Part]


_kept: dict[tuple[bytes, str], _Kept] = {}
"""Runs by feed and kind; a feed's are dropped when it is reached by another name."""


def _hash(key: str) -> bytes:
    return sha256(key.encode()).digest()


@action(Permission.FEED_MANAGE, reads=True, quiet=True)
async def list_all(tx: Tx) -> Sequence[Feed]:
    """Open feeds with the time each was last read."""
    return await goods_feed.every()


async def open_feed(actor: Actor, shop: str, price_type: str, *, hides_out: bool) -> NewFeed:
    """Open a feed and give its key, once.

    Raises:
        Invalid: `code_unknown` shop or price type.
    """
    key = secrets.token_urlsafe(KEY_BYTES)
    number = await add(actor, shop, price_type, _hash(key), hides_out=hides_out)
    return NewFeed(number=number, key=Personal(key))


@action(Permission.FEED_MANAGE)
async def add(tx: Tx, shop: str, price_type: str, key_hash: bytes, *, hides_out: bool) -> int:
    """Open a feed for a key of which only the hash comes in.

    Raises:
        Invalid: `code_unknown` shop or price type.
    """
    lists = await references.lists()
    if shop not in lists.shops:
        raise Invalid("code_unknown", fields={"shop": "code_unknown"})
    if price_type not in lists.of(ReferenceKind.PRICE_TYPE):
        raise Invalid("code_unknown", fields={"price_type": "code_unknown"})
    return await goods_feed.add(tx, shop, price_type, key_hash, hides_out=hides_out)


@action(Permission.FEED_MANAGE)
async def close(tx: Tx, number: int) -> None:
    """Close a feed: its address answers no more."""
    await goods_feed.close(number)


async def read(key: str, kind: str, base: str, origin: Origin) -> list[bytes]:
    """The whole feed: head, runs and tail in order, each packed by zlib.

    Raises:
        NotFound: `feed_not_found`: no such key, or closed.
    """
    hashed = _hash(key)
    kept = _kept.setdefault((hashed, kind), _Kept(base, {}))
    if kept.base != base:
        kept.base, kept.parts = base, {}
    try:
        start, parts = await collect(visitor(origin), hashed, kind, base, kept.parts)
    except NotFound:
        del _kept[hashed, kind]
        raise
    kept.parts = parts
    await note_read(visitor(origin), hashed)
    runs = [parts[run].packed for run in sorted(parts)]
    return [zlib.compress(start), *runs, zlib.compress(goods_feed.TAIL)]


@action(Permission.SIGN_IN, slow=True, quiet=True)
async def collect(
    tx: Tx, key_hash: bytes, kind: str, base: str, known: dict[int, Part]
) -> tuple[bytes, dict[int, Part]]:
    """Head and runs of a feed; those in `known` that are still true are not made again.

    Raises:
        NotFound: `feed_not_found`.
    """
    feed = await goods_feed.by_key(key_hash)
    if feed is None or kind not in KINDS:
        raise NotFound("feed_not_found")
    lists = await references.lists()
    found: dict[int, Part] = {}
    rates = goods_feed.rates_of(await vat.rates(), tx.now.date())
    for run, version in (await goods_feed.versions(feed, rates)).items():
        part = known.get(run)
        if part is None or part.version != version:
            part = Part(version, await goods_feed.part(tx, lists, rates, feed, run, kind, base))
        found[run] = part
    return await goods_feed.head(lists, feed, kind, tx.now), found


@action(Permission.SIGN_IN, quiet=True)
async def note_read(tx: Tx, key_hash: bytes) -> None:
    """Write down that a shop was here."""
    feed = await goods_feed.by_key(key_hash)
    if feed is not None:
        await goods_feed.note_read(feed, tx.now)


@action(Permission.SIGN_IN, reads=True, quiet=True)
async def picture(tx: Tx, key_hash: bytes, name: str) -> tuple[str, bytes]:
    """A picture for whoever has the key of an open feed.

    Raises:
        NotFound: `feed_not_found`, `picture_not_found`.
    """
    if await goods_feed.by_key(key_hash) is None:
        raise NotFound("feed_not_found")
    return await pictures.named(name)


async def picture_of(key: str, name: str, origin: Origin) -> tuple[str, bytes]:
    """A picture of a feed, by the key in its address."""
    return await picture(visitor(origin), _hash(key), name)
