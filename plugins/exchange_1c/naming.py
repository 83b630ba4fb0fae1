"""The classifier: groups, properties, kinds of price and stores get their names in the box."""

from collections.abc import Sequence

import msgspec

from appliance.plugin_api.goods import GroupIn, NamedIn
from plugins.exchange_1c import shelves, values
from plugins.exchange_1c.ports import Box
from plugins.exchange_1c.records import Group, PriceType, Property, Store
from plugins.exchange_1c.shelves import Named, Shelves
from plugins.exchange_1c.translating import Dictionary

CHOICES = 60_000
"""Values of one dictionary that are kept; real ones have up to 9 500."""
PAGE = 300
"""Values of one row, whose length the host limits: names of values have up to a hundred letters."""
LETTERS = 100


class Naming:
    """Keeps the dictionary of a connection.

    Attributes:
        known: what is known by now; the translator reads it.
    """

    def __init__(self, store: Shelves, box: Box, main_price: str) -> None:
        self._store, self._box = store, box
        self._main_price = main_price.strip().casefold()
        self.known = Dictionary(groups={}, properties={}, price_types={}, stores={})

    async def load(self) -> None:
        """Read what earlier files said."""
        self.known = Dictionary(
            groups=await self._store.names(shelves.GROUP),
            properties=await self._store.names(shelves.PROPERTY),
            price_types=await self._store.names(shelves.PRICE_TYPE),
            stores=await self._store.names(shelves.STORE),
        )
        for row in (await self._store.names(shelves.CHOICES)).values():
            chosen = self.known.choices.setdefault(row.id.rpartition("/")[0], {})
            chosen |= msgspec.json.decode(row.values, type=dict[str, str])

    async def groups(self, found: Sequence[Group]) -> None:
        """Groups, parents before their children; a removed one is left alone: its goods decide."""
        known = self.known.groups
        waiting = [one for one in found if one.id and one.name and not one.removed]
        names = {values.key(one.id) for one in waiting}
        while waiting:
            ready = [one for one in waiting if values.key(one.parent) not in names]
            if not ready:  # a circle: they go to the top
                ready = waiting
            waiting = [one for one in waiting if one not in ready]
            names -= {values.key(one.id) for one in ready}
            asked = [self._group(one) for one in ready]
            numbers = await self._box.groups(asked)
            rows = [
                Named(kind=shelves.GROUP, id=values.key(one.id), name=one.name, box=str(number))
                for one, number in zip(ready, numbers, strict=True)
            ]
            known |= {one.id: one for one in rows}
            await self._store.put("names", rows)

    def _group(self, one: Group) -> GroupIn:
        known = self.known.groups
        mine, above = known.get(values.key(one.id)), known.get(values.key(one.parent))
        return GroupIn(
            name=one.name,
            number=int(mine.box) if mine is not None and mine.box else 0,
            parent=int(above.box) if above is not None and above.box else 0,
        )

    async def properties(self, found: Sequence[Property]) -> None:
        """Properties with their dictionaries; values of several portions are put together."""
        known, rows = self.known.properties, list[Named]()
        for one in found:
            own = values.key(one.id)
            known[own] = Named(kind=shelves.PROPERTY, id=own, name=one.name)
            rows.append(known[own])
            if one.values:
                chosen = self.known.choices.setdefault(own, {})
                chosen |= {value: text[:LETTERS] for value, text in one.values.items()}
                rows += _pages(own, dict(list(chosen.items())[:CHOICES]))
        await self._store.put("names", rows)

    async def price_types(self, found: Sequence[PriceType]) -> None:
        """Kinds of price: one is the box's main one, by its name in the settings or the first."""
        known = self.known.price_types
        fresh = [one for one in found if one.id and not one.removed]
        taken = any(one.box == "base" for one in known.values())
        asked: list[NamedIn] = []
        for one in fresh:
            former = known.get(values.key(one.id))
            code = former.box if former is not None else ""
            wanted = self._main_price
            if not code and not taken and (not wanted or one.name.casefold() == wanted):
                code, taken = "base", True
            asked.append(NamedIn(name=one.name, code=code))
        codes = await self._box.price_types(asked)
        rows = [
            Named(kind=shelves.PRICE_TYPE, id=values.key(one.id), name=one.name, box=code)
            for one, code in zip(fresh, codes, strict=True)
        ]
        known |= {one.id: one for one in rows}
        await self._store.put("names", rows)

    async def stores(self, found: Sequence[Store]) -> None:
        """Stores of the base become warehouses of the box."""
        known = self.known.stores
        fresh = [one for one in found if one.id and one.name and not one.removed]
        asked: list[NamedIn] = []
        for one in fresh:
            former = known.get(values.key(one.id))
            asked.append(NamedIn(name=one.name, code="" if former is None else former.box))
        codes = await self._box.warehouses(asked)
        rows = [
            Named(kind=shelves.STORE, id=values.key(one.id), name=one.name, box=code)
            for one, code in zip(fresh, codes, strict=True)
        ]
        known |= {one.id: one for one in rows}
        await self._store.put("names", rows)


def _pages(own: str, chosen: dict[str, str]) -> list[Named]:
    """A dictionary in rows."""
    items = list(chosen.items())
    return [
        Named(
            kind=shelves.CHOICES,
            id=f"{own}/{at // PAGE}",
            name="",
            values=msgspec.json.encode(dict(items[at : at + PAGE])).decode(),
        )
        for at in range(0, len(items), PAGE)
    ]
