"""What a person says about a run: confirm or reject what waits, take back what was done.

Said by number in the settings form: the plugin is started anew with it and does it once.
"""

from collections.abc import Sequence

import msgspec

from appliance.plugin_api.goods import GoodIn, OfferIn
from plugins.exchange_1c import shelves, values
from plugins.exchange_1c.imports import CONFIRMED, REJECTED, Found, Imports
from plugins.exchange_1c.journal import Journal
from plugins.exchange_1c.ports import BATCH, Box
from plugins.exchange_1c.records import Good, Offer
from plugins.exchange_1c.runs import Runs
from plugins.exchange_1c.shelves import File, Part, Shelves
from plugins.exchange_1c.translating import Translator

KEPT = 7 * 24 * 3600
"""Seconds for which a run can be taken back."""
STEP = 500


class Former(msgspec.Struct, frozen=True):
    """A record as it was before a run."""

    run: int
    kind: str
    id: str
    body: str


class Record(msgspec.Struct, frozen=True):
    """A record as it is."""

    kind: str
    id: str
    hash: str
    body: str
    born: int | None = 0


class Decisions:
    """Carries decisions out."""

    def __init__(
        self,
        store: Shelves,
        imports: Imports,
        box: Box,
        translate: Translator,
        journal: Journal,
        runs: Runs,
    ) -> None:
        self._store, self._imports, self._box = store, imports, box
        self._translate, self._journal, self._runs = translate, journal, runs

    async def carry_out(self, confirm: int, reject: int, undo: int, now: int) -> None:
        """Do what the settings say and was not done yet."""
        for name, run in (("confirm", confirm), ("reject", reject), ("undo", undo)):
            done = f"{name}_done"
            if run <= 0 or await self._store.state(done) == str(run):
                continue
            if name == "undo":
                await self.undo(run, now)
            else:
                await self.decide(run, CONFIRMED if name == "confirm" else REJECTED)
            await self._store.set_state(**{done: run})

    async def decide(self, run: int, decision: str) -> None:
        """Let what waits of a run through, or refuse it."""
        found: list[Found] = []
        async for file in self._store.every("files", File):
            if file.run == run:
                parts = [one async for one in self._store.under("parts", Part, file.id)]
                found += [Found(file, one) for one in parts if one.state == shelves.HELD]
        for one in sorted(found, key=lambda each: (each.part.at, each.part.entry)):
            await self._imports.decide(one, decision)
        await self._journal.decided(f"run_{decision}", run, count=len(found))
        await self._runs.settled(run)
        await self._runs.note(run)

    async def undo(self, run: int, now: int) -> bool:
        """Put back what the run changed, hide what it brought first; False: it is too late."""
        if now - int(await self._store.state(f"run-{run}") or 0) > KEPT:
            return False
        count = 0
        batch: list[Former] = []
        async for one in self._store.under("former", Former, run):
            batch.append(one)
            if len(batch) >= STEP:
                count += await self._put_back(batch)
                batch = []
        count += await self._put_back(batch)
        hidden = await self._hide_born(run)
        await self._forget(run)
        await self._store.set_state(last_applied="")
        await self._journal.decided("run_undone", run, count=count, hidden=hidden)
        await self._runs.undone(run)
        return True

    async def _put_back(self, found: Sequence[Former]) -> int:
        kept = [one for one in found if one.body]
        goods = [one for one in kept if one.kind == shelves.GOOD]
        offers = [one for one in kept if one.kind != shelves.GOOD]
        known = {
            one.id: msgspec.msgpack.decode(shelves.unpacked(one.body), type=Good) for one in goods
        }
        parts = [msgspec.msgpack.decode(shelves.unpacked(one.body), type=Offer) for one in offers]
        if known:
            await self._box.goods([self._translate.good(one) for one in known.values()])
        for each in _apart(parts):
            await self._box.offers([self._translate.offer(one) for one in each])
        rows: list[dict[str, str | int]] = []
        for one, record in zip([*goods, *offers], [*known.values(), *parts], strict=True):
            hashed, body = shelves.packed(record)
            born = {"born": 0, "hash": hashed, "body": body}
            rows.append({"kind": one.kind, "id": one.id} | born)
        await self._store.put_plain("records", rows)
        return len(kept)

    async def _hide_born(self, run: int) -> int:
        """What the run brought first is hidden and forgotten: it may come again."""
        born = [
            one
            for kind in (shelves.GOOD, shelves.OFFER)
            for one in [each async for each in self._store.under("records", Record, kind)]
            if one.born == run
        ]
        goods = [one.id for one in born if one.kind == shelves.GOOD]
        offers = [one.id for one in born if one.kind == shelves.OFFER and "#" in one.id]
        shop = self._translate.shop
        for at in range(0, len(goods), STEP):
            step = goods[at : at + STEP]
            await self._box.goods(
                [GoodIn(external_id=one, shop=shop, active=False) for one in step]
            )
        for at in range(0, len(offers), STEP):
            step = offers[at : at + STEP]
            await self._box.offers(
                [
                    OfferIn(external_id=one, good=one.partition("#")[0], shop=shop, active=False)
                    for one in step
                ]
            )
        ids = [*goods, *offers]
        for kind in (shelves.GOOD, shelves.OFFER, shelves.PRICES, shelves.STOCK):
            await self._store.drop("records", [(kind, one) for one in ids])
        return len(goods)

    async def _forget(self, run: int) -> None:
        while rows := await self._store.tables.scan("former", (run,), BATCH):
            keys = [(run, row["kind"], row["id"]) for row in rows if row["run"] == run]
            if not keys:
                return
            await self._store.drop("former", keys)

    async def prune(self, now: int) -> None:
        """Forget what can no longer be taken back."""
        oldest = int(await self._store.state("pruned") or 0)
        newest = int(await self._store.state("run") or 0)
        for run in range(oldest + 1, newest):
            if now - int(await self._store.state(f"run-{run}") or 0) <= KEPT:
                return
            await self._forget(run)
            await self._store.set_state(pruned=run)


def _apart(parts: Sequence[Offer]) -> list[list[Offer]]:
    """Parts of one offer in different calls: one call names an offer once."""
    lists: list[dict[str, Offer]] = []
    for one in parts:
        own = values.key(one.id)
        place = next((each for each in lists if own not in each), None)
        if place is None:
            place = dict[str, Offer]()
            lists.append(place)
        place[own] = one
    return [list(each.values()) for each in lists]
