"""Orders both ways: the queue to 1C, and what 1C answers about them."""

import io
from collections.abc import Iterator, Sequence
from datetime import datetime

from plugins.exchange_1c import orders_out
from plugins.exchange_1c.archive import Archive
from plugins.exchange_1c.hearing import Hearing
from plugins.exchange_1c.names import sniffed
from plugins.exchange_1c.orders_out import OrderOut
from plugins.exchange_1c.orders_port import Numbered, OrdersBox, OrderSettings
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


class Exchange:
    """The way of orders; see `server.Orders`."""

    def __init__(
        self, store: Shelves, queue: Queue, box: OrdersBox, settings: OrderSettings
    ) -> None:
        self._store, self._queue, self._box, self._settings = store, queue, box, settings
        self._hearing = Hearing(store, queue, box, settings)
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
            subordinate=self._subordinate(session),
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
        if self._subordinate(session):
            return "2.10"
        return "2.05" if self._settings.profile == "ut103" else "2.08"

    def _subordinate(self, session: Session) -> bool:
        """Whether payments and shipments go inside their order: УНФ says so by `cmlVersion`."""
        if self._settings.profile not in ("auto", "unf") or self._containers(session):
            return False
        whole, _, rest = session.cml_version.partition(".")
        return whole == "2" and rest.isdigit() and int(rest) >= 10

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
            one.hash, one.number = orders_out.content_hash(out), out.number
            if (
                self._settings.shops and out.shop not in self._settings.shops
            ) or await self._queue.knows(out.id, one.hash):
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
                await self._hearing.take(one)


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
