"""Goods that a full exchange did not name: the Bitrix module asks to put them out of sale.

What was named is read out of the files of the run once more, so that an exchange without that
wish costs nothing. What is to be hidden becomes a file of our own, and goes the way of all files:
counted, held by the guards, confirmed or rejected by a person, taken back within a week.
"""

from collections.abc import AsyncIterator
from xml.sax.saxutils import escape

import msgspec

from plugins.exchange_1c import shelves, values
from plugins.exchange_1c.imports import Found, Imports
from plugins.exchange_1c.journal import Journal
from plugins.exchange_1c.reading import FileReader
from plugins.exchange_1c.records import Good, Head
from plugins.exchange_1c.shelves import File, Kept, Part, Shelves
from plugins.exchange_1c.spool import Spool

KIND = "absent"
"""Of the file that is made here; it came in no session."""
CATALOGUE = "catalogue"
"""Kind of the names under which catalogues are remembered."""
HEAD = b"<?xml version='1.0' encoding='utf-8'?>\n<" + "КоммерческаяИнформация".encode() + b">"


class _Row(msgspec.Struct, frozen=True):
    kind: str
    id: str
    hash: str
    body: str
    born: int | None = 0


class Absent:
    """Puts goods out of sale that a run did not name.

    Args:
        wish: `ask`, `apply` or `never`.
    """

    def __init__(
        self, store: Shelves, spool: Spool, imports: Imports, journal: Journal, wish: str
    ) -> None:
        self._store, self._spool, self._imports = store, spool, imports
        self._journal, self._wish = journal, wish

    async def tick(self) -> None:
        """Carry out a wish of 1C, once everything of its run is decided."""
        wished = await self._store.state("deactivate")
        if not wished:
            return
        run = int(wished.split()[0])
        files = [one async for one in self._store.every("files", File) if one.run == run]
        mine = [one for one in files if one.kind == "catalog"]
        states = {one.state for file in mine for one in await self._parts(file)}
        if states & {shelves.SEALED, shelves.IMPORTING, shelves.HELD}:
            return
        if begun := [one for one in files if one.kind == KIND]:
            await self._go_on(begun)  # asked twice in one run, or ended in the middle of it
        elif self._wish == "never":
            await self._journal.decided("absent_never", run)
        elif not mine or states & {shelves.FAILED, shelves.REJECTED}:
            await self._journal.decided("absent_partly", run)
        else:
            await self._hide(run, mine)
        await self._store.set_state(deactivate="")

    async def _go_on(self, begun: list[File]) -> None:
        for file in begun:
            for part in await self._parts(file):
                if part.state in (shelves.SEALED, shelves.IMPORTING):
                    await self._imports.begin(Found(file, part))

    async def _parts(self, file: File) -> list[Part]:
        return [one async for one in self._store.under("parts", Part, file.id)]

    async def _hide(self, run: int, files: list[File]) -> None:
        named, catalogues = await self._named(files)
        known = set(await self._store.names(CATALOGUE))
        if not named or known - catalogues:
            await self._journal.decided("absent_partly", run)
            return
        gone = [own async for own in self._missing(named)]
        if not gone:
            await self._journal.decided("absent_none", run)
            return
        await self._begin(run, gone)

    async def _named(self, files: list[File]) -> tuple[set[str], set[str]]:
        """Goods and catalogues that the files of a run speak of."""
        named, catalogues = set[str](), set[str]()
        for file in files:
            for part in await self._parts(file):
                reader = FileReader()
                for piece in self._imports.opener(file, part)():
                    for one in reader.feed(piece):
                        _note(one, named, catalogues)
                for one in reader.close():
                    _note(one, named, catalogues)
        return named, catalogues

    async def _missing(self, named: set[str]) -> AsyncIterator[str]:
        async for one in self._store.under("records", _Row, shelves.GOOD):
            if one.id in named:
                continue
            known = Kept(one.hash, one.body, one.born or 0)
            if not one.body or not known.good().removed:
                yield one.id

    async def _begin(self, run: int, gone: list[str]) -> None:
        """The file that hides them; it is held for a person's word unless he gave it before."""
        own = self._spool.begin()
        self._spool.append(own, HEAD + "<Каталог><Товары>".encode())
        for at in range(0, len(gone), 1000):
            text = "".join(
                f"<Товар><Ид>{escape(one)}</Ид><ПометкаУдаления>true</ПометкаУдаления></Товар>"
                for one in gone[at : at + 1000]
            )
            self._spool.append(own, text.encode())
        end = "</Товары></Каталог></КоммерческаяИнформация>".encode()
        file = File(
            id=own,
            session=KIND,
            login="",
            run=run,
            kind=KIND,
            name=f"absent-{run}.xml",
            bytes=self._spool.append(own, end),
        )
        for part in await self._imports.seal(file):
            part.ask = self._wish != "apply"
            await self._store.put("parts", [part])
        await self._go_on([file])


def _note(entry: object, named: set[str], catalogues: set[str]) -> None:
    if isinstance(entry, Good):
        named.add(values.key(entry.id))
    elif isinstance(entry, Head) and entry.section == "Каталог" and entry.catalogue:
        catalogues.add(entry.catalogue)
