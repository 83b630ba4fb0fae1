"""Pictures of goods: files beside the XML, before it or after it, tied to goods by their path.

Nothing of this happens while a file is imported: what a good wants and what files there are is
noted, and a round of its own brings pictures into the box. The same content under another name is
the same picture there; a repeated export brings nothing.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BufferedReader
from typing import Protocol

import msgspec

from plugins.exchange_1c import names, values
from plugins.exchange_1c.archive import Archive
from plugins.exchange_1c.journal import Journal
from plugins.exchange_1c.records import Good
from plugins.exchange_1c.refusals import Refused
from plugins.exchange_1c.shelves import Shelves
from plugins.exchange_1c.spool import Spool

MOST = 12
"""Pictures of one good, as many as the box keeps."""
LARGEST = 1_500_000
"""Bytes of a picture, as the box takes them."""
TOGETHER = 12 << 20
"""Bytes of one message to the box."""
ROUND = 400
"""Goods of one round: the next one goes on."""
WAITS = 3600
"""Seconds that a good waits for pictures that did not come; then it gets those that did."""
FILES = "import_files/"
TAKEN = frozenset({"png", "jpg", "webp"})
"""Kinds the box keeps, by their first bytes; a name says nothing."""


class Photo(msgspec.Struct, kw_only=True):
    """A path: goods that name it (ids by line), where its file is, and what of it was brought.

    Attributes:
        file, entry: of the spool and of the archive; empty: it did not come yet.
        mark: tells its content; `brought`: the one the box has.
    """

    path: str
    goods: str = ""
    file: str = ""
    entry: str = ""
    mark: str = ""
    brought: str = ""


class Want(msgspec.Struct, kw_only=True):
    """A good whose pictures are to be brought: its paths by line; none: it has none any more."""

    good: str
    paths: str = ""
    at: int = 0


class PictureBox(Protocol):
    """Pictures of the box."""

    async def pictures(self, good: str, bodies: Sequence[bytes], *, fill: bool) -> tuple[int, int]:
        """Make these the pictures that the base gave a good; how many are kept, how many not."""
        ...


def key_of(path: str) -> str:
    """One name for a path, whatever folder it is told from; empty for one that is none."""
    try:
        clean = names.clean(path)
    except Refused:
        return ""
    return clean[clean.index(FILES) :] if FILES in clean else clean


class Photos:
    """Brings pictures of one connection.

    Args:
        own: `1c`, `fill` (where the box has none) or `box` (never).
    """

    def __init__(
        self,
        store: Shelves,
        spool: Spool,
        box: PictureBox,
        journal: Journal,
        own: str,
        clock: Callable[[], int] = lambda: int(time.time()),
    ) -> None:
        self._store, self._spool, self._box, self._journal = store, spool, box, journal
        self._own, self._clock = own, clock

    async def arrived(self, file: str, found: Sequence[tuple[str, str, str]]) -> None:
        """Files of pictures are here: path, entry of the archive, mark of the content."""
        told = {key_of(path): (entry, mark) for path, entry, mark in found}
        told.pop("", None)
        if self._own == "box" or not told:
            return
        known = await self._known(told)
        changed: list[Photo] = []
        wants: dict[str, None] = {}
        for path, (entry, mark) in told.items():
            one = known.get(path) or Photo(path=path)
            one.file, one.entry, one.mark = file, entry, mark
            changed.append(one)
            if one.brought != mark:
                wants |= dict.fromkeys(one.goods.split())
        await self._store.put("photos", changed)
        await self._want([Want(good=good) for good in wants], keep_paths=True)

    async def wanted(self, goods: Iterable[Good]) -> None:
        """Goods that changed name these pictures; who says nothing of them keeps what he has."""
        told = {
            values.key(one.id): [path for each in one.pictures if (path := key_of(each))]
            for one in goods
            if one.pictures is not None and not one.removed
        }
        if self._own == "box" or not told:
            return
        known = await self._known({path for paths in told.values() for path in paths})
        changed: dict[str, Photo] = {}
        for good, paths in told.items():
            for path in paths:
                one = changed.setdefault(path, known.get(path) or Photo(path=path))
                if good not in one.goods.split():
                    one.goods = f"{one.goods}\n{good}".strip()[-2000:]
        await self._store.put("photos", changed.values())
        wants = [Want(good=good, paths="\n".join(paths[:MOST])) for good, paths in told.items()]
        await self._want(wants, keep_paths=False)

    async def _known(self, paths: Iterable[str]) -> dict[str, Photo]:
        rows = await self._store.tables.get("photos", [(path,) for path in paths])
        found = [msgspec.convert(dict(one), Photo) for one in rows if one is not None]
        return {one.path: one for one in found}

    async def _want(self, wants: Sequence[Want], *, keep_paths: bool) -> None:
        if not wants:
            return
        now = self._clock()
        if keep_paths:
            for one in wants:
                paths = await self._store.one("photo_paths", Want, one.good)
                one.paths = "" if paths is None else paths.paths
        for one in wants:
            one.at = now
        await self._store.put("photo_paths", wants)
        await self._store.put("photo_wants", wants)
        await self._store.set_state(photos=1)

    async def tick(self) -> None:
        """Bring what is complete; some hundred goods in a round."""
        if not await self._store.state("photos"):
            return
        kept = refused = looked = left = 0
        with _Opened(self._spool) as opened:
            async for want in self._store.every("photo_wants", Want):
                looked += 1
                if looked > ROUND:
                    left += 1
                    break
                done = await self._bring(want, opened)
                if done is None:
                    left += 1
                    continue
                kept, refused = kept + done[0], refused + done[1]
                await self._store.drop("photo_wants", [(want.good,)])
        if not left:
            await self._store.set_state(photos="")
        if kept or refused:
            await self._journal.photos(kept, refused)

    async def _bring(self, want: Want, opened: "_Opened") -> tuple[int, int] | None:
        """Bring the pictures of a good; None: some did not come yet."""
        paths = want.paths.split("\n") if want.paths else []
        known = await self._known(paths)
        here = [known[path] for path in paths if path in known and known[path].file]
        if len(here) < len(paths) and self._clock() - want.at < WAITS:
            return None
        bodies: list[bytes] = []
        brought: list[Photo] = []
        for one in here:
            body = opened.body(one)
            if body is not None and sum(map(len, bodies)) + len(body) <= TOGETHER:
                bodies.append(body)
                brought.append(one)
        lost = len(paths) - len(bodies)
        if paths and not bodies:  # nothing of it can be had: what the good has stays
            return 0, lost
        kept, refused = await self._box.pictures(want.good, bodies, fill=self._own == "fill")
        for one in brought:
            one.brought = one.mark
        await self._store.put("photos", brought)
        return kept, refused + lost


class _Opened:
    """Files of the spool, the last archive kept open: goods of one archive come in a row."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._file, self._stream = "", None
        self._archive: Archive | None = None

    def __enter__(self) -> "_Opened":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        if self._stream is not None:
            self._stream.close()
        self._file, self._stream, self._archive = "", None, None

    def body(self, one: Photo) -> bytes | None:
        """A picture's bytes; None: it is gone, too large, or no picture."""
        try:
            return _picture(self._pieces(one))
        except Refused:
            return None

    def _pieces(self, one: Photo) -> Iterator[bytes]:
        if not one.entry:
            return self._spool.pieces(one.file)
        if self._file != one.file:
            self._close()
            stream: BufferedReader = self._spool.open(one.file)
            self._file, self._stream, self._archive = one.file, stream, Archive(stream)
        entries = () if self._archive is None else self._archive.entries
        entry = next((each for each in entries if each.name == one.entry), None)
        if entry is None or self._archive is None:
            raise Refused("file_gone")
        return self._archive.pieces(entry)


def _picture(pieces: Iterator[bytes]) -> bytes | None:
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > LARGEST:
            return None
    return bytes(body) if names.sniffed(bytes(body[:64])) in TAKEN else None
