"""Orders both ways: the queue to 1C, and what 1C answers about them."""

import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from plugins.exchange_1c import orders_out
from plugins.exchange_1c.archive import Archive
from plugins.exchange_1c.names import sniffed
from plugins.exchange_1c.orders_in import Heard, StatusRules, heard
from plugins.exchange_1c.orders_out import OrderOut
from plugins.exchange_1c.protocol import Answer
from plugins.exchange_1c.queue import Queue, Queued
from plugins.exchange_1c.reading import entries
from plugins.exchange_1c.records import Document
from plugins.exchange_1c.refusals import Refused
from plugins.exchange_1c.sessions import Session
from plugins.exchange_1c.shelves import Shelves

END = "</КоммерческаяИнформация>"
SALE_MOST = 12 * 1024 * 1024
"""Bytes of a file of orders: it names people, so it is never on the disk."""
READ = 100
"""Orders that the box gives out in one answer."""


class OrdersBox(Protocol):
    """Orders of the box."""

    async def read(self, ids: Sequence[str]) -> Sequence[OrderOut]:
        """Orders with their buyers, as far as they were granted."""
        ...

    async def move(self, order_id: str, status: str) -> str:
        """Move an order; the code of the refusal, or empty."""
        ...

    async def lists(self) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
        """Lists for `info`: name of the element, and codes with names."""
        ...

    async def tell(self, code: str, number: int, **data: int | str) -> None:
        """A line of the journal about an order."""
        ...

    async def mark(self, order_id: str, text: str) -> None:
        """A word on the order's card."""
        ...


class OrderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How orders go.

    Attributes:
        profile: `auto`, `ut103`, `ut11`, `unf` or `bitrix31`.
        hours: by which the base's clock is ahead of UTC.
    """

    profile: str = "auto"
    charset: str = "utf-8"
    hours: int = 3
    statuses: StatusRules = StatusRules()


class Numbered(msgspec.Struct, frozen=True):
    """An order by the number that 1C names it by."""

    number: int
    order_id: str


class Exchange:
    """The way of orders; see `server.Orders`."""

    def __init__(
        self, store: Shelves, queue: Queue, box: OrdersBox, settings: OrderSettings
    ) -> None:
        self._store, self._queue, self._box, self._settings = store, queue, box, settings
        self._files: dict[tuple[str, str], bytearray] = {}

    async def query(self, session: Session, now: datetime) -> Answer:
        """Orders for 1C that were not given out in this session yet."""
        given: list[tuple[Queued, OrderOut]] = []
        while not given:
            queued = await self._queue.next(session.token)
            if not queued:
                break
            given = await self._checked(queued)
        await self._queue.given([one for one, _ in given], session.token)
        await self._store.put("numbers", [Numbered(out.number, out.id) for _, out in given])
        body = orders_out.document(
            [out for _, out in given],
            now,
            schema=self._schema(session),
            containers=self._containers(session),
            charset=self._settings.charset,
            hours=self._settings.hours,
        )
        return Answer(content_type=f"application/xml; charset={self._settings.charset}", body=body)

    def _containers(self, session: Session) -> bool:
        profile = self._settings.profile
        if profile != "auto":
            return profile == "bitrix31"
        return session.version[:1].isdigit() and int(session.version.split(".")[0] or 0) >= 3

    def _schema(self, session: Session) -> str:
        if self._containers(session):
            return "3.1"
        return "2.05" if self._settings.profile == "ut103" else "2.08"

    async def _checked(self, queued: Sequence[Queued]) -> list[tuple[Queued, OrderOut]]:
        """Orders that 1C can take; an echo is dropped, a bad one put aside with its reason."""
        by_id = {one.order_id: one for one in queued}
        ids = list(by_id)
        found: list[OrderOut] = []
        for at in range(0, len(ids), READ):
            found += await self._box.read(ids[at : at + READ])
        good: list[tuple[Queued, OrderOut]] = []
        echoes = [one for one in ids if one not in {out.id for out in found}]  # deleted since
        for out in found:
            one = by_id[out.id]
            one.hash = orders_out.content_hash(out)
            if await self._queue.knows(out.id, one.hash):
                echoes.append(out.id)
            elif reason := orders_out.trouble(out):
                await self._queue.aside(one, reason)
                await self._box.tell(reason, out.number)
            else:
                good.append((one, out))
        await self._queue.drop(echoes)
        return good

    async def success(self, session: Session) -> None:
        """1C took everything that this session gave out."""
        taken = await self._queue.acknowledged(session.token)
        if taken:
            await self._box.tell("orders_taken", 0, count=taken)

    async def info(self) -> Answer:
        """Statuses, ways of payment and delivery."""
        body = orders_out.lists(await self._box.lists(), self._settings.charset)
        return Answer(content_type=f"application/xml; charset={self._settings.charset}", body=body)

    async def piece(self, session: Session, name: str, body: bytes) -> None:
        """A piece of a file of orders; once it is whole, it is taken: some never ask for it.

        Raises:
            Refused: `quota_full`, or what the whole file is refused for.
        """
        key = (session.token, name)
        if session.uploading != name:
            self._files.pop(key, None)
        file = self._files.setdefault(key, bytearray())
        if sum(map(len, self._files.values())) + len(body) > SALE_MOST:
            self._files.clear()
            raise Refused("quota_full", most=SALE_MOST >> 20)
        file += body
        if documents := _whole(bytes(file)):
            del self._files[key]
            for one in documents:
                await self._take(one)

    async def _take(self, document: Document) -> None:
        told = heard(document)
        if told is None:
            return
        known = await self._store.one("numbers", Numbered, told.number)
        if known is None:
            await self._box.tell("order_unknown", told.number)
            return
        target = self._settings.statuses.target(told)
        if target:
            refused = await self._box.move(known.order_id, target)
            if refused:
                await self._box.tell("status_refused", told.number, status=target, why=refused)
        await self._echo(known.order_id, told)

    async def _echo(self, order_id: str, told: Heard) -> None:
        """What 1C just told is not offered back to it."""
        for out in await self._box.read([order_id]):
            await self._queue.heard(order_id, orders_out.content_hash(out), told.number_1c)
        if told.number_1c:
            await self._box.mark(order_id, f"1С {told.number_1c}")
        parts = [
            word
            for word, is_so in (
                ("cancelled", told.cancelled),
                ("paid", told.paid),
                ("shipped", told.shipped),
            )
            if is_so
        ]
        await self._box.tell("order_heard", told.number, says=" ".join(parts))


def _whole(data: bytes) -> list[Document]:
    """Documents of a file, once it is complete; none before that.

    Raises:
        Refused: it is complete and cannot be read.
    """
    if sniffed(data[:64]) != "zip":
        tail = data[-200:]
        if END.encode() in tail or END.encode("cp1251") in tail:
            return _documents(iter([data]))
        return []
    try:
        archive = Archive(io.BytesIO(data))
    except Refused as error:
        if error.code == "zip_cut":
            return []
        raise
    found: list[Document] = []
    for entry in archive.entries:
        if entry.name.lower().endswith(".xml"):
            found += _documents(archive.pieces(entry))
    return found


def _documents(pieces: Iterator[bytes]) -> list[Document]:
    return [one for one in entries(pieces) if isinstance(one, Document)]
