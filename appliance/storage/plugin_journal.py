"""The journal of plugins' exchanges, and the words they put on orders."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.ids import uuid7
from appliance.domain.orders import Mark, OrderPage
from appliance.storage import counters
from appliance.storage.statements import any_of, execute, fetch, insert, upsert
from appliance.storage.tables import PluginBadgeRow, PluginJournalRow
from appliance.storage.tx import Tx

KEPT: Final = timedelta(days=90)
"""As long as a base of accounting is asked what it did last quarter."""

_data: msgspec.json.Decoder[dict[str, int | str]] = msgspec.json.Decoder(dict[str, int | str])


class JournalLine(NamedTuple):
    """One exchange; its sentence is made of `code` and `data` by the plugin's catalogue.

    Attributes:
        number: what people quote.
        code: of the plugin's catalogue; `box.…`: of the box's own.
        delivery_id: of the event that was handled, where one was.
    """

    number: int
    plugin: str
    at: datetime
    direction: str
    state: str
    code: str
    data: dict[str, int | str]
    kind: str
    object_number: int
    delivery_id: UUID | None = None


async def note(
    tx: Tx,
    plugin: str,
    code: str,
    *,
    direction: str = "here",
    state: str = "ok",
    data: dict[str, int | str] | None = None,
    kind: str = "",
    object_number: int = 0,
    delivery_id: UUID | None = None,
) -> int:
    """Write a line; its number."""
    number = await counters.draw("plugin_journal")
    await insert(
        PluginJournalRow,
        id=uuid7(),
        number=number,
        plugin=plugin,
        at=tx.now,
        direction=direction,
        state=state,
        code=code,
        data=msgspec.json.encode(data or {}).decode(),
        kind=kind,
        object_number=object_number,
        delivery_id=delivery_id,
    )
    return number


async def page(
    *,
    plugin: str = "",
    state: str = "",
    kind: str = "",
    object_number: int = 0,
    number: int = 0,
    before: int = 0,
    limit: int = 50,
) -> list[JournalLine]:
    """Lines, the newest first, by any of: plugin, state, record, reference number.

    Args:
        plugin: name.
        state: ok, warn or bad.
        kind: of the record, order or product.
        object_number: of the record.
        number: exactly this line.
        before: lines older than this one: the next page.
        limit: of the page.
    """
    texts, given = ["1 = 1"], list[object]()
    for text, value in (
        ("plugin = {}", plugin),
        ("state = {}", state),
        ("kind = {}", kind),
        ("object_number = {}", object_number),
        ("number = {}", number),
        ("number < {}", before),
    ):
        if value:
            texts.append(text)
            given.append(value)
    rows = await fetch(
        "SELECT number, plugin, at, direction, state, code, data, kind, object_number, "
        f"delivery_id FROM plugin_journal WHERE {' AND '.join(texts)} "
        "ORDER BY number DESC LIMIT {}",
        *given,
        limit,
    )
    return [
        JournalLine(row[0], row[1], row[2], row[3], row[4], row[5], _data.decode(row[6]), *row[7:])
        for row in rows
    ]


async def forget_old(before: datetime) -> int:
    """Remove lines of before this moment."""
    return await execute("DELETE FROM plugin_journal WHERE at < {}", before)


async def set_badge(tx: Tx, plugin: str, order_id: UUID, text: str, tone: str) -> None:
    """Put a word on an order, or take it away by an empty one."""
    if text:
        await upsert(
            PluginBadgeRow,
            ("order_id", "plugin"),
            id=uuid7(),
            order_id=order_id,
            plugin=plugin,
            text=text,
            tone=tone,
            at=tx.now,
        )
    else:
        await execute(
            "DELETE FROM plugin_badge WHERE order_id = {} AND plugin = {}", order_id, plugin
        )
    tx.concern("order", order_id)


async def badges_of(order_ids: Sequence[UUID]) -> dict[UUID, tuple[Mark, ...]]:
    """Words on the orders of a page, in one statement."""
    found: dict[UUID, tuple[Mark, ...]] = {}
    if not order_ids:
        return found
    for order_id, plugin, text, tone in await fetch(
        "SELECT order_id, plugin, text, tone FROM plugin_badge WHERE order_id IN {} "
        "ORDER BY plugin",
        any_of(order_ids),
    ):
        found[order_id] = (*found.get(order_id, ()), Mark(plugin, text, tone))
    return found


async def with_badges(page: OrderPage) -> OrderPage:
    """A page of orders with the words that plugins put on them."""
    words = await badges_of([row.id for row in page.rows])
    if not words:
        return page
    rows = tuple(
        msgspec.structs.replace(row, marks=words[row.id]) if row.id in words else row
        for row in page.rows
    )
    return msgspec.structs.replace(page, rows=rows)
