"""Positions of an order: storing them, and setting goods aside for them."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.order_sums import LineInput, LineSum
from appliance.domain.orders import ExternalId, LineProperty
from appliance.domain.statuses import Goods, stock_effect
from appliance.storage import counters, stock
from appliance.storage.statements import any_of, execute, fetch, insert_many, update_row
from appliance.storage.tables import OrderLineRow
from appliance.storage.tx import Tx


class Line(NamedTuple):
    """A position as stored; amounts per unit in kopecks, quantity in thousandths."""

    id: UUID
    number: int
    position: int
    variant_id: UUID | None
    external_ids: tuple[ExternalId, ...]
    offer_external_id: str | None
    offer_xml_id: str | None
    sku: str
    name: str
    quantity_milli: int
    price: int
    purchase_price: int
    discount_amount: int
    discount_percent_milli: int
    price_type: str
    vat_rate: str
    status: str
    comment: bytes | None
    properties: tuple[LineProperty, ...]
    reserved_at: UUID | None
    created_at: Any
    order_discount: int = 0
    discount_total: int = 0
    total: int = 0
    shipped_milli: int = 0

    @property
    def left_milli(self) -> int:
        """What has not gone with a shipment yet."""
        return self.quantity_milli - self.shipped_milli

    def input(self) -> LineInput:
        """What its sum is made of."""
        return LineInput(
            self.quantity_milli,
            self.price,
            self.discount_amount,
            self.discount_percent_milli,
            self.purchase_price,
        )

    def with_sum(self, found: LineSum) -> "Line":
        """The same position with its sums."""
        return self._replace(
            order_discount=found.unit_order_discount,
            discount_total=found.unit_discount,
            total=found.total,
        )


_COLUMNS = ", ".join(Line._fields)
_external_ids = msgspec.json.Decoder(tuple[ExternalId, ...])
_properties = msgspec.json.Decoder(tuple[LineProperty, ...])


def properties_of(text: str) -> tuple[LineProperty, ...]:
    """Read what a line is marked with, as the table keeps it."""
    return _properties.decode(text)


def part_of(line: Line) -> dict[str, Any]:
    """The position as the change feed keeps it; nothing of a person in it."""
    return {
        "id": line.number,
        "external_ids": [[one.code, one.value] for one in line.external_ids],
        "offer": {"external_id": line.offer_external_id, "xml_id": line.offer_xml_id},
        "name": line.name,
        "quantity_milli": line.quantity_milli,
        "price": line.price,
        "discount_total": line.discount_total,
        "total": line.total,
    }


def _values(line: Line) -> dict[str, Any]:
    values = line._asdict()
    values["external_ids"] = msgspec.json.encode(line.external_ids).decode()
    values["properties"] = msgspec.json.encode(line.properties).decode()
    return values


def line_of(row: Sequence[Any]) -> Line:
    """A position from its row, in the order of `Line`'s fields."""
    line = Line(*row)
    return line._replace(
        external_ids=_external_ids.decode(row[4]), properties=properties_of(row[18])
    )


async def add(order_id: UUID, lines: Sequence[Line]) -> None:
    """Store new positions."""
    await insert_many(OrderLineRow, [{**_values(line), "order_id": order_id} for line in lines])


async def draw_numbers(count: int) -> int:
    """First of `count` numbers for positions."""
    return await counters.draw("order_line", count) if count else 0


async def of_order(order_id: UUID) -> list[Line]:
    """All positions of an order, in their order."""
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM order_line WHERE order_id = {{}} ORDER BY position", order_id
    )
    return [line_of(row) for row in rows]


async def change(line: Line) -> None:
    """Store a position as it is now."""
    values = _values(line)
    del values["id"]
    await update_row(OrderLineRow, line.id, **values)


async def ship(line: Line, milli: int) -> Line:
    """Count a quantity of a position as gone (or, negative, as come back)."""
    became = line._replace(shipped_milli=line.shipped_milli + milli)
    await update_row(OrderLineRow, line.id, shipped_milli=became.shipped_milli)
    return became


async def remove(lines: Sequence[Line]) -> None:
    """Delete positions; what was set aside for them is let go before, by `release`."""
    if lines:
        await execute("DELETE FROM order_line WHERE id IN {}", any_of([line.id for line in lines]))


async def hold(tx: Tx, order_id: UUID, warehouse: UUID | None, lines: Sequence[Line]) -> list[Line]:
    """Set goods aside for positions that have none yet; those that got them know where."""
    wanted: dict[UUID, int] = {}
    for line in lines:
        if line.variant_id is not None and line.reserved_at is None:
            wanted[line.variant_id] = wanted.get(line.variant_id, 0) + line.left_milli
    if warehouse is None or not wanted:
        return list(lines)
    held = await stock.reserve(tx, order_id, warehouse, wanted)
    return [
        line._replace(reserved_at=warehouse)
        if line.variant_id in held and line.reserved_at is None
        else line
        for line in lines
    ]


async def turn(tx: Tx, order_id: UUID, lines: Sequence[Line], was: Goods, became: Goods) -> None:
    """Follow a move of the order: what was set aside is handed over, taken back or let go.

    What left with a shipment has its own movement and is no part of this.
    """
    shifts: list[stock.Shift] = []
    back = await returned(order_id) if was is Goods.ISSUED else {}
    for line in lines:
        if line.variant_id is None or line.reserved_at is None:
            continue
        # What a return document took in already does not come back a second time.
        # Documents first bring back what left by shipments: that is not this status's to return.
        came = max(back.pop(line.variant_id, 0) - line.shipped_milli, 0)
        came = min(came, line.left_milli)
        left = line.left_milli - came
        old, new = stock_effect(was, left), stock_effect(became, left)
        shifts.append(
            stock.Shift(line.variant_id, line.reserved_at, new[0] - old[0], new[1] - old[1])
        )
    await stock.shift(tx, shifts, "order", order_id)


async def returned(order_id: UUID) -> dict[UUID, int]:
    """What came back of an order by documents of return: variant to thousandths."""
    rows = await fetch(
        "SELECT l.variant_id, l.quantity_milli FROM stock_document d "
        "JOIN stock_document_line l ON l.document_id = d.id "
        "WHERE d.order_id = {} AND d.state = 'posted'",
        order_id,
    )
    found: dict[UUID, int] = {}
    for variant, milli in rows:
        found[variant] = found.get(variant, 0) + milli
    return found


async def forget_places(lines: Sequence[Line]) -> None:
    """Nothing is set aside for these positions any more."""
    ids = [line.id for line in lines if line.reserved_at is not None]
    if ids:
        await execute("UPDATE order_line SET reserved_at = {} WHERE id IN {}", None, any_of(ids))


async def keep_places(lines: Sequence[Line]) -> None:
    """Write down where goods were set aside; a page's worth of lines shares one place."""
    for place in {line.reserved_at for line in lines}:
        ids = [line.id for line in lines if line.reserved_at == place]
        await execute("UPDATE order_line SET reserved_at = {} WHERE id IN {}", place, any_of(ids))
