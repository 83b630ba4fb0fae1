"""Orders in couriers' hands, and the marks their phones sent."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from appliance.domain.courier import Mark, RunState
from appliance.domain.ids import uuid7
from appliance.errors import NotFound
from appliance.storage.orders import COLUMNS, Order
from appliance.storage.statements import (
    any_of,
    execute,
    fetch,
    fetch_one,
    fetch_value,
    insert,
    update_row,
)
from appliance.storage.tables import CourierRunRow
from appliance.storage.tx import Tx
from appliance.storage.visible import visible

MOST = 200
"""Orders of one day; a courier drives a few tens."""
_WIDTH = len(Order._fields)
_DONE = tuple(one.value for one in RunState if one is not RunState.GIVEN)


class Given(NamedTuple):
    """An order in a courier's hands as stored."""

    id: UUID
    courier_id: UUID
    courier_number: int
    day: date
    state: str
    reason: str
    given_at: Any
    done_at: Any
    order: Order


_SELECT = (
    f"SELECT {COLUMNS}, r.id, r.courier_id, u.number, r.day, r.state, r.reason, r.given_at, "
    "r.done_at FROM courier_run r JOIN orders o ON o.id = r.order_id "
    "JOIN users u ON u.id = r.courier_id WHERE "
)


def _given(row: Sequence[Any]) -> Given:
    return Given(*row[_WIDTH:], order=Order(*row[:_WIDTH]))


async def of_day(tx: Tx, since: datetime) -> list[Given]:
    """What couriers whom the actor may see still have to deliver, and what they did since then."""
    scope, args = visible(tx, "r.courier_id")
    given = await fetch(
        f"{_SELECT}{scope} AND r.state = {{}} ORDER BY r.day, r.position, r.given_at LIMIT {{}}",
        *args,
        RunState.GIVEN.value,
        MOST,
    )
    done = await fetch(
        f"{_SELECT}{scope} AND r.state IN {{}} AND r.done_at >= {{}} "
        "ORDER BY r.done_at DESC LIMIT {}",
        *args,
        any_of(_DONE),
        since,
        MOST,
    )
    return [_given(row) for row in (*given, *done)]


async def get(tx: Tx, number: int) -> Given:
    """One order in the hands of a courier whom the actor may see.

    Raises:
        NotFound: `order_not_found`: absent, or not his: the same answer.
    """
    scope, args = visible(tx, "r.courier_id")
    row = await fetch_one(f"{_SELECT}o.number = {{}} AND {scope}", number, *args)
    if row is None:
        raise NotFound("order_not_found")
    found = _given(row)
    tx.about("order", found.order.id)
    return found


async def how_of(order_id: UUID) -> tuple[str, str]:
    """State and refusal of an order in a courier's hands; empty where none has it."""
    row = await fetch_one("SELECT state, reason FROM courier_run WHERE order_id = {}", order_id)
    return ("", "") if row is None else (row[0], row[1])


async def give(tx: Tx, order_id: UUID, courier_id: UUID, day: date) -> None:
    """Put an order into a courier's hands; one that he or another brought back is given anew."""
    await take_away(order_id)
    last = await fetch_value(
        "SELECT COALESCE(MAX(position), 0) FROM courier_run WHERE courier_id = {} AND day = {}",
        courier_id,
        day,
    )
    await insert(
        CourierRunRow,
        id=uuid7(),
        order_id=order_id,
        courier_id=courier_id,
        day=day,
        position=last + 1,
        state=RunState.GIVEN.value,
        given_at=tx.now,
    )


async def take_away(order_id: UUID) -> None:
    """Take an order out of a courier's hands; the marks that were made stay."""
    await execute("DELETE FROM courier_run WHERE order_id = {}", order_id)


async def close(tx: Tx, run: Given, state: RunState, reason: str = "") -> None:
    """Note how it ended."""
    await update_row(CourierRunRow, run.id, state=state.value, reason=reason, done_at=tx.now)


async def turn(order_id: UUID, state: RunState) -> None:
    """Note that the warehouse went on with an order that came back."""
    await execute("UPDATE courier_run SET state = {} WHERE order_id = {}", state.value, order_id)


async def keep_mark(tx: Tx, order_id: UUID, mark: Mark) -> bool:
    """Keep a phone's mark; whether it is a new one."""
    return bool(
        await execute(
            "INSERT INTO courier_mark (id, courier_id, order_id, kind, at) "
            "VALUES ({}, {}, {}, {}, {}) ON CONFLICT (id) DO NOTHING",
            mark.id,
            tx.actor.id,
            order_id,
            mark.kind.value,
            tx.now,
        )
    )


async def goods_of(order_ids: Sequence[UUID]) -> dict[UUID, list[tuple[str, int]]]:
    """Order → names and thousandths of its lines."""
    found: dict[UUID, list[tuple[str, int]]] = {}
    for order_id, name, milli in await fetch(
        "SELECT order_id, name, quantity_milli FROM order_line WHERE order_id IN {} "
        "ORDER BY order_id, position",
        any_of(order_ids),
    ):
        found.setdefault(order_id, []).append((name, milli))
    return found
