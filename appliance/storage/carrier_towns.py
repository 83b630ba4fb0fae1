"""Points of carriers, kept by town: a list that is old is better than none."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from appliance.plugin_api.parcels import Point
from appliance.storage.statements import execute, fetch_one, upsert
from appliance.storage.tables import CarrierTownRow
from appliance.storage.tx import Tx

_decoder = msgspec.json.Decoder(tuple[Point, ...])


class Listed(NamedTuple):
    """The points of a town and when the carrier said so."""

    points: tuple[Point, ...]
    asked_at: datetime


async def of_town(plugin: str, account: str, town: str) -> Listed | None:
    """What is kept; None: it was never asked for."""
    row = await fetch_one(
        "SELECT points, asked_at FROM carrier_town WHERE plugin = {} AND account = {} "
        "AND town = {}",
        plugin,
        account,
        town,
    )
    return None if row is None else Listed(_decoder.decode(row[0]), row[1])


async def keep(tx: Tx, plugin: str, account: str, town: str, points: Sequence[Point]) -> None:
    """Put a new list in the place of the old one."""
    await upsert(
        CarrierTownRow,
        ("plugin", "account", "town"),
        plugin=plugin,
        account=account,
        town=town,
        points=msgspec.json.encode(points).decode(),
        asked_at=tx.now,
    )


async def forget(plugin: str, before: datetime) -> int:
    """Delete lists nobody asked for in a long time."""
    return await execute(
        "DELETE FROM carrier_town WHERE plugin = {} AND asked_at < {}", plugin, before
    )
