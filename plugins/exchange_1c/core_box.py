"""The host's `Core` as the ports of the exchange."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from appliance.domain.personal import Personal
from appliance.plugin_api import calls, goods
from appliance.plugin_api.bookkeeping import Entered, GoodsSaid, MoneySaid
from appliance.plugin_api.core import Core, Refused
from appliance.plugin_api.goods import GoodIn, GroupIn, NamedIn, OfferIn, Outcome
from plugins.exchange_1c import shelves, words
from plugins.exchange_1c.orders_out import (
    OrderLine,
    OrderOut,
    OrderPayment,
    OrderReturn,
    OrderShipment,
)
from plugins.exchange_1c.orders_port import Said
from plugins.exchange_1c.ports import BATCH, Key, Row

PURPOSE = "order"
"""The order is what the base gets the buyer for; its accounting follows from that."""
FIELDS = ("customer.name", "customer.phone", "customer.email", "customer.address")
COMMENT = "customer.comment"
HEARD = (
    "order_heard", "order_unknown", "status_", "money_", "goods_", "back_", "return_", "lines_",
)  # fmt: skip
"""How codes begin of what 1C said."""
DOUBTFUL = ("_disputed", "_differ", "_sum", "_back", "_waiting")
CASH = frozenset({"cash", "courier-cash", "cod"})
GONE = frozenset({"dispatched", "delivered"})
"""States of a shipment whose goods left."""
CANCELLED, SHIPPED = frozenset({"cancel"}), frozenset({"delivery", "complete"})


class CoreTables:
    """Own tables over `Core`."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def get(self, table: str, keys: Sequence[Key]) -> Sequence[Row | None]:
        """See `ports.Tables`."""
        if not keys:
            return []
        rows = await self._core.rows_get(table, [tuple(key) for key in keys])
        names = shelves.KEYS[table]
        found = {tuple(row.values[name] for name in names): row.values for row in rows}
        return [found.get(tuple(key)) for key in keys]

    async def put(self, table: str, rows: Sequence[Row]) -> None:
        """See `ports.Tables`."""
        if rows:
            await self._core.rows_put(table, [calls.Row(values=dict(row)) for row in rows])

    async def drop(self, table: str, keys: Sequence[Key]) -> None:
        """See `ports.Tables`."""
        if keys:
            await self._core.rows_delete(table, [tuple(key) for key in keys])

    async def scan(self, table: str, after: Key = (), limit: int = BATCH) -> Sequence[Row]:
        """See `ports.Tables`."""
        rows = await self._core.rows_scan(table, after=tuple(after), limit=limit)
        return [row.values for row in rows]


class CoreGoods:
    """Goods over `Core`."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def groups(self, groups: Sequence[GroupIn]) -> Sequence[int]:
        """See `ports.Box`."""
        return await self._core.groups_put(groups)

    async def price_types(self, kinds: Sequence[NamedIn]) -> Sequence[str]:
        """See `ports.Box`."""
        return await self._core.price_types_put(kinds)

    async def warehouses(self, places: Sequence[NamedIn]) -> Sequence[str]:
        """See `ports.Box`."""
        return await self._core.warehouses_put(places)

    async def goods(self, goods: Sequence[GoodIn]) -> Sequence[Outcome]:
        """See `ports.Box`."""
        return await self._core.goods_put(goods)

    async def offers(self, offers: Sequence[OfferIn]) -> Sequence[Outcome]:
        """See `ports.Box`."""
        return await self._core.offers_put(offers)


class CorePictures:
    """Pictures over `Core`.

    Args:
        shop: whose goods they are of; empty: everybody's.
    """

    def __init__(self, core: Core, shop: str) -> None:
        self._core, self._shop = core, shop

    async def pictures(self, good: str, bodies: Sequence[bytes], *, fill: bool) -> tuple[int, int]:
        """See `photos.PictureBox`; a good that is not there wants none."""
        try:
            done = await self._core.pictures_put(good, bodies, shop=self._shop, fill=fill)
        except Refused as error:
            if error.code != "product_not_found":
                raise
            return 0, len(bodies)
        return done.kept, done.refused


class CoreOrders:
    """Orders over `Core`.

    Args:
        core: of the plugin.
        account: code of the base; empty: the first.
        with_comment: whether buyers' comments go to 1C as well.
    """

    def __init__(self, core: Core, account: str = "", *, with_comment: bool) -> None:
        self._core = core
        self._base: dict[str, Any] = {"base": account} if account else {}
        self._fields = (*FIELDS, COMMENT) if with_comment else FIELDS

    async def read(self, ids: Sequence[str]) -> Sequence[OrderOut]:
        """See `orders_port.OrdersBox`."""
        found = await self._core.orders([UUID(one) for one in ids], self._fields, PURPOSE)
        known = await self._core.lists()
        names = {one.code: one for one in known.statuses}
        ways = {one.code: one.name for one in known.delivery_types}
        pays = {one.code: one.name for one in known.payment_types}
        return [_order(one, names, ways, pays, known.vat_rates) for one in found]

    async def move(self, order_id: str, status: str) -> str:
        """See `orders_port.OrdersBox`."""
        try:
            await self._core.set_order_status(UUID(order_id), status)
        except Refused as error:
            return error.code
        return ""

    async def lists(self) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
        """See `orders_port.OrdersBox`; the first letter of the first is Latin, as 1C expects it."""
        known = await self._core.lists()
        return [
            ("C" + "татусы", [(one.code, one.name) for one in known.statuses]),
            ("ПлатежныеСистемы", [(one.code, one.name) for one in known.payment_types]),
            ("СлужбыДоставки", [(one.code, one.name) for one in known.delivery_types]),
        ]

    async def tell(self, code: str, number: int, **data: Any) -> None:
        """See `orders_port.OrdersBox`."""
        told_by_1c = code.startswith(HEARD)
        bad = code.endswith(DOUBTFUL) or (
            code.startswith(("order_", "line_", "status_")) and code != "order_heard"
        )
        await self._core.journal(
            code,
            direction="in" if told_by_1c else "out",
            state="warn" if bad else "ok",
            kind="order" if number else "",
            number=number,
            **data,
            **self._base,
        )

    async def mark(self, order_id: str, text: str, tone: calls.Tone = "info") -> None:
        """See `orders_port.OrdersBox`."""
        await self._core.badge(UUID(order_id), text[:40], tone)

    async def plain(self, order_id: str) -> OrderOut | None:
        """See `orders_port.OrdersBox`."""
        found = await self._core.order(UUID(order_id))
        return None if found is None else _order(found, {}, {}, {})

    async def enter(self, said: Said) -> Entered:
        """See `orders_port.OrdersBox`."""
        books = self._core.books
        try:
            if isinstance(said, MoneySaid):
                return await books.money(said)
            if isinstance(said, GoodsSaid):
                return await books.goods(said)
            return await books.lines(said)
        except Refused as error:
            return Entered(outcome="disputed", code=error.code)

    async def ask(self, key: str, code: str, order_id: str, number: int) -> None:
        """See `orders_port.OrdersBox`."""
        title = words.table("ru")[code].format(number=number)
        try:
            await self._core.task(key, Personal(title), order_id=UUID(order_id))
        except Refused as error:  # a box where tasks are not granted has the journal still
            self._core.log(f"task_{error.code}")


def _order(
    one: calls.Order,
    statuses: dict[str, goods.Listed],
    ways: dict[str, str],
    pays: dict[str, str],
    rates: Sequence[goods.VatListed] = (),
) -> OrderOut:
    status = statuses.get(one.status)
    group = one.status_group
    return OrderOut(
        id=str(one.id),
        number=one.number,
        at=one.created_at,
        total=one.total,
        party=str(one.customer_id or one.id),
        name=one.name,
        phone=one.phone,
        email=one.email,
        address=one.address,
        comment=one.comment,
        status=one.status,
        status_name="" if status is None else status.name,
        payment_name=", ".join(dict.fromkeys(pays.get(p.type, p.type) for p in one.payments)),
        delivery_name=ways.get(one.delivery_type, one.delivery_type),
        delivery_cost=one.delivery_cost,
        track=one.track_number,
        cancelled=group in CANCELLED,
        shipped=group in SHIPPED,
        withheld=one.withheld,
        lines=tuple(_line(line, one.created_at, rates) for line in one.lines),
        payments=tuple(
            OrderPayment(
                number=p.number, amount=p.amount, at=p.paid_at, cashless=p.type not in CASH
            )
            for p in one.payments
            if p.paid_at is not None
        ),
        shipments=tuple(
            OrderShipment(
                number=each.number,
                at=each.dispatched_at,
                track=each.track_number,
                lines=each.lines,
            )
            for each in one.shipments
            if each.state in GONE
        ),
        returns=tuple(
            OrderReturn(number=each.number, at=each.at, lines=each.lines) for each in one.returns
        ),
        version=one.version,
        shop=one.shop,
    )


def _line(line: calls.Line, at: datetime, rates: Sequence[goods.VatListed]) -> OrderLine:
    return OrderLine(
        number=line.number,
        id=line.offer_xml_id or line.offer_external_id,
        article=line.sku,
        name=line.name,
        quantity_milli=line.quantity_milli,
        price=line.price,
        total=line.total,
        vat=vat_of(line.vat_rate, at.astimezone(UTC).date(), rates),
    )


def vat_of(code: str, day: date, rates: Sequence[goods.VatListed]) -> str:
    """What a code of VAT meant on a day, as 1C writes it; empty: nobody knows."""
    held = [one for one in rates if one.code == code and one.since <= day]
    if not held:
        return ""
    percent = max(held, key=lambda one: one.since).percent
    if percent is None:
        return "Без НДС"
    return f"{percent // 100}" if percent % 100 == 0 else f"{percent / 100:g}"
