"""Deliveries to plugins: how many wait, and each that was given up, with what it was about."""

from typing import Any, Final
from uuid import UUID

import msgspec

from appliance.domain.integrations import Letter, Sent, Waiting
from appliance.storage.statements import any_of, fetch, fetch_one

PREFIX: Final = "plugin:"
_IS_PLUGINS: Final = "subscriber >= 'plugin:' AND subscriber < 'plugin;'"
_COLUMNS: Final = "id, subscriber, event, payload, last_error, attempts, created_at"


class _About(msgspec.Struct, frozen=True):
    """Of an event's payload, what a line says of it."""

    order_id: UUID | None = None
    kind: str = ""
    deed: str = ""
    record_id: UUID | None = None


async def waiting() -> dict[str, Waiting]:
    """Plugin → what is on its way to it and what was given up; those without any are left out."""
    rows = await fetch(
        'SELECT subscriber, state, COUNT(*), MIN(created_at) AS "oldest [TIMESTAMPTZ]" '
        f"FROM event_delivery WHERE {_IS_PLUGINS} AND state IN {{}} GROUP BY subscriber, state",
        any_of(("ready", "held", "dead")),
    )
    found: dict[str, Waiting] = {}
    for subscriber, state, count, oldest in rows:
        name = str(subscriber).removeprefix(PREFIX)
        was = found.get(name, Waiting())
        if state == "dead":
            found[name] = msgspec.structs.replace(was, dead=int(count))
            continue
        first = min(one for one in (was.oldest, oldest) if one is not None)
        found[name] = msgspec.structs.replace(was, ready=was.ready + int(count), oldest=first)
    return found


async def dead(limit: int, order_number: int = 0) -> tuple[Letter, ...]:
    """Those that were given up, oldest first.

    Args:
        limit: of the page.
        order_number: those about this order alone; 0: all.
    """
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM event_delivery WHERE {_IS_PLUGINS} AND state = 'dead' "
        "ORDER BY id LIMIT {}",
        limit,
    )
    about = [msgspec.json.decode(row[3], type=_About) for row in rows]
    numbers = await _numbers([one.order_id for one in about if one.order_id is not None])
    letters = (
        _letter(row, one, numbers.get(one.order_id) if one.order_id else None)
        for row, one in zip(rows, about, strict=True)
    )
    return tuple(one for one in letters if order_number in (0, one.order_number))


async def _numbers(ids: list[UUID]) -> dict[UUID, int]:
    if not ids:
        return {}
    rows = await fetch("SELECT id, number FROM orders WHERE id IN {}", any_of(ids))
    return {row[0]: row[1] for row in rows}


def _letter(row: tuple[Any, ...], about: _About, number: int | None) -> Letter:
    return Letter(
        id=row[0],
        plugin=str(row[1]).removeprefix(PREFIX),
        event=row[2],
        kind=about.kind,
        deed=about.deed,
        order_number=number or 0,
        error=row[4],
        attempts=row[5],
        at=row[6],
    )


async def plugin_of(letter: UUID) -> str:
    """Whose dead letter it is; empty: there is none."""
    row = await fetch_one(
        f"SELECT subscriber FROM event_delivery WHERE id = {{}} AND state = 'dead' "
        f"AND {_IS_PLUGINS}",
        letter,
    )
    return "" if row is None else str(row[0]).removeprefix(PREFIX)


async def sent(letter: UUID, plugin: str) -> Sent | None:
    """A delivery to this plugin; None: it was another's, or is forgotten."""
    row = await fetch_one(
        "SELECT event, state, payload FROM event_delivery WHERE id = {} AND subscriber = {}",
        letter,
        PREFIX + plugin,
    )
    if row is None:
        return None
    about = msgspec.json.decode(row[2], type=_About)
    return Sent(
        id=letter,
        event=row[0],
        state=row[1],
        kind=about.kind,
        record_id=about.record_id,
        deed=about.deed,
        order_id=about.order_id,
    )


async def is_lane_busy(plugin: str, lane: str) -> bool:
    """Whether anything about the same waits for this plugin."""
    row = await fetch_one(
        "SELECT 1 FROM event_delivery WHERE subscriber = {} AND lane = {} AND state IN {} LIMIT 1",
        PREFIX + plugin,
        lane,
        any_of(("ready", "held", "dead")),
    )
    return row is not None


async def waiting_records(plugin: str, limit: int) -> list[tuple[str, str, str, UUID]]:
    """What waits of a plugin's wishes: state, account if it is known, kind and id of the record."""
    rows = await fetch(
        "SELECT state, account, payload FROM event_delivery WHERE subscriber = {} "
        "AND event = 'service_wished' AND state IN {} ORDER BY id LIMIT {}",
        PREFIX + plugin,
        any_of(("ready", "held", "dead")),
        limit,
    )
    found: list[tuple[str, str, str, UUID]] = []
    for state, account, payload in rows:
        about = msgspec.json.decode(payload, type=_About)
        if about.record_id is not None:
            found.append((state, account, about.kind, about.record_id))
    return found
