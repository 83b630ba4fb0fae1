"""What the plugin keeps of each assembly order: WB tells most of it once, and statuses apart.

`tasks` is written by whoever reads WB, `packs` by deeds alone: so neither overwrites the other.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from appliance.plugin_api.calls import Row, Value
from appliance.plugin_api.core import Core
from plugins.marketplace_wildberries import mapping
from plugins.marketplace_wildberries.shapes import MetaDetail, Order

KEYS: Final = 1000
LONGEST: Final = timedelta(days=95)
"""WB itself forgets orders after three months."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """An assembly order.

    Attributes:
        needs, takes: names of codes that must, and that may be told, by spaces.
        kind: of the supply it fits into.
        status: the words that were given to the box last.
    """

    posting: str
    rid: str = ""
    basket: str = ""
    made: datetime | None = None
    due: datetime | None = None
    method: str = ""
    kind: str = ""
    supply: str = ""
    needs: str = ""
    takes: str = ""
    free_cancel: bool = False
    status: str = ""

    @property
    def id(self) -> int:
        """WB's."""
        return int(self.posting)


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """What was done here: the supply it was put into, and whether it is packed."""

    supply: str = ""
    packed: bool = False


def task_of(one: Order, hours: int) -> Task:
    """What is kept of an order."""
    return Task(
        posting=str(one.id),
        rid=one.rid,
        basket=one.order_uid,
        made=one.created_at,
        due=mapping.due_of(one, hours),
        method=mapping.method_of(one),
        kind=mapping.kind_of(one),
        supply=one.supply_id,
        needs=" ".join(one.required_meta),
        takes=" ".join((*one.required_meta, *one.optional_meta)),
        free_cancel=one.is_zero_order,
    )


def with_codes(one: Task, details: Sequence[MetaDetail]) -> Task:
    """An order that was listed without saying which codes it needs."""
    needs, takes = mapping.needs_of(tuple(details))
    return msgspec.structs.replace(one, needs=" ".join(needs), takes=" ".join((*needs, *takes)))


async def tasks(core: Core, account: str, ids: Collection[str]) -> dict[str, Task]:
    """Those of these orders that are kept."""
    found: dict[str, Task] = {}
    listed = list(ids)
    for start in range(0, len(listed), KEYS):
        keys: list[tuple[Value, ...]] = [(account, one) for one in listed[start : start + KEYS]]
        for row in await core.rows_get("tasks", keys):
            one = _task(row)
            found[one.posting] = one
    return found


def _task(row: Row) -> Task:
    known = {name: value for name, value in row.values.items() if value is not None}
    return msgspec.convert(known, Task, strict=False)


async def keep(core: Core, account: str, given: Sequence[Task]) -> None:
    """Keep orders as they are now."""
    for start in range(0, len(given), KEYS):
        rows = [Row(values=_values(account, one)) for one in given[start : start + KEYS]]
        await core.rows_put("tasks", rows)


def _values(account: str, one: Task) -> dict[str, Value]:
    told = msgspec.to_builtins(one)
    return {"account": account, **told}


async def packs(core: Core, account: str, ids: Collection[str]) -> dict[str, Pack]:
    """What was done here with orders; those with which nothing was are left out."""
    found: dict[str, Pack] = {}
    listed = list(ids)
    for start in range(0, len(listed), KEYS):
        keys: list[tuple[Value, ...]] = [(account, one) for one in listed[start : start + KEYS]]
        for row in await core.rows_get("packs", keys):
            found[str(row.values["posting"])] = Pack(
                supply=str(row.values["supply"] or ""), packed=bool(row.values["packed"])
            )
    return found


async def keep_pack(core: Core, account: str, posting: str, one: Pack) -> None:
    """Keep what was done with an order."""
    values: dict[str, Value] = {
        "account": account,
        "posting": posting,
        "supply": one.supply,
        "packed": one.packed,
    }
    await core.rows_put("packs", [Row(values=values)])


async def every(core: Core, account: str) -> AsyncIterator[Task]:
    """All orders that are kept, a page in memory at a time."""
    after: tuple[Value, ...] = ()
    while rows := await core.rows_scan("tasks", within=(account,), after=after, limit=KEYS):
        page = [_task(row) for row in rows]
        after = (account, page[-1].posting)
        for one in page:
            yield one


async def prune(core: Core, account: str, before: datetime) -> None:
    """Forget orders that WB has forgotten too."""
    old: list[tuple[Value, ...]] = [
        (account, one.posting)
        async for one in every(core, account)
        if one.made is None or one.made < before - LONGEST
    ]
    for start in range(0, len(old), KEYS):
        part = old[start : start + KEYS]
        await core.rows_delete("tasks", part)
        await core.rows_delete("packs", part)
