"""Keeps the search index true: warm start, changes, snapshots, a full build when it must."""

import asyncio
import logging
from pathlib import Path

from appliance.domain.access import NOBODY, Actor, ActorKind
from appliance.domain.grants import Grant, Scope
from appliance.errors import Sealed
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
        self._is_whole = False  # the index holds every client up to its revision
        self.building = False
        self.done = 0
        self.total = 0

    def _tx(self) -> Tx:
        here = self._house
        return Tx(HOUSE_ACTOR, Grant(Scope.ALL), here.vault, here.index, here.clock())

    async def open(self) -> None:
        """Load the snapshot and catch up; build in the background where there is none."""
        await self.settle()  # what ran before a seal must not run on beside us
        self._stopped = False
        vault = self._house.vault
        found = await asyncio.to_thread(search_snapshot.read, self._snapshot, vault.open_snapshot)
        if found is not None and await self._continues(found.revision):
            self._house.index = found
            self._is_whole = True
            await self._follow()
            return
        self._house.index = SearchIndex()
        self._start_build(self._house.index)

    async def _continues(self, revision: int) -> bool:
        """Whether every change after this one is still kept; an older snapshot is of no use."""
        read = self._house.database.read
        if revision == 0:
            return await read(search_feed.last_change) == 0
        return await read(lambda: search_feed.is_kept(revision))

    async def rebuild(self) -> None:
        """Build anew and wait for it."""
        await self.settle()
        self._start_build(SearchIndex())
        await self.settle()

    def _start_build(self, index: SearchIndex) -> None:
        self.building = True
        self.done = self.total = 0
        self._task = asyncio.create_task(self._build(index))

    def poke(self) -> None:
        """Something was committed: look for changes soon. Called on the loop."""
        if self._stopped or not self._is_whole or not self._house.vault.is_open:
            return
        if self._task is not None and not self._task.done():
            self._wanted = True
            return
        self._task = asyncio.create_task(self._catch_up())

    async def settle(self) -> None:
        """Wait until the index has seen everything committed so far."""
        while self._task is not None and not self._task.done():
            await asyncio.wait([self._task])

    async def _catch_up(self) -> None:
        try:
            await self._follow()
        except Sealed:
            return  # sealed meanwhile: the index is gone anyway
        except Exception:
            log.exception("the search index could not follow; it tries again at the next change")

    async def _follow(self) -> None:
        again = True
        while again and not self._stopped:
            self._wanted = False
            while not self._stopped and await self._apply_some():
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

    async def _build(self, index: SearchIndex) -> None:
        """Fill `index` and put it in place; one that is in place already is searched meanwhile."""
        try:
            await self._house.database.slow_read(lambda: self._read_all(index))
            if self._stopped:
                return
            await asyncio.to_thread(index.compact)
            if self._stopped:
                return
            self._house.index = index
            self._is_whole = True
            await self._write()
        except Sealed:
            return
        except Exception:
            # Not whole, so never saved; the hourly chore builds it again.
            log.exception("the search index could not be built")
            return
        finally:
            self.building = False
        await self._catch_up()

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

    async def keep(self) -> None:
        """The hourly chore: save, or build anew what is not whole or carries too much of the dead.

        Rows of removed clients leave their trigrams, without a name beside them, in memory and
        snapshot until then (`vault.search`).
        """
        if self.building or self._stopped:
            return
        stats = self._house.index.stats()
        if not self._is_whole or stats.rebuild_due:
            await self.rebuild()
        elif stats.removed:
            await self.scrub()
        else:
            await self.save()

    async def scrub(self) -> None:
        """Leave nothing of those who were erased, in memory or on the disk.

        A second's work at a hundred thousand clients; built anew where the index refuses it.
        """
        await self.settle()
        index = self._house.index
        if self._is_whole and not self.building and await asyncio.to_thread(index.scrub):
            await self._write()
        else:
            await self.rebuild()

    async def save(self) -> None:
        """Write the encrypted snapshot, then drop the changes that it holds.

        Nothing is saved of an index that is still being built: it would pass for a whole one.
        """
        if self._is_whole and not self.building:
            await self._write()

    async def _write(self) -> None:
        here, index = self._house, self._house.index
        revision = index.revision
        try:
            await asyncio.to_thread(
                search_snapshot.write, self._snapshot, here.vault.seal_snapshot, index
            )
        except OSError as error:
            log.warning("search snapshot not written: %s", type(error).__name__)
            return
        here.vault.forget_old_snapshots()
        # The newest change stays: by it the snapshot is known to be continued.
        await here.database.write(
            lambda: execute("DELETE FROM search_change WHERE number < {}", revision)
        )

    def drop(self) -> None:
        """Forget every name."""
        self._stopped = True
        self._is_whole = False
        self._house.index = SearchIndex()
