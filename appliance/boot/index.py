"""Keeps the search index true: warm start, changes, snapshots, a full build when it must."""

import asyncio
import logging
from contextlib import suppress
from pathlib import Path

from appliance.domain.access import NOBODY, Actor, ActorKind
from appliance.domain.grants import Grant, Scope
from appliance.roles import HOUSE_GRANTS
from appliance.storage import search_feed
from appliance.storage.statements import execute
from appliance.storage.tx import House, Tx
from appliance.vault import search_snapshot
from appliance.vault.search import SearchIndex

log = logging.getLogger(__name__)

HOUSE_ACTOR = Actor(ActorKind.SYSTEM, NOBODY, HOUSE_GRANTS)
BUILD_SLICE = 2_000
FOLLOW_SLICE = 500


class IndexKeeper:
    """The only writer of the index.

    Attributes:
        building: a full build runs; searches meanwhile see what is there already.
        done, total: how far it got, for the status line.
    """

    def __init__(self, house: House, snapshot: Path) -> None:
        self._house = house
        self._snapshot = snapshot
        self._task: asyncio.Task[None] | None = None
        self._wanted = False
        self._stopped = False
        self.building = False
        self.done = 0
        self.total = 0

    def _tx(self) -> Tx:
        here = self._house
        return Tx(HOUSE_ACTOR, Grant(Scope.ALL), here.vault, here.index, here.clock())

    async def open(self) -> None:
        """Load the snapshot and catch up; build in the background where there is none."""
        self._stopped = False
        vault = self._house.vault
        found = await asyncio.to_thread(search_snapshot.read, self._snapshot, vault.open_snapshot)
        if found is not None and await self._continues(found.revision):
            self._house.index = found
            await self._follow()
            return
        self.building = True
        self._house.index = SearchIndex()
        self._task = asyncio.create_task(self._build())

    async def _continues(self, revision: int) -> bool:
        """Whether every change after this one is still kept; an older snapshot is of no use."""
        read = self._house.database.read
        return revision == 0 or await read(lambda: search_feed.is_kept(revision))

    async def rebuild(self) -> None:
        """Build anew and wait for it."""
        self._house.index = SearchIndex()
        self.building = True
        self._task = asyncio.create_task(self._build())
        await self.settle()

    def poke(self) -> None:
        """Something was committed: look for changes soon. Called on the loop."""
        if self._stopped or self.building or not self._house.vault.is_open:
            return
        if self._task is not None and not self._task.done():
            self._wanted = True
            return
        self._task = asyncio.create_task(self._follow())

    async def settle(self) -> None:
        """Wait until the index has seen everything committed so far."""
        while self._task is not None and not self._task.done():
            await asyncio.wait([self._task])

    async def _follow(self) -> None:
        again = True
        while again and not self._stopped:
            self._wanted = False
            while await self._apply_some():
                pass
            again = self._wanted

    async def _apply_some(self) -> bool:
        index = self._house.index

        async def read() -> tuple[int, list[search_feed.SearchEntry], list[search_feed.UUID]]:
            changes = await search_feed.changes_after(index.revision, FOLLOW_SLICE)
            if not changes:
                return index.revision, [], []
            ids = list(dict.fromkeys(customer_id for _, customer_id in changes))
            found, gone = await search_feed.entries(self._tx(), ids)
            return changes[-1][0], found, gone

        revision, found, gone = await self._house.database.read(read)
        if revision == index.revision:
            return False
        index.put_many(found)
        index.remove(gone)
        index.revision = revision
        return True

    async def _build(self) -> None:
        index = self._house.index
        try:
            await self._house.database.slow_read(lambda: self._read_all(index))
            if not self._stopped:
                await asyncio.to_thread(index.compact)
                await self.save()
        except Exception:
            log.exception("the search index could not be built")
            raise
        finally:
            self.building = False
        if not self._stopped:
            await self._follow()

    async def _read_all(self, index: SearchIndex) -> None:
        tx = self._tx()
        index.revision = await search_feed.last_change()
        self.total = await search_feed.count_live()
        last = 0
        while not self._stopped:
            page = await search_feed.page_after(last, BUILD_SLICE)
            if not page:
                return
            found, _ = await search_feed.entries(tx, [customer_id for _, customer_id in page])
            index.put_many(found)
            last = page[-1][0]
            self.done += len(page)

    async def save(self) -> None:
        """Write the encrypted snapshot, then drop the changes that it holds."""
        here = self._house
        if self.building and self.done < self.total:
            return
        index = here.index
        revision = index.revision
        with suppress(OSError):
            await asyncio.to_thread(
                search_snapshot.write, self._snapshot, here.vault.seal_snapshot, index
            )
            here.vault.forget_old_snapshots()
            await here.database.write(
                lambda: execute("DELETE FROM search_change WHERE number < {}", revision)
            )

    def drop(self) -> None:
        """Forget every name."""
        self._stopped = True
        self._house.index = SearchIndex()
