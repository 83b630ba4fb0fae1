"""Several 1C bases at one box: each with its own login, its own settings, its own rows.

The settings of the plugin are those of the first base; an account is one base more, and what its
form does not say is as the first has it. Rows of the first base lie as they always did; those of
others lie in the same tables, the first column of their key begun with the base's code.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from plugins.exchange_1c import shelves
from plugins.exchange_1c.ports import BATCH, Key, Row, Tables

FIRST: Final = ""
"""Code of the base that the plugin's own settings describe."""
OWN: Final = frozenset(
    {"login", "password", "confirm_run", "reject_run", "undo_run", "resend_from", "order_shops"}
)
"""Settings that no base has from the first."""
SHARED: Final = frozenset({"former", "runs", "samples", "aside"})
"""Tables that name the run or the base by themselves: runs are counted over all bases."""
GIVEN: Final = "given"
"""The table of `numbers` for bases other than the first: its key has the base in it."""
MARK: Final = "~"
"""Begins the rows of other bases; no id of 1C and no name of ours begins so."""

Given = Mapping[str, str | int | bool | None]


def settings_of(first: Given, own: Given) -> Given:
    """Settings of a base other than the first."""
    common = {name: value for name, value in first.items() if name not in OWN}
    return common | {name: value for name, value in own.items() if value not in (None, "")}


class FirstTables:
    """Own tables as the first base sees them: without the rows of the others."""

    def __init__(self, inner: Tables) -> None:
        self._inner = inner

    async def get(self, table: str, keys: Sequence[Key]) -> Sequence[Row | None]:
        """See `ports.Tables`."""
        return await self._inner.get(table, keys)

    async def put(self, table: str, rows: Sequence[Row]) -> None:
        """See `ports.Tables`."""
        await self._inner.put(table, rows)

    async def drop(self, table: str, keys: Sequence[Key]) -> None:
        """See `ports.Tables`."""
        await self._inner.drop(table, keys)

    async def scan(self, table: str, after: Key = (), limit: int = BATCH) -> Sequence[Row]:
        """See `ports.Tables`."""
        names = shelves.KEYS[table]
        found: list[Row] = []
        while len(found) < limit:
            rows = await self._inner.scan(table, after, limit)
            found += [one for one in rows if not str(one[names[0]]).startswith(MARK)]
            if len(rows) < limit:
                break
            after = tuple(rows[-1][name] for name in names)
        return found[:limit]


class OtherTables:
    """Own tables as one of the other bases sees them."""

    def __init__(self, inner: Tables, code: str) -> None:
        self._inner, self._code = inner, code
        self._prefix = f"{MARK}{code}{MARK}"

    def _is_shared(self, table: str, first: Any) -> bool:
        """Rows that are not this base's own: the counter of runs, and when each began."""
        return table in SHARED or (
            table == "state" and (first == "run" or str(first).startswith("run-"))
        )

    def _key(self, table: str, key: Key) -> Key:
        if not key or self._is_shared(table, key[0]):
            return tuple(key)
        if table == "numbers":
            return (self._code, *key)
        return (f"{self._prefix}{key[0]}", *key[1:])

    def _out(self, table: str, row: Row) -> Row:
        first = shelves.KEYS[table][0]
        if self._is_shared(table, row[first]):
            return row
        if table == "numbers":
            return {**row, "account": self._code}
        return {**row, first: f"{self._prefix}{row[first]}"}

    def _in(self, table: str, row: Row) -> Row:
        first = shelves.KEYS[table][0]
        value = row[first]
        if isinstance(value, str) and value.startswith(self._prefix):
            return {**row, first: value.removeprefix(self._prefix)}
        return row

    def _table(self, table: str) -> str:
        return GIVEN if table == "numbers" else table

    async def get(self, table: str, keys: Sequence[Key]) -> Sequence[Row | None]:
        """See `ports.Tables`."""
        found = await self._inner.get(self._table(table), [self._key(table, key) for key in keys])
        return [None if one is None else self._in(table, one) for one in found]

    async def put(self, table: str, rows: Sequence[Row]) -> None:
        """See `ports.Tables`."""
        await self._inner.put(self._table(table), [self._out(table, one) for one in rows])

    async def drop(self, table: str, keys: Sequence[Key]) -> None:
        """See `ports.Tables`."""
        await self._inner.drop(self._table(table), [self._key(table, key) for key in keys])

    async def scan(self, table: str, after: Key = (), limit: int = BATCH) -> Sequence[Row]:
        """See `ports.Tables`."""
        if table in SHARED:
            return await self._inner.scan(table, after, limit)
        first = shelves.KEYS[table][0]
        start = self._key(table, after) if after else (self._prefix,)
        rows = await self._inner.scan(table, start, limit)
        return [self._in(table, one) for one in rows if str(one[first]).startswith(self._prefix)]
