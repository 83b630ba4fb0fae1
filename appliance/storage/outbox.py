"""Events on their way: one row per subscriber, written in the deed's own transaction."""

from collections.abc import Mapping

import msgspec

from appliance.domain.events import Event
from appliance.domain.ids import uuid7
from appliance.storage.statements import insert_many
from appliance.storage.tables import EventDeliveryRow
from appliance.storage.tx import Tx

_subscribers: dict[str, tuple[str, ...]] = {}


def set_subscribers(subscribers: Mapping[str, tuple[str, ...]]) -> None:
    """Say who takes which event: event name → names of subscribers. Called once, at boot."""
    _subscribers.clear()
    _subscribers.update(subscribers)


async def enqueue(tx: Tx) -> None:
    """Write a delivery for every subscriber of every event of the transaction."""
    rows: list[dict[str, object]] = [
        {
            "id": uuid7(),
            "subscriber": subscriber,
            "event": event.name,
            "payload": msgspec.json.encode(event).decode(),
            "lane": event.lane,
            "state": "ready",
            "attempts": 0,
            "due_at": tx.held.get(place, tx.now),
            "lease_until": None,
            "last_error": "",
            "created_at": tx.now,
        }
        for place, event in enumerate(tx.events)
        for subscriber in _to(event)
    ]
    if rows:
        await insert_many(EventDeliveryRow, rows)


def _to(event: Event) -> tuple[str, ...]:
    return (event.only_to,) if event.only_to else _subscribers.get(event.name, ())
