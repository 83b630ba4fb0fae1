"""What the exchange needs around it: own tables, and the box. Tests give it others."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from appliance.plugin_api.goods import (
    GoodIn,
    GroupIn,
    NamedIn,
    OfferIn,
    Outcome,
)

Row = Mapping[str, Any]
Key = tuple[str | int, ...]

BATCH = 1000
"""Rows of one message."""


class Tables(Protocol):
    """Own tables, kept by the host. Keys are tuples in the order of the manifest."""

    async def get(self, table: str, keys: Sequence[Key]) -> Sequence[Row | None]:
        """Rows in the order of their keys; None for one that is not there."""
        ...

    async def put(self, table: str, rows: Sequence[Row]) -> None:
        """Insert or replace by key."""
        ...

    async def drop(self, table: str, keys: Sequence[Key]) -> None:
        """Delete by key."""
        ...

    async def scan(self, table: str, after: Key = (), limit: int = BATCH) -> Sequence[Row]:
        """Rows by key, those behind `after`."""
        ...


class Box(Protocol):
    """Goods of the box."""

    async def groups(self, groups: Sequence[GroupIn]) -> Sequence[int]:
        """Make or rename groups; their numbers, in order."""
        ...

    async def price_types(self, kinds: Sequence[NamedIn]) -> Sequence[str]:
        """Make price types that are not there; codes in order."""
        ...

    async def warehouses(self, places: Sequence[NamedIn]) -> Sequence[str]:
        """Make warehouses that are not there; codes in order."""
        ...

    async def goods(self, goods: Sequence[GoodIn]) -> Sequence[Outcome]:
        """Add or change goods; what became of each, in order."""
        ...

    async def offers(self, offers: Sequence[OfferIn]) -> Sequence[Outcome]:
        """Names, prices, stock of variants; `unknown` where the good is not there yet."""
        ...
