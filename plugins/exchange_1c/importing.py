"""One XML document into the box: looked through first, applied after, in batches.

Looking through finds a broken or cut file before anything was changed, counts what would change
for the guards, and ends the work where everything is known already: most repeats need no more.
Both are the same walk over the file; only records whose content differs from what was applied
last reach the box. Killed at any record, it begins anew and finds its own work done.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

import msgspec

from plugins.exchange_1c import guards, shelves, values
from plugins.exchange_1c.guards import Forecast, GuardSettings
from plugins.exchange_1c.naming import Naming
from plugins.exchange_1c.photos import Photos
from plugins.exchange_1c.ports import Box
from plugins.exchange_1c.reading import FileReader
from plugins.exchange_1c.records import (
    Document,
    Entry,
    Good,
    Group,
    Head,
    Note,
    Offer,
    PriceType,
    Property,
    Store,
)
from plugins.exchange_1c.shelves import Kept, Named, Part, Shelves
from plugins.exchange_1c.translating import Translator, parts

BATCH = 500
"""Records of one message to the box: about as many as it takes in a tenth of a second."""
NOTES = 200
"""Oddities of one document that the journal keeps."""

Opener = Callable[[], Iterator[bytes]]
R = TypeVar("R", Good, Offer)


class Differing(NamedTuple):
    """A record that is not what was applied last."""

    kind: str
    id: str
    record: Good | Offer
    hash: str
    former: Kept | None


class Importer:
    """Imports documents of catalogues for one connection.

    Attributes:
        documents: orders found in a file, given to whoever takes them.
    """

    def __init__(
        self,
        store: Shelves,
        box: Box,
        naming: Naming,
        translate: Translator,
        rules: GuardSettings,
        photos: Photos | None = None,
    ) -> None:
        self._photos = photos
        self._store, self._box, self._naming = store, box, naming
        self._translate, self._rules = translate, rules

    async def forecast(self, part: Part, opener: Opener) -> Forecast:
        """Look through a document.

        Raises:
            Refused: it cannot be read; nothing was changed.
        """
        seen = Forecast(known=int(await self._store.state("goods") or 0))
        notes: list[Note] = []
        part.read = 0
        async for batch in _batches(opener, notes):
            part.read += len(batch)
            self._look(seen, batch)
            for one in await self._differing(batch, seen):
                self._compare(seen, one)
        part.total = part.read
        part.notes = _told(notes)
        return seen

    def _look(self, seen: Forecast, batch: Sequence[Entry]) -> None:
        for one in batch:
            if isinstance(one, Good):
                seen.goods += 1
            elif isinstance(one, Offer):
                seen.offers += 1
            elif isinstance(one, Head):
                seen.has_classifier |= one.section == "Классификатор"
                seen.has_catalogue |= one.section == "Каталог" and one.changes_only is not True
            elif isinstance(one, Group | Property | PriceType | Store):
                seen.groups += isinstance(one, Group)
                seen.names_late |= seen.goods + seen.offers > 0

    def _compare(self, seen: Forecast, one: Differing) -> None:
        if one.former is None:
            seen.created += 1
            return
        seen.changed += 1
        if not one.former.body:  # too long to be kept: nothing to compare with
            return
        if isinstance(one.record, Good):
            if one.record.removed and not one.former.good().removed:
                seen.hidden += 1
                seen.sample("sample_hidden", one.id)
        elif one.kind == shelves.PRICES:
            guards.compare_prices(seen, one.former.offer(), one.record, self._rules)
        elif one.kind == shelves.STOCK:
            guards.compare_stock(seen, one.former.offer(), one.record)

    async def apply(self, part: Part, opener: Opener, *, names_late: bool = False) -> None:
        """Bring a document into the box.

        Args:
            part: the document; its counters are kept up to date.
            opener: begins the document anew.
            names_late: the classifier stands behind the goods (3.1): it is read first.

        Raises:
            Refused: it cannot be read, which `forecast` would have found.
        """
        if names_late:
            async for batch in _batches(opener, []):
                await self._names(batch)
        part.read = part.created = part.changed = part.same = part.waiting = part.skipped = 0
        notes: list[Note] = []
        async for batch in _batches(opener, notes):
            part.read += len(batch)
            await self._names(batch)
            differing = await self._differing(batch)
            records = sum(isinstance(one, Good | Offer) for one in batch)
            part.same += max(0, records - len({one.id for one in differing}))
            await self._goods(part, [one for one in differing if one.kind == shelves.GOOD])
            await self._offers(part, [one for one in differing if one.kind != shelves.GOOD])
            _move(self._translate.notes, notes)
        part.notes = _told(notes)
        if part.created:
            await self.drain(part)

    async def _names(self, batch: Sequence[Entry]) -> None:
        if groups := [one for one in batch if isinstance(one, Group)]:
            await self._naming.groups(groups)
        if found := [one for one in batch if isinstance(one, Property)]:
            await self._naming.properties(found)
        if kinds := [one for one in batch if isinstance(one, PriceType)]:
            await self._naming.price_types(kinds)
        if places := [one for one in batch if isinstance(one, Store)]:
            await self._naming.stores(places)
        for one in batch:
            if isinstance(one, Head) and one.section == "Каталог" and one.catalogue:
                named = Named(kind="catalogue", id=one.catalogue, name=one.name[:200])
                await self._store.put("names", [named])

    async def _differing(
        self, batch: Sequence[Entry], seen: Forecast | None = None
    ) -> list[Differing]:
        """Records that are not what was applied last; of a record that comes twice the last."""
        wanted: dict[tuple[str, str], Good | Offer] = {}
        for one in batch:
            if isinstance(one, Good) and one.id:
                wanted[shelves.GOOD, values.key(one.id)] = one
            elif isinstance(one, Offer) and one.id:
                wanted |= {(kind, values.key(one.id)): part for kind, part in parts(one).items()}
        found: list[Differing] = []
        for kind in (shelves.GOOD, shelves.OFFER, shelves.PRICES, shelves.STOCK):
            ids = [own for each, own in wanted if each == kind]
            known = await self._store.kept(kind, ids) if ids else {}
            for own in ids:
                record, former = wanted[kind, own], known.get(own)
                hashed = shelves.hashed(record)
                if former is None or former.hash != hashed:
                    found.append(Differing(kind, own, record, hashed, former))
                elif seen is not None:
                    seen.same += 1
                    seen.priced += kind == shelves.PRICES
                    seen.stocked += kind == shelves.STOCK
        return found

    async def _goods(self, part: Part, found: list[Differing]) -> None:
        """Goods: first what they were is remembered, then the box changes, then what they are."""
        if not found:
            return
        await self._remember_former(part, found)
        wanted = [self._translate.good(one.record) for one in found if isinstance(one.record, Good)]
        outcomes = await self._box.goods(wanted)
        done: list[Differing] = []
        for one, outcome in zip(found, outcomes, strict=True):
            self._count(part, outcome, one.former is None)
            if outcome not in ("refused", "unknown"):
                done.append(one)
        if self._photos is not None:
            await self._photos.wanted(one.record for one in done if isinstance(one.record, Good))
        await self._remember(done, part.run)
        fresh = sum(one.former is None for one in done)
        if fresh:
            await self._store.count_up("goods", fresh)

    async def _offers(self, part: Part, found: list[Differing]) -> None:
        """Offers with the parts that changed; those without their good wait for it."""
        if not found:
            return
        await self._remember_former(part, found)
        by_offer: dict[str, list[Differing]] = {}
        for one in found:
            by_offer.setdefault(one.id, []).append(one)
        wanted = [self._translate.offer(_joined(each)) for each in by_offer.values()]
        # What could not be translated is not remembered, so that it is taken once it can be.
        unclear = {values.key(one.id) for one in self._translate.notes}
        outcomes = await self._box.offers(wanted)
        done: list[Differing] = []
        waiting: list[Differing] = []
        for each, outcome in zip(by_offer.values(), outcomes, strict=True):
            if outcome == "unknown":
                waiting += each
                part.waiting += 1
                continue
            self._count(part, outcome, all(one.former is None for one in each))
            if outcome != "refused":
                done += [one for one in each if _is_clear(one, unclear)]
        await self._remember(done, part.run)
        if waiting:
            await self._wait(waiting)

    def _count(self, part: Part, outcome: str, fresh: bool) -> None:
        if outcome in ("refused", "unknown"):
            part.skipped += 1
        elif fresh:
            part.created += 1
        else:
            part.changed += 1

    async def _remember_former(self, part: Part, found: Sequence[Differing]) -> None:
        """What a run changes can be taken back: the first former state of the run counts.

        Of a record that is new there is none; `born` of its row tells the run.
        """
        found = [one for one in found if one.former is not None]
        if not found:
            return
        known = await self._store.tables.get(
            "former", [(part.run, one.kind, one.id) for one in found]
        )
        rows = [
            {"run": part.run, "kind": one.kind, "id": one.id, "body": one.former.body}
            for one, there in zip(found, known, strict=True)
            if there is None and one.former is not None
        ]
        await self._store.put_plain("former", rows)

    async def _remember(self, done: Sequence[Differing], run: int) -> None:
        rows: list[dict[str, str | int]] = []
        for one in done:
            hashed, body = shelves.packed(one.record)
            born = run if one.former is None else one.former.born
            rows.append(
                {"kind": one.kind, "id": one.id, "hash": hashed, "body": body, "born": born}
            )
        await self._store.put_plain("records", rows)

    async def _wait(self, found: Sequence[Differing]) -> None:
        rows = [
            {
                "good": one.id.partition("#")[0],
                "id": f"{one.kind}:{one.id}",
                "body": shelves.packed(one.record)[1],
            }
            for one in found
        ]
        await self._store.put_plain("waiting", rows)
        await self._store.set_state(waiting=1)

    async def drain(self, part: Part) -> None:
        """Apply what waited for goods that are there now."""
        if not await self._store.state("waiting"):
            return
        after: tuple[str, ...] = ()
        left = 0
        while rows := await self._store.tables.scan("waiting", after, BATCH):
            after = (rows[-1]["good"], rows[-1]["id"])
            found: list[Differing] = []
            for row in rows:
                kind, _, own = str(row["id"]).partition(":")
                record = msgspec.msgpack.decode(shelves.unpacked(row["body"]), type=Offer)
                former = (await self._store.kept(kind, [own])).get(own)
                found.append(Differing(kind, own, record, shelves.hashed(record), former))
            before = part.waiting
            part.waiting = 0
            await self._offers(part, found)
            left += part.waiting
            part.waiting = before
            gone = {one.id for one in found} - await self._still_unknown(found)
            keys = [
                (row["good"], row["id"])
                for row, one in zip(rows, found, strict=True)
                if one.id in gone
            ]
            await self._store.drop("waiting", keys)
        if not left:
            await self._store.set_state(waiting="")

    async def _still_unknown(self, found: Sequence[Differing]) -> set[str]:
        """Offers whose good did not come: what is remembered tells."""
        known: set[str] = set()
        for kind in {one.kind for one in found}:
            ids = [one.id for one in found if one.kind == kind]
            known |= set(await self._store.kept(kind, ids))
        return {one.id for one in found} - known


def _is_clear(one: Differing, unclear: set[str]) -> bool:
    return one.kind == shelves.OFFER or one.id not in unclear


def _joined(found: Sequence[Differing]) -> Offer:
    """The changed parts of one offer together."""
    made: dict[str, object] = {}
    for one in found:
        told = msgspec.structs.asdict(one.record)
        made |= {
            name: value for name, value in told.items() if value is not None and value is not False
        }
    return Offer(**made)  # pyright: ignore[reportArgumentType] - fields of offers, joined


async def _batches(opener: Opener, notes: list[Note]) -> AsyncIterator[list[Entry]]:
    """Entries in batches; whoever else has something to do may do it between two pieces."""
    reader = FileReader()
    batch: list[Entry] = []
    for piece in opener():
        batch += [one for one in reader.feed(piece) if not isinstance(one, Document)]
        if len(batch) >= BATCH:
            yield batch
            batch = []
        await asyncio.sleep(0)
        _move(reader.notes, notes)
    batch += [one for one in reader.close() if not isinstance(one, Document)]
    _move(reader.notes, notes)
    if batch:
        yield batch


def _move(given: list[Note], kept: list[Note]) -> None:
    kept += given[: max(0, NOTES - len(kept))]
    given.clear()


def _told(notes: Sequence[Note]) -> str:
    """Oddities as lines of code and id."""
    return "\n".join(f"{one.code} {one.id}"[:200] for one in notes[:NOTES])
