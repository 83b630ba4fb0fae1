"""What 1C says about orders: money and goods first, then lines, then where the order stands."""

from collections.abc import Sequence
from uuid import UUID

from appliance.plugin_api.bookkeeping import LineSaid, LinesSaid
from plugins.exchange_1c import orders_out, papers
from plugins.exchange_1c.orders_in import Heard, heard, ours
from plugins.exchange_1c.orders_out import DELIVERY, OrderOut
from plugins.exchange_1c.orders_port import Numbered, OrdersBox, OrderSettings, Said
from plugins.exchange_1c.papers import Here
from plugins.exchange_1c.queue import Queue
from plugins.exchange_1c.records import Document, Line
from plugins.exchange_1c.shelves import Shelves


class Hearing:
    """Takes documents of 1C about orders."""

    def __init__(
        self, store: Shelves, queue: Queue, box: OrdersBox, settings: OrderSettings
    ) -> None:
        self._store, self._queue, self._box, self._settings = store, queue, box, settings

    async def take(self, document: Document) -> None:
        """An order, or a document of its own about one."""
        if papers.is_paper(document):
            await self._take_paper(document)
            return
        told = heard(document)
        if told is None:
            return
        order_id = await self._known(told.number)
        if order_id is None:
            await self._box.tell("order_unknown", told.number)
            return
        out = await self._box.plain(order_id)
        if out is None:
            return
        differs = False
        if not told.cancelled:
            # Before money and goods are entered: they make it another order than 1C took.
            other = _differing(document.lines, out) is not None
            stale = other and await self._changed_here(order_id)
            for one in self._papers(document, out):
                await self._enter(one, out)
            differs = other and await self._lines(document, out, stale=stale)
        await self._status(told, order_id)
        await self._echo(order_id, told, differs=differs)

    async def _known(self, number: int | None) -> str | None:
        if number is None:
            return None
        found = await self._store.one("numbers", Numbered, number)
        return None if found is None else found.order_id

    async def _take_paper(self, document: Document) -> None:
        """A document of its own: its order is the one it stands on."""
        order_id = await self._known(ours(document.basis))
        out = None if order_id is None else await self._box.plain(order_id)
        if order_id is None or out is None:
            await self._box.tell("order_unknown", ours(document.basis) or 0)
            return
        said = papers.of_document(document, self._order(out))
        await self._enter(said, out)
        await self._echo(order_id, Heard(number=out.number))

    def _order(self, out: OrderOut) -> papers.Order:
        return papers.Order(
            id=UUID(out.id),
            number=out.number,
            base=f"{self._settings.account}/" if self._settings.account else "",
            hours=self._settings.hours,
            ways=self._settings.ways,
            lines=_here(out),
        )

    def _papers(self, document: Document, out: OrderOut) -> list[Said | None]:
        order = self._order(out)
        found: list[Said | None] = [
            papers.of_document(one, order) for one in document.under if papers.is_paper(one)
        ]
        return [*found, *papers.of_requisites(document, order)]

    async def _enter(self, said: Said | None, out: OrderOut) -> None:
        """Bring a document in and say what became of it; a contradiction asks a person."""
        is_back = getattr(said, "back", False)
        if said is None or (is_back and not self._settings.goods):
            await self._box.tell("goods_came_back", out.number)
            await self._box.ask(f"back:{out.number}", "ask_goods_back", out.id, out.number)
            return
        is_money = hasattr(said, "amount")
        if not (self._settings.money if is_money else self._settings.goods):
            return
        done = await self._box.enter(said)
        if done.outcome == "same":
            return
        what = "money" if is_money else "back" if is_back else "goods"
        came = "return" if done.is_return and done.outcome != "disputed" else what
        await self._box.tell(
            f"{came}_{done.outcome}", out.number, own=done.number, why=done.code or "-"
        )
        if done.outcome == "disputed":
            key = f"{what}:{out.number}:{done.number}:{done.code}"
            await self._box.ask(key, f"ask_{what}", out.id, out.number)

    async def _lines(self, document: Document, out: OrderOut, *, stale: bool) -> bool:
        """Lines that 1C changed: the order follows them; True: they differ still."""
        fresh = await self._box.plain(out.id)  # payments and shipments made it another version
        wanted = None if fresh is None else _differing(document.lines, fresh)
        if wanted is None:
            return False
        if self._settings.lines != "1c" or stale:
            await self._box.tell("lines_waiting" if stale else "lines_differ", out.number)
            return True
        done = await self._box.enter(wanted)
        if done.outcome == "disputed":
            await self._box.tell("lines_disputed", out.number, why=done.code)
            await self._box.ask(f"lines:{out.number}", "ask_lines", out.id, out.number)
        elif done.outcome == "changed":
            await self._box.tell("lines_changed", out.number)
            if document.amount is not None and abs(done.number - document.amount) > 1:
                await self._box.tell("lines_sum", out.number)
        return done.outcome == "disputed"

    async def _changed_here(self, order_id: str) -> bool:
        """Whether 1C speaks of an order that is another by now, and was not given to it yet."""
        for out in await self._box.read([order_id]):
            return await self._queue.waits(order_id, orders_out.content_hash(out))
        return False

    async def _status(self, told: Heard, order_id: str) -> None:
        target = self._settings.statuses.target(told)
        if target:
            refused = await self._box.move(order_id, target)
            if refused:
                await self._box.tell("status_refused", told.number, status=target, why=refused)

    async def _echo(self, order_id: str, told: Heard, *, differs: bool = False) -> None:
        """What 1C just told is not offered back to it."""
        for out in await self._box.read([order_id]):
            await self._queue.heard(order_id, orders_out.content_hash(out), told.number_1c)
        if differs:
            await self._box.mark(order_id, f"1С {told.number_1c}: состав другой", "warn")
        elif told.number_1c:
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


def _here(out: OrderOut) -> tuple[Here, ...]:
    return tuple(
        Here(number=one.number, id=one.id, article=one.article, name=one.name) for one in out.lines
    )


def _differing(told: Sequence[Line], out: OrderOut) -> LinesSaid | None:
    """The lines of 1C, where they are not those of the order; None: nothing differs.

    A sum may be a kopeck off: the base rounds by itself.
    """
    goods = [one for one in told if not _is_delivery(one) and (one.quantity_milli or 0) > 0]
    if not goods:
        return None
    left = list(_here(out))
    by_number = {one.number: one for one in out.lines}
    lines: list[LineSaid] = []
    differs = False
    for one in goods:
        number = papers.line_of(one, left)
        left = [each for each in left if each.number != number]
        said = _said(one, number)
        mine = by_number.get(said.number)
        differs |= (
            mine is None
            or mine.quantity_milli != said.quantity_milli
            or abs(mine.total - said.total) > 1
        )
        lines.append(said)
    differs |= any(by_number[one.number].quantity_milli > 0 for one in left)
    cost = sum(one.amount or 0 for one in told if _is_delivery(one))
    if not differs and cost in (0, out.delivery_cost):
        return None
    return LinesSaid(
        order_id=UUID(out.id),
        lines=tuple(lines),
        version=out.version,
        delivery_cost=cost if cost and cost != out.delivery_cost else None,
    )


def _said(one: Line, number: int | None) -> LineSaid:
    milli = one.quantity_milli or 0
    total = one.amount if one.amount is not None else (one.price or 0) * milli // 1000
    return LineSaid(
        number=number or 0,
        offer=one.id.strip(),
        article=one.article.strip(),
        name=one.name.strip(),
        quantity_milli=milli,
        total=total,
    )


def _is_delivery(one: Line) -> bool:
    return one.service or one.id.strip() == DELIVERY
