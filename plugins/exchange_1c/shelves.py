"""What the exchange remembers, in its own tables: typed rows over the plain ones of the host."""

import asyncio
import base64
import hashlib
import zlib
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, TypeVar

import msgspec

from plugins.exchange_1c.ports import BATCH, Key, Row, Tables
from plugins.exchange_1c.records import Good, Offer
from plugins.exchange_1c.sessions import Session

RECEIVING, SEALED, IMPORTING, APPLIED, HELD, REJECTED, FAILED = (
    "receiving", "sealed", "importing", "applied", "held", "rejected", "failed",
)  # fmt: skip

GOOD, OFFER, PRICES, STOCK = "good", "offer", "prices", "stock"
"""Kinds of remembered records; an offer is remembered in parts, as files bring it."""
GROUP, PROPERTY, PRICE_TYPE, STORE = "group", "property", "price_type", "store"
CHOICES = "choices"
"""Pages of a property's dictionary: `<property>/<page>`."""

KEYS: dict[str, tuple[str, ...]] = {
    "sessions": ("token",),
    "files": ("session", "id"),
    "parts": ("file", "entry"),
    "records": ("kind", "id"),
    "former": ("run", "kind", "id"),
    "waiting": ("good", "id"),
    "names": ("kind", "id"),
    "orders": ("order_id",),
    "queue": ("order_id",),
    "numbers": ("number",),
    "state": ("name",),
    "photos": ("path",),
    "photo_paths": ("good",),
    "photo_wants": ("good",),
    "runs": ("run",),
    "samples": ("run", "place"),
    "aside": ("number", "account"),
    "given": ("account", "number"),
}


class File(msgspec.Struct, kw_only=True):
    """An uploaded file; `id` is the spool's. `done_at` is 0 until nothing more is to be done."""

    id: str
    session: str
    login: str
    run: int
    kind: str
    name: str
    state: str = RECEIVING
    bytes: int = 0
    sha: str = ""
    at: int = 0
    done_at: int = 0


class Part(msgspec.Struct, kw_only=True):
    """An XML document of a file: `entry` is its name in an archive, empty for a bare file.

    `ask`: it waits for a person's word whatever the guards say.
    """

    file: str
    entry: str
    run: int
    state: str = SEALED
    code: str = ""
    offset: int = -1
    read: int = 0
    total: int = 0
    created: int = 0
    changed: int = 0
    same: int = 0
    waiting: int = 0
    skipped: int = 0
    notes: str = ""
    guards: str = ""
    decided: str = ""
    own_import: bool = False
    ask: bool | None = False
    at: int = 0


class Named(msgspec.Struct, kw_only=True):
    """An entry of the classifier: `box` is what the box calls it, `values` a dictionary as JSON."""

    kind: str
    id: str
    name: str
    box: str = ""
    values: str = ""


class Kept(msgspec.Struct, frozen=True):
    """A record as it was applied last; `born` is the run that it came with first."""

    hash: str
    body: str
    born: int = 0

    def good(self) -> Good:
        """The record of a good."""
        return msgspec.msgpack.decode(unpacked(self.body), type=Good)

    def offer(self) -> Offer:
        """The record of an offer, or of a part of one."""
        return msgspec.msgpack.decode(unpacked(self.body), type=Offer)


T = TypeVar("T", bound=msgspec.Struct)


LONGEST = 60_000
"""Letters of a body: a row of the host takes 64 KiB."""


def packed(record: Good | Offer) -> tuple[str, str]:
    """Hash and body of a record; a body too long for a row is left out: it cannot be taken back."""
    raw = msgspec.msgpack.encode(record)
    digest = hashlib.blake2b(raw, digest_size=15).digest()
    body = base64.b64encode(zlib.compress(raw, 1)).decode()
    return base64.b64encode(digest).decode(), body if len(body) < LONGEST else ""


def hashed(record: Good | Offer) -> str:
    """The hash alone: most records of a repeated file need no more."""
    raw = msgspec.msgpack.encode(record)
    return base64.b64encode(hashlib.blake2b(raw, digest_size=15).digest()).decode()


def unpacked(body: str) -> bytes:
    """Bytes of a body."""
    return zlib.decompress(base64.b64decode(body))


_COUNTERS: dict[int, asyncio.Lock] = {}


def _counting() -> asyncio.Lock:
    """One for all bases: runs are counted over all of them."""
    return _COUNTERS.setdefault(id(asyncio.get_running_loop()), asyncio.Lock())


class Shelves:
    """Typed access to the tables."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    async def put(self, table: str, rows: Iterable[msgspec.Struct]) -> None:
        """Insert or replace rows."""
        await self.put_plain(table, [msgspec.structs.asdict(one) for one in rows])

    async def put_plain(self, table: str, rows: Sequence[Row]) -> None:
        """The same for rows that have no struct."""
        for at in range(0, len(rows), BATCH):
            await self.tables.put(table, rows[at : at + BATCH])

    async def every(self, table: str, kind: type[T], after: Key = ()) -> AsyncIterator[T]:
        """All rows of a table behind a key."""
        keys = KEYS[table]
        while rows := await self.tables.scan(table, after):
            for row in rows:
                yield msgspec.convert(dict(row), kind)
            after = tuple(rows[-1][name] for name in keys)
            if len(rows) < BATCH:
                return

    async def under(self, table: str, kind: type[T], first: str | int) -> AsyncIterator[T]:
        """Rows whose key begins with a value."""
        head = KEYS[table][0]
        async for one in self.every(table, kind, (first,)):
            if getattr(one, head) != first:
                return
            yield one

    async def one(self, table: str, kind: type[T], *key: str | int) -> T | None:
        """A row by its key."""
        found = (await self.tables.get(table, [key]))[0]
        return None if found is None else msgspec.convert(dict(found), kind)

    async def drop(self, table: str, keys: Sequence[Key]) -> None:
        """Forget rows."""
        for at in range(0, len(keys), BATCH):
            await self.tables.drop(table, keys[at : at + BATCH])

    async def sessions(self) -> list[Session]:
        """All sessions that were not forgotten."""
        return [one async for one in self.every("sessions", Session)]

    async def kept(self, kind: str, ids: Sequence[str]) -> dict[str, Kept]:
        """Records as they were applied last, by id."""
        found: dict[str, Kept] = {}
        for at in range(0, len(ids), BATCH):
            keys: list[Key] = [(kind, one) for one in ids[at : at + BATCH]]
            for row in await self.tables.get("records", keys):
                if row is not None:
                    found[row["id"]] = Kept(row["hash"], row["body"], row.get("born") or 0)
        return found

    async def names(self, kind: str) -> dict[str, Named]:
        """Entries of the classifier by id."""
        return {one.id: one async for one in self.under("names", Named, kind)}

    async def state(self, name: str) -> str:
        """A single value; empty where it was never set."""
        row = (await self.tables.get("state", [(name,)]))[0]
        return "" if row is None else str(row["value"])

    async def set_state(self, **values: Any) -> None:
        """Set single values."""
        rows = [{"name": name, "value": str(value)} for name, value in values.items()]
        await self.tables.put("state", rows)

    async def count_up(self, name: str, by: int = 1) -> int:
        """Add to a number; what it is then. All writers are in this process, one after another."""
        async with _counting():
            made = int(await self.state(name) or 0) + by
            await self.set_state(**{name: made})
        return made
